"""SQL of the pretended payment service: its checkouts, and what was pressed there."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId, WorkspaceId


@dataclass(frozen=True, slots=True)
class SandboxCheckout:
    """A checkout of the sandbox. `dispute` and `refunds` are as the sandbox wrote them."""

    session_id: str
    recharge_id: RechargeId
    workspace_id: WorkspaceId
    amount_minor: int
    currency: str
    state: str
    payment_id: str | None
    refunds: Sequence[Mapping[str, Any]]
    dispute: Mapping[str, Any] | None
    reference: str
    description: str
    return_url: str
    expires_at: datetime
    saves: bool
    declines: bool
    off_session: bool
    failure: str
    warned: bool
    paid_at: datetime | None


async def add(connection: Connection, checkout: SandboxCheckout) -> None:
    """Add a checkout; nothing happens when it is there."""
    await connection.execute(
        "INSERT INTO sandbox_checkouts (session_id, recharge_id, workspace_id, amount_minor, currency, state,"
        " payment_id, reference, description, return_url, expires_at, saves, off_session, failure, paid_at)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14,"
        " CASE WHEN $6 = 'paid' THEN now() END)"
        " ON CONFLICT (session_id) DO NOTHING",
        checkout.session_id,
        checkout.recharge_id,
        checkout.workspace_id,
        checkout.amount_minor,
        checkout.currency,
        checkout.state,
        checkout.payment_id,
        checkout.reference,
        checkout.description,
        checkout.return_url,
        checkout.expires_at,
        checkout.saves,
        checkout.off_session,
        checkout.failure,
    )


async def get(connection: Connection, session_id: str) -> SandboxCheckout | None:
    row = await connection.fetchrow(
        "SELECT session_id, recharge_id, workspace_id, amount_minor, currency, state, payment_id, refunds, dispute,"
        " reference, description, return_url, expires_at, saves, declines, off_session, failure, warned, paid_at"
        " FROM sandbox_checkouts WHERE session_id = $1",
        session_id,
    )
    return None if row is None else _checkout(row)


async def lock(connection: Connection, session_id: str) -> SandboxCheckout | None:
    row = await connection.fetchrow(
        "SELECT session_id, recharge_id, workspace_id, amount_minor, currency, state, payment_id, refunds, dispute,"
        " reference, description, return_url, expires_at, saves, declines, off_session, failure, warned, paid_at"
        " FROM sandbox_checkouts WHERE session_id = $1 FOR UPDATE",
        session_id,
    )
    return None if row is None else _checkout(row)


async def session_of(connection: Connection, payment_id: str) -> str | None:
    session_id: str | None = await connection.fetchval(
        "SELECT session_id FROM sandbox_checkouts WHERE payment_id = $1", payment_id
    )
    return session_id


async def set_progress(
    connection: Connection, session_id: str, state: str, payment_id: str | None, failure: str, *, declines: bool
) -> None:
    await connection.execute(
        "UPDATE sandbox_checkouts SET state = $2, payment_id = coalesce(payment_id, $3), failure = $4,"
        " declines = declines OR $5, paid_at = CASE WHEN $2 = 'paid' THEN coalesce(paid_at, now()) ELSE paid_at END"
        " WHERE session_id = $1",
        session_id,
        state,
        payment_id,
        failure,
        declines,
    )


async def set_refunds(connection: Connection, session_id: str, refunds: Sequence[Mapping[str, Any]]) -> None:
    await connection.execute("UPDATE sandbox_checkouts SET refunds = $2 WHERE session_id = $1", session_id, refunds)


async def set_dispute(connection: Connection, session_id: str, dispute: Mapping[str, Any] | None, warned: bool) -> None:
    await connection.execute(
        "UPDATE sandbox_checkouts SET dispute = $2, warned = warned OR $3 WHERE session_id = $1",
        session_id,
        dispute,
        warned,
    )


async def method_declines(connection: Connection, workspace_id: WorkspaceId) -> bool:
    """Return whether the newest method that a workspace let the sandbox keep will be declined."""
    declines: bool | None = await connection.fetchval(
        "SELECT declines FROM sandbox_checkouts WHERE workspace_id = $1 AND saves AND paid_at IS NOT NULL"
        " ORDER BY paid_at DESC LIMIT 1",
        workspace_id,
    )
    return declines is True


async def paid_since(connection: Connection, since: datetime) -> Sequence[SandboxCheckout]:
    rows = await connection.fetch(
        "SELECT session_id, recharge_id, workspace_id, amount_minor, currency, state, payment_id, refunds, dispute,"
        " reference, description, return_url, expires_at, saves, declines, off_session, failure, warned, paid_at"
        " FROM sandbox_checkouts WHERE paid_at >= $1",
        since,
    )
    return [_checkout(row) for row in rows]


async def touched(connection: Connection) -> set[str]:
    rows = await connection.fetch(
        "SELECT payment_id FROM sandbox_checkouts"
        " WHERE payment_id IS NOT NULL AND (dispute IS NOT NULL OR warned OR refunds <> '[]'::jsonb)"
    )
    return {row["payment_id"] for row in rows}


def _checkout(row: Record) -> SandboxCheckout:
    return SandboxCheckout(**dict(row))
