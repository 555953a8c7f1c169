"""Find out what a file is and what it says: off the event loop, and documents in a process of their own."""

import asyncio
import binascii
import subprocess
import sys
from base64 import b64decode
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import msgspec

from omna.chat.files.model import MOST_CHARACTERS, MOST_PAGES, Contents, Kind, as_prompt, plain
from omna.errors import RequestTooLarge, UploadRefused
from omna.gateway.metering import IMAGE_TOKENS, count_text
from omna.observability.logs import get_logger
from omna.uploads import images, names
from omna.uploads import service as uploads
from omna.uploads.content import PDF, TEXT, FileType, check

log = get_logger(__name__)

_READER = Path(__file__).with_name("pdf_reader.py")
#: Of the work on one document, and of waiting for it: another process may have the processor.
_SECONDS, _PATIENCE = 15, 30.0
#: Of memory that the reader may ask for.
_MOST_BYTES = 768 << 20
#: Documents read at the same time by one process; the others wait.
_at_once = asyncio.BoundedSemaphore(2)

_PROBLEMS = {
    "locked": "the PDF is locked with a password; save it without one.",
    "broken": "the PDF is damaged; print it to a new PDF and attach that.",
    "heavy": "the PDF takes too much work to read; save the part you need as a new PDF.",
    "pages": f"the PDF has more than {MOST_PAGES} pages; save the part you need as a new PDF.",
    "characters": f"the PDF has more than {MOST_CHARACTERS:,} characters of text; save the part you need as a new PDF.",
    "empty": "the PDF has no text, only pictures, as scans do; attach the pages as pictures to a model that sees them.",
}
_LONG = f"the text is longer than {MOST_CHARACTERS:,} characters; attach the part you need."


async def read(data: bytes, name: str) -> tuple[FileType, Contents]:
    """Return what a file is and says.

    Errors  UploadRefused naming the file, what is wrong and what is allowed; RequestTooLarge
    """
    kind = await asyncio.to_thread(uploads.inspect, data, name, text=True)
    # The name it will have: what it costs is counted with it.
    shown = names.shown(name, kind, any_ending=kind == TEXT)
    if kind == TEXT:
        return kind, await asyncio.to_thread(_text, data, shown)
    if kind != PDF:
        width, height = images.sides(data)
        return kind, Contents(Kind.IMAGE, IMAGE_TOKENS, width=width, height=height)
    async with _at_once:
        found = await asyncio.to_thread(_document, data)
    problem = found.get("problem")
    if problem is not None:
        raise UploadRefused(f"{names.quoted(name) or 'This file'}: {_PROBLEMS[problem]}", param="file")
    text = found["text"]
    tokens = await asyncio.to_thread(count_text, as_prompt(shown, text))
    return kind, Contents(Kind.PDF, tokens, text, pages=found["pages"])


async def pictures(urls: Sequence[str]) -> list[dict[str, Any]]:
    """Return pictures that come as data URLs, checked as files are, as parts of a message: for chats that keep nothing.

    Errors  UploadRefused, RequestTooLarge
    """
    return await asyncio.to_thread(lambda: [_picture(url) for url in urls])


def _picture(url: str) -> dict[str, Any]:
    head, _, coded = url.partition(",")
    if not (head.startswith("data:image/") and head.endswith(";base64")):
        raise UploadRefused("A picture comes as a data URL: data:image/png;base64,…", param="images")
    try:
        kind = check(b64decode(coded, validate=True))
    except binascii.Error:
        raise UploadRefused("A picture is cut off or damaged.", param="images") from None
    if kind == PDF:
        raise UploadRefused("This is no picture.", param="images")
    return {"type": "image_url", "image_url": {"url": f"data:{kind.media_type};base64,{coded}"}}


def _text(data: bytes, name: str) -> Contents:
    text = plain(data)
    if len(text) > MOST_CHARACTERS:
        raise RequestTooLarge(f"{name}: {_LONG}", param="file")
    return Contents(Kind.TEXT, count_text(as_prompt(name, text)), text)


def _document(data: bytes) -> dict[str, Any]:
    """Return what the reader says. It is ended when it takes too long, by itself or by us."""
    limits = (MOST_PAGES, MOST_CHARACTERS, _SECONDS, _MOST_BYTES)
    try:
        done = subprocess.run(
            [sys.executable, "-I", str(_READER), *(str(limit) for limit in limits)],
            input=data,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            env={},  # nothing that this process knows
            timeout=_PATIENCE,
            check=True,
        )
        found: dict[str, Any] = msgspec.json.decode(done.stdout)
    except (subprocess.TimeoutExpired, subprocess.CalledProcessError, msgspec.DecodeError) as failure:
        log.info("document not read", reason=type(failure).__name__)
        return {"problem": "heavy"}
    return found
