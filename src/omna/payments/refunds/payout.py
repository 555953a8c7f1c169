"""Pay approved refunds out through the payment service that took the money. It is asked with no transaction open."""

from collections.abc import Mapping
from dataclasses import dataclass

import asyncpg

from omna.audit import service as audit
from omna.db.pool import borrow, transaction
from omna.errors import OmnaError
from omna.ids import RefundId, show
from omna.observability.logs import get_logger
from omna.payments.checkout.processor import Processor, RefundFacts
from omna.payments.disputes.booking import catch_up
from omna.payments.refunds import booking, lots, store
from omna.payments.refunds.applying import apply_one
from omna.payments.refunds.model import Payment, Refund

log = get_logger(__name__)

#: Seconds for which a payout is one worker's: longer than a payment service may think.
LEASE_SECONDS = 120
#: Seconds until the next try after so many that led to no answer.
_PAUSES = (30, 120, 600, 3600)


@dataclass(frozen=True, slots=True)
class Due:
    """A payout to be made."""

    refund: Refund
    payment: Payment


async def pay_out(
    pool: asyncpg.Pool, processors: Mapping[str, Processor], *, actor: audit.Actor, most: int = 50
) -> int:
    """Make the payouts that are due, at most so many; returns how many were tried."""
    for tried in range(most):
        async with borrow(pool) as connection:
            refund_id = await store.claim_payout(connection, LEASE_SECONDS)
        if refund_id is None:
            return tried
        await pay_one(pool, processors, refund_id, actor=actor)
    return most


async def pay_one(
    pool: asyncpg.Pool, processors: Mapping[str, Processor], refund_id: RefundId, *, actor: audit.Actor
) -> None:
    """Ask the payment service for one payout. The same key again is the same payout: what is unknown is asked again."""
    due = await _due(pool, refund_id)
    if due is None:
        return
    processor = processors.get(due.payment.processor)
    if processor is None:
        await _postpone(pool, due, "The payment service that took the money is switched off.", nobody_asked=True)
        return
    assert due.refund.amount_minor is not None, "what is approved has an amount"
    assert due.refund.payout_key is not None, "and a name at the payment service"
    try:
        fact = await processor.refund(due.payment.payment_id, due.refund.amount_minor, RefundId(due.refund.payout_key))
    except OmnaError as error:
        if error.code == "payment_service_refused":
            await _refused(pool, due, error.message, actor)
        else:
            await _postpone(pool, due, error.message)
        return
    await _note(pool, due, fact, actor)


async def _due(pool: asyncpg.Pool, refund_id: RefundId) -> Due | None:
    async with borrow(pool) as connection:
        refund = await store.by_id(connection, refund_id)
        if refund is None or refund.state != "approved" or refund.payment_key is None:
            return None
        payment = await lots.payment(connection, refund.workspace_id, refund.payment_key)
        return None if payment is None else Due(refund, payment)


async def _note(pool: asyncpg.Pool, due: Due, fact: RefundFacts, actor: audit.Actor) -> None:
    refund = due.refund
    async with transaction(pool) as connection:
        order = await lots.lock_order(connection, refund.workspace_id, refund.recharge_id)
        assert order is not None, "a refund has its recharge"
        now = await store.by_id(connection, refund.refund_id)
        if now is not None and now.round == refund.round:
            await booking.note_sent(connection, now, fact.refund_id)
        await apply_one(connection, order, due.payment, fact, actor=actor)
    log.info("refund sent", refund=show("rfd", refund.refund_id), status=str(fact.status))


async def _refused(pool: asyncpg.Pool, due: Due, failure: str, actor: audit.Actor) -> None:
    refund = due.refund
    async with transaction(pool) as connection:
        await lots.lock_order(connection, refund.workspace_id, refund.recharge_id)
        now = await store.by_id(connection, refund.refund_id)
        if now is None or now.state != "approved" or now.round != refund.round:
            return
        await booking.give_back(connection, now, failure=failure, by="processor", actor=actor)
        await catch_up(connection, refund.workspace_id, due.payment.payment_key, actor=actor)
    log.warning("refund refused", refund=show("rfd", refund.refund_id))


async def _postpone(pool: asyncpg.Pool, due: Due, failure: str, *, nobody_asked: bool = False) -> None:
    attempts = due.refund.attempts
    pause = _PAUSES[min(max(attempts, 1), len(_PAUSES)) - 1]
    async with transaction(pool) as connection:
        await store.postpone(connection, due.refund.refund_id, pause, failure, nobody_asked=nobody_asked)
    log.warning("refund not sent", refund=show("rfd", due.refund.refund_id), attempts=attempts)
