"""SQL of the audit log: appending, and reading in order."""

from datetime import datetime

from asyncpg import Record

from omna.audit.model import GENESIS, Entry, Head
from omna.db.pool import Connection


async def lock_head(connection: Connection) -> tuple[Head, datetime]:
    """Return the last row and the time, with every other writer waiting until this commit."""
    await connection.execute("SELECT pg_advisory_xact_lock(5108, 3)")
    row = await connection.fetchrow(
        "SELECT clock_timestamp() AS at, last.seq, last.mac FROM (VALUES (1)) AS always (one)"
        " LEFT JOIN (SELECT seq, mac FROM audit_log ORDER BY seq DESC LIMIT 1) AS last ON true"
    )
    assert row is not None
    return Head(row["seq"] or 0, row["mac"] or GENESIS), row["at"]


async def head(connection: Connection) -> Head:
    row = await connection.fetchrow("SELECT seq, mac FROM audit_log ORDER BY seq DESC LIMIT 1")
    return Head(0, GENESIS) if row is None else Head(row["seq"], row["mac"])


async def append(connection: Connection, entry: Entry, mac: bytes) -> None:
    await connection.execute(
        "INSERT INTO audit_log (seq, at, actor, action, subject, reason, before, after, origin, request_id, mac)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7::text::jsonb, $8::text::jsonb, $9, $10, $11)",
        entry.seq,
        entry.at,
        entry.actor,
        entry.action,
        entry.subject,
        entry.reason,
        entry.before,
        entry.after,
        entry.origin,
        entry.request_id,
        mac,
    )


async def has_lately(connection: Connection, actor: str, action: str, subject: str, minutes: int) -> bool:
    """Return whether somebody did the same to the same within some minutes."""
    found: bool = await connection.fetchval(
        "SELECT EXISTS (SELECT FROM audit_log WHERE subject = $3 AND actor = $1 AND action = $2"
        " AND at > clock_timestamp() - make_interval(mins => $4))",
        actor,
        action,
        subject,
        minutes,
    )
    return found


async def in_order(connection: Connection, after: int, until: int, limit: int) -> list[tuple[Entry, bytes]]:
    """Return the next rows with their seals: above one number, up to another."""
    rows = await connection.fetch(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin,"
        " request_id, mac FROM audit_log WHERE seq > $1 AND seq <= $2 ORDER BY seq LIMIT $3",
        after,
        until,
        limit,
    )
    return [(entry_of(row), row["mac"]) for row in rows]


async def by_actor(connection: Connection, actor: str, action: str, since: datetime) -> list[Entry]:
    rows = await connection.fetch(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin,"
        " request_id FROM audit_log WHERE actor = $1 AND action = $2 AND at >= $3 ORDER BY seq",
        actor,
        action,
        since,
    )
    return [entry_of(row) for row in rows]


def entry_of(row: Record) -> Entry:
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
        request_id=row["request_id"],
    )
