"""Owe, queue, book: settlement belongs to the process, so that no disconnect or cancellation can lose it.

`owed` hands out the bill of a ticket; leaving the block, however that happens, queues it without an await. What the
database cannot take now is kept in the local journal and tried again until it is booked.
"""

import asyncio
import random
from collections.abc import Awaitable, Callable, Iterator, Sequence
from contextlib import contextmanager, suppress
from pathlib import Path
from uuid import UUID

from msgspec.structs import astuple

from omna.clock import monotonic
from omna.config import Gateway as GatewaySettings
from omna.db.batcher import NaturalBatcher
from omna.db.link import Link
from omna.errors import InternalError, OmnaError, ServiceUnavailable
from omna.gateway.admission import Demand
from omna.gateway.bill import Bill, Outcome, usage_row
from omna.gateway.journal import Journal, Settlement, left_behind
from omna.gateway.model import Receipt, Ticket, UsageRow, Verdict
from omna.ids import new_id
from omna.observability.logs import get_logger
from omna.observability.metrics import Metrics

log = get_logger(__name__)

_SETTLE = """SELECT code FROM gateway_settle($1, $2, $3, $4, $5, $6::text[]::json[], $7) ORDER BY ord"""

_DONE = ("settled", "released", "expired")
#: The code of a settlement that breaks an invariant: it stays in the journal.
KEPT = "kept"
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class Settlements:
    """The queue of a process in front of gateway_settle(), and the registry of its running requests."""

    def __init__(
        self, link: Link, settings: GatewaySettings, journal_directory: Path, process_id: UUID, metrics: Metrics
    ) -> None:
        self._link = link
        self._settings = settings
        self._directory = journal_directory
        self._journal = Journal(journal_directory, process_id)
        self._metrics = metrics
        self._retrying: asyncio.Task[None] | None = None
        self._unbooked: list[Settlement] = []
        self._quiet = asyncio.Event()
        self.running: dict[UUID, Bill] = {}
        self.batcher: NaturalBatcher[Settlement, str] = NaturalBatcher(
            self._flush, limit=settings.batch_limit, queue_limit=2**31
        )

    @contextmanager
    def owed(self, ticket: Ticket) -> "Iterator[OpenBill]":
        """Lend the bill of an admitted request. A block left without settle() is charged by how it was left."""
        bill = Bill(ticket)
        open_bill = OpenBill(bill, self)
        self.running[ticket.call.request_id] = bill
        self._metrics.running_changed(1)
        try:
            yield open_bill
        except asyncio.CancelledError:
            if ticket.aborted is None:
                raise
            if bill.task is not None:
                bill.task.uncancel()
            raise ticket.aborted from None
        except Exception as error:
            bill.outcome = bill.outcome or (Outcome.INTERRUPTED if bill.delivers else Outcome.FAILED)
            bill.error_code = error.code if isinstance(error, OmnaError) else InternalError.code
            raise
        finally:
            del self.running[ticket.call.request_id]
            if not self.running:
                self._quiet.set()
            self._metrics.running_changed(-1)
            if not open_bill.queued:
                # Left by cancellation or by closing the generator: the client went away, unless somebody said why.
                bill.outcome = bill.outcome or Outcome.CLIENT_LEFT
                open_bill.queue()

    def abandon(self, demand: Demand, verdict: Verdict) -> None:
        """Give back a hold whose caller left while it was made."""
        nothing = UsageRow(outcome=Outcome.CLIENT_LEFT.value).encoded()
        self._queue(Settlement(demand.request_id, verdict["workspace_id"], new_id(), 0, 0, nothing))

    def queue(self, bill: Bill, receipt: Receipt) -> "asyncio.Future[str]":
        """Queue a closed bill; the future tells the code of ledger_resolve()."""
        call = bill.ticket.call
        assert bill.outcome is not None
        if bill.first_delta_at is not None:
            self._metrics.first_token_took(bill.ticket.model.model_id, bill.first_delta_at - call.received_at)
        self._metrics.request_ended(
            bill.ticket.model.model_id, bill.error_code or bill.outcome.value, bill.ticket.source
        )
        booked = self._queue(
            Settlement(
                request_id=call.request_id,
                workspace_id=bill.ticket.workspace_id,
                transfer_id=new_id(),
                charge=receipt.charge.total,
                provider_charge=bill.provider_charge(receipt.tokens),
                usage=usage_row(bill, receipt, call.received_at).encoded(),
            )
        )
        if bill.ticket.trace is not None:
            bill.ticket.trace.closed(bill, receipt, booked)
        return booked

    async def recover(self) -> int:
        """Book what dead processes of this data directory left in their journals; return how many settlements."""
        count = 0
        for path, settlements in left_behind(self._directory):
            codes: list[str] = []
            for start in range(0, len(settlements), self._settings.batch_limit):
                codes += await self.book_each(settlements[start : start + self._settings.batch_limit])
            if KEPT not in codes:
                path.unlink(missing_ok=True)
            count += len(settlements) - codes.count(KEPT)
        if count:
            log.info("journal_replayed", settlements=count)
        return count

    async def book(self, settlements: Sequence[Settlement], *, expired_only: bool = False) -> list[str]:
        """Settle a batch in one database call; one code per item. Errors: ServiceUnavailable, outcome unknown."""
        # The fields of a settlement, in their order, are the parameters of gateway_settle().
        columns = zip(*map(astuple, settlements), strict=True)
        rows = await self._link.call(_SETTLE, *columns, expired_only)
        return [row["code"] for row in rows]

    async def idle(self, patience: float) -> None:
        """Return when no request runs, or after `patience` seconds."""
        self._quiet.clear()
        if self.running:
            with suppress(TimeoutError):
                await asyncio.wait_for(self._quiet.wait(), patience)

    async def book_each(self, settlements: Sequence[Settlement], *, expired_only: bool = False) -> list[str]:
        """Like `book`, but one settlement that breaks an invariant does not hold up the others: its code is KEPT."""
        try:
            return await self.book(settlements, expired_only=expired_only)
        except ServiceUnavailable:
            raise
        except Exception:
            log.exception("settlement_failed", requests=[str(s.request_id) for s in settlements])
            if len(settlements) == 1:
                return [KEPT]
            return [code for s in settlements for code in await self.book_each([s], expired_only=expired_only)]

    async def drained(self) -> None:
        """Return when everything owed is booked, or stands in the journal."""
        await self.batcher.drained()

    async def close(self) -> None:
        if self._retrying is not None:
            self._retrying.cancel()

    def _queue(self, settlement: Settlement) -> "asyncio.Future[str]":
        future = self.batcher.submit(settlement)
        future.add_done_callback(_retrieve)
        return future

    async def _flush(self, settlements: list[Settlement]) -> Sequence[str]:
        try:
            codes = await self.book_each(settlements)
        except ServiceUnavailable:
            self._keep(settlements)
            raise
        self._metrics.batch_flushed("settlement", len(codes))
        for settlement, code in zip(settlements, codes, strict=True):
            if code == KEPT:
                self._keep([settlement])
            elif code not in _DONE:
                log.warning("settlement_came_late", request_id=str(settlement.request_id), code=code)
        return codes

    def _keep(self, settlements: list[Settlement]) -> None:
        """Put settlements on the disk, and have them tried again until the database takes them."""
        self._journal.write(settlements)
        self._metrics.journal_is(len(self._journal))
        self._unbooked += settlements
        if self._retrying is None:
            self._retrying = asyncio.get_running_loop().create_task(self._retry())

    async def _retry(self) -> None:
        pause = _SHORTEST_PAUSE
        while self._unbooked:
            await asyncio.sleep(random.uniform(_SHORTEST_PAUSE, pause))  # noqa: S311
            batch = self._unbooked[: self._settings.batch_limit]
            try:
                codes = await self.book_each(batch)
            except ServiceUnavailable:
                pause = min(pause * 2, _LONGEST_PAUSE)
                continue
            kept = [settlement for settlement, code in zip(batch, codes, strict=True) if code == KEPT]
            booked = [settlement for settlement, code in zip(batch, codes, strict=True) if code != KEPT]
            # What cannot be booked stays on the disk for a person, and is tried again, slowly, behind everything else.
            pause = min(pause * 2, _LONGEST_PAUSE) if kept else _SHORTEST_PAUSE
            self._unbooked = self._unbooked[len(batch) :] + kept
            self._journal.booked(booked)
            self._metrics.journal_is(len(self._journal))
            if booked:
                log.info("settlements_caught_up", booked=len(booked))
        self._retrying = None


class OpenBill:
    """A bill inside its block: closed once, by settle() or by leaving."""

    def __init__(self, bill: Bill, settlements: Settlements) -> None:
        self.bill = bill
        self.queued = False
        self._settlements = settlements
        #: Of an answer that is written already: it says what it costs.
        self._receipt: Receipt | None = None

    async def written(self, write: Callable[[Receipt], Awaitable[bytes]]) -> bytes:
        """Return a whole answer as `write` makes it of the receipt it will have. When that fails nothing is charged."""
        self.bill.outcome = Outcome.COMPLETED
        receipt = self.bill.receipt()
        # Until the charge is queued the client has nothing.
        self.bill.outcome = Outcome.FAILED
        try:
            content = await write(receipt)
        except asyncio.CancelledError:
            self.bill.outcome = None  # the client went away, or somebody ends the run and says why
            raise
        self.bill.outcome = None
        self._receipt = receipt
        return content

    async def settle(self, outcome: Outcome) -> Receipt:
        """Close the bill and return the receipt once it is committed, or stands in the local journal.

        Errors  ServiceUnavailable when neither the database nor the disk takes it: the client must not get its answer
        """
        began = monotonic()
        self.bill.outcome = outcome
        receipt, booked = self.queue()
        try:
            await asyncio.shield(booked)
        except ServiceUnavailable:
            pass  # it is in the journal, which stands for the database
        except OSError as error:
            raise ServiceUnavailable(retry_after=2) from error
        self._settlements._metrics.settlement_took(monotonic() - began)
        return receipt

    def queue(self) -> tuple[Receipt, "asyncio.Future[str]"]:
        """Close the bill without waiting."""
        assert not self.queued, "a request is settled once"
        self.queued = True
        told = self._receipt if self.bill.outcome is Outcome.COMPLETED else None
        receipt = self.bill.ticket.receipt = told or self.bill.receipt()
        booked = self.bill.ticket.booked = self._settlements.queue(self.bill, receipt)
        return receipt, booked


def _retrieve(future: "asyncio.Future[str]") -> None:
    """Take the exception of a settlement nobody waits for: it was logged and kept where it happened."""
    if not future.cancelled():
        future.exception()
