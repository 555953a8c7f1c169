"""SQL of what providers cost."""

from datetime import date

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import ProviderId

# Sums of closed hours, then the requests since; a request belongs to the day it was admitted.
_RECORDED = """
SELECT provider_id, day, sum(cost)::bigint AS cost FROM (
    SELECT s.provider_id, timezone('UTC', s.start)::date AS day, s.provider_charge AS cost
    FROM provider_sums AS s, usage_state AS u
    WHERE s.grain = 'h' AND s.start >= timezone('UTC', $2::date::timestamp)
      AND s.start < least(timezone('UTC', $3::date::timestamp), u.summed_until)
      AND ($1::uuid IS NULL OR s.provider_id = $1)
    UNION ALL
    SELECT r.provider_id, timezone('UTC', id_made_at(r.request_id))::date, r.provider_charge
    FROM requests AS r
    WHERE r.request_id >= first_id_at(greatest(timezone('UTC', $2::date::timestamp),
                                               (SELECT u.summed_until FROM usage_state AS u)))
      AND r.request_id < first_id_at(timezone('UTC', $3::date::timestamp))
      AND ($1::uuid IS NULL OR r.provider_id = $1)
    UNION ALL
    SELECT t.provider_id, t.day, t.cost FROM provider_tests AS t
    WHERE t.day >= $2 AND t.day < $3 AND ($1::uuid IS NULL OR t.provider_id = $1)
) AS costs
GROUP BY 1, 2"""


async def today(connection: Connection) -> tuple[date, date]:
    """Return the UTC day, and the first of its month, by the clock of the database."""
    row = await connection.fetchrow(
        "SELECT timezone('UTC', now())::date AS today, date_trunc('month', timezone('UTC', now()))::date AS month"
    )
    assert row is not None
    return row["today"], row["month"]


async def recorded(connection: Connection, provider_id: ProviderId | None, first: date, until: date) -> list[Record]:
    """Return what providers cost by day, from a day on and before another."""
    rows: list[Record] = await connection.fetch(_RECORDED, provider_id, first, until)
    return rows


async def counted(connection: Connection, day: date, month: date, next_month: date) -> list[Record]:
    """Return what admission has counted of this day and month."""
    rows: list[Record] = await connection.fetch(
        """SELECT provider_id,
                  max(spent) FILTER (WHERE day = $1) AS day_spent, max(held) FILTER (WHERE day = $1) AS day_held,
                  sum(spent)::bigint AS month_spent, sum(held)::bigint AS month_held
           FROM provider_cost WHERE day >= $2 AND day < $3 GROUP BY provider_id""",
        day,
        month,
        next_month,
    )
    return rows


async def running(connection: Connection, day: date) -> dict[ProviderId, int]:
    """Return what running requests may cost, by provider."""
    rows = await connection.fetch(
        "SELECT provider_id, sum(provider_amount)::bigint AS held FROM running_requests WHERE day = $1 GROUP BY 1", day
    )
    return {ProviderId(row["provider_id"]): row["held"] for row in rows}
