"""SQL of the money of orders: payments that arrived, and what went back of them."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId, WorkspaceId, new_id


async def add_payment(
    connection: Connection,
    *,
    workspace_id: WorkspaceId,
    recharge_id: RechargeId,
    processor: str,
    payment_id: str,
    amount_minor: int,
    currency: str,
    credits: int,  # noqa: A002 - the word of the product
    bonus: int,
    bonus_id: UUID | None,
    fingerprint: str,
) -> UUID | None:
    """Note money that arrived; None when this payment was noted before."""
    key: UUID | None = await connection.fetchval(
        "INSERT INTO payments (workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor, currency,"
        " credits, bonus, bonus_id, fingerprint) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (processor, payment_id) DO NOTHING RETURNING payment_key",
        workspace_id,
        new_id(),
        recharge_id,
        processor,
        payment_id,
        amount_minor,
        currency,
        credits,
        bonus,
        bonus_id,
        fingerprint,
    )
    return key


async def payment(connection: Connection, processor: str, payment_id: str) -> Record | None:
    return await connection.fetchrow(
        "SELECT workspace_id, payment_key, recharge_id, credits, bonus FROM payments"
        " WHERE processor = $1 AND payment_id = $2",
        processor,
        payment_id,
    )


async def payments_of(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> list[Record]:
    """Return the payments of an order, the first one first."""
    return list(
        await connection.fetch(
            "SELECT payment_key, processor, payment_id, amount_minor, currency, credits, bonus, received_at"
            " FROM payments WHERE workspace_id = $1 AND recharge_id = $2 ORDER BY payment_key",
            workspace_id,
            recharge_id,
        )
    )


async def refunds_of(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> list[Record]:
    """Return the refunds of an order, newest first. They belong to `refunds`; an order without them would say half."""
    return list(
        await connection.fetch(
            "SELECT refund_id, state, coalesce(approved_credits, credits) AS credits FROM refunds"
            " WHERE workspace_id = $1 AND (recharge_id = $2 OR other_recharge = $2) ORDER BY refund_id DESC",
            workspace_id,
            recharge_id,
        )
    )


async def disputes_of(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> list[Record]:
    """Return the disputes of an order, newest first."""
    return list(
        await connection.fetch(
            "SELECT dispute_id, state FROM disputes WHERE workspace_id = $1 AND recharge_id = $2"
            " ORDER BY dispute_id DESC",
            workspace_id,
            recharge_id,
        )
    )


async def repaid(connection: Connection, workspace_id: WorkspaceId, payment_keys: Sequence[UUID]) -> int:
    """Return how much debt the bookings of payments repaid."""
    amount: int = await connection.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM entries"
        " WHERE workspace_id = $1 AND transfer_id = ANY ($2::uuid[]) AND account = 'debt'",
        workspace_id,
        list(payment_keys),
    )
    return amount
