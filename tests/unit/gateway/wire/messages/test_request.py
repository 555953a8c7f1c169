import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.errors import InvalidValue, MissingRequiredParameter, OmnaError, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.messages.request import count_input, parse_messages
from tests.unit.gateway.made import REQUEST

HI = {"role": "user", "content": "Plan my AI workflow"}
HEAD = Head(REQUEST, 1.5, "interleaved-thinking-2025-05-14")
CACHED = {"type": "ephemeral"}
PIXEL = {"type": "base64", "media_type": "image/png", "data": "iVBORw0="}
TOOL = {"name": "f", "description": "does", "input_schema": {"type": "object", "properties": {}}}


def body(**changes: Any) -> dict[str, Any]:
    made = {"model": "small", "max_tokens": 100, "messages": [HI], **changes}
    return {name: value for name, value in made.items() if value is not ...}


def parse(**changes: Any) -> Call:
    return parse_messages(body(**changes), HEAD)


def chat(**changes: Any) -> dict[str, Any]:
    return parse(**changes).body


def said(*content: Any, role: str = "user") -> list[dict[str, Any]]:
    """The chat form of one message."""
    found: list[dict[str, Any]] = chat(messages=[{"role": role, "content": list(content)}])["messages"]
    return found


def text(value: str, **fields: Any) -> dict[str, Any]:
    return {"type": "text", "text": value, **fields}


def test_plain_body_is_a_call() -> None:
    call = parse()
    assert (call.model_id, call.max_tokens, call.choices, call.streamed) == ("small", 100, 1, False)
    assert (call.request_id, call.received_at, call.beta) == (REQUEST, 1.5, HEAD.beta)
    assert (call.dialect, call.native) == ("messages", body())
    assert call.body == {"model": "small", "messages": [HI], "max_tokens": 100, "stream": False}
    assert call.prompt_tokens == metering.count_prompt({"messages": [HI]})


def test_unknown_fields_stay_in_the_native_body_alone() -> None:
    call = parse(output_config={"effort": "high"}, context_management={"edits": []}, stream=True)
    assert call.native == body(output_config={"effort": "high"}, context_management={"edits": []}, stream=True)
    assert set(call.body) == {"model", "messages", "max_tokens", "stream"}
    assert call.streamed


def test_system_is_the_first_message() -> None:
    assert chat(system="Be brief.")["messages"] == [{"role": "system", "content": "Be brief."}, HI]
    assert chat(system=[text("Be brief.")])["messages"][0] == {"role": "system", "content": "Be brief."}
    marked = [text("a"), text("b", cache_control=CACHED)]
    assert chat(system=marked)["messages"][0] == {"role": "system", "content": marked}
    assert chat(system="")["messages"] == chat(system=[])["messages"] == [HI]
    later = {"role": "system", "content": "And kind."}
    assert chat(messages=[HI, later])["messages"] == [HI, later]


def test_text_of_one_block_is_plain_and_marks_are_kept() -> None:
    assert said(text("a")) == [{"role": "user", "content": "a"}]
    assert said(text("a", cache_control=CACHED)) == [{"role": "user", "content": [text("a", cache_control=CACHED)]}]
    assert said(text("a"), text("b")) == [{"role": "user", "content": [text("a"), text("b")]}]
    assert said(text("a"), text("b", citations=[]), role="assistant") == [{"role": "assistant", "content": "ab"}]


def test_images_become_urls() -> None:
    remote = {"type": "image", "source": {"type": "url", "url": "https://example.com/a.png"}, "cache_control": CACHED}
    [message] = said({"type": "image", "source": PIXEL}, remote)
    assert message["content"] == [
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}},
        {"type": "image_url", "image_url": {"url": "https://example.com/a.png"}, "cache_control": CACHED},
    ]


@pytest.mark.parametrize(
    ("document", "parts"),
    [
        ({"source": {"type": "base64", "media_type": "application/pdf", "data": "JVBERi0="}, "title": "a.pdf"},
         [{"type": "file", "file": {"filename": "a.pdf", "file_data": "data:application/pdf;base64,JVBERi0="}}]),
        ({"source": {"type": "url", "url": "https://example.com/a.pdf"}, "context": "old"},
         [text("old"), {"type": "file", "file": {"filename": "document.pdf", "file_data": "https://example.com/a.pdf"}}]),
        ({"source": {"type": "text", "media_type": "text/plain", "data": "words"}, "title": "T", "context": "C"},
         [text("T\nC"), text("words")]),
        ({"source": {"type": "content", "content": [text("a"), {"type": "image", "source": PIXEL}]}},
         [text("a"), {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}}]),
        ({"source": {"type": "content", "content": "words"}, "title": "T"}, [text("T"), text("words")]),
    ],
)  # fmt: skip
def test_documents_become_files_or_text(document: dict[str, Any], parts: list[Any]) -> None:
    [message] = said({"type": "document", **document}, text("?"))
    assert message["content"] == [*parts, text("?")]


def test_search_results_become_text() -> None:
    found = {"type": "search_result", "title": "T", "source": "https://x", "content": [text("a"), text("b")]}
    assert said(found) == [{"role": "user", "content": "T\nhttps://x\na\nb"}]


def test_tool_round_trip() -> None:
    calls = [
        {"type": "tool_use", "id": "toolu_1", "name": "f", "input": {"city": "你好", "n": 10**30}},
        {"type": "tool_use", "id": "toolu_2", "name": "g", "input": {}},
    ]
    results = [
        {"type": "tool_result", "tool_use_id": "toolu_1", "content": "rain", "is_error": False},
        text("go on"),
        {"type": "tool_result", "tool_use_id": "toolu_2",
         "content": [text("seen"), {"type": "image", "source": PIXEL}], "cache_control": CACHED},
    ]  # fmt: skip
    messages = [
        HI,
        {"role": "assistant", "content": [text("Let me look."), *calls]},
        {"role": "user", "content": results},
    ]
    assert chat(messages=messages)["messages"][1:] == [
        {"role": "assistant", "content": "Let me look.", "tool_calls": [
            {"id": "toolu_1", "type": "function",
             "function": {"name": "f", "arguments": '{"city":"你好","n":1000000000000000000000000000000}'}},
            {"id": "toolu_2", "type": "function", "function": {"name": "g", "arguments": "{}"}},
        ]},
        {"role": "tool", "tool_call_id": "toolu_1", "content": "rain"},
        {"role": "tool", "tool_call_id": "toolu_2", "content": [text("seen"),
            {"type": "image_url", "image_url": {"url": "data:image/png;base64,iVBORw0="}, "cache_control": CACHED}]},
        {"role": "user", "content": "go on"},
    ]  # fmt: skip


@pytest.mark.parametrize(
    ("content", "told"),
    [(..., "Error: "), ("no file", "Error: no file"), ([text("no file")], "Error: no file"), ([], "Error: ")],
)
def test_failed_tools_say_so(content: Any, told: str) -> None:
    result = {"type": "tool_result", "tool_use_id": "a", "is_error": True}
    result |= {} if content is ... else {"content": content}
    assert said(result) == [{"role": "tool", "tool_call_id": "a", "content": told}]


def test_empty_results_and_references_to_tools() -> None:
    assert said({"type": "tool_result", "tool_use_id": "a"})[0]["content"] == ""
    found = {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "tool_reference", "tool_name": "f"}]}
    assert said(found)[0]["content"] == "f"


def test_thinking_comes_back_as_reasoning() -> None:
    [message] = said(
        {"type": "thinking", "thinking": "hm", "signature": "c2ln"},
        {"type": "redacted_thinking", "data": "eHl6"},
        {"type": "tool_use", "id": "a", "name": "f", "input": {}},
        role="assistant",
    )
    assert message["content"] is None
    assert message["reasoning_content"] == "hm"
    assert message["reasoning_details"] == [
        {"type": "reasoning.text", "text": "hm", "signature": "c2ln", "format": "anthropic-claude-v1", "index": 0},
        {"type": "reasoning.encrypted", "data": "eHl6", "format": "anthropic-claude-v1", "index": 1},
    ]


def test_blocks_of_providers_tools_are_left_out_and_counted() -> None:
    """An upstream that reads Messages is sent them: a prompt must not be hidden in one."""
    found = {"type": "web_search_tool_result", "tool_use_id": "a", "content": [{"encrypted_content": "word " * 2000}]}
    messages = [HI, {"role": "assistant", "content": [found, text("Hello")]}, HI]
    call = parse(messages=messages)
    assert call.body["messages"][1] == {"role": "assistant", "content": "Hello"}
    assert call.prompt_tokens > 2000
    nested = {"type": "tool_result", "tool_use_id": "a", "content": [{"type": "browser_state", "x": "word " * 2000}]}
    assert parse(messages=[{"role": "user", "content": [nested]}]).prompt_tokens > 2000


@pytest.mark.parametrize("name", ["output_config", "something_new"])
def test_text_in_fields_nobody_here_knows_is_counted(name: str) -> None:
    assert parse(**{name: {"format": {"schema": {"description": "word " * 2000}}}}).prompt_tokens > 2000


def test_tools_become_functions() -> None:
    made = chat(tools=[TOOL, {**TOOL, "name": "g", "type": "custom", "cache_control": CACHED, "defer_loading": True}])
    function = {"name": "f", "description": "does", "parameters": TOOL["input_schema"]}
    assert made["tools"] == [
        {"type": "function", "function": function},
        {"type": "function", "function": function | {"name": "g"}, "cache_control": CACHED},
    ]
    assert "tool_choice" not in made


@pytest.mark.parametrize(
    ("choice", "fields"),
    [
        ({"type": "auto"}, {"tool_choice": "auto"}),
        ({"type": "any", "disable_parallel_tool_use": True}, {"tool_choice": "required", "parallel_tool_calls": False}),
        ({"type": "none"}, {"tool_choice": "none"}),
        ({"type": "tool", "name": "f", "disable_parallel_tool_use": False},
         {"tool_choice": {"type": "function", "function": {"name": "f"}}}),
        ({"type": "tool", "name": "bash"}, {}),
    ],
)  # fmt: skip
def test_choice_of_tools(choice: dict[str, Any], fields: dict[str, Any]) -> None:
    made = chat(tools=[TOOL, {"type": "bash_20250124", "name": "bash"}], tool_choice=choice)
    assert {name: made[name] for name in ("tool_choice", "parallel_tool_calls") if name in made} == fields


@pytest.mark.parametrize(
    "kind",
    ["bash_20250124", "text_editor_20250728", "computer_20250124", "memory_20250818", "browser_toolset_20260801"],
)
def test_tools_of_the_client_are_kept_natively_and_left_out_of_the_chat_form(kind: str) -> None:
    tool = {"type": kind, "name": "x"}
    call = parse(tools=[tool], tool_choice={"type": "any"})
    assert call.native is not None
    assert call.native["tools"] == [tool]
    assert {"tools", "tool_choice"} & set(call.body) == set()
    assert len(chat(tools=[TOOL, tool])["tools"]) == 1


@pytest.mark.parametrize(
    "kind",
    ["web_search_20250305", "web_fetch_20250910", "code_execution_20250825", "advisor_20260301", "mcp_toolset",
     "tool_search_tool_bm25_20251119", "something_new"],
)  # fmt: skip
def test_tools_the_provider_runs_are_not_sold(kind: str) -> None:
    with pytest.raises(UnsupportedParameter) as refused:
        parse(tools=[TOOL, {"type": kind, "name": "x"}])
    assert refused.value.param == "tools[1].type"


@pytest.mark.parametrize(
    ("thinking", "reasoning"),
    [
        ({"type": "enabled", "budget_tokens": 2048}, {"max_tokens": 2048}),
        ({"type": "adaptive", "display": "summarized"}, {"enabled": True}),
        ({"type": "disabled"}, {"enabled": False}),
        ({"type": "between_tools"}, None),
    ],
)
def test_thinking_asks_for_reasoning(thinking: dict[str, Any], reasoning: dict[str, Any] | None) -> None:
    assert chat(thinking=thinking).get("reasoning") == reasoning


def test_sampling_and_user() -> None:
    made = chat(
        temperature=1, top_p=0.5, top_k=40, stop_sequences=["END"], metadata={"user_id": "u1"}, service_tier="auto"
    )
    assert {name: made[name] for name in ("temperature", "top_p", "top_k", "stop", "user")} == {
        "temperature": 1, "top_p": 0.5, "top_k": 40, "stop": ["END"], "user": "u1",
    }  # fmt: skip
    assert "user" not in chat(metadata={"user_id": "u" * 65})
    assert "stop" not in chat(stop_sequences=[])
    assert "service_tier" not in made


USER, ASSISTANT = "user", "assistant"


def block(value: Any, role: str = USER) -> dict[str, Any]:
    return {"messages": [{"role": role, "content": [value]}]}


@pytest.mark.parametrize(
    ("changes", "error", "param"),
    [
        ({"model": ...}, MissingRequiredParameter, "model"),
        ({"model": 5}, InvalidValue, "model"),
        ({"max_tokens": ...}, MissingRequiredParameter, "max_tokens"),
        ({"max_tokens": None}, MissingRequiredParameter, "max_tokens"),
        *(({"max_tokens": value}, InvalidValue, "max_tokens") for value in (0, -1, 1.5, "5", True, [], 10**30)),
        ({"messages": ...}, MissingRequiredParameter, "messages"),
        ({"messages": []}, InvalidValue, "messages"),
        ({"messages": "hi"}, InvalidValue, "messages"),
        ({"messages": ["hi"]}, InvalidValue, "messages[0]"),
        ({"messages": [HI, {"role": "tool", "content": "x"}]}, InvalidValue, "messages[1].role"),
        ({"messages": [{"role": [], "content": "x"}]}, InvalidValue, "messages[0].role"),
        ({"messages": [{"role": "user"}]}, MissingRequiredParameter, "messages[0].content"),
        ({"messages": [{"role": "user", "content": 5}]}, InvalidValue, "messages[0].content"),
        (block("hi"), InvalidValue, "messages[0].content[0]"),
        (block({}), InvalidValue, "messages[0].content[0].type"),
        ({"messages": [{"role": "user", "content": [text("a"), {"type": "video"}]}]},
         InvalidValue, "messages[0].content[1].type"),
        (block({"type": []}), InvalidValue, "messages[0].content[0].type"),
        (block({"type": "search_result", "title": "t", "source": "s", "content": [text("a", cache_control=1)]}),
         InvalidValue, "messages[0].content[0].content[0].cache_control"),
        (block({"type": "document", "source": {"type": "content", "content": []}, "cache_control": 1}),
         InvalidValue, "messages[0].content[0].cache_control"),
        (block({"type": "tool_result", "tool_use_id": "a", "cache_control": 1}),
         InvalidValue, "messages[0].content[0].cache_control"),
        (block({"type": "thinking", "thinking": "x"}), InvalidValue, "messages[0].content[0].type"),
        (block({"type": "text"}), MissingRequiredParameter, "messages[0].content[0].text"),
        (block(text("a", cache_control="yes")), InvalidValue, "messages[0].content[0].cache_control"),
        (block({"type": "image"}), MissingRequiredParameter, "messages[0].content[0].source"),
        (block({"type": "image", "source": []}), InvalidValue, "messages[0].content[0].source"),
        (block({"type": "image", "source": {"type": "file", "file_id": "f"}}),
         InvalidValue, "messages[0].content[0].source.type"),
        (block({"type": "image", "source": {"type": "url", "url": "file:///etc"}}),
         InvalidValue, "messages[0].content[0].source.url"),
        (block({"type": "image", "source": PIXEL | {"media_type": "text/html"}}),
         InvalidValue, "messages[0].content[0].source.media_type"),
        (block({"type": "document", "source": PIXEL}), InvalidValue, "messages[0].content[0].source.media_type"),
        (block({"type": "document", "source": {"type": "file"}}), InvalidValue, "messages[0].content[0].source.type"),
        (block({"type": "tool_result"}), MissingRequiredParameter, "messages[0].content[0].tool_use_id"),
        (block({"type": "tool_result", "tool_use_id": "a", "is_error": 1}),
         InvalidValue, "messages[0].content[0].is_error"),
        (block({"type": "tool_result", "tool_use_id": "a", "content": [text("a"), {"type": "tool_use"}]}),
         InvalidValue, "messages[0].content[0].content[1].type"),
        (block({"type": "tool_use", "id": "a", "name": "f"}, ASSISTANT),
         MissingRequiredParameter, "messages[0].content[0].input"),
        (block({"type": "tool_use", "id": "a", "name": "f", "input": "x"}, ASSISTANT),
         InvalidValue, "messages[0].content[0].input"),
        (block({"type": "tool_use", "id": 5, "name": "f", "input": {}}, ASSISTANT),
         InvalidValue, "messages[0].content[0].id"),
        (block({"type": "thinking", "thinking": "a", "signature": 5}, ASSISTANT),
         InvalidValue, "messages[0].content[0].signature"),
        ({"system": 5}, InvalidValue, "system"),
        ({"system": [{"type": "image"}]}, InvalidValue, "system[0].type"),
        ({"system": [{"type": "text", "text": 5}]}, InvalidValue, "system[0].text"),
        ({"tools": {}}, InvalidValue, "tools"),
        ({"tools": ["f"]}, InvalidValue, "tools[0]"),
        ({"tools": [{"name": "f"}]}, MissingRequiredParameter, "tools[0].input_schema"),
        ({"tools": [{"name": "f", "input_schema": []}]}, InvalidValue, "tools[0].input_schema"),
        ({"tools": [{"name": "", "input_schema": {}}]}, InvalidValue, "tools[0].name"),
        ({"tools": [{"type": 5}]}, InvalidValue, "tools[0].type"),
        ({"tool_choice": "auto"}, InvalidValue, "tool_choice"),
        ({"tool_choice": {"type": "all"}}, InvalidValue, "tool_choice.type"),
        ({"tool_choice": {"type": "tool"}}, MissingRequiredParameter, "tool_choice.name"),
        ({"tool_choice": {"type": "auto", "disable_parallel_tool_use": 1}},
         InvalidValue, "tool_choice.disable_parallel_tool_use"),
        ({"thinking": True}, InvalidValue, "thinking"),
        ({"thinking": {"type": "enabled"}}, MissingRequiredParameter, "thinking.budget_tokens"),
        ({"thinking": {"type": "enabled", "budget_tokens": "1"}}, InvalidValue, "thinking.budget_tokens"),
        ({"stream": "yes"}, InvalidValue, "stream"),
        ({"temperature": "1"}, InvalidValue, "temperature"),
        ({"top_k": True}, InvalidValue, "top_k"),
        ({"stop_sequences": "END"}, InvalidValue, "stop_sequences"),
        ({"stop_sequences": [5]}, InvalidValue, "stop_sequences"),
        ({"metadata": []}, InvalidValue, "metadata"),
        ({"metadata": {"user_id": 5}}, InvalidValue, "metadata.user_id"),
        ({"service_tier": "priority"}, UnsupportedParameter, "service_tier"),
        ({"speed": "fast"}, UnsupportedParameter, "speed"),
        ({"inference_geo": "us"}, UnsupportedParameter, "inference_geo"),
        ({"mcp_servers": [{}]}, UnsupportedParameter, "mcp_servers"),
        ({"container": "c"}, UnsupportedParameter, "container"),
        ({"fallbacks": [{"model": "dear"}]}, UnsupportedParameter, "fallbacks"),
        ({"context_management": {"edits": [{"type": "clear_thinking_20251015"}, {"type": "compact_20260112"}]}},
         UnsupportedParameter, "context_management.edits[1].type"),
    ],
)  # fmt: skip
def test_field_that_cannot_be_meant_is_named(changes: dict[str, Any], error: type[OmnaError], param: str) -> None:
    with pytest.raises(error) as refused:
        parse(**changes)
    assert refused.value.param == param
    assert param in refused.value.message


@pytest.mark.parametrize(
    "name",
    ["system", "tools", "tool_choice", "thinking", "stream", "temperature", "stop_sequences", "metadata", "service_tier",
     "speed", "mcp_servers", "context_management"],
)  # fmt: skip
def test_null_is_the_same_as_absent(name: str) -> None:
    assert chat(**{name: None}) == chat()
    assert parse(**{name: None}).prompt_tokens == parse().prompt_tokens


def test_counting_needs_no_bound_and_counts_the_same() -> None:
    assert count_input(body(max_tokens=..., system="Be brief.", tools=[TOOL])) == (
        "small",
        parse(system="Be brief.", tools=[TOOL]).prompt_tokens,
    )


JSON = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False) | st.text(max_size=5),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=5), inner, max_size=3),
    max_leaves=10,
)
NAMES = st.sampled_from(
    ["type", "text", "source", "content", "id", "name", "input", "tool_use_id", "thinking", "signature", "data", "url",
     "media_type", "cache_control", "title", "context", "is_error", "tool_name", "budget_tokens", "edits"]
)  # fmt: skip
KINDS = st.sampled_from(
    ["text", "image", "document", "search_result", "tool_use", "tool_result", "tool_reference", "thinking",
     "redacted_thinking", "compaction", "base64", "url", "content", "custom", "enabled", "tool", "bash_1"]
)  # fmt: skip
OBJECTS = st.recursive(
    JSON | KINDS,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(NAMES, inner | KINDS, max_size=5),
    max_leaves=20,
)
MESSAGE = (
    st.fixed_dictionaries({"role": st.sampled_from(["user", "assistant", "system"]), "content": OBJECTS}) | OBJECTS
)
BODIES = st.fixed_dictionaries(
    {"model": st.just("small") | JSON, "max_tokens": st.integers(1, 9) | JSON, "messages": st.lists(MESSAGE) | JSON},
    optional=dict.fromkeys(
        ("system", "tools", "tool_choice", "thinking", "metadata", "stop_sequences", "stream", "temperature",
         "context_management", "mcp_servers", "service_tier", "x"),
        OBJECTS,
    ),
)  # fmt: skip


@given(BODIES)
def test_every_body_is_a_call_or_an_error_that_names_a_field(made: dict[str, Any]) -> None:
    untouched = json.dumps(made)
    try:
        call = parse_messages(made, HEAD)
    except OmnaError as error:
        refused = error
    else:
        refused = None
        assert call.prompt_tokens > 0
        assert json.dumps(call.body)
    assert refused is None or (refused.status == 400 and refused.param)
    assert json.dumps(made) == untouched
