import asyncio
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types.responses import Response, ResponseStreamEvent
from pydantic import TypeAdapter

from omna.errors import ContextLengthExceeded, OmnaError, ProviderError, RateLimitExceeded
from omna.gateway.bill import Bill, Outcome
from omna.gateway.model import Ticket
from omna.gateway.wire.responses.request import parse_responses
from omna.gateway.wire.responses.stream import ResponsesStream
from omna.providers.base import Chunk, Delta, ToolCall
from tests.harness.responses_linter import Reading, read_responses_stream
from tests.unit.gateway.made import REQUEST, ticket

USAGE: dict[str, Any] = {
    "prompt_tokens": 9, "completion_tokens": 4, "total_tokens": 13,
    "prompt_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 1},
    "completion_tokens_details": {"reasoning_tokens": 3},
    "cost": 0.5, "is_byok": False, "cost_details": {"total": "0.5"},
}  # fmt: skip
EVENTS: TypeAdapter[Any] = TypeAdapter(ResponseStreamEvent)
CREATED = 1_700_000_000


def asked(**fields: Any) -> Ticket:
    made = ticket()
    made.call = parse_responses({"model": "small", "input": "hi", "stream": True} | fields, REQUEST, 0.0)
    return made


def bill_of(made: Ticket) -> Bill:
    """A bill belongs to a task; this one's has ended."""

    async def make() -> Bill:
        return Bill(made)

    loop = asyncio.new_event_loop()
    try:
        return loop.run_until_complete(make())
    finally:
        loop.close()


def play(
    *deltas: Delta, outcome: Outcome = Outcome.COMPLETED, of: Ticket | None = None, error: OmnaError | None = None
) -> Reading:
    """Stream one delta a chunk and read the bytes, by the linter and by the models of the official SDK."""
    made = of or asked()
    stream, bill = ResponsesStream(made, CREATED), bill_of(made)
    content = b""
    for delta in deltas:
        chunk = Chunk([delta])
        content += stream.encode(chunk)
        bill.add(chunk)
    bill.outcome = outcome
    reading = read_responses_stream(content + (stream.end(bill, USAGE) if error is None else stream.error(error, None)))
    for event in reading.events:
        EVENTS.validate_python(event)
    return reading


STOP = Delta(finish_reason="stop")


def kinds(reading: Reading) -> list[str]:
    return [event["type"].removeprefix("response.") for event in reading.events]


def piece(index: int, arguments: str = "", call_id: str | None = None, name: str | None = None) -> Delta:
    return Delta(tool_calls=[ToolCall(index, call_id, name, arguments)])


def test_text_is_told_in_the_documented_order() -> None:
    reading = play(Delta(content="Hel"), Delta(content="lo"), STOP)
    assert kinds(reading) == [
        "created", "in_progress", "output_item.added", "content_part.added", "output_text.delta", "output_text.delta",
        "output_text.done", "content_part.done", "output_item.done", "completed",
    ]  # fmt: skip
    [item] = reading.response["output"]
    assert item == {
        "id": item["id"], "type": "message", "status": "completed", "role": "assistant",
        "content": [{"type": "output_text", "text": "Hello", "annotations": [], "logprobs": []}],
    }  # fmt: skip
    assert reading.response["usage"] == {
        "input_tokens": 9, "input_tokens_details": {"cached_tokens": 2, "cache_write_tokens": 1},
        "output_tokens": 4, "output_tokens_details": {"reasoning_tokens": 3}, "total_tokens": 13,
        "cost": 0.5, "cost_details": {"total": "0.5"},
    }  # fmt: skip
    assert reading.response["created_at"] == CREATED
    assert reading.response["id"] == f"resp_{REQUEST.hex}"


def test_nothing_is_said_before_there_is_something() -> None:
    stream = ResponsesStream(asked(), CREATED)
    assert stream.encode(Chunk([Delta()])) == b""
    assert stream.encode(Chunk([])) == b""


def test_reasoning_is_a_summary_before_the_message() -> None:
    reading = play(Delta(reasoning="let me "), Delta(reasoning="think"), Delta(content="Yes."), STOP)
    assert kinds(reading)[2:8] == [
        "output_item.added", "reasoning_summary_part.added", "reasoning_summary_text.delta",
        "reasoning_summary_text.delta", "reasoning_summary_text.done", "reasoning_summary_part.done",
    ]  # fmt: skip
    assert [item["type"] for item in reading.items] == ["reasoning", "message"]
    assert (reading.reasoning, reading.content) == ("let me think", "Yes.")


def test_calls_one_after_the_other() -> None:
    reading = play(
        piece(0, "", "call_a", "f"), piece(0, '{"a":'), piece(0, "1}"), piece(1, "{}", "call_b", "g"),
        Delta(finish_reason="tool_calls"),
    )  # fmt: skip
    assert reading.calls == [("call_a", "f", '{"a":1}'), ("call_b", "g", "{}")]
    assert kinds(reading)[2:7] == [
        "output_item.added", "function_call_arguments.delta", "function_call_arguments.delta",
        "function_call_arguments.done", "output_item.done",
    ]  # fmt: skip


def test_interleaved_calls_wait_for_their_turn() -> None:
    reading = play(
        piece(0, '{"a', "call_a", "f"), piece(1, '{"b":"', "call_b", "g"), Delta(content="meanwhile"),
        piece(0, '":"}\\'), piece(1, 'x"}'), piece(0, '""}'), piece(2, "{}", "call_c", "h"), STOP,
    )  # fmt: skip
    assert reading.calls == [("call_a", "f", '{"a":"}\\""}'), ("call_b", "g", '{"b":"x"}'), ("call_c", "h", "{}")]
    assert [item["type"] for item in reading.items] == ["function_call", "function_call", "message", "function_call"]
    assert reading.content == "meanwhile"


def test_call_that_never_becomes_complete_holds_nothing_back_at_the_end() -> None:
    reading = play(piece(0, '{"a', "call_a", "f"), piece(1, "{}", "call_b", "g"), Delta(finish_reason="length"))
    assert reading.calls == [("call_a", "f", '{"a'), ("call_b", "g", "{}")]
    assert [item["status"] for item in reading.items] == ["incomplete", "incomplete"]


def test_text_around_a_call_makes_two_messages() -> None:
    reading = play(Delta(content="a"), piece(0, "{}", "call_a", "f"), Delta(content="b"), STOP)
    assert [item["type"] for item in reading.items] == ["message", "function_call", "message"]


def test_refusal_is_a_part_of_its_own() -> None:
    reading = play(Delta(content="a"), Delta(refusal="no"), Delta(refusal="pe"), Delta(content="b"), STOP)
    [item] = reading.items
    assert [part["type"] for part in item["content"]] == ["output_text", "refusal", "output_text"]
    assert item["content"][1] == {"type": "refusal", "refusal": "nope"}


ENCRYPTED = {"type": "reasoning.encrypted", "data": "gAAA", "format": "openai-responses-v1", "index": 0}


def test_encrypted_reasoning_is_given_to_whom_asked() -> None:
    deltas = [
        Delta(reasoning="hm", extra={"reasoning_details": [{"type": "reasoning.text", "text": "hm", "index": 0}]}),
        Delta(extra={"reasoning_details": [ENCRYPTED]}),
        Delta(reasoning="so"),
        Delta(extra={"reasoning_details": [ENCRYPTED | {"data": "gBBB", "index": 1}]}),
        Delta(extra={"reasoning_details": [ENCRYPTED | {"data": "gCCC", "index": 2}]}),
        Delta(content="x"),
        STOP,
    ]
    reading = play(*deltas, of=asked(include=["reasoning.encrypted_content"]))
    thoughts = [item for item in reading.items if item["type"] == "reasoning"]
    assert [item["encrypted_content"] for item in thoughts] == ["gAAA", "gBBB", "gCCC"]
    assert [len(item["summary"]) for item in thoughts] == [1, 1, 0]
    without = play(*deltas)
    assert [item["type"] for item in without.items] == ["reasoning", "message"]
    assert without.reasoning == "hmso"
    assert "encrypted_content" not in without.items[0]


@pytest.mark.parametrize(
    "details",
    ["x", None, [1], [{"type": "reasoning.encrypted"}], [ENCRYPTED | {"format": "anthropic-claude-v1"}],
     [ENCRYPTED | {"data": 1}]],
)  # fmt: skip
def test_reasoning_of_other_formats_is_not_passed_off_as_openais(details: Any) -> None:
    of = asked(include=["reasoning.encrypted_content"])
    reading = play(Delta(content="x", extra={"reasoning_details": details}), STOP, of=of)
    assert [item["type"] for item in reading.items] == ["message"]


def test_probabilities_are_given_to_whom_asked_and_only_usable_ones() -> None:
    token = {
        "token": "é",
        "logprob": -0.5,
        "bytes": None,
        "top_logprobs": [{"token": "e", "logprob": -1}, {"token": 1}],
    }
    delta = Delta(content="é", logprobs={"content": [token, {"token": "x"}, 5]})
    reading = play(delta, STOP, of=asked(include=["message.output_text.logprobs"]))
    expected = [
        {"token": "é", "logprob": -0.5, "bytes": [195, 169],
         "top_logprobs": [{"token": "e", "logprob": -1, "bytes": [101]}]}
    ]  # fmt: skip
    assert reading.items[0]["content"][0]["logprobs"] == expected
    assert [event["logprobs"] for event in reading.events if "logprobs" in event] == [expected, expected]
    assert play(delta, STOP).items[0]["content"][0]["logprobs"] == []


@pytest.mark.parametrize("arguments", ['{"input":"*** {patch}"}', "*** {patch}"])
def test_custom_tool_gets_its_text_from_either_kind_of_upstream(arguments: str) -> None:
    of = asked(tools=[{"type": "custom", "name": "apply_patch"}])
    reading = play(
        piece(0, arguments[:9], "call_a", "apply_patch"), piece(0, arguments[9:]), Delta(content="Done."), STOP, of=of
    )
    call = reading.items[0]
    assert (call["type"], call["name"], call["input"]) == ("custom_tool_call", "apply_patch", "*** {patch}")
    assert kinds(reading)[3:5] == ["custom_tool_call_input.delta", "custom_tool_call_input.done"]
    assert reading.content == "Done."


def test_call_of_a_tool_in_a_namespace_says_so() -> None:
    space = {"type": "namespace", "name": "files", "tools": [{"type": "function", "name": "look"}]}
    of = asked(input=[{"type": "additional_tools", "tools": [space]}, {"role": "user", "content": "hi"}])
    reading = play(piece(0, "{}", "call_a", "look"), STOP, of=of)
    assert (reading.items[0]["name"], reading.items[0]["namespace"]) == ("look", "files")


@pytest.mark.parametrize(
    ("finish", "outcome", "reason"),
    [("length", Outcome.COMPLETED, "max_output_tokens"), ("content_filter", Outcome.COMPLETED, "content_filter"),
     ("stop", Outcome.EXHAUSTED, "max_output_tokens"), (None, Outcome.EXHAUSTED, "max_output_tokens")],
)  # fmt: skip
def test_answer_that_was_cut_is_incomplete_and_billed(finish: str | None, outcome: Outcome, reason: str) -> None:
    reading = play(Delta(content="a", finish_reason=finish), outcome=outcome)
    assert reading.response["status"] == "incomplete"
    assert reading.response["incomplete_details"] == {"reason": reason}
    assert reading.items[0]["status"] == "incomplete"
    assert reading.response["usage"]["total_tokens"] == 13


def test_answer_without_output_is_a_whole_stream() -> None:
    reading = play(STOP)
    assert kinds(reading) == ["created", "in_progress", "completed"]
    assert reading.response["output"] == []


def test_error_is_told_flat_and_nested_before_the_failed_response() -> None:
    reading = play(Delta(content="a"), error=ProviderError("lost it"))
    assert reading.error is not None
    assert reading.error["code"] == "provider_error"
    assert reading.error["error"] == {
        "type": "server_error", "code": "provider_error", "message": "lost it", "param": None,
    }  # fmt: skip
    assert reading.response["error"] == {"code": "server_error", "message": "lost it"}
    assert reading.response["usage"] is None
    assert reading.response["output"][0]["status"] == "incomplete"


def test_error_after_a_heartbeat_alone_is_a_whole_stream() -> None:
    reading = play(error=RateLimitExceeded("slow down"))
    assert kinds(reading) == ["created", "in_progress", "error", "failed"]
    assert reading.response["error"]["code"] == "rate_limit_exceeded"


def test_error_about_messages_is_about_the_input() -> None:
    reading = play(error=ContextLengthExceeded(param="messages"))
    assert reading.error is not None
    assert reading.error["param"] == "input"
    assert reading.response["error"]["code"] == "invalid_prompt"


def test_broken_stream_states_what_was_billed() -> None:
    stream = ResponsesStream(asked(), CREATED)
    content = stream.encode(Chunk([Delta(content="a")])) + stream.error(ProviderError(), USAGE)
    assert read_responses_stream(content).response["usage"]["cost"] == 0.5


def test_object_repeats_what_was_asked_for() -> None:
    fields: dict[str, Any] = {
        "instructions": "Be brief.", "temperature": 0.5, "top_p": 0.9, "max_output_tokens": 7, "user": "u",
        "metadata": {"a": "b"}, "parallel_tool_calls": False, "prompt_cache_key": "k", "safety_identifier": "s",
        "truncation": "auto", "top_logprobs": 2, "max_tool_calls": 3,
        "text": {"format": {"type": "json_schema", "name": "n", "schema": {"type": "object"}}, "verbosity": "low"},
        "tool_choice": {"type": "function", "name": "f"},
    }  # fmt: skip
    tools = [{"type": "function", "name": "f"}, {"type": "web_search"}]
    response = play(STOP, of=asked(**fields, reasoning={"effort": "low"}, tools=tools, store=True)).response
    assert {name: response[name] for name in fields} == fields
    assert response["reasoning"] == {"effort": "low", "summary": None}
    assert response["tools"] == [
        {"type": "function", "name": "f", "description": None, "parameters": None, "strict": None}
    ]
    assert response["store"] is False
    Response.model_validate(response, strict=True)


def test_line_ends_inside_text_never_end_a_line_of_the_stream() -> None:
    text = "a\nb\r\nc\u0085d\u2028e\u2029f\0\u00e9\U0001f642\n\ndata: [DONE]\n\n"
    assert play(Delta(content=text), STOP).content == text


JSON_TEXT = st.sampled_from(['{"a":', '"}{"', "1}", "{}", "[", "]", '\\"', "\\", '"', "x", "", " "])
CALLS = st.builds(
    ToolCall, st.integers(0, 3), st.none() | st.sampled_from(["call_a", "call_b", ""]),
    st.none() | st.sampled_from(["f", "apply_patch", "look", ""]), JSON_TEXT,
)  # fmt: skip
DETAILS = st.lists(st.sampled_from([ENCRYPTED, {"type": "reasoning.text", "text": "a"}, 1]), max_size=2)
DELTAS = st.builds(
    Delta,
    index=st.sampled_from([0, 0, 0, 1]),
    content=st.none() | st.text(max_size=4),
    reasoning=st.none() | st.text(max_size=4),
    refusal=st.none() | st.text(max_size=4),
    tool_calls=st.none() | st.lists(CALLS, max_size=3),
    logprobs=st.none() | st.just({"content": [{"token": "a", "logprob": -1.5}]}),
    finish_reason=st.none() | st.sampled_from(["stop", "length", "content_filter"]),
    extra=st.none() | st.builds(lambda details: {"reasoning_details": details}, DETAILS),
)


@settings(deadline=None)
@given(
    deltas=st.lists(DELTAS, max_size=12),
    outcome=st.sampled_from([Outcome.COMPLETED, Outcome.EXHAUSTED]),
    error=st.none() | st.just(ProviderError("x")),
    include=st.lists(st.sampled_from(["reasoning.encrypted_content", "message.output_text.logprobs"])),
)
def test_any_chunks_make_a_stream_that_clients_can_read(
    deltas: list[Delta], outcome: Outcome, error: OmnaError | None, include: list[str]
) -> None:
    of = asked(include=include, tools=[{"type": "custom", "name": "apply_patch"}, {"type": "function", "name": "look"}])
    reading = play(*deltas, outcome=outcome, of=of, error=error)
    mine = [delta for delta in deltas if delta.index == 0]
    if error is None:
        assert reading.content == "".join(delta.content or "" for delta in mine)
        assert reading.reasoning == "".join(delta.reasoning or "" for delta in mine)


@settings(deadline=None)
@given(st.lists(st.tuples(st.integers(0, 2), st.integers(1, 6)), max_size=30), st.integers(0, 2**16))
def test_interleaved_arguments_come_out_whole(cuts: list[tuple[int, int]], seed: int) -> None:
    wanted = [f'{{"n":{number},"text":"}}{{\\\\\\"{seed}[","list":[1,{{}}]}}' for number in range(3)]
    left = dict(enumerate(wanted))
    deltas = []
    for index, size in cuts + [(index, 1000) for index in range(3)]:
        cut, left[index] = left[index][:size], left[index][size:]
        if cut:
            deltas.append(piece(index, cut, f"call_{index}", "f"))
    calls = play(*deltas, STOP).calls
    assert {call_id: arguments for call_id, _, arguments in calls} == {
        f"call_{index}": text for index, text in enumerate(wanted)
    }
