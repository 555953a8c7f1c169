"""Every kind of answer in every dialect, held against what the vendors publish (tests/harness/published.py)."""

from typing import Any

import pytest

from tests.harness.installation import Installation
from tests.harness.published import check_error, check_stream, check_whole
from tests.harness.replica import Replica
from tests.harness.wire import HI, Answer, Connection, ask

Json = dict[str, Any]

CHAT, COMPLETIONS, RESPONSES, MESSAGES = "/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages"
ASKED: dict[str, Json] = {
    CHAT: {"messages": HI},
    COMPLETIONS: {"prompt": "hi"},
    RESPONSES: {"input": "hi"},
    MESSAGES: {"messages": HI, "max_tokens": 100},
}
PARAMETERS = {"type": "object", "properties": {"city": {"type": "string"}}}
TOOLS: dict[str, list[Json]] = {
    CHAT: [
        {"type": "function", "function": {"name": name, "parameters": PARAMETERS}} for name in ("get_weather", "get_time")
    ],
    RESPONSES: [
        {"type": "function", "name": "get_weather", "parameters": PARAMETERS, "strict": True},
        {"type": "function", "name": "get_time"},
        {"type": "custom", "name": "now", "description": "The time."},
    ],
    MESSAGES: [{"name": name, "input_schema": PARAMETERS} for name in ("get_weather", "get_time")],
}  # fmt: skip
SCENARIOS = (
    "ok", "tools-clean", "tools-no-arguments", "reasoning-reasoning_content", "reasoning-details", "refusal",
    "finish-max_tokens", "finish-SAFETY", "finish-surprise", "empty-answer", "unicode-separators", "usage-missing",
    "usage-negative",
)  # fmt: skip
OF_COMPLETIONS = ("ok", "logprobs")


@pytest.fixture(scope="module", autouse=True)
async def models(house: Installation) -> None:
    for model in (*SCENARIOS, "logprobs", "n-choices", "reset-mid-stream", "fin-mid-stream", "refuse-500",
                  "overloaded-ms", "context-length", "content-filter", "status-429", "status-422"):  # fmt: skip
        await house.model(model, endpoints=("chat", "completions"))


async def post(client: Connection, key: str | None, path: str, model: str, **fields: Any) -> Answer:
    tools = {"tools": TOOLS[path]} if model.startswith("tools-") else {}
    return await client.post(path, {"model": model} | ASKED[path] | tools | fields, key=key)


CASES = [(path, model) for path in (CHAT, RESPONSES, MESSAGES) for model in SCENARIOS]
CASES += [(COMPLETIONS, model) for model in OF_COMPLETIONS]


@pytest.mark.parametrize(("path", "model"), CASES)
async def test_whole_answer_is_as_published(client: Connection, key: str, path: str, model: str) -> None:
    answer = await post(client, key, path, model)
    assert answer.status == 200, answer.body
    check_whole(path, answer.body)


@pytest.mark.parametrize(("path", "model"), [case for case in CASES if case[1] != "logprobs"])
async def test_stream_is_as_published(client: Connection, key: str, path: str, model: str) -> None:
    for options in ({}, {"stream_options": {"include_usage": True}}) if path in (CHAT, COMPLETIONS) else ({},):
        answer = await post(client, key, path, model, stream=True, **options)
        assert answer.status == 200, answer.body
        check_stream(path, answer.body)


async def test_several_choices_are_as_published(client: Connection, key: str) -> None:
    whole = await post(client, key, CHAT, "n-choices", n=3)
    assert len(whole.json["choices"]) == 3
    check_whole(CHAT, whole.body)
    stream = await post(client, key, CHAT, "n-choices", n=3, stream=True, stream_options={"include_usage": True})
    check_stream(CHAT, stream.body)


async def test_what_a_request_asked_for_comes_back_as_published(client: Connection, key: str) -> None:
    fields = {
        "instructions": "Be brief.", "metadata": {"a": "b"}, "tools": TOOLS[RESPONSES], "parallel_tool_calls": False,
        "tool_choice": {"type": "function", "name": "get_weather"}, "temperature": 0.5, "top_p": 1,
        "reasoning": {"effort": "low", "summary": "auto"}, "truncation": "auto", "max_output_tokens": 100,
        "text": {"format": {"type": "json_schema", "name": "n", "schema": PARAMETERS}, "verbosity": "low"},
        "include": ["reasoning.encrypted_content", "message.output_text.logprobs"], "prompt_cache_key": "k", "user": "u",
    }  # fmt: skip
    check_whole(RESPONSES, (await post(client, key, RESPONSES, "ok", **fields)).body)
    check_stream(RESPONSES, (await post(client, key, RESPONSES, "ok", stream=True, **fields)).body)


async def test_models_are_as_published(client: Connection, key: str) -> None:
    listed = await client.get("/v1/models", key=key)
    assert len(listed.json["data"]) > len(SCENARIOS)
    check_whole("/v1/models", listed.body)
    check_whole("/v1/models/ok", (await client.get("/v1/models/ok", key=key)).body)


@pytest.mark.parametrize("path", ASKED)
async def test_broken_stream_is_as_published(client: Connection, key: str, path: str) -> None:
    model = "fin-mid-stream" if path == COMPLETIONS else "reset-mid-stream"
    answer = await post(client, key, path, model, stream=True)
    assert answer.status == 200
    assert b"provider_error" in answer.body
    check_stream(path, answer.body)


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize("path", ASKED)
async def test_errors_are_as_published(
    replica: Replica, client: Connection, house: Installation, key: str, path: str, streamed: bool
) -> None:
    poor = await house.new_tenant("0.00000001")
    bound = await house.new_tenant("1", allowed_models=["other"])
    limited = await house.new_tenant("1", rpm=1)
    await house.use_up_rate(limited, 1, seconds_ago=1)
    stream = {"stream": streamed}
    answers = {
        (400, "missing_required_parameter"): await client.post(path, ASKED[path] | stream, key=key),
        (400, "invalid_value"): await post(client, key, path, "ok", max_tokens=0, max_output_tokens=0, **stream),
        (400, "invalid_json"): await client.post(path, b"{", key=key),
        (400, "context_length_exceeded"): await post(client, key, path, "context-length", **stream),
        (400, "content_policy_violation"): await post(client, key, path, "content-filter", **stream),
        (401, "invalid_api_key"): await post(client, None, path, "ok", **stream),
        (402, "insufficient_credits"): await post(client, poor.key, path, "ok", **stream),
        (403, "model_not_allowed"): await post(client, bound.key, path, "ok", **stream),
        (404, "model_not_found"): await post(client, key, path, "none", **stream),
        (405, "method_not_allowed"): await ask(replica.port, "GET", path, key=key),
        (413, "request_too_large"): await client.post(path, b" " * 300_000, key=key),
        (415, "unsupported_content_encoding"): await client.post(
            path, b"x", headers={"content-encoding": "lzma"}, key=key
        ),
        (429, "rate_limit_exceeded"): await post(client, limited.key, path, "ok", **stream),
        (502, "provider_error"): await post(client, key, path, "refuse-500", **stream),
        (503, "provider_overloaded"): await post(client, key, path, "overloaded-ms", **stream),
    }
    for (status, code), answer in answers.items():
        assert (answer.status, answer.json["error"]["code"]) == (status, code), answer.body
        check_error(path, answer.body)
