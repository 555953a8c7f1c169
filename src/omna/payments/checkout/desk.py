"""What staff do with events and orders of payment services: ask again, put aside. Nothing here decides about money: it
books what the service says, like everything else.
"""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from omna.audit import service as audit
from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict, NotFound
from omna.ids import RechargeId, parse, show
from omna.payments.checkout import applying, desk_store, inbox, store, syncing
from omna.payments.checkout.polling import event_of
from omna.payments.checkout.registry import Registry

EVERY_STATE = ("handled", "failed", "ignored", "unknown")


async def events(
    connection: Connection, states: Sequence[str] | None, wanted: str | None, before: UUID | None, limit: int
) -> list[Record]:
    """Return events, newest first; `before` continues a page. wanted: what was typed into a search box."""
    text, identifier = _sought(wanted, "evt", "rch", "ws")
    return await desk_store.events(connection, states, text, identifier, before, limit)


async def counts(connection: Connection) -> list[Record]:
    """Return how many events of the last 30 days are in each state, and the newest of each."""
    return await desk_store.counts(connection)


async def event(connection: Connection, event_key: UUID) -> Record:
    """Return an event with its payload. Errors: NotFound."""
    found = await desk_store.event(connection, event_key)
    if found is None:
        raise NotFound("There is no such event.")
    return found


async def payments(connection: Connection, wanted: str | None, before: UUID | None, limit: int) -> list[Record]:
    """Return payments, newest first."""
    text, identifier = _sought(wanted, "rch", "ws", "tr")
    return await desk_store.payments(connection, text, identifier, before, limit)


async def refused(connection: Connection, limit: int = 200) -> list[Record]:
    """Return how many deliveries were turned away, by day and cause, newest first."""
    return await desk_store.refused(connection, limit)


async def resend(registry: Registry, event_key: UUID, *, reason: str, actor: audit.Actor) -> int:
    """Ask the service about what an event is about, and book what is missing; returns the number of the audit row.

    Errors  NotFound, Conflict when the service is switched off, PaymentServiceUnavailable, PaymentServiceRefused
    """
    async with borrow(registry.pool) as connection:
        row = await event(connection, event_key)
    processor = registry.named(row["processor"])
    if processor is None or processor.livemode != row["livemode"]:
        raise Conflict("The payment service of this event is switched off, or in another mode.")
    facts = await inbox.truth(registry, processor, event_of(row))
    async with transaction(registry.pool) as connection:
        state = "unknown" if facts is None else "handled"
        await desk_store.set_state(connection, event_key, state, EVERY_STATE)
        if facts is not None:
            await applying.apply(connection, facts, freeze=registry.freezes, actor=actor)
        return await audit.record(
            connection,
            actor,
            "payment_event.resend",
            show("evt", event_key),
            reason=reason,
            before={"state": row["state"]},
            after={"state": state},
        )


async def ignore(connection: Connection, event_key: UUID, *, reason: str, actor: audit.Actor) -> int:
    """Put a failed event aside, so that it is not tried again. Errors: NotFound, Conflict."""
    row = await event(connection, event_key)
    if not await desk_store.set_state(connection, event_key, "ignored", ("failed",), note=reason):
        raise Conflict("Only an event that failed can be put aside.")
    return await audit.record(
        connection,
        actor,
        "payment_event.ignore",
        show("evt", event_key),
        reason=reason,
        before={"state": row["state"], "error": row["error"]},
        after={"state": "ignored"},
    )


async def reconcile(registry: Registry, recharge_id: RechargeId, *, reason: str, actor: audit.Actor) -> int:
    """Ask the service about an order now and book what it says; returns the number of the audit row.

    Errors  NotFound, Conflict for an order by hand, PaymentServiceUnavailable, PaymentServiceRefused
    """
    async with borrow(registry.pool) as connection:
        before = await store.order(connection, recharge_id)
    if before is None:
        raise Conflict("This order is not at a payment service.")
    await syncing.sync(registry, recharge_id, actor=actor)
    async with transaction(registry.pool) as connection:
        after = await store.order(connection, recharge_id)
        assert after is not None, "rows of orders are never deleted"
        return await audit.record(
            connection,
            actor,
            "recharge.reconcile",
            show("rch", recharge_id),
            reason=reason,
            before={"state": before.state, "flag": before.flag},
            after={"state": after.state, "flag": after.flag},
        )


def _sought(wanted: str | None, *prefixes: str) -> tuple[str | None, UUID | None]:
    text = (wanted or "").strip()
    if not text:
        return None, None
    try:
        return None, parse(text, *prefixes)
    except ValueError:
        return text, None
