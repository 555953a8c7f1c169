"""The promo Credits that came with a payment: taken back before its money goes, given back when it stays after all.

What is given back is a grant of its own, because a grant that ended stays ended. So a payment may have several.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.ids import TransferId, WorkspaceId, step_id
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.payments.refunds.model import Payment


@dataclass(frozen=True, slots=True)
class Bonus:
    """Promo Credits, and when they expire; None: never."""

    amount: int
    expires_at: datetime | None


async def left(connection: Connection, payment: Payment) -> Bonus:
    """Return what is left of the bonus of a payment."""
    grants = await _grants(connection, payment)
    alive = [(amount, expires_at) for _, amount, expires_at, expired in grants if amount and not expired]
    return Bonus(sum(amount for amount, _ in alive), next((expires_at for _, expires_at in alive), None))


async def withdraw(
    connection: Connection, payment: Payment, cause: UUID, step: str, *, actor: audit.Actor, reason: str
) -> Bonus:
    """Take back what is left of the bonus of a payment; returns what was still good.

    cause, step     what takes it, for ids: the same again takes nothing twice
    """
    remains = await left(connection, payment)
    for grant_id, _, _, _ in await _grants(connection, payment):
        await ledger.withdraw_promo(
            connection,
            transfer_id=TransferId(step_id(cause, f"{step}:{grant_id.hex}")),
            workspace_id=payment.workspace_id,
            grant_id=TransferId(grant_id),
            actor=actor.name,
            reason=reason,
        )
    return remains


async def give_back(
    connection: Connection,
    workspace_id: WorkspaceId,
    bonus: Bonus,
    grant_id: TransferId,
    *,
    actor: audit.Actor,
    reason: str,
) -> None:
    """Grant again what was withdrawn. Nothing happens when that was nothing."""
    if bonus.amount:
        await ledger.grant_promo(
            connection,
            transfer_id=grant_id,
            workspace_id=workspace_id,
            amount=Nanocredits(bonus.amount),
            expires_at=bonus.expires_at,
            actor=actor.name,
            reason=reason,
        )


async def _grants(connection: Connection, payment: Payment) -> Sequence[tuple[UUID, int, datetime | None, bool]]:
    """Return the grants of a payment: the first one, and those with which refunds and disputes gave it back."""
    if payment.bonus_id is None:
        return ()
    ids = [payment.bonus_id]
    for refund_id, rounds in await connection.fetch(
        "SELECT refund_id, round FROM refunds WHERE workspace_id = $1 AND payment_key = $2",
        payment.workspace_id,
        payment.payment_key,
    ):
        ids += [step_id(refund_id, f"promo_back:{number}") for number in range(rounds + 1)]
    for (dispute_id,) in await connection.fetch(
        "SELECT dispute_id FROM disputes WHERE workspace_id = $1 AND payment_key = $2",
        payment.workspace_id,
        payment.payment_key,
    ):
        ids.append(step_id(dispute_id, "promo_back"))
    rows = await connection.fetch(
        "SELECT grant_id, remaining, CASE WHEN expires_at < 'infinity' THEN expires_at END AS expires_at,"
        " expires_at <= clock_timestamp() AS expired FROM promo_grants"
        " WHERE workspace_id = $1 AND grant_id = ANY ($2) ORDER BY grant_id",
        payment.workspace_id,
        ids,
    )
    return [(row["grant_id"], row["remaining"], row["expires_at"], row["expired"]) for row in rows]
