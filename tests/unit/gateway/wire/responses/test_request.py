import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from omna.errors import InvalidRequest, InvalidValue, MissingRequiredParameter, OmnaError, UnsupportedParameter
from omna.gateway.model import Call
from omna.gateway.wire.chat.request import parse_chat
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS
from omna.gateway.wire.responses.request import parse_responses
from tests.unit.gateway.made import REQUEST

LOOK = {"type": "function", "name": "look", "parameters": {"type": "object"}}
SCHEMA = {"type": "json_schema", "name": "plan", "schema": {"type": "object"}, "strict": True}


def parse(**changes: Any) -> Call:
    body: dict[str, Any] = {"model": "small", "input": "hi", **changes}
    return parse_responses({name: value for name, value in body.items() if value is not ...}, REQUEST, 1.5)


def native(call: Call) -> dict[str, Any]:
    assert call.native is not None
    return call.native


def test_plain_body_is_a_call_in_both_forms() -> None:
    call = parse()
    assert (call.model_id, call.dialect, call.max_tokens, call.choices) == ("small", "responses", None, 1)
    assert (call.streamed, call.include_usage, call.request_id, call.received_at) == (False, True, REQUEST, 1.5)
    assert call.body == {"model": "small", "messages": [{"role": "user", "content": "hi"}]}
    assert call.native == {"model": "small", "input": "hi", "store": False}
    assert call.prompt_tokens == parse_chat(call.body, REQUEST, 1.5).prompt_tokens


def test_fields_with_a_chat_form_are_translated_and_the_others_left_out() -> None:
    call = parse(
        instructions="Be brief.", temperature=0.5, top_p=1, user="u", safety_identifier="s", prompt_cache_key="k",
        tools=[LOOK], tool_choice="required", parallel_tool_calls=False, max_output_tokens=7, stream=True,
        text={"format": SCHEMA, "verbosity": "low"}, reasoning={"effort": "high", "summary": "auto"},
        top_logprobs=3, metadata={"a": "b"}, service_tier="auto", truncation="auto", store=True, max_tool_calls=2,
        include=["reasoning.encrypted_content"], client_metadata={"x": "y"}, stream_options={"include_obfuscation": False},
    )  # fmt: skip
    assert (call.max_tokens, call.streamed) == (7, True)
    assert call.body == {
        "model": "small",
        "messages": [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}],
        "temperature": 0.5, "top_p": 1, "user": "u", "safety_identifier": "s", "prompt_cache_key": "k",
        "tools": [{"type": "function", "function": {"name": "look", "parameters": {"type": "object"}}}],
        "tool_choice": "required", "parallel_tool_calls": False, "verbosity": "low", "reasoning_effort": "high",
        "response_format": {"type": "json_schema",
                            "json_schema": {"name": "plan", "schema": {"type": "object"}, "strict": True}},
        "logprobs": True, "top_logprobs": 3,
    }  # fmt: skip


def test_native_form_keeps_what_it_does_not_know_and_stores_nothing() -> None:
    body = {"client_metadata": {"x": "y"}, "new_field": [1], "store": True, "tools": [{"type": "brand_new"}]}
    found = native(parse(**body))
    assert found == {"model": "small", "input": "hi"} | body | {"store": False}


def test_paid_offers_are_sold_to_nobody() -> None:
    items = [{"type": "additional_tools", "tools": [{"type": "web_search"}, LOOK]}, {"role": "user", "content": "hi"}]
    call = parse(tools=[{"type": "web_search"}, {"type": "image_generation"}], input=items)
    assert native(call)["tools"] == []
    assert native(call)["input"][0]["tools"] == [LOOK]
    assert [tool["function"]["name"] for tool in call.body["tools"]] == ["look"]


def test_choice_of_tools_is_left_out_when_there_are_none() -> None:
    call = parse(tools=[{"type": "web_search"}], tool_choice="auto", parallel_tool_calls=True)
    assert set(call.body) == {"model", "messages"}


def test_reasoning_reaches_a_native_upstream_without_our_ids_and_only_when_it_can_be_read() -> None:
    summary = [{"type": "summary_text", "text": "hm"}]
    items = [
        {"role": "user", "content": "hi"},
        {"type": "reasoning", "id": "rs_1", "summary": summary, "encrypted_content": None},
        {"type": "reasoning", "id": "rs_2", "summary": [], "encrypted_content": "gAAA" * 3000},
        {"role": "assistant", "content": "x"},
    ]
    call = parse(input=items)
    assert native(call)["input"] == [
        items[0], {"type": "reasoning", "summary": [], "encrypted_content": "gAAA" * 3000}, items[3],
    ]  # fmt: skip
    assert call.body["messages"][1]["reasoning_content"] == "hm"
    assert 2_000 < call.prompt_tokens < 2_100, "encrypted text is bounded by its length"


def test_output_probabilities_can_be_asked_for_by_include() -> None:
    assert parse(include=["message.output_text.logprobs"]).body["logprobs"] is True
    assert "logprobs" not in parse(top_logprobs=0).body


@pytest.mark.parametrize("form", [{"type": "text"}, {"type": "json_object"}])
def test_plain_formats_are_the_same_in_chat_form(form: dict[str, str]) -> None:
    assert parse(text={"format": form}).body["response_format"] == form


NULLABLE = [
    "instructions", "tools", "tool_choice", "parallel_tool_calls", "max_output_tokens", "text", "reasoning", "store",
    "temperature", "top_p", "top_logprobs", "metadata", "user", "include", "stream", "stream_options", "truncation",
    "service_tier", "background", "previous_response_id", "conversation", "prompt", "max_tool_calls",
]  # fmt: skip


@pytest.mark.parametrize("name", NULLABLE)
def test_null_is_the_same_as_absent(name: str) -> None:
    assert parse(**{name: None}).body == parse().body


COUNTS = [0, -1, 1.0, "5", True, [], 10**30]


@pytest.mark.parametrize(
    ("changes", "kind", "param"),
    [
        ({"model": ...}, MissingRequiredParameter, "model"),
        ({"input": ...}, MissingRequiredParameter, "input"),
        ({"input": ..., "messages": []}, InvalidValue, "messages"),
        *(({"input": value}, InvalidValue, "input") for value in ([], {}, 1, True)),
        *(({name: "x"}, UnsupportedParameter, name) for name in ("previous_response_id", "conversation")),
        ({"prompt": {"id": "pmpt_1"}}, UnsupportedParameter, "prompt"),
        ({"background": True}, UnsupportedParameter, "background"),
        ({"background": "yes"}, InvalidValue, "background"),
        *(({"max_output_tokens": value}, InvalidValue, "max_output_tokens") for value in [*COUNTS, LARGEST_MAX_TOKENS + 1]),
        *(({"max_tool_calls": value}, InvalidValue, "max_tool_calls") for value in COUNTS),
        *(({"top_logprobs": value}, InvalidValue, "top_logprobs") for value in (-1, 21, 1.0, True, "1")),
        *(({"temperature": value}, InvalidValue, "temperature") for value in (True, "1", [])),
        *(({"store": value}, InvalidValue, "store") for value in ("false", 0)),
        *(({"metadata": value}, InvalidValue, "metadata") for value in ("x", [])),
        *(({"user": value}, InvalidValue, "user") for value in (1, {})),
        *(({"instructions": value}, InvalidValue, "instructions") for value in (1, [])),
        *(({"include": value}, InvalidValue, "include") for value in ("x", [1])),
        *(({"truncation": value}, InvalidValue, "truncation") for value in ("some", 1)),
        *(({"reasoning": value}, InvalidValue, "reasoning") for value in ("high", [])),
        ({"reasoning": {"effort": 1}}, InvalidValue, "reasoning.effort"),
        ({"text": "plain"}, InvalidValue, "text"),
        ({"text": {"format": "json"}}, InvalidValue, "text.format"),
        ({"text": {"format": {"type": "xml"}}}, InvalidValue, "text.format.type"),
        ({"text": {"format": SCHEMA | {"schema": None}}}, InvalidValue, "text.format.schema"),
        ({"text": {"format": SCHEMA | {"name": 1}}}, InvalidValue, "text.format.name"),
        ({"text": {"verbosity": 1}}, InvalidValue, "text.verbosity"),
        ({"stream": "true"}, InvalidValue, "stream"),
        ({"stream_options": 1}, InvalidValue, "stream_options"),
        ({"tools": {}}, InvalidValue, "tools"),
        ({"tools": [LOOK, {"type": "mcp"}]}, UnsupportedParameter, "tools[1].type"),
        ({"tool_choice": {"type": "file_search"}}, UnsupportedParameter, "tool_choice.type"),
        ({"input": [{"type": "additional_tools", "tools": [{"type": "mcp"}]}]}, UnsupportedParameter,
         "input[0].tools[0].type"),
        ({"input": [{"type": "reasoning", "summary": []}, {"type": "odd"}]}, InvalidValue, "input[1].type"),
    ],
    ids=lambda value: repr(value)[:60],
)  # fmt: skip
def test_bad_value_is_refused_and_its_field_is_named(
    changes: dict[str, Any], kind: type[InvalidRequest], param: str
) -> None:
    with pytest.raises(InvalidRequest) as refused:
        parse(**changes)
    assert (type(refused.value), refused.value.param, refused.value.status) == (kind, param, 400)


def test_chat_body_is_told_where_it_belongs() -> None:
    with pytest.raises(InvalidValue, match="/v1/chat/completions"):
        parse(input=..., messages=[{"role": "user", "content": "hi"}])


WORDS = [
    "message", "function_call", "function_call_output", "custom_tool_call", "custom_tool_call_output", "reasoning",
    "additional_tools", "local_shell_call", "user", "assistant", "function", "custom", "namespace", "shell", "mcp",
    "web_search", "input_text", "output_text", "input_image", "input_file", "refusal", "summary_text", "allowed_tools",
    "auto", "json_schema", "text", "https://a", "call_1",
]  # fmt: skip
FIELDS = [
    "type", "role", "content", "text", "name", "arguments", "call_id", "output", "summary", "tools", "input", "id",
    "image_url", "file_data", "encrypted_content", "parameters", "description", "format", "action", "namespace",
    "environment", "mode", "schema", "effort", "refusal",
]  # fmt: skip
VALUES = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=5)
    | st.sampled_from(WORDS),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(FIELDS), inner, max_size=6),
    max_leaves=30,
)  # fmt: skip


ITEM = st.fixed_dictionaries(
    {"type": st.sampled_from(WORDS)}, optional={name: VALUES | st.text(max_size=3) for name in FIELDS[1:]}
)
BODIES = st.fixed_dictionaries(
    {"input": st.lists(ITEM, min_size=1, max_size=4) | VALUES},
    optional=dict.fromkeys(NULLABLE, VALUES) | {"tools": st.lists(ITEM, max_size=3), "tool_choice": ITEM},
)


def parsed(changes: dict[str, Any]) -> Call | None:
    try:
        return parse(**changes)
    except OmnaError as error:
        if not error.param:
            raise AssertionError("an error that names no field") from error
        return None


@settings(deadline=None)
@given(BODIES)
def test_any_body_is_a_call_or_an_error_that_names_a_field(changes: dict[str, Any]) -> None:
    call = parsed(changes)
    if call is not None:
        assert call.prompt_tokens > 0
        # What goes on in chat form is a body that the chat endpoint takes.
        assert parse_chat(json.loads(json.dumps(call.body)), REQUEST, 0.0).model_id == "small"
