"""A linter for the bytes of a completions stream: every stream of the suite goes through it."""

import json
from dataclasses import dataclass, field
from typing import Any

from tests.harness.linter import payloads, read_error

FINISH_REASONS = {"stop", "length", "content_filter"}
_CHUNK_FIELDS = {"id", "object", "created", "model", "choices", "usage"}
_CHOICE_FIELDS = {"index", "text", "logprobs", "finish_reason"}


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
    reading = Reading(comments=sum(event.startswith(b":") for event in raw.split(b"\n\n")))
    for payload in payloads(raw)[:-1]:
        value = json.loads(payload)
        assert reading.error is None, "an event after the error"
        assert reading.usage is None, "an event after the usage chunk"
        if "error" in value:
            reading.error = read_error(value)
        else:
            _read_chunk(value, reading, include_usage)
    if reading.error is None:
        assert reading.chunks, "a successful stream without chunks"
        assert set(reading.finish) == set(reading.text), "a choice without a finish chunk"
        assert (reading.usage is not None) is include_usage, "usage is sent when it was asked for, and only then"
    else:
        assert not reading.finish, "a broken stream has no finish chunk"
    return reading


def _read_chunk(chunk: dict[str, Any], reading: Reading, include_usage: bool) -> None:
    assert set(chunk) <= _CHUNK_FIELDS, f"unknown fields {set(chunk) - _CHUNK_FIELDS}"
    assert chunk["object"] == "text_completion"
    if reading.chunks:
        for name in ("id", "object", "created", "model"):
            assert chunk[name] == reading.chunks[0][name], f"{name} changed"
    reading.chunks.append(chunk)
    if not chunk["choices"]:
        assert include_usage, "a chunk without choices that nobody asked for"
        assert isinstance(chunk["usage"], dict)
        reading.usage = chunk["usage"]
        return
    assert ("usage" in chunk) is include_usage
    assert chunk.get("usage") is None
    for choice in chunk["choices"]:
        assert set(choice) - {"native_finish_reason"} == _CHOICE_FIELDS
        index, reason = choice["index"], choice["finish_reason"]
        assert index not in reading.finish, "text after the finish chunk"
        reading.text[index] = reading.text.get(index, "") + choice["text"]
        if reason is not None:
            assert reason in FINISH_REASONS, f"finish_reason {reason!r}"
            reading.finish[index] = reason
