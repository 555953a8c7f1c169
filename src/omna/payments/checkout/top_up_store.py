"""SQL of automatic recharges."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

from omna.db.pool import Connection
from omna.ids import RechargeId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class TopUp:
    """How a workspace recharges by itself. Credits are nanocredits.

    processor, customer_id, saved_method    the kept method, None when there is none
    recharge_id                             the order in flight
    spent                                   Credits of this UTC month, credited and in flight
    """

    workspace_id: WorkspaceId
    enabled: bool
    threshold: int
    credits: int
    monthly_ceiling: int
    processor: str | None
    customer_id: str | None
    saved_method: str | None
    method_label: str
    recharge_id: RechargeId | None
    failures: int
    last_failure: str
    next_try_at: datetime | None
    spent: int


async def get(connection: Connection, workspace_id: WorkspaceId) -> TopUp | None:
    row = await connection.fetchrow(
        "SELECT t.workspace_id, t.enabled, t.threshold, t.credits, t.monthly_ceiling, t.processor, t.customer_id,"
        " t.saved_method, t.method_label, t.recharge_id, t.failures, t.last_failure, t.next_try_at,"
        " (SELECT coalesce(sum(r.credits), 0)::bigint FROM recharges AS r"
        "  WHERE r.workspace_id = t.workspace_id AND r.channel = 'top_up'"
        "  AND r.state NOT IN ('failed', 'expired', 'cancelled')"
        "  AND r.created_at >= timezone('UTC', date_trunc('month', timezone('UTC', now())))) AS spent"
        " FROM auto_top_ups AS t WHERE t.workspace_id = $1",
        workspace_id,
    )
    return None if row is None else TopUp(**dict(row))


async def lock(connection: Connection, workspace_id: WorkspaceId) -> TopUp | None:
    """Return how a workspace recharges by itself, which nobody changes until the transaction ends."""
    await connection.execute("SELECT workspace_id FROM auto_top_ups WHERE workspace_id = $1 FOR UPDATE", workspace_id)
    return await get(connection, workspace_id)


async def due(connection: Connection, limit: int) -> list[WorkspaceId]:
    """Return workspaces whose balance is below their threshold and that may recharge now."""
    rows = await connection.fetch(
        "SELECT t.workspace_id FROM auto_top_ups AS t JOIN wallets AS w USING (workspace_id)"
        " JOIN workspaces AS s USING (workspace_id)"
        " WHERE t.enabled AND t.saved_method IS NOT NULL AND t.recharge_id IS NULL"
        " AND (t.next_try_at IS NULL OR t.next_try_at <= now()) AND s.deleted_at IS NULL AND s.frozen_at IS NULL"
        " AND w.available_paid + w.available_promo + w.held_paid + w.held_promo + w.debt < t.threshold"
        " ORDER BY t.next_try_at NULLS FIRST, t.workspace_id LIMIT $1",
        limit,
    )
    return [row["workspace_id"] for row in rows]


async def is_low(connection: Connection, workspace_id: WorkspaceId) -> bool:
    """Return whether a workspace may recharge by itself at this very moment. A statement of its own after the lock:
    what was booked while we waited for it counts.
    """
    low: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM auto_top_ups AS t JOIN wallets AS w USING (workspace_id)"
        " WHERE t.workspace_id = $1 AND t.enabled AND t.saved_method IS NOT NULL AND t.recharge_id IS NULL"
        " AND (t.next_try_at IS NULL OR t.next_try_at <= now())"
        " AND w.available_paid + w.available_promo + w.held_paid + w.held_promo + w.debt < t.threshold)",
        workspace_id,
    )
    return low


async def set_terms(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    enabled: bool,
    threshold: int,
    credits: int,  # noqa: A002 - the word of the product
    monthly_ceiling: int,
    changed_by: UserId,
) -> None:
    """Store when to recharge; whatever failed before may be tried again."""
    await connection.execute(
        "INSERT INTO auto_top_ups (workspace_id, enabled, threshold, credits, monthly_ceiling, changed_by)"
        " VALUES ($1, $2, $3, $4, $5, $6)"
        " ON CONFLICT (workspace_id) DO UPDATE SET enabled = $2, threshold = $3, credits = $4, monthly_ceiling = $5,"
        " changed_by = $6, changed_at = now(), failures = 0, last_failure = '', next_try_at = NULL",
        workspace_id,
        enabled,
        threshold,
        credits,
        monthly_ceiling,
        changed_by,
    )


async def set_method(
    connection: Connection,
    workspace_id: WorkspaceId,
    *,
    processor: str | None,
    customer_id: str | None,
    saved_method: str | None,
    label: str,
    credits: int,  # noqa: A002
) -> None:
    """Store the kept method, or None for none, which switches recharges off. credits: the terms of a new row."""
    await connection.execute(
        "INSERT INTO auto_top_ups (workspace_id, threshold, credits, monthly_ceiling, processor, customer_id,"
        " saved_method, method_label) VALUES ($1, $6::bigint, $6, $6::bigint * 4, $2, $3, $4, $5)"
        " ON CONFLICT (workspace_id) DO UPDATE SET processor = $2, customer_id = $3, saved_method = $4,"
        " method_label = $5, failures = 0, last_failure = '', next_try_at = NULL, changed_at = now(),"
        " enabled = auto_top_ups.enabled AND $4 IS NOT NULL",
        workspace_id,
        processor,
        customer_id,
        saved_method,
        label,
        credits,
    )


async def land_all(connection: Connection) -> None:
    """Let go of orders in flight that came to their end by the hands of a person."""
    await connection.execute(
        "UPDATE auto_top_ups AS t SET recharge_id = NULL FROM recharges AS r"
        " WHERE r.workspace_id = t.workspace_id AND r.recharge_id = t.recharge_id"
        " AND r.state NOT IN ('created', 'open', 'awaiting_payment', 'submitted', 'needs_information')"
    )


async def take_off(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> bool:
    """Note the one order in flight; False when there is one, or recharges are off."""
    taken = await connection.fetchval(
        "UPDATE auto_top_ups SET recharge_id = $2 WHERE workspace_id = $1 AND enabled AND recharge_id IS NULL"
        " RETURNING true",
        workspace_id,
        recharge_id,
    )
    return taken is not None


async def land(connection: Connection, workspace_id: WorkspaceId, recharge_id: RechargeId) -> bool:
    """Note that the order in flight was paid; False when it is not the one."""
    landed = await connection.fetchval(
        "UPDATE auto_top_ups SET recharge_id = NULL, failures = 0, last_failure = '', next_try_at = NULL"
        " WHERE workspace_id = $1 AND recharge_id = $2 RETURNING true",
        workspace_id,
        recharge_id,
    )
    return landed is not None


async def fail(
    connection: Connection,
    workspace_id: WorkspaceId,
    recharge_id: RechargeId,
    failure: str,
    pauses: Sequence[timedelta],
) -> int | None:
    """Note that the order in flight was not paid, and when to try again: after each of the pauses in turn, and then
    never. Returns how many failures there were in a row; None when it is not the one in flight.
    """
    failures: int | None = await connection.fetchval(
        "UPDATE auto_top_ups SET recharge_id = NULL, failures = failures + 1, last_failure = $3,"
        " enabled = enabled AND failures < cardinality($4::interval[]),"
        " next_try_at = now() + ($4::interval[])[failures + 1]"
        " WHERE workspace_id = $1 AND recharge_id = $2 RETURNING failures",
        workspace_id,
        recharge_id,
        failure,
        list(pauses),
    )
    return failures


async def wait(connection: Connection, workspace_id: WorkspaceId, failure: str) -> None:
    """Wait for the next UTC month: the ceiling of this one is reached."""
    await connection.execute(
        "UPDATE auto_top_ups SET last_failure = $2, next_try_at ="
        " timezone('UTC', date_trunc('month', timezone('UTC', now())) + interval '1 month') WHERE workspace_id = $1",
        workspace_id,
        failure,
    )


async def pause(connection: Connection, workspace_id: WorkspaceId, failure: str, length: timedelta) -> None:
    """Wait a while: no order could be made."""
    await connection.execute(
        "UPDATE auto_top_ups SET last_failure = $2, next_try_at = now() + $3::interval WHERE workspace_id = $1",
        workspace_id,
        failure,
        length,
    )
