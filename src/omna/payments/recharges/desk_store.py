"""SQL of what a reviewer looks for: the queue, orders by their traits, and those that look alike."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId
from omna.payments.recharges.model import Recharge, Sought
from omna.payments.recharges.store import some


async def waiting(
    connection: Connection, sought: Sought, after: tuple[datetime, UUID] | None, limit: int
) -> list[Recharge]:
    """Return orders of everybody that were handed in, the one that waits longest first."""
    rows = await connection.fetch(
        "SELECT r.recharge_id FROM recharges AS r"
        " WHERE r.state = 'submitted'"
        " AND ($1::text IS NULL OR r.reference = $1 OR r.payer_reference = $2"
        "      OR r.created_by IN (SELECT u.user_id FROM users AS u WHERE u.email_normalized = $3))"
        " AND ($4::uuid IS NULL OR $4 IN (r.recharge_id, r.workspace_id))"
        " AND ($5::timestamptz IS NULL OR (r.submitted_at, r.recharge_id) > ($5, $6::uuid))"
        " ORDER BY r.submitted_at, r.recharge_id LIMIT $7",
        sought.reference,
        sought.payer_reference,
        sought.email,
        sought.identifier,
        after[0] if after else None,
        after[1] if after else None,
        limit,
    )
    return await some(connection, [row["recharge_id"] for row in rows])


async def found(
    connection: Connection,
    states: Sequence[str] | None,
    sought: Sought,
    after: UUID | None,
    limit: int,
    *,
    flagged: bool,
) -> list[Recharge]:
    """Return orders of everybody, newest first. flagged: only those whose money was unusual."""
    rows = await connection.fetch(
        "SELECT r.recharge_id FROM recharges AS r"
        " WHERE ($1::text[] IS NULL OR r.state = ANY ($1)) AND (NOT $2 OR r.flag <> '')"
        " AND ($3::text IS NULL OR r.reference = $3 OR r.payer_reference = $4"
        "      OR r.created_by IN (SELECT u.user_id FROM users AS u WHERE u.email_normalized = $5))"
        " AND ($6::uuid IS NULL OR $6 IN (r.recharge_id, r.workspace_id))"
        " AND ($7::uuid IS NULL OR r.recharge_id < $7)"
        " ORDER BY r.recharge_id DESC LIMIT $8",
        None if states is None else list(states),
        flagged,
        sought.reference,
        sought.payer_reference,
        sought.email,
        sought.identifier,
        after,
        limit,
    )
    return await some(connection, [row["recharge_id"] for row in rows])


async def events_of(connection: Connection, recharge_id: RechargeId) -> list[Record]:
    """Return what a payment service said about an order, newest first."""
    return list(
        await connection.fetch(
            "SELECT event_key, processor, external_id, kind, state, error, attempts, livemode, recharge_id,"
            " received_at, handled_at FROM payment_events WHERE recharge_id = $1 ORDER BY event_key DESC LIMIT 100",
            recharge_id,
        )
    )


async def same_proof(connection: Connection, recharge: Recharge) -> list[RechargeId]:
    """Return other orders with the same file as their proof."""
    rows = await connection.fetch(
        "SELECT recharge_id FROM recharges WHERE proof_sha256 = $1 AND proof_sha256 <> '' AND recharge_id <> $2"
        " ORDER BY recharge_id DESC LIMIT 20",
        recharge.proof_sha256,
        recharge.recharge_id,
    )
    return [row["recharge_id"] for row in rows]


async def same_reference(connection: Connection, recharge: Recharge) -> list[RechargeId]:
    """Return other orders by the same method with the same reference of a bank."""
    rows = await connection.fetch(
        "SELECT recharge_id FROM recharges WHERE payer_reference = $1 AND payer_reference <> ''"
        " AND method_id IS NOT DISTINCT FROM $2 AND recharge_id <> $3 ORDER BY recharge_id DESC LIMIT 20",
        recharge.payer_reference,
        recharge.method_id,
        recharge.recharge_id,
    )
    return [row["recharge_id"] for row in rows]


async def same_amount_and_day(connection: Connection, recharge: Recharge) -> list[RechargeId]:
    """Return other orders of the workspace by the same method, amount and day of payment."""
    rows = await connection.fetch(
        "SELECT recharge_id FROM recharges WHERE method_id = $1 AND paid_on = $2 AND workspace_id = $3"
        " AND price_minor + fee_minor = $4 AND currency = $5 AND recharge_id <> $6"
        " ORDER BY recharge_id DESC LIMIT 20",
        recharge.method_id,
        recharge.paid_on,
        recharge.workspace_id,
        recharge.total_minor,
        recharge.currency,
        recharge.recharge_id,
    )
    return [row["recharge_id"] for row in rows]
