"""Recharge by itself when the balance is low: off until a person switches it on, with a method kept at a checkout.

At most one order is in flight, and a month has a ceiling that counts what is credited and what is in flight. After a
decline it waits an hour, six, a day, and then switches itself off.
"""

from datetime import timedelta

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue
from omna.http.principal import Member
from omna.ids import WorkspaceId, show
from omna.mail.kinds import Kind
from omna.money import Nanocredits, format_credits
from omna.payments.checkout import top_up_store as store
from omna.payments.checkout.processor import SavedMethod
from omna.payments.checkout.store import OpenOrder
from omna.payments.checkout.top_up_store import TopUp
from omna.payments.recharges.letters import tell
from omna.payments.recharges.quote import Tariff, check_amount

#: After the first, second and third decline in a row; the fourth switches it off.
PAUSES = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))

CEILING = "monthly_ceiling"


async def get(connection: Connection, workspace_id: WorkspaceId) -> TopUp | None:
    """Return how a workspace recharges by itself, None when it never said."""
    return await store.get(connection, workspace_id)


async def change(
    connection: Connection,
    *,
    enabled: bool,
    threshold: int,
    credits: int,  # noqa: A002 - the word of the product
    monthly_ceiling: int,
    tariff: Tariff,
    by: Member,
    actor: audit.Actor,
) -> None:
    """Say when to recharge. Errors: InvalidValue, Conflict when no method is kept."""
    check_amount(tariff, credits)
    if threshold <= 0:
        raise InvalidValue("The level below which to recharge is more than 0 Credits.", param="threshold")
    if monthly_ceiling < credits:
        raise InvalidValue("The most for a month is at least one recharge.", param="monthly_ceiling")
    before = await store.lock(connection, by.workspace_id)
    if enabled and (before is None or before.saved_method is None):
        raise Conflict("Pay once by checkout first, and let the payment method be kept for automatic recharges.")
    await store.set_terms(
        connection,
        by.workspace_id,
        enabled=enabled,
        threshold=threshold,
        credits=credits,
        monthly_ceiling=monthly_ceiling,
        changed_by=by.user_id,
    )
    after = await store.get(connection, by.workspace_id)
    await audit.record(
        connection,
        actor,
        "top_up.change",
        show("ws", by.workspace_id),
        before=None if before is None else _shown(before),
        after=None if after is None else _shown(after),
    )


async def forget_method(connection: Connection, *, by: Member, actor: audit.Actor) -> None:
    """Keep the payment method no longer, which switches automatic recharges off."""
    before = await store.lock(connection, by.workspace_id)
    if before is None or before.saved_method is None:
        return
    await store.set_method(
        connection,
        by.workspace_id,
        processor=None,
        customer_id=None,
        saved_method=None,
        label="",
        credits=before.credits,
    )
    await audit.record(
        connection, actor, "top_up.forget_method", show("ws", by.workspace_id), before={"method": before.method_label}
    )


async def note_paid(connection: Connection, order: OpenOrder, saved: SavedMethod | None) -> None:
    """Keep the method of an order whose customer wished so, and let the next order follow one in flight."""
    if order.channel == "top_up":
        await store.land(connection, order.workspace_id, order.recharge_id)
    elif order.save_method and saved is not None:
        await store.set_method(
            connection,
            order.workspace_id,
            processor=order.processor,
            customer_id=saved.customer_id,
            saved_method=saved.method_id,
            label=saved.label,
            credits=order.credits,
        )


async def note_unpaid(connection: Connection, order: OpenOrder, failure: str) -> None:
    """Wait, or switch off, when the order in flight was declined; the people who answer for money are told."""
    if order.channel != "top_up":
        return
    failures = await store.fail(connection, order.workspace_id, order.recharge_id, failure, PAUSES)
    if failures is None:
        return
    await tell(
        connection,
        order.workspace_id,
        None,
        Kind.TOP_UP_FAILED,
        {
            "reference": order.reference,
            "credits": order.credits,
            "outcome": "off" if failures > len(PAUSES) else "again",
        },
    )


def saved_of(top_up: TopUp, processor: str) -> SavedMethod | None:
    """Return the kept method if it is one of a processor."""
    if top_up.processor != processor or top_up.customer_id is None or top_up.saved_method is None:
        return None
    return SavedMethod(top_up.customer_id, top_up.saved_method, top_up.method_label)


def has_room(top_up: TopUp) -> bool:
    """Return whether one more recharge stays below the ceiling of this month."""
    return top_up.spent + top_up.credits <= top_up.monthly_ceiling


def _shown(top_up: TopUp) -> dict[str, object]:
    amounts = {"threshold": top_up.threshold, "credits": top_up.credits, "monthly_ceiling": top_up.monthly_ceiling}
    return {
        "enabled": top_up.enabled,
        **{name: format_credits(Nanocredits(amount)) for name, amount in amounts.items()},
    }
