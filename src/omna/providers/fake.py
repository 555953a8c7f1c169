"""A provider without a network, for tests and for trying things out: it plays a script behind the same port.

The same rules hold as for the real adapters: finish reasons come last and once per choice, an answer that breaks off is
a Failure, and cancelling or closing is noticed at once (`journal` says when).
"""

import asyncio
from collections.abc import AsyncGenerator, Sequence

import msgspec

from omna.providers.base import (
    Call,
    Chunk,
    Completion,
    Delta,
    Failure,
    FailureKind,
    Forward,
    Forwarded,
    ToolCall,
    Usage,
)
from omna.providers.openai_chunks import collect


class Wait(msgspec.Struct, frozen=True):
    """Say nothing for a while; for ever when `seconds` is None."""

    seconds: float | None = None


Step = Chunk | Failure | Wait


class Exchange(msgspec.Struct):
    """One call as the fake saw it: `sent` counts chunks that were handed over, `ended` is how it went."""

    call: Call
    sent: int = 0
    ended: str = "running"


class FakeProvider:
    """Plays `script` for every call. A script that ends without a finish reason is an answer that broke off.

    journal  one Exchange per call, in order
    """

    def __init__(self, script: Sequence[Step]) -> None:
        self.script = list(script)
        self.journal: list[Exchange] = []
        self._closed = False
        self._running: set[asyncio.Task[object]] = set()

    async def complete(self, call: Call) -> Completion:
        exchange = self._begin(call)
        try:
            async with asyncio.timeout(call.timeouts.total):
                chunks = [step async for step in self._play(exchange)]
        except TimeoutError:
            exchange.ended = FailureKind.TOTAL
            raise Failure(FailureKind.TOTAL, "the provider took too long") from None
        exchange.ended = "complete"
        return collect(chunks, None)

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        exchange = self._begin(call)
        loop = asyncio.get_running_loop()
        ends = loop.time() + call.timeouts.total
        steps = self._play(exchange)
        patience, kind = call.timeouts.first_byte, FailureKind.FIRST_BYTE
        due = loop.time() + patience
        try:
            while True:
                try:
                    async with asyncio.timeout_at(min(due, ends)):
                        chunk = await anext(steps)
                except StopAsyncIteration:
                    break
                except TimeoutError:
                    missed = kind if due < ends else FailureKind.TOTAL
                    exchange.ended = missed
                    raise Failure(missed, "the provider was silent") from None
                begins = kind is FailureKind.FIRST_BYTE
                exchange.sent += 1
                yield chunk
                if begins or any(delta.delivers for delta in chunk.deltas):
                    patience, kind = call.timeouts.progress, FailureKind.PROGRESS
                    due = loop.time() + patience
            exchange.ended = "complete"
        finally:
            await steps.aclose()
            if exchange.ended == "running":
                exchange.ended = "cancelled"

    async def forward(self, request: Forward) -> Forwarded:
        raise Failure(FailureKind.UNSUPPORTED, f"the fake has no {request.path}")

    async def close(self) -> None:
        self._closed = True

    def _begin(self, call: Call) -> Exchange:
        if self._closed:
            raise Failure(FailureKind.CONNECT, "this provider was closed")
        exchange = Exchange(call)
        self.journal.append(exchange)
        return exchange

    async def _play(self, exchange: Exchange) -> AsyncGenerator[Chunk, None]:
        """Yield the script's chunks, with every finish reason moved to the end and asked for."""
        ends: dict[int, Delta] = {}
        try:
            for step in self.script:
                if isinstance(step, Wait):
                    await (asyncio.Event().wait() if step.seconds is None else asyncio.sleep(step.seconds))
                elif isinstance(step, Failure):
                    exchange.ended = step.kind
                    raise step
                else:
                    for delta in step.deltas:
                        if delta.finish_reason is not None:
                            ends[delta.index] = Delta(
                                delta.index,
                                finish_reason=delta.finish_reason,
                                native_finish_reason=delta.native_finish_reason,
                            )
                    yield Chunk([_without_finish(delta) for delta in step.deltas], step.usage, step.usage_invalid)
            if not ends:
                exchange.ended = FailureKind.TRUNCATED
                raise Failure(FailureKind.TRUNCATED, "the answer broke off")
            yield Chunk([ends[index] for index in sorted(ends)])
        except asyncio.CancelledError:
            exchange.ended = "cancelled"
            raise


def answer(text: str, usage: Usage | None = None, *, finish_reason: str = "stop") -> list[Step]:
    """Return the script of an ordinary answer: a chunk per word, the finish, then the usage."""
    words = text.split(" ")
    pieces = [word if first else f" {word}" for first, word in zip([True] + [False] * len(words), words, strict=False)]
    steps: list[Step] = [Chunk([Delta(content=piece)]) for piece in pieces if piece]
    steps.append(Chunk([Delta(finish_reason=finish_reason, native_finish_reason=finish_reason)]))
    if usage is not None:
        steps.append(Chunk([], usage))
    return steps


def tool_call(name: str, arguments: str, usage: Usage | None = None) -> list[Step]:
    """Return the script of an answer that calls one tool."""
    return [
        Chunk([Delta(tool_calls=[ToolCall(0, "call_0", name)])]),
        Chunk([Delta(tool_calls=[ToolCall(0, arguments=arguments)])]),
        Chunk([Delta(finish_reason="tool_calls", native_finish_reason="tool_calls")]),
        *([Chunk([], usage)] if usage is not None else []),
    ]


def _without_finish(delta: Delta) -> Delta:
    return (
        delta
        if delta.finish_reason is None
        else msgspec.structs.replace(delta, finish_reason=None, native_finish_reason=None)
    )
