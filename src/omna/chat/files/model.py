"""PURE  A file that is attached to a message, and what may be attached."""

import re
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omna.ids import UploadId, UserId, WorkspaceId

#: Of one message.
MOST_FILES = 20
#: What is read of one file. More is refused, never cut off: an answer about half a document looks like one about all.
MOST_CHARACTERS = 400_000
MOST_PAGES = 500

_LINE_ENDS = re.compile(r"\r\n?")
#: Endings that no system runs or opens as a page. Other text is saved with `.txt` behind its name.
_PLAIN_ENDINGS = frozenset(
    ("txt", "md", "markdown", "csv", "tsv", "json", "jsonl", "log", "yaml", "yml", "toml", "sql")
)


class Kind(StrEnum):
    """How a model gets to see a file."""

    IMAGE = "image"
    TEXT = "text"
    PDF = "pdf"


@dataclass(frozen=True, slots=True)
class Contents:
    """What was read of a file.

    text           of a text or PDF; a picture has none
    tokens         what it adds to a prompt, as the gateway counts
    pages          of a PDF
    width, height  of a picture
    """

    kind: Kind
    tokens: int
    text: str = ""
    pages: int | None = None
    width: int | None = None
    height: int | None = None


@dataclass(frozen=True, slots=True)
class ChatFile:
    """A file that can be attached, or is. Neither its bytes nor its text are here."""

    workspace_id: WorkspaceId
    upload_id: UploadId
    user_id: UserId
    name: str
    media_type: str
    size: int
    kind: Kind
    tokens: int
    pages: int | None
    width: int | None
    height: int | None
    created_at: datetime


def as_prompt(name: str, text: str) -> str:
    """Return how a file stands in a prompt: its name, and what it says."""
    return f"{name}:\n{text}"


def plain(data: bytes) -> str:
    """Return the text of a file of text: without the mark of its encoding, lines ended in one way."""
    return _LINE_ENDS.sub("\n", data.decode().removeprefix("\ufeff"))


def saved_as(name: str) -> str:
    """Return the name under which a file of text is saved: somebody else may have made it."""
    return name if name.rpartition(".")[2].lower() in _PLAIN_ENDINGS else f"{name}.txt"
