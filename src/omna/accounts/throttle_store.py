"""SQL of tries."""

from dataclasses import dataclass

from omna.db.pool import Connection


@dataclass(frozen=True, slots=True)
class Count:
    """What is known of a subject. Times in seconds by the database's clock."""

    tries: int
    began_ago: float
    quiet_for: float
    blocked_for: float


async def lock(connection: Connection, subject: str) -> Count:
    """Return the count of a subject, which nobody else changes until this transaction ends."""
    row = await connection.fetchrow(
        "INSERT INTO throttles AS counted (subject, tries) VALUES ($1, 0)"
        " ON CONFLICT (subject) DO UPDATE SET tries = counted.tries"
        " RETURNING tries,"
        " extract(epoch FROM clock_timestamp() - began_at)::float8 AS began_ago,"
        " extract(epoch FROM clock_timestamp() - last_at)::float8 AS quiet_for,"
        " coalesce(greatest(extract(epoch FROM blocked_until - clock_timestamp()), 0), 0)::float8 AS blocked_for",
        subject,
    )
    assert row is not None
    return Count(row["tries"], row["began_ago"], row["quiet_for"], row["blocked_for"])


async def write(connection: Connection, subject: str, tries: int, restarts: bool, delay: float) -> None:
    await connection.execute(
        "UPDATE throttles SET tries = $2, last_at = clock_timestamp(),"
        " began_at = CASE WHEN $3 THEN clock_timestamp() ELSE began_at END,"
        " blocked_until = clock_timestamp() + make_interval(secs => $4) WHERE subject = $1",
        subject,
        tries,
        restarts,
        delay,
    )


async def find(connection: Connection, subject: str) -> Count | None:
    row = await connection.fetchrow(
        "SELECT tries,"
        " extract(epoch FROM clock_timestamp() - began_at)::float8 AS began_ago,"
        " extract(epoch FROM clock_timestamp() - last_at)::float8 AS quiet_for,"
        " coalesce(greatest(extract(epoch FROM blocked_until - clock_timestamp()), 0), 0)::float8 AS blocked_for"
        " FROM throttles WHERE subject = $1",
        subject,
    )
    return None if row is None else Count(row["tries"], row["began_ago"], row["quiet_for"], row["blocked_for"])


async def delete(connection: Connection, subject: str) -> None:
    await connection.execute("DELETE FROM throttles WHERE subject = $1", subject)


async def take_back(connection: Connection, subject: str) -> None:
    await connection.execute(
        "UPDATE throttles SET tries = greatest(tries - 1, 0), blocked_until = NULL WHERE subject = $1", subject
    )


async def sweep(connection: Connection, days: int) -> int:
    """Return how many subjects that nobody tried for so long were forgotten."""
    rows = await connection.fetch(
        "DELETE FROM throttles WHERE last_at < now() - make_interval(days => $1) RETURNING 1", days
    )
    return len(rows)
