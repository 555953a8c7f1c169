"""SQL of what staff see of payments and events."""

from collections.abc import Sequence
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection


async def events(
    connection: Connection,
    states: Sequence[str] | None,
    text: str | None,
    identifier: UUID | None,
    before: UUID | None,
    limit: int,
) -> list[Record]:
    """Return events, newest first. text: of an event, a payment or a session at the service, a kind, or a reference."""
    return list(
        await connection.fetch(
            "SELECT e.event_key, e.processor, e.external_id, e.kind, e.livemode, e.state, e.error, e.attempts,"
            " e.recharge_id, e.received_at, e.handled_at"
            " FROM payment_events AS e LEFT JOIN recharges AS r USING (recharge_id)"
            " WHERE ($1::text[] IS NULL OR e.state = ANY ($1))"
            " AND ($2::text IS NULL OR $2 IN (e.external_id, e.payment_id, e.session_id, e.kind)"
            "      OR r.reference = upper($2))"
            " AND ($3::uuid IS NULL OR $3 IN (e.recharge_id, e.workspace_id, e.event_key))"
            " AND ($4::uuid IS NULL OR e.event_key < $4)"
            " ORDER BY e.event_key DESC LIMIT $5",
            states,
            text,
            identifier,
            before,
            limit,
        )
    )


async def counts(connection: Connection) -> list[Record]:
    """Return how many events of the last 30 days are in each state, and the newest of each."""
    return list(
        await connection.fetch(
            "SELECT state, count(*) AS count, max(received_at) AS last_at FROM payment_events"
            " WHERE received_at > now() - interval '30 days' GROUP BY state ORDER BY state"
        )
    )


async def event(connection: Connection, event_key: UUID) -> Record | None:
    return await connection.fetchrow(
        "SELECT event_key, processor, external_id, kind, livemode, payload, state, error, attempts, session_id,"
        " payment_id, workspace_id, recharge_id, received_at, handled_at, note"
        " FROM payment_events WHERE event_key = $1",
        event_key,
    )


async def set_state(
    connection: Connection, event_key: UUID, state: str, from_states: Sequence[str], *, note: str = ""
) -> bool:
    """Take an event from one of some states to another; False when it is in none of them."""
    moved = await connection.fetchval(
        "UPDATE payment_events SET state = $2, note = CASE WHEN $4 = '' THEN note ELSE $4 END, handled_at = now(),"
        " error = CASE WHEN $2 = 'ignored' THEN error ELSE '' END,"
        " attempts = CASE WHEN $2 = 'ignored' THEN attempts ELSE attempts + 1 END"
        " WHERE event_key = $1 AND state = ANY ($3::text[]) RETURNING true",
        event_key,
        state,
        list(from_states),
        note,
    )
    return moved is not None


async def refused(connection: Connection, limit: int) -> list[Record]:
    return list(
        await connection.fetch(
            "SELECT day, processor, cause, count, last_at FROM refused_deliveries"
            " ORDER BY day DESC, last_at DESC LIMIT $1",
            limit,
        )
    )


async def payments(
    connection: Connection, text: str | None, identifier: UUID | None, before: UUID | None, limit: int
) -> list[Record]:
    """Return payments, newest first, with what was given back and whether somebody disputes them."""
    return list(
        await connection.fetch(
            "SELECT p.payment_key, p.payment_id, p.processor, p.amount_minor, p.currency, p.credits, p.received_at,"
            " r.recharge_id, r.reference, r.state, w.workspace_id, w.name AS workspace_name,"
            " (SELECT coalesce(sum(f.amount_minor), 0)::bigint FROM refunds AS f"
            "  WHERE f.workspace_id = p.workspace_id AND f.payment_key = p.payment_key AND f.state = 'paid')"
            " AS refunded,"
            " EXISTS (SELECT FROM disputes AS d WHERE d.workspace_id = p.workspace_id"
            "         AND d.payment_key = p.payment_key AND d.state NOT IN ('warned', 'closed')) AS disputed"
            " FROM payments AS p JOIN recharges AS r USING (workspace_id, recharge_id)"
            " JOIN workspaces AS w USING (workspace_id)"
            " WHERE ($1::text IS NULL OR p.payment_id = $1 OR r.reference = upper($1) OR r.session_id = $1"
            "      OR EXISTS (SELECT FROM users AS u"
            "                 WHERE u.user_id = r.created_by AND u.email_normalized = lower($1)))"
            " AND ($2::uuid IS NULL OR $2 IN (p.recharge_id, p.workspace_id, p.payment_key))"
            " AND ($3::uuid IS NULL OR p.payment_key < $3)"
            " ORDER BY p.payment_key DESC LIMIT $4",
            text,
            identifier,
            before,
            limit,
        )
    )
