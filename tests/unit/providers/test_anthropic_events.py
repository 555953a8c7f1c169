"""Events and bodies of the Messages API, to chunks. The events are made by the fake upstream's own maker."""

import contextlib
import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.anthropic_events import MessagesNormaliser
from omna.providers.base import Completion, Failure, FailureKind, ToolCall, Usage
from omna.providers.openai_chunks import collect
from omna.providers.sse import Event, EventReader
from tests.unit.providers.test_openai_responses import mutated
from tests.upstream.anthropic_scenarios import (
    CALLS,
    REDACTED,
    SEALED,
    SERVER_TOOL,
    SIGNATURE,
    THINKING,
    THOUGHT,
    event,
    message,
    stream_events,
    text,
    usage,
)
from tests.upstream.scenarios import TEXT, TOOL_ARGUMENTS

FULL = message([THINKING, REDACTED, text(), *CALLS], "tool_use")


def play(events: list[dict[str, Any]], *, legacy: bool = False) -> Completion:
    normaliser = MessagesNormaliser(legacy=legacy)
    chunks = [normaliser.take(Event(json.dumps(value).encode(), str(value.get("type")).encode())) for value in events]
    return collect([chunk for chunk in chunks if chunk is not None] + [normaliser.finish()], None)


def whole(body: dict[str, Any], *, legacy: bool = False) -> Completion:
    normaliser = MessagesNormaliser(legacy=legacy)
    return collect([normaliser.take_whole(json.dumps(body).encode()), normaliser.finish()], None)


def both(body: dict[str, Any], *, legacy: bool = False) -> tuple[Completion, Completion]:
    return play(stream_events(body), legacy=legacy), whole(body, legacy=legacy)


def test_answer_with_everything_is_the_same_streamed_and_whole() -> None:
    for completion in both(FULL):
        choice = completion.choices[0]
        assert (choice.content, choice.reasoning) == (TEXT, THOUGHT)
        assert (choice.finish_reason, choice.native_finish_reason) == ("tool_calls", "tool_use")
        calls = [(call.index, call.id, call.name, json.loads(call.arguments)) for call in choice.tool_calls or []]
        assert calls == [
            (0, "toolu_a", "get_weather", json.loads(TOOL_ARGUMENTS[0])),
            (1, "toolu_b", "get_time", json.loads(TOOL_ARGUMENTS[1])),
        ]
        assert "你好" in (choice.tool_calls or [ToolCall(0)])[0].arguments
        assert completion.usage == Usage(9, 4)


def test_thinking_is_told_as_text_and_as_blocks() -> None:
    for completion in both(FULL):
        details = (completion.choices[0].extra or {})["reasoning_details"]
        assert {entry["format"] for entry in details} == {"anthropic-claude-v1"}
        texts = [entry for entry in details if entry["type"] == "reasoning.text"]
        assert "".join(entry.get("text", "") for entry in texts) == THOUGHT
        assert [entry["signature"] for entry in texts if "signature" in entry] == [SIGNATURE]
        assert not any("text" in entry and "signature" in entry for entry in texts)
        assert {entry["index"] for entry in texts} == {0}
        assert [entry for entry in details if entry["type"] == "reasoning.encrypted"] == [
            {"type": "reasoning.encrypted", "data": SEALED, "format": "anthropic-claude-v1", "index": 1}
        ]


@pytest.mark.parametrize(
    ("stop", "finish"),
    [
        ("end_turn", "stop"), ("stop_sequence", "stop"), ("pause_turn", "stop"), ("surprise", "stop"),
        ("max_tokens", "length"), ("model_context_window_exceeded", "length"), ("refusal", "content_filter"),
    ],
)  # fmt: skip
def test_stop_reason_is_mapped(stop: str, finish: str) -> None:
    for completion in both(message([text()], stop)):
        choice = completion.choices[0]
        assert (choice.finish_reason, choice.native_finish_reason) == (finish, stop)


def test_stop_sequence_is_told() -> None:
    for completion in both(message([text()], "stop_sequence", stop_sequence="END")):
        assert completion.choices[0].stop_sequence == "END"


def test_call_without_arguments_has_an_empty_object() -> None:
    for completion in both(message([{"type": "tool_use", "id": "t", "name": "now", "input": {}}], "tool_use")):
        assert completion.choices[0].tool_calls == [ToolCall(0, "t", "now", "{}")]


def test_call_cut_by_the_output_bound_keeps_what_came() -> None:
    events = stream_events(message(CALLS[:1], "max_tokens"))
    for completion in (play([*events[:4], *events[-2:]]),):
        choice = completion.choices[0]
        assert choice.finish_reason == "length"
        assert (choice.tool_calls or [ToolCall(0)])[0].arguments == TOOL_ARGUMENTS[0].replace(":", ": ")[:7]


def test_function_of_the_old_way_is_called_in_the_old_way() -> None:
    for completion in both(message(CALLS[:1], "tool_use"), legacy=True):
        choice = completion.choices[0]
        assert (choice.finish_reason, choice.tool_calls) == ("function_call", None)
        call = (choice.extra or {})["function_call"]
        assert (call["name"], json.loads(call["arguments"])) == ("get_weather", json.loads(TOOL_ARGUMENTS[0]))


def test_tools_that_the_provider_runs_are_not_handed_to_the_caller() -> None:
    result = {"type": "web_search_tool_result", "tool_use_id": "srvtoolu_1", "content": []}
    for completion in both(message([SERVER_TOOL, result, text()])):
        choice = completion.choices[0]
        assert (choice.content, choice.tool_calls, choice.finish_reason) == (TEXT, None, "stop")


def test_web_citations_are_annotations() -> None:
    cited = {"type": "web_search_result_location", "url": "https://a.example", "title": "A", "cited_text": "x"}
    place = {"type": "char_location", "document_index": 0, "cited_text": "x"}
    streamed = stream_events(message([text()]))
    streamed[4:4] = [
        {"type": "content_block_delta", "index": 0, "delta": {"type": "citations_delta", "citation": citation}}
        for citation in (cited, place)
    ]
    for completion in (play(streamed), whole(message([text() | {"citations": [cited, place]}]))):
        assert completion.choices[0].extra == {
            "annotations": [{"type": "url_citation", "url_citation": {"url": "https://a.example", "title": "A"}}]
        }


@pytest.mark.parametrize(
    ("stated", "expected", "invalid"),
    [
        (usage(), Usage(9, 4), False),
        (usage(cache_read_input_tokens=5, cache_creation_input_tokens=2), Usage(16, 4, 5, 2), False),
        (usage(cache_read_input_tokens=None), Usage(9, 4), False),
        (usage(output_tokens_details={"thinking_tokens": 3}), Usage(9, 4, reasoning=3), False),
        ({"output_tokens": 4}, Usage(0, 4), False),
        ({}, None, False),
        (usage(-1), None, True),
        (usage(input_tokens="9"), None, True),
        (usage(input_tokens=True), None, True),
        (usage(output_tokens=2.5), None, True),
        (usage(output_tokens=10**9), None, True),
        ({"input_tokens": 9}, None, True),
    ],
)
def test_usage_counts_the_cache_as_part_of_the_prompt(stated: Any, expected: Usage | None, invalid: bool) -> None:
    completion = whole(message([text()], stated=stated))
    assert (completion.usage, completion.usage_invalid) == (expected, invalid)


def test_running_usage_is_no_statement() -> None:
    """The first event states one output token; billed as it stands, a stream that is left early would cost nothing."""
    normaliser = MessagesNormaliser()
    for value in stream_events(message([text()]))[:-2]:
        chunk = normaliser.take(Event(json.dumps(value).encode()))
        assert chunk is None or chunk.usage is None


@pytest.mark.parametrize("stated", [{}, {"output_tokens": None}, {"input_tokens": 9}])
def test_running_count_does_not_stand_for_one_that_the_end_lacks(stated: Any) -> None:
    events = stream_events(message([text()]))
    events[-2]["usage"] = stated
    completion = play(events)
    assert (completion.usage, completion.usage_invalid) == (None, True)


def test_usage_of_the_end_completes_that_of_the_start() -> None:
    events = stream_events(message([text()], stated=usage(cache_read_input_tokens=5)))
    events[-2]["usage"] = {"output_tokens": 4}
    assert play(events).usage == Usage(14, 4, 5)


@pytest.mark.parametrize("length", range(len(stream_events(FULL)) - 2))
def test_stream_without_a_reason_to_stop_is_truncated(length: int) -> None:
    with pytest.raises(Failure) as raised:
        play(stream_events(FULL)[:length])
    assert raised.value.kind is FailureKind.TRUNCATED


def test_reason_to_stop_ends_an_answer_without_its_last_event() -> None:
    assert play(stream_events(FULL, stop=False)) == play(stream_events(FULL))


@pytest.mark.parametrize("place", [0, 1, 4])
def test_error_event_is_reported_with_its_type(place: int) -> None:
    error = {"type": "error", "error": {"type": "overloaded_error", "message": "Overloaded"}}
    with pytest.raises(Failure) as raised:
        play([*stream_events(FULL)[:place], error])
    failure = raised.value
    assert (failure.kind, failure.code, failure.message) == (FailureKind.REPORTED, "overloaded_error", "Overloaded")


def test_error_in_place_of_a_message_is_reported() -> None:
    with pytest.raises(Failure) as raised:
        whole({"type": "error", "error": {"type": "api_error", "message": "odd"}})
    assert (raised.value.kind, raised.value.code) == (FailureKind.REPORTED, "api_error")


@pytest.mark.parametrize("body", [{}, {"content": None}, {"content": "text"}, {"type": "message"}])
def test_body_without_content_is_malformed(body: dict[str, Any]) -> None:
    with pytest.raises(Failure) as raised:
        whole(body)
    assert raised.value.kind is FailureKind.MALFORMED


def test_unknown_events_and_blocks_say_nothing() -> None:
    news: list[dict[str, Any]] = [
        {"type": "ping"},
        {"type": "news", "index": 0},
        {"type": "content_block_start", "index": 9, "content_block": {"type": "news"}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "news_delta"}},
        {"type": "content_block_delta", "index": 9, "delta": {"type": "input_json_delta", "partial_json": "{}"}},
    ]
    events = stream_events(FULL)
    assert play([*events[:3], *news, *events[3:]]) == play(events)


@given(st.data())
def test_stream_is_the_same_however_its_bytes_are_cut(data: st.DataObject) -> None:
    raw = b"".join(event(value) for value in stream_events(FULL))
    reader, normaliser = EventReader(), MessagesNormaliser()
    events: list[Event] = []
    while raw:
        size = data.draw(st.integers(1, 200))
        events += reader.feed(raw[:size])
        raw = raw[size:]
    chunks = [normaliser.take(one) for one in events + reader.finish()]
    completion = collect([chunk for chunk in chunks if chunk] + [normaliser.finish()], None)
    assert completion == play(stream_events(FULL))


@given(st.data())
def test_no_mutation_raises_anything_but_a_failure(data: st.DataObject) -> None:
    events = [mutated(data, value) if data.draw(st.booleans()) else value for value in stream_events(FULL)]
    events = data.draw(st.permutations(events)) if data.draw(st.booleans()) else events
    try:
        completion = play(events, legacy=data.draw(st.booleans()))
    except Failure:
        return
    assert [choice.index for choice in completion.choices] == [0]
    assert isinstance(completion.choices[0].finish_reason, str)


@given(st.data())
def test_no_mutation_of_a_body_raises_anything_but_a_failure(data: st.DataObject) -> None:
    with contextlib.suppress(Failure):
        assert len(whole(mutated(data, FULL)).choices) == 1
