"""PURE  A chat as Markdown: the branch that is shown, for people to read."""

import re
from datetime import UTC

from omna.chat.moving.model import Chat, Message

_UNFIT = re.compile(r'[\x00-\x1f\x7f<>:"/\\|?*#]+')
_LONGEST_NAME = 80


def markdown_of(chat: Chat) -> str:
    """Return a chat's shown branch. Texts stand as they are: they are Markdown already."""
    parts = [f"# {_line(chat.title) or 'Chat'}", f"{chat.created_at.astimezone(UTC):%Y-%m-%d %H:%M} UTC"]
    if chat.system_prompt:
        parts += ["## System prompt", chat.system_prompt]
    for message in shown(chat):
        if message.answer is None:
            parts.append("## You")
        else:
            parts.append(f"## {_line(message.answer.model or message.answer.wanted_model or 'Assistant')}")
        parts += [f"*{_line(file.name)}*" for file in message.attachments]
        parts.append(message.content)
    return "\n\n".join(part.strip("\n") for part in parts) + "\n"


def shown(chat: Chat) -> list[Message]:
    """Return the branch that ends at the head, else at the last message."""
    known = {message.id: message for message in chat.messages}
    at = chat.head or (chat.messages[-1].id if chat.messages else None)
    found: list[Message] = []
    while at is not None and at in known and len(found) <= len(known):
        found.append(known[at])
        at = known[at].parent
    return found[::-1]


def file_name(title: str, ending: str) -> str:
    """Return a name that every file system takes."""
    name = " ".join(_UNFIT.sub(" ", title).split())[:_LONGEST_NAME].strip(" .")
    return f"{name or 'chat'}.{ending}"


def _line(text: str) -> str:
    return " ".join(text.split())
