"""SQL of statements; the lines themselves are made by statement.sql."""

from collections.abc import Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.ids import TransferId, WorkspaceId
from omna.ledger.lines import Effect, Line, Within
from omna.ledger.model import Check, MonthSum, PromoLeft, RunningHold
from omna.ledger.store import Connection

_LINES = """SELECT number, first_seq, last_seq, part, kind, hour, transfers, amount, balance_after
            FROM ledger_statement($1, $2, $3, $4, $5, $6, $7, $8)"""

# Requests, keys and orders belong to others; a line without its cause would say little. What undid another transfer has
# the cause of that one.
_EFFECTS = """SELECT e.seq, e.part, e.kind, e.booked_at, e.amount, e.transfer_id,
              coalesce(e.hold_id, c.hold_id) AS hold_id, e.reason, r.model_id, r.source,
              k.name AS key_name, c.corrects, d.transfer_id AS corrected_by, o.recharge_id, o.refund_id FROM """
_CAUSES = """
    LEFT JOIN LATERAL (
        SELECT c.corrects, t.hold_id FROM ledger_corrections AS c
        JOIN transfers AS t ON t.workspace_id = c.workspace_id AND t.transfer_id = c.corrects
        WHERE c.workspace_id = $1 AND c.transfer_id = e.transfer_id
    ) AS c ON true
    LEFT JOIN LATERAL (
        SELECT r.model_id, r.key_id, r.source FROM requests AS r
        WHERE r.workspace_id = $1 AND r.request_id = coalesce(e.hold_id, c.hold_id)
    ) AS r ON true
    LEFT JOIN api_keys AS k ON k.key_id = r.key_id
    LEFT JOIN LATERAL (
        SELECT d.transfer_id FROM ledger_corrections AS d
        WHERE d.workspace_id = $1 AND d.corrects = e.transfer_id LIMIT 1
    ) AS d ON true
    LEFT JOIN LATERAL (
        SELECT p.recharge_id, NULL::uuid AS refund_id FROM payments AS p
        WHERE e.kind IN ('recharge', 'conversion') AND p.workspace_id = $1 AND p.payment_key = e.transfer_id
        UNION ALL
        SELECT p.recharge_id, NULL FROM payments AS p
        WHERE e.kind = 'promo' AND p.workspace_id = $1 AND p.bonus_id = e.transfer_id
        UNION ALL
        SELECT f.recharge_id, f.refund_id FROM refunds AS f
        WHERE e.kind = 'refund' AND f.workspace_id = $1
          AND (f.refund_id IN (e.transfer_id, c.corrects) OR f.payout_key IN (e.transfer_id, c.corrects))
        UNION ALL
        SELECT d.recharge_id, NULL FROM disputes AS d
        WHERE e.kind = 'chargeback' AND d.workspace_id = $1
          AND (d.dispute_id IN (e.transfer_id, c.corrects) OR e.transfer_id = ANY (d.more_claws))
        LIMIT 1
    ) AS o ON true"""


async def lines(
    connection: Connection, workspace_id: WorkspaceId, within: Within, before: int | None, limit: int | None
) -> list[Line]:
    """Return lines, newest first."""
    rows = await connection.fetch(_LINES, workspace_id, before, *_within(within), limit)
    return [Line(**row) for row in rows]


async def bounds(connection: Connection, workspace_id: WorkspaceId, within: Within) -> tuple[int, int, int, int] | None:
    """Return the first and last number of the transfers in a range, the balance before and after it; None: no line."""
    row = await connection.fetchrow(
        """SELECT min(first_seq) AS first, max(last_seq) AS last,
                  (array_agg(balance_after - amount ORDER BY number))[1] AS opening,
                  (array_agg(balance_after ORDER BY number DESC))[1] AS closing
           FROM ledger_statement($1, NULL, $2, $3, $4, $5, NULL, NULL)""",
        workspace_id,
        *_within(within)[:4],
    )
    if row is None or row["first"] is None:
        return None
    return row["first"], row["last"], row["opening"], row["closing"]


async def total(connection: Connection, workspace_id: WorkspaceId, within: Within) -> int:
    amount: int = await connection.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_statement($1, NULL, $2, $3, $4, $5, $6, NULL)",
        workspace_id,
        *_within(within),
    )
    return amount


async def effects(connection: Connection, workspace_id: WorkspaceId, after: int, until: int) -> list[Effect]:
    """Return what the transfers numbered (after, until] did to the balance, in order, with their causes."""
    rows = await connection.fetch(
        _EFFECTS + "ledger_effects($1, $2, $3) AS e" + _CAUSES + " ORDER BY e.seq, e.part",
        workspace_id,
        after,
        until,
    )
    return [Effect(**row) for row in rows]


async def effects_at(connection: Connection, workspace_id: WorkspaceId, numbers: Sequence[int]) -> list[Effect]:
    """Return what single transfers did, by their numbers."""
    rows = await connection.fetch(
        _EFFECTS
        + "unnest($2::bigint[]) AS wanted (seq) CROSS JOIN LATERAL ledger_effects($1, wanted.seq - 1, wanted.seq) AS e"
        + _CAUSES,
        workspace_id,
        numbers,
    )
    return [Effect(**row) for row in rows]


async def change_between(connection: Connection, workspace_id: WorkspaceId, after: int, until: int) -> int:
    amount: int = await connection.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM ledger_effects($1, $2, $3)", workspace_id, after, until
    )
    return amount


async def number_of(connection: Connection, workspace_id: WorkspaceId, transfer_id: UUID) -> int | None:
    number: int | None = await connection.fetchval(
        "SELECT seq FROM transfers WHERE workspace_id = $1 AND transfer_id = $2", workspace_id, transfer_id
    )
    return number


async def line_around(connection: Connection, workspace_id: WorkspaceId, seq: int) -> Line | None:
    """Return the line that covers a transfer."""
    row = await connection.fetchrow(
        """SELECT number, first_seq, last_seq, part, kind, hour, transfers, amount, balance_after FROM (
               (SELECT number, first_seq, last_seq, part, kind, hour, transfers, amount, balance_after
                FROM ledger_lines WHERE workspace_id = $1 AND last_seq >= $2
                  AND $2 <= (SELECT seq FROM ledger_line_marks WHERE workspace_id = $1)
                ORDER BY last_seq, part LIMIT 1)
               UNION ALL
               (SELECT f.number, f.first_seq, f.last_seq, f.part, f.kind, f.hour, f.transfers, f.amount, f.balance_after
                FROM wallets AS w CROSS JOIN LATERAL ledger_fresh_lines($1, w.seq) AS f
                WHERE w.workspace_id = $1 AND f.last_seq >= $2 ORDER BY f.last_seq, f.part LIMIT 1)
           ) AS line WHERE first_seq <= $2 ORDER BY transfers DESC LIMIT 1""",
        workspace_id,
        seq,
    )
    return None if row is None else Line(**row)


async def months(connection: Connection, workspace_id: WorkspaceId) -> list[MonthSum]:
    """Return the months that have lines, oldest first."""
    rows = await connection.fetch(
        """SELECT date_trunc('month', hour, 'UTC') AS month, sum(amount)::bigint AS change, count(*)::integer AS lines,
                  (array_agg(balance_after ORDER BY number DESC))[1] AS closing
           FROM ledger_statement($1, NULL, NULL, NULL, NULL, NULL, NULL, NULL) GROUP BY 1 ORDER BY 1""",
        workspace_id,
    )
    return [MonthSum(row["month"], row["closing"] - row["change"], row["closing"], row["lines"]) for row in rows]


async def promos(connection: Connection, workspace_id: WorkspaceId) -> list[PromoLeft]:
    rows = await connection.fetch(
        """SELECT remaining AS amount, nullif(expires_at, 'infinity') AS expires_at FROM promo_grants
           WHERE workspace_id = $1 AND remaining > 0 ORDER BY promo_grants.expires_at LIMIT 100""",
        workspace_id,
    )
    return [PromoLeft(**row) for row in rows]


async def running(connection: Connection, workspace_id: WorkspaceId, limit: int) -> list[RunningHold]:
    rows = await connection.fetch(
        """SELECT h.hold_id AS request_id, h.paid + h.promo AS held, h.created_at AS since, r.model_id, r.source,
                  k.name AS key_name
           FROM holds AS h
           LEFT JOIN running_requests AS r ON r.workspace_id = h.workspace_id AND r.request_id = h.hold_id
           LEFT JOIN api_keys AS k ON k.key_id = r.key_id
           WHERE h.workspace_id = $1 ORDER BY h.hold_id LIMIT $2""",
        workspace_id,
        limit,
    )
    return [RunningHold(**row) for row in rows]


async def last_check(connection: Connection) -> Check:
    row = await connection.fetchrow(
        """SELECT c.checked_at, c.findings = 0 AS ok, b.height, nullif(b.sealed_until, '-infinity') AS sealed_until
           FROM (SELECT height, sealed_until FROM ledger_blocks ORDER BY height DESC LIMIT 1) AS b
           LEFT JOIN (SELECT checked_at, findings FROM ledger_checks ORDER BY checked_at DESC LIMIT 1) AS c ON true"""
    )
    assert row is not None, "the chain begins with block 0"
    return Check(row["checked_at"], row["ok"], row["height"], row["sealed_until"])


async def workspaces_behind(connection: Connection, transfers: int) -> list[WorkspaceId]:
    """Return the workspaces with at least so many transfers that no stored line covers."""
    rows = await connection.fetch(
        """SELECT w.workspace_id FROM wallets AS w LEFT JOIN ledger_line_marks AS m USING (workspace_id)
           WHERE w.seq - coalesce(m.seq, 0) >= $1""",
        transfers,
    )
    return [row["workspace_id"] for row in rows]


async def store_lines(connection: Connection, workspace_id: WorkspaceId, most: int) -> int:
    """Store the lines of the next transfers; returns the number of the last one."""
    number: int = await connection.fetchval("SELECT ledger_store_lines($1, $2)", workspace_id, most)
    return number


async def correct(
    connection: Connection, workspace_id: WorkspaceId, transfer_id: TransferId, corrects: TransferId
) -> bool:
    said: bool = await connection.fetchval("SELECT ledger_correct($1, $2, $3)", workspace_id, transfer_id, corrects)
    return said


async def names(connection: Connection, workspace_id: WorkspaceId) -> tuple[str, str, str]:
    """Return the name of a workspace, and the name and tax id it is billed to, if it gave any."""
    row = await connection.fetchrow(
        "SELECT w.name, coalesce(b.name, '') AS billed_to, coalesce(b.tax_id, '') AS tax_id"
        " FROM workspaces AS w LEFT JOIN billing_details AS b USING (workspace_id) WHERE w.workspace_id = $1",
        workspace_id,
    )
    assert row is not None
    return row["name"], row["billed_to"], row["tax_id"]


async def clock(connection: Connection) -> datetime:
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


def _within(within: Within) -> tuple[Any, ...]:
    return within.start, within.end, within.first_seq, within.last_seq, within.kinds
