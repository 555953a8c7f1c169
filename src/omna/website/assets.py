"""The files of the pages: styles, scripts, the mark. Read once; a request only copies bytes."""

import hashlib
from collections.abc import Mapping
from pathlib import Path

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

HERE = Path(__file__).parent

_TYPES = {
    ".css": "text/css; charset=utf-8",
    ".js": "text/javascript; charset=utf-8",
    ".svg": "image/svg+xml",
}


class Assets:
    """What stands under /static. `addresses` gives the address of a name."""

    def __init__(self, headers: Mapping[str, str]) -> None:
        files = {path.name: path.read_bytes() for path in sorted((HERE / "static").iterdir())}
        # A changed file has a new address, so the old one may be kept for ever.
        self.addresses = {
            name: f"/static/{name}?v={hashlib.sha256(body).hexdigest()[:12]}" for name, body in files.items()
        }
        self._files = files
        self._headers = {**headers, "cache-control": "public, max-age=31536000, immutable"}

    def routes(self) -> list[Route]:
        return [
            bytes_route(f"/static/{name}", body, _TYPES[Path(name).suffix], self._headers)
            for name, body in self._files.items()
        ]


def bytes_route(path: str, body: bytes, media_type: str, headers: Mapping[str, str]) -> Route:
    """Return a route that always answers the same."""

    async def answer(request: Request) -> Response:
        return bytes_response(request, body, media_type, headers)

    return Route(path, answer, methods=["GET", "HEAD"])


def bytes_response(request: Request, body: bytes, media_type: str, headers: Mapping[str, str]) -> Response:
    # HEAD states the length of what GET would send.
    return Response(
        body if request.method == "GET" else b"",
        media_type=media_type,
        headers={**headers, "content-length": str(len(body))},
    )
