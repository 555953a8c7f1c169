"""Dialects of streams and bodies, to the one form everything behind the adapters knows."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Chunk, Completion, Failure, FailureKind, ToolCall, Usage
from omna.providers.openai_chunks import FINISH_REASONS, Normaliser, collect
from omna.providers.sse import Event

DONE = Event(b"[DONE]")


def event(value: Any) -> Event:
    return Event(json.dumps(value).encode())


def chunk(delta: Any = None, finish: Any = None, **fields: Any) -> Event:
    return event({"choices": [{"index": 0, "delta": delta or {}, "finish_reason": finish}]} | fields)


def read(*events: Event, choices: int = 1) -> list[Chunk]:
    normaliser = Normaliser(choices)
    chunks = [taken for given_event in events if (taken := normaliser.take(given_event)) is not None]
    return [*chunks, normaliser.finish()]


def whole(*events: Event, choices: int = 1) -> Completion:
    return collect(read(*events, choices=choices), None)


def failure(*events: Event) -> Failure:
    with pytest.raises(Failure) as raised:
        read(*events)
    return raised.value


def test_plain_stream_keeps_its_pieces_and_ends_with_the_finish() -> None:
    chunks = read(chunk({"role": "assistant", "content": ""}), chunk({"content": "Hel"}), chunk({}, "stop"), DONE)
    assert [[delta.content for delta in c.deltas] for c in chunks] == [[None], ["Hel"], [], [None]]
    assert [c.deltas[0].finish_reason for c in chunks if c.deltas] == [None, None, "stop"]


def test_finish_reason_comes_once_and_last_when_the_upstream_repeats_it() -> None:
    chunks = read(chunk({"content": "a"}, "stop"), chunk({"content": "b"}, "stop"), chunk({}, "stop"), DONE)
    assert [d.finish_reason for c in chunks for d in c.deltas] == [None, None, "stop"]


@pytest.mark.parametrize("raw", [*FINISH_REASONS, "END_TURN", "STOP", "MAX_TOKENS", "SAFETY", "RECITATION"])
def test_finish_reasons_are_mapped_and_the_raw_value_is_kept(raw: str) -> None:
    calls = FINISH_REASONS[raw.lower()] == "tool_calls"
    said = {"tool_calls": [{"index": 0, "id": "a", "function": {"name": "f"}}]} if calls else {"content": "a"}
    last = read(chunk(said), chunk({}, raw), DONE)[-1].deltas[0]
    assert last.finish_reason == FINISH_REASONS[raw.lower()]
    assert last.native_finish_reason == raw


@pytest.mark.parametrize("raw", ["tool_calls", "tool_use", "function_calls"])
def test_finish_that_promises_calls_where_there_are_none_is_a_stop(raw: str) -> None:
    last = read(chunk({"content": "a"}), chunk({}, raw), DONE)[-1].deltas[0]
    assert (last.finish_reason, last.native_finish_reason) == ("stop", raw)
    # The form before there were tools has its call elsewhere.
    last = read(chunk({"function_call": {"name": "f", "arguments": "{}"}}), chunk({}, raw), DONE)[-1].deltas[0]
    assert last.finish_reason == "tool_calls"


def test_unknown_finish_reason_is_a_stop() -> None:
    assert whole(chunk({"content": "a"}, "surprise"), DONE).choices[0].finish_reason == "stop"


def test_native_finish_reason_of_a_router_is_kept() -> None:
    choice = {"index": 0, "delta": {"content": "a"}, "finish_reason": "stop", "native_finish_reason": "end_turn"}
    assert whole(event({"choices": [choice]})).choices[0].native_finish_reason == "end_turn"


@pytest.mark.parametrize("finish", ["", None])
def test_missing_finish_reason_is_a_stop_when_done_was_seen(finish: Any) -> None:
    assert whole(chunk({"content": "a"}), chunk({}, finish), DONE).choices[0].finish_reason == "stop"


def test_missing_finish_reason_is_a_stop_when_usage_closed_the_stream() -> None:
    usage = event({"choices": [], "usage": {"prompt_tokens": 1, "completion_tokens": 1}})
    assert whole(chunk({"content": "a"}), usage).choices[0].finish_reason == "stop"


def test_running_usage_is_no_end() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1}
    assert failure(chunk({"content": "a"}, usage=usage), chunk({"content": "b"}, usage=usage)).kind == "truncated"


def test_usage_before_any_text_is_no_end() -> None:
    usage = {"prompt_tokens": 1, "completion_tokens": 1}
    assert failure(chunk({"role": "assistant"}, usage=usage), chunk({"content": "a"})).kind is FailureKind.TRUNCATED
    assert failure(chunk({"role": "assistant"}, usage=usage)).kind is FailureKind.TRUNCATED


def test_stream_that_ends_without_any_end_is_truncated() -> None:
    assert failure(chunk({"content": "a"})).kind is FailureKind.TRUNCATED
    assert failure().kind is FailureKind.TRUNCATED


def test_one_unfinished_choice_of_two_is_truncated() -> None:
    other = event({"choices": [{"index": 1, "delta": {"content": "b"}}]})
    assert failure(chunk({"content": "a"}, "stop"), other).kind is FailureKind.TRUNCATED


def test_done_alone_is_an_empty_answer() -> None:
    completion = whole(DONE)
    assert [(c.finish_reason, c.delivers) for c in completion.choices] == [("stop", False)]


def test_text_that_looks_like_done_is_text() -> None:
    text = "x\n\ndata: [DONE]\n\n[DONE]"
    assert whole(chunk({"content": text}), chunk({}, "stop"), DONE).choices[0].content == text


def test_what_comes_after_done_is_not_read() -> None:
    late = event({"choices": [], "usage": {"prompt_tokens": 10**6, "completion_tokens": 10**6}})
    assert whole(chunk({"content": "a"}, "stop"), DONE, late).usage is None


def test_interleaved_choices_each_get_their_finish() -> None:
    events = [
        event({"choices": [{"index": i, "delta": {"content": t}, "finish_reason": f}]})
        for i, t, f in [(1, "b", None), (0, "a", None), (1, "B", "length"), (0, "A", "stop")]
    ]
    completion = whole(*events, choices=2)
    assert [(c.index, c.content, c.finish_reason) for c in completion.choices] == [
        (0, "aA", "stop"),
        (1, "bB", "length"),
    ]


def test_finished_waits_for_every_choice_that_was_asked_for() -> None:
    normaliser = Normaliser(2)
    normaliser.take(chunk({"content": "a"}, "stop"))
    assert not normaliser.finished
    normaliser.take(event({"choices": [{"index": 1, "delta": {}, "finish_reason": "stop"}]}))
    assert normaliser.finished


@pytest.mark.parametrize(
    "ignored", [Event(b""), Event(b"{}", b"ping"), Event(b"{}"), Event(b"null"), Event(b"not json", b"ping")]
)
def test_events_that_say_nothing_are_ignored(ignored: Event) -> None:
    assert Normaliser().take(ignored) is None


@pytest.mark.parametrize("broken", [b"{half", b"123", b'"text"', b"[1]", b"<html>", b"{" * 100_000, b'{"a":' * 5000])
def test_event_that_fits_no_shape_is_malformed(broken: bytes) -> None:
    assert failure(Event(broken)).kind is FailureKind.MALFORMED


@pytest.mark.parametrize(
    ("stated", "message", "code"),
    [
        ({"error": {"message": "gone", "code": "overloaded"}}, "gone", "overloaded"),
        ({"error": {"message": "gone", "type": "server_error", "code": None}}, "gone", "server_error"),
        ({"error": {"message": "gone", "code": 502}, "choices": []}, "gone", "502"),
        ({"error": "gone"}, "gone", None),
        ({"object": "error", "message": "gone", "code": 400}, "gone", None),
        ({"detail": "gone"}, "gone", None),
        ([{"error": {"message": "gone", "code": 404}}], "gone", "404"),
        ({"choices": [{"index": 0, "delta": {}, "error": {"message": "gone", "code": 429}}]}, "gone", "429"),
    ],
)
def test_error_inside_a_stream_is_reported(stated: Any, message: str, code: str | None) -> None:
    raised = failure(event(stated))
    assert (raised.kind, raised.message, raised.code) == (FailureKind.REPORTED, message, code)


@pytest.mark.parametrize("data", [b'{"error":{"message":"gone"}}', b"gone", b'"gone"', b'{"message":"gone"}'])
def test_error_event_is_reported(data: bytes) -> None:
    raised = failure(Event(data, b"error"))
    assert (raised.kind, raised.message) == (FailureKind.REPORTED, "gone")


@pytest.mark.parametrize("data", [b"", b"{half"])
def test_error_event_without_a_reason_is_reported_all_the_same(data: bytes) -> None:
    assert failure(Event(data, b"error")).kind is FailureKind.REPORTED


def test_finish_reason_error_is_reported() -> None:
    assert failure(chunk({"content": "a"}), chunk({}, "error"), DONE).kind is FailureKind.REPORTED


@pytest.mark.parametrize("nothing", [None, "", {}, False, []])
def test_empty_error_field_is_no_error(nothing: Any) -> None:
    assert whole(chunk({"content": "a"}, "stop", error=nothing), DONE).choices[0].content == "a"


@pytest.mark.parametrize("field", ["reasoning_content", "reasoning", "thinking"])
def test_reasoning_dialects_are_one_field(field: str) -> None:
    choice = whole(chunk({field: "let "}), chunk({field: "me"}), chunk({"content": "a"}, "stop")).choices[0]
    assert (choice.reasoning, choice.content) == ("let me", "a")


def test_same_reasoning_in_two_fields_is_taken_once() -> None:
    assert whole(chunk({"reasoning": "hm", "reasoning_content": "hm"}, "stop")).choices[0].reasoning == "hm"


def test_content_in_parts_is_split_into_thinking_and_text() -> None:
    parts = [
        {"type": "thinking", "thinking": [{"type": "text", "text": "hm"}]},
        {"type": "text", "text": "a"},
        {"type": "text", "text": "b"},
    ]
    choice = whole(chunk({"content": parts}, "stop")).choices[0]
    assert (choice.reasoning, choice.content) == ("hm", "ab")


def test_passed_fields_arrive_as_they_came_and_are_joined() -> None:
    pieces = [{"reasoning_details": [{"text": text}], "annotations": []} for text in "ab"]
    choice = whole(*(chunk(piece) for piece in pieces), chunk({}, "stop")).choices[0]
    assert choice.extra == {"reasoning_details": [{"text": "a"}, {"text": "b"}]}


def test_logprobs_pass_through_and_are_joined() -> None:
    events = [
        event(
            {
                "choices": [
                    {"index": 0, "delta": {"content": t}, "logprobs": {"content": [{"token": t}], "refusal": None}}
                ]
            }
        )
        for t in "ab"
    ]
    assert whole(*events, DONE).choices[0].logprobs == {"content": [{"token": "a"}, {"token": "b"}], "refusal": None}


def test_broken_text_becomes_replacement_characters() -> None:
    for data in (b'{"choices":[{"delta":{"content":"a\xffb"}}]}', b'{"choices":[{"delta":{"content":"a\\ud800b"}}]}'):
        assert whole(Event(data), DONE).choices[0].content == "a\ufffdb"


def test_nul_stays_text() -> None:
    assert whole(Event(b'{"choices":[{"delta":{"content":"a\\u0000b"}}]}'), DONE).choices[0].content == "a\0b"


def test_numbers_that_are_not_json_become_null() -> None:
    data = b'{"choices":[{"delta":{"content":"a"},"logprobs":{"content":[{"logprob":-Infinity},{"logprob":1e999}]}}]}'
    assert whole(Event(data), DONE).choices[0].logprobs == {"content": [{"logprob": None}, {"logprob": None}]}


def test_fields_of_the_wrong_type_do_not_cost_the_answer() -> None:
    data = {
        "choices": [{"index": "0", "delta": {"content": "a", "refusal": 5, "tool_calls": "no"}, "finish_reason": 7}, 9]
    }
    assert whole(event(data), DONE).choices[0].content == "a"


@pytest.mark.parametrize("index", [-1, None, 10**12, "x", True])
def test_unusable_choice_index_is_the_first_choice(index: Any) -> None:
    assert whole(event({"choices": [{"index": index, "delta": {"content": "a"}}]}), DONE).choices[0].index == 0


def test_whole_body_is_read_like_a_large_chunk() -> None:
    body = {
        "choices": [
            {
                "message": {
                    "role": "assistant",
                    "content": "a",
                    "tool_calls": [
                        {"id": "c", "type": "function", "function": {"name": "f", "arguments": {"x": "你"}}}
                    ],
                },
                "finish_reason": "stop",
            }
        ],
        "usage": {"prompt_tokens": 3, "completion_tokens": 2},
        "system_fingerprint": "fp",
    }
    normaliser = Normaliser()
    completion = collect(
        [normaliser.take_whole(json.dumps(body).encode()), normaliser.finish()], normaliser.system_fingerprint
    )
    choice = completion.choices[0]
    assert (choice.content, choice.finish_reason, choice.native_finish_reason) == ("a", "tool_calls", "stop")
    assert choice.tool_calls == [ToolCall(0, "c", "f", '{"x":"你"}')]
    assert completion.usage == Usage(3, 2)
    assert completion.system_fingerprint == "fp"


@pytest.mark.parametrize(
    "body", [b"{}", b'{"choices":[]}', b'{"choices":null,"usage":{"prompt_tokens":1,"completion_tokens":1}}']
)
def test_whole_body_without_choices_is_malformed(body: bytes) -> None:
    with pytest.raises(Failure) as raised:
        Normaliser().take_whole(body)
    assert raised.value.kind is FailureKind.MALFORMED


json_values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=5),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                ["choices", "delta", "message", "tool_calls", "function", "index", "error", "usage", "content", "id"]
            ),
            inner,
            max_size=4,
        )
    ),
    max_leaves=25,
)


@given(st.lists(st.dictionaries(st.sampled_from(["choices", "usage", "error", "detail"]), json_values), max_size=4))
def test_any_json_gives_chunks_or_a_failure_and_nothing_else(values: list[Any]) -> None:
    normaliser = Normaliser()
    try:
        for value in values:
            normaliser.take(Event(json.dumps(value).encode()))
        normaliser.finish()
    except Failure:
        return
    assert normaliser.done or values
