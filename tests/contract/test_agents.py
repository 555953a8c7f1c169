"""Clients of four kinds do a small job to its end, each in its own way of speaking, and pay for what it states, once."""

import json
from typing import Any

import pytest
import zstandard
from anthropic import AsyncAnthropic
from anthropic import DefaultAsyncHttpxClient as AnthropicHttpxClient
from anthropic.types import MessageParam, ToolParam
from openai import AsyncOpenAI, DefaultAsyncHttpxClient

from omna.money import format_credits, parse_credits
from tests.harness.installation import Installation, Tenant
from tests.harness.replica import Replica
from tests.harness.responses_linter import read_responses_stream
from tests.harness.sdk import LintedTransport
from tests.harness.wire import Connection
from tests.upstream.scenarios import TASK, TEXT

JOB = "Copy a.txt to b.txt."
PARAMETERS: dict[str, dict[str, Any]] = {
    "read_file": {"type": "object", "properties": {"path": {"type": "string"}}, "required": ["path"]},
    "write_file": {
        "type": "object", "properties": {"path": {"type": "string"}, "text": {"type": "string"}},
        "required": ["path", "text"],
    },
}  # fmt: skip
CHAT_TOOLS: Any = [
    {"type": "function", "function": {"name": name, "parameters": schema}} for name, schema in PARAMETERS.items()
]


class Desk:
    """The files an agent works on, and what it was told to do."""

    def __init__(self) -> None:
        self.files = {"a.txt": "你好"}
        self.done: list[tuple[str, Any]] = []

    def run(self, name: str, arguments: str | dict[str, Any]) -> str:
        """Do what a call asks for and return its result."""
        wanted = json.loads(arguments) if isinstance(arguments, str) else arguments
        self.done.append((name, wanted))
        if name == "read_file":
            return self.files[wanted["path"]]
        assert name == "write_file"
        self.files[wanted["path"]] = wanted["text"]
        return "written"

    def is_finished(self) -> bool:
        return tuple(self.done) == TASK and self.files["b.txt"] == "你好"


@pytest.fixture
async def tenant(house: Installation) -> Tenant:
    await house.model("task")
    return await house.new_tenant("100")


async def paid(house: Installation, client: Connection, tenant: Tenant, stated: dict[str, str]) -> None:
    """Prove that the books hold exactly these charges, by the ids of the requests, and no other."""
    await house.books_are_right()
    rows = {row["request_id"].hex: row["charge"] for row in await house.requests(tenant)}
    assert rows == {request_id.rpartition("_")[2]: parse_credits(total) for request_id, total in stated.items()}
    assert all(rows.values())
    total = sum(rows.values())
    wallet = await house.wallet(tenant)
    assert (wallet.balance, wallet.held) == (parse_credits("100") - total, 0)
    told = (await client.get("/v1/credits", key=tenant.key)).json["data"]
    assert told["total_usage"] == format_credits(total)
    for request_id, charge in stated.items():
        generation = (await client.get(f"/v1/generation?id={request_id}", key=tenant.key)).json["data"]
        assert generation["total_cost"] == charge
        assert len(generation["ledger_entry_ids"]) == 2  # held, and settled


async def test_agent_of_responses_with_compressed_bodies(
    client: Connection, house: Installation, tenant: Tenant
) -> None:
    """As Codex does: everything in one stream of items, bodies in zstd, the whole conversation each time."""
    desk, stated = Desk(), {}
    history: list[dict[str, Any]] = [
        {"type": "message", "role": "developer", "content": [{"type": "input_text", "text": "<permissions>"}]},
        {"type": "message", "role": "user", "content": [{"type": "input_text", "text": JOB}]},
    ]
    headers = {
        "content-type": "application/json", "content-encoding": "zstd", "accept": "text/event-stream",
        "session_id": "0199-session", "originator": "codex_cli_rs",
    }  # fmt: skip
    tools = [
        {"type": "function", "name": name, "description": name, "strict": False, "parameters": schema}
        for name, schema in PARAMETERS.items()
    ]
    for _ in range(len(TASK) + 1):
        body = {
            "model": "task", "instructions": "You are a coding agent.", "input": history, "stream": True,
            "store": False, "tools": [*tools, {"type": "web_search"}], "tool_choice": "auto",
            "parallel_tool_calls": False, "reasoning": {"effort": "medium", "summary": "auto"},
            "include": ["reasoning.encrypted_content"], "prompt_cache_key": "0199-session",
        }  # fmt: skip
        content = zstandard.ZstdCompressor().compress(json.dumps(body).encode())
        answer = await client.post("/v1/responses", content, headers=headers, key=tenant.key)
        assert answer.status == 200, answer.body
        reading = read_responses_stream(answer.body)
        stated[answer.request_id] = reading.response["usage"]["cost_details"]["total"]
        for item in reading.response["output"]:
            history.append({name: value for name, value in item.items() if name not in ("id", "status")})
            if item["type"] == "function_call":
                result = desk.run(item["name"], item["arguments"])
                history.append({"type": "function_call_output", "call_id": item["call_id"], "output": result})
    assert reading.content == TEXT
    assert desk.is_finished()
    await paid(house, client, tenant, stated)


async def test_agent_of_messages_that_probes_first(
    replica: Replica, client: Connection, house: Installation, tenant: Tenant
) -> None:
    """As Claude Code does: HEAD / first, tokens counted, then streams with betas and cache marks."""
    assert (await client.request("HEAD", "/")).status == 200
    desk, stated = Desk(), {}
    tools: list[ToolParam] = [{"name": name, "input_schema": schema} for name, schema in PARAMETERS.items()]
    history: list[MessageParam] = [{"role": "user", "content": JOB}]
    http_client = AnthropicHttpxClient(transport=LintedTransport())
    async with AsyncAnthropic(
        auth_token=tenant.key, api_key=None, base_url=f"http://127.0.0.1:{replica.port}", http_client=http_client
    ) as sdk:
        counted = await sdk.messages.count_tokens(model="task", messages=history, tools=tools)
        assert counted.input_tokens > 0
        while True:
            async with sdk.messages.stream(
                model="task", max_tokens=1000, messages=history, tools=tools,
                system=[{"type": "text", "text": "You are an agent.", "cache_control": {"type": "ephemeral"}}],
                metadata={"user_id": "user_" + "0" * 64 + "_session"},
                extra_query={"beta": "true"}, extra_headers={"anthropic-beta": "claude-code-20250219"},
            ) as stream:  # fmt: skip
                # The package adds up the fields it knows; the cost is read where it is said.
                async for event in stream:
                    if event.type == "message_delta":
                        cost = event.usage.cost_details["total"]  # type: ignore[attr-defined]
                final = await stream.get_final_message()
            stated[final.id] = cost
            history.append({"role": "assistant", "content": final.content})
            if final.stop_reason != "tool_use":
                break
            history.append({"role": "user", "content": [
                {"type": "tool_result", "tool_use_id": block.id, "content": desk.run(block.name, dict(block.input))}
                for block in final.content if block.type == "tool_use"
            ]})  # fmt: skip
    assert final.stop_reason == "end_turn"
    assert [block.text for block in final.content if block.type == "text"] == [TEXT]
    assert desk.is_finished()
    await paid(house, client, tenant, stated)


async def test_agent_of_chat_completions_with_tools(
    replica: Replica, client: Connection, house: Installation, tenant: Tenant
) -> None:
    """As most do: the openai package, whole answers, one message of the role `tool` for each call."""
    desk, stated = Desk(), {}
    history: list[Any] = [{"role": "system", "content": "You are an agent."}, {"role": "user", "content": JOB}]
    url = f"http://127.0.0.1:{replica.port}/v1"
    async with AsyncOpenAI(api_key=tenant.key, base_url=url) as sdk:
        while True:
            answer = await sdk.chat.completions.create(model="task", messages=history, tools=CHAT_TOOLS)
            assert answer.usage is not None
            stated[answer._request_id or ""] = answer.usage.cost_details["total"]  # type: ignore[attr-defined]
            message = answer.choices[0].message
            history.append(message.model_dump(exclude_none=True))
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                assert call.type == "function"
                result = desk.run(call.function.name, call.function.arguments)
                history.append({"role": "tool", "tool_call_id": call.id, "content": result})
    assert (message.content, answer.choices[0].finish_reason) == (TEXT, "stop")
    assert desk.is_finished()
    await paid(house, client, tenant, stated)


async def test_chat_front_end_that_leaves_one_answer(
    replica: Replica, client: Connection, house: Installation, tenant: Tenant
) -> None:
    """As a page in a browser does: the list of models, streams with usage, and a stop button that closes the connection."""
    await house.model("hang-mid-stream")
    desk, stated = Desk(), {}
    history: list[Any] = [{"role": "user", "content": JOB}]
    http_client = DefaultAsyncHttpxClient(transport=LintedTransport())
    url = f"http://127.0.0.1:{replica.port}/v1"
    async with AsyncOpenAI(api_key=tenant.key, base_url=url, http_client=http_client) as sdk:
        assert {"task", "hang-mid-stream"} <= {model.id for model in (await sdk.models.list()).data}
        async with await sdk.chat.completions.create(
            model="hang-mid-stream", messages=history, stream=True, stream_options={"include_usage": True}
        ) as left:
            async for chunk in left:
                if chunk.choices[0].delta.content:
                    break
            abandoned = left.response.headers["x-request-id"]
        while True:
            async with sdk.chat.completions.stream(
                model="task", messages=history, tools=CHAT_TOOLS, stream_options={"include_usage": True}
            ) as stream:
                final = await stream.get_final_completion()
            assert final.usage is not None
            stated["req_" + final.id.removeprefix("chatcmpl-")] = final.usage.cost_details["total"]  # type: ignore[attr-defined]
            message = final.choices[0].message
            history.append(message.model_dump(exclude_none=True, exclude={"parsed"}))
            if not message.tool_calls:
                break
            for call in message.tool_calls:
                result = desk.run(call.function.name, call.function.arguments)
                history.append({"role": "tool", "tool_call_id": call.id, "content": result})
    assert message.content == TEXT
    assert desk.is_finished()
    row = await house.request(abandoned)
    assert row["outcome"] == "client_left"
    # What was left in the middle has no usage to state: the record of it does.
    generation = (await client.get(f"/v1/generation?id={abandoned}", key=tenant.key)).json["data"]
    assert generation["cancelled"] is True
    await paid(house, client, tenant, stated | {abandoned: generation["total_cost"]})
