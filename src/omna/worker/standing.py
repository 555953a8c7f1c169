"""How the whole installation stands, in numbers: for the metrics of workers, and for `omna top`.

Reads  holds, transfers, ledger_blocks, running_requests, provider_breakers, providers, alerts, alert_deliveries,
       payment_events, stops, and what the database says of itself
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime

from omna.db.pool import Connection
from omna.gateway.vitals import FRESH
from omna.jobs import runs
from omna.ledger import service as ledger
from omna.mail import service as mail

#: More than that waits for its seal: how much more is of no interest, and counting it would cost.
MOST_UNSEALED = 100_000


@dataclass(frozen=True, slots=True)
class Standing:
    """One look at the installation. Ages are in seconds, and 0 where nothing waits.

    lapsed            open holds whose lease has ended: the next reaper takes them
    held              nanocredits
    unsealed          transfers that are in no block of the hash chain yet, counted up to MOST_UNSEALED
    ledger_broken     the last checks found something
    ledger_checked    age of the last check; None before the first one
    breakers          processes for which a provider is `open` or `probing`
    alerts            open and not acknowledged, by kind and severity
    standbys          servers that stream from this one
    """

    at: datetime
    holds: int
    oldest_hold: float
    lapsed: int
    held: int
    unsealed: int
    unsealed_age: float
    ledger_broken: bool
    ledger_checked: float | None
    breakers: Mapping[tuple[str, str], int]
    alerts: Mapping[tuple[str, str], int]
    stops: int
    jobs: int
    jobs_late: int
    jobs_failing: int
    mails_waiting: int
    mails_late: int
    mails_failed: int
    events_failed: int
    deliveries_waiting: int
    connections: int
    most_connections: int
    database_bytes: int
    standbys: int


_COUNTS = """
SELECT clock_timestamp() AS at, h.holds, h.oldest_hold, h.lapsed, r.held, t.unsealed, t.unsealed_age,
       (SELECT count(*) FROM stops) AS stops,
       (SELECT count(*) FROM payment_events WHERE state = 'failed') AS events_failed,
       (SELECT count(*) FROM alert_deliveries WHERE state = 'queued') AS deliveries_waiting,
       (SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()) AS connections,
       current_setting('max_connections')::integer AS most_connections,
       pg_database_size(current_database()) AS database_bytes,
       (SELECT count(*) FROM pg_stat_replication) AS standbys
FROM (SELECT count(*) AS holds, count(*) FILTER (WHERE lease_until < now()) AS lapsed,
             greatest(coalesce(extract(epoch FROM now() - min(created_at)), 0), 0)::float8 AS oldest_hold
      FROM holds) AS h,
     (SELECT coalesce(sum(amount), 0)::bigint AS held FROM running_requests) AS r,
     (SELECT count(*) AS unsealed,
             greatest(coalesce(extract(epoch FROM now() - min(booked_at)), 0), 0)::float8 AS unsealed_age
      FROM (SELECT booked_at FROM transfers
            WHERE booked_at >= (SELECT sealed_until FROM ledger_blocks ORDER BY height DESC LIMIT 1) LIMIT $1) AS open
     ) AS t"""

_BREAKERS = """
SELECT p.name, b.state, count(DISTINCT b.process_id) AS processes
FROM provider_breakers AS b JOIN providers AS p USING (provider_id)
WHERE b.reported_at > clock_timestamp() - $1::interval GROUP BY 1, 2"""

_ALERTS = "SELECT kind, severity, count(*) AS alerts FROM alerts WHERE state = 'open' GROUP BY 1, 2"


async def read(connection: Connection) -> Standing:
    """Look once. Every statement is a few index entries, or a table that is small by its nature."""
    async with connection.transaction(readonly=True):
        # The planner cannot know that nearly everything is sealed: it would begin at the first transfer ever booked.
        await connection.execute("SET LOCAL enable_seqscan = off")
        counts = await connection.fetchrow(_COUNTS, MOST_UNSEALED)
    assert counts is not None, "a row of counts"
    breakers = await connection.fetch(_BREAKERS, FRESH)
    alerts = await connection.fetch(_ALERTS)
    jobs = await runs.runs(connection)
    waiting, late, failed = await mail.backlog(connection)
    books = await ledger.standing(connection)
    return Standing(
        **dict(counts),
        ledger_broken=books.broken_since is not None,
        ledger_checked=None if books.last is None else max((counts["at"] - books.last.checked_at).total_seconds(), 0.0),
        breakers={(row["name"], row["state"]): row["processes"] for row in breakers},
        alerts={(row["kind"], row["severity"]): row["alerts"] for row in alerts},
        jobs=len(jobs),
        jobs_late=sum(one.overdue for one in jobs),
        jobs_failing=sum(one.failures > 0 for one in jobs),
        mails_waiting=waiting,
        mails_late=late,
        mails_failed=failed,
    )
