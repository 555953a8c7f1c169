"""The one way a payment becomes Credits. Nothing here touches the network.

The same payment again changes nothing; another payment of the same order is credited, too, because the money is there.
"""

from dataclasses import dataclass
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.ids import RechargeId, TransferId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.mail.kinds import Kind
from omna.money import Nanocredits, format_credits
from omna.payments import steps
from omna.payments.recharges import letters, payment_store, store
from omna.payments.recharges.model import (
    AMOUNT_MISMATCH,
    CURRENCY_MISMATCH,
    LATE_PAYMENT,
    OVER,
    PAID_TWICE,
    Received,
    Recharge,
    State,
)
from omna.payments.recharges.quote import format_minor
from omna.payments.steps import StepActor

__all__ = ["AMOUNT_MISMATCH", "CURRENCY_MISMATCH", "Credited", "Replayed", "ensure_credited", "flag_for_review"]


@dataclass(frozen=True, slots=True)
class Credited:
    """Booked just now. `flag` says what was unusual: late_payment, paid_twice, or nothing.

    payment_key  also the id of the transfer
    audit_seq    number of its row in the audit log
    """

    payment_key: UUID
    credits: int
    bonus: int
    flag: str
    audit_seq: int


@dataclass(frozen=True, slots=True)
class Replayed:
    """Booked before."""

    payment_key: UUID
    credits: int
    bonus: int


async def ensure_credited(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    recharge_id: RechargeId,
    processor: str,
    payment_id: str,
    amount_minor: int,
    currency: str,
    credits: Nanocredits,  # noqa: A002 - the word of the product
    fingerprint: str = "",
    actor: audit.Actor,
    step_actor: StepActor,
    reason: str = "",
    facts: dict[str, object] | None = None,
    converted: bool = False,
) -> Credited | Replayed:
    """Credit a payment of an order, once, whatever state the order is in.

    The caller has decided that amount and currency are right, or what they are worth (`credits`); the bonus comes with
    the first payment that covers the order.

    facts      goes into the audit log, too
    converted  a payment that was made once too often, which its customer keeps as Credits
    Errors  NotFound; Conflict when this payment was credited to another order
    """
    recharge = await store.lock(connection, recharge_id)
    if recharge is None or recharge.workspace_id != workspace_id:
        raise NotFound("There is no such recharge.")
    again = recharge.credited_at is not None
    bonus = 0 if again or credits < recharge.credits else recharge.bonus
    bonus_id = new_id() if bonus else None
    key = await payment_store.add_payment(
        connection,
        workspace_id=workspace_id,
        recharge_id=recharge_id,
        processor=processor,
        payment_id=payment_id,
        amount_minor=amount_minor,
        currency=currency,
        credits=credits,
        bonus=bonus,
        bonus_id=bonus_id,
        fingerprint=fingerprint,
    )
    if key is None:
        return await _replayed(connection, recharge, processor, payment_id)
    await _book(connection, recharge, key, credits, bonus, bonus_id, actor.name, converted=converted)
    await store.forget_received(connection, recharge_id, payment_id)
    flag = PAID_TWICE if again else LATE_PAYMENT if State(recharge.state) in OVER else ""
    if recharge.state == State.REVERSED:
        # What was reversed stays reversed; the new money is there all the same, and a person looks.
        await store.set_flag(connection, recharge_id, flag)
    else:
        await store.set_credited(connection, recharge_id, flag)
    await steps.add(connection, workspace_id, recharge_id, flag or "credited", step_actor)
    await letters.tell_of(connection, recharge, Kind.RECHARGE_CREDITED, credits=credits, bonus=bonus)
    seq = await audit.record(
        connection,
        actor,
        "recharge.approve" if step_actor == "staff" else "recharge.credit",
        show("rch", recharge_id),
        reason=reason,
        before={"state": recharge.state},
        after={
            "state": "credited",
            "transfer": str(key),
            "amount": format_credits(credits),
            "bonus": format_credits(bonus),
            "paid": format_minor(amount_minor, currency),
            "processor": processor,
            "payment": payment_id,
            "flag": flag,
            **(facts or {}),
        },
    )
    return Credited(key, credits, bonus, flag, seq)


async def flag_for_review(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    recharge_id: RechargeId,
    flag: str,
    received: Received,
    actor: audit.Actor,
    step_actor: StepActor = "processor",
) -> None:
    """Leave money that does not fit its order to a person: nothing is booked until they decide what it is worth.

    The order goes to the queue of reviews unless it was credited before. Nothing happens for the same money again, and
    for a payment that is credited.
    Errors  NotFound
    """
    recharge = await store.lock(connection, recharge_id)
    if recharge is None or recharge.workspace_id != workspace_id:
        raise NotFound("There is no such recharge.")
    assert recharge.processor is not None, "money of an order by hand is judged by the person who sees it"
    if recharge.received is not None and recharge.received.payment_id == received.payment_id:
        return
    if recharge.pending is not None:
        # One decision at a time: the nightly comparison finds this payment again.
        return
    if await payment_store.payment(connection, recharge.processor, received.payment_id) is not None:
        return
    await store.set_received(connection, recharge_id, received, flag, to_review=recharge.credited_at is None)
    await steps.add(
        connection, workspace_id, recharge_id, flag, step_actor, format_minor(received.amount_minor, received.currency)
    )
    await audit.record(
        connection,
        actor,
        "recharge.flag",
        show("rch", recharge_id),
        before={"state": recharge.state, "flag": recharge.flag},
        after={
            "flag": flag,
            "payment": received.payment_id,
            "received": format_minor(received.amount_minor, received.currency),
            "expected": format_minor(recharge.total_minor, recharge.currency),
        },
    )


async def _replayed(connection: Connection, recharge: Recharge, processor: str, payment_id: str) -> Replayed:
    before = await payment_store.payment(connection, processor, payment_id)
    assert before is not None, "rows of payments are never deleted"
    if before["recharge_id"] != recharge.recharge_id:
        raise Conflict("This payment was credited to another order.")
    return Replayed(before["payment_key"], before["credits"], before["bonus"])


async def _book(
    connection: Connection,
    recharge: Recharge,
    key: UUID,
    credits: Nanocredits,  # noqa: A002
    bonus: int,
    bonus_id: UUID | None,
    actor: str,
    *,
    converted: bool,
) -> None:
    await ledger.recharge(
        connection,
        transfer_id=TransferId(key),
        workspace_id=recharge.workspace_id,
        amount=credits,
        actor=actor,
        reason=f"Converted payment of {recharge.reference}" if converted else f"Recharge {recharge.reference}",
        converted=converted,
    )
    if bonus_id is not None:
        await ledger.grant_promo(
            connection,
            transfer_id=TransferId(bonus_id),
            workspace_id=recharge.workspace_id,
            amount=Nanocredits(bonus),
            expires_at=None,
            actor=actor,
            reason=f"Bonus of recharge {recharge.reference}",
        )
