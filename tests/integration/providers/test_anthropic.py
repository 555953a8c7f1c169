"""The adapter for Messages against a local server that behaves well, badly, or not at all."""

import asyncio
import json
from collections.abc import AsyncIterator
from typing import Any

import pytest

from omna.providers.anthropic import AnthropicProvider
from omna.providers.base import Call, Endpoint, Failure, FailureKind, Forward, Timeouts, Usage
from omna.providers.openai_chunks import collect
from tests.harness.answers import both_ways, failures, streamed
from tests.upstream.anthropic_scenarios import THOUGHT
from tests.upstream.scenarios import TEXT, TOOL_ARGUMENTS
from tests.upstream.server import Upstream

PATIENT = Timeouts(connect=5, first_byte=20, progress=20, total=60)
QUICK = Timeouts(connect=5, first_byte=0.1, progress=0.15, total=20)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as server:
        yield server


@pytest.fixture
async def provider(upstream: Upstream) -> AsyncIterator[AnthropicProvider]:
    adapter = AnthropicProvider(Endpoint("test", upstream.base_url, "sk-secret-canary", allow_private=True), 8)
    yield adapter
    await adapter.close()


def call(model: str, timeouts: Timeouts = PATIENT, **body: Any) -> Call:
    return Call({"messages": [{"role": "user", "content": "hi"}]} | body, model, 100, "req_abc", timeouts)


async def test_answer_is_the_same_with_and_without_streaming(provider: AnthropicProvider, upstream: Upstream) -> None:
    for completion in await both_ways(provider, call("ok")):
        choice = completion.choices[0]
        assert (choice.content, choice.finish_reason, choice.native_finish_reason) == (TEXT, "stop", "end_turn")
        assert completion.usage == Usage(9, 4)
    assert upstream.tokens_sent("ok") == 8


async def test_request_carries_the_listed_headers_and_a_messages_body(
    provider: AnthropicProvider, upstream: Upstream
) -> None:
    await provider.complete(call("ok"))
    await streamed(provider, call("ok"))
    plain, stream = upstream.journal
    assert plain.path == stream.path == "/v1/messages"
    assert set(plain.headers) == {
        "host", "user-agent", "x-api-key", "anthropic-version", "content-type", "content-length", "accept",
        "accept-encoding", "x-request-id",
    }  # fmt: skip
    assert plain.headers["x-api-key"] == "sk-secret-canary"
    assert plain.headers["anthropic-version"] == "2023-06-01"
    assert plain.body == {
        "model": "ok",
        "max_tokens": 100,
        "stream": False,
        "messages": [{"role": "user", "content": [{"type": "text", "text": "hi"}]}],
    }
    assert stream.body["stream"] is True
    assert stream.headers["accept"] == "text/event-stream"


async def test_native_body_and_beta_are_passed_on(provider: AnthropicProvider, upstream: Upstream) -> None:
    native = {"model": "public", "max_tokens": 5, "messages": [{"role": "user", "content": "hi"}], "new": [1]}
    wanted = Call({}, "ok", 100, "req_abc", PATIENT, "messages", native, beta="context-1m-2025-08-07")
    assert (await provider.complete(wanted)).choices[0].content == TEXT
    (arrival,) = upstream.journal
    assert arrival.headers["anthropic-beta"] == "context-1m-2025-08-07"
    assert arrival.body == native | {"model": "ok", "max_tokens": 100, "stream": False}


async def test_tools_and_thinking_are_normalised(provider: AnthropicProvider) -> None:
    for completion in await both_ways(provider, call("tools")):
        choice = completion.choices[0]
        assert (choice.content, choice.finish_reason) == ("Look:", "tool_calls")
        calls = [(c.index, c.id, c.name, json.loads(c.arguments)) for c in choice.tool_calls or []]
        assert calls == [
            (0, "toolu_a", "get_weather", json.loads(TOOL_ARGUMENTS[0])),
            (1, "toolu_b", "get_time", json.loads(TOOL_ARGUMENTS[1])),
        ]
    for completion in await both_ways(provider, call("tools-empty")):
        assert [c.arguments for c in completion.choices[0].tool_calls or []] == ["{}"]
    for completion in await both_ways(provider, call("thinking")):
        assert (completion.choices[0].reasoning, completion.choices[0].content) == (THOUGHT, TEXT)


async def test_thinking_that_came_goes_back_as_it_came(provider: AnthropicProvider, upstream: Upstream) -> None:
    """The blocks of an answer, put into history as a chat client does, arrive upstream as the blocks they were."""
    completion = collect(await streamed(provider, call("thinking")), None)
    choice = completion.choices[0]
    history = [
        {"role": "user", "content": "hi"},
        {"role": "assistant", "content": choice.content} | (choice.extra or {}),
        {"role": "user", "content": "go on"},
    ]
    await provider.complete(call("ok", messages=history))
    assert upstream.journal[1].body["messages"][1]["content"] == [
        {"type": "thinking", "thinking": THOUGHT, "signature": "c2lnbmVk"},
        {"type": "redacted_thinking", "data": "c2VhbGVk"},
        {"type": "text", "text": TEXT},
    ]


@pytest.mark.parametrize("model", ["pings", "json-for-stream", "no-message-stop", "server-tool", "stop-pause_turn"])
async def test_stream_dialect_is_one_clean_answer(provider: AnthropicProvider, model: str) -> None:
    completion = collect(await streamed(provider, call(model)), None)
    choice = completion.choices[0]
    assert (choice.content, choice.finish_reason, completion.usage) == (TEXT, "stop", Usage(9, 4))


async def test_stream_where_json_was_asked_for_is_collected(provider: AnthropicProvider) -> None:
    completion = await provider.complete(call("stream-for-json"))
    assert (completion.choices[0].content, completion.usage) == (TEXT, Usage(9, 4))


async def test_bytes_one_by_one_arrive_whole(provider: AnthropicProvider) -> None:
    completion = collect(await streamed(provider, call("one-byte-chunks")), None)
    assert completion.choices[0].content == "你好 " + TEXT


async def test_stop_sequence_and_cache_counts_are_told(provider: AnthropicProvider) -> None:
    for completion in await both_ways(provider, call("stop-sequence")):
        assert (completion.choices[0].stop_sequence, completion.choices[0].finish_reason) == ("END", "stop")
    for completion in await both_ways(provider, call("cache")):
        assert completion.usage == Usage(16, 4, cached=5, cache_write=2, reasoning=3)


async def test_usage_is_believed_only_when_it_can_be(provider: AnthropicProvider) -> None:
    for completion in await both_ways(provider, call("usage-negative")):
        assert (completion.usage, completion.usage_invalid) == (None, True)
    assert (await provider.complete(call("usage-missing"))).usage is None


async def test_empty_answer_delivers_nothing_and_is_no_failure(provider: AnthropicProvider) -> None:
    for completion in await both_ways(provider, call("empty")):
        assert [choice.delivers for choice in completion.choices] == [False]


async def test_finish_comes_last_and_once(provider: AnthropicProvider) -> None:
    for model in ("ok", "tools", "json-for-stream", "empty"):
        deltas = [delta for chunk in await streamed(provider, call(model)) for delta in chunk.deltas]
        assert [bool(delta.finish_reason) for delta in deltas] == [False] * (len(deltas) - 1) + [True]


# ── failures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "status", "code", "message"),
    [
        ("bad-request", 400, "invalid_request_error", "max_tokens: too large"),
        ("overloaded", 529, "overloaded_error", "Overloaded"),
        ("leaks", 401, "authentication_error", "invalid x-api-key [key]"),
        ("no-such-model", 404, "not_found_error", "model: no-such-model"),
    ],
)
async def test_status_is_a_failure_with_its_reason(
    provider: AnthropicProvider, model: str, status: int, code: str, message: str
) -> None:
    for failure in await failures(provider, call(model)):
        assert (failure.kind, failure.status) == (FailureKind.STATUS, status)
        assert (failure.code, failure.message) == (code, message)


async def test_retry_hint_is_passed_on(provider: AnthropicProvider) -> None:
    assert [f.retry_after for f in await failures(provider, call("rate-limited"))] == [7, 7]


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("overloaded-mid-stream", FailureKind.REPORTED),
        ("overloaded-at-once", FailureKind.REPORTED),
        ("fin-mid-stream", FailureKind.TRUNCATED),
        ("fin-mid-chunk", FailureKind.RESET),
        ("reset-mid-stream", FailureKind.RESET),
        ("not-a-message", FailureKind.MALFORMED),
        ("html", FailureKind.MALFORMED),
    ],
)
async def test_broken_answer_fails_by_kind(provider: AnthropicProvider, model: str, kind: FailureKind) -> None:
    for failure in await failures(provider, call(model)):
        assert failure.kind is kind
        if kind is FailureKind.REPORTED:
            assert (failure.code, failure.message) == ("overloaded_error", "Overloaded")


async def test_key_in_a_reported_error_is_not_repeated(provider: AnthropicProvider) -> None:
    for failure in await failures(provider, call("leaks-mid-stream")):
        assert failure.message == "key [key] is odd"
        assert "canary" not in str(failure)


async def test_text_before_a_failure_was_delivered(provider: AnthropicProvider) -> None:
    for model in ("overloaded-mid-stream", "fin-mid-stream", "fin-mid-chunk", "reset-mid-stream"):
        seen = ""
        with pytest.raises(Failure):
            async for chunk in provider.stream(call(model)):
                seen += "".join(delta.content or "" for delta in chunk.deltas)
                assert chunk.usage is None
        assert seen == TEXT


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("hang-before-headers", FailureKind.FIRST_BYTE),
        ("hang-pings", FailureKind.FIRST_BYTE),
        ("hang-mid-stream", FailureKind.PROGRESS),
        ("pings-mid-stream", FailureKind.PROGRESS),
    ],
)
async def test_silence_is_a_failure_in_time_and_closes_the_connection(
    provider: AnthropicProvider, upstream: Upstream, model: str, kind: FailureKind
) -> None:
    with pytest.raises(Failure) as raised:
        await streamed(provider, call(model, QUICK))
    assert raised.value.kind is kind
    await asyncio.wait_for(upstream.journal[0].ended.wait(), 1)
    assert upstream.journal[0].outcome == "peer_left"


async def test_closed_stream_closes_the_upstream_connection_at_once(
    provider: AnthropicProvider, upstream: Upstream
) -> None:
    stream = provider.stream(call("hang-mid-stream"))
    async for chunk in stream:
        if any(delta.content for delta in chunk.deltas):
            break
    await stream.aclose()
    await asyncio.wait_for(upstream.journal[0].ended.wait(), 1)
    assert upstream.journal[0].outcome == "peer_left"


async def test_connection_is_reused(provider: AnthropicProvider, upstream: Upstream) -> None:
    for _ in range(3):
        await provider.complete(call("ok"))
        await streamed(provider, call("ok"))
    assert upstream.connections == 1


async def test_what_cannot_be_said_is_refused_before_anything_is_sent(
    provider: AnthropicProvider, upstream: Upstream
) -> None:
    for failure in await failures(provider, call("ok", n=2)):
        assert (failure.kind, failure.param) == (FailureKind.UNSUPPORTED, "n")
    completions = Call({"prompt": "x"}, "ok", 5, "r", PATIENT, dialect="completions")
    for failure in await failures(provider, completions):
        assert (failure.kind, failure.param) == (FailureKind.UNSUPPORTED, None)
    with pytest.raises(Failure) as raised:
        await provider.forward(
            Forward(path="embeddings", content=b"{}", content_type="application/json", request_id="r", timeouts=PATIENT)
        )
    assert raised.value.kind is FailureKind.UNSUPPORTED
    assert not upstream.journal
