"""Chat bodies in Gemini's words, and what Gemini has no words for."""

import json
from typing import Any

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Call, Failure, FailureKind, Timeouts
from omna.providers.gemini_request import generate_body, model_path

OLDER, NEWER = "gemini-2.5-flash", "gemini-3.5-flash"
WEATHER = {"type": "object", "properties": {"city": {"type": "string"}}, "$defs": {"x": {"const": 1}}}


def call(body: dict[str, Any], model: str = NEWER, **fields: Any) -> Call:
    return Call({"messages": [{"role": "user", "content": "hi"}]} | body, model, 100, "req_1", Timeouts(), **fields)


def made(model: str = NEWER, **body: Any) -> dict[str, Any]:
    return generate_body(call(body, model))


def config(model: str = NEWER, **body: Any) -> dict[str, Any]:
    made_config: dict[str, Any] = made(model, **body)["generationConfig"]
    return {name: value for name, value in made_config.items() if name != "maxOutputTokens"}


def contents(*messages: Any, model: str = NEWER) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = made(model, messages=list(messages))["contents"]
    return found


def parts(*given_parts: Any) -> list[dict[str, Any]]:
    found: list[dict[str, Any]] = contents({"role": "user", "content": list(given_parts)})[0]["parts"]
    return found


def refused(**body: Any) -> str | None:
    with pytest.raises(Failure) as raised:
        made(**body)
    assert raised.value.kind is FailureKind.UNSUPPORTED
    assert raised.value.message
    return raised.value.param


def tool_call(identifier: str, name: str = "f", arguments: str = '{"a":1}') -> dict[str, Any]:
    return {"id": identifier, "type": "function", "function": {"name": name, "arguments": arguments}}


def signature(data: str, **fields: Any) -> dict[str, Any]:
    return {"type": "reasoning.encrypted", "data": data, "format": "google-gemini-v1", "index": 0} | fields


# ── model and body ───────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "path"),
    [
        ("gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("models/gemini-2.5-flash", "models/gemini-2.5-flash"),
        ("tunedModels/mine-1", "tunedModels/mine-1"),
    ],
)
def test_model_is_a_resource(model: str, path: str) -> None:
    assert model_path(model) == path


@pytest.mark.parametrize(
    "model", ["", "..", "a/b", "a:b", "models/", "../files", "a?key=1", "a#b", "a%2Fb", "a\n", "é"]
)
def test_name_that_would_change_the_address_is_refused(model: str) -> None:
    with pytest.raises(Failure) as raised:
        model_path(model)
    assert (raised.value.kind, raised.value.param) == (FailureKind.UNSUPPORTED, "model")


def test_plain_chat_carries_the_bound_that_was_paid_for_and_nothing_of_openais() -> None:
    body = made(
        max_tokens=9, stream=True, stream_options={}, user="u", metadata={}, store=True, prompt_cache_key="k", custom=1
    )  # fmt: skip
    assert body == {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "generationConfig": {"maxOutputTokens": 100},
    }


def test_body_of_the_caller_is_left_as_it_is() -> None:
    body = {
        "messages": [
            {
                "role": "assistant",
                "content": "a",
                "reasoning_details": [signature("s")],
                "tool_calls": [tool_call("c")],
            },
            {"role": "tool", "tool_call_id": "c", "content": "x"},
            {"role": "tool", "tool_call_id": "c", "content": [{"type": "text", "text": "y"}]},
        ]
    }
    before = json.dumps(body)
    made(**body)
    assert json.dumps(body) == before


def test_completions_are_another_endpoint() -> None:
    with pytest.raises(Failure) as raised:
        generate_body(call({"prompt": "x"}, dialect="completions"))
    assert (raised.value.kind, raised.value.param) == (FailureKind.UNSUPPORTED, None)


# ── messages ─────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_instructions_stand_before_the_conversation_wherever_they_were() -> None:
    body = made(
        messages=[
            {"role": "system", "content": "one"},
            {"role": "user", "content": "hi"},
            {"role": "developer", "content": [{"type": "text", "text": "two"}]},
            {"role": "assistant", "content": "yes"},
        ]
    )
    assert body["systemInstruction"] == {"parts": [{"text": "one"}, {"text": "two"}]}
    assert body["contents"] == [
        {"role": "user", "parts": [{"text": "hi"}]},
        {"role": "model", "parts": [{"text": "yes"}]},
    ]


def test_instructions_alone_are_the_question() -> None:
    body = made(messages=[{"role": "system", "content": "say hi"}])
    assert body["contents"] == [{"role": "user", "parts": [{"text": "say hi"}]}]
    assert "systemInstruction" not in body


def test_assistant_that_said_nothing_is_left_out() -> None:
    assert [
        content["role"] for content in contents({"role": "assistant", "content": ""}, {"role": "user", "content": "x"})
    ] == ["user"]


def test_media_is_inline_when_it_came_along_and_an_address_when_it_did_not() -> None:
    assert parts(
        {"type": "text", "text": "see", "cache_control": {"type": "ephemeral"}},
        {"type": "image_url", "image_url": {"url": "data:image/PNG;base64,QQ==", "detail": "auto"}},
        {"type": "image_url", "image_url": {"url": "https://a.example/x/b.JPG?c=.gif"}},
        {"type": "image_url", "image_url": {"url": "https://a.example/picture"}},
        {"type": "input_audio", "input_audio": {"data": "QQ==", "format": "mp3"}},
        {"type": "file", "file": {"filename": "a.bin", "file_data": "data:application/pdf;base64,QQ=="}},
        {"type": "file", "file": {"filename": "a.pdf", "file_data": "QQ=="}},
        {"type": "refusal", "refusal": "no"},
    ) == [
        {"text": "see"},
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
        {"fileData": {"fileUri": "https://a.example/x/b.JPG?c=.gif", "mimeType": "image/jpeg"}},
        {"fileData": {"fileUri": "https://a.example/picture"}},
        {"inlineData": {"mimeType": "audio/mp3", "data": "QQ=="}},
        {"inlineData": {"mimeType": "application/pdf", "data": "QQ=="}},
        {"inlineData": {"mimeType": "application/pdf", "data": "QQ=="}},
        {"text": "no"},
    ]


@pytest.mark.parametrize(
    ("part", "param"),
    [
        ("text", "type"),
        ({"type": "video_url"}, "type"),
        ({"type": "text", "text": None}, "text"),
        ({"type": "image_url"}, "image_url.url"),
        ({"type": "image_url", "image_url": {"url": "http://a.example/b.png"}}, "image_url.url"),
        ({"type": "image_url", "image_url": {"url": "gs://bucket/b.png"}}, "image_url.url"),
        ({"type": "image_url", "image_url": {"url": "data:image/png,raw"}}, "image_url.url"),
        ({"type": "image_url", "image_url": {"url": "data:;base64,QQ=="}}, "image_url.url"),
        ({"type": "input_audio", "input_audio": {"data": "QQ==", "format": "midi"}}, "input_audio.format"),
        ({"type": "input_audio"}, "input_audio.data"),
        ({"type": "file", "file": {"file_id": "f"}}, "file.file_id"),
        ({"type": "file", "file": {"file_data": "QQ=="}}, "file.file_data"),
        ({"type": "file"}, "file.file_data"),
    ],
)
def test_part_that_cannot_be_said_is_refused_by_its_path(part: Any, param: str) -> None:
    messages = [{"role": "user", "content": "a"}, {"role": "user", "content": [{"type": "text", "text": "b"}, part]}]
    assert refused(messages=messages) == f"messages[1].content[1].{param}"


def test_picture_in_instructions_is_refused() -> None:
    picture = {"type": "image_url", "image_url": {"url": "https://a.example/b.png"}}
    assert refused(messages=[{"role": "system", "content": [picture]}]) == "messages[0].content"


# ── tools in the history ─────────────────────────────────────────────────────────────────────────────────────────────


def test_calls_and_their_results_are_one_turn_each_and_results_know_the_function() -> None:
    assert contents(
        {"role": "assistant", "content": None, "tool_calls": [tool_call("a", "f"), tool_call("b", "g", "")]},
        {"role": "tool", "tool_call_id": "b", "content": "sunny"},
        {"role": "tool", "tool_call_id": "a", "content": '{"ok":true}'},
        {"role": "user", "content": "thanks"},
        model=OLDER,
    ) == [
        {
            "role": "model",
            "parts": [
                {"functionCall": {"id": "a", "name": "f", "args": {"a": 1}}},
                {"functionCall": {"id": "b", "name": "g", "args": {}}},
            ],
        },
        {
            "role": "user",
            "parts": [
                {"functionResponse": {"id": "b", "name": "g", "response": {"result": "sunny"}}},
                {"functionResponse": {"id": "a", "name": "f", "response": {"ok": True}}},
            ],
        },
        {"role": "user", "parts": [{"text": "thanks"}]},
    ]


@pytest.mark.parametrize("text", ["", "5", "[1]", '{"a":', '{"a":NaN}', '{"a":' * 70 + "1" + "}" * 70])
def test_result_that_is_no_object_is_wrapped(text: str) -> None:
    answered = contents(
        {"role": "assistant", "tool_calls": [tool_call("a")]}, {"role": "tool", "tool_call_id": "a", "content": text}
    )
    assert answered[1]["parts"][0]["functionResponse"]["response"] == {"result": text}


@pytest.mark.parametrize(("model", "nested"), [(OLDER, False), (NEWER, True)])
def test_picture_of_a_tool_goes_where_the_model_reads_it(model: str, nested: bool) -> None:
    pictures = [
        {"type": "text", "text": "look"},
        {"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}},
    ]
    inline = {"inlineData": {"mimeType": "image/png", "data": "QQ=="}}
    first, *others = contents(
        {"role": "assistant", "tool_calls": [tool_call("a")]},
        {"role": "tool", "tool_call_id": "a", "content": pictures},
        model=model,
    )[1]["parts"]
    assert first["functionResponse"]["response"] == {"result": "look"}
    assert first["functionResponse"].get("parts", []) == ([inline] if nested else [])
    assert others == ([] if nested else [inline])


@pytest.mark.parametrize("arguments", ["[1]", '{"a"', "NaN", "x"])
def test_arguments_that_are_no_object_are_shown_as_they_were_written(arguments: str) -> None:
    parts_said = contents({"role": "assistant", "tool_calls": [tool_call("a", "f", arguments)]})[0]["parts"]
    assert parts_said[0]["functionCall"]["args"] == {"arguments": arguments}


def test_old_functions_of_the_history_are_calls_too() -> None:
    answered = contents(
        {"role": "assistant", "content": None, "function_call": {"name": "f", "arguments": "{}"}},
        {"role": "function", "name": "f", "content": "x"},
        model=OLDER,
    )
    call_part, result_part = answered[0]["parts"][0]["functionCall"], answered[1]["parts"][0]["functionResponse"]
    assert (call_part["name"], call_part["args"]) == ("f", {})
    assert (result_part["name"], result_part["response"]) == ("f", {"result": "x"})
    assert call_part["id"] == result_part["id"]


@pytest.mark.parametrize(
    ("message", "param"),
    [
        ({"role": "tool", "tool_call_id": "z", "content": "x"}, "tool_call_id"),
        ({"role": "tool", "tool_call_id": ["z"], "content": "x"}, "tool_call_id"),
        ({"role": "assistant", "tool_calls": 7}, "tool_calls"),
        ({"role": "assistant", "tool_calls": [{"type": "custom"}]}, "tool_calls[0].id"),
        ({"role": "assistant", "tool_calls": [{"id": "a", "function": {}}]}, "tool_calls[0].function.name"),
        ({"role": "oracle", "content": "x"}, "role"),
    ],
)
def test_history_that_cannot_be_said_is_refused_by_its_path(message: dict[str, Any], param: str) -> None:
    assert refused(messages=[message]) == f"messages[0].{param}"


# ── thought signatures ───────────────────────────────────────────────────────────────────────────────────────────────


def model_turn(details: Any, content: Any = None, calls: Any = None, model: str = NEWER) -> list[dict[str, Any]]:
    message = {"role": "assistant", "content": content, "reasoning_details": details, "tool_calls": calls}
    found: list[dict[str, Any]] = contents(message, model=model)[0]["parts"]
    return found


def test_signature_goes_back_to_the_call_it_came_with() -> None:
    assert model_turn([signature("s", id="b")], "text", [tool_call("a"), tool_call("b")]) == [
        {"text": "text"},
        {"functionCall": {"id": "a", "name": "f", "args": {"a": 1}}},
        {"functionCall": {"id": "b", "name": "f", "args": {"a": 1}}, "thoughtSignature": "s"},
    ]


def test_signature_without_a_call_goes_back_to_the_text() -> None:
    assert model_turn([signature("s")], "text") == [{"text": "text", "thoughtSignature": "s"}]
    assert model_turn([signature("s"), signature("t")], "text") == [
        {"text": "", "thoughtSignature": "s"},
        {"text": "text", "thoughtSignature": "t"},
    ]


def test_signature_that_lost_its_call_is_the_first_ones() -> None:
    first, second = model_turn([signature("s")], None, [tool_call("a"), tool_call("b")])
    assert first["thoughtSignature"] == "s"
    assert "thoughtSignature" not in second


def test_call_without_a_signature_says_so_to_models_that_insist() -> None:
    first, second = model_turn(None, None, [tool_call("a"), tool_call("b")])
    assert first["thoughtSignature"] == "skip_thought_signature_validator"
    assert "thoughtSignature" not in second
    assert "thoughtSignature" not in model_turn(None, None, [tool_call("a")], OLDER)[0]


@pytest.mark.parametrize(
    "details",
    [
        "s",
        [7],
        [signature("")],
        [signature("s") | {"data": 7}],
        [signature("s") | {"format": "anthropic-claude-v1"}],
        [{"type": "reasoning.text", "text": "hm", "signature": "s", "index": 0}],
    ],
)
def test_reasoning_of_others_is_not_sent(details: Any) -> None:
    assert model_turn(details, "text") == [{"text": "text"}]


# ── tools ────────────────────────────────────────────────────────────────────────────────────────────────────────────


def test_tools_are_function_declarations_with_their_schema_as_it_is() -> None:
    tools = [
        {"type": "function", "function": {"name": "f", "description": "d", "parameters": WEATHER, "strict": True}},
        {"type": "function", "function": {"name": "g", "parameters": {"type": "object", "properties": {}}}},
        {"type": "function", "function": {"name": "h"}},
    ]
    body = made(tools=tools)
    assert body["tools"] == [
        {
            "functionDeclarations": [
                {"name": "f", "description": "d", "parametersJsonSchema": WEATHER},
                {"name": "g"},
                {"name": "h"},
            ]
        }
    ]
    assert "toolConfig" not in body


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("auto", {"mode": "AUTO"}),
        ("none", {"mode": "NONE"}),
        ("required", {"mode": "ANY"}),
        ({"type": "function", "function": {"name": "f"}}, {"mode": "ANY", "allowedFunctionNames": ["f"]}),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "auto", "tools": [{"type": "function", "function": {"name": "f"}}]}},
            {"mode": "VALIDATED", "allowedFunctionNames": ["f"]},
        ),
        (
            {"type": "allowed_tools", "allowed_tools": {"mode": "required", "tools": [{"type": "function", "function": {"name": "f"}}]}},
            {"mode": "ANY", "allowedFunctionNames": ["f"]},
        ),
    ],
)  # fmt: skip
def test_tool_choice_is_the_calling_mode(choice: Any, expected: dict[str, Any]) -> None:
    tools = [{"type": "function", "function": {"name": "f"}}]
    assert made(tools=tools, tool_choice=choice)["toolConfig"] == {"functionCallingConfig": expected}
    assert "toolConfig" not in made(tool_choice=choice)


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"tools": {"a": 1}}, "tools"),
        ({"tools": [7]}, "tools[0].type"),
        ({"tools": [{"type": "web_search"}]}, "tools[0].type"),
        ({"tools": [{"type": "function", "function": {"name": 1}}]}, "tools[0].function.name"),
        ({"tool_choice": {"type": "custom"}}, "tool_choice"),
        ({"tool_choice": "sometimes"}, "tool_choice"),
        ({"parallel_tool_calls": False}, "parallel_tool_calls"),
    ],
)
def test_tools_that_cannot_be_said_are_refused(fields: dict[str, Any], param: str) -> None:
    assert refused(**({"tools": [{"type": "function", "function": {"name": "f"}}]} | fields)) == param


# ── generation ───────────────────────────────────────────────────────────────────────────────────────────────────────


def test_sampling_fields_have_their_names_there() -> None:
    assert config(
        temperature=0, top_p=0.5, top_k=3, seed=7, presence_penalty=0.1, frequency_penalty=-0.1, n=2,
        stop=["a", "b"], logprobs=True, top_logprobs=5,
    ) == {
        "temperature": 0, "topP": 0.5, "topK": 3, "seed": 7, "presencePenalty": 0.1, "frequencyPenalty": -0.1,
        "candidateCount": 2, "stopSequences": ["a", "b"], "responseLogprobs": True, "logprobs": 5,
    }  # fmt: skip


def test_fields_that_ask_for_what_is_the_case_are_not_sent() -> None:
    assert config(presence_penalty=0, frequency_penalty=0.0, n=1, stop=[], logprobs=False, temperature=None) == {}
    assert config(stop="a") == {"stopSequences": ["a"]}


def test_safety_settings_reach_the_provider_that_knows_them() -> None:
    settings = [{"category": "HARM_CATEGORY_HARASSMENT", "threshold": "BLOCK_NONE"}]
    assert made(safety_settings=settings)["safetySettings"] == settings


def test_response_formats() -> None:
    assert config(response_format={"type": "text"}) == {}
    assert config(response_format={"type": "json_object"}) == {"responseMimeType": "application/json"}
    assert config(
        response_format={"type": "json_schema", "json_schema": {"name": "x", "strict": True, "schema": WEATHER}}
    ) == {"responseMimeType": "application/json", "responseJsonSchema": WEATHER}


@pytest.mark.parametrize(
    ("fields", "param"),
    [
        ({"response_format": {"type": "grammar"}}, "response_format.type"),
        ({"response_format": 7}, "response_format.type"),
        ({"response_format": {"type": "json_schema"}}, "response_format.json_schema.schema"),
        ({"logit_bias": {"1": 2}}, "logit_bias"),
        ({"functions": [{"name": "f"}]}, "functions"),
        ({"min_p": 0.1}, "min_p"),
        ({"repetition_penalty": 1.1}, "repetition_penalty"),
        ({"modalities": ["text", "audio"]}, "modalities"),
        ({"audio": {"voice": "x"}}, "audio"),
        ({"prediction": {}}, "prediction"),
        ({"web_search_options": {}}, "web_search_options"),
        ({"verbosity": "low"}, "verbosity"),
        ({"service_tier": "priority"}, "service_tier"),
        ({"reasoning_effort": "extreme"}, "reasoning_effort"),
        ({"reasoning_effort": ["low"]}, "reasoning_effort"),
        ({"reasoning": {"effort": 7}}, "reasoning.effort"),
    ],
)
def test_what_would_change_the_answer_and_cannot_be_said_is_refused(fields: dict[str, Any], param: str) -> None:
    assert refused(**fields) == param


def test_refused_fields_pass_when_they_ask_for_nothing() -> None:
    assert config(
        logit_bias={}, functions=[], min_p=0, top_a=0, repetition_penalty=1.0, modalities=["text"], verbosity="medium",
        service_tier="auto", parallel_tool_calls=False, prediction=None,
    ) == {}  # fmt: skip


# ── thinking ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("effort", "budget", "level"),
    [("minimal", 1024, "minimal"), ("low", 1024, "low"), ("medium", 8192, "medium"), ("high", 24576, "high"), ("xhigh", 24576, "high")],
)  # fmt: skip
def test_effort_is_a_level_or_for_older_models_a_budget(effort: str, budget: int, level: str) -> None:
    for field in ({"reasoning_effort": effort}, {"reasoning": {"effort": effort}}):
        older, newer = config(OLDER, **field), config(NEWER, **field)
        assert older == {"thinkingConfig": {"includeThoughts": True, "thinkingBudget": budget}}
        assert newer == {"thinkingConfig": {"includeThoughts": True, "thinkingLevel": level}}


@pytest.mark.parametrize("field", [{"reasoning_effort": "none"}, {"reasoning": {"enabled": False}}])
def test_no_thinking_is_the_least_that_the_model_can(field: dict[str, Any]) -> None:
    assert config(OLDER, **field) == {"thinkingConfig": {"includeThoughts": False, "thinkingBudget": 0}}
    assert config(NEWER, **field) == {"thinkingConfig": {"includeThoughts": False, "thinkingLevel": "minimal"}}


def test_models_that_always_think_are_asked_for_the_least_they_know() -> None:
    none = {"reasoning_effort": "none"}
    assert config("gemini-2.5-pro", **none)["thinkingConfig"] == {"includeThoughts": False, "thinkingBudget": 128}
    assert config("gemini-3-pro-preview", **none)["thinkingConfig"] == {
        "includeThoughts": False,
        "thinkingLevel": "low",
    }
    assert config("gemini-3-pro-preview", reasoning_effort="minimal")["thinkingConfig"]["thinkingLevel"] == "low"
    assert config("gemini-3-pro-preview", reasoning_effort="high")["thinkingConfig"]["thinkingLevel"] == "high"


def test_thoughts_are_shown_unless_they_are_excluded() -> None:
    assert config(reasoning={"enabled": True}) == {"thinkingConfig": {"includeThoughts": True}}
    assert config(reasoning={"max_tokens": 500, "exclude": True}) == {
        "thinkingConfig": {"includeThoughts": False, "thinkingBudget": 500}
    }
    assert config(reasoning={"exclude": True}) == {}
    assert config(reasoning=7) == {}


# ── hostile bodies ───────────────────────────────────────────────────────────────────────────────────────────────────

_VALUES: Any = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(max_size=4)
    | st.sampled_from(["text", "image_url", "file", "function", "json_schema", '{"a":1}', "google-gemini-v1", "low"]),
    lambda inner: st.lists(inner, max_size=3)
    | st.dictionaries(
        st.sampled_from(
            ["type", "text", "image_url", "url", "file", "file_data", "filename", "input_audio", "format", "data", "id",
             "function", "name", "arguments", "json_schema", "schema", "effort", "max_tokens", "parameters", "properties"]
        ),
        inner,
    ),
    max_leaves=10,
)  # fmt: skip
_MESSAGES = st.lists(
    st.fixed_dictionaries(
        {"role": st.sampled_from(["system", "developer", "user", "assistant", "tool", "function"]), "content": _VALUES},
        optional=dict.fromkeys(
            ["tool_calls", "tool_call_id", "name", "reasoning_details", "function_call", "refusal"], _VALUES
        ),
    ),
    max_size=4,
)
_FIELDS = [
    "tools", "tool_choice", "response_format", "reasoning", "reasoning_effort", "stop", "n", "logprobs", "top_logprobs",
    "modalities", "functions", "parallel_tool_calls", "service_tier", "safety_settings",
]  # fmt: skip


@given(_MESSAGES | _VALUES, st.dictionaries(st.sampled_from(_FIELDS), _VALUES), st.sampled_from([OLDER, NEWER]))
def test_any_body_becomes_one_that_can_be_sent_or_a_named_refusal(
    messages: Any, fields: dict[str, Any], model: str
) -> None:
    try:
        body = generate_body(call({"messages": messages} | fields, model))
    except Failure as raised:
        named = raised.param
    else:
        named = "none"
        assert msgspec.json.encode(body)
        assert all(content["parts"] for content in body["contents"])
    assert named


def test_agents_of_other_dialects_get_along_without_a_single_call_at_a_time() -> None:
    tools = {"tools": [{"type": "function", "function": {"name": "f"}}], "parallel_tool_calls": False}
    body = generate_body(call(tools, dialect="responses", native={"input": "hi"}))
    assert body["tools"] == [{"functionDeclarations": [{"name": "f"}]}]
