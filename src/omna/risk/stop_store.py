"""SQL about stops: what they were and what one would meet."""

from collections.abc import Mapping

from asyncpg import Record

from omna.db.pool import Connection
from omna.risk.model import Episode, Reach, Stop


async def episodes(connection: Connection, limit: int) -> list[Episode]:
    rows = await connection.fetch(
        "SELECT scope, cut_streams, reason, actor, since, message, refused, ended_at, ended_by, ended_reason"
        " FROM stop_episodes ORDER BY since DESC, scope LIMIT $1",
        limit,
    )
    return [
        Episode(
            Stop(row["scope"], row["cut_streams"], row["reason"], row["actor"], row["since"], row["message"]),
            row["refused"],
            row["ended_at"],
            row["ended_by"],
            row["ended_reason"],
        )
        for row in rows
    ]


async def count_refused(connection: Connection, counts: Mapping[str, int]) -> None:
    await connection.execute(
        "SELECT controls_count_refused($1, $2)", list(counts.keys()), [counts[scope] for scope in counts]
    )


async def reach_of_requests(connection: Connection, kind: str, name: str | None) -> Reach:
    """kind, name: as of `split_scope`."""
    row = await connection.fetchrow(
        "WITH met AS ("
        " SELECT workspace_id, true AS running FROM running_requests AS r"
        " WHERE $1 = 'all' OR r.source = $1 OR $1 = 'model' AND r.model_id = $2 OR $1 = 'provider' AND r.provider_id ="
        " (SELECT p.provider_id FROM providers AS p WHERE p.name = $2)"
        " UNION ALL"
        " SELECT workspace_id, false FROM requests AS r WHERE r.request_id >= first_id_at(now() - interval '1 hour')"
        " AND ($1 = 'all' OR r.source = $1 OR $1 = 'model' AND r.model_id = $2 OR $1 = 'provider' AND r.provider_id ="
        " (SELECT p.provider_id FROM providers AS p WHERE p.name = $2)))"
        " SELECT count(*) FILTER (WHERE running) AS running, count(*) FILTER (WHERE NOT running) AS last_hour,"
        " count(DISTINCT workspace_id) AS affected FROM met",
        kind,
        name,
    )
    return _reach(row)


async def reach_of_recharges(connection: Connection) -> Reach:
    row = await connection.fetchrow(
        "SELECT 0 AS running, count(*) AS last_hour, count(DISTINCT workspace_id) AS affected FROM recharges"
        " WHERE created_at > now() - interval '1 hour'"
    )
    return _reach(row)


async def reach_of_sign_ups(connection: Connection) -> Reach:
    row = await connection.fetchrow(
        "SELECT 0 AS running, count(*) AS last_hour, count(*) AS affected FROM users"
        " WHERE created_at > now() - interval '1 hour'"
    )
    return _reach(row)


def _reach(row: Record | None) -> Reach:
    assert row is not None, "an aggregate has a row"
    return Reach(row["running"], row["last_hour"], row["affected"])
