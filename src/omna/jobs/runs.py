"""How the periodic jobs fare: when each ran, when it comes again, and what went wrong."""

from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from omna.db.pool import Connection
from omna.observability.redaction import redact

#: A turn this late says that no worker is there, or that the one before still runs.
LATE = timedelta(minutes=2)
#: A job that nobody has touched for so long is none any more: every job runs daily, at least.
_GONE = timedelta(days=8)
_LONGEST_ERROR = 300


@dataclass(frozen=True, slots=True)
class Run:
    """A job as the workers left it.

    running     a worker has it in hand
    overdue     its turn is late, and nobody has it in hand
    failures    in a row, up to now
    failed_at   when it last failed, be it long ago
    """

    name: str
    cron: str
    last_run: datetime | None
    next_run: datetime
    running: bool
    overdue: bool
    failures: int
    failed_at: datetime | None
    error: str | None


async def note_failure(pool: "asyncpg.Pool[asyncpg.Record]", name: str, error: Exception) -> None:
    """Remember that a turn failed, and why: in the words of the database without its details, which quote rows."""
    words = error.args[0] if isinstance(error, asyncpg.PostgresError) and error.args else error
    text = str(redact(f"{type(error).__name__}: {words}", "error"))[:_LONGEST_ERROR]
    await pool.execute(
        "INSERT INTO job_failures AS f (name, failures, failed_at, error) VALUES ($1, 1, clock_timestamp(), $2)"
        " ON CONFLICT (name) DO UPDATE SET failures = f.failures + 1, failed_at = excluded.failed_at,"
        " error = excluded.error",
        name,
        text.replace("\x00", ""),
    )


async def note_success(pool: "asyncpg.Pool[asyncpg.Record]", name: str) -> None:
    """Remember that a job that failed works again; nothing is written for one that did not fail."""
    await pool.execute("UPDATE job_failures SET failures = 0 WHERE name = $1 AND failures > 0", name)


async def runs(connection: Connection) -> list[Run]:
    """Return every job that workers know, those in trouble first."""
    rows = await connection.fetch(
        """SELECT s.*, f.failures, f.failed_at, f.error
           FROM (
               SELECT DISTINCT ON (entrypoint) entrypoint AS name, expression AS cron, last_run, next_run,
                      status = 'picked' AND heartbeat >= now() - $1::interval AS running,
                      next_run < now() - $1::interval AND (status <> 'picked' OR heartbeat < now() - $1::interval)
                          AS overdue,
                      greatest(updated, heartbeat) AS touched
               FROM pgqueuer_schedules ORDER BY entrypoint, greatest(updated, heartbeat) DESC
           ) AS s LEFT JOIN job_failures AS f USING (name)
           WHERE s.touched > now() - $2::interval
           ORDER BY coalesce(f.failures, 0) = 0, NOT s.overdue, s.name""",
        LATE,
        _GONE,
    )
    return [
        Run(
            row["name"],
            row["cron"],
            row["last_run"],
            row["next_run"],
            row["running"],
            row["overdue"],
            row["failures"] or 0,
            row["failed_at"],
            row["error"],
        )
        for row in rows
    ]
