"""SQL of reconciliation."""

from datetime import date, datetime

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import ProviderId
from omna.risk.reconciliation.model import Line, State


async def lock(connection: Connection, provider_id: ProviderId) -> None:
    """Let one transaction at a time write the days of a provider."""
    await connection.execute(
        "SELECT pg_advisory_xact_lock(hashtextextended('omna reconcile ' || $1, 0))", str(provider_id)
    )


async def reporting(connection: Connection, provider_id: ProviderId | None = None) -> list[Record]:
    rows: list[Record] = await connection.fetch(
        "SELECT provider_id, format, secret, key_ends, origin, set_at FROM provider_reporting"
        " WHERE $1::uuid IS NULL OR provider_id = $1 FOR SHARE",
        provider_id,
    )
    return rows


async def shown(connection: Connection, provider_id: ProviderId) -> Record | None:
    return await connection.fetchrow(
        "SELECT format, key_ends, origin, set_at FROM provider_reporting WHERE provider_id = $1", provider_id
    )


async def put_reporting(
    connection: Connection, provider_id: ProviderId, report: str, secret: str, key_ends: str | None, origin: str
) -> None:
    await connection.execute(
        "INSERT INTO provider_reporting (provider_id, format, secret, key_ends, origin) VALUES ($1, $2, $3, $4, $5)"
        " ON CONFLICT (provider_id) DO UPDATE SET format = excluded.format, secret = excluded.secret,"
        " key_ends = excluded.key_ends, origin = excluded.origin, set_at = clock_timestamp()",
        provider_id,
        report,
        secret,
        key_ends,
        origin,
    )


async def reseal(connection: Connection, provider_id: ProviderId, secret: str) -> None:
    await connection.execute("UPDATE provider_reporting SET secret = $2 WHERE provider_id = $1", provider_id, secret)


async def remove_reporting(connection: Connection, provider_id: ProviderId) -> bool:
    gone = await connection.execute("DELETE FROM provider_reporting WHERE provider_id = $1", provider_id)
    return gone == "DELETE 1"


async def put_line(
    connection: Connection,
    provider_id: ProviderId,
    day: date,
    recorded: int,
    reported: int | None,
    state: State,
    problem: str | None,
    partial: bool,
) -> None:
    """Write how a day stands. What was reported once stays when a later report cannot be read."""
    await connection.execute(
        "INSERT INTO provider_reconciliations (provider_id, day, recorded, reported, state, problem, partial)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7)"
        " ON CONFLICT (provider_id, day) DO UPDATE SET recorded = excluded.recorded, reported = excluded.reported,"
        " state = excluded.state, problem = excluded.problem, partial = excluded.partial,"
        " checked_at = clock_timestamp()",
        provider_id,
        day,
        recorded,
        reported,
        state,
        problem,
        partial,
    )


async def lines(connection: Connection, provider_id: ProviderId, since: date) -> list[Line]:
    rows = await connection.fetch(
        "SELECT day, recorded, reported, state, problem, partial, checked_at FROM provider_reconciliations"
        " WHERE provider_id = $1 AND day >= $2 ORDER BY day DESC",
        provider_id,
        since,
    )
    return [_line(row) for row in rows]


def _line(row: Record) -> Line:
    moment: datetime = row["checked_at"]
    return Line(
        row["day"], row["recorded"], row["reported"], State(row["state"]), row["problem"], row["partial"], moment
    )
