"""The official Node clients against a running gateway: `openai`, and the AI SDK through both of its providers."""

import asyncio
import itertools
import json
import struct
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import pytest

from omna.money import parse_credits
from tests.harness.installation import Installation
from tests.harness.node import NODE, install_packages
from tests.harness.replica import Replica
from tests.upstream.endpoint_scenarios import vector
from tests.upstream.scenarios import TEXT, TOOL_ARGUMENTS

HERE = Path(__file__).parent / "node"
PATIENCE_SECONDS = 60.0


class Node:
    """The clients, in one process. An answer is `(result, error, requests made)`; exactly one of the first two is set."""

    def __init__(self, process: asyncio.subprocess.Process, key: str) -> None:
        self._process = process
        self._key = key
        self._numbers = itertools.count()

    async def __call__(self, act: str, model: str, **fields: Any) -> tuple[Any, Any, int]:
        command = {"id": next(self._numbers), "act": act, "model": model, "key": self._key} | fields
        assert self._process.stdin is not None
        assert self._process.stdout is not None
        self._process.stdin.write(json.dumps(command).encode() + b"\n")
        async with asyncio.timeout(PATIENCE_SECONDS):
            line = await self._process.stdout.readline()
        answer = json.loads(line)
        assert answer["id"] == command["id"]
        return answer.get("result"), answer.get("error"), answer["requests"]


@pytest.fixture(scope="session")
async def node_modules() -> None:
    await install_packages(HERE)


@pytest.fixture
async def node(node_modules: None, replica: Replica, key: str) -> AsyncIterator[Node]:
    process = await asyncio.create_subprocess_exec(
        NODE, "client.mjs", f"http://127.0.0.1:{replica.port}/v1", cwd=HERE,
        stdin=asyncio.subprocess.PIPE, stdout=asyncio.subprocess.PIPE, limit=1 << 24,
    )  # fmt: skip
    try:
        yield Node(process, key)
    finally:
        assert process.stdin is not None
        process.stdin.close()
        await process.wait()


async def test_answers_whole_and_streamed_with_the_usage_that_is_charged(node: Node, house: Installation) -> None:
    await house.model("ok")
    result, error, _ = await node("chat", "ok")
    assert error is None
    assert result["answer"]["choices"][0]["message"]["content"] == TEXT
    row = await house.request(result["requestId"])
    assert parse_credits(result["answer"]["usage"]["cost_details"]["total"]) == row["charge"]
    result, _, _ = await node("stream", "ok", fields={"stream_options": {"include_usage": True}})
    assert "".join(choice["delta"].get("content", "") for c in result["chunks"] for choice in c["choices"]) == TEXT
    assert result["chunks"][-1]["usage"]["total_tokens"] == 13


async def test_helper_that_assembles_a_stream_finds_every_piece_once(node: Node, house: Installation) -> None:
    for model in ("ok", "tools-clean", "tools-repeated"):
        await house.model(model)
    result, error, _ = await node("assembled", "ok", fields={"stream_options": {"include_usage": True}})
    assert error is None
    assert (result["message"]["role"], result["message"]["content"], result["finish"]) == ("assistant", TEXT, "stop")
    assert result["usage"]["completion_tokens"] == 4
    for model in ("tools-clean", "tools-repeated"):
        result, error, _ = await node("assembled", model)
        assert error is None, error
        calls = result["message"]["tool_calls"]
        assert [json.loads(call["function"]["arguments"]) for call in calls] == [json.loads(a) for a in TOOL_ARGUMENTS]
        assert len({call["id"] for call in calls}) == len(calls)


async def test_models_are_listed(node: Node, house: Installation) -> None:
    await house.model("vendor/ok:free", upstream_model="ok")
    result, error, _ = await node("models", "")
    assert error is None
    assert "vendor/ok:free" in result["ids"]


async def test_structured_output_reaches_the_provider(node: Node, house: Installation) -> None:
    await house.model("echo")
    result, _, _ = await node("parsed", "echo")
    assert json.loads(result["content"])["response_format"]["json_schema"]["name"] == "n"


@pytest.mark.parametrize(
    ("model", "name", "status", "code", "requests"),
    [
        ("nowhere", "NotFoundError", 404, "model_not_found", 1),
        ("status-400", "BadRequestError", 400, "invalid_value", 1),
        ("refuse-500", "InternalServerError", 502, "provider_error", 3),
    ],
)
async def test_errors_have_their_class_and_are_retried_where_that_helps(
    node: Node, house: Installation, model: str, name: str, status: int, code: str, requests: int
) -> None:
    if model != "nowhere":
        await house.model(model)
    for act in ("chat", "stream"):
        _, error, made = await node(act, model)
        assert (error["name"], error["status"], error["code"], made) == (name, status, code, requests)
        assert error["requestId"].startswith("req_")


async def test_empty_balance_is_not_retried(node: Node, house: Installation) -> None:
    await house.model("ok")
    poor = await house.new_tenant("0")
    _, error, made = await node("chat", "ok", key=poor.key)
    assert (error["status"], error["code"], made) == (402, "insufficient_credits", 1)


async def test_rate_limit_is_waited_for(node: Node, house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant(rpm=1)
    await house.use_up_rate(tenant, 1, seconds_ago=58)
    result, error, made = await node("chat", "ok", key=tenant.key)
    assert error is None
    assert result["answer"]["choices"][0]["message"]["content"] == TEXT
    assert made == 2


async def test_failure_after_the_first_delta_is_an_error_to_every_client(node: Node, house: Installation) -> None:
    await house.model("reset-mid-stream")
    before = len(house.upstream.journal)
    _, error, made = await node("stream", "reset-mid-stream")
    assert error is not None
    assert made == 1
    _, error, _ = await node("assembled", "reset-mid-stream")
    assert error is not None
    result, error, _ = await node("aiStream", "reset-mid-stream", api="chat")
    assert "error" in result["parts"]
    assert result["errors"]
    assert len(house.upstream.journal) - before == 3


@pytest.mark.parametrize("api", ["chat", "responses"])
async def test_ai_sdk_generates_streams_and_calls_tools(node: Node, house: Installation, api: str) -> None:
    for model in ("ok", "tools-clean"):
        await house.model(model)
    result, error, _ = await node("aiText", "ok", api=api)
    assert error is None, error
    assert (result["text"], result["finish"]) == (TEXT, "stop")
    assert result["usage"]["outputTokens"] == 4
    result, error, _ = await node("aiStream", "ok", api=api)
    assert error is None, error
    assert (result["text"], result["errors"]) == (TEXT, [])
    result, error, _ = await node("aiTools", "tools-clean", api=api)
    assert error is None, error
    assert result["finish"] == "tool-calls"
    assert len(result["calls"]) == len(TOOL_ARGUMENTS)


async def test_embeddings_by_default_and_as_numbers_are_equal_and_in_order(node: Node, house: Installation) -> None:
    await house.model("batch", endpoints=("embeddings",), output_modalities=("embeddings",))
    seen = len(house.upstream.journal)
    # The client asks for base64 on its own, and unpacks it to float32.
    default, error, _ = await node("embeddings", "batch", input=["a", "b", "c"])
    assert error is None, error
    numbers, error, _ = await node("embeddings", "batch", input=["a", "b", "c"], fields={"encoding_format": "float"})
    assert error is None, error
    assert numbers["vectors"] == [vector(0), vector(1), vector(2)]
    assert default["vectors"] == [list(struct.unpack("<3f", struct.pack("<3f", *v))) for v in numbers["vectors"]]
    assert default["usage"]["total_tokens"] == numbers["usage"]["total_tokens"] == 5
    assert [arrival.body["encoding_format"] for arrival in house.upstream.journal[seen:]] == ["float", "float"]


async def test_responses_whole_and_streamed(node: Node, house: Installation) -> None:
    await house.model("ok")
    result, error, _ = await node("responses", "ok")
    assert error is None, error
    assert (result["text"], result["status"]) == (TEXT, "completed")
    result, error, _ = await node("responsesStream", "ok")
    assert error is None, error
    assert (result["text"], result["status"]) == (TEXT, "completed")
    assert (result["types"][0], result["types"][-1]) == ("response.created", "response.completed")
