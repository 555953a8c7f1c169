"""A linter for the bytes of a chat stream: every stream of the suite goes through it."""

import json
from dataclasses import dataclass, field
from typing import Any

FINISH_REASONS = {"stop", "length", "tool_calls", "content_filter", "function_call"}
_CHUNK_FIELDS = {"id", "object", "created", "model", "choices", "usage", "system_fingerprint"}
#: Lines end at LF and nowhere else; a reader that splits on these would see false lines.
_FALSE_LINE_ENDS = ("\x85", "\u2028", "\u2029", "\r")


@dataclass
class ToolCall:
    id: str
    name: str
    arguments: str = ""


@dataclass
class Reading:
    """What a stream said. `error` is set when it broke; `finish` maps each choice to its reason."""

    chunks: list[dict[str, Any]] = field(default_factory=list)
    text: dict[int, str] = field(default_factory=dict)
    reasoning: str = ""
    tool_calls: dict[int, list[ToolCall]] = field(default_factory=dict)
    finish: dict[int, str] = field(default_factory=dict)
    native_finish: dict[int, str] = field(default_factory=dict)
    usage: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    comments: int = 0

    @property
    def content(self) -> str:
        """The text of the first choice."""
        return self.text.get(0, "")


def read_stream(raw: bytes, *, include_usage: bool = False) -> Reading:
    """Return what a complete stream said.

    Errors  AssertionError naming the rule it breaks
    """
    reading = Reading()
    said = payloads(raw)
    reading.comments = sum(event.startswith(b":") for event in raw.split(b"\n\n"))
    for payload in said[:-1]:
        value = json.loads(payload, parse_constant=_refuse_constant)
        assert isinstance(value, dict)
        assert reading.error is None, "an event after the error"
        if "error" in value:
            reading.error = read_error(value)
        else:
            _read_chunk(value, reading, include_usage)
    if reading.error is None:
        assert reading.chunks, "a successful stream without chunks"
        assert set(reading.finish) == set(reading.text), "a choice without a finish chunk, or the other way round"
        assert (reading.usage is not None) is include_usage, "usage is sent when it was asked for, and only then"
        for index, calls in reading.tool_calls.items():
            # At the bound of the output the last call may be cut.
            for call in calls[: -1 if reading.finish[index] == "length" else None]:
                assert isinstance(json.loads(call.arguments), object)
        for index, reason in reading.finish.items():
            assert reason != "tool_calls" or reading.tool_calls.get(index), "tool_calls without a tool call"
    else:
        assert not reading.finish, "a broken stream has no finish chunk"
        assert reading.usage is None, "a broken stream has no usage chunk"
    return reading


def payloads(raw: bytes) -> list[str]:
    """Return the data of every event of a stream that ends with [DONE], that one included.

    Errors  AssertionError naming the rule of the bytes it breaks
    """
    text = raw.decode("utf-8")
    for character in _FALSE_LINE_ENDS:
        assert character not in text, f"an unescaped {character!r}"
    assert text.endswith("\n\n"), "the stream ends inside an event"
    events = text[:-2].split("\n\n")
    found = [payload for event in events if (payload := _payload(event)) is not None]
    assert found, "a stream without events"
    assert found[-1] == "[DONE]", "the last event is not [DONE]"
    assert "[DONE]" not in found[:-1], "[DONE] before the end"
    assert events[-1] == "data: [DONE]", "something after [DONE]"
    return found


def read_error(value: dict[str, Any]) -> dict[str, Any]:
    """Return the error of the event that ends a broken stream."""
    assert set(value) == {"error"}, "an error event is bare"
    error: dict[str, Any] = value["error"]
    assert {"message", "type", "param", "code"} <= set(error)
    assert isinstance(error["code"], str)
    assert error["code"]
    return error


def _payload(event: str) -> str | None:
    assert event, "more than one blank line"
    assert "\n" not in event, f"an event of several lines: {event!r}"
    if event.startswith(":"):
        return None
    assert event.startswith("data: "), f"neither data nor a comment: {event!r}"
    payload = event.removeprefix("data: ")
    assert payload.strip(), "an empty data line"
    return payload


def _refuse_constant(name: str) -> None:
    raise AssertionError(f"{name} is not JSON")


def _read_chunk(chunk: dict[str, Any], reading: Reading, include_usage: bool) -> None:
    assert set(chunk) <= _CHUNK_FIELDS, f"unknown fields {set(chunk) - _CHUNK_FIELDS}"
    assert chunk["object"] == "chat.completion.chunk"
    if reading.chunks:
        for name in ("id", "object", "created", "model"):
            assert chunk[name] == reading.chunks[0][name], f"{name} changed"
    assert reading.usage is None, "a chunk after the usage chunk"
    assert isinstance(chunk["choices"], list)
    reading.chunks.append(chunk)
    if not chunk["choices"]:
        assert include_usage, "a chunk without choices that nobody asked for"
        reading.usage = chunk["usage"]
        assert isinstance(reading.usage, dict)
        return
    if include_usage:
        assert chunk["usage"] is None
    else:
        assert "usage" not in chunk
    for choice in chunk["choices"]:
        _read_choice(choice, reading)


def _read_choice(choice: dict[str, Any], reading: Reading) -> None:
    index, delta = choice["index"], choice["delta"]
    assert "logprobs" in choice
    assert index not in reading.finish, "a delta after the finish chunk"
    if index not in reading.text:
        assert delta.get("role") == "assistant", "the first delta of a choice has its role"
        reading.text[index] = ""
    else:
        assert "role" not in delta, "the role is sent once"
    reading.text[index] += delta.get("content") or ""
    if index == 0:
        assert delta.get("reasoning") == delta.get("reasoning_content")
        reading.reasoning += delta.get("reasoning") or ""
    for step in delta.get("tool_calls", ()):
        _read_tool_step(step, reading.tool_calls.setdefault(index, []))
    reason = choice["finish_reason"]
    if reason is not None:
        assert reason in FINISH_REASONS, f"finish_reason {reason!r}"
        reading.finish[index] = reason
        if "native_finish_reason" in choice:
            reading.native_finish[index] = choice["native_finish_reason"]


def _read_tool_step(step: dict[str, Any], calls: list[ToolCall]) -> None:
    if "id" in step:
        assert step["index"] == len(calls), "calls are numbered in order"
        assert set(step) == {"index", "id", "type", "function"}
        assert step["type"] == "function"
        assert step["id"]
        assert step["id"] not in [call.id for call in calls]
        assert step["function"]["arguments"] == ""
        calls.append(ToolCall(step["id"], step["function"]["name"]))
    else:
        assert set(step) == {"index", "function"}
        assert set(step["function"]) == {"arguments"}, "id and name are sent once"
        calls[step["index"]].arguments += step["function"]["arguments"]
