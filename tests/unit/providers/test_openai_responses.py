"""Events and bodies of the Responses API, to chunks."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Choice, Completion, Delta, Failure, FailureKind, ToolCall, Usage
from omna.providers.openai_chunks import collect
from omna.providers.openai_responses import ResponsesNormaliser
from omna.providers.sse import Event, EventReader

USAGE = {
    "input_tokens": 20,
    "input_tokens_details": {"cached_tokens": 5},
    "output_tokens": 8,
    "output_tokens_details": {"reasoning_tokens": 3},
    "total_tokens": 28,
}
CITATION = {"type": "url_citation", "url": "https://a.example", "title": "A", "start_index": 0, "end_index": 2}
REASONING = {
    "id": "rs_1",
    "type": "reasoning",
    "summary": [{"type": "summary_text", "text": "hm"}, {"type": "summary_text", "text": "aha"}],
    "encrypted_content": "c2VhbGVk",
}
MESSAGE = {
    "id": "msg_1",
    "type": "message",
    "role": "assistant",
    "content": [{"type": "output_text", "text": "Hello 你好", "annotations": [CITATION]}],
}
CALL = {"id": "fc_1", "type": "function_call", "call_id": "call_a", "name": "f", "arguments": '{"a":1}'}
OUTPUT = [REASONING, MESSAGE, CALL]


def response(output: list[Any], status: str = "completed", **more: Any) -> dict[str, Any]:
    return {"id": "resp_1", "object": "response", "status": status, "output": output, "usage": USAGE} | more


STREAM: list[dict[str, Any]] = [
    {"type": "response.created", "response": response([], "in_progress", usage=None)},
    {"type": "response.in_progress", "response": response([], "in_progress", usage=None)},
    {"type": "response.output_item.added", "output_index": 0, "item": {"type": "reasoning", "id": "rs_1"}},
    {"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 0, "part": {}},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 0, "delta": "hm"},
    {"type": "response.reasoning_summary_part.added", "output_index": 0, "summary_index": 1, "part": {}},
    {"type": "response.reasoning_summary_text.delta", "output_index": 0, "summary_index": 1, "delta": "aha"},
    {"type": "response.output_item.done", "output_index": 0, "item": REASONING},
    {"type": "response.output_item.added", "output_index": 1, "item": {"type": "message", "content": []}},
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "Hello "},
    {"type": "response.output_text.delta", "output_index": 1, "content_index": 0, "delta": "你好"},
    {"type": "response.output_text.annotation.added", "output_index": 1, "annotation": CITATION},
    {"type": "response.output_text.done", "output_index": 1, "text": "Hello 你好"},
    {"type": "response.output_item.done", "output_index": 1, "item": MESSAGE},
    {"type": "response.output_item.added", "output_index": 2, "item": CALL | {"arguments": ""}},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": '{"a"'},
    {"type": "response.function_call_arguments.delta", "output_index": 2, "delta": ":1}"},
    {"type": "response.function_call_arguments.done", "output_index": 2, "arguments": '{"a":1}'},
    {"type": "response.output_item.done", "output_index": 2, "item": CALL},
    {"type": "response.completed", "response": response(OUTPUT)},
]


def encode(event: dict[str, Any]) -> bytes:
    data = json.dumps(event, ensure_ascii=False).encode()
    return b"event: " + str(event.get("type")).encode() + b"\ndata: " + data + b"\n\n"


def play(events: list[dict[str, Any]]) -> Completion:
    normaliser = ResponsesNormaliser()
    chunks = [normaliser.take(Event(json.dumps(event).encode(), str(event.get("type")).encode())) for event in events]
    return collect([chunk for chunk in chunks if chunk is not None] + [normaliser.finish()], None)


def whole(body: dict[str, Any]) -> Completion:
    normaliser = ResponsesNormaliser()
    return collect([normaliser.take_whole(json.dumps(body).encode()), normaliser.finish()], None)


SEALED = {
    "type": "reasoning.encrypted", "data": "c2VhbGVk", "format": "openai-responses-v1", "index": 0, "id": "rs_1",
}  # fmt: skip
EXPECTED = Completion(
    [
        Choice(
            0,
            "tool_calls",
            "completed",
            "Hello 你好",
            "hm\n\naha",
            tool_calls=[ToolCall(0, "call_a", "f", '{"a":1}')],
            extra={
                "reasoning_details": [SEALED],
                "annotations": [
                    {
                        "type": "url_citation",
                        "url_citation": {key: value for key, value in CITATION.items() if key != "type"},
                    }
                ],
            },
        )
    ],
    Usage(20, 8, 5, 0, 3),
)


def test_answer_is_the_same_streamed_and_whole() -> None:
    assert play(STREAM) == EXPECTED
    assert whole(response(OUTPUT)) == EXPECTED


def test_answer_that_was_not_sent_piece_by_piece_is_whole_all_the_same() -> None:
    """Servers that only close items, and servers that only send the end."""
    done = [event for event in STREAM if event["type"] in ("response.output_item.done", "response.completed")]
    assert play(done) == EXPECTED
    assert play(STREAM[-1:]) == EXPECTED


@pytest.mark.parametrize(
    ("status", "reason", "finish"),
    [
        ("completed", None, "stop"),
        ("incomplete", "max_output_tokens", "length"),
        ("incomplete", "content_filter", "content_filter"),
        ("incomplete", None, "length"),
    ],
)
def test_end_is_mapped(status: str, reason: str | None, finish: str) -> None:
    details = {"reason": reason} if reason else None
    body = response([MESSAGE], status, incomplete_details=details)
    for completion in (whole(body), play([{"type": f"response.{status}", "response": body}])):
        choice = completion.choices[0]
        assert (choice.finish_reason, choice.native_finish_reason) == (finish, reason or status)


@pytest.mark.parametrize(
    "event",
    [
        {"type": "error", "code": "server_error", "message": "lost", "param": None, "sequence_number": 3},
        {"type": "error", "error": {"type": "server_error", "code": "server_error", "message": "lost"}},
        {
            "type": "response.failed",
            "response": response([], "failed", error={"code": "server_error", "message": "lost"}),
        },
    ],
)
def test_failure_is_reported_with_its_code(event: dict[str, Any]) -> None:
    with pytest.raises(Failure) as raised:
        play([*STREAM[:5], event])
    failure = raised.value
    assert (failure.kind, failure.code, failure.message) == (FailureKind.REPORTED, "server_error", "lost")


@pytest.mark.parametrize(
    "body",
    [
        response([], "failed", error={"code": "server_error", "message": "lost"}),
        response([], "cancelled"),
        {"error": {"message": "lost"}},
    ],
)
def test_whole_failure_is_reported(body: dict[str, Any]) -> None:
    with pytest.raises(Failure) as raised:
        whole(body)
    assert raised.value.kind is FailureKind.REPORTED


@pytest.mark.parametrize("length", range(len(STREAM)))
def test_stream_without_an_end_event_is_truncated(length: int) -> None:
    with pytest.raises(Failure) as raised:
        play(STREAM[:length])
    assert raised.value.kind is FailureKind.TRUNCATED


def test_refusal_and_logprobs_are_passed() -> None:
    logprob = {"token": "x", "logprob": -0.1, "top_logprobs": []}
    completion = play(
        [
            {"type": "response.output_text.delta", "output_index": 0, "delta": "x", "logprobs": [logprob]},
            {"type": "response.refusal.delta", "output_index": 1, "delta": "I will "},
            {"type": "response.refusal.delta", "output_index": 1, "delta": "not"},
            {"type": "response.completed", "response": response([])},
        ]
    )
    choice = completion.choices[0]
    assert (choice.content, choice.refusal, choice.logprobs) == ("x", "I will not", {"content": [logprob]})


def test_raw_reasoning_is_told_once_when_a_summary_comes_too() -> None:
    completion = play(
        [
            {"type": "response.reasoning_text.delta", "output_index": 0, "delta": "hm"},
            {"type": "response.reasoning_summary_text.delta", "output_index": 0, "delta": "summary"},
            {"type": "response.reasoning_text.delta", "output_index": 0, "delta": "!"},
            {"type": "response.completed", "response": response([])},
        ]
    )
    assert completion.choices[0].reasoning == "hm!"


def test_items_that_chat_cannot_say_come_whole() -> None:
    custom = {"type": "custom_tool_call", "id": "ctc_1", "call_id": "call_c", "name": "patch", "input": "*** Begin"}
    search = {"type": "web_search_call", "id": "ws_1", "status": "completed"}
    for completion in (
        whole(response([search, custom])),
        play(
            [
                {"type": "response.output_item.added", "output_index": 0, "item": search},
                {"type": "response.output_item.done", "output_index": 0, "item": search},
                {"type": "response.custom_tool_call_input.delta", "output_index": 1, "delta": "***"},
                {"type": "response.output_item.done", "output_index": 1, "item": custom},
                {"type": "response.completed", "response": response([search, custom])},
            ]
        ),
    ):
        choice = completion.choices[0]
        assert (choice.finish_reason, choice.extra) == ("tool_calls", {"response_items": [search, custom]})


@pytest.mark.parametrize(
    ("stated", "usage", "invalid"),
    [
        (None, None, False), ({}, None, False), ({"input_tokens": 1}, None, True), ([1], None, True),
        ({"input_tokens": -1, "output_tokens": 2}, None, True), ({"input_tokens": 1, "output_tokens": 2}, Usage(1, 2), False),
    ],
)  # fmt: skip
def test_usage_is_believed_only_when_it_can_be(stated: Any, usage: Usage | None, invalid: bool) -> None:
    completion = whole(response([MESSAGE], usage=stated))
    assert (completion.usage, completion.usage_invalid) == (usage, invalid)


def test_empty_answer_delivers_nothing() -> None:
    assert not whole(response([])).choices[0].delivers


def test_what_follows_the_end_is_not_read() -> None:
    normaliser = ResponsesNormaliser()
    normaliser.take(Event(json.dumps(STREAM[-1]).encode()))
    assert normaliser.done
    assert normaliser.take(Event(b"data that is no JSON")) is None


@given(st.data())
def test_stream_is_the_same_however_its_bytes_are_cut(data: st.DataObject) -> None:
    raw = b"".join(encode(event) for event in STREAM)
    reader, normaliser = EventReader(), ResponsesNormaliser()
    events: list[Event] = []
    while raw:
        size = data.draw(st.integers(1, 200))
        events += reader.feed(raw[:size])
        raw = raw[size:]
    chunks = [normaliser.take(event) for event in events + reader.finish()]
    assert collect([chunk for chunk in chunks if chunk] + [normaliser.finish()], None) == EXPECTED


JUNK: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=8,
)


def paths(value: Any, path: tuple[Any, ...] = ()) -> list[tuple[Any, ...]]:
    items = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    return [found for key, item in items for found in [(*path, key), *paths(item, (*path, key))]]


def mutated(data: st.DataObject, event: dict[str, Any]) -> dict[str, Any]:
    copy: Any = json.loads(json.dumps(event))
    path = data.draw(st.sampled_from(paths(copy)))
    target = copy
    for key in path[:-1]:
        target = target[key]
    target[path[-1]] = data.draw(JUNK)
    return dict(copy)


@given(st.data())
def test_no_mutation_raises_anything_but_a_failure(data: st.DataObject) -> None:
    events = [mutated(data, event) if data.draw(st.booleans()) else event for event in STREAM]
    events = data.draw(st.permutations(events)) if data.draw(st.booleans()) else events
    try:
        completion = play(events)
    except Failure:
        return
    assert [choice.index for choice in completion.choices] == [0]
    assert isinstance(completion.choices[0].finish_reason, str)


@given(st.data())
def test_no_mutation_of_a_body_raises_anything_but_a_failure(data: st.DataObject) -> None:
    with contextlib.suppress(Failure):
        assert len(whole(mutated(data, response(OUTPUT))).choices) == 1


def test_every_delta_belongs_to_the_one_choice() -> None:
    normaliser = ResponsesNormaliser()
    chunks = [normaliser.take(Event(json.dumps(event).encode())) for event in STREAM]
    deltas: list[Delta] = [delta for chunk in chunks if chunk for delta in chunk.deltas]
    assert {delta.index for delta in deltas} == {0}
    assert not any(delta.finish_reason for delta in deltas)
