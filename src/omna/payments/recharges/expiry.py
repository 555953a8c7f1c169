"""Orders by hand that nobody acted on in time. What was handed in waits for a person, however long that takes."""

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.ids import show
from omna.mail.kinds import Kind
from omna.payments import steps
from omna.payments.recharges import letters, store
from omna.payments.recharges.model import State
from omna.payments.recharges.quote import format_minor

#: Orders of one transaction.
BATCH = 100


async def expire(connection: Connection, *, actor: audit.Actor) -> int:
    """End the orders whose time is over; return how many."""
    due = await store.due(connection, BATCH)
    for recharge in due:
        moved = await store.set_state(connection, recharge.recharge_id, recharge.state, State.EXPIRED)
        assert moved, "the row is locked"
        await steps.add(connection, recharge.workspace_id, recharge.recharge_id, "expired", "omna")
        await letters.tell_of(
            connection, recharge, Kind.RECHARGE_EXPIRED, total=format_minor(recharge.total_minor, recharge.currency)
        )
        await audit.record(
            connection,
            actor,
            "recharge.expire",
            show("rch", recharge.recharge_id),
            before={"state": recharge.state},
            after={"state": State.EXPIRED},
        )
    return len(due)
