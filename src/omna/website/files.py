"""Bodies that are always the same: compressed once, a request only copies bytes."""

import gzip
import hashlib
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

import brotli
from starlette.requests import Request
from starlette.responses import Response

TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".json": "application/json",
    ".svg": "image/svg+xml",
    ".woff2": "font/woff2",
}
#: Best first, with the ending of a file that a build compressed.
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))
#: Smaller bodies gain nothing.
LEAST_BYTES = 1024
#: The name of a file carries a digest of its content, so it may be kept for ever.
FOR_EVER = "public, max-age=31536000, immutable"


@dataclass(frozen=True, slots=True)
class File:
    """variants   encoding → compressed bytes"""

    body: bytes
    media_type: str
    variants: Mapping[str, bytes] = field(default_factory=dict)

    @property
    def digest(self) -> str:
        return hashlib.sha256(self.body).hexdigest()[:16]


def pack(body: bytes, media_type: str) -> File:
    """Return a text with its compressed forms, as small as they get: this is slow."""
    if len(body) < LEAST_BYTES:
        return File(body, media_type)
    return File(body, media_type, {"br": brotli.compress(body, quality=11), "gzip": gzip.compress(body, 9, mtime=0)})


def pack_for(request: Request, body: bytes, media_type: str) -> File:
    """Return a page that was made for one request, compressed as its browser likes it best, and not otherwise."""
    accepted = accepted_encodings(request)
    wanted = next((encoding for encoding, _ in ENCODINGS if encoding in accepted), None)
    if wanted is None or len(body) < LEAST_BYTES:
        return File(body, media_type)
    packed = brotli.compress(body, quality=5) if wanted == "br" else gzip.compress(body, 6, mtime=0)
    return File(body, media_type, {wanted: packed})


def read_files(folder: Path) -> dict[str, File]:
    """Return the built files of a folder by name; of each, what was compressed beside it."""
    if not folder.is_dir():
        return {}
    return {
        path.name: File(
            body=path.read_bytes(),
            media_type=TYPES[path.suffix],
            variants={
                encoding: packed.read_bytes()
                for encoding, ending in ENCODINGS
                if (packed := path.with_name(path.name + ending)).is_file()
            },
        )
        for path in sorted(folder.iterdir())
        if path.suffix in TYPES
    }


def respond(request: Request, file: File, headers: Mapping[str, str], status: int = 200) -> Response:
    """Answer with a file in the best encoding that the browser takes. HEAD states the length of what GET would send."""
    body, extra = file.body, {}
    accepted = accepted_encodings(request)
    for encoding, _ in ENCODINGS:
        if encoding in accepted and encoding in file.variants:
            body, extra = file.variants[encoding], {"content-encoding": encoding}
            break
    if file.variants and "vary" not in headers:
        extra["vary"] = "accept-encoding"
    return Response(
        body if request.method != "HEAD" else b"",
        status,
        headers={**headers, **extra, "content-length": str(len(body))},
        media_type=file.media_type,
    )


def accepted_encodings(request: Request) -> set[str]:
    """Return what the browser says it can unpack."""
    header = request.headers.get("accept-encoding", "").lower()
    return {part.partition(";")[0].strip() for part in header.split(",")}
