"""The fake behaves like the real adapter: one set of expectations, both sides of the port."""

import asyncio
from collections.abc import AsyncIterator, Callable

import pytest

from omna.providers.base import Call, Chunk, Delta, Endpoint, Failure, FailureKind, Provider, Timeouts, Usage
from omna.providers.fake import FakeProvider, Step, Wait, answer, tool_call
from omna.providers.openai import OpenAIProvider
from omna.providers.openai_chunks import collect
from tests.upstream.scenarios import TEXT
from tests.upstream.server import Upstream

PIECES: list[Step] = [Chunk([Delta(content=word)]) for word in ("The", " quick", " brown", " fox")]

#: What the server plays under a model id, as the fake's script.
SCRIPTS: dict[str, list[Step]] = {
    "ok": answer(TEXT, Usage(9, 4)),
    "usage-missing": answer(TEXT),
    "usage-negative": [*answer(TEXT), Chunk([], None, True)],
    "usage-twice": [*answer(TEXT), Chunk([], Usage(9, 1)), Chunk([], Usage(9, 4))],
    "empty-answer": [Chunk([Delta()]), Chunk([Delta(finish_reason="stop")]), Chunk([], Usage(9, 0))],
    "tools-whole": tool_call("get_weather", "{}", Usage(9, 4)),
    "status-500": [Failure(FailureKind.STATUS, "refused with 500", status=500, code="code_500")],
    "error-200": [Failure(FailureKind.REPORTED, "no capacity", code="overloaded")],
    "html-200": [Failure(FailureKind.MALFORMED, "the provider answered with an HTML page")],
    "reset-mid-stream": [*PIECES, Failure(FailureKind.RESET, "broken")],
    "fin-mid-stream": PIECES,
    "error-mid-stream": [*PIECES, Failure(FailureKind.REPORTED, "lost the model", code="server_error")],
    "hang-before-headers": [Wait()],
    "hang-mid-stream": [*PIECES, Wait()],
}

Open = Callable[[str], Provider]


@pytest.fixture(params=["openai", "fake"])
async def open_provider(request: pytest.FixtureRequest) -> AsyncIterator[Open]:
    opened: list[Provider] = []
    async with Upstream() as upstream:

        def make(model: str) -> Provider:
            if request.param == "fake":
                provider: Provider = FakeProvider(SCRIPTS[model])
            else:
                provider = OpenAIProvider(Endpoint("real", upstream.base_url, allow_private=True), 8)
            opened.append(provider)
            return provider

        yield make
        for provider in opened:
            await provider.close()


def call(model: str, timeouts: Timeouts | None = None) -> Call:
    return Call({"messages": []}, model, 50, "req_1", timeouts or Timeouts(5, 10, 10, 20))


@pytest.mark.parametrize(
    ("model", "usage", "invalid"),
    [("ok", Usage(9, 4), False), ("usage-missing", None, False), ("usage-negative", None, True),
     ("usage-twice", Usage(9, 4), False)],
)  # fmt: skip
async def test_answers_agree(open_provider: Open, model: str, usage: Usage | None, invalid: bool) -> None:
    provider = open_provider(model)
    streamed = collect([chunk async for chunk in provider.stream(call(model))], None)
    for completion in (streamed, await provider.complete(call(model))):
        assert (completion.usage, completion.usage_invalid) == (usage, invalid)
        assert [(c.index, c.content, c.finish_reason) for c in completion.choices] == [(0, TEXT, "stop")]


async def test_finish_reason_is_in_the_last_chunk_and_once(open_provider: Open) -> None:
    for model in ("ok", "empty-answer", "tools-whole"):
        chunks = [chunk async for chunk in open_provider(model).stream(call(model))]
        finishes = [[delta.finish_reason for delta in chunk.deltas if delta.finish_reason] for chunk in chunks]
        assert finishes == [[]] * (len(chunks) - 1) + [["tool_calls" if model == "tools-whole" else "stop"]]


async def test_empty_answers_agree(open_provider: Open) -> None:
    completion = await open_provider("empty-answer").complete(call("empty-answer"))
    assert [choice.delivers for choice in completion.choices] == [False]


async def test_tool_calls_have_id_and_name_in_their_first_piece_only(open_provider: Open) -> None:
    chunks = [chunk async for chunk in open_provider("tools-whole").stream(call("tools-whole"))]
    pieces = [p for chunk in chunks for d in chunk.deltas for p in d.tool_calls or () if p.index == 0]
    assert pieces[0].id
    assert pieces[0].name == "get_weather"
    assert pieces[0].arguments == ""
    assert all(p.id is None and p.name is None for p in pieces[1:])


@pytest.mark.parametrize(
    ("model", "kind"),
    [("status-500", "status"), ("error-200", "reported"), ("html-200", "malformed"), ("reset-mid-stream", "reset"),
     ("fin-mid-stream", "truncated"), ("error-mid-stream", "reported")],
)  # fmt: skip
async def test_failures_agree(open_provider: Open, model: str, kind: str) -> None:
    provider = open_provider(model)
    seen = ""
    with pytest.raises(Failure) as streamed:
        async for chunk in provider.stream(call(model)):
            seen += "".join(delta.content or "" for delta in chunk.deltas)
    with pytest.raises(Failure) as whole:
        await provider.complete(call(model))
    assert [streamed.value.kind, whole.value.kind] == [kind, kind]
    assert seen == (TEXT if "mid-stream" in model else "")
    expected = {"status-500": (500, "code_500"), "error-200": (None, "overloaded")}.get(model)
    if expected is not None:
        assert (whole.value.status, whole.value.code) == expected


@pytest.mark.parametrize(
    ("model", "kind"), [("hang-before-headers", FailureKind.FIRST_BYTE), ("hang-mid-stream", FailureKind.PROGRESS)]
)
async def test_silence_agrees(open_provider: Open, model: str, kind: FailureKind) -> None:
    provider = open_provider(model)
    with pytest.raises(Failure) as streamed:
        async for _ in provider.stream(call(model, Timeouts(5, 0.1, 0.1, 10))):
            pass
    assert streamed.value.kind is kind
    with pytest.raises(Failure) as whole:
        await provider.complete(call(model, Timeouts(5, 10, 10, 0.1)))
    assert whole.value.kind is FailureKind.TOTAL


async def test_closing_and_cancelling_are_quiet(open_provider: Open) -> None:
    provider = open_provider("hang-mid-stream")
    stream = provider.stream(call("hang-mid-stream"))
    assert await anext(stream)
    await stream.aclose()  # type: ignore[attr-defined]
    task = asyncio.ensure_future(provider.complete(call("hang-mid-stream")))
    await asyncio.sleep(0.02)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_fake_journal_says_how_each_call_went() -> None:
    provider = FakeProvider(SCRIPTS["hang-mid-stream"])
    stream = provider.stream(call("m"))
    await anext(stream)
    await stream.aclose()
    provider.script = list(SCRIPTS["ok"])
    await provider.complete(call("m"))
    provider.script = list(SCRIPTS["status-500"])
    with pytest.raises(Failure):
        await provider.complete(call("m"))
    assert [(exchange.ended, exchange.sent) for exchange in provider.journal] == [
        ("cancelled", 1), ("complete", 0), ("status", 0)
    ]  # fmt: skip


async def test_closed_provider_refuses(open_provider: Open) -> None:
    provider = open_provider("ok")
    await provider.close()
    with pytest.raises(Failure) as raised:
        await provider.complete(call("ok"))
    assert raised.value.kind is FailureKind.CONNECT
