"""One request from admission to settlement. All control flow is here; the stages are leaves.

Credits are held from `admit` on, and `owed` settles whatever leaves its block: an answer, an error, a client that went
away. Callers close `run` (aclosing), so that a client that left closes the provider's connection too.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing

from omna.errors import ProviderError
from omna.gateway.admission import Admission
from omna.gateway.bill import Bill, Outcome
from omna.gateway.model import Call, Caller, Order, Reading, Receipt, Ticket
from omna.gateway.settlement import Settlements
from omna.gateway.tracing import Tracing
from omna.gateway.upstream import Upstream
from omna.providers.base import Chunk, Completion

#: Puts an answer into bytes, and stores them where they must outlive the connection. Before the charge: what cannot be
#: written is not charged.
Write = Callable[[Completion, Receipt], Awaitable[bytes]]
WriteReading = Callable[[Reading, Receipt], Awaitable[bytes]]


class Pipeline:
    """The stages of this process, composed once."""

    def __init__(
        self,
        admission: Admission,
        upstream: Upstream,
        settlements: Settlements,
        step_tokens: int,
        tracing: Tracing | None = None,
    ) -> None:
        self._admission = admission
        self._upstream = upstream
        self._settlements = settlements
        self._step_tokens = step_tokens
        self._tracing = tracing

    async def admit(self, call: Call, caller: Caller) -> Ticket:
        """Hold Credits for a call. What follows is `answer`, `forward` or `run`, or the hold runs into its lease."""
        if self._tracing is None:
            return await self._admission.admit(call, caller)
        trace = self._tracing.begin(call)
        try:
            ticket = await self._admission.admit(call, caller)
        except BaseException as error:
            trace.refused(error)
            raise
        trace.admitted(ticket)
        ticket.trace = trace
        return ticket

    async def answer(self, ticket: Ticket, write: Write) -> bytes:
        """Return the whole answer as `write` puts it, once it is paid for."""
        with self._settlements.owed(ticket) as owed:
            answer = await self._upstream.answer(ticket)
            owed.bill.add_answer(answer)
            content = await owed.written(lambda receipt: write(answer, receipt))
            await owed.settle(Outcome.COMPLETED)
        return content

    async def forward(self, ticket: Ticket, order: Order, write: WriteReading) -> bytes:
        """Return an answer that is no text as `write` puts it, once it is paid for."""
        with self._settlements.owed(ticket) as owed:
            reading = await self._upstream.forward(ticket, order)
            owed.bill.add_reading(reading)
            content = await owed.written(lambda receipt: write(reading, receipt))
            await owed.settle(Outcome.COMPLETED)
        return content

    async def run(self, ticket: Ticket, caller: Caller) -> AsyncIterator[Chunk | tuple[Bill, Receipt]]:
        """Yield the chunks of a stream, and last, when it is paid for, the bill and its receipt."""
        with self._settlements.owed(ticket) as owed:
            outcome = Outcome.COMPLETED
            async with aclosing(self._upstream.stream(ticket)) as chunks:  # type: ignore[type-var]
                async for chunk in chunks:
                    yield chunk
                    owed.bill.add(chunk)
                    if owed.bill.wants_more:
                        owed.bill.last_step = not await self._admission.extend(ticket, caller, self._step_tokens)
                    if owed.bill.exhausted:
                        outcome = Outcome.EXHAUSTED
                        break
            if outcome is Outcome.COMPLETED and not owed.bill.finishes:
                raise ProviderError("The model's provider ended without an answer.")
            receipt = await owed.settle(outcome)
        yield owed.bill, receipt

    def give_back(self, ticket: Ticket) -> None:
        """End an admitted request for which nobody was asked: all that is held is released, and nothing charged."""
        with self._settlements.owed(ticket):
            pass
