"""The adapter against a real server that speaks Gemini's dialect well, badly, or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from omna import errors
from omna.gateway.faults import fault
from omna.providers.base import (
    Call,
    Endpoint,
    Failure,
    FailureKind,
    Forward,
    Provider,
    Timeouts,
    Usage,
)
from omna.providers.openai_chunks import collect
from omna.providers.registry import open_provider
from tests.harness.answers import both_ways, failures, streamed
from tests.upstream.gemini_scenarios import CALLS
from tests.upstream.scenarios import TEXT
from tests.upstream.server import Upstream

SECRET = "AIza-secret-canary"
PATIENT = Timeouts(connect=5, first_byte=20, progress=20, total=60)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as server:
        yield server


@pytest.fixture
async def provider(upstream: Upstream) -> AsyncIterator[Provider]:
    adapter = open_provider("gemini", Endpoint("test", upstream.gemini_url, SECRET, allow_private=True), 64)
    yield adapter
    await adapter.close()


def call(model: str, timeouts: Timeouts = PATIENT, **body: Any) -> Call:
    return Call({"messages": [{"role": "user", "content": "hi"}]} | body, model, 100, "req_abc", timeouts)


async def test_answer_is_the_same_with_and_without_streaming(provider: Provider, upstream: Upstream) -> None:
    for completion in await both_ways(provider, call("ok")):
        choice = completion.choices[0]
        assert (choice.content, choice.finish_reason, completion.usage) == (TEXT, "stop", Usage(9, 4))
    assert [(arrival.model, arrival.stream, arrival.tokens_sent) for arrival in upstream.journal] == [
        ("ok", False, 4),
        ("ok", True, 4),
    ]


async def test_key_is_in_a_header_and_never_in_the_address(provider: Provider, upstream: Upstream) -> None:
    await both_ways(provider, call("ok"))
    plain, stream = upstream.journal
    assert plain.path == "/v1beta/models/ok:generateContent"
    assert stream.path == "/v1beta/models/ok:streamGenerateContent?alt=sse"
    for arrival in (plain, stream):
        assert set(arrival.headers) == {
            "host", "user-agent", "x-goog-api-key", "content-type", "content-length", "accept", "accept-encoding",
            "x-request-id",
        }  # fmt: skip
        assert arrival.headers["x-goog-api-key"] == SECRET
        assert arrival.headers["x-request-id"] == "req_abc"
        assert arrival.body == {
            "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
            "generationConfig": {"maxOutputTokens": 100},
        }


async def test_body_arrives_as_it_was_translated(provider: Provider) -> None:
    completion = await provider.complete(
        call("echo", temperature=0.5, tools=[{"type": "function", "function": {"name": "f"}}])
    )
    assert json.loads(completion.choices[0].content or "") == {
        "contents": [{"role": "user", "parts": [{"text": "hi"}]}],
        "tools": [{"functionDeclarations": [{"name": "f"}]}],
        "generationConfig": {"maxOutputTokens": 100, "temperature": 0.5},
    }  # fmt: skip


async def test_tools_and_their_signature_make_the_round_trip(provider: Provider, upstream: Upstream) -> None:
    for completion in await both_ways(provider, call("tools")):
        choice = completion.choices[0]
        assert choice.finish_reason == "tool_calls"
        assert choice.tool_calls is not None
        assert choice.extra is not None
        assert [(made.name, json.loads(made.arguments)) for made in choice.tool_calls] == [
            ("get_weather", {"city": "你好"}),
            ("get_weather", {"city": "Rome"}),
        ]
        history = [
            {"role": "user", "content": "weather?"},
            {
                "role": "assistant",
                "content": None,
                "reasoning_details": choice.extra["reasoning_details"],
                "tool_calls": [
                    {"id": made.id, "type": "function", "function": {"name": made.name, "arguments": made.arguments}}
                    for made in choice.tool_calls
                ],
            },
            *({"role": "tool", "tool_call_id": made.id, "content": "sunny"} for made in choice.tool_calls),
        ]
        await provider.complete(call("ok", messages=history))
        _, said, results = upstream.journal[-1].body["contents"]
        for part in said["parts"]:
            del part["functionCall"]["id"]
        assert said["parts"] == list(CALLS)
        assert [part["functionResponse"]["name"] for part in results["parts"]] == ["get_weather", "get_weather"]


async def test_thoughts_are_reasoning_and_counted_beside_the_answer(provider: Provider) -> None:
    for completion in await both_ways(provider, call("thinking", reasoning_effort="low")):
        choice = completion.choices[0]
        assert (choice.reasoning, choice.content) == ("let me think", TEXT)
        assert choice.extra == {
            "reasoning_details": [
                {"type": "reasoning.encrypted", "data": "c2ln", "format": "google-gemini-v1", "index": 0}
            ]
        }
        assert completion.usage == Usage(9, 11, reasoning=7)


async def test_every_choice_that_was_asked_for_comes(provider: Provider) -> None:
    for completion in await both_ways(provider, call("choices", n=3)):
        assert [choice.content for choice in completion.choices] == [TEXT] * 3
        assert completion.usage == Usage(9, 12)


async def test_filter_after_the_prompt_is_a_finish_reason(provider: Provider) -> None:
    for completion in await both_ways(provider, call("filtered")):
        choice = completion.choices[0]
        assert (choice.finish_reason, choice.native_finish_reason) == ("content_filter", "SAFETY")


async def test_usage_that_cannot_be_true_is_marked(provider: Provider) -> None:
    for completion in await both_ways(provider, call("usage-negative")):
        assert (completion.usage, completion.usage_invalid) == (None, True)


@pytest.mark.parametrize(
    ("model", "kind", "status", "code", "seen"),
    [
        ("blocked", FailureKind.STATUS, 400, "content_filter", errors.ContentPolicyViolation),
        ("bad-key", FailureKind.STATUS, 401, "API_KEY_INVALID", errors.ProviderError),
        ("too-long", FailureKind.STATUS, 400, "context_length_exceeded", errors.ContextLengthExceeded),
        ("invalid", FailureKind.STATUS, 400, "INVALID_ARGUMENT", errors.InvalidValue),
        ("overloaded", FailureKind.STATUS, 503, "UNAVAILABLE", errors.ProviderOverloaded),
        ("no-such-model", FailureKind.STATUS, 404, "NOT_FOUND", errors.ModelNotFound),
        ("malformed-call", FailureKind.REPORTED, None, "MALFORMED_FUNCTION_CALL", errors.ProviderError),
    ],
)
async def test_refusals_are_what_the_client_should_hear(
    provider: Provider, model: str, kind: FailureKind, status: int | None, code: str, seen: type[errors.OmnaError]
) -> None:
    for failure in await failures(provider, call(model)):
        assert (failure.kind, failure.status, failure.code) == (kind, status, code)
        assert type(fault(failure)) is seen


async def test_wait_that_google_asks_for_in_words_is_a_hint(provider: Provider) -> None:
    for failure in await failures(provider, call("limited")):
        assert (failure.status, failure.code, failure.retry_after) == (429, "RESOURCE_EXHAUSTED", 37.5)


async def test_what_gemini_cannot_say_is_never_sent(provider: Provider, upstream: Upstream) -> None:
    for wanted in (call("ok", logit_bias={"1": 1}), call("../files"), call("ok:generateContent?key=x")):
        for failure in await failures(provider, wanted):
            assert failure.kind is FailureKind.UNSUPPORTED
            assert failure.param in ("logit_bias", "model")
    assert upstream.journal == []


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("cut-mid-stream", FailureKind.TRUNCATED),
        ("reset-mid-stream", FailureKind.RESET),
        ("error-mid-stream", FailureKind.REPORTED),
    ],
)
async def test_stream_that_breaks_off_fails_after_what_it_gave(
    provider: Provider, upstream: Upstream, model: str, kind: FailureKind
) -> None:
    said = ""
    with pytest.raises(Failure) as raised:
        async for chunk in provider.stream(call(model)):
            said += "".join(delta.content or "" for delta in chunk.deltas)
            assert not any(delta.finish_reason for delta in chunk.deltas)
    assert (said, raised.value.kind) == (TEXT, kind)
    assert upstream.tokens_sent(model) == 4


async def test_end_after_the_finish_reason_is_success_however_it_comes(provider: Provider) -> None:
    completion = collect(await streamed(provider, call("cut-after-finish")), None)
    assert (completion.choices[0].content, completion.choices[0].finish_reason) == (TEXT, "stop")


@pytest.mark.parametrize(
    ("model", "kind"), [("hang-before-headers", FailureKind.FIRST_BYTE), ("hang-mid-stream", FailureKind.PROGRESS)]
)
async def test_silence_fails_and_closes_the_connection(
    provider: Provider, upstream: Upstream, model: str, kind: FailureKind
) -> None:
    with pytest.raises(Failure) as raised:
        await streamed(provider, call(model, Timeouts(connect=5, first_byte=0.5, progress=0.5, total=20)))
    assert raised.value.kind is kind
    arrival = await upstream.next_arrival()
    async with asyncio.timeout(10):
        await arrival.ended.wait()
    assert arrival.outcome == "peer_left"


async def test_other_endpoints_are_not_served(provider: Provider, upstream: Upstream) -> None:
    request = Forward(
        path="embeddings", content=b"{}", content_type="application/json", request_id="req_1", timeouts=PATIENT
    )
    with pytest.raises(Failure) as raised:
        await provider.forward(request)
    assert raised.value.kind is FailureKind.UNSUPPORTED
    assert upstream.journal == []
