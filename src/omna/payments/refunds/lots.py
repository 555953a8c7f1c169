"""Orders and payments as refunds and disputes see them, with what both took of each. Reads, the lock, and one state."""

from uuid import UUID

from omna.db.pool import Connection
from omna.ids import RechargeId, WorkspaceId
from omna.payments.refunds.model import Order, Payment
from omna.payments.refunds.refundable import Lot

_ORDER = (
    "SELECT r.workspace_id, r.recharge_id, r.reference, r.channel, r.state, r.credits, r.bonus, r.price_minor,"
    " r.fee_minor, r.currency, r.processor, r.created_by,"
    " (SELECT m.name FROM payment_methods AS m WHERE m.method_id = r.method_id) AS method FROM recharges AS r"
    " WHERE r.workspace_id = $1 AND r.recharge_id = $2"
)


async def order(connection: Connection, workspace_id: WorkspaceId, recharge_id: UUID) -> Order | None:
    row = await connection.fetchrow(_ORDER, workspace_id, recharge_id)
    return None if row is None else Order(**row)


async def lock_order(connection: Connection, workspace_id: WorkspaceId, recharge_id: UUID) -> Order | None:
    """Return an order that nobody else decides about until the transaction ends."""
    row = await connection.fetchrow(_ORDER + " FOR UPDATE OF r", workspace_id, recharge_id)
    return None if row is None else Order(**row)


async def payments(connection: Connection, workspace_id: WorkspaceId, recharge_id: UUID) -> list[Payment]:
    """Return the payments of a recharge, oldest first."""
    rows = await connection.fetch(
        "SELECT workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor, currency, credits, bonus,"
        " bonus_id FROM payments WHERE workspace_id = $1 AND recharge_id = $2 ORDER BY received_at, payment_key",
        workspace_id,
        recharge_id,
    )
    return [Payment(**row) for row in rows]


async def payment(connection: Connection, workspace_id: WorkspaceId, payment_key: UUID) -> Payment | None:
    row = await connection.fetchrow(
        "SELECT workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor, currency, credits, bonus,"
        " bonus_id FROM payments WHERE workspace_id = $1 AND payment_key = $2",
        workspace_id,
        payment_key,
    )
    return None if row is None else Payment(**row)


async def of_workspace(connection: Connection, workspace_id: WorkspaceId) -> list[Lot]:
    """Return every payment of a workspace, oldest first, with what refunds and disputes took of it."""
    rows = await connection.fetch(
        "SELECT p.payment_key, p.recharge_id, p.credits, p.amount_minor,"
        " least(r.fee_minor, p.amount_minor) AS fee_minor,"
        " coalesce(f.refunded, 0)::bigint AS refunded, coalesce(f.refunded_minor, 0)::bigint AS refunded_minor,"
        " coalesce(d.clawed, 0)::bigint AS clawed"
        " FROM payments AS p JOIN recharges AS r USING (workspace_id, recharge_id)"
        " LEFT JOIN (SELECT payment_key, sum(approved_credits) AS refunded, sum(amount_minor) AS refunded_minor"
        "  FROM refunds WHERE workspace_id = $1 AND state IN ('approved', 'sent', 'paid') GROUP BY payment_key) AS f"
        "  ON f.payment_key = p.payment_key"
        " LEFT JOIN (SELECT payment_key, sum(clawed) AS clawed FROM disputes"
        "  WHERE workspace_id = $1 AND booked IN ('opened', 'lost') GROUP BY payment_key) AS d"
        "  ON d.payment_key = p.payment_key"
        " WHERE p.workspace_id = $1 ORDER BY p.received_at, p.payment_key",
        workspace_id,
    )
    return [Lot(**row) for row in rows]


async def set_reversed(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> str | None:
    """Let the state of a recharge say whether anything of it is left; return the new state when it changed.

    Reversed: every Credit of every payment was refunded, or lost to a dispute.
    """
    state: str | None = await connection.fetchval(
        "WITH left_of_it AS (SELECT sum(p.credits)"
        " - coalesce((SELECT sum(f.approved_credits) FROM refunds AS f WHERE f.workspace_id = $1"
        "   AND f.recharge_id = $2 AND f.state = 'paid'), 0)"
        " - coalesce((SELECT sum(d.clawed) FROM disputes AS d WHERE d.workspace_id = $1"
        "   AND d.recharge_id = $2 AND d.booked = 'lost'), 0) AS credits"
        " FROM payments AS p WHERE p.workspace_id = $1 AND p.recharge_id = $2)"
        " UPDATE recharges AS r SET state = CASE WHEN left_of_it.credits > 0 THEN 'credited' ELSE 'reversed' END"
        " FROM left_of_it WHERE r.workspace_id = $1 AND r.recharge_id = $2"
        " AND r.state = CASE WHEN left_of_it.credits > 0 THEN 'reversed' ELSE 'credited' END RETURNING r.state",
        workspace_id,
        recharge_id,
    )
    return state
