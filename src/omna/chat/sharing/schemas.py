"""Bodies of /api about links to copies of chats."""

from pydantic import Field

from omna.chat.sharing.model import Audience
from omna.http.values import Input, Moment, Output


class ShareNew(Input):
    """Who may read the copy."""

    audience: Audience = Audience.ANYONE


class ShareRow(Output):
    """A link to a copy of a chat, as it was then."""

    id: str
    url: str
    chat: str | None = Field(description="null when the chat is not there any more.")
    title: str
    audience: Audience
    messages: int
    created_at: Moment
