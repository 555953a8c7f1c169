"""A linter for the bytes of a Messages stream: every stream of the suite goes through it."""

import json
import re
from dataclasses import dataclass, field
from typing import Any

STOP_REASONS = {
    "end_turn", "max_tokens", "stop_sequence", "tool_use", "refusal", "model_context_window_exceeded",
}  # fmt: skip
ERROR_TYPES = {
    "invalid_request_error", "authentication_error", "billing_error", "permission_error", "not_found_error",
    "request_too_large", "timeout_error", "rate_limit_error", "overloaded_error", "api_error",
}  # fmt: skip
MESSAGE_FIELDS = {
    "id", "type", "role", "model", "content", "stop_reason", "stop_sequence", "stop_details", "container", "usage",
}  # fmt: skip
DELTA_USAGE_FIELDS = {
    "input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens", "server_tool_use",
    "output_tokens_details", "cost", "cost_details",
}  # fmt: skip
USAGE_FIELDS = DELTA_USAGE_FIELDS | {"cache_creation", "service_tier", "inference_geo"}
_EMPTY_BLOCKS: dict[str, dict[str, Any]] = {
    "text": {"type": "text", "text": "", "citations": None},
    "thinking": {"type": "thinking", "thinking": "", "signature": ""},
}
_DELTAS = {
    "text_delta": ("text", "text"),
    "thinking_delta": ("thinking", "thinking"),
    "signature_delta": ("thinking", "signature"),
    "input_json_delta": ("tool_use", "partial_json"),
}
_FALSE_LINE_ENDS = ("\x85", "\u2028", "\u2029", "\r")


@dataclass
class Reading:
    """What a stream said: the message as it grew. `error` is set when it broke."""

    message: dict[str, Any] = field(default_factory=dict)
    content: list[dict[str, Any]] = field(default_factory=list)
    stop_reason: str | None = None
    stop_sequence: str | None = None
    usage: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    pings: int = 0
    ended: bool = False
    _open: bool = False

    @property
    def text(self) -> str:
        return "".join(block["text"] for block in self.content if block["type"] == "text")

    @property
    def thinking(self) -> str:
        return "".join(block["thinking"] for block in self.content if block["type"] == "thinking")

    @property
    def calls(self) -> list[dict[str, Any]]:
        """The tool calls; `input` is the text of their arguments."""
        return [block for block in self.content if block["type"] == "tool_use"]


def read_messages_stream(raw: bytes, *, whole: bool = True) -> Reading:
    """Return what a stream said; with `whole` it must have come to its end, one way or the other.

    Errors  AssertionError naming the rule it breaks
    """
    reading = Reading()
    text = raw.decode("utf-8")
    for character in _FALSE_LINE_ENDS:
        assert character not in text, f"an unescaped {character!r}"
    assert text.endswith("\n\n"), "the stream ends inside an event"
    for event in text[:-2].split("\n\n"):
        name, body = _event(event)
        assert reading.error is None, "an event after the error"
        assert not reading.ended, "an event after message_stop"
        _READERS[name](body, reading)
    if whole:
        assert reading.ended or reading.error is not None, "neither message_stop nor an error"
    return reading


def check_message(message: dict[str, Any]) -> None:
    """Assert that a whole answer has all its fields, and no others."""
    assert set(message) == MESSAGE_FIELDS, set(message) ^ MESSAGE_FIELDS
    assert re.fullmatch(r"msg_[0-9a-f]{32}", message["id"])
    assert (message["type"], message["role"]) == ("message", "assistant")
    assert message["stop_details"] is None
    assert message["container"] is None
    _check_counts(message["usage"], USAGE_FIELDS)


def _event(event: str) -> tuple[str, dict[str, Any]]:
    lines = event.split("\n")
    assert len(lines) == 2, f"not one event line and one data line: {event!r}"
    assert lines[0].startswith("event: "), lines[0]
    assert lines[1].startswith("data: {"), lines[1]
    name = lines[0].removeprefix("event: ")
    assert name in _READERS, f"an unknown event {name}"
    body = json.loads(lines[1].removeprefix("data: "), parse_constant=_refuse_constant)
    assert body["type"] == name, "the event's name is its type"
    return name, body


def _refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def _ping(body: dict[str, Any], reading: Reading) -> None:
    assert body == {"type": "ping"}
    reading.pings += 1


def _message_start(body: dict[str, Any], reading: Reading) -> None:
    assert set(body) == {"type", "message"}
    assert not reading.message, "message_start twice"
    message = body["message"]
    check_message(message)
    assert message["content"] == []
    assert message["stop_reason"] is None
    assert message["stop_sequence"] is None
    assert message["usage"]["output_tokens"] == 0
    reading.message = message


def _block_start(body: dict[str, Any], reading: Reading) -> None:
    assert set(body) == {"type", "index", "content_block"}
    assert reading.message, "a block before message_start"
    assert not reading._open, "a block inside a block"
    assert reading.usage is None, "a block after message_delta"
    assert body["index"] == len(reading.content), "blocks are numbered in order"
    block = body["content_block"]
    match block["type"]:
        case "tool_use":
            assert set(block) == {"type", "id", "name", "input"}
            assert block["id"] not in ["", *(call["id"] for call in reading.calls)]
            assert block["input"] == {}
            block["input"] = ""
        case "redacted_thinking":
            assert set(block) == {"type", "data"}
            assert block["data"]
        case kind:
            assert block == _EMPTY_BLOCKS[kind]
    reading.content.append(block)
    reading._open = True


def _block_delta(body: dict[str, Any], reading: Reading) -> None:
    assert set(body) == {"type", "index", "delta"}
    assert reading._open, "a delta outside of a block"
    assert body["index"] == len(reading.content) - 1, "a delta of another block"
    block, delta = reading.content[-1], body["delta"]
    kind, name = _DELTAS[delta["type"]]
    assert set(delta) == {"type", name}
    assert block["type"] == kind, f"{delta['type']} in a block of {block['type']}"
    assert delta[name], "an empty delta"
    if kind == "thinking":
        assert not block["signature"], "the signature comes once, and last"
    block["input" if name == "partial_json" else name] += delta[name]


def _block_stop(body: dict[str, Any], reading: Reading) -> None:
    assert set(body) == {"type", "index"}
    assert reading._open, "the stop of a block that is not open"
    assert body["index"] == len(reading.content) - 1
    reading._open = False


def _message_delta(body: dict[str, Any], reading: Reading) -> None:
    assert set(body) == {"type", "delta", "usage"}
    assert reading.message, "message_delta before message_start"
    assert not reading._open, "message_delta inside a block"
    assert reading.usage is None, "message_delta twice"
    delta = body["delta"]
    assert set(delta) == {"stop_reason", "stop_sequence", "stop_details", "container"}
    assert delta["stop_reason"] in STOP_REASONS, delta["stop_reason"]
    assert (delta["stop_sequence"] is not None) is (delta["stop_reason"] == "stop_sequence")
    assert delta["stop_reason"] != "tool_use" or reading.calls, "tool_use without a tool call"
    _check_counts(body["usage"], DELTA_USAGE_FIELDS)
    reading.stop_reason, reading.stop_sequence = delta["stop_reason"], delta["stop_sequence"]
    reading.usage = body["usage"]


def _message_stop(body: dict[str, Any], reading: Reading) -> None:
    assert set(body) == {"type"}
    assert reading.usage is not None, "message_stop before message_delta"
    reading.ended = True


def _error(body: dict[str, Any], reading: Reading) -> None:
    check_error(body)
    assert reading.usage is None, "an error after message_delta"
    reading.error = body["error"]


def check_error(body: dict[str, Any]) -> None:
    """Assert that an error is in Anthropic's envelope."""
    assert set(body) == {"type", "error", "request_id"}
    assert body["type"] == "error"
    assert re.fullmatch(r"req_[0-9a-f]{32}", body["request_id"])
    error = body["error"]
    assert {"type", "message", "code"} <= set(error) <= {"type", "message", "code", "param", "metadata"}
    assert error["type"] in ERROR_TYPES
    assert error["message"]
    assert error["code"]


def _check_counts(usage: dict[str, Any], fields: set[str]) -> None:
    assert set(usage) == fields, set(usage) ^ fields
    for name in ("input_tokens", "output_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"):
        assert type(usage[name]) is int
        assert usage[name] >= 0


_READERS = {
    "ping": _ping,
    "message_start": _message_start,
    "content_block_start": _block_start,
    "content_block_delta": _block_delta,
    "content_block_stop": _block_stop,
    "message_delta": _message_delta,
    "message_stop": _message_stop,
    "error": _error,
}
