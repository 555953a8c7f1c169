"""The adapter against a real server that behaves well, badly, or not at all."""

import asyncio
import contextlib
import gc
import json
from collections.abc import AsyncIterator
from typing import Any

import msgspec
import pytest

from omna.providers.base import (
    Call,
    Dialect,
    Endpoint,
    Failure,
    FailureKind,
    Forward,
    Timeouts,
    Usage,
)
from omna.providers.openai import OpenAIProvider
from omna.providers.openai_chunks import collect
from omna.providers.openai_habits import Habits
from tests.harness.answers import both_ways, failures, streamed
from tests.upstream.endpoint_scenarios import SPEECH
from tests.upstream.scenarios import ODD_TEXT, TEXT, TOOL_ARGUMENTS
from tests.upstream.server import Upstream

USAGE = Usage(9, 4)
PATIENT = Timeouts(connect=5, first_byte=20, progress=20, total=60)


@pytest.fixture
async def upstream() -> AsyncIterator[Upstream]:
    async with Upstream() as server:
        yield server


@pytest.fixture
async def provider(upstream: Upstream) -> AsyncIterator[OpenAIProvider]:
    adapter = OpenAIProvider(Endpoint("test", upstream.base_url, "sk-secret-canary", allow_private=True), 64)
    yield adapter
    await adapter.close()


def call(model: str, timeouts: Timeouts = PATIENT, **body: Any) -> Call:
    return Call({"messages": [{"role": "user", "content": "hi"}]} | body, model, 100, "req_abc", timeouts)


def call_as(dialect: Dialect, model: str, native: dict[str, Any] | None = None, **body: Any) -> Call:
    return Call(body, model, 100, "req_abc", PATIENT, dialect, native)


async def test_answer_is_the_same_with_and_without_streaming(provider: OpenAIProvider) -> None:
    for completion in await both_ways(provider, call("ok")):
        choice = completion.choices[0]
        assert (choice.content, choice.finish_reason, completion.usage) == (TEXT, "stop", USAGE)


async def test_request_carries_the_listed_headers_and_the_body_untouched(
    provider: OpenAIProvider, upstream: Upstream
) -> None:
    await provider.complete(call("ok", temperature=0.5, custom={"你": [1, None]}, big=10**30))
    await streamed(provider, call("ok"))
    plain, stream = upstream.journal
    assert plain.path == "/v1/chat/completions"
    assert set(plain.headers) == {
        "host", "user-agent", "authorization", "content-type", "content-length", "accept", "accept-encoding",
        "x-request-id",
    }  # fmt: skip
    assert plain.headers["authorization"] == "Bearer sk-secret-canary"
    assert plain.headers["x-request-id"] == "req_abc"
    assert plain.headers["user-agent"] == "omna"
    assert plain.headers["accept-encoding"] == "identity"
    assert plain.body == {
        "messages": [{"role": "user", "content": "hi"}],
        "temperature": 0.5,
        "custom": {"你": [1, None]},
        "big": 10**30,
        "model": "ok",
        "max_tokens": 100,
        "stream": False,
    }
    assert stream.body["stream"] is True
    assert stream.body["stream_options"] == {"include_usage": True}
    assert stream.headers["accept"] == "text/event-stream"


async def test_provider_without_a_key_sends_no_authorization(upstream: Upstream) -> None:
    adapter = OpenAIProvider(
        Endpoint("x", upstream.base_url + "/", None, allow_private=True), 4, Habits("max_completion_tokens")
    )
    await adapter.complete(call("ok"))
    await adapter.close()
    assert "authorization" not in upstream.journal[0].headers
    assert upstream.journal[0].body["max_completion_tokens"] == 100


async def test_chunks_arrive_as_they_are_sent_and_not_at_the_end(provider: OpenAIProvider, upstream: Upstream) -> None:
    stream = provider.stream(call("hang-mid-stream"))
    seen = ""
    async for chunk in stream:
        seen += "".join(delta.content or "" for delta in chunk.deltas)
        if seen == TEXT:
            break
    assert upstream.journal[0].outcome == "running"
    await stream.aclose()


@pytest.mark.parametrize(
    "model",
    [
        "crlf", "cr", "bom", "fields", "pings", "no-last-blank", "octet-stream", "no-done", "no-finish-done",
        "no-finish-usage", "finish-empty", "finish-twice", "role-every-chunk", "choices-null", "json-for-stream",
        "stream-for-json", "usage-with-finish", "usage-null-choices", "usage-twice", "usage-first-chunk",
        "fin-after-finish", "usage-every-chunk",
    ],
)  # fmt: skip
async def test_stream_dialect_is_one_clean_answer(provider: OpenAIProvider, model: str) -> None:
    wanted = call(model)
    completion = collect(await streamed(provider, wanted), None)
    choice = completion.choices[0]
    assert (choice.content, choice.finish_reason) == (TEXT, "stop")
    if model != "no-finish-done":
        assert (completion.usage, completion.usage_invalid) == (USAGE, False)


@pytest.mark.parametrize("model", ["crlf", "no-done", "stream-for-json", "choices-null"])
async def test_stream_where_json_was_asked_for_is_collected(provider: OpenAIProvider, model: str) -> None:
    completion = await provider.complete(call(model))
    assert (completion.choices[0].content, completion.usage) == (TEXT, USAGE)


async def test_every_finish_comes_last_and_once(provider: OpenAIProvider) -> None:
    for model in ("ok", "finish-twice", "json-for-stream", "usage-with-finish"):
        deltas = [delta for chunk in await streamed(provider, call(model)) for delta in chunk.deltas]
        assert [bool(delta.finish_reason) for delta in deltas] == [False] * (len(deltas) - 1) + [True]


async def test_bytes_one_by_one_arrive_whole(provider: OpenAIProvider) -> None:
    completion = collect(await streamed(provider, call("one-byte-chunks")), None)
    assert (completion.choices[0].content, completion.usage) == ("你好 " + TEXT, USAGE)


async def test_text_with_line_separators_and_done_arrives_unchanged(provider: OpenAIProvider) -> None:
    for completion in await both_ways(provider, call("unicode-separators")):
        assert (completion.choices[0].content, completion.usage) == (ODD_TEXT, USAGE)


async def test_broken_text_becomes_replacement_characters(provider: OpenAIProvider) -> None:
    for model in ("invalid-utf8", "lone-surrogate"):
        for completion in await both_ways(provider, call(model)):
            assert completion.choices[0].content == "a\ufffdb"


async def test_several_choices_are_kept_apart(provider: OpenAIProvider) -> None:
    for completion in await both_ways(provider, call("n-choices", n=3)):
        assert [(c.index, c.content, c.finish_reason) for c in completion.choices] == [
            (index, TEXT, "stop") for index in range(3)
        ]


@pytest.mark.parametrize("model", ["empty-answer", "empty-done"])
async def test_empty_answer_delivers_nothing_and_is_no_failure(provider: OpenAIProvider, model: str) -> None:
    completion = collect(await streamed(provider, call(model)), None)
    assert [choice.delivers for choice in completion.choices] == [False]


@pytest.mark.parametrize(
    ("raw", "mapped"),
    [("end_turn", "stop"), ("STOP", "stop"), ("max_tokens", "length"), ("MAX_TOKENS", "length"),
     ("tool_use", "stop"), ("SAFETY", "content_filter"), ("refusal", "content_filter"), ("surprise", "stop")],
)  # fmt: skip
async def test_finish_reason_is_mapped(provider: OpenAIProvider, raw: str, mapped: str) -> None:
    for completion in await both_ways(provider, call(f"finish-{raw}")):
        assert (completion.choices[0].finish_reason, completion.choices[0].native_finish_reason) == (mapped, raw)


@pytest.mark.parametrize("dialect", ["clean", "repeated", "empty", "null", "no-index", "index-zero", "whole", "object"])
async def test_tool_calls_are_the_same_in_every_dialect(provider: OpenAIProvider, dialect: str) -> None:
    for completion in await both_ways(provider, call(f"tools-{dialect}")):
        choice = completion.choices[0]
        assert choice.finish_reason == "tool_calls"
        got = [(c.index, c.id, c.name, json.loads(c.arguments)) for c in choice.tool_calls or []]
        assert got == [
            (0, "call_a", "get_weather", json.loads(TOOL_ARGUMENTS[0])),
            (1, "call_b", "get_time", json.loads(TOOL_ARGUMENTS[1])),
        ]
        assert "你好" in (choice.tool_calls or [])[0].arguments


@pytest.mark.parametrize(
    "model", ["reasoning-thinking", "reasoning-reasoning", "reasoning-reasoning_content", "reasoning-parts"]
)
async def test_reasoning_is_one_field(provider: OpenAIProvider, model: str) -> None:
    for completion in await both_ways(provider, call(model)):
        assert (completion.choices[0].reasoning, completion.choices[0].content) == ("let me think", TEXT)


@pytest.mark.parametrize(
    ("name", "usage", "invalid"),
    [
        ("zero", Usage(9, 0), False), ("wrong-total", USAGE, False), ("details", Usage(9, 4, 5, 1, 2), False),
        ("details-null", USAGE, False), ("reasoning-beside", Usage(9, 24, reasoning=20), False),
        ("missing", None, False), ("empty", None, False), ("negative", None, True), ("fraction", None, True),
        ("string", None, True), ("huge", None, True), ("true", None, True), ("contradictory", None, True),
        ("prompt-only", None, True), ("list", None, True),
    ],
)  # fmt: skip
async def test_usage_is_believed_only_when_it_can_be(
    provider: OpenAIProvider, name: str, usage: Usage | None, invalid: bool
) -> None:
    for completion in await both_ways(provider, call(f"usage-{name}")):
        assert (completion.usage, completion.usage_invalid) == (usage, invalid)
        assert completion.choices[0].content == TEXT


# ── other endpoints ──────────────────────────────────────────────────────────────────────────────────────────────────


async def test_completions_have_an_endpoint_of_their_own(provider: OpenAIProvider, upstream: Upstream) -> None:
    for completion in await both_ways(provider, call_as("completions", "ok", prompt="hi", echo=True)):
        choice = completion.choices[0]
        assert (choice.content, choice.finish_reason, completion.usage) == (TEXT, "stop", USAGE)
    plain, stream = upstream.journal
    assert plain.path == stream.path == "/v1/completions"
    assert plain.body == {"prompt": "hi", "echo": True, "model": "ok", "max_tokens": 100, "stream": False}
    assert stream.body["stream_options"] == {"include_usage": True}
    assert (plain.tokens_sent, stream.tokens_sent) == (4, 4)


async def test_logprobs_of_completions_are_passed(provider: OpenAIProvider) -> None:
    completion = await provider.complete(call_as("completions", "logprobs", prompt="hi"))
    choice = completion.choices[0]
    assert (choice.content, choice.finish_reason) == ("The", "length")
    assert choice.logprobs["token_logprobs"] == [-0.1]


async def test_completions_that_break_off_are_truncated(provider: OpenAIProvider) -> None:
    wanted = call_as("completions", "fin-mid-stream", prompt="hi")
    assert [f.kind for f in await failures(provider, wanted)] == [FailureKind.TRUNCATED] * 2


@pytest.fixture
async def native(upstream: Upstream) -> AsyncIterator[OpenAIProvider]:
    """A host that serves the Responses API itself."""
    adapter = OpenAIProvider(
        Endpoint("test", upstream.base_url, "sk-secret-canary", allow_private=True), 64, Habits(responses=True)
    )
    yield adapter
    await adapter.close()


async def test_native_responses_are_passed_on_as_they_came(native: OpenAIProvider, upstream: Upstream) -> None:
    body = {"model": "public", "input": "hi", "max_output_tokens": 9, "store": True, "client_metadata": {"a": "b"}}
    for completion in await both_ways(native, call_as("responses", "ok", body, messages=[])):
        choice = completion.choices[0]
        assert (choice.content, choice.finish_reason) == (TEXT, "stop")
        assert completion.usage == Usage(9, 4, cached=2, reasoning=1)
    for arrival, stream in zip(upstream.journal, (False, True), strict=True):
        assert arrival.path == "/v1/responses"
        assert arrival.body == {
            "model": "ok",
            "input": "hi",
            "max_output_tokens": 100,
            "store": False,
            "client_metadata": {"a": "b"},
            "stream": stream,
        }


@pytest.mark.parametrize(
    ("model", "kind"),
    [("failed", FailureKind.REPORTED), ("fin-mid-stream", FailureKind.TRUNCATED), ("status-500", FailureKind.STATUS),
     ("reset-mid-stream", FailureKind.RESET)],
)  # fmt: skip
async def test_native_responses_fail_by_kind(native: OpenAIProvider, model: str, kind: FailureKind) -> None:
    wanted = call_as("responses", model, {"input": "hi"})
    assert [f.kind for f in await failures(native, wanted)] == [kind] * 2


@pytest.mark.parametrize("dialect", ["responses", "messages"])
async def test_other_hosts_get_the_chat_form(provider: OpenAIProvider, upstream: Upstream, dialect: Dialect) -> None:
    wanted = call_as(dialect, "ok", {"input": "hi"}, messages=[{"role": "user", "content": "hi"}])
    assert (await provider.complete(wanted)).choices[0].content == TEXT
    (arrival,) = upstream.journal
    assert arrival.path == "/v1/chat/completions"
    assert "input" not in arrival.body


def forward(path: str, model: str, timeouts: Timeouts = PATIENT) -> Forward:
    content = json.dumps({"model": model, "input": "你好"}, ensure_ascii=False).encode()
    return Forward(path=path, content=content, content_type="application/json", request_id="req_f", timeouts=timeouts)


async def test_trace_is_told_to_a_provider_that_may_know_it(provider: OpenAIProvider, upstream: Upstream) -> None:
    trace = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"
    told = msgspec.structs.replace(call("ok"), traceparent=trace)
    await provider.complete(told)
    await streamed(provider, told)
    await provider.forward(msgspec.structs.replace(forward("embeddings", "ok"), traceparent=trace))
    assert [arrival.headers.get("traceparent") for arrival in upstream.journal] == [trace] * 3


async def test_forwarded_request_arrives_byte_for_byte(provider: OpenAIProvider, upstream: Upstream) -> None:
    request = forward("embeddings", "ok")
    answer = await provider.forward(request)
    assert answer.content_type == "application/json"
    assert json.loads(answer.content)["data"][0]["embedding"] == [0.5, -1.25]
    (arrival,) = upstream.journal
    assert (arrival.path, arrival.raw) == ("/v1/embeddings", request.content)
    assert (arrival.headers["content-type"], arrival.headers["x-request-id"]) == ("application/json", "req_f")
    assert arrival.headers["authorization"] == "Bearer sk-secret-canary"


async def test_forwarded_form_keeps_its_boundary(provider: OpenAIProvider, upstream: Upstream) -> None:
    form = b'--b\r\ncontent-disposition: form-data; name="model"\r\n\r\nwhisper\r\n--b--\r\n'
    with pytest.raises(Failure) as raised:
        await provider.forward(
            Forward(
                path="audio/transcriptions",
                content=form,
                content_type="multipart/form-data; boundary=b",
                request_id="r",
                timeouts=PATIENT,
            )
        )
    assert raised.value.status == 404  # the fake reads model ids from JSON only
    assert upstream.journal[0].raw == form
    assert upstream.journal[0].headers["content-type"] == "multipart/form-data; boundary=b"


async def test_forwarded_answer_may_be_binary(provider: OpenAIProvider) -> None:
    answer = await provider.forward(forward("audio/speech", "ok"))
    assert (answer.content, answer.content_type) == (SPEECH, "audio/mpeg")


@pytest.mark.parametrize(
    ("model", "kind"),
    [("status-429-hint", FailureKind.STATUS), ("html-200", FailureKind.MALFORMED), ("redirect", FailureKind.MALFORMED),
     ("gzip-answer", FailureKind.MALFORMED), ("endless", FailureKind.MALFORMED),
     ("reset-before-headers", FailureKind.RESET), ("fin-mid-json", FailureKind.RESET)],
)  # fmt: skip
async def test_forwarded_request_fails_by_kind(
    provider: OpenAIProvider, upstream: Upstream, model: str, kind: FailureKind
) -> None:
    with pytest.raises(Failure) as raised:
        await provider.forward(forward("embeddings", model))
    assert raised.value.kind is kind
    await asyncio.wait_for(upstream.journal[0].ended.wait(), 5)
    assert upstream.journal[0].bytes_sent < 80 << 20


async def test_forwarded_request_is_bounded_by_total(provider: OpenAIProvider, upstream: Upstream) -> None:
    with pytest.raises(Failure) as raised:
        await provider.forward(forward("embeddings", "hang-before-headers", Timeouts(total=0.1)))
    assert raised.value.kind is FailureKind.TOTAL
    await asyncio.wait_for(upstream.journal[0].ended.wait(), 1)
    assert upstream.journal[0].outcome == "peer_left"


# ── failures ─────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize(
    ("model", "status", "message", "code"),
    [
        ("status-400", 400, "refused with 400", "code_400"),
        ("status-404", 404, "refused with 404", "code_404"),
        ("status-500", 500, "refused with 500", "code_500"),
        ("status-201", 201, "refused with 201", "code_201"),
        ("error-string", 400, "bad words", None),
        ("error-detail", 422, "body.n: too large", "value_error"),
        ("error-message", 400, "not like this", "400"),
        ("error-html", 502, "the provider answered with an HTML page", None),
        ("error-text", 503, "no healthy upstream", None),
        ("error-empty", 500, "", None),
        ("error-leaks", 401, "Incorrect API key provided: [key]", None),
        ("context-length", 400, "This model has a maximum context length of 8 tokens.", "context_length_exceeded"),
        ("quota", 429, "You exceeded your quota", "insufficient_quota"),
        ("no-such-model", 404, "refused with 404", "code_404"),
    ],
)
async def test_status_is_a_failure_with_its_reason(
    provider: OpenAIProvider, model: str, status: int, message: str, code: str | None
) -> None:
    for failure in await failures(provider, call(model)):
        assert (failure.kind, failure.status, failure.message) == (FailureKind.STATUS, status, message)
        assert failure.code == code


async def test_retry_hint_is_passed_on(provider: OpenAIProvider) -> None:
    assert [f.retry_after for f in await failures(provider, call("status-429-hint"))] == [7, 7]
    assert [f.retry_after for f in await failures(provider, call("status-429"))] == [None, None]
    assert [f.retry_after for f in await failures(provider, call("overloaded-ms"))] == [1.5, 1.5]


@pytest.mark.parametrize(
    "model",
    ["html-200", "html-as-json", "text-200", "malformed-json", "no-choices", "gzip-answer", "big-headers",
     "many-headers", "malformed-http", "redirect", "big-line", "malformed-event"],
)  # fmt: skip
async def test_answer_that_fits_no_shape_is_malformed(provider: OpenAIProvider, model: str) -> None:
    assert [f.kind for f in await failures(provider, call(model))] == [FailureKind.MALFORMED] * 2


@pytest.mark.parametrize(
    "model", ["error-200", "error-200-list", "error-mid-stream", "error-finish", "error-event", "error-after-finish"]
)
async def test_error_inside_a_200_is_reported(provider: OpenAIProvider, model: str) -> None:
    for failure in await failures(provider, call(model)):
        assert failure.kind is FailureKind.REPORTED
        assert failure.message


async def test_redirect_is_not_followed(provider: OpenAIProvider, upstream: Upstream) -> None:
    await failures(provider, call("redirect"))
    assert [arrival.path for arrival in upstream.journal] == ["/v1/chat/completions"] * 2


@pytest.mark.parametrize(
    "model", ["reset-before-headers", "fin-before-headers", "reset-mid-stream", "fin-mid-chunk", "fin-mid-json"]
)
async def test_broken_connection_is_a_reset(provider: OpenAIProvider, model: str) -> None:
    assert [f.kind for f in await failures(provider, call(model))] == [FailureKind.RESET] * 2


@pytest.mark.parametrize("model", ["fin-mid-stream", "usage-then-cut"])
async def test_answer_that_breaks_off_is_truncated(provider: OpenAIProvider, model: str) -> None:
    assert [f.kind for f in await failures(provider, call(model))] == [FailureKind.TRUNCATED] * 2


async def test_text_before_a_failure_was_delivered(provider: OpenAIProvider) -> None:
    for model in ("reset-mid-stream", "fin-mid-stream", "fin-mid-chunk", "error-mid-stream"):
        seen = ""
        with pytest.raises(Failure):
            async for chunk in provider.stream(call(model)):
                seen += "".join(delta.content or "" for delta in chunk.deltas)
                assert not any(delta.finish_reason for delta in chunk.deltas)
        assert seen == TEXT


async def test_refused_connection_is_a_connect_failure(upstream: Upstream) -> None:
    await upstream.stop()
    adapter = OpenAIProvider(Endpoint("gone", upstream.base_url, allow_private=True), 4)
    assert [f.kind for f in await failures(adapter, call("ok"))] == [FailureKind.CONNECT] * 2
    await adapter.close()


async def test_plain_server_where_tls_was_expected_is_a_connect_failure(upstream: Upstream) -> None:
    adapter = OpenAIProvider(Endpoint("x", upstream.base_url.replace("http:", "https:"), allow_private=True), 4)
    hurried = Timeouts(connect=0.2, first_byte=20, progress=20, total=20)  # the server waits for the rest of a request
    assert [f.kind for f in await failures(adapter, call("ok", hurried))] == [FailureKind.CONNECT] * 2
    await adapter.close()


async def test_closed_provider_refuses_calls(upstream: Upstream) -> None:
    adapter = OpenAIProvider(Endpoint("x", upstream.base_url, allow_private=True), 4)
    await adapter.complete(call("ok"))
    await adapter.close()
    assert [f.kind for f in await failures(adapter, call("ok"))] == [FailureKind.CONNECT] * 2


@pytest.mark.parametrize("model", ["endless", "endless-json"])
async def test_endless_answer_is_cut_with_bounded_bytes(
    provider: OpenAIProvider, upstream: Upstream, model: str
) -> None:
    with pytest.raises(Failure) as raised:
        async for _ in provider.stream(call(model)):
            pass
    assert raised.value.kind is FailureKind.MALFORMED
    arrival = upstream.journal[0]
    await asyncio.wait_for(arrival.ended.wait(), 5)
    assert arrival.outcome == "peer_left"
    assert arrival.bytes_sent < 80 << 20


# ── deadlines ────────────────────────────────────────────────────────────────────────────────────────────────────────

QUICK = Timeouts(connect=5, first_byte=0.1, progress=0.15, total=20)


@pytest.mark.parametrize(
    ("model", "kind"),
    [
        ("hang-before-headers", FailureKind.FIRST_BYTE),
        ("hang-after-headers", FailureKind.FIRST_BYTE),
        ("hang-comments", FailureKind.FIRST_BYTE),
        ("hang-mid-stream", FailureKind.PROGRESS),
        ("comments-mid-stream", FailureKind.PROGRESS),
        ("empty-deltas-mid-stream", FailureKind.PROGRESS),
        ("hang-mid-json", FailureKind.PROGRESS),
    ],
)
async def test_silence_of_a_stream_is_a_failure_in_time_and_closes_the_connection(
    provider: OpenAIProvider, upstream: Upstream, model: str, kind: FailureKind
) -> None:
    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(Failure) as raised:
        await streamed(provider, call(model, QUICK))
    assert raised.value.kind is kind
    assert 0.09 < loop.time() - started < 3
    await asyncio.wait_for(upstream.journal[0].ended.wait(), 1)
    assert upstream.journal[0].outcome == "peer_left"


@pytest.mark.parametrize("model", ["hang-before-headers", "hang-comments", "comments-mid-stream", "hang-mid-json"])
async def test_total_time_bounds_everything(provider: OpenAIProvider, upstream: Upstream, model: str) -> None:
    hurried = Timeouts(connect=5, first_byte=20, progress=20, total=0.15)
    assert [f.kind for f in await failures(provider, call(model, hurried))] == [FailureKind.TOTAL] * 2
    for arrival in upstream.journal:
        await asyncio.wait_for(arrival.ended.wait(), 1)
        assert arrival.outcome == "peer_left"


async def test_slow_but_steady_stream_outlives_its_progress_deadline(provider: OpenAIProvider) -> None:
    completion = collect(
        await streamed(provider, call("long-12-40", Timeouts(first_byte=5, progress=0.2, total=20))), None
    )
    assert completion.usage == Usage(9, 12)


async def test_time_of_a_slow_reader_is_not_held_against_the_provider(provider: OpenAIProvider) -> None:
    seen = 0
    async for chunk in provider.stream(call("long-8-100", QUICK)):
        seen += sum(bool(delta.content) for delta in chunk.deltas)
        if seen in (1, 2):
            await asyncio.sleep(0.3)  # longer than the progress deadline
    assert seen == 8


async def test_provider_that_never_ends_a_complete_answer_costs_a_moment_only(
    provider: OpenAIProvider, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("omna.providers.transport.LINGER_SECONDS", 0.05)
    completion = collect(await streamed(provider, call("hang-after-finish")), None)
    assert (completion.choices[0].finish_reason, completion.usage) == ("stop", USAGE)


# ── connections ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_connection_is_reused_after_success_and_after_a_refusal(
    provider: OpenAIProvider, upstream: Upstream
) -> None:
    for model in ("ok", "status-500", "status-429"):
        with contextlib.suppress(Failure):
            await provider.complete(call(model))
    for _ in range(3):
        await streamed(provider, call("ok"))
    await provider.complete(call("ok"))
    assert upstream.connections == 1


@pytest.mark.parametrize("model", ["hang-before-headers", "hang-after-headers", "hang-mid-stream"])
async def test_cancelled_call_closes_the_upstream_connection_at_once(
    provider: OpenAIProvider, upstream: Upstream, model: str
) -> None:
    for number, run in enumerate((provider.complete, lambda wanted: streamed(provider, wanted))):
        task = asyncio.ensure_future(run(call(model)))
        arrival = await upstream.next_arrival(number)
        await asyncio.sleep(0.02)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        await asyncio.wait_for(arrival.ended.wait(), 1)
        assert arrival.outcome == "peer_left"


async def test_closed_stream_closes_the_upstream_connection_at_once(
    provider: OpenAIProvider, upstream: Upstream
) -> None:
    stream = provider.stream(call("long-100000-1000"))
    async for chunk in stream:
        if any(delta.content for delta in chunk.deltas):
            break
    await stream.aclose()
    arrival = upstream.journal[0]
    await asyncio.wait_for(arrival.ended.wait(), 1)
    assert arrival.outcome == "peer_left"
    await provider.complete(call("ok"))
    assert upstream.connections == 2, "a reply that was abandoned must not return to the pool"


async def test_no_answer_ever_reaches_another_call(upstream: Upstream) -> None:
    """Cancel half of many calls at random moments; the others get exactly their own echo."""
    provider = OpenAIProvider(Endpoint("busy", upstream.base_url, allow_private=True), 256)

    async def one(number: int) -> None:
        wanted = call("echo" if number % 2 else "hang-mid-stream", note=f"call {number}")
        if number % 2:
            completion = await provider.complete(wanted)
            assert json.loads(completion.choices[0].content or "")["note"] == f"call {number}"
        else:
            with pytest.raises(TimeoutError):
                async with asyncio.timeout(0.001 * (number % 17)):
                    await streamed(provider, wanted)

    await asyncio.gather(*(one(number) for number in range(200)))
    await provider.close()


async def test_cookies_are_never_kept(upstream: Upstream) -> None:
    adapter = OpenAIProvider(
        Endpoint("named", upstream.base_url.replace("127.0.0.1", "localhost"), allow_private=True), 4
    )
    for _ in range(2):
        assert (await adapter.complete(call("cookie"))).choices[0].content == "none"
    await adapter.close()


async def test_one_call_too_many_fails_as_crowded(upstream: Upstream) -> None:
    adapter = OpenAIProvider(Endpoint("small", upstream.base_url, allow_private=True), 1)
    quick = Timeouts(connect=0.05, first_byte=20, progress=20, total=20)
    task = asyncio.ensure_future(adapter.complete(call("hang-before-headers", quick)))
    await upstream.next_arrival()
    with pytest.raises(Failure) as raised:
        await adapter.complete(call("ok", quick))
    assert raised.value.kind is FailureKind.CROWDED
    task.cancel()
    await asyncio.gather(task, return_exceptions=True)
    await adapter.close()


async def test_hundreds_of_concurrent_streams_are_all_whole(upstream: Upstream) -> None:
    adapter = OpenAIProvider(Endpoint("busy", upstream.base_url, allow_private=True), 300)
    answers = await asyncio.gather(*(streamed(adapter, call("long-20-100")) for _ in range(300)))
    assert all(collect(chunks, None).usage == Usage(9, 20) for chunks in answers)
    assert upstream.tokens_sent("long-20-100") == 6000
    await adapter.close()
    gc.collect()
