"""SQL of automatic protection.

Reads   providers, models, provider_cost, model_cost, requests, provider_sums, usage_sums, wallets
Writes  protection_settings
"""

from collections.abc import Mapping
from datetime import timedelta

from omna.db.pool import Connection
from omna.risk.protection.judging import Calls, CapUse


async def thresholds(connection: Connection) -> dict[str, int]:
    rows = await connection.fetch("SELECT name, value FROM protection_settings")
    return {row["name"]: row["value"] for row in rows}


async def lock_thresholds(connection: Connection) -> None:
    await connection.execute("LOCK TABLE protection_settings IN SHARE ROW EXCLUSIVE MODE")


async def put_thresholds(connection: Connection, changes: Mapping[str, int]) -> None:
    await connection.executemany(
        "INSERT INTO protection_settings (name, value) VALUES ($1, $2)"
        " ON CONFLICT (name) DO UPDATE SET value = excluded.value, changed_at = now()",
        list(changes.items()),
    )


async def caps(connection: Connection) -> list[CapUse]:
    """Return what is used of every cap of this UTC day and month."""
    rows = await connection.fetch(
        """
        WITH today AS (SELECT timezone('UTC', now())::date AS day),
             counted AS (SELECT c.provider_id, c.day, c.spent, c.held FROM provider_cost AS c, today AS t
                          WHERE c.day >= date_trunc('month', t.day)::date)
        SELECT 'provider.cap' AS kind, p.name, p.daily_cap AS cap, coalesce(c.spent, 0) AS spent,
               coalesce(c.held, 0) AS held
          FROM providers AS p LEFT JOIN counted AS c
               ON c.provider_id = p.provider_id AND c.day = (SELECT day FROM today)
         WHERE p.daily_cap IS NOT NULL AND p.enabled
        UNION ALL
        SELECT 'provider.monthly_cap', p.name, p.monthly_cap, coalesce(sum(c.spent), 0)::bigint,
               coalesce(sum(c.held), 0)::bigint
          FROM providers AS p LEFT JOIN counted AS c USING (provider_id)
         WHERE p.monthly_cap IS NOT NULL AND p.enabled GROUP BY p.name, p.monthly_cap
        UNION ALL
        SELECT 'model.cap', m.model_id, m.daily_cap, coalesce(c.spent, 0), coalesce(c.held, 0)
          FROM models AS m LEFT JOIN model_cost AS c
               ON c.model_id = m.model_id AND c.day = (SELECT day FROM today)
         WHERE m.daily_cap IS NOT NULL AND m.enabled
        """
    )
    return [CapUse(row["kind"], row["name"], row["cap"], row["spent"], row["held"]) for row in rows]


async def calls(connection: Connection, within: timedelta) -> list[Calls]:
    """Return calls and failures by provider and model, attempts that failed before another answered among them.

    What a client did wrong is no failure of a provider.
    """
    rows = await connection.fetch(
        """
        WITH recent AS MATERIALIZED (
            SELECT model_id, provider_id, outcome, attempts FROM requests
             WHERE request_id >= first_id_at(now() - $1::interval)),
        counted AS (
            SELECT p.name, r.model_id, (r.outcome <> 'failed' OR r.attempts IS NULL)::integer AS calls,
                   (r.outcome = 'interrupted' OR (r.outcome = 'failed' AND r.attempts IS NULL))::integer AS failures
              FROM recent AS r JOIN providers AS p USING (provider_id)
            UNION ALL
            SELECT a.attempt ->> 'provider_name', r.model_id, 1,
                   (coalesce(a.attempt ->> 'kind', '') NOT IN ('unsupported', 'crowded')
                    AND coalesce(a.attempt ->> 'status', '') NOT IN ('400', '404', '413', '422'))::integer
              FROM recent AS r CROSS JOIN LATERAL jsonb_array_elements(r.attempts) AS a (attempt)
             WHERE r.attempts IS NOT NULL)
        SELECT name, model_id, sum(calls)::bigint AS calls, sum(failures)::bigint AS failures FROM counted
         WHERE name IS NOT NULL GROUP BY 1, 2 HAVING sum(calls) > 0 ORDER BY 1, 2
        """,
        within,
    )
    return [Calls(row["name"], row["model_id"], row["calls"], row["failures"]) for row in rows]


async def costs(connection: Connection, within: timedelta) -> dict[str, dict[str, int]]:
    """Return what was spent at providers, by provider and model."""
    rows = await connection.fetch(
        "SELECT p.name, r.model_id, sum(r.provider_charge)::bigint AS cost FROM requests AS r"
        " JOIN providers AS p USING (provider_id) WHERE r.request_id >= first_id_at(now() - $1::interval)"
        " GROUP BY 1, 2 HAVING sum(r.provider_charge) > 0",
        within,
    )
    found: dict[str, dict[str, int]] = {}
    for row in rows:
        found.setdefault(row["name"], {})[row["model_id"]] = row["cost"]
    return found


async def history(connection: Connection, within: timedelta, days: int) -> dict[str, list[list[int]]]:
    """Return what providers cost in the hours that a window touches, on each of the days before; 0 for nothing."""
    rows = await connection.fetch(
        """
        SELECT p.name, h.hour, array_agg(coalesce(s.provider_charge, 0) ORDER BY d.ago) AS costs
          FROM (SELECT DISTINCT date_trunc('hour', moment, 'UTC') AS hour
                  FROM (VALUES (now()), (now() - $1::interval)) AS moments (moment)) AS h
         CROSS JOIN generate_series(1, $2::integer) AS d (ago)
         CROSS JOIN providers AS p
          LEFT JOIN provider_sums AS s
               ON s.grain = 'h' AND s.provider_id = p.provider_id AND s.start = h.hour - d.ago * interval '24 hours'
         GROUP BY 1, 2 ORDER BY 1, 2
        """,
        within,
        days,
    )
    found: dict[str, list[list[int]]] = {}
    for row in rows:
        found.setdefault(row["name"], []).append(list(row["costs"]))
    return found


async def margins(connection: Connection, hours: int, floor: int) -> list[tuple[str, int, int]]:
    """Return models that cost more than they brought in the last closed hours: charge and cost."""
    rows = await connection.fetch(
        """
        SELECT model_id, sum(charge)::bigint AS charge, sum(provider_charge)::bigint AS cost FROM usage_sums
         WHERE grain = 'h' AND start >= date_trunc('hour', now(), 'UTC') - make_interval(hours => $1)
         GROUP BY 1 HAVING sum(provider_charge) > sum(charge) AND sum(provider_charge) >= $2 ORDER BY 1
        """,
        hours,
        floor,
    )
    return [(row["model_id"], row["charge"], row["cost"]) for row in rows]


async def owed(connection: Connection) -> tuple[str, int]:
    """Return the UTC day, and what all workspaces together owe now."""
    row = await connection.fetchrow(
        "SELECT timezone('UTC', now())::date::text AS day,"
        " coalesce((SELECT -sum(debt) FROM wallets WHERE debt < 0), 0)::bigint AS owed"
    )
    assert row is not None
    return row["day"], row["owed"]
