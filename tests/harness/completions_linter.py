"""A linter for the bytes of a completions stream: every stream of the suite goes through it."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.harness.linter import payloads, refuse_constant

FINISH_REASONS = {"stop", "length", "content_filter"}
_CHUNK_FIELDS = {"id", "object", "created", "model", "choices", "usage", "system_fingerprint"}


@dataclass
class Reading:
    """What a stream said. `error` is set when it broke; `finish` maps each choice to its reason."""

    chunks: list[dict[str, Any]] = field(default_factory=list)
    text: dict[int, str] = field(default_factory=dict)
    finish: dict[int, str] = field(default_factory=dict)
    usage: dict[str, Any] | None = None
    error: dict[str, Any] | None = None
    comments: int = 0


def read_completions_stream(raw: bytes, *, include_usage: bool = False) -> Reading:
    """Return what a complete stream said.

    Errors  AssertionError naming the rule it breaks
    """
    reading = Reading()
    for payload in payloads(raw, reading):
        value = json.loads(payload, parse_constant=refuse_constant)
        assert reading.error is None, "an event after the error"
        if "error" in value:
            assert set(value) == {"error"}, "an error event is bare"
            assert value["error"]["code"]
            reading.error = value["error"]
        else:
            _read_chunk(value, reading, include_usage)
    if reading.error is None:
        assert reading.finish, "a successful stream finishes"
        assert set(reading.text) <= set(reading.finish), "a choice without a finish chunk"
        assert (reading.usage is not None) is include_usage, "usage is sent when it was asked for, and only then"
    else:
        assert not reading.finish, "a broken stream has no finish chunk"
        assert reading.usage is None, "a broken stream has no usage chunk"
    return reading


def _read_chunk(chunk: dict[str, Any], reading: Reading, include_usage: bool) -> None:
    assert set(chunk) <= _CHUNK_FIELDS, f"unknown fields {set(chunk) - _CHUNK_FIELDS}"
    assert chunk["object"] == "text_completion"
    if reading.chunks:
        for name in ("id", "created", "model"):
            assert chunk[name] == reading.chunks[0][name], f"{name} changed"
    assert reading.usage is None, "a chunk after the usage chunk"
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
        index = choice["index"]
        assert {"index", "text", "logprobs", "finish_reason"} <= set(choice)
        assert index not in reading.finish, "a delta after the finish chunk"
        reading.text[index] = reading.text.get(index, "") + choice["text"]
        if choice["finish_reason"] is not None:
            assert choice["finish_reason"] in FINISH_REASONS
            reading.finish[index] = choice["finish_reason"]
