"""Dry runs: whom a rule would have flagged, by the statements and the decisions that judge. Nothing is written."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime, timedelta

import asyncpg

from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.ids import WorkspaceId
from omna.risk.rules import case_store, store
from omna.risk.rules.judging import hour_of
from omna.risk.rules.measuring import Range, measure
from omna.risk.rules.model import Measure, Rule, Verdict, judge

MOST_DAYS = 90
SECONDS = 20
#: What is near a rule and looked at, and workspaces that are listed.
MOST_MEASURES = 100_000
MOST_LISTED = 200


@dataclass(frozen=True, slots=True)
class Found:
    """A workspace that would have been flagged: the first time, how often, and whether some rule did flag it."""

    first: Measure
    times: int
    flagged_already: bool


@dataclass(frozen=True, slots=True)
class DryRun:
    """What a rule would have found. Beyond MOST_LISTED workspaces, only their number is known."""

    since: datetime
    until: datetime
    found: Sequence[Found]
    workspaces: int
    hits: int
    flagged_already: int


async def dry_run(connection: Connection, rule: Rule, days: int) -> DryRun:
    """Run a rule over the last days as if it had been there. Needs a transaction.

    Errors  InvalidValue for the days, or when it takes too long or finds too much: a rule like that floods the queue
    """
    if not 1 <= days <= MOST_DAYS:
        raise InvalidValue(f"A dry run covers 1 to {MOST_DAYS} days.", param="days")
    now: datetime = await connection.fetchval("SELECT clock_timestamp()")
    since = hour_of(now - timedelta(days=days))
    verdicts = await find(connection, rule, since, now)
    firsts: dict[WorkspaceId, Measure] = {}
    times: dict[WorkspaceId, int] = {}
    for verdict in verdicts:
        found = verdict.measure.workspace_id
        firsts.setdefault(found, verdict.measure)
        times[found] = times.get(found, 0) + 1
    flagged = await store.flagged(connection, list(firsts), since)
    return DryRun(
        since=since,
        until=now,
        found=[Found(one, times[key], key in flagged) for key, one in list(firsts.items())[:MOST_LISTED]],
        workspaces=len(firsts),
        hits=len(verdicts),
        flagged_already=len(flagged),
    )


async def find(connection: Connection, rule: Rule, since: datetime, now: datetime) -> list[Verdict]:
    """Return what a rule would have found from a full hour on, with nothing found before it."""
    await connection.execute(f"SET LOCAL statement_timeout = '{SECONDS}s'")
    over = Range(
        since=since,
        until=hour_of(now) + timedelta(hours=1),
        after=await store.position_at(connection, since),
        up_to=await store.last_position(connection),
    )
    try:
        measures = await measure(connection, rule, over, most=MOST_MEASURES + 1)
    except asyncpg.QueryCanceledError:
        raise InvalidValue(f"This took more than {SECONDS} s. Try fewer days.", param="days") from None
    if len(measures) > MOST_MEASURES:
        raise InvalidValue("This rule is near to everything that happened: raise what it asks for.", param="days")
    return judge(rule, [one for one in measures if one.at >= since], {})


async def people(
    connection: Connection, workspace_ids: Sequence[WorkspaceId]
) -> dict[WorkspaceId, tuple[str, str | None]]:
    """Return the name of each workspace, and the address of one who owns it."""
    return await case_store.people(connection, workspace_ids)
