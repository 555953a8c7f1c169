"""POST /v1/responses for the official `openai` package, and for a client that sends what Codex sends."""

import json
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
import zstandard
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from openai.types.responses import Response
from pydantic import BaseModel

from omna.money import parse_credits
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.replica import Replica
from tests.harness.responses_linter import Reading, check_object, read_responses_stream
from tests.harness.sdk import LintedTransport
from tests.harness.wire import Answer, Connection
from tests.upstream.scenarios import ODD_TEXT, TEXT, TOOL_ARGUMENTS

RESPONSES = "/v1/responses"
WEATHER: Any = {
    "type": "function", "name": "get_weather", "description": "The weather of a city.", "strict": True,
    "parameters": {
        "type": "object", "properties": {"city": {"type": "string"}}, "required": ["city"],
        "additionalProperties": False,
    },
}  # fmt: skip


@pytest.fixture
async def sdk(replica: Replica, key: str) -> AsyncIterator[AsyncOpenAI]:
    http_client = DefaultAsyncHttpxClient(transport=LintedTransport())
    url = f"http://127.0.0.1:{replica.port}/v1"
    async with AsyncOpenAI(api_key=key, base_url=url, http_client=http_client) as client:
        yield client


def strictly(response: Response) -> Response:
    """Check an answer by the published types, without their usual leniency."""
    body = response.model_dump(mode="json", by_alias=True, exclude_unset=True)
    check_object(body)
    return Response.model_validate(body, strict=True)


async def stream(client: Connection, key: str, model: str, **fields: Any) -> tuple[Answer, Reading]:
    answer = await client.post(RESPONSES, {"model": model, "input": "hi", "stream": True} | fields, key=key)
    assert answer.status == 200, answer.body
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"
    return answer, read_responses_stream(answer.body)


async def test_answers_with_usage_cost_and_ids_that_belong_together(
    sdk: AsyncOpenAI, house: Installation, client: Connection, key: str
) -> None:
    await house.model("ok")
    answer = await sdk.responses.create(model="ok", input="hi", instructions="Be brief.", store=True)
    strictly(answer)
    assert (answer.output_text, answer.status, answer.model) == (TEXT, "completed", "ok")
    assert answer.store is False  # type: ignore[attr-defined]
    assert answer.usage is not None
    assert (answer.usage.input_tokens, answer.usage.output_tokens, answer.usage.total_tokens) == (9, 4, 13)
    assert answer._request_id is not None
    assert answer.id == "resp_" + answer._request_id.removeprefix("req_")
    row = await house.request(answer.id)
    details = answer.usage.cost_details  # type: ignore[attr-defined]
    assert parse_credits(details["total"]) == row["charge"] == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
    generation = (await client.get(f"/v1/generation?id={answer.id}", key=key)).json["data"]
    assert generation["total_cost"] == details["total"]
    assert generation["cost_details"] == details


async def test_streams_the_same_answer_event_by_event(sdk: AsyncOpenAI, house: Installation) -> None:
    await house.model("ok")
    async with sdk.responses.stream(model="ok", input="hi") as events:
        kinds, text = [], ""
        async for event in events:
            kinds.append(event.type)
            if event.type == "response.output_text.delta":
                text += event.delta
        final = await events.get_final_response()
    assert (text, final.output_text) == (TEXT, TEXT)
    assert kinds[:2] == ["response.created", "response.in_progress"]
    assert kinds[-1] == "response.completed"
    assert final.usage is not None
    row = await house.request(final.id)
    assert parse_credits(final.usage.cost_details["total"]) == row["charge"]  # type: ignore[attr-defined]


@pytest.mark.parametrize(
    "model",
    ["ok", "unicode-separators", "one-byte-chunks", "role-every-chunk", "usage-every-chunk", "usage-missing", "no-done",
     "crlf", "reasoning-details", "refusal", "empty-answer", "json-for-stream", "tools-no-arguments", "tools-late-name"],
)  # fmt: skip
async def test_stream_of_any_upstream_is_clean_and_says_what_was_charged(
    client: Connection, house: Installation, key: str, model: str
) -> None:
    await house.model(model)
    answer, reading = await stream(client, key, model)
    assert reading.response["status"] == "completed"
    row = await house.request(answer.request_id)
    assert parse_credits(reading.response["usage"]["cost_details"]["total"]) == row["charge"]
    if model == "unicode-separators":
        assert reading.content == ODD_TEXT


@pytest.mark.parametrize("dialect", ["clean", "repeated", "empty", "null", "no-index", "index-zero", "whole", "object"])
async def test_calls_of_every_upstream_dialect_are_items(
    sdk: AsyncOpenAI, client: Connection, house: Installation, key: str, dialect: str
) -> None:
    model = await house.model(f"tools-{dialect}")
    _, reading = await stream(client, key, model, tools=[WEATHER])
    assert [(call_id, name) for call_id, name, _ in reading.calls] == [
        ("call_a", "get_weather"),
        ("call_b", "get_time"),
    ]
    assert [json.loads(arguments) for _, _, arguments in reading.calls] == [json.loads(text) for text in TOOL_ARGUMENTS]
    whole = strictly(await sdk.responses.create(model=model, input="hi", tools=[WEATHER]))
    names = [item.name for item in whole.output if item.type == "function_call"]
    assert names == ["get_weather", "get_time"]


async def test_calls_go_back_with_their_results(sdk: AsyncOpenAI, house: Installation) -> None:
    await house.model("tools-clean")
    await house.model("echo")
    history: list[Any] = [{"role": "user", "content": "The weather?"}]
    async with sdk.responses.stream(model="tools-clean", input=history, tools=[WEATHER]) as events:
        first = await events.get_final_response()
    for item in first.output:
        assert item.type == "function_call"
        history.append(item.model_dump(exclude_unset=True, exclude={"parsed_arguments"}))
    history += [
        {"type": "function_call_output", "call_id": item.call_id, "output": "mild"}
        for item in first.output
        if item.type == "function_call"
    ]
    second = await sdk.responses.create(model="echo", input=history, tools=[WEATHER], parallel_tool_calls=True)
    sent = json.loads(second.output_text)
    assert [message["role"] for message in sent["messages"]] == ["user", "assistant", "tool", "tool"]
    calls = sent["messages"][1]["tool_calls"]
    assert [(call["id"], call["function"]["name"]) for call in calls] == [
        ("call_a", "get_weather"),
        ("call_b", "get_time"),
    ]
    assert [message["tool_call_id"] for message in sent["messages"][2:]] == ["call_a", "call_b"]
    assert sent["tools"] == [{"type": "function", "function": {n: v for n, v in WEATHER.items() if n != "type"}}]


class Sent(BaseModel):
    """What the upstream `echo` answers with is the request it got."""

    model: str
    max_tokens: int


async def test_structured_output_is_parsed(sdk: AsyncOpenAI, house: Installation) -> None:
    await house.model("echo")
    answer = await sdk.responses.parse(model="echo", input="hi", text_format=Sent, max_output_tokens=77)
    assert answer.output_parsed == Sent(model="echo", max_tokens=77)
    form = json.loads(answer.output_text)["response_format"]
    assert (form["type"], form["json_schema"]["name"], form["json_schema"]["strict"]) == ("json_schema", "Sent", True)


async def test_reasoning_is_an_item_with_a_summary(sdk: AsyncOpenAI, house: Installation) -> None:
    await house.model("reasoning-reasoning_content")
    async with sdk.responses.stream(model="reasoning-reasoning_content", input="hi") as events:
        streamed = await events.get_final_response()
    whole = strictly(await sdk.responses.create(model="reasoning-reasoning_content", input="hi"))
    for answer in (streamed, whole):
        thought = answer.output[0]
        assert thought.type == "reasoning"
        assert [part.text for part in thought.summary] == ["let me think"]
        assert answer.output_text == TEXT


async def test_answer_that_met_its_bound_is_incomplete_and_billed(sdk: AsyncOpenAI, house: Installation) -> None:
    await house.model("finish-max_tokens")
    async with sdk.responses.stream(model="finish-max_tokens", input="hi") as events:
        kinds = [event.type async for event in events]
    assert kinds[-1] == "response.incomplete"
    whole = strictly(await sdk.responses.create(model="finish-max_tokens", input="hi"))
    assert whole.status == "incomplete"
    assert whole.incomplete_details is not None
    assert whole.incomplete_details.reason == "max_output_tokens"
    assert (await house.request(whole.id))["charge"] == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN


async def test_mistakes_are_bad_requests_that_name_the_field(sdk: AsyncOpenAI, house: Installation) -> None:
    await house.model("ok")
    for fields, code, param in (
        ({"previous_response_id": "resp_1"}, "unsupported_parameter", "previous_response_id"),
        ({"max_output_tokens": 0}, "invalid_value", "max_output_tokens"),
        ({"tools": [{"type": "code_interpreter", "container": {"type": "auto"}}]}, "unsupported_parameter", "tools[0].type"),
        ({"input": [{"type": "item_reference", "id": "msg_1"}]}, "unsupported_parameter", "input[0].type"),
    ):  # fmt: skip
        wanted: dict[str, Any] = {"model": "ok", "input": "hi"} | fields
        for streamed in (False, True):
            with pytest.raises(openai.BadRequestError) as refused:
                await sdk.responses.create(**wanted, stream=streamed)
            assert (refused.value.code, refused.value.param) == (code, param)
    with pytest.raises(openai.NotFoundError) as missing:
        await sdk.responses.create(model="none", input="hi")
    assert missing.value.code == "model_not_found"


async def test_chat_body_is_told_where_it_belongs(client: Connection, house: Installation, key: str) -> None:
    await house.model("ok")
    answer = await client.post(RESPONSES, {"model": "ok", "messages": []}, key=key)
    assert answer.code == (400, "invalid_value")
    assert "/v1/chat/completions" in answer.error["message"]


async def test_failure_before_the_first_byte_has_a_status(client: Connection, house: Installation, key: str) -> None:
    await house.model("status-500")
    answer = await client.post(RESPONSES, {"model": "status-500", "input": "hi", "stream": True}, key=key)
    assert answer.code == (502, "provider_error")


async def test_stream_that_breaks_is_an_error_and_not_an_end(
    sdk: AsyncOpenAI, client: Connection, house: Installation, key: str
) -> None:
    await house.model("reset-mid-stream")
    text = ""
    with pytest.raises(openai.APIError) as broken:
        async for event in await sdk.responses.create(model="reset-mid-stream", input="hi", stream=True):
            text += event.delta if event.type == "response.output_text.delta" else ""
    assert text == TEXT
    assert broken.value.code == "provider_error"
    answer, reading = await stream(client, key, "reset-mid-stream")
    assert reading.error is not None
    assert reading.content == TEXT
    row = await house.request(answer.request_id)
    assert row["outcome"] == "interrupted"
    assert parse_credits(reading.response["usage"]["cost_details"]["total"]) == row["charge"] > 0


def codex_body(model: str) -> dict[str, Any]:
    """A turn in the middle of a session, in the shape that Codex gives it."""
    message = {"type": "message", "role": "user", "content": [{"type": "input_text", "text": "Fix the test."}]}
    return {
        "model": model,
        "instructions": "You are a coding agent.",
        "input": [
            {"type": "additional_tools", "role": "developer", "tools": [
                {"type": "namespace", "name": "mcp__docs__", "description": "Docs", "tools": [WEATHER]},
                {"type": "custom", "name": "apply_patch", "description": "Edits.",
                 "format": {"type": "grammar", "syntax": "lark", "definition": "start: patch"}},
            ]},
            {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "<permissions>"}]},
            message | {"internal_chat_message_metadata_passthrough": {"turn_id": "1"}},
            {"type": "reasoning", "summary": [], "content": None, "encrypted_content": "gAAAAA=="},
            {"type": "function_call", "name": "get_weather", "namespace": "mcp__docs__", "arguments": "{}",
             "call_id": "call_1"},
            {"type": "function_call_output", "call_id": "call_1", "output": "mild"},
            {"type": "custom_tool_call", "status": "completed", "call_id": "call_2", "name": "apply_patch",
             "input": "*** Begin Patch"},
            {"type": "custom_tool_call_output", "call_id": "call_2", "output": "Done"},
            {"type": "web_search_call", "status": "completed", "action": {"type": "search", "query": "x"}},
            {"type": "local_shell_call", "call_id": "call_3", "status": "completed",
             "action": {"type": "exec", "command": ["ls"], "env": {}}},
            {"type": "function_call_output", "call_id": "call_3", "output": [{"type": "input_text", "text": "a.py"}]},
            {"type": "ghost_snapshot", "ghost_commit": {"id": "abc"}},
        ],
        "tools": [{"type": "local_shell"}, {"type": "web_search", "external_web_access": False},
                  {"type": "tool_search", "execution": "client", "description": "d", "parameters": {"type": "object"}}],
        "tool_choice": "auto",
        "parallel_tool_calls": True,
        "reasoning": {"effort": "medium", "summary": "auto"},
        "store": False,
        "stream": True,
        "include": ["reasoning.encrypted_content"],
        "prompt_cache_key": "0199-session",
        "client_metadata": {"x-codex-installation-id": "1"},
        "text": {"verbosity": "medium"},
    }  # fmt: skip


@pytest.mark.parametrize("compressed", [True, False])
async def test_turn_of_codex_works(client: Connection, house: Installation, key: str, compressed: bool) -> None:
    await house.model("echo")
    content = json.dumps(codex_body("echo")).encode()
    headers = {"content-type": "application/json", "accept": "text/event-stream", "session_id": "0199-session"}
    if compressed:
        headers["content-encoding"] = "zstd"
        content = zstandard.ZstdCompressor().compress(content)
    answer = await client.post(RESPONSES, content, headers=headers, key=key)
    assert answer.status == 200, answer.body
    reading = read_responses_stream(answer.body)
    assert reading.events[-1]["type"] == "response.completed"
    sent = json.loads(reading.content)
    assert [message["role"] for message in sent["messages"]] == [
        "system", "system", "user", "assistant", "tool", "assistant", "tool", "assistant", "tool",
    ]  # fmt: skip
    assert [tool["function"]["name"] for tool in sent["tools"]] == ["get_weather", "apply_patch"]
    assert "client_metadata" not in sent
    assert "prompt_cache_key" not in sent  # this host may not know it
    await house.books_are_right()


async def test_codex_gets_the_call_it_declared(client: Connection, house: Installation, key: str) -> None:
    await house.model("tools-clean")
    _, reading = await stream(client, key, "tools-clean", **{
        name: value for name, value in codex_body("tools-clean").items() if name not in ("model", "stream")
    })  # fmt: skip
    call = reading.items[0]
    assert (call["type"], call["name"], call["namespace"]) == ("function_call", "get_weather", "mcp__docs__")


async def test_wrong_method_and_completions_are_known_addresses(client: Connection, key: str) -> None:
    for path in (RESPONSES, "/v1/completions"):
        assert (await client.get(path, key=key)).code == (405, "method_not_allowed")
    answer = await client.post("/v1/completions", {"model": "none", "prompt": "x"}, key=key)
    assert answer.code == (404, "model_not_found")
