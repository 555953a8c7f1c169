"""The official `openai` package against a running gateway: what its users rely on."""

import json
import time
from collections.abc import AsyncIterator
from typing import Any

import openai
import pytest
from openai import AsyncOpenAI, DefaultAsyncHttpxClient
from pydantic import BaseModel

from omna.money import parse_credits
from tests.harness.installation import Installation, Tenant, until
from tests.harness.replica import Replica
from tests.harness.sdk import LintedTransport
from tests.harness.wire import HI
from tests.upstream.scenarios import ODD_TEXT, TEXT, TOOL_ARGUMENTS


class Sdk(AsyncOpenAI):
    """A client that counts the requests it makes, its own retries included."""

    def __init__(self, port: int, key: str, max_retries: int = 2) -> None:
        self.requests = 0
        super().__init__(
            api_key=key,
            base_url=f"http://127.0.0.1:{port}/v1",
            max_retries=max_retries,
            http_client=DefaultAsyncHttpxClient(transport=LintedTransport(), event_hooks={"request": [self._count]}),
        )

    async def _count(self, request: object) -> None:
        self.requests += 1


@pytest.fixture
async def sdk(replica: Replica, key: str) -> AsyncIterator[Sdk]:
    async with Sdk(replica.port, key) as client:
        yield client


async def test_lists_and_retrieves_models_whose_ids_hold_slashes_and_colons(sdk: Sdk, house: Installation) -> None:
    await house.model("vendor/ok:free", upstream_model="ok", context=8192)
    models = [model async for model in await sdk.models.list()]
    assert "vendor/ok:free" in [model.id for model in models]
    model = await sdk.models.retrieve("vendor/ok:free")
    assert (model.id, model.object, model.owned_by) == ("vendor/ok:free", "model", "vendor")
    answer = await sdk.chat.completions.create(model="vendor/ok:free", messages=HI)
    assert answer.model == "vendor/ok:free"
    with pytest.raises(openai.NotFoundError) as missing:
        await sdk.models.retrieve("vendor/none")
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")


async def test_answers_with_usage_cost_and_a_request_id(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    answer = await sdk.chat.completions.create(model="ok", messages=HI)
    choice = answer.choices[0]
    assert (choice.message.content, choice.finish_reason) == (TEXT, "stop")
    assert answer.usage is not None
    assert (answer.usage.prompt_tokens, answer.usage.completion_tokens, answer.usage.total_tokens) == (9, 4, 13)
    assert answer._request_id is not None
    assert answer._request_id.removeprefix("req_") == answer.id.removeprefix("chatcmpl-")
    row = await house.request(answer._request_id)
    details = answer.usage.cost_details  # type: ignore[attr-defined]
    assert parse_credits(details["total"]) == row["charge"] == 9 * 2_000 + 4 * 8_000


async def test_streams_with_usage_last(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    stream = await sdk.chat.completions.create(
        model="ok", messages=HI, stream=True, stream_options={"include_usage": True}
    )
    chunks = [chunk async for chunk in stream]
    assert "".join(chunk.choices[0].delta.content or "" for chunk in chunks[:-1]) == TEXT
    assert all(chunk.usage is None for chunk in chunks[:-1])
    assert chunks[-1].choices == []
    assert chunks[-1].usage is not None
    assert chunks[-1].usage.completion_tokens == 4
    without = await sdk.chat.completions.create(model="ok", messages=HI, stream=True)
    assert [chunk.usage async for chunk in without if chunk.choices] == [None] * 6


async def test_stream_helper_builds_one_clean_message(sdk: Sdk, house: Installation) -> None:
    await house.model("role-every-chunk")
    async with sdk.chat.completions.stream(model="role-every-chunk", messages=HI) as stream:
        final = await stream.get_final_completion()
    assert (final.choices[0].message.role, final.choices[0].message.content) == ("assistant", TEXT)
    assert final.choices[0].finish_reason == "stop"


@pytest.mark.parametrize("dialect", ["clean", "repeated", "empty", "null", "no-index", "index-zero"])
async def test_stream_helper_joins_tool_calls_of_every_dialect(sdk: Sdk, house: Installation, dialect: str) -> None:
    model = await house.model(f"tools-{dialect}")
    async with sdk.chat.completions.stream(model=model, messages=HI) as stream:
        final = await stream.get_final_completion()
    assert final.choices[0].finish_reason == "tool_calls"
    calls = final.choices[0].message.tool_calls or []
    assert [(call.id, call.function.name) for call in calls] == [("call_a", "get_weather"), ("call_b", "get_time")]
    assert [json.loads(call.function.arguments) for call in calls] == [json.loads(text) for text in TOOL_ARGUMENTS]
    whole = await sdk.chat.completions.create(model=model, messages=HI)
    assert [call.function.name for call in whole.choices[0].message.tool_calls or []] == ["get_weather", "get_time"]  # type: ignore[union-attr]


class Sent(BaseModel):
    """What the scenario `echo` answers: the request as it arrived."""

    model: str
    response_format: dict[str, Any]


async def test_structured_output_is_parsed(sdk: Sdk, house: Installation) -> None:
    await house.model("echo")
    answer = await sdk.chat.completions.parse(model="echo", messages=HI, response_format=Sent)
    parsed = answer.choices[0].message.parsed
    assert parsed is not None
    assert parsed.model == "echo"
    assert parsed.response_format["json_schema"]["name"] == "Sent"
    assert parsed.response_format["json_schema"]["strict"] is True


async def test_text_with_line_separators_arrives_unchanged(sdk: Sdk, house: Installation) -> None:
    await house.model("unicode-separators")
    stream = await sdk.chat.completions.create(model="unicode-separators", messages=HI, stream=True)
    assert "".join([chunk.choices[0].delta.content or "" async for chunk in stream]) == ODD_TEXT


async def test_wrong_key_is_an_authentication_error(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    for wrong in ("sk-nothing", house.tenant.key[:-1] + "!"):
        async with Sdk(replica.port, wrong) as sdk:
            with pytest.raises(openai.AuthenticationError) as refused:
                await sdk.chat.completions.create(model="ok", messages=HI)
            assert (refused.value.code, sdk.requests) == ("invalid_api_key", 1)
            assert wrong not in str(refused.value)


async def test_mistakes_are_bad_requests_and_unknown_models_not_found(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    with pytest.raises(openai.NotFoundError) as missing:
        await sdk.chat.completions.create(model="none", messages=HI)
    assert (missing.value.code, missing.value.param) == ("model_not_found", "model")
    assert missing.value.request_id is not None
    with pytest.raises(openai.BadRequestError) as refused:
        await sdk.chat.completions.create(model="ok", messages=HI, max_tokens=0)
    assert (refused.value.code, refused.value.param) == ("invalid_value", "max_tokens")
    assert sdk.requests == 2


async def test_empty_balance_is_a_status_error_that_is_not_retried(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    poor = await house.new_tenant("0.00000001")
    async with Sdk(replica.port, poor.key) as sdk:
        with pytest.raises(openai.APIStatusError) as refused:
            await sdk.chat.completions.create(model="ok", messages=HI, max_tokens=100)
    assert (refused.value.status_code, refused.value.code, sdk.requests) == (402, "insufficient_credits", 1)
    assert refused.value.type == "insufficient_quota"
    assert refused.value.body["metadata"]["limit_name"] == "balance"  # type: ignore[index]


async def test_rate_limit_recovers_by_itself_at_the_hinted_moment(replica: Replica, house: Installation) -> None:
    await house.model("ok")
    limited = await house.new_tenant("1", rpm=5)
    await house.use_up_rate(limited, 5, seconds_ago=59)
    async with Sdk(replica.port, limited.key, max_retries=0) as sdk:
        with pytest.raises(openai.RateLimitError) as refused:
            await sdk.chat.completions.create(model="ok", messages=HI)
    hint = int(refused.value.response.headers["retry-after-ms"])
    assert 0 < hint <= 1000
    assert refused.value.response.headers["retry-after"] == "1"
    await house.use_up_rate(limited, 5, seconds_ago=58)
    began = time.monotonic()
    async with Sdk(replica.port, limited.key) as sdk:
        answer = await sdk.chat.completions.create(model="ok", messages=HI)
    assert answer.choices[0].message.content == TEXT
    assert sdk.requests == 2
    assert 1.5 < time.monotonic() - began < 10
    assert [row["outcome"] for row in await house.requests(limited)] == ["completed"]


async def test_emergency_stop_is_a_server_error_that_is_not_retried(sdk: Sdk, house: Installation) -> None:
    await house.model("ok")
    assert (await house.omna("stop", "--scope", "api", "--reason", "drill")).code == 0
    try:
        with pytest.raises(openai.InternalServerError) as refused:
            await sdk.chat.completions.create(model="ok", messages=HI)
        assert (refused.value.status_code, refused.value.code, sdk.requests) == (503, "emergency_stop", 1)
        assert [model.id async for model in await sdk.models.list()]
    finally:
        assert (await house.omna("resume", "--scope", "api")).code == 0
    assert (await sdk.chat.completions.create(model="ok", messages=HI)).choices[0].message.content == TEXT


async def test_stream_that_breaks_is_an_error_and_not_an_end(sdk: Sdk, house: Installation) -> None:
    await house.model("reset-mid-stream")
    stream = await sdk.chat.completions.create(model="reset-mid-stream", messages=HI, stream=True)
    text = ""
    with pytest.raises(openai.APIError) as broken:
        async for chunk in stream:
            text += chunk.choices[0].delta.content or ""
    assert text == TEXT
    assert broken.value.code == "provider_error"
    assert sum(arrival.model == "reset-mid-stream" for arrival in house.upstream.journal) == 1


async def test_leaving_a_stream_settles_what_was_delivered(replica: Replica, house: Installation) -> None:
    await house.model("hang-mid-stream")
    tenant: Tenant = await house.new_tenant("1")
    async with Sdk(replica.port, tenant.key) as sdk:
        stream = await sdk.chat.completions.create(model="hang-mid-stream", messages=HI, stream=True)
        seen = ""
        async for chunk in stream:
            seen += chunk.choices[0].delta.content or ""
            if seen == TEXT:
                break
        await stream.close()

    async def settled() -> object:
        return await house.requests(tenant) or None

    (row,) = await until(settled, "the request was not settled")
    assert row["outcome"] == "client_left"
    assert row["charge"] > 0
    await house.books_are_right()
