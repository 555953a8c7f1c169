"""The official `anthropic` package against a running gateway: what its users rely on."""

import json
from collections.abc import AsyncIterator
from typing import Any

import anthropic
import pytest
from anthropic import AsyncAnthropic, DefaultAsyncHttpxClient
from anthropic.types import Message, MessageParam, RawMessageStreamEvent, ToolParam
from pydantic import TypeAdapter

from omna.money import parse_credits
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.messages_linter import check_error, check_message, read_messages_stream
from tests.harness.replica import Replica
from tests.harness.sdk import LintedTransport
from tests.harness.wire import Connection
from tests.upstream.scenarios import ODD_TEXT, PROMPT_TOKENS, TEXT, TOOL_ARGUMENTS, WORDS

MESSAGES = "/v1/messages"
HI: list[MessageParam] = [{"role": "user", "content": "hi"}]
TOOLS: list[ToolParam] = [
    {"name": name, "description": name, "input_schema": {"type": "object", "properties": {"city": {"type": "string"}}}}
    for name in ("get_weather", "get_time")
]
EVENTS: TypeAdapter[RawMessageStreamEvent] = TypeAdapter(RawMessageStreamEvent)


class Sdk(AsyncAnthropic):
    """A client that counts the requests it makes, its own retries included."""

    def __init__(self, port: int, key: str, max_retries: int = 2) -> None:
        self.requests = 0
        super().__init__(
            api_key=key,
            base_url=f"http://127.0.0.1:{port}",
            max_retries=max_retries,
            http_client=DefaultAsyncHttpxClient(transport=LintedTransport(), event_hooks={"request": [self._count]}),
        )

    async def _count(self, request: object) -> None:
        self.requests += 1

    async def say(self, model: str, **fields: Any) -> Message:
        answer: Message = await self.messages.create(**({"model": model, "messages": HI, "max_tokens": 100} | fields))
        return answer

    def streaming(self, model: str, **fields: Any) -> Any:
        return self.messages.stream(**({"model": model, "messages": HI, "max_tokens": 100} | fields))


@pytest.fixture
async def sdk(replica: Replica, key: str) -> AsyncIterator[Sdk]:
    async with Sdk(replica.port, key) as client:
        yield client


def sent(house: Installation) -> dict[str, Any]:
    """The body that reached the provider last."""
    body: dict[str, Any] = house.upstream.journal[-1].body
    return body


async def test_answers_with_usage_cost_and_a_request_id(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    answer = await sdk.say("ok", system="Be brief.", stop_sequences=["END"], extra_body={"temperature": 0.5})
    [block] = answer.content
    assert block.type == "text"
    assert (block.text, answer.stop_reason, answer.model, answer.role) == (TEXT, "end_turn", "ok", "assistant")
    assert (answer.usage.input_tokens, answer.usage.output_tokens) == (PROMPT_TOKENS, len(WORDS))
    assert answer._request_id is not None
    assert answer._request_id.removeprefix("req_") == answer.id.removeprefix("msg_")
    row = await house.request(answer._request_id)
    details = answer.usage.cost_details  # type: ignore[attr-defined]
    assert parse_credits(details["total"]) == row["charge"] == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
    assert answer.usage.cost == float(details["total"])  # type: ignore[attr-defined]
    body = sent(house)
    assert body["messages"] == [{"role": "system", "content": "Be brief."}, {"role": "user", "content": "hi"}]
    assert (body["max_tokens"], body["temperature"], body["stop"]) == (100, 0.5, ["END"])


async def test_beta_client_is_answered_too(sdk: Sdk, house: Installation) -> None:
    """It sends `?beta=true` and fields of its own."""
    await house.model("ok")
    answer = await sdk.beta.messages.create(
        model="ok", messages=[{"role": "user", "content": "hi"}], max_tokens=100,
        betas=["context-management-2025-06-27"],
        context_management={"edits": [{"type": "clear_tool_uses_20250919"}]},
    )  # fmt: skip
    assert answer.content[0].type == "text"
    assert "context_management" not in sent(house)


@pytest.mark.parametrize(
    "model",
    ["ok", "reasoning-reasoning", "tools-clean", "refusal", "finish-max_tokens", "usage-details", "usage-missing"],
)
async def test_answers_fit_the_published_types_and_so_do_streams(
    replica: Replica, house: Installation, client: Connection, key: str, model: str
) -> None:
    await house.model(model)
    body = {"model": model, "messages": HI, "max_tokens": 100}
    whole = (await client.post(MESSAGES, body, key=key)).json
    check_message(whole)
    message = Message.model_validate(whole)
    streamed = (await client.post(MESSAGES, body | {"stream": True}, key=key)).body
    reading = read_messages_stream(streamed)
    for line in streamed.decode().split("\n"):
        if line.startswith("data: ") and line != 'data: {"type": "ping"}':
            event = json.loads(line.removeprefix("data: "))
            assert EVENTS.validate_python(event).type == event["type"]
    assert [block.type for block in message.content] == [block["type"] for block in reading.content]
    assert message.stop_reason == reading.stop_reason
    if model != "refusal":  # that provider states its usage in whole answers only
        assert reading.usage == {name: whole["usage"][name] for name in reading.usage or {}}


async def test_stream_helper_reads_text_and_builds_the_message(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    async with sdk.streaming("ok") as stream:
        words = [text async for text in stream.text_stream]
        final = await stream.get_final_message()
        assert stream.request_id == f"req_{final.id.removeprefix('msg_')}"
    assert words == WORDS
    assert (final.content[0].text, final.stop_reason) == (TEXT, "end_turn")
    assert (final.usage.input_tokens, final.usage.output_tokens) == (PROMPT_TOKENS, len(WORDS))
    row = await house.request(stream.request_id)
    assert row["charge"] == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
    assert sent(house)["stream_options"] == {"include_usage": True}


async def test_raw_stream_ends_with_the_cost(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    stream = await sdk.messages.create(model="ok", messages=HI, max_tokens=100, stream=True)
    events = [event async for event in stream]
    assert [event.type for event in events[-2:]] == ["message_delta", "message_stop"]
    usage = events[-2].usage  # type: ignore[union-attr]
    assert parse_credits(usage.cost_details["total"]) == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN  # type: ignore[union-attr]


@pytest.mark.parametrize("dialect", ["clean", "repeated", "no-index", "index-zero", "whole", "object"])
async def test_parallel_tool_calls_of_every_dialect(sdk: Sdk, house: Installation, dialect: str) -> None:
    model = await house.model(f"tools-{dialect}")
    async with sdk.streaming(model, tools=TOOLS) as stream:
        streamed = await stream.get_final_message()
    whole = await sdk.say(model, tools=TOOLS)
    for answer in (streamed, whole):
        assert answer.stop_reason == "tool_use"
        assert [(block.type, block.name) for block in answer.content] == [
            ("tool_use", "get_weather"),
            ("tool_use", "get_time"),
        ]
        assert [block.input for block in answer.content] == [json.loads(text) for text in TOOL_ARGUMENTS]
    assert [tool["function"]["name"] for tool in sent(house)["tools"]] == ["get_weather", "get_time"]


async def test_tool_results_go_back_with_their_ids(sdk: Sdk, house: Installation) -> None:
    await house.model("tools-clean")
    await house.model("ok")
    asked = await sdk.say("tools-clean", tools=TOOLS)
    calls = [block for block in asked.content if block.type == "tool_use"]
    results = [{"type": "tool_result", "tool_use_id": call.id, "content": f"sun in {call.name}"} for call in calls]
    turns = [*HI, {"role": "assistant", "content": asked.content}, {"role": "user", "content": results}]
    answer = await sdk.say("ok", tools=TOOLS, messages=turns)
    assert answer.stop_reason == "end_turn"
    _, assistant, *told = sent(house)["messages"]
    assert [call["id"] for call in assistant["tool_calls"]] == ["call_a", "call_b"]
    assert [json.loads(call["function"]["arguments"]) for call in assistant["tool_calls"]] == [
        json.loads(text) for text in TOOL_ARGUMENTS
    ]
    assert told == [
        {"role": "tool", "tool_call_id": "call_a", "content": "sun in get_weather"},
        {"role": "tool", "tool_call_id": "call_b", "content": "sun in get_time"},
    ]


@pytest.mark.parametrize("model", ["reasoning-reasoning", "reasoning-thinking", "reasoning-parts", "reasoning-details"])
async def test_reasoning_is_a_thinking_block_before_the_text(sdk: Sdk, house: Installation, model: str) -> None:
    await house.model(model)
    async with sdk.streaming(model) as stream:
        thoughts = [event.thinking async for event in stream if event.type == "thinking"]
        final = await stream.get_final_message()
    assert [block.type for block in final.content] == ["thinking", "text"]
    assert final.content[0].thinking == "".join(thoughts) == ("hm" if model.endswith("details") else "let me think")
    assert final.content[1].text == TEXT
    await house.model("ok")
    turns = [*HI, {"role": "assistant", "content": final.content}, *HI]
    assert (await sdk.say("ok", messages=turns)).content[0].text == TEXT  # type: ignore[union-attr]


async def test_text_with_line_separators_arrives_unchanged(sdk: Sdk, house: Installation) -> None:
    await house.model("unicode-separators")
    async with sdk.streaming("unicode-separators") as stream:
        assert "".join([text async for text in stream.text_stream]) == ODD_TEXT


async def test_prompt_is_counted_without_a_hold_or_a_provider(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    limited = await house.new_tenant("0.00000001", rpm=1)
    calls = len(house.upstream.journal)
    async with Sdk(replica.port, limited.key) as poor:
        counts = [
            (await poor.messages.count_tokens(model="ok", messages=HI, system=system, tools=TOOLS)).input_tokens
            for system in ("Be brief.", "Be brief. " * 100)
        ]
    assert 0 < counts[0] < counts[1] - 100
    assert len(house.upstream.journal) == calls
    assert await house.requests(limited) == []


async def test_counting_works_during_an_emergency_stop(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    assert (await house.omna("stop", "--scope", "api", "--reason", "drill")).code == 0
    try:
        with pytest.raises(anthropic.InternalServerError) as refused:
            await sdk.say("ok")
        assert (refused.value.status_code, refused.value.type, sdk.requests) == (503, "api_error", 1)
        assert (await sdk.messages.count_tokens(model="ok", messages=HI)).input_tokens > 0
    finally:
        assert (await house.omna("resume", "--scope", "api")).code == 0


def fault(error: anthropic.APIStatusError) -> dict[str, Any]:
    """The error of an envelope, its request id proven."""
    assert isinstance(error.body, dict)
    check_error(error.body)
    assert error.request_id == error.body["request_id"] == error.response.headers["x-request-id"]
    found: dict[str, Any] = error.body["error"]
    return found


async def test_wrong_key_is_an_authentication_error(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    for wrong in ("sk-nothing", house.tenant.key[:-1] + "!"):
        async with Sdk(replica.port, wrong) as sdk:
            with pytest.raises(anthropic.AuthenticationError) as refused:
                await sdk.say("ok")
            assert fault(refused.value)["type"] == "authentication_error"
            assert sdk.requests == 1
            with pytest.raises(anthropic.AuthenticationError):
                await sdk.messages.count_tokens(model="ok", messages=HI)


async def test_bearer_tokens_are_as_good_as_api_keys(replica: Replica, house: Installation, key: str) -> None:
    await house.model("ok")
    async with AsyncAnthropic(auth_token=key, api_key=None, base_url=f"http://127.0.0.1:{replica.port}") as sdk:
        assert (await sdk.messages.create(model="ok", messages=HI, max_tokens=100)).stop_reason == "end_turn"


async def test_mistakes_are_bad_requests_and_unknown_models_not_found(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    with pytest.raises(anthropic.NotFoundError) as missing:
        await sdk.say("none")
    assert (fault(missing.value)["type"], fault(missing.value)["code"]) == ("not_found_error", "model_not_found")
    with pytest.raises(anthropic.NotFoundError):
        await sdk.messages.count_tokens(model="none", messages=HI)
    with pytest.raises(anthropic.BadRequestError) as refused:
        await sdk.say("ok", max_tokens=0)
    assert (fault(refused.value)["type"], fault(refused.value)["param"]) == ("invalid_request_error", "max_tokens")
    with pytest.raises(anthropic.BadRequestError) as unsold:
        await sdk.say("ok", tools=[{"type": "web_search_20250305", "name": "web_search"}])
    assert (fault(unsold.value)["code"], fault(unsold.value)["param"]) == ("unsupported_parameter", "tools[0].type")
    assert sdk.requests == 4


async def test_key_that_may_not_use_a_model_is_a_permission_error(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    await house.model("other")
    bound = await house.new_tenant("1", allowed_models=["other"])
    async with Sdk(replica.port, bound.key) as sdk:
        with pytest.raises(anthropic.PermissionDeniedError) as refused:
            await sdk.say("ok")
        assert fault(refused.value)["type"] == "permission_error"
        with pytest.raises(anthropic.PermissionDeniedError) as uncounted:
            await sdk.messages.count_tokens(model="ok", messages=HI)
        assert fault(uncounted.value)["code"] == "model_not_allowed"


async def test_empty_balance_is_a_billing_error_that_is_not_retried(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    poor = await house.new_tenant("0.00000001")
    async with Sdk(replica.port, poor.key) as sdk:
        with pytest.raises(anthropic.APIStatusError) as refused:
            await sdk.say("ok")
    assert (refused.value.status_code, fault(refused.value)["type"], sdk.requests) == (402, "billing_error", 1)
    assert fault(refused.value)["metadata"]["limit_name"] == "balance"


async def test_rate_limit_recovers_by_itself_at_the_hinted_moment(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    limited = await house.new_tenant("1", rpm=5)
    await house.use_up_rate(limited, 5, seconds_ago=59)
    async with Sdk(replica.port, limited.key, max_retries=0) as sdk:
        with pytest.raises(anthropic.RateLimitError) as refused:
            await sdk.say("ok")
    assert fault(refused.value)["type"] == "rate_limit_error"
    assert 0 < int(refused.value.response.headers["retry-after-ms"]) <= 1000
    await house.use_up_rate(limited, 5, seconds_ago=59)
    async with Sdk(replica.port, limited.key) as sdk:
        assert (await sdk.say("ok")).stop_reason == "end_turn"
    assert sdk.requests == 2
    assert [row["outcome"] for row in await house.requests(limited)] == ["completed"]


async def test_overloaded_provider_says_so(replica: Replica, house: Installation, key: str) -> None:
    await house.model("overloaded-ms")
    async with Sdk(replica.port, key, max_retries=0) as sdk:
        with pytest.raises(anthropic.InternalServerError) as refused:
            await sdk.say("overloaded-ms")
    assert (refused.value.status_code, fault(refused.value)["type"]) == (503, "overloaded_error")


async def test_failure_before_the_first_byte_has_a_status_also_when_streaming(
    replica: Replica, house: Installation, key: str
) -> None:
    await house.model("refuse-500")
    async with Sdk(replica.port, key, max_retries=0) as sdk:
        with pytest.raises(anthropic.InternalServerError) as refused:
            async with sdk.streaming("refuse-500"):
                pass
    assert (refused.value.status_code, fault(refused.value)["code"]) == (502, "provider_error")


async def test_stream_that_breaks_is_an_error_and_not_an_end(sdk: Sdk, house: Installation) -> None:
    await house.model("reset-mid-stream")
    text = ""
    with pytest.raises(anthropic.APIStatusError) as broken:
        async with sdk.streaming("reset-mid-stream") as stream:
            async for piece in stream.text_stream:
                text += piece
    assert text == TEXT
    assert fault(broken.value)["code"] == "provider_error"
    assert sum(arrival.model == "reset-mid-stream" for arrival in house.upstream.journal) == 1
    await house.books_are_right()


async def test_ping_before_the_message_is_read_over(sdk: Sdk, house: Installation) -> None:
    """The replica's provider is slower than its heartbeat: the stream begins with a ping."""
    await house.model("slow-start", upstream_model="slow-start")
    async with sdk.streaming("slow-start") as stream:
        final = await stream.get_final_message()
    assert final.content[0].text == TEXT
