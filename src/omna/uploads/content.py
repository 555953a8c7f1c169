"""PURE  What a file is, decided by its structure: never by its name, never by what a client says of it.

Nothing is decoded: a decoder of images or pages is the larger risk. What can be told without one is that a file is
whole, is exactly one thing from its first byte to its last, is no larger than a screen can show, and runs nothing.
"""

import re
from collections.abc import Callable
from dataclasses import dataclass

from omna.errors import OmnaError, RequestTooLarge, UploadRefused
from omna.uploads import images, pdf

MOST_BYTES = 10 << 20
#: Characters that text may hold beside those that can be seen.
_BLANKS = frozenset("\t\n\r\f")


@dataclass(frozen=True, slots=True)
class FileType:
    """A type that is accepted: what it is served as, how people call it, and the ending its name gets."""

    media_type: str
    name: str
    ending: str


PNG = FileType("image/png", "PNG", ".png")
JPEG = FileType("image/jpeg", "JPEG", ".jpg")
WEBP = FileType("image/webp", "WebP", ".webp")
PDF = FileType("application/pdf", "PDF", ".pdf")
TEXT = FileType("text/plain; charset=utf-8", "plain text", ".txt")

#: What may be handed in anywhere; text may be attached to requests for support, too.
TYPES = (PNG, JPEG, WEBP, PDF)
ALL_TYPES = (*TYPES, TEXT)


@dataclass(frozen=True, slots=True)
class _Sort:
    """How a type is told from others, and what is then asked of it."""

    kind: FileType
    begins: re.Pattern[bytes]
    problem: Callable[[bytes], str | None]


_SORTS = (
    _Sort(PNG, re.compile(rb"\x89PNG"), images.png),
    _Sort(JPEG, re.compile(rb"\xff\xd8"), images.jpeg),
    _Sort(WEBP, re.compile(rb"RIFF.{4}WEBP", re.DOTALL), images.webp),
    _Sort(PDF, re.compile(rb"%PDF-"), pdf.problem),
)


def check(data: bytes, *, text: bool = False) -> FileType:
    """Return what a file is. text: plain text is welcome, too.

    Errors  UploadRefused, whose message says what is wrong and what is allowed; RequestTooLarge
    """
    if not data:
        raise UploadRefused("the file is empty. " + allowed(text=text))
    if len(data) > MOST_BYTES:
        raise too_large()
    sort = next((sort for sort in _SORTS if sort.begins.match(data)), None)
    if sort is None:
        if text and _is_text(data):
            return TEXT
        raise UploadRefused("this is no file of a type that is accepted, whatever its name says. " + allowed(text=text))
    problem = sort.problem(data)
    if problem is not None:
        raise UploadRefused(f"{problem} " + allowed(text=text))
    return sort.kind


def allowed(*, text: bool = False) -> str:
    """Return the sentence that says what may be handed in."""
    names = [kind.name for kind in (ALL_TYPES if text else TYPES)]
    return f"Allowed are {', '.join(names[:-1])} and {names[-1]}, at most {MOST_BYTES >> 20} MiB each."


def too_large() -> OmnaError:
    return RequestTooLarge(f"The file is too large: at most {MOST_BYTES >> 20} MiB are allowed.")


def _is_text(data: bytes) -> bool:
    try:
        text = data.decode()
    except UnicodeDecodeError:
        return False
    return all((character >= " " and character != "\x7f") or character in _BLANKS for character in text)
