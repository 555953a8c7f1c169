"""Judge what happened since the last time: events that are new, hours of usage, and the hour that runs.

Hits are noted here and acted on by `acting.py` in transactions of their own: measuring may take a while, and nobody may
wait for it with a control locked. One judges at a time, by the lock on `risk_state`; who came second finds nothing new,
and the key of a hit says so, too.
"""

from datetime import datetime, timedelta

from omna.db.pool import Connection
from omna.ids import new_id
from omna.risk.rules import store
from omna.risk.rules.measuring import Range, measure
from omna.risk.rules.model import BY_EVENTS, BY_USAGE, Rule, judge

#: Events, and hours of usage, of one transaction.
MOST_EVENTS = 500
MOST_HOURS = 24
_HOUR = timedelta(hours=1)


async def judge_events(connection: Connection) -> tuple[int, bool]:
    """Judge the next events by the rules about events. Return how many hits there were, and whether more may wait."""
    after, hours = await store.lock_state(connection)
    up_to = await store.number_events(connection, await store.last_position(connection), MOST_EVENTS)
    # Positions may be ahead of what was judged, for example of what a dry run numbered.
    up_to = min(up_to, after + MOST_EVENTS)
    if up_to <= after:
        return 0, False
    over = Range(since=hours, until=hours, after=after, up_to=up_to)
    hits = 0
    for rule in await _enabled(connection):
        if rule.kind in BY_EVENTS:
            hits += await _judge(connection, rule, over)
    await store.note_state(connection, events=up_to)
    return hits, up_to - after >= MOST_EVENTS


async def judge_usage(connection: Connection) -> tuple[int, bool]:
    """Judge the hours that were closed since the last time, and the one that runs, by the rules about usage."""
    _, since = await store.lock_state(connection)
    summed = await store.summed_until(connection)
    if summed is None or summed < since:
        return 0, False
    closed = min(summed, since + MOST_HOURS * _HOUR)
    over = Range(since=since, until=closed + _HOUR if closed == summed else closed, after=0, up_to=0)
    hits = 0
    for rule in await _enabled(connection):
        if rule.kind in BY_USAGE:
            hits += await _judge(connection, rule, over)
    await store.note_state(connection, hours=closed)
    return hits, closed < summed


async def _enabled(connection: Connection) -> list[Rule]:
    return [change.rule for change in await store.rules(connection) if change.rule.enabled]


async def _judge(connection: Connection, rule: Rule, over: Range) -> int:
    measures = await measure(connection, rule, over)
    if not measures:
        return 0
    last = await store.last_hits(connection, rule.rule_id, list({one.workspace_id for one in measures}))
    hits = 0
    for verdict in judge(rule, measures, last):
        hits += await store.add_hit(connection, new_id(), rule, verdict)
    return hits


def hour_of(moment: datetime) -> datetime:
    """Return the beginning of a UTC hour."""
    return moment.replace(minute=0, second=0, microsecond=0)
