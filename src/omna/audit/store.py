"""SQL of the audit log."""

from collections.abc import AsyncIterator
from datetime import datetime

from asyncpg import Record

from omna.audit.model import GENESIS, Entry
from omna.db.pool import Connection


async def lock_head(connection: Connection) -> tuple[int, bytes, datetime]:
    """Return number and seal of the last row and the time, with every other writer waiting until this commit."""
    await connection.execute("SELECT pg_advisory_xact_lock(5108, 3)")
    row = await connection.fetchrow(
        "SELECT clock_timestamp() AS at, last.seq, last.mac FROM (VALUES (1)) AS always (one)"
        " LEFT JOIN (SELECT seq, mac FROM audit_log ORDER BY seq DESC LIMIT 1) AS last ON true"
    )
    assert row is not None
    return row["seq"] or 0, row["mac"] or GENESIS, row["at"]


async def append(connection: Connection, entry: Entry, mac: bytes) -> None:
    await connection.execute(
        "INSERT INTO audit_log (seq, at, actor, action, subject, reason, before, after, origin, mac)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8::text::jsonb, $9, $10)",
        entry.seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.reason,
        entry.before,
        entry.after,
        entry.origin,
        mac,
    )


async def in_order(connection: Connection) -> AsyncIterator[tuple[Entry, bytes]]:
    """Yield every row with its seal. Needs a transaction."""
    rows = connection.cursor(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin, mac"
        " FROM audit_log ORDER BY seq",
        prefetch=500,
    )
    async for row in rows:
        yield _entry(row), row["mac"]


async def by_actor(connection: Connection, actor: str, action: str, since: datetime) -> list[Entry]:
    rows = await connection.fetch(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin"
        " FROM audit_log WHERE actor = $1 AND action = $2 AND at >= $3 ORDER BY seq",
        actor,
        action,
        since,
    )
    return [_entry(row) for row in rows]


def _entry(row: Record) -> Entry:
    return Entry(
        seq=row["seq"],
        at=row["at"],
        actor=row["actor"],
        action=row["action"],
        subject=row["subject"],
        reason=row["reason"],
        before=row["before"],
        after=row["after"],
        origin=row["origin"],
    )
