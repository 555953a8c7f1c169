"""SQL of controls: stops are read here and written by the functions of controls.sql."""

from datetime import date, datetime

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import ProviderId
from omna.risk.model import Stop


async def lock(connection: Connection) -> None:
    await connection.execute("SELECT controls_lock()")


async def lock_money(connection: Connection) -> None:
    """Let one transaction at a time move money by hand. Beside the controls lock: admission does not wait for it."""
    await connection.execute("SELECT pg_advisory_xact_lock(5108, 6)")


async def now(connection: Connection) -> datetime:
    moment: datetime = await connection.fetchval("SELECT clock_timestamp()")
    return moment


async def stops(connection: Connection) -> list[Stop]:
    rows = await connection.fetch(
        "SELECT scope, cut_streams, reason, actor, since, message FROM stops ORDER BY since, scope"
    )
    return [_stop(row) for row in rows]


async def stop(connection: Connection, scope: str) -> Stop | None:
    row = await connection.fetchrow(
        "SELECT scope, cut_streams, reason, actor, since, message FROM stops WHERE scope = $1", scope
    )
    return None if row is None else _stop(row)


async def put_stop(
    connection: Connection, scope: str, cut_streams: bool, reason: str, message: str, actor: str
) -> None:
    await connection.execute("SELECT controls_stop($1, $2, $3, $4, $5)", scope, cut_streams, reason, message, actor)


async def end_stop(connection: Connection, scope: str, reason: str, actor: str) -> int | None:
    refused: int | None = await connection.fetchval("SELECT controls_resume($1, $2, $3)", scope, reason, actor)
    return refused


async def count_model(connection: Connection, model_id: str) -> None:
    await connection.execute("SELECT controls_count_model($1)", model_id)


async def count_provider(connection: Connection, provider_id: ProviderId) -> None:
    await connection.execute("SELECT controls_count_provider($1)", provider_id)


async def count_month(connection: Connection, provider_id: ProviderId, earlier: list[tuple[date, int]]) -> None:
    await connection.execute(
        "SELECT controls_count_provider($1, true, $2, $3)",
        provider_id,
        [day for day, _ in earlier],
        [spent for _, spent in earlier],
    )


async def model_costs(connection: Connection) -> dict[str, tuple[int, int]]:
    rows = await connection.fetch(
        "SELECT model_id, spent, held FROM model_cost WHERE day = (clock_timestamp() AT TIME ZONE 'UTC')::date"
    )
    return {row["model_id"]: (row["spent"], row["held"]) for row in rows}


async def provider_costs(connection: Connection) -> dict[ProviderId, tuple[int, int]]:
    rows = await connection.fetch(
        "SELECT provider_id, spent, held FROM provider_cost WHERE day = (clock_timestamp() AT TIME ZONE 'UTC')::date"
    )
    return {row["provider_id"]: (row["spent"], row["held"]) for row in rows}


def _stop(row: Record) -> Stop:
    return Stop(
        scope=row["scope"],
        cut_streams=row["cut_streams"],
        reason=row["reason"],
        actor=row["actor"],
        since=row["since"],
        message=row["message"],
    )
