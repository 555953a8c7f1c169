"""Facts become bookings: the one function that webhook, return page, poller and staff all end in.

It books the difference between what the payment service says and what is booked, and never moves anything back. So it
does not matter which events came, how often, or in which order.
"""

from datetime import timedelta

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import NotFound
from omna.ids import show
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.observability.logs import get_logger
from omna.payments import steps
from omna.payments.checkout import store, top_up_store, top_ups
from omna.payments.checkout.processor import Facts, PaymentFacts
from omna.payments.checkout.store import OpenOrder
from omna.payments.disputes.applying import apply_dispute_facts, apply_warnings, prepare
from omna.payments.recharges.crediting import (
    AMOUNT_MISMATCH,
    CURRENCY_MISMATCH,
    Credited,
    ensure_credited,
    flag_for_review,
)
from omna.payments.recharges.model import Received
from omna.payments.refunds.applying import apply_refund_facts

log = get_logger(__name__)

#: Before the first question about an order that a service told us of before it answered us.
FIRST_PAUSE = timedelta(minutes=1)

MODE_MISMATCH = "mode_mismatch"

#: States an order may come from, for what the service says of it.
_BEFORE = {
    "open": ("created",),
    "awaiting_payment": ("created", "open"),
    "failed": ("created", "open", "awaiting_payment"),
    "expired": ("created", "open", "awaiting_payment"),
}


async def apply(connection: Connection, facts: Facts, *, freeze: bool, actor: audit.Actor) -> OpenOrder:
    """Bring an order to where the payment service says it is; returns the order as it was before.

    freeze  whether a payment that a bank takes back freezes the workspace
    Errors  NotFound when there is no such order here, or it is not of this service: nothing is credited
    """
    assert connection.is_in_transaction(), "facts and what follows from them are one transaction"
    order = None if facts.recharge_id is None else await store.lock(connection, facts.recharge_id)
    if order is None or order.processor != facts.processor:
        raise NotFound("The payment service speaks of an order that is not here.")
    # A freeze waits for the admissions in flight, so its lock comes before every wallet.
    await prepare(connection, facts.processor, facts.disputes, freeze=freeze)
    if order.session_id is None:
        # Its own answer was lost, or is not committed yet: the order is recognised by what we told the service.
        await store.set_session(connection, order.recharge_id, facts.session_id, None, FIRST_PAUSE)
    if facts.payment is None:
        await _progress(connection, order, facts, actor)
        return order
    # These two before anything is recorded: whoever else needs them takes them before the audit log, too.
    await top_up_store.lock(connection, order.workspace_id)
    await ledger.locked_wallet(connection, order.workspace_id)
    await _credit(connection, order, facts, facts.payment, actor)
    # What does not fit waits for a person, who may have decided already what it is worth.
    paid = await store.payment(connection, facts.processor, facts.payment.payment_id)
    if paid is not None:
        await apply_refund_facts(connection, paid, facts.refunds, actor=actor)
        await apply_warnings(connection, paid, facts.warnings, actor=actor)
        await apply_dispute_facts(connection, paid, facts.disputes, freeze=freeze, actor=actor)
    return order


async def _progress(connection: Connection, order: OpenOrder, facts: Facts, actor: audit.Actor) -> None:
    """Note how far an order is that is not paid."""
    if facts.status == "expired":
        state = "expired"
    elif facts.status == "open":
        state = "open"
    else:
        state = "awaiting_payment" if facts.pending or not facts.failure else "failed"
    await change(connection, order, state, facts.failure if state == "failed" else "", actor=actor)


async def close(connection: Connection, order: OpenOrder, *, actor: audit.Actor) -> None:
    """End an order that nobody at a service can be asked about any more."""
    await change(connection, order, "expired", "", actor=actor, by="omna")


async def change(
    connection: Connection,
    order: OpenOrder,
    state: str,
    failure: str,
    *,
    actor: audit.Actor,
    by: steps.StepActor = "processor",
) -> None:
    """Take an unpaid order to a state, unless it is past it; its timeline and the audit log say so."""
    if not await store.move(connection, order.recharge_id, state, _BEFORE[state], failure):
        return
    await steps.add(connection, order.workspace_id, order.recharge_id, state, by)
    if state in ("failed", "expired"):
        await top_ups.note_unpaid(connection, order, failure or state)
    await audit.record(
        connection,
        actor,
        f"recharge.{state}",
        show("rch", order.recharge_id),
        before={"state": order.state},
        after={"state": state, "failure": failure},
    )


async def _credit(
    connection: Connection, order: OpenOrder, facts: Facts, payment: PaymentFacts, actor: audit.Actor
) -> None:
    """Credit the money of an order, once, or flag it when it does not fit."""
    flag = _mismatch(order, facts, payment)
    if flag is not None:
        log.error(
            "payment does not fit its order", flag=flag, recharge=show("rch", order.recharge_id),
            payment=payment.payment_id, received=payment.amount_minor, currency=payment.currency,
        )  # fmt: skip
        await flag_for_review(
            connection,
            workspace_id=order.workspace_id,
            recharge_id=order.recharge_id,
            flag=flag,
            received=Received(payment.payment_id, payment.amount_minor, payment.currency, payment.fingerprint),
            actor=actor,
        )
        return
    credited = await ensure_credited(
        connection,
        workspace_id=order.workspace_id,
        recharge_id=order.recharge_id,
        processor=facts.processor,
        payment_id=payment.payment_id,
        amount_minor=payment.amount_minor,
        currency=payment.currency,
        credits=Nanocredits(order.credits),
        fingerprint=payment.fingerprint,
        actor=actor,
        step_actor="processor",
    )
    if isinstance(credited, Credited):
        # Only now: an old answer that comes again must not bring back a method that was taken away since.
        await top_ups.note_paid(connection, order, facts.saved)
        log.info(
            "payment credited", recharge=show("rch", order.recharge_id), payment=payment.payment_id, flag=credited.flag
        )


def _mismatch(order: OpenOrder, facts: Facts, payment: PaymentFacts) -> str | None:
    if facts.livemode == order.test_mode:
        return MODE_MISMATCH
    if payment.currency != order.currency:
        return CURRENCY_MISMATCH
    if payment.amount_minor != order.total_minor:
        return AMOUNT_MISMATCH
    return None
