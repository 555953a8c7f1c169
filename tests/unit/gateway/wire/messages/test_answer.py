from typing import Any

import pytest

from omna.gateway.wire.messages.answer import whole_message
from omna.http.strict_json import dumps, loads
from omna.providers.base import Choice, Completion, ToolCall
from tests.harness.messages_linter import check_message
from tests.unit.gateway.made import REQUEST, ticket
from tests.unit.gateway.wire.messages.test_stream import USAGE, text_entry


def whole(**fields: Any) -> dict[str, Any]:
    choice = Choice(**({"index": 0, "finish_reason": "stop"} | fields))
    message = loads(dumps(whole_message(ticket(dialect="messages"), Completion([choice]), USAGE)))
    check_message(message)
    return message


def test_message_has_every_key() -> None:
    message = whole(content="Hello")
    assert message["id"] == f"msg_{REQUEST.hex}"
    assert message["model"] == "small"
    assert message["content"] == [{"type": "text", "text": "Hello", "citations": None}]
    assert (message["stop_reason"], message["stop_sequence"]) == ("end_turn", None)


def test_input_tokens_leave_out_what_the_cache_gave_and_took() -> None:
    usage = whole(content="Hello")["usage"]
    counts = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")
    assert tuple(usage[name] for name in counts) == (12, 5, 3, 4)
    assert sum(usage[name] for name in counts[:3]) == USAGE["prompt_tokens"]
    assert usage["output_tokens_details"] == {"thinking_tokens": 2}


def test_cost_is_a_number_with_the_digits_of_the_total() -> None:
    message = whole_message(ticket(), Completion([Choice(0, "stop", content="a")]), USAGE)
    assert b'"cost":0.00001,"cost_details":{"total":"0.00001"}' in dumps(message)


def test_thinking_text_and_calls_are_blocks_in_this_order() -> None:
    details = [text_entry("hm", 0), {"type": "reasoning.text", "signature": "c2ln", "index": 0}]
    message = whole(
        content="Hello", reasoning="hm", extra={"reasoning_details": details}, finish_reason="tool_calls",
        tool_calls=[ToolCall(0, "call_a", "f", '{"b":2.50,"a":"你好"}'), ToolCall(1, "call_b", "g")],
    )  # fmt: skip
    assert message["content"] == [
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "text", "text": "Hello", "citations": None},
        {"type": "tool_use", "id": "call_a", "name": "f", "input": {"b": 2.5, "a": "你好"}},
        {"type": "tool_use", "id": "call_b", "name": "g", "input": {}},
    ]
    assert message["stop_reason"] == "tool_use"


def test_digits_of_arguments_stay_as_the_model_wrote_them() -> None:
    choice = Choice(0, "tool_calls", tool_calls=[ToolCall(0, "a", "f", '{"n":1.10000000000000000001}')])
    assert b'"input":{"n":1.10000000000000000001}' in dumps(whole_message(ticket(), Completion([choice]), USAGE))


@pytest.mark.parametrize("arguments", ['{"a":', "[1]", "nonsense", '"text"', "{} {}"])
def test_arguments_that_are_no_object_are_kept_as_text(arguments: str) -> None:
    message = whole(tool_calls=[ToolCall(0, "a", "f", arguments)], finish_reason="length")
    assert message["content"][0]["input"] == {"arguments": arguments}
    assert message["stop_reason"] == "max_tokens"


def test_refusal_is_text_and_a_reason() -> None:
    message = whole(refusal="I will not")
    assert message["content"] == [{"type": "text", "text": "I will not", "citations": None}]
    assert message["stop_reason"] == "refusal"


def test_stop_sequence_is_named() -> None:
    message = whole(content="a", stop_sequence="END")
    assert (message["stop_reason"], message["stop_sequence"]) == ("stop_sequence", "END")
