import json
from typing import Any

import pytest

from omna.errors import ProviderError
from omna.gateway.bill import Bill, Outcome
from omna.gateway.wire.chat.stream import DONE, HEARTBEAT, ChatStream
from omna.providers.base import Chunk, Delta, ToolCall
from tests.unit.gateway.made import ticket

USAGE = {"prompt_tokens": 1, "completion_tokens": 2}


def events(content: bytes) -> list[Any]:
    """Read a stream as a strict client does: one `data:` line an event, and a blank line behind it."""
    assert content.endswith(b"\n\n") or not content
    found = []
    for block in content.decode().split("\n\n")[:-1]:
        assert block.startswith("data: ")
        assert "\n" not in block
        found.append("[DONE]" if block == "data: [DONE]" else json.loads(block[6:]))
    return found


def stream(include_usage: bool = False) -> ChatStream:
    return ChatStream("chatcmpl-1", "vendor/m", 1_700_000_000, include_usage)


async def bill(*deltas: Delta, outcome: Outcome = Outcome.COMPLETED) -> Bill:
    made = Bill(ticket())
    made.add(Chunk(list(deltas)))
    made.outcome = outcome
    return made


def choices(found: list[Any]) -> list[tuple[int, dict[str, Any], str | None]]:
    return [
        (choice["index"], choice["delta"], choice["finish_reason"])
        for event in found
        if event != "[DONE]"
        for choice in event["choices"]
    ]


def test_bytes_are_those_of_the_documented_stream() -> None:
    assert stream(True).encode(Chunk([Delta(content="Hel")])) == (
        b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"vendor/m","choices":['
        b'{"index":0,"delta":{"role":"assistant","content":""},"logprobs":null,"finish_reason":null}],"usage":null}\n\n'
        b'data: {"id":"chatcmpl-1","object":"chat.completion.chunk","created":1700000000,"model":"vendor/m","choices":['
        b'{"index":0,"delta":{"content":"Hel"},"logprobs":null,"finish_reason":null}],"usage":null}\n\n'
    )
    assert HEARTBEAT.startswith(b":")


async def test_role_comes_once_per_choice_and_every_choice_finishes_once() -> None:
    encoder = stream()
    last = [Delta(0, finish_reason="stop"), Delta(1, finish_reason="length", native_finish_reason="max")]
    content = b"".join(
        encoder.encode(chunk)
        for chunk in (
            Chunk([Delta(0, "a"), Delta(1, "b")]),
            Chunk([Delta(1, "c")]),
            Chunk([Delta(0, "d", finish_reason="stop")]),
            Chunk(last[1:]),
        )
    )
    found = events(content + encoder.end(await bill(*last), USAGE))
    assert found[-1] == "[DONE]"
    roles = [index for index, delta, _ in choices(found) if "role" in delta]
    finishes = [(index, reason) for index, _, reason in choices(found) if reason]
    texts = {i: "".join(d.get("content", "") for index, d, _ in choices(found) if index == i) for i in (0, 1)}
    assert roles == [0, 1]
    assert finishes == [(0, "stop"), (1, "length")]
    assert texts == {0: "ad", 1: "bc"}
    assert found[-2]["choices"][0]["native_finish_reason"] == "max"


@pytest.mark.parametrize("include_usage", [True, False])
async def test_usage_comes_last_when_asked_for_and_is_no_key_otherwise(include_usage: bool) -> None:
    encoder = stream(include_usage)
    finish = Delta(0, finish_reason="stop")
    found = events(encoder.encode(Chunk([Delta(0, "a")])) + encoder.end(await bill(finish), USAGE))
    if include_usage:
        assert (found[-2]["choices"], found[-2]["usage"]) == ([], USAGE)
        assert [event["usage"] for event in found[:-2]] == [None] * (len(found) - 2)
    else:
        assert all("usage" not in event for event in found[:-1])


async def test_finish_without_any_output_is_a_whole_stream() -> None:
    found = events(stream().end(await bill(Delta(0, finish_reason="stop")), USAGE))
    assert choices(found) == [(0, {"role": "assistant", "content": ""}, None), (0, {}, "stop")]


@pytest.mark.parametrize(("last_step", "reason"), [(True, "credits_exhausted"), (False, "max_tokens")])
async def test_exhausted_stream_ends_with_length_and_the_reason(last_step: bool, reason: str) -> None:
    encoder = stream()
    content = encoder.encode(Chunk([Delta(0, "a"), Delta(1, "b", finish_reason="stop")]))
    ended = await bill(Delta(1, finish_reason="stop"), outcome=Outcome.EXHAUSTED)
    ended.last_step = last_step
    found = events(content + encoder.end(ended, USAGE))
    last = [event["choices"][0] for event in found[-3:-1]]
    assert [(c["finish_reason"], c["native_finish_reason"]) for c in last] == [("length", reason)] * 2


def test_tool_call_begins_with_its_name_and_goes_on_with_arguments() -> None:
    encoder = stream()
    found = events(
        encoder.encode(Chunk([Delta(tool_calls=[ToolCall(0, "call_1", "look", '{"a":')])]))
        + encoder.encode(Chunk([Delta(tool_calls=[ToolCall(0, arguments="1}"), ToolCall(1, "call_2", "run")])]))
    )
    steps = [delta["tool_calls"] for _, delta, _ in choices(found) if "tool_calls" in delta]
    assert steps == [
        [{"index": 0, "id": "call_1", "type": "function", "function": {"name": "look", "arguments": ""}}],
        [{"index": 0, "function": {"arguments": '{"a":'}}],
        [{"index": 0, "function": {"arguments": "1}"}}],
        [{"index": 1, "id": "call_2", "type": "function", "function": {"name": "run", "arguments": ""}}],
    ]


def test_reasoning_has_both_names_and_extra_fields_pass() -> None:
    delta = Delta(reasoning="hm", refusal="no", extra={"annotations": [1]}, logprobs={"content": []})
    found = events(stream().encode(Chunk([delta])))
    assert found[1]["choices"][0] == {
        "index": 0, "logprobs": {"content": []}, "finish_reason": None,
        "delta": {"reasoning": "hm", "reasoning_content": "hm", "refusal": "no", "annotations": [1]},
    }  # fmt: skip


@pytest.mark.parametrize("delta", [Delta(), Delta(content=""), Delta(finish_reason="stop")])
def test_delta_without_anything_to_say_is_not_sent(delta: Delta) -> None:
    assert stream().encode(Chunk([delta])) == b""


def test_line_ends_inside_text_never_end_a_line_of_the_stream() -> None:
    text = "a\nb\r\nc\u0085d\u2028e\u2029f\0\u00e9\U0001f642"
    content = stream().encode(Chunk([Delta(content=text)]))
    assert len(content.decode().splitlines()) == 4  # two events and their blank lines
    assert events(content)[1]["choices"][0]["delta"]["content"] == text


def test_error_event_has_no_choices_and_is_followed_by_done() -> None:
    content = stream().error(ProviderError("x"), None)
    assert content.endswith(DONE)
    error = {"message": "x", "type": "server_error", "param": None, "code": "provider_error"}
    assert events(content) == [{"error": error}, "[DONE]"]
