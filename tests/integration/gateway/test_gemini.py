"""A provider of kind `gemini` behind the gateway: what the client sees, what it pays, what the provider's journal says."""

import json
from typing import Any

import pytest

from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.linter import Reading, read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Answer, chat
from tests.upstream.scenarios import TEXT

FULL = 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN


@pytest.fixture(scope="module", autouse=True)
async def gemini(house: Installation) -> None:
    await house.add_provider("gemini", house.upstream.gemini_url, kind="gemini")


async def sell(house: Installation, scenario: str) -> str:
    return await house.model(f"gemini/{scenario}", upstream_model=scenario, provider="gemini")


async def whole(house: Installation, replica: Replica, scenario: str, **fields: Any) -> Answer:
    return await chat(replica.port, house.tenant.key, await sell(house, scenario), **fields)


async def stream(house: Installation, replica: Replica, scenario: str, **fields: Any) -> tuple[Answer, Reading]:
    options = {"stream": True, "stream_options": {"include_usage": True}}
    answer = await chat(replica.port, house.tenant.key, await sell(house, scenario), **options, **fields)
    assert answer.status == 200, answer.body
    return answer, read_stream(answer.body, include_usage=True)


async def test_answer_is_charged_as_the_provider_counted_it(house: Installation, replica: Replica) -> None:
    answer = await whole(house, replica, "ok")
    assert answer.json["choices"][0]["message"]["content"] == TEXT
    streamed, reading = await stream(house, replica, "ok")
    assert reading.content == TEXT
    for request_id in (answer.request_id, streamed.request_id):
        row = await house.request(request_id)
        assert (row["charge"], row["outcome"], row["estimated"]) == (FULL, "completed", False)
    assert house.upstream.tokens_sent("ok") == 8
    await house.books_are_right()


async def test_thoughts_are_shown_and_paid_for_as_completion(house: Installation, replica: Replica) -> None:
    answer = await whole(house, replica, "thinking", reasoning_effort="low")
    message, usage = answer.json["choices"][0]["message"], answer.json["usage"]
    assert (message["content"], message["reasoning"]) == (TEXT, "let me think")
    assert message["reasoning_details"][0]["data"] == "c2ln"
    assert (usage["completion_tokens"], usage["completion_tokens_details"]["reasoning_tokens"]) == (11, 7)
    assert (await house.request(answer.request_id))["charge"] == 9 * PROMPT_TOKEN + 11 * COMPLETION_TOKEN
    _, reading = await stream(house, replica, "thinking", reasoning_effort="low")
    assert reading.content == TEXT
    assert house.upstream.journal[-1].body["generationConfig"]["thinkingConfig"]["includeThoughts"] is True


async def test_tools_come_in_openais_form(house: Installation, replica: Replica) -> None:
    tools = [{"type": "function", "function": {"name": "get_weather"}}]
    answer = await whole(house, replica, "tools", tools=tools)
    choice = answer.json["choices"][0]
    assert (choice["finish_reason"], choice["native_finish_reason"]) == ("tool_calls", "STOP")
    assert [json.loads(call["function"]["arguments"]) for call in choice["message"]["tool_calls"]] == [
        {"city": "你好"},
        {"city": "Rome"},
    ]
    await stream(house, replica, "tools", tools=tools)
    await house.books_are_right()


@pytest.mark.parametrize(
    ("scenario", "status", "code"),
    [
        ("blocked", 400, "content_policy_violation"),
        ("too-long", 400, "context_length_exceeded"),
        ("invalid", 400, "invalid_value"),
        ("bad-key", 502, "provider_error"),
        ("limited", 429, "rate_limit_exceeded"),
        ("malformed-call", 502, "provider_error"),
    ],
)
async def test_refusal_has_a_status_streamed_or_not_and_costs_nothing(
    house: Installation, replica: Replica, scenario: str, status: int, code: str
) -> None:
    for streamed in (False, True):
        answer = await whole(house, replica, scenario, stream=streamed)
        assert answer.code == (status, code)
        assert "API key" not in answer.body.decode()
        assert (await house.request(answer.request_id))["charge"] == 0
    await house.books_are_right()


async def test_parameter_that_gemini_lacks_is_named_and_nothing_is_sent(house: Installation, replica: Replica) -> None:
    before = len(house.upstream.journal)
    answer = await whole(house, replica, "ok", logit_bias={"1": 1})
    assert answer.code == (400, "unsupported_parameter")
    assert answer.error["param"] == "logit_bias"
    assert len(house.upstream.journal) == before


@pytest.mark.parametrize("scenario", ["cut-mid-stream", "reset-mid-stream", "error-mid-stream"])
async def test_stream_that_breaks_off_ends_in_an_error_and_costs_what_was_delivered(
    house: Installation, replica: Replica, scenario: str
) -> None:
    answer, reading = await stream(house, replica, scenario)
    assert reading.content == TEXT
    assert reading.error is not None
    assert reading.error["code"] == "provider_error"
    assert (await house.request(answer.request_id))["charge"] == 4 * COMPLETION_TOKEN
    assert house.upstream.tokens_sent(scenario) == 4
    await house.books_are_right()
