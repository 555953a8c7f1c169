"""Bodies of /api about files of chats."""

from pydantic import Field

from omna.chat.files.model import ChatFile, Contents, Kind
from omna.http.values import Output
from omna.ids import show

_TOKENS = "What it adds to a prompt as Omna counts; 2,000 for a picture, more than most models count."


class Attachment(Output):
    """A file that can be attached to a message, or is."""

    id: str = Field(description="`upl_…`")
    name: str
    kind: Kind = Field(description="How a model gets to see it: a picture as it is, anything else as text.")
    media_type: str = Field(description="Decided by its content.")
    size: int = Field(description="Bytes.")
    tokens: int = Field(description=_TOKENS)
    pages: int | None = Field(description="Of a PDF.")
    width: int | None = Field(description="Of a picture, in pixels.")
    height: int | None


class ReadFile(Output):
    """What a file says. Nothing of it is kept."""

    name: str
    kind: Kind
    media_type: str
    size: int
    tokens: int = Field(description=_TOKENS)
    pages: int | None
    width: int | None
    height: int | None
    text: str = Field(description="Of a text or PDF, as a model is told; empty for a picture.")


def attachment(file: ChatFile) -> Attachment:
    """Return a file as a body."""
    return Attachment(
        id=show("upl", file.upload_id),
        name=file.name,
        kind=file.kind,
        media_type=file.media_type.partition(";")[0],
        size=file.size,
        tokens=file.tokens,
        pages=file.pages,
        width=file.width,
        height=file.height,
    )


def read_file(name: str, media_type: str, size: int, contents: Contents) -> ReadFile:
    """Return what was read as a body."""
    return ReadFile(
        name=name,
        kind=contents.kind,
        media_type=media_type.partition(";")[0],
        size=size,
        tokens=contents.tokens,
        pages=contents.pages,
        width=contents.width,
        height=contents.height,
        text=contents.text,
    )
