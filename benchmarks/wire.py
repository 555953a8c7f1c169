"""Just enough HTTP/1.1 to load a server that is known to speak it well: requests as bytes, answers told complete."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

#: Every content chunk of the bench upstream carries this text once, whatever a gateway does to the JSON around it.
TOKEN = b" word"

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
_STREAM_END = b"\r\n0\r\n\r\n"
_PATHS = {"chat": "/v1/chat/completions", "responses": "/v1/responses", "messages": "/v1/messages"}
_OBJECTS = (b'"chat.completion"', b'"response"', b'"message"')
_SYSTEM = "You are brief."
_PROMPT = "Name three rivers and say in one sentence what each of them is known for."


@dataclass(frozen=True, slots=True)
class Target:
    """A server under load. `keys` are spread over the connections; one without authentication has one empty key.

    api      what is spoken: chat, responses or messages
    wishes   fields of the body beside the request itself, for example `models`
    """

    host: str
    port: int
    model: str
    keys: tuple[str, ...] = ("",)
    api: str = "chat"
    wishes: dict[str, Any] = field(default_factory=dict)


def encode_request(target: Target, key: str, model: str, *, stream: bool) -> bytes:
    """Return one whole request: about 300 bytes of body, as an SDK would send it; every dialect asks the same."""
    user = {"role": "user", "content": _PROMPT}
    body: dict[str, Any] = {"model": model, "temperature": 0.7, **target.wishes}
    match target.api:
        case "chat":
            body |= {"messages": [{"role": "system", "content": _SYSTEM}, user], "max_tokens": 512}
        case "responses":
            body |= {"instructions": _SYSTEM, "input": [user], "max_output_tokens": 512}
        case "messages":
            body |= {"system": _SYSTEM, "messages": [user], "max_tokens": 512}
    if stream:
        body |= {"stream": True}
        if target.api == "chat":
            body |= {"stream_options": {"include_usage": True}}
    content = json.dumps(body).encode()
    authorization = f"authorization: Bearer {key}\r\n" if key else ""
    head = (
        f"POST {_PATHS[target.api]} HTTP/1.1\r\nhost: {target.host}:{target.port}\r\n{authorization}"
        f"content-type: application/json\r\ncontent-length: {len(content)}\r\n\r\n"
    )
    return head.encode() + content


def is_complete(answer: bytes) -> bool:
    """Return whether these bytes are a whole answer. Nothing follows it: one request at a time is in flight."""
    head_end = answer.find(b"\r\n\r\n")
    if head_end < 0:
        return False
    length = _CONTENT_LENGTH.search(answer, 0, head_end)
    if length is None:
        return answer.endswith(_STREAM_END)
    return len(answer) >= head_end + 4 + int(length[1])


def is_sound(answer: bytes) -> bool:
    """Return whether a non-stream answer is the one the upstream gave: status 200, its text and its usage."""
    return (
        answer.startswith(b"HTTP/1.1 200 ")
        and any(kind in answer for kind in _OBJECTS)
        and TOKEN in answer
        and b'"usage"' in answer
    )


def is_sound_stream(answer: bytes) -> bool:
    """Return whether the first bytes of a stream are a 200 with events."""
    return answer.startswith(b"HTTP/1.1 200 ") and b"text/event-stream" in answer


def ends_stream(tail: bytes) -> bool:
    """Return whether a stream's last bytes close the answer."""
    return tail.endswith(_STREAM_END)
