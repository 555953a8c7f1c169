"""SQL of the ledger: calls of the booking functions, and reads. The functions themselves are in booking.sql."""

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from omna.ids import TransferId, WorkspaceId
from omna.ledger.chart import Posting
from omna.ledger.model import Account, Charge, Code, Entry, Head, TransferLine, Wallet

Connection = asyncpg.Connection | asyncpg.pool.PoolConnectionProxy

WALLET_COLUMNS = "workspace_id, available_paid, available_promo, held_paid, held_promo, debt, refund_pending"


async def open_wallet(conn: Connection, workspace_id: WorkspaceId) -> None:
    await conn.execute("SELECT ledger_open_wallet($1)", workspace_id)


async def wallet(conn: Connection, workspace_id: WorkspaceId) -> Wallet | None:
    row = await conn.fetchrow(f"SELECT {WALLET_COLUMNS} FROM wallets WHERE workspace_id = $1", workspace_id)  # noqa: S608
    return None if row is None else Wallet(**row)


async def lock(conn: Connection, workspace_id: WorkspaceId) -> Wallet | None:
    row = await conn.fetchrow(f"SELECT {WALLET_COLUMNS} FROM ledger_lock($1)", [workspace_id])  # noqa: S608
    return None if row is None else Wallet(**row)


async def transfer(conn: Connection, postings: Sequence[Posting]) -> list[Code]:
    legs = [(number, account, amount) for number, p in enumerate(postings, 1) for account, amount in p.legs]
    rows = await conn.fetch(
        """SELECT code FROM ledger_transfer($1, $2, $3::text[]::transfer_kind[], $4, $5, $6, $7,
                                            $8, $9::text[]::ledger_account[], $10) ORDER BY ord""",
        [p.transfer_id for p in postings],
        [p.workspace_id for p in postings],
        [p.kind for p in postings],
        [p.fingerprint for p in postings],
        [p.actor for p in postings],
        [p.reason for p in postings],
        [p.expires_at for p in postings],
        [number for number, _, _ in legs],
        [account.value for _, account, _ in legs],
        [amount for _, _, amount in legs],
    )
    return [Code(row["code"]) for row in rows]


async def give_up(
    conn: Connection, workspace_id: WorkspaceId, transfer: UUID, fingerprint: UUID, actor: str, reason: str
) -> Code:
    code: str = await conn.fetchval(
        "SELECT ledger_give_up($1, $2, $3, $4, $5)", workspace_id, transfer, fingerprint, actor, reason
    )
    return Code(code)


async def withdraw_promo(
    conn: Connection,
    workspace_id: WorkspaceId,
    transfer: UUID,
    grant: UUID,
    fingerprint: UUID,
    actor: str,
    reason: str,
) -> tuple[Code, int]:
    row = await conn.fetchrow(
        "SELECT code, amount FROM ledger_withdraw_promo($1, $2, $3, $4, $5, $6)",
        workspace_id,
        transfer,
        grant,
        fingerprint,
        actor,
        reason,
    )
    assert row is not None, "it always answers"
    return Code(row["code"]), row["amount"]


async def hold(
    conn: Connection,
    transfers: Sequence[UUID],
    holds: Sequence[UUID],
    workspaces: Sequence[UUID],
    amounts: Sequence[int],
    lease: timedelta,
) -> list[Code]:
    rows = await conn.fetch(
        "SELECT code FROM ledger_hold($1, $2, $3, $4, $5) ORDER BY ord", transfers, holds, workspaces, amounts, lease
    )
    return [Code(row["code"]) for row in rows]


async def resolve(
    conn: Connection,
    transfers: Sequence[UUID],
    holds: Sequence[UUID],
    workspaces: Sequence[UUID],
    charges: Sequence[int],
    expired_only: bool,
) -> list[Code]:
    rows = await conn.fetch(
        "SELECT code FROM ledger_resolve($1, $2, $3, $4, $5) ORDER BY ord",
        transfers,
        holds,
        workspaces,
        charges,
        expired_only,
    )
    return [Code(row["code"]) for row in rows]


async def history(
    conn: Connection, workspace_id: WorkspaceId, before_seq: int | None, limit: int
) -> list[TransferLine]:
    rows = await conn.fetch(
        """SELECT t.transfer_id, t.seq, t.kind::text AS kind, t.hold_id, t.booked_at, t.actor, t.reason,
                  (SELECT coalesce(json_agg(json_build_array(e.account, e.amount, e.balance_after)
                                           ORDER BY e.account), '[]')
                   FROM entries AS e WHERE e.workspace_id = t.workspace_id AND e.transfer_id = t.transfer_id) AS entries
           FROM transfers AS t
           WHERE t.workspace_id = $1 AND ($2::bigint IS NULL OR t.seq < $2)
           ORDER BY t.seq DESC LIMIT $3""",
        workspace_id,
        before_seq,
        limit,
    )
    return [_line(row) for row in rows]


async def transfer_ids_of_hold(conn: Connection, workspace_id: WorkspaceId, hold_id: UUID) -> list[TransferId]:
    rows = await conn.fetch(
        """SELECT transfer_id FROM (
               SELECT transfer_id, seq FROM transfers WHERE workspace_id = $1 AND transfer_id = $2
               UNION ALL
               SELECT transfer_id, seq FROM transfers WHERE workspace_id = $1 AND hold_id = $2 AND kind = 'extend'
               UNION ALL
               SELECT transfer_id, seq FROM transfers
               WHERE workspace_id = $1 AND hold_id = $2 AND kind IN ('settle', 'release', 'expire')
           ) AS steps ORDER BY seq""",
        workspace_id,
        hold_id,
    )
    return [row["transfer_id"] for row in rows]


async def charge_of_hold(conn: Connection, workspace_id: WorkspaceId, hold_id: UUID) -> Charge | None:
    """Return what a hold was charged in the end; None when it was charged nothing, or is still open."""
    row = await conn.fetchrow(
        """WITH done AS (
               SELECT t.transfer_id FROM transfers AS t
               WHERE t.workspace_id = $1 AND t.hold_id = $2 AND t.kind = 'settle'
           ), steps AS (
               SELECT $2::uuid AS transfer_id
               UNION ALL
               SELECT t.transfer_id FROM transfers AS t
               WHERE t.workspace_id = $1 AND t.hold_id = $2 AND t.kind = 'extend'
               UNION ALL
               SELECT transfer_id FROM done
           )
           SELECT done.transfer_id AS settled_by, legs.paid, legs.promo, coalesce((
                      SELECT sum(-e.amount) FROM ledger_corrections AS c
                      JOIN transfers AS t ON t.workspace_id = c.workspace_id AND t.transfer_id = c.transfer_id
                      JOIN entries AS e ON e.workspace_id = c.workspace_id AND e.transfer_id = c.transfer_id
                      WHERE c.workspace_id = $1 AND c.corrects = done.transfer_id AND t.kind = 'usage_refund'
                        AND e.account = 'revenue'
                  ), 0)::bigint AS given_back
           FROM done CROSS JOIN LATERAL (
               SELECT coalesce(-sum(e.amount) FILTER (WHERE e.account = 'available_paid'), 0)::bigint AS paid,
                      -- What came back to a grant past its expiry was not charged.
                      coalesce(-sum(e.amount) FILTER (WHERE e.account IN ('available_promo', 'breakage')), 0)::bigint
                          AS promo
               FROM steps JOIN entries AS e ON e.workspace_id = $1 AND e.transfer_id = steps.transfer_id
           ) AS legs""",
        workspace_id,
        hold_id,
    )
    return None if row is None else Charge(**row)


async def knows(conn: Connection, workspace_id: WorkspaceId, transfer_id: UUID) -> bool:
    return (
        await conn.fetchval(
            "SELECT true FROM transfers WHERE workspace_id = $1 AND transfer_id = $2", workspace_id, transfer_id
        )
        is True
    )


async def promo_end(conn: Connection, workspace_id: WorkspaceId, soonest: datetime) -> datetime | None:
    """Return when the last of all promo grants of a workspace ends, no sooner than a moment; None: never."""
    moment: datetime | None = await conn.fetchval(
        "SELECT nullif(greatest($2::timestamptz, max(expires_at)), 'infinity') FROM promo_grants"
        " WHERE workspace_id = $1",
        workspace_id,
        soonest,
    )
    return moment


async def fence(conn: Connection) -> None:
    await conn.execute("SELECT ledger_fence()")


async def seal(conn: Connection) -> int:
    """Append one block; the time limit of ordinary statements does not fit a busy minute."""
    async with conn.transaction():
        await conn.execute("SET LOCAL statement_timeout = '5min'")
        covered: int = await conn.fetchval("SELECT ledger_seal()", timeout=300)
    return covered


async def head(conn: Connection, transfers: int) -> Head:
    row = await conn.fetchrow("SELECT height, digest, sealed_until FROM ledger_blocks ORDER BY height DESC LIMIT 1")
    assert row is not None, "the chain begins with block 0"
    return Head(row["height"], row["digest"], row["sealed_until"], transfers)


def _line(row: Any) -> TransferLine:
    entries = msgspec.json.decode(row["entries"]) if isinstance(row["entries"], str) else row["entries"]
    return TransferLine(
        transfer_id=row["transfer_id"],
        seq=row["seq"],
        kind=row["kind"],
        hold_id=row["hold_id"],
        booked_at=row["booked_at"],
        actor=row["actor"],
        reason=row["reason"],
        entries=tuple(Entry(Account(account), amount, after) for account, amount, after in entries),
    )
