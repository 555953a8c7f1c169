"""The body of POST /v1/messages."""

from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.anthropic_request import LONGEST_BETA, beta_header, messages_body
from omna.providers.base import Call, Failure, FailureKind, Timeouts
from tests.unit.providers.test_anthropic_content import JUNK

MESSAGES = [{"role": "user", "content": "x"}]
TURNS = [{"role": "user", "content": [{"type": "text", "text": "x"}]}]
FUNCTION = {"type": "function", "function": {"name": "f", "description": "d", "parameters": {"properties": {}}}}
TOOL = {"name": "f", "description": "d", "input_schema": {"type": "object", "properties": {}}}


def call(body: dict[str, Any], model: str = "claude-haiku-4-5", bound: int = 10_000) -> Call:
    return Call({"messages": MESSAGES} | body, model, bound, "req_1", Timeouts())


def sent(model: str = "claude-haiku-4-5", **body: Any) -> dict[str, Any]:
    wanted = call(body, model)
    before = msgspec.json.encode(wanted.body)
    result = messages_body(wanted, stream=False)
    assert msgspec.json.encode(wanted.body) == before, "the caller's body was changed"
    return result


def refused(model: str = "claude-haiku-4-5", **body: Any) -> str | None:
    with pytest.raises(Failure) as raised:
        messages_body(call(body, model), stream=False)
    assert raised.value.kind is FailureKind.UNSUPPORTED
    return raised.value.param


def test_smallest_body_is_model_bound_stream_and_turns() -> None:
    expected = {"model": "claude-haiku-4-5", "max_tokens": 10_000, "messages": TURNS, "stream": True}
    body = {"model": "public", "max_tokens": 9, "stream": False, "stream_options": {}, "unknown": 1, "store": True}
    assert messages_body(call(body), stream=True) == expected


def test_system_is_sent_beside_the_turns() -> None:
    body = sent(messages=[{"role": "system", "content": "s"}, *MESSAGES])
    assert (body["system"], body["messages"]) == ([{"type": "text", "text": "s"}], TURNS)


def test_tools_are_converted() -> None:
    mark = {"type": "ephemeral"}
    bare = {"type": "function", "function": {"name": "g", "strict": True}, "cache_control": mark}
    assert sent(tools=[FUNCTION, bare])["tools"] == [
        TOOL,
        {
            "name": "g",
            "input_schema": {"type": "object", "properties": {}},
            "strict": True,
            "cache_control": mark,
        },
    ]


@pytest.mark.parametrize("tool", [{"type": "custom", "custom": {"name": "x"}}, {"type": "web_search"}, "x"])
def test_tool_that_is_no_function_is_refused(tool: Any) -> None:
    assert refused(tools=[FUNCTION, tool]) == "tools[1].type"


@pytest.mark.parametrize(
    ("body", "choice"),
    [
        ({}, None),
        ({"tool_choice": None}, None),
        ({"tool_choice": "auto"}, {"type": "auto"}),
        ({"tool_choice": "none", "parallel_tool_calls": False}, {"type": "none"}),
        ({"tool_choice": "required"}, {"type": "any"}),
        ({"tool_choice": {"type": "function", "function": {"name": "f"}}}, {"type": "tool", "name": "f"}),
        ({"parallel_tool_calls": False}, {"type": "auto", "disable_parallel_tool_use": True}),
        ({"parallel_tool_calls": True}, None),
        (
            {"tool_choice": "required", "parallel_tool_calls": False},
            {"type": "any", "disable_parallel_tool_use": True},
        ),
    ],
)
def test_tool_choice_is_mapped(body: dict[str, Any], choice: dict[str, Any] | None) -> None:
    assert sent(tools=[FUNCTION], **body).get("tool_choice") == choice
    assert "tool_choice" not in sent(**body)


@pytest.mark.parametrize("choice", ["surprise", {"type": "allowed_tools"}, 3])
def test_tool_choice_that_cannot_be_said_is_refused(choice: Any) -> None:
    assert refused(tools=[FUNCTION], tool_choice=choice) == "tool_choice"


def test_functions_of_the_old_way_are_tools() -> None:
    body = sent(functions=[FUNCTION["function"]], function_call={"name": "f"})
    assert body["tools"] == [TOOL]
    assert body["tool_choice"] == {"type": "tool", "name": "f", "disable_parallel_tool_use": True}


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("n", 2), ("logprobs", True), ("top_logprobs", 3), ("logit_bias", {"1": 2}), ("frequency_penalty", 0.5),
        ("presence_penalty", -1), ("seed", 7), ("audio", {"voice": "x"}), ("modalities", ["text", "audio"]),
        ("prediction", {}), ("web_search_options", {}), ("verbosity", "low"),
    ],
)  # fmt: skip
def test_parameter_that_messages_lacks_is_refused_by_name(name: str, value: Any) -> None:
    assert refused(**{name: value}) == name


def test_parameters_that_say_what_happens_anyway_are_left_out() -> None:
    neutral = {
        "n": 1, "logprobs": False, "top_logprobs": 0, "logit_bias": {}, "frequency_penalty": 0, "presence_penalty": 0.0,
        "seed": None, "modalities": ["text"], "response_format": {"type": "text"}, "temperature": None, "stop": None,
        "reasoning_effort": None, "tools": [], "metadata": {"a": "b"}, "verbosity": "medium",
    }  # fmt: skip
    assert sent(**neutral) == sent()


def test_sampling_is_passed_within_its_scale() -> None:
    body = sent(temperature=0.3, top_p=0.9, top_k=40)
    assert (body["temperature"], body["top_p"], body["top_k"]) == (0.3, 0.9, 40)
    assert sent(temperature=1.7)["temperature"] == 1
    assert sent(temperature=0)["temperature"] == 0


@pytest.mark.parametrize(("name", "value"), [("temperature", 0.3), ("top_p", 0.9), ("top_k", 40)])
def test_sampling_is_refused_where_the_model_or_its_thinking_rules_it_out(name: str, value: float) -> None:
    assert refused("claude-opus-5-5", **{name: value}) == name
    assert refused("claude-haiku-4-5", reasoning_effort="high", **{name: value}) == name
    assert refused("claude-opus-4-6", reasoning_effort="high", **{name: value}) == name
    assert sent("claude-opus-4-6", **{name: value})[name] == value


def test_default_sampling_is_never_refused() -> None:
    body = sent("claude-opus-5-5", temperature=1, top_p=1.0)
    assert not {"temperature", "top_p"} & set(body)


def test_stop_is_a_list() -> None:
    assert sent(stop="END")["stop_sequences"] == ["END"]
    assert sent(stop=["a", "b"])["stop_sequences"] == ["a", "b"]
    assert refused(stop=["a", "\n"]) == "stop"


def test_user_is_named_in_metadata() -> None:
    assert sent(user="u")["metadata"] == {"user_id": "u"}
    assert sent(user="u", metadata={"user_id": "m"})["metadata"] == {"user_id": "m"}
    assert "metadata" not in sent(user="u" * 257)


def test_thinking_and_effort_have_their_places() -> None:
    budgeted = sent("claude-haiku-4-5", reasoning_effort="medium")
    assert budgeted["thinking"] == {"type": "enabled", "budget_tokens": 5000}
    assert "output_config" not in budgeted
    adaptive = sent("claude-opus-5-5", reasoning_effort="medium")
    assert adaptive["thinking"] == {"type": "adaptive", "display": "summarized"}
    assert adaptive["output_config"] == {"effort": "medium"}


def test_thinking_yields_to_a_forced_call_and_to_history_without_it() -> None:
    assert "thinking" not in sent(reasoning_effort="high", tools=[FUNCTION], tool_choice="required")
    history = [
        *MESSAGES,
        {"role": "assistant", "tool_calls": [{"id": "a", "function": {"name": "f", "arguments": "{}"}}]},
        {"role": "tool", "tool_call_id": "a", "content": "1"},
    ]
    assert "thinking" not in sent(reasoning_effort="high", messages=history)
    assert "thinking" in sent("claude-opus-5-5", reasoning_effort="high", messages=history)


def test_schema_is_the_output_format() -> None:
    schema = {"type": "object", "properties": {}, "additionalProperties": False}
    wanted = {"type": "json_schema", "json_schema": {"name": "n", "schema": schema, "strict": True}}
    assert sent(response_format=wanted)["output_config"] == {"format": {"type": "json_schema", "schema": schema}}
    both = sent("claude-opus-5-5", response_format=wanted, reasoning_effort="low", output_config={"x": 1})
    assert both["output_config"] == {
        "x": 1,
        "effort": "low",
        "format": {"type": "json_schema", "schema": schema},
    }


def test_json_without_a_schema_is_refused() -> None:
    assert refused(response_format={"type": "json_object"}) == "response_format"
    assert refused(response_format="json") == "response_format"
    assert refused(response_format={"type": "json_schema"}) == "response_format.json_schema.schema"


def native(body: dict[str, Any], *, bound: int = 100, beta: str | None = None) -> Call:
    return Call({"messages": MESSAGES}, "up", bound, "req_1", Timeouts(), dialect="messages", native=body, beta=beta)


def test_native_body_passes_with_its_model_bound_and_stream_replaced() -> None:
    body = {"model": "public", "max_tokens": 9, "messages": [1], "stream": False, "context_management": {"a": 1}}
    assert messages_body(native(body), stream=True) == {
        "model": "up", "max_tokens": 100, "messages": [1], "stream": True, "context_management": {"a": 1},
    }  # fmt: skip
    assert body["model"] == "public"


def test_native_thinking_follows_a_lowered_bound() -> None:
    body = {"max_tokens": 16_000, "thinking": {"type": "enabled", "budget_tokens": 8000}}
    assert messages_body(native(body, bound=4000), stream=False)["thinking"]["budget_tokens"] == 2000
    assert "thinking" not in messages_body(native(body, bound=100), stream=False)


def test_thinking_that_another_vendor_sealed_is_left_out_of_a_native_body() -> None:
    own = {"type": "thinking", "thinking": "a", "signature": "c2lnbmVk"}
    sealed = {"type": "redacted_thinking", "data": "c2VhbGVk"}
    foreign = [
        {"type": "thinking", "thinking": "b", "signature": ""},
        {"type": "thinking", "thinking": "b"},
        {"type": "thinking", "thinking": "b", "signature": "google-gemini-v1::xyz"},
        {"type": "redacted_thinking", "data": "openai-responses-v1:rs_1:xyz"},
    ]
    text = {"type": "text", "text": "t"}
    body = {
        "messages": [{"role": "user", "content": "q"}, {"role": "assistant", "content": [own, *foreign, sealed, text]}]
    }
    sent = messages_body(native(body), stream=False)["messages"]
    assert sent == [{"role": "user", "content": "q"}, {"role": "assistant", "content": [own, sealed, text]}]
    assert len(body["messages"][1]["content"]) == 7


def test_native_body_of_another_dialect_is_not_sent() -> None:
    wanted = Call({"messages": MESSAGES}, "m", 5, "r", Timeouts(), dialect="responses", native={"input": "x"}, beta="b")
    assert messages_body(wanted, stream=False)["messages"] == TURNS
    assert beta_header(wanted) is None


def test_beta_goes_only_with_a_native_body() -> None:
    assert beta_header(native({}, beta=" a-2025, b-2026 ")) == "a-2025, b-2026"
    assert beta_header(native({}, beta=" ")) is None
    assert beta_header(native({})) is None
    assert beta_header(call({})) is None


@pytest.mark.parametrize("beta", ["a\r\nX-Evil: 1", "é", "\0", "x" * (LONGEST_BETA + 1)])
def test_beta_that_no_header_can_carry_is_refused(beta: str) -> None:
    with pytest.raises(Failure) as raised:
        beta_header(native({}, beta=beta))
    assert (raised.value.kind, raised.value.param) == (FailureKind.UNSUPPORTED, "anthropic-beta")


FIELDS = (
    "messages", "system", "tools", "tool_choice", "functions", "function_call", "parallel_tool_calls", "n", "logprobs",
    "temperature", "top_p", "top_k", "stop", "metadata", "user", "reasoning", "reasoning_effort", "thinking",
    "response_format", "output_config", "cache_control", "logit_bias", "max_tokens",
)  # fmt: skip


def outcome(wanted: Call) -> dict[str, Any] | Failure:
    try:
        return messages_body(wanted, stream=True)
    except Failure as failure:
        return failure


@given(
    st.dictionaries(st.sampled_from(FIELDS), JUNK, max_size=6),
    st.sampled_from(["claude-haiku-4-5", "claude-opus-4-6", "claude-opus-5-5", "other"]),
    st.integers(1, 100_000),
)
def test_any_body_is_bounded_or_refused(body: dict[str, Any], model: str, bound: int) -> None:
    result = outcome(Call(body, model, bound, "r", Timeouts()))
    if isinstance(result, Failure):
        assert result.kind is FailureKind.UNSUPPORTED
        return
    assert (result["model"], result["max_tokens"], result["stream"]) == (model, bound, True)
    msgspec.json.encode(result)
