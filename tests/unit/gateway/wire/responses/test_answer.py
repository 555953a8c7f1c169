from typing import Any

import pytest
from openai.types.responses import Response

from omna.gateway.bill import Bill, Outcome
from omna.gateway.wire.responses.answer import answer_body
from omna.gateway.wire.responses.stream import ResponsesStream
from omna.providers.base import Choice, Chunk, Completion, Delta, ToolCall
from tests.harness.responses_linter import check_object, read_responses_stream
from tests.unit.gateway.wire.responses.test_stream import CREATED, USAGE, asked


def whole(**fields: Any) -> dict[str, Any]:
    choice = Choice(**({"index": 0, "finish_reason": "stop"} | fields))
    body = answer_body(asked(), Completion([choice]), USAGE, CREATED)
    check_object(body)
    Response.model_validate(body, strict=True)
    return body


def test_whole_answer_holds_reasoning_text_and_calls_in_order() -> None:
    calls = [ToolCall(0, "call_a", "f", '{"a":1}'), ToolCall(0, "call_b", "g", "")]
    body = whole(reasoning="hm", content="Yes.", tool_calls=calls, finish_reason="tool_calls")
    assert [item["type"] for item in body["output"]] == ["reasoning", "message", "function_call", "function_call"]
    assert [item["arguments"] for item in body["output"][2:]] == ['{"a":1}', "{}"]
    assert (body["status"], body["usage"]["output_tokens"]) == ("completed", 4)


@pytest.mark.parametrize(("finish", "reason"), [("length", "max_output_tokens"), ("content_filter", "content_filter")])
def test_whole_answer_that_was_cut_is_incomplete(finish: str, reason: str) -> None:
    body = whole(content="a", finish_reason=finish)
    assert (body["status"], body["incomplete_details"]) == ("incomplete", {"reason": reason})


def test_whole_answer_without_output_is_empty() -> None:
    assert whole(content="")["output"] == []
    assert answer_body(asked(), Completion([]), USAGE, CREATED)["output"] == []


async def test_stream_ends_with_the_same_object() -> None:
    made = asked()
    stream, bill = ResponsesStream(made, CREATED), Bill(made)
    chunk = Chunk([Delta(reasoning="hm", content="Yes.", refusal="no", tool_calls=[ToolCall(0, "call_a", "f", "{}")])])
    content = stream.encode(chunk)
    bill.add(Chunk([Delta(finish_reason="stop")]))
    bill.outcome = Outcome.COMPLETED
    streamed = read_responses_stream(content + stream.end(bill, USAGE)).response
    body = whole(reasoning="hm", content="Yes.", refusal="no", tool_calls=[ToolCall(0, "call_a", "f", "{}")])
    assert {**body, "completed_at": 0} == {**streamed, "completed_at": 0}
