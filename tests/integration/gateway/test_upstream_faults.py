"""Every way a provider can misbehave: what the client sees, what it pays, and that nothing stays held."""

from typing import Any

import pytest

from omna.money import parse_credits
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.linter import Reading, read_stream
from tests.harness.replica import Replica
from tests.harness.wire import Answer, chat
from tests.upstream.scenarios import ODD_TEXT, SCENARIOS, TEXT, TOOL_ARGUMENTS
from tests.upstream.server import Upstream

FULL = 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
OUTPUT = 4 * COMPLETION_TOKEN

#: Refused before anything was said: status, code and the number of calls, streamed or not.
REFUSALS: dict[str, tuple[int, str, int]] = {
    "refuse-500": (502, "provider_error", 2),
    "status-400": (400, "invalid_value", 1),
    "status-401": (502, "provider_error", 1),
    "status-402": (502, "provider_error", 1),
    "status-403": (502, "provider_error", 1),
    "status-404": (404, "model_not_found", 1),
    "status-413": (413, "request_too_large", 1),
    "status-422": (400, "invalid_value", 1),
    "status-429": (429, "rate_limit_exceeded", 1),
    "status-429-hint": (429, "rate_limit_exceeded", 1),
    "status-502": (502, "provider_error", 2),
    "status-503": (503, "provider_overloaded", 1),
    "status-529": (503, "provider_overloaded", 1),
    "error-string": (400, "invalid_value", 1),
    "error-detail": (400, "invalid_value", 1),
    "error-message": (400, "invalid_value", 1),
    "error-html": (502, "provider_error", 2),
    "error-text": (503, "provider_overloaded", 1),
    "error-empty": (502, "provider_error", 2),
    "error-leaks": (502, "provider_error", 1),
    "context-length": (400, "context_length_exceeded", 1),
    "content-filter": (400, "content_policy_violation", 1),
    "quota": (503, "provider_unavailable", 1),
    "overloaded-ms": (503, "provider_overloaded", 1),
    "error-200": (502, "provider_error", 1),
    "error-200-list": (502, "provider_error", 1),
    "html-200": (502, "provider_error", 1),
    "html-as-json": (502, "provider_error", 1),
    "text-200": (502, "provider_error", 1),
    "malformed-json": (502, "provider_error", 1),
    "no-choices": (502, "provider_error", 1),
    "redirect": (502, "provider_error", 1),
    "gzip-answer": (502, "provider_error", 1),
    "big-headers": (502, "provider_error", 1),
    "many-headers": (502, "provider_error", 1),
    "malformed-http": (502, "provider_error", 1),
    "reset-before-headers": (502, "provider_error", 2),
    "fin-before-headers": (502, "provider_error", 2),
    "big-line": (502, "provider_error", 1),
}

#: Broken off after the first delta: the code of the error event. What was delivered is charged.
BROKEN: dict[str, str] = {
    "hang-mid-stream": "timeout",
    "comments-mid-stream": "timeout",
    "empty-deltas-mid-stream": "timeout",
    "reset-mid-stream": "provider_error",
    "fin-mid-stream": "provider_error",
    "fin-mid-chunk": "provider_error",
    "error-mid-stream": "provider_error",
    "error-finish": "provider_error",
    "usage-then-cut": "provider_error",
    "error-after-finish": "provider_error",
}

#: One clean answer, however it was said: charged in full by the provider's usage.
CLEAN = [
    "ok", "json-for-stream", "stream-for-json", "crlf", "cr", "bom", "fields", "pings", "no-last-blank",
    "octet-stream", "no-done", "no-finish-usage", "finish-empty", "finish-twice", "role-every-chunk", "choices-null",
    "fin-after-finish", "usage-every-chunk", "usage-first-chunk", "usage-with-finish", "usage-null-choices",
    "usage-twice", "usage-wrong-total", "usage-details-null", "finish-end_turn", "finish-STOP", "finish-max_tokens",
    "finish-MAX_TOKENS", "finish-SAFETY", "finish-refusal", "finish-surprise", "hang-after-finish",
]  # fmt: skip

#: Usage that cannot be true: the local count is charged, flagged, never above the hold.
LIES = [
    "missing", "empty", "negative", "fraction", "string", "huge", "true", "contradictory", "prompt-only", "list",
    "zero",
]  # fmt: skip


async def both(house: Installation, replica: Replica, model: str, **fields: Any) -> tuple[Answer, Answer]:
    """Ask a scenario for a whole answer and for a stream."""
    await house.model(model)
    return (
        await chat(replica.port, house.tenant.key, model, **fields),
        await chat(
            replica.port, house.tenant.key, model, stream=True, stream_options={"include_usage": True}, **fields
        ),
    )


def calls(house: Installation, model: str) -> int:
    return sum(arrival.model == model for arrival in house.upstream.journal)


def read(answer: Answer) -> Reading:
    """Read a stream that was asked for with usage."""
    assert answer.status == 200, answer.body
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"
    return read_stream(answer.body, include_usage=True)


async def charged(house: Installation, answer: Answer) -> int:
    """Return what a request cost, the same by usage row and by ledger."""
    row = await house.request(answer.request_id)
    booked = await house.connection.fetchval(
        """SELECT coalesce(sum(e.amount), 0)::bigint
           FROM transfers AS t JOIN entries AS e USING (workspace_id, transfer_id)
           WHERE t.hold_id = $1 AND e.account = 'revenue'""",
        row["request_id"],
    )
    assert booked == row["charge"] <= row["held"]
    return int(booked)


@pytest.mark.parametrize("model", REFUSALS)
async def test_failure_before_the_first_byte_has_a_status_and_costs_nothing(
    house: Installation, replica: Replica, model: str
) -> None:
    status, code, attempts = REFUSALS[model]
    before = calls(house, model)
    for number, answer in enumerate(await both(house, replica, model), 1):
        assert answer.code == (status, code)
        assert await charged(house, answer) == 0
        row = await house.request(answer.request_id)
        assert (row["outcome"], row["error_code"]) == ("failed", code)
        text = answer.body.decode()
        for secret in ("canary", "127.0.0.1", "Traceback", "sk-"):
            assert secret not in text
        if status in (429, 503):
            assert 1 <= int(answer.header("retry-after") or 0) <= 60
        if model == "status-429-hint":
            assert answer.header("retry-after") == "7"
            assert answer.error["metadata"]["limit_name"] == "provider_rate"
        assert number <= 2
    assert calls(house, model) - before == 2 * attempts
    await house.books_are_right()


@pytest.mark.parametrize("model", BROKEN)
async def test_failure_after_the_first_byte_is_an_event_and_costs_the_delivered_output(
    house: Installation, replica: Replica, model: str
) -> None:
    await house.model(model)
    before = calls(house, model)
    answer = await chat(replica.port, house.tenant.key, model, stream=True, stream_options={"include_usage": True})
    reading = read(answer)
    assert reading.error is not None
    assert (reading.error["code"], reading.error["type"]) == (BROKEN[model], "server_error")
    assert reading.content == TEXT
    assert calls(house, model) - before == 1
    assert await charged(house, answer) == OUTPUT
    row = await house.request(answer.request_id)
    assert (row["outcome"], row["estimated"], row["error_code"]) == ("interrupted", True, BROKEN[model])
    await house.books_are_right()


@pytest.mark.parametrize("model", ["fin-mid-json", "fin-mid-chunk", "reset-mid-stream", "error-finish", "endless-json"])
async def test_broken_whole_answer_is_an_error_and_costs_nothing(
    house: Installation, replica: Replica, model: str
) -> None:
    await house.model(model)
    answer = await chat(replica.port, house.tenant.key, model)
    assert answer.code == (502, "provider_error")
    assert await charged(house, answer) == 0
    await house.books_are_right()


@pytest.mark.parametrize("model", ["hang-before-headers", "hang-mid-json"])
async def test_whole_answer_that_does_not_come_is_a_timeout(house: Installation, replica: Replica, model: str) -> None:
    await house.model(model)
    answer = await chat(replica.port, house.tenant.key, model)
    assert answer.code == (504, "timeout")
    assert await charged(house, answer) == 0


@pytest.mark.parametrize("model", ["hang-before-headers", "hang-after-headers", "hang-comments"])
async def test_silence_beyond_the_commit_is_a_timeout_that_costs_nothing(
    house: Installation, replica: Replica, model: str
) -> None:
    await house.model(model)
    answer = await chat(replica.port, house.tenant.key, model, stream=True, stream_options={"include_usage": True})
    # The status was committed before the provider had said anything, with a comment to keep the client.
    reading = read(answer)
    assert reading.error is not None
    assert reading.error["code"] == "timeout"
    assert (reading.content, reading.comments > 0) == ("", True)
    assert await charged(house, answer) == 0
    assert (await house.request(answer.request_id))["outcome"] == "failed"


@pytest.mark.parametrize("model", CLEAN)
async def test_dialect_is_one_clean_answer_at_its_price(house: Installation, replica: Replica, model: str) -> None:
    whole, streamed = await both(house, replica, model)
    reading = read(streamed)
    assert reading.content == TEXT
    assert reading.error is None
    assert reading.usage is not None
    answers = [(streamed, reading.usage)]
    if model not in ("hang-after-finish", "fin-after-finish"):
        assert whole.json["choices"][0]["message"]["content"] == TEXT
        assert whole.json["choices"][0]["finish_reason"] == reading.finish[0]
        answers.append((whole, whole.json["usage"]))
    for answer, usage in answers:
        assert parse_credits(usage["cost_details"]["total"]) == await charged(house, answer) == FULL
        assert (usage["prompt_tokens"], usage["completion_tokens"], usage["total_tokens"]) == (9, 4, 13)
        assert usage["cost_details"]["usage_source"] == "provider"
    await house.books_are_right()


@pytest.mark.parametrize("lie", LIES)
async def test_usage_that_cannot_be_true_is_counted_here_and_flagged(
    house: Installation, replica: Replica, lie: str
) -> None:
    for number, answer in enumerate(await both(house, replica, f"usage-{lie}", max_tokens=50)):
        usage = answer.json["usage"] if number == 0 else read(answer).usage
        assert usage is not None
        assert (usage["cost_details"]["usage_source"], usage["cost_details"]["estimated"]) == ("gateway", True)
        row = await house.request(answer.request_id)
        assert row["estimated"] is True
        assert row["completion_tokens"] == usage["completion_tokens"] == 4
        assert 0 < row["prompt_tokens"] == usage["prompt_tokens"] < 30
        cost = row["prompt_tokens"] * PROMPT_TOKEN + OUTPUT
        assert parse_credits(usage["cost_details"]["total"]) == await charged(house, answer) == cost
        assert usage["total_tokens"] == usage["prompt_tokens"] + usage["completion_tokens"]
    await house.books_are_right()


async def test_token_classes_of_the_usage_are_billed_once_each(house: Installation, replica: Replica) -> None:
    for number, answer in enumerate(await both(house, replica, "usage-details")):
        usage = answer.json["usage"] if number == 0 else read(answer).usage
        assert usage is not None
        assert usage["prompt_tokens_details"] == {"cached_tokens": 5, "cache_write_tokens": 1}
        assert usage["completion_tokens_details"] == {"reasoning_tokens": 2}
        assert await charged(house, answer) == FULL


@pytest.mark.parametrize("model", ["empty-answer", "empty-done"])
async def test_empty_answer_costs_nothing(house: Installation, replica: Replica, model: str) -> None:
    for number, answer in enumerate(await both(house, replica, model)):
        assert await charged(house, answer) == 0
        if answer.status == 200 and number == 1:
            assert read(answer).content == ""
        elif answer.status == 200:
            assert answer.json["choices"][0]["message"]["content"] == ""
            assert answer.json["usage"]["cost_details"]["total"] == "0"
        else:
            assert answer.code == (502, "provider_error")
    await house.books_are_right()


@pytest.mark.parametrize("model", ["no-finish-done", "unicode-separators", "one-byte-chunks", "invalid-utf8",
                                   "lone-surrogate", "nan", "n-choices", "refusal"])  # fmt: skip
async def test_odd_streams_are_valid_and_paid(house: Installation, replica: Replica, model: str) -> None:
    fields = {"n": 3} if model == "n-choices" else {}
    _, streamed = await both(house, replica, model, **fields)
    reading = read(streamed)
    assert reading.error is None
    expected = {
        "unicode-separators": ODD_TEXT, "one-byte-chunks": "你好 " + TEXT, "invalid-utf8": "a\ufffdb",
        "lone-surrogate": "a\ufffdb", "nan": "a", "refusal": "",
    }  # fmt: skip
    assert reading.content == expected.get(model, TEXT)
    if model == "n-choices":
        assert reading.text == {0: TEXT, 1: TEXT, 2: TEXT}
    assert await charged(house, streamed) > 0
    await house.books_are_right()


@pytest.mark.parametrize("dialect", ["clean", "repeated", "empty", "null", "no-index", "index-zero", "whole", "object"])
async def test_tool_calls_come_out_in_the_clean_form(house: Installation, replica: Replica, dialect: str) -> None:
    whole, streamed = await both(house, replica, f"tools-{dialect}")
    reading = read(streamed)
    assert reading.finish[0] == "tool_calls"
    calls_made = reading.tool_calls[0]
    assert [(call.id, call.name, call.arguments.replace(" ", "").replace(":", ":")) for call in calls_made] == [
        ("call_a", "get_weather", TOOL_ARGUMENTS[0]), ("call_b", "get_time", TOOL_ARGUMENTS[1]),
    ]  # fmt: skip
    assert "你好".encode() in streamed.body
    message = whole.json["choices"][0]["message"]
    assert message["content"] is None
    assert [set(call) for call in message["tool_calls"]] == [{"id", "type", "function"}] * 2
    assert whole.json["choices"][0]["finish_reason"] == "tool_calls"
    assert "你好".encode() in whole.body
    await house.books_are_right()


@pytest.mark.parametrize("field", ["thinking", "reasoning", "reasoning_content"])
async def test_reasoning_goes_out_under_both_names(house: Installation, replica: Replica, field: str) -> None:
    whole, streamed = await both(house, replica, f"reasoning-{field}")
    message = whole.json["choices"][0]["message"]
    assert message["reasoning"] == message["reasoning_content"] == read(streamed).reasoning == "let me think"


async def test_endless_stream_stops_at_the_bound_that_was_held(house: Installation, replica: Replica) -> None:
    await house.model("endless", max_output=5000)
    answer = await chat(replica.port, house.tenant.key, "endless", stream=True, max_tokens=5000)
    reading = read_stream(answer.body)
    assert (reading.error, reading.finish[0], reading.native_finish[0]) == (None, "length", "max_tokens")
    row = await house.request(answer.request_id)
    assert await charged(house, answer) == row["held"] <= 5000 * COMPLETION_TOKEN + 100 * PROMPT_TOKEN
    # An honest count may differ from ours by a factor of two, a dishonest one is not followed any further.
    assert len(reading.content) // 4 < 3 * 5000 + 4096
    arrival = house.upstream.journal[-1]
    await arrival.ended.wait()
    assert arrival.outcome == "peer_left"


@pytest.mark.parametrize("streamed", [False, True])
@pytest.mark.parametrize(
    "first", ["status-500", "status-401", "status-404", "status-429", "status-503", "html-200", "reset-before-headers",
              "error-200"],
)  # fmt: skip
async def test_second_route_answers_and_is_charged_once(
    house: Installation, replica: Replica, first: str, streamed: bool
) -> None:
    async with Upstream() as other:
        model = f"fallback-{first}-{streamed}"
        await house.model(model, upstream_model=first)
        await house.add_provider("other", other.base_url)
        await house.model(model, upstream_model="ok", provider="other")
        before = calls(house, first)
        answer = await chat(replica.port, house.tenant.key, model, stream=streamed)
        assert answer.status == 200, answer.body
        content = read_stream(answer.body).content if streamed else answer.json["choices"][0]["message"]["content"]
        assert content == TEXT
        assert (calls(house, first) - before, calls_of(other)) == (1, 1)
        assert await charged(house, answer) == FULL
        row = await house.request(answer.request_id)
        assert len(row["attempts"]) == 1
    await house.books_are_right()


@pytest.mark.parametrize("first", ["reset-mid-stream", "status-400", "context-length"])
async def test_no_second_attempt_after_a_first_byte_or_a_clients_mistake(
    house: Installation, replica: Replica, first: str
) -> None:
    async with Upstream() as other:
        model = f"no-fallback-{first}"
        await house.model(model, upstream_model=first)
        await house.add_provider("other", other.base_url)
        await house.model(model, upstream_model="ok", provider="other")
        answer = await chat(replica.port, house.tenant.key, model, stream=True)
        assert calls_of(other) == 0
        if first == "reset-mid-stream":
            assert read_stream(answer.body).error is not None
        else:
            assert answer.status == 400
    await house.books_are_right()


def calls_of(upstream: Upstream) -> int:
    return len(upstream.journal)


@pytest.mark.parametrize("model", ["malformed-event", "error-event"])
async def test_garbage_after_the_first_delta_is_an_error_event(
    house: Installation, replica: Replica, model: str
) -> None:
    _, streamed = await both(house, replica, model)
    reading = read(streamed)
    assert reading.error is not None
    assert (reading.error["code"], reading.content) == ("provider_error", "The")
    assert await charged(house, streamed) == COMPLETION_TOKEN


async def test_headers_and_cookies_of_the_provider_stay_there(house: Installation, replica: Replica) -> None:
    await house.model("cookie")
    for _ in range(2):
        answer = await chat(replica.port, house.tenant.key, "cookie")
        assert answer.json["choices"][0]["message"]["content"] == "none"
        assert answer.header("set-cookie") is None
        assert "canary" not in repr(answer.headers)


async def test_provider_that_nobody_can_reach_is_an_error_at_once(house: Installation, replica: Replica) -> None:
    async with Upstream() as gone:
        address = gone.base_url
    await house.add_provider("gone", address)
    await house.model("unreachable", upstream_model="ok", provider="gone")
    answer = await chat(replica.port, house.tenant.key, "unreachable", stream=True)
    assert answer.code == (502, "provider_error")
    assert await charged(house, answer) == 0


def test_every_scenario_of_the_upstream_is_played() -> None:
    played = {*REFUSALS, *BROKEN, *CLEAN, *(f"usage-{lie}" for lie in LIES)}
    here = {
        "echo", "reuse", "n-choices", "empty-answer", "empty-done", "fin-mid-json", "endless", "endless-json",
        "hang-after-headers", "hang-comments", "usage-details", "refusal", "no-finish-done", "unicode-separators",
        "one-byte-chunks", "invalid-utf8", "lone-surrogate", "nan", "hang-before-headers", "hang-mid-json",
        "malformed-event", "error-event", "cookie",
    }  # fmt: skip
    elsewhere = {"usage-reasoning-beside", "finish-tool_use", "ok-slow"}  # of the adapter alone
    elsewhere |= {"slow-start", "task"}  # of the contract tests
    rest = {name for name in SCENARIOS if not name.startswith(("tools-", "reasoning-"))} - played - here - elsewhere
    assert not rest
