"""What a stream says, as server-sent events."""

from typing import Any

from omna.chat.conversations.bodies import answer_body, message_body
from omna.chat.conversations.model import Answer, Message
from omna.http.strict_json import dumps

HEARTBEAT = b": omna\n\n"


def piece(kind: str, offset: int, text: str) -> bytes:
    """Return what was said: text or reasoning, where it begins in UTF-16 code units, and the text."""
    return _event("piece", {"kind": kind, "offset": offset, "text": text})


def state(answer: Answer) -> bytes:
    """Return how an answer stands, without its texts."""
    return _event("state", answer_body(answer).model_dump(mode="json", exclude={"reasoning"}))


def done(message: Message) -> bytes:
    """Return the message as it stays: the last event."""
    return _event("done", {"message": message_body(message).model_dump(mode="json")})


def _event(name: str, value: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dumps(value) + b"\n\n"
