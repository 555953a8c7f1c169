"""SQL of orders at payment services, and of the events that came about them."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId, WorkspaceId, new_id


@dataclass(frozen=True, slots=True)
class OpenOrder:
    """An order as far as its payment service is concerned.

    over        its time has passed
    email, language     of who made it, or of the workspace's billing details
    """

    workspace_id: WorkspaceId
    recharge_id: RechargeId
    state: str
    channel: str
    processor: str
    test_mode: bool
    reference: str
    credits: int
    total_minor: int
    currency: str
    session_id: str | None
    session_url: str | None
    save_method: bool
    failure: str
    flag: str
    expires_at: datetime
    over: bool
    email: str
    language: str


@dataclass(frozen=True, slots=True)
class Payment:
    """A payment that is credited, and whose."""

    workspace_id: WorkspaceId
    recharge_id: RechargeId
    payment_key: UUID


async def order(connection: Connection, recharge_id: RechargeId) -> OpenOrder | None:
    """Return an order of a payment service; None when there is none, or when it is one by hand."""
    row = await connection.fetchrow(
        "SELECT r.workspace_id, r.recharge_id, r.state, r.channel, r.processor, r.test_mode, r.reference, r.credits,"
        " r.price_minor + r.fee_minor AS total_minor, r.currency, r.session_id, r.session_url, r.save_method,"
        " r.failure, r.flag, r.expires_at, r.expires_at <= now() AS over, coalesce(u.email, b.email, '') AS email,"
        " coalesce(u.language, 'en') AS language"
        " FROM recharges AS r LEFT JOIN users AS u ON u.user_id = r.created_by"
        " LEFT JOIN billing_details AS b ON b.workspace_id = r.workspace_id"
        " WHERE r.recharge_id = $1 AND r.processor IS NOT NULL",
        recharge_id,
    )
    return None if row is None else OpenOrder(**dict(row))


async def lock(connection: Connection, recharge_id: RechargeId) -> OpenOrder | None:
    """Return an order that nobody changes until the transaction ends."""
    await connection.execute("SELECT recharge_id FROM recharges WHERE recharge_id = $1 FOR UPDATE", recharge_id)
    return await order(connection, recharge_id)


async def set_session(
    connection: Connection, recharge_id: RechargeId, session_id: str, session_url: str | None, pause: timedelta
) -> None:
    """Note where an order is paid; one that is noted stays."""
    await connection.execute(
        "UPDATE recharges SET session_id = coalesce(session_id, $2), session_url = coalesce(session_url, $3),"
        " next_poll_at = now() + $4::interval WHERE recharge_id = $1",
        recharge_id,
        session_id,
        session_url,
        pause,
    )


async def forget_address(connection: Connection, recharge_id: RechargeId) -> None:
    """Note that an order is closed at its service."""
    await connection.execute("UPDATE recharges SET session_url = NULL WHERE recharge_id = $1", recharge_id)


async def move(
    connection: Connection, recharge_id: RechargeId, state: str, from_states: Sequence[str], failure: str
) -> bool:
    """Take an order from one of some states to another; False when it is in none of them."""
    moved = await connection.fetchval(
        "UPDATE recharges SET state = $2, failure = $4 WHERE recharge_id = $1 AND state = ANY ($3::text[])"
        " RETURNING true",
        recharge_id,
        state,
        list(from_states),
        failure,
    )
    return moved is not None


async def set_flag(connection: Connection, recharge_id: RechargeId, flag: str) -> bool:
    """Mark an order for a person to look at; one that is marked stays so. Returns whether it was not."""
    flagged = await connection.fetchval(
        "UPDATE recharges SET flag = $2 WHERE recharge_id = $1 AND flag = '' RETURNING true", recharge_id, flag
    )
    return flagged is not None


async def claim_polls(connection: Connection, pause: timedelta, longest: timedelta, limit: int) -> list[RechargeId]:
    """Return orders that it is time to ask about, each for one caller, and set when to ask next: ever more seldom, and
    once more when their time has passed.
    """
    rows = await connection.fetch(
        "UPDATE recharges AS r SET polls = r.polls + 1,"
        " next_poll_at = CASE WHEN r.expires_at > now()"
        "   THEN least(now() + least($1::interval * power(1.6, least(r.polls, 20)), $2::interval),"
        "              greatest(r.expires_at, now() + $1::interval))"
        "   ELSE now() + least($1::interval * power(1.6, least(r.polls, 20)), $2::interval) END"
        " FROM (SELECT recharge_id FROM recharges"
        "       WHERE channel <> 'manual' AND (state IN ('created', 'open', 'awaiting_payment')"
        "                                      OR (state = 'cancelled' AND session_url IS NOT NULL))"
        "       AND next_poll_at <= now() AND created_at <= now() - $1::interval"
        "       ORDER BY next_poll_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due"
        " WHERE r.recharge_id = due.recharge_id RETURNING r.recharge_id",
        pause,
        longest,
        limit,
    )
    return [row["recharge_id"] for row in rows]


async def recharge_of_session(connection: Connection, processor: str, session_id: str) -> RechargeId | None:
    found: RechargeId | None = await connection.fetchval(
        "SELECT recharge_id FROM recharges WHERE processor = $1 AND session_id = $2", processor, session_id
    )
    return found


async def session_of_payment(connection: Connection, processor: str, payment_id: str) -> str | None:
    session_id: str | None = await connection.fetchval(
        "SELECT r.session_id FROM payments AS p JOIN recharges AS r USING (workspace_id, recharge_id)"
        " WHERE p.processor = $1 AND p.payment_id = $2",
        processor,
        payment_id,
    )
    return session_id


async def payment(connection: Connection, processor: str, payment_id: str) -> Payment | None:
    """Return a payment that is credited, None while it is not."""
    row = await connection.fetchrow(
        "SELECT workspace_id, recharge_id, payment_key FROM payments WHERE processor = $1 AND payment_id = $2",
        processor,
        payment_id,
    )
    return None if row is None else Payment(**dict(row))


async def state_of_event(connection: Connection, processor: str, external_id: str) -> str | None:
    state: str | None = await connection.fetchval(
        "SELECT state FROM payment_events WHERE processor = $1 AND external_id = $2", processor, external_id
    )
    return state


async def put_event(
    connection: Connection,
    *,
    processor: str,
    external_id: str,
    kind: str,
    livemode: bool,
    payload: Mapping[str, Any],
    state: str,
    error: str = "",
    session_id: str | None = None,
    payment_id: str | None = None,
    recharge_id: RechargeId | None = None,
    pause: timedelta = timedelta(0),
) -> bool:
    """Keep an event, or what became of another try with a failed one; False when somebody was done with it before.

    The row stays locked until the transaction ends, so that of two deliveries at once one waits for the other.
    """
    put = await connection.fetchval(
        "INSERT INTO payment_events AS e (event_key, processor, external_id, kind, livemode, payload, state, error,"
        " session_id, payment_id, workspace_id, recharge_id, next_try_at, handled_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10,"
        " (SELECT workspace_id FROM recharges WHERE recharge_id = $11), $11, now() + $12::interval,"
        " CASE WHEN $7 = 'failed' THEN NULL ELSE now() END)"
        " ON CONFLICT (processor, external_id) DO UPDATE SET state = excluded.state, error = excluded.error,"
        " attempts = e.attempts + 1, session_id = coalesce(excluded.session_id, e.session_id),"
        " payment_id = coalesce(excluded.payment_id, e.payment_id),"
        " workspace_id = coalesce(excluded.workspace_id, e.workspace_id),"
        " recharge_id = coalesce(excluded.recharge_id, e.recharge_id),"
        " next_try_at = excluded.next_try_at, handled_at = excluded.handled_at"
        " WHERE e.state = 'failed' RETURNING true",
        new_id(),
        processor,
        external_id,
        kind,
        livemode,
        payload,
        state,
        error,
        session_id,
        payment_id,
        recharge_id,
        pause,
    )
    return put is not None


async def claim_failed(connection: Connection, pause: timedelta, longest: timedelta, limit: int) -> list[Record]:
    """Return failed events that it is time to try again, each for one caller; pauses grow, and end after a month."""
    return list(
        await connection.fetch(
            "UPDATE payment_events AS e"
            " SET next_try_at = now() + least($1::interval * power(2, least(attempts, 20)), $2::interval)"
            " FROM (SELECT event_key FROM payment_events WHERE state = 'failed' AND next_try_at <= now()"
            "       AND received_at > now() - interval '30 days'"
            "       ORDER BY next_try_at LIMIT $3 FOR UPDATE SKIP LOCKED) AS due"
            " WHERE e.event_key = due.event_key"
            " RETURNING e.processor, e.external_id, e.kind, e.livemode, e.payload, e.session_id, e.payment_id,"
            " e.recharge_id",
            pause,
            longest,
            limit,
        )
    )


async def count_refused(connection: Connection, processor: str, cause: str) -> None:
    await connection.execute(
        "INSERT INTO refused_deliveries AS r (day, processor, cause) VALUES ((now() AT TIME ZONE 'UTC')::date, $1, $2)"
        " ON CONFLICT (day, processor, cause) DO UPDATE SET count = r.count + 1, last_at = now()",
        processor,
        cause,
    )


async def payments_since(connection: Connection, processor: str, since: datetime) -> list[Record]:
    """Return the payments that were credited since a moment."""
    return list(
        await connection.fetch(
            "SELECT p.payment_id, p.recharge_id, p.amount_minor, p.currency, p.received_at FROM payments AS p"
            " WHERE p.processor = $1 AND p.received_at >= $2",
            processor,
            since,
        )
    )


async def payments_named(connection: Connection, processor: str, payment_ids: Sequence[str]) -> dict[str, RechargeId]:
    """Return the orders of those payments that are credited."""
    rows = await connection.fetch(
        "SELECT payment_id, recharge_id FROM payments WHERE processor = $1 AND payment_id = ANY ($2::text[])",
        processor,
        list(payment_ids),
    )
    return {row["payment_id"]: row["recharge_id"] for row in rows}


async def unsettled(connection: Connection, processor: str) -> set[RechargeId]:
    """Return orders of which a dispute is not over, or a refund on its way."""
    rows = await connection.fetch(
        "SELECT recharge_id FROM disputes WHERE processor = $1 AND closed_at IS NULL"
        " UNION SELECT f.recharge_id FROM refunds AS f JOIN recharges AS r USING (workspace_id, recharge_id)"
        " WHERE r.processor = $1 AND f.state = 'sent'",
        processor,
    )
    return {row["recharge_id"] for row in rows}


async def moment(connection: Connection) -> datetime:
    now: datetime = await connection.fetchval("SELECT now()")
    return now
