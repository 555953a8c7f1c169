"""How providers do, as all processes together saw them (reporting.py): for staff, and for what watches them."""

from collections.abc import Iterable
from datetime import datetime, timedelta

import msgspec
from asyncpg import Record

from omna.db.pool import Connection
from omna.gateway.tally import BOUNDS, percentile
from omna.ids import ProviderId

#: Spans that can be asked for, and the points they are drawn with.
SPANS = {"hour": (timedelta(hours=1), timedelta(minutes=2)), "day": (timedelta(hours=24), timedelta(minutes=30))}
#: Days that minutes are kept.
KEPT_DAYS = 8
#: A process that has said nothing about its breakers for so long is gone, or they are closed.
FRESH = timedelta(seconds=30)
_MOST_FAILURES = 50

# One `class` column for all latencies: 1.. of the bounds; `which` says of what.
_COUNTS = """SELECT provider_id, upstream_model, date_bin($4, minute, $3) AS at, sum(answered)::bigint AS answered,
                    sum(failed)::bigint AS failed, sum(refused)::bigint AS refused
             FROM provider_minutes WHERE minute >= $2 AND ($1::uuid IS NULL OR provider_id = $1) GROUP BY 1, 2, 3"""
_LATENCIES = """SELECT m.provider_id, m.upstream_model, date_bin($4, m.minute, $3) AS at, l.which, n.number::integer,
                       sum(n.calls)::bigint AS calls
                FROM provider_minutes AS m
                CROSS JOIN LATERAL (VALUES ('first', m.first_output), ('total', m.total)) AS l (which, counts)
                CROSS JOIN LATERAL unnest(l.counts) WITH ORDINALITY AS n (calls, number)
                WHERE m.minute >= $2 AND ($1::uuid IS NULL OR m.provider_id = $1) AND n.calls > 0
                GROUP BY 1, 2, 3, 4, 5"""


class Counts(msgspec.Struct):
    """Calls of some span. An answer counts whoever it was for; `refused` are requests that no provider would take."""

    answered: int = 0
    failed: int = 0
    refused: int = 0
    first: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))
    total: list[int] = msgspec.field(default_factory=lambda: [0] * (len(BOUNDS) + 1))

    @property
    def error_rate(self) -> float | None:
        """The part that failed; None without a call."""
        calls = self.answered + self.failed
        return self.failed / calls if calls else None

    def latency(self, which: str, part: float) -> int | None:
        """Return a percentile of `first` (output of a stream) or `total`, in milliseconds; None without a call."""
        return percentile(self.first if which == "first" else self.total, part)


class FailureLine(msgspec.Struct, frozen=True):
    """A way in which a model of a provider failed. status: 0 where there was no answer."""

    upstream_model: str
    failure: str
    status: int
    times: int
    last_at: datetime


class BreakerLine(msgspec.Struct, frozen=True):
    """A breaker that is open, or tries, in so many processes."""

    upstream_model: str
    state: str
    processes: int
    open_until: datetime


class Vitals(msgspec.Struct):
    """How a provider did: in all, by point of time (oldest first, without gaps), by upstream model."""

    whole: Counts
    points: list[tuple[datetime, Counts]]
    models: dict[str, Counts]
    failures: list[FailureLine]
    breakers: list[BreakerLine]


async def summaries(connection: Connection, span: str = "hour") -> dict[ProviderId, Counts]:
    """Return how every provider that was called did."""
    found: dict[ProviderId, Counts] = {}
    for row in await _rows(connection, _COUNTS, None, span):
        _add(found.setdefault(ProviderId(row["provider_id"]), Counts()), row)
    for row in await _rows(connection, _LATENCIES, None, span):
        _add_latency(found.setdefault(ProviderId(row["provider_id"]), Counts()), row)
    return found


async def vitals(connection: Connection, provider_id: ProviderId, span: str) -> Vitals:
    """Return how a provider did in the last hour or day. span: of SPANS."""
    _, step = SPANS[span]
    begins, now = await _begins(connection, span)
    points = {begins + step * number: Counts() for number in range((now - begins) // step + 1)}
    made = Vitals(Counts(), [], {}, await _failures(connection, provider_id, span), [])
    for statement, add in ((_COUNTS, _add), (_LATENCIES, _add_latency)):
        for row in await _rows(connection, statement, provider_id, span):
            model = made.models.setdefault(row["upstream_model"], Counts())
            for counts in (made.whole, model, points.setdefault(row["at"], Counts())):
                add(counts, row)
    made.points = sorted(points.items())
    made.breakers = (await breakers(connection, provider_id)).get(provider_id, [])
    return made


async def breakers(
    connection: Connection, provider_id: ProviderId | None = None
) -> dict[ProviderId, list[BreakerLine]]:
    """Return the breakers that are not closed somewhere, by provider."""
    rows = await connection.fetch(
        """SELECT provider_id, upstream_model, max(state) AS state, count(*) AS processes, min(open_until) AS open_until
           FROM provider_breakers
           WHERE reported_at > clock_timestamp() - $2::interval AND ($1::uuid IS NULL OR provider_id = $1)
           GROUP BY 1, 2 ORDER BY 1, 2""",
        provider_id,
        FRESH,
    )
    found: dict[ProviderId, list[BreakerLine]] = {}
    for row in rows:
        line = BreakerLine(row["upstream_model"], row["state"], row["processes"], row["open_until"])
        found.setdefault(ProviderId(row["provider_id"]), []).append(line)
    return found


async def sweep(connection: Connection) -> int:
    """Remove minutes that are too old, and breakers of processes that are gone; return how many minutes."""
    await connection.execute(
        "DELETE FROM provider_failures WHERE minute < now() - make_interval(days => $1)", KEPT_DAYS
    )
    await connection.execute("DELETE FROM provider_breakers WHERE reported_at < now() - interval '1 hour'")
    gone = await connection.execute(
        "DELETE FROM provider_minutes WHERE minute < now() - make_interval(days => $1)", KEPT_DAYS
    )
    return int(gone.rpartition(" ")[2])


async def _failures(connection: Connection, provider_id: ProviderId, span: str) -> list[FailureLine]:
    begins, _ = await _begins(connection, span)
    rows = await connection.fetch(
        """SELECT upstream_model, class, status, sum(times)::bigint AS times, max(last_at) AS last_at
           FROM provider_failures WHERE minute >= $2 AND provider_id = $1
           GROUP BY 1, 2, 3 ORDER BY max(last_at) DESC, 1, 2, 3 LIMIT $3""",
        provider_id,
        begins,
        _MOST_FAILURES,
    )
    return [
        FailureLine(row["upstream_model"], row["class"], row["status"], row["times"], row["last_at"]) for row in rows
    ]


async def _rows(connection: Connection, statement: str, provider_id: ProviderId | None, span: str) -> Iterable[Record]:
    begins, _ = await _begins(connection, span)
    rows: list[Record] = await connection.fetch(statement, provider_id, begins, begins, SPANS[span][1])
    return rows


async def _begins(connection: Connection, span: str) -> tuple[datetime, datetime]:
    """Return when the first point of a span begins, and now, by the clock of the database."""
    length, step = SPANS[span]
    row = await connection.fetchrow(
        "SELECT date_bin($2, now() - $1::interval, 'epoch') + $2::interval AS begins, now() AS now", length, step
    )
    assert row is not None
    return row["begins"], row["now"]


def _add(counts: Counts, row: Record) -> None:
    counts.answered += row["answered"]
    counts.failed += row["failed"]
    counts.refused += row["refused"]


def _add_latency(counts: Counts, row: Record) -> None:
    into = counts.first if row["which"] == "first" else counts.total
    into[row["number"] - 1] += row["calls"]
