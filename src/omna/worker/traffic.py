"""What went through in the last minute, and who carried it: for `omna top`.

Reads  requests, and the sessions of the database
"""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass

from omna.db.pool import Connection

#: Requests that began in these seconds and are over are looked at.
SECONDS = 60


@dataclass(frozen=True, slots=True)
class Traffic:
    """Requests of the last minute. Times are in milliseconds: the median, and what 95 and 99 of 100 stayed below.

    spent, cost     nanocredits that customers were charged, and that providers cost
    """

    outcomes: Mapping[str, int]
    total: tuple[float, float, float] | None
    first: tuple[float, float, float] | None
    spent: int
    cost: int

    @property
    def requests(self) -> int:
        return sum(self.outcomes.values())


#: now() and not clock_timestamp(): only what stands still during a statement finds its pages by an index.
_RECENT = "FROM requests WHERE request_id >= first_id_at(now() - make_interval(secs => $1))"
_OUTCOMES = (
    f"SELECT coalesce(error_code, outcome) AS outcome, count(*) AS requests {_RECENT} GROUP BY 1 ORDER BY 2 DESC, 1"
)
_SUMS = f"""
SELECT percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY duration_ms) AS total,
       percentile_cont(ARRAY[0.5, 0.95, 0.99]) WITHIN GROUP (ORDER BY first_delta_ms) AS first,
       coalesce(sum(charge), 0)::bigint AS spent, coalesce(sum(provider_charge), 0)::bigint AS cost {_RECENT}"""

_SESSIONS = """
SELECT DISTINCT application_name AS name FROM pg_stat_activity
WHERE datname = current_database() AND application_name ~ '^omna (gateway|worker) '"""


async def read(connection: Connection) -> Traffic:
    """Look at the last minute."""
    outcomes = await connection.fetch(_OUTCOMES, float(SECONDS))
    sums = await connection.fetchrow(_SUMS, float(SECONDS))
    assert sums is not None, "a row of sums"
    return Traffic(
        outcomes={row["outcome"]: row["requests"] for row in outcomes},
        total=_three(sums["total"]),
        first=_three(sums["first"]),
        spent=sums["spent"],
        cost=sums["cost"],
    )


async def processes(connection: Connection) -> dict[str, int]:
    """Return how many gateway and worker processes are connected.

    The application's role may not see other sessions, but who signed in may see their own; so this asks as them.
    """
    async with connection.transaction(readonly=True):
        await connection.execute("SET LOCAL ROLE NONE")
        rows = await connection.fetch(_SESSIONS)
    return dict(Counter(row["name"].split()[1] for row in rows))


def _three(values: list[float | None] | None) -> tuple[float, float, float] | None:
    if values is None or values[0] is None:
        return None
    median, most, nearly_all = (float(value or 0) for value in values)
    return median, most, nearly_all
