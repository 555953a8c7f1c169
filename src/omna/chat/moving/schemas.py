"""Bodies of /api about chats as files."""

from typing import Literal

from pydantic import Field

from omna.http.values import Output


class SkippedChat(Output):
    """A chat of the file that was left out."""

    title: str
    reason: Literal["broken", "empty", "too_long", "too_many_messages"]


class ChatsImported(Output):
    """What became of the chats of a file."""

    imported: int
    there: int = Field(description="Chats that you have already; they stayed as they are.")
    skipped: list[SkippedChat]
