"""SQL of refunds. Locks are taken in this order: the recharge, its refunds, the wallet."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import RefundId, UserId, WorkspaceId
from omna.payments.refunds.model import Order, Refund

_REFUND = (
    "SELECT f.workspace_id, f.refund_id, f.recharge_id, r.reference, r.channel, f.payment_key, f.other_recharge,"
    " o.reference AS other_reference, f.kind, f.preference, f.state, f.requested_by, f.client_token, f.reason,"
    " f.credits, f.approved_credits, f.amount_minor, f.currency, f.payout, f.payout_reference, f.processor_refund,"
    " f.payout_key, f.round, f.promo_withdrawn, f.promo_expires_at, f.answer, f.failure, f.flag, f.reviewer_id,"
    " f.review_until, u.name AS reviewer_name, f.first_approver, f.first_approved_at, f.first_terms, f.decided_by,"
    " f.decided_at, f.paid_at, f.attempts, f.next_try_at, f.created_at, clock_timestamp() AS read_at"
    " FROM refunds AS f JOIN recharges AS r USING (workspace_id, recharge_id)"
    " LEFT JOIN recharges AS o ON o.workspace_id = f.workspace_id AND o.recharge_id = f.other_recharge"
    " LEFT JOIN users AS u ON u.user_id = f.reviewer_id"
)


async def disputed(connection: Connection, workspace_id: WorkspaceId, recharge_id: UUID) -> bool:
    """Return whether a dispute keeps the money of a recharge from being given back."""
    return (
        await connection.fetchval(
            "SELECT true FROM disputes WHERE workspace_id = $1 AND recharge_id = $2"
            " AND (booked IN ('opened', 'lost') OR state IN ('open', 'under_review', 'lost')) LIMIT 1",
            workspace_id,
            recharge_id,
        )
        is True
    )


async def add(
    connection: Connection,
    order: Order,
    refund_id: RefundId,
    *,
    kind: str,
    preference: str,
    state: str,
    requested_by: UserId | None,
    client_token: str,
    reason: str,
    asked: int,
    payment_key: UUID | None = None,
    other_recharge: UUID | None = None,
    approved_credits: int | None = None,
    amount_minor: int | None = None,
    payout: str | None = None,
    processor_refund: str | None = None,
    flag: str = "",
) -> bool:
    """Add a refund; False: the token names another one already."""
    added = await connection.fetchval(
        "INSERT INTO refunds (workspace_id, refund_id, recharge_id, payment_key, other_recharge, kind, preference,"
        " state, requested_by, client_token, reason, credits, approved_credits, amount_minor, currency, payout,"
        " processor_refund, flag)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)"
        " ON CONFLICT (workspace_id, client_token) DO NOTHING RETURNING true",
        order.workspace_id,
        refund_id,
        order.recharge_id,
        payment_key,
        other_recharge,
        kind,
        preference,
        state,
        requested_by,
        client_token,
        reason,
        asked,
        approved_credits,
        amount_minor,
        order.currency,
        payout,
        processor_refund,
        flag,
    )
    return added is True


async def find(connection: Connection, workspace_id: WorkspaceId, refund_id: UUID) -> Refund | None:
    row = await connection.fetchrow(
        _REFUND + " WHERE f.workspace_id = $1 AND f.refund_id = $2", workspace_id, refund_id
    )
    return None if row is None else Refund(**row)


async def by_id(connection: Connection, refund_id: UUID) -> Refund | None:
    """Return a refund of any workspace: for staff, and for payouts."""
    row = await connection.fetchrow(_REFUND + " WHERE f.refund_id = $1", refund_id)
    return None if row is None else Refund(**row)


async def by_token(connection: Connection, workspace_id: WorkspaceId, client_token: str) -> Refund | None:
    row = await connection.fetchrow(
        _REFUND + " WHERE f.workspace_id = $1 AND f.client_token = $2", workspace_id, client_token
    )
    return None if row is None else Refund(**row)


async def by_processor_refund(connection: Connection, workspace_id: WorkspaceId, name: str) -> Refund | None:
    row = await connection.fetchrow(
        _REFUND + " WHERE f.workspace_id = $1 AND f.processor_refund = $2", workspace_id, name
    )
    return None if row is None else Refund(**row)


async def by_payout_key(connection: Connection, workspace_id: WorkspaceId, key: UUID) -> Refund | None:
    row = await connection.fetchrow(_REFUND + " WHERE f.workspace_id = $1 AND f.payout_key = $2", workspace_id, key)
    return None if row is None else Refund(**row)


async def of_workspace(connection: Connection, workspace_id: WorkspaceId) -> list[Refund]:
    """Return the refunds of a workspace, newest first."""
    rows = await connection.fetch(
        _REFUND + " WHERE f.workspace_id = $1 ORDER BY f.created_at DESC, f.refund_id DESC LIMIT 500", workspace_id
    )
    return [Refund(**row) for row in rows]


async def of_recharge(connection: Connection, workspace_id: WorkspaceId, recharge_id: UUID) -> list[Refund]:
    """Return the refunds of a recharge, also those that name it as the order that counts, oldest first."""
    rows = await connection.fetch(
        _REFUND + " WHERE f.workspace_id = $1 AND (f.recharge_id = $2 OR f.other_recharge = $2) ORDER BY f.created_at",
        workspace_id,
        recharge_id,
    )
    return [Refund(**row) for row in rows]


async def page(
    connection: Connection,
    states: Sequence[str],
    after: tuple[datetime, UUID] | None,
    limit: int,
    *,
    oldest: bool,
    flagged: bool = False,
) -> list[Refund]:
    """Return refunds of every workspace in these states: `oldest` first, or newest first, or only flagged ones."""
    at, refund_id = after or (None, None)
    if oldest:
        rows = await connection.fetch(
            _REFUND
            + " WHERE f.state = ANY ($1) AND ($2::timestamptz IS NULL OR (f.created_at, f.refund_id) > ($2, $3))"
            " ORDER BY f.created_at, f.refund_id LIMIT $4",
            list(states),
            at,
            refund_id,
            limit,
        )
    else:
        rows = await connection.fetch(
            _REFUND
            + " WHERE f.state = ANY ($1) AND ($2::timestamptz IS NULL OR (f.created_at, f.refund_id) < ($2, $3))"
            " AND (NOT $5 OR f.flag <> '') ORDER BY f.created_at DESC, f.refund_id DESC LIMIT $4",
            list(states),
            at,
            refund_id,
            limit,
            flagged,
        )
    return [Refund(**row) for row in rows]


async def move(connection: Connection, refund: Refund, state: str, changes: dict[str, Any] | None = None) -> bool:
    """Take a refund from the state it was read in to another one, with what goes with it; False: it is there no more.

    changes     of answer, failure, flag, payout_reference, processor_refund, decided_by; what is absent stays
    """
    given = changes or {}
    return (
        await connection.fetchval(
            "UPDATE refunds SET state = $4, answer = coalesce($5, answer), failure = coalesce($6, failure),"
            " flag = coalesce($7, flag), payout_reference = coalesce($8, payout_reference),"
            " processor_refund = coalesce($9, processor_refund),"
            " decided_by = coalesce($10, decided_by),"
            " decided_at = CASE WHEN $10 IS NULL THEN decided_at ELSE clock_timestamp() END,"
            " paid_at = CASE WHEN $4 = 'paid' THEN clock_timestamp() ELSE paid_at END,"
            " reviewer_id = NULL, review_until = NULL, next_try_at = NULL"
            " WHERE workspace_id = $1 AND refund_id = $2 AND state = $3 AND attempts = $11 RETURNING true",
            refund.workspace_id,
            refund.refund_id,
            refund.state,
            state,
            given.get("answer"),
            given.get("failure"),
            given.get("flag"),
            given.get("payout_reference"),
            given.get("processor_refund"),
            given.get("decided_by"),
            # A payout that a worker began in this moment may be with the payment service by now.
            refund.attempts,
        )
        is True
    )


async def set_approved(
    connection: Connection,
    refund: Refund,
    *,
    payment_key: UUID,
    approved_credits: int,
    amount_minor: int,
    payout: str,
    payout_key: UUID,
    number: int,
    answer: str,
    decided_by: UserId | None,
) -> bool:
    """Note that a refund was set aside; False: it is not in the state any more in which it was read."""
    return (
        await connection.fetchval(
            "UPDATE refunds SET state = 'approved', payment_key = $4, approved_credits = $5, amount_minor = $6,"
            " payout = $7, payout_key = $8, round = $9, answer = $10, decided_by = coalesce($11, decided_by),"
            " decided_at = clock_timestamp(), processor_refund = NULL, failure = '', attempts = 0,"
            " promo_withdrawn = 0, promo_expires_at = NULL, next_try_at = clock_timestamp(), reviewer_id = NULL,"
            " review_until = NULL WHERE workspace_id = $1 AND refund_id = $2 AND state = $3 RETURNING true",
            refund.workspace_id,
            refund.refund_id,
            refund.state,
            payment_key,
            approved_credits,
            amount_minor,
            payout,
            payout_key,
            number,
            answer,
            decided_by,
        )
        is True
    )


async def note_promo(connection: Connection, refund: Refund, withdrawn: int, expires_at: datetime | None) -> None:
    await connection.execute(
        "UPDATE refunds SET promo_withdrawn = $3, promo_expires_at = $4 WHERE workspace_id = $1 AND refund_id = $2",
        refund.workspace_id,
        refund.refund_id,
        withdrawn,
        expires_at,
    )


async def set_first_approver(
    connection: Connection, refund: Refund, user_id: UserId | None, terms: dict[str, Any] | None
) -> None:
    await connection.execute(
        "UPDATE refunds SET first_approver = $3, first_terms = $4,"
        " first_approved_at = CASE WHEN $3::uuid IS NULL THEN NULL ELSE clock_timestamp() END,"
        " reviewer_id = NULL, review_until = NULL WHERE workspace_id = $1 AND refund_id = $2",
        refund.workspace_id,
        refund.refund_id,
        user_id,
        terms,
    )


async def claim(connection: Connection, refund: Refund, user_id: UserId, minutes: int) -> bool:
    """Take the review lock of a request; False while somebody else has it, or when it is no request any more."""
    return (
        await connection.fetchval(
            "UPDATE refunds SET reviewer_id = $3, review_until = clock_timestamp() + make_interval(mins => $4)"
            " WHERE workspace_id = $1 AND refund_id = $2 AND state = 'requested'"
            " AND (reviewer_id IS NULL OR reviewer_id = $3 OR review_until < clock_timestamp()) RETURNING true",
            refund.workspace_id,
            refund.refund_id,
            user_id,
            minutes,
        )
        is True
    )


async def release(connection: Connection, refund: Refund, user_id: UserId) -> None:
    await connection.execute(
        "UPDATE refunds SET reviewer_id = NULL, review_until = NULL"
        " WHERE workspace_id = $1 AND refund_id = $2 AND reviewer_id = $3",
        refund.workspace_id,
        refund.refund_id,
        user_id,
    )


async def claim_payout(connection: Connection, lease_seconds: int) -> RefundId | None:
    """Return a payout that is due, counted as an attempt and this worker's alone for a while, or None."""
    found = await connection.fetchval(
        "UPDATE refunds SET attempts = attempts + 1,"
        " next_try_at = clock_timestamp() + make_interval(secs => $1)"
        " WHERE refund_id = (SELECT refund_id FROM refunds WHERE state = 'approved' AND payout = 'processor'"
        "  AND next_try_at <= clock_timestamp() ORDER BY next_try_at LIMIT 1 FOR UPDATE SKIP LOCKED)"
        " RETURNING refund_id",
        lease_seconds,
    )
    return None if found is None else RefundId(found)


async def set_flag(connection: Connection, refund: Refund, flag: str, processor_refund: str) -> bool:
    """Leave a refund to a person; False: it is with one already."""
    return (
        await connection.fetchval(
            "UPDATE refunds SET flag = $3, processor_refund = $4 WHERE workspace_id = $1 AND refund_id = $2"
            " AND flag <> $3 RETURNING true",
            refund.workspace_id,
            refund.refund_id,
            flag,
            processor_refund,
        )
        is True
    )


async def postpone(
    connection: Connection, refund_id: RefundId, seconds: int, failure: str, *, nobody_asked: bool = False
) -> None:
    """Let a payout wait. nobody_asked: the attempt that was counted did not reach a payment service"""
    await connection.execute(
        "UPDATE refunds SET next_try_at = clock_timestamp() + make_interval(secs => $2), failure = $3,"
        " attempts = attempts - CASE WHEN $4 AND attempts > 0 THEN 1 ELSE 0 END"
        " WHERE refund_id = $1 AND state = 'approved'",
        refund_id,
        seconds,
        failure,
        nobody_asked,
    )


async def counts(connection: Connection, refund: Refund) -> tuple[int, int]:
    """Return how many disputes a workspace had, and how many other refunds it asked for."""
    row = await connection.fetchrow(
        "SELECT (SELECT count(*) FROM disputes AS d WHERE d.workspace_id = $1 AND d.state <> 'warned') AS disputes,"
        " (SELECT count(*) FROM refunds AS f WHERE f.workspace_id = $1 AND f.refund_id <> $2) AS refunds",
        refund.workspace_id,
        refund.refund_id,
    )
    assert row is not None, "counts are one row"
    return row["disputes"], row["refunds"]


async def workspace_of(connection: Connection, workspace_id: WorkspaceId) -> tuple[str, str | None]:
    """Return the name of a workspace and why it is frozen, also of a deleted one: its refunds are kept."""
    row = await connection.fetchrow("SELECT name, frozen_reason FROM workspaces WHERE workspace_id = $1", workspace_id)
    assert row is not None, "rows of workspaces are never deleted"
    return row["name"], row["frozen_reason"]


async def names(connection: Connection, refund: Refund) -> tuple[str, str | None, str | None]:
    """Return the names of the workspace, of the first approver and of who decided."""
    row = await connection.fetchrow(
        "SELECT w.name AS workspace, a.name AS first, d.name AS decided FROM workspaces AS w"
        " LEFT JOIN users AS a ON a.user_id = $2 LEFT JOIN users AS d ON d.user_id = $3 WHERE w.workspace_id = $1",
        refund.workspace_id,
        refund.first_approver,
        refund.decided_by,
    )
    assert row is not None, "a refund has its workspace"
    return row["workspace"], row["first"], row["decided"]
