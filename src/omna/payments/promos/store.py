"""SQL of promo codes and their redemptions."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import TransferId, UserId, WorkspaceId
from omna.payments.promos.model import PromoCode, RedemptionRow

_STATE = (
    " CASE WHEN c.retired_at IS NOT NULL THEN 'retired'"
    " WHEN c.approved_at IS NULL THEN 'proposed'"
    " WHEN c.expires_at <= now() THEN 'expired'"
    " WHEN c.redeemed >= c.most THEN 'used_up' ELSE 'live' END AS state"
)
_COLUMNS = (
    "SELECT c.code_id, c.code, c.credits, c.valid_days, c.most, c.redeemed, nullif(c.expires_at, 'infinity') AS"
    " expires_at, c.retired_at, c.note, c.created_by, c.created_at, c.approved_by, c.approved_at," + _STATE
)


async def add(
    connection: Connection,
    code_id: UUID,
    code: str,
    amount: int,
    valid_days: int | None,
    most: int | None,
    expires_at: datetime | None,
    note: str,
    created_by: UUID,
    *,
    approved: bool,
) -> bool:
    """Add a code, live when `approved`. False when there is one that is written like it."""
    row = await connection.fetchrow(
        "INSERT INTO promo_codes (code_id, code, credits, valid_days, most, expires_at, note, created_by, approved_at)"
        " VALUES ($1, $2, $3, $4, $5, coalesce($6::timestamptz, 'infinity'), $7, $8, CASE WHEN $9 THEN now() END)"
        " ON CONFLICT DO NOTHING RETURNING code_id",
        code_id,
        code,
        amount,
        valid_days,
        most,
        expires_at,
        note,
        created_by,
        approved,
    )
    return row is not None


async def get(connection: Connection, code_id: UUID) -> PromoCode | None:
    row = await connection.fetchrow(_COLUMNS + " FROM promo_codes AS c WHERE c.code_id = $1", code_id)
    return None if row is None else _code(row)


async def lock(connection: Connection, code_id: UUID) -> PromoCode | None:
    """Return a code that nobody else changes until this transaction ends."""
    row = await connection.fetchrow(_COLUMNS + " FROM promo_codes AS c WHERE c.code_id = $1 FOR UPDATE", code_id)
    return None if row is None else _code(row)


async def find(connection: Connection, candidates: Sequence[str]) -> PromoCode | None:
    """Return the code that is written like the first candidate for which there is one. Candidates have no dashes."""
    row = await connection.fetchrow(
        _COLUMNS + " FROM promo_codes AS c WHERE replace(c.code, '-', '') = ANY ($1)"
        " ORDER BY array_position($1, replace(c.code, '-', '')) LIMIT 1",
        list(candidates),
    )
    return None if row is None else _code(row)


async def page(connection: Connection, before: UUID | None, limit: int) -> list[PromoCode]:
    """Return codes, newest first; `before` continues a page."""
    rows = await connection.fetch(
        _COLUMNS + " FROM promo_codes AS c WHERE $1::uuid IS NULL OR c.code_id < $1 ORDER BY c.code_id DESC LIMIT $2",
        before,
        limit,
    )
    return [_code(row) for row in rows]


async def approve(connection: Connection, code_id: UUID, approved_by: UUID) -> bool:
    """Make a proposed code live. False when it is not proposed (any more), or theirs."""
    row = await connection.fetchrow(
        "UPDATE promo_codes SET approved_by = $2, approved_at = now()"
        " WHERE code_id = $1 AND approved_at IS NULL AND retired_at IS NULL AND created_by <> $2 RETURNING code_id",
        code_id,
        approved_by,
    )
    return row is not None


async def retire(connection: Connection, code_id: UUID) -> bool:
    """Retire a code. False when it is retired already."""
    row = await connection.fetchrow(
        "UPDATE promo_codes SET retired_at = now() WHERE code_id = $1 AND retired_at IS NULL RETURNING code_id", code_id
    )
    return row is not None


async def take(connection: Connection, code_id: UUID) -> bool:
    """Count one redemption. False when the code is not live: whoever asks at the same time waits here."""
    row = await connection.fetchrow(
        "UPDATE promo_codes SET redeemed = redeemed + 1"
        " WHERE code_id = $1 AND (most IS NULL OR redeemed < most) AND approved_at IS NOT NULL"
        " AND retired_at IS NULL AND expires_at > now() RETURNING code_id",
        code_id,
    )
    return row is not None


async def add_redemption(
    connection: Connection, workspace_id: WorkspaceId, code_id: UUID, transfer_id: TransferId, redeemed_by: UserId
) -> datetime | None:
    """Note that a workspace redeems a code and return when; None when it did before.

    The same workspace at the same time waits here until the other one is done.
    """
    moment: datetime | None = await connection.fetchval(
        "INSERT INTO promo_redemptions (workspace_id, code_id, transfer_id, redeemed_by) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT DO NOTHING RETURNING redeemed_at",
        workspace_id,
        code_id,
        transfer_id,
        redeemed_by,
    )
    return moment


async def redemption(
    connection: Connection, workspace_id: WorkspaceId, code_id: UUID
) -> tuple[TransferId, datetime] | None:
    row = await connection.fetchrow(
        "SELECT transfer_id, redeemed_at FROM promo_redemptions WHERE workspace_id = $1 AND code_id = $2",
        workspace_id,
        code_id,
    )
    return None if row is None else (TransferId(row["transfer_id"]), row["redeemed_at"])


async def redemptions(connection: Connection, code_id: UUID, before: UUID | None, limit: int) -> list[RedemptionRow]:
    """Return who redeemed a code, newest first; `before` continues a page: transfers are in the order of time."""
    rows = await connection.fetch(
        "SELECT r.workspace_id, w.name, r.transfer_id, r.redeemed_by, r.redeemed_at"
        " FROM promo_redemptions AS r JOIN workspaces AS w USING (workspace_id)"
        " WHERE r.code_id = $1 AND ($2::uuid IS NULL OR r.transfer_id < $2) ORDER BY r.transfer_id DESC LIMIT $3",
        code_id,
        before,
        limit,
    )
    return [
        RedemptionRow(
            WorkspaceId(row["workspace_id"]),
            row["name"],
            TransferId(row["transfer_id"]),
            row["redeemed_by"],
            row["redeemed_at"],
        )
        for row in rows
    ]


def _code(row: Record) -> PromoCode:
    return PromoCode(**dict(row))
