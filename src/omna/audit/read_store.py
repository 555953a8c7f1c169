"""SQL of reading the audit log, newest first."""

from datetime import datetime, timedelta

from omna.audit.model import Entry, Wanted
from omna.audit.store import entry_of
from omna.db.pool import Connection

#: How far the clock of the database may have been set back: rows lie in the order of their numbers, not of their times.
_SLACK = timedelta(hours=1)


async def page(connection: Connection, wanted: Wanted, below: int, above: int, limit: int) -> list[Entry]:
    """Return rows that are wanted with numbers between two others, newest first."""
    rows = await connection.fetch(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin,"
        " request_id FROM audit_log"
        " WHERE seq < $1 AND seq > $2"
        " AND ($3::text IS NULL OR actor = $3)"
        " AND ($4::text IS NULL OR action = $4)"
        " AND ($5::text IS NULL OR split_part(action, '.', 1) = $5)"
        " AND ($6::text IS NULL OR subject = $6)"
        " AND ($7::text IS NULL OR origin = $7)"
        " AND ($8::text IS NULL OR request_id = $8)"
        " AND ($9::timestamptz IS NULL OR at >= $9)"
        " AND ($10::timestamptz IS NULL OR at < $10)"
        " AND ($11::text IS NULL OR strpos(lower(concat_ws(chr(10), subject, reason, before, after)), lower($11)) > 0)"
        " ORDER BY seq DESC LIMIT $12",
        below,
        above,
        wanted.actor,
        wanted.action,
        wanted.noun,
        wanted.subject,
        wanted.origin,
        wanted.request_id,
        wanted.start,
        wanted.end,
        wanted.text,
        limit,
    )
    return [entry_of(row) for row in rows]


async def bounds(connection: Connection, start: datetime | None, end: datetime | None) -> tuple[int, int]:
    """Return the numbers outside which no row lies between two moments: one above, one below."""
    row = await connection.fetchrow(
        """SELECT CASE WHEN $2::timestamptz IS NULL THEN newest.seq + 1
                       ELSE 1 + coalesce((SELECT seq FROM audit_log WHERE at < $2 + $3::interval
                                          ORDER BY at DESC LIMIT 1), 0) END AS below,
                  CASE WHEN $1::timestamptz IS NULL THEN 0
                       ELSE coalesce((SELECT seq - 1 FROM audit_log WHERE at >= $1 - $3::interval
                                      ORDER BY at LIMIT 1), newest.seq) END AS above
           FROM (SELECT coalesce(max(seq), 0) AS seq FROM audit_log) AS newest""",
        start,
        end,
        _SLACK,
    )
    assert row is not None
    return row["below"], row["above"]


async def get(connection: Connection, seq: int) -> tuple[Entry, bytes] | None:
    row = await connection.fetchrow(
        "SELECT seq, at, actor, action, subject, reason, before::text AS before, after::text AS after, origin,"
        " request_id, mac FROM audit_log WHERE seq = $1",
        seq,
    )
    return None if row is None else (entry_of(row), row["mac"])


async def actions(connection: Connection) -> list[str]:
    """Return every action there is a row of; jumps from one to the next, however many rows there are."""
    rows = await connection.fetch(
        """WITH RECURSIVE known (action) AS (
               SELECT min(action) FROM audit_log
               UNION ALL
               SELECT (SELECT min(action) FROM audit_log WHERE action > known.action) FROM known
               WHERE known.action IS NOT NULL
           )
           SELECT action FROM known WHERE action IS NOT NULL"""
    )
    return [row["action"] for row in rows]
