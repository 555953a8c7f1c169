"""Usage for its owner: totals, charts, the log of requests. Sums of closed hours and days, single requests after them.

Every function reads several times and needs one view of the data: the caller opens one with `one_view`.
"""

from collections.abc import AsyncIterator, Sequence
from contextlib import asynccontextmanager
from dataclasses import dataclass
from datetime import date, datetime, timedelta, tzinfo
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import UserId, WorkspaceId, first_id_at, made_at
from omna.usage import report_store as store
from omna.usage.periods import Bucket, Range, bucket_starts
from omna.usage.report_model import Cell, DayOfModel, Detail, Dimension, Filter, Sum, Totals
from omna.usage.spans import Reach, cover, summed

#: Requests that one page of a filtered log looks at: what is rare comes on a later page rather than late.
PAGE_BUDGET = 60_000
#: Requests looked at by one statement.
BATCH = 20_000
#: Rows of an export read at once.
EXPORT_ROWS = 5_000
#: Days whose hours are looked at first in a search for what is rare, and the most of them at once.
_FIRST_DAYS, _MOST_DAYS = 4, 60
#: Days of an export that are searched at once.
_EXPORT_DAYS = 30

_HOUR = timedelta(hours=1)

_PLANS = """SET LOCAL plan_cache_mode = force_custom_plan; SET LOCAL enable_bitmapscan = off;
            SET LOCAL enable_hashjoin = off; SET LOCAL enable_mergejoin = off; SET LOCAL enable_material = off"""


@dataclass(frozen=True, slots=True)
class Chart:
    """The parts of a chart. `labels` names keys and members; whatever it lacks is its own name, as the source of
    requests that came without a key is."""

    starts: list[datetime]
    cells: list[Cell]
    labels: dict[str, str]
    partial_last: bool


@dataclass(frozen=True, slots=True)
class LogPage:
    """Requests newest first; `before` continues the list, None at its end. It may be shorter than was asked for."""

    requests: list[Detail]
    before: UUID | None


@asynccontextmanager
async def one_view(connection: Connection) -> AsyncIterator[None]:
    """Let everything read within see the same moment, and be planned for what is asked.

    Which index is best depends on the filter, so a plan made for any filter would use none of those for one. And a
    report only ever looks up ranges of one workspace, which the planner, who knows nothing of them, may take for a
    reason to read whole tables.
    """
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        await connection.execute(_PLANS)
        yield


async def reach(connection: Connection) -> Reach:
    """Return how far the sums reach, and from when on there are single requests."""
    return await store.reach(connection)


async def now(connection: Connection) -> datetime:
    """Return the database's clock."""
    return await store.now(connection)


async def visible(
    connection: Connection,
    workspace_id: WorkspaceId,
    wanted: Filter,
    *,
    members: Sequence[UserId] = (),
    only: UserId | None = None,
) -> Filter:
    """Return the filter narrowed to keys and chats of members, and to those of `only`, who may see no others'."""
    allowed: set[UUID] | None = None if wanted.key_ids is None else set(wanted.key_ids)
    # Who asks for keys asks for no chat.
    people: set[UUID] | None = None if wanted.key_ids is None else set()
    for owners in ([*members] if members else None, None if only is None else [only]):
        if owners is not None:
            theirs = set(await store.keys_of(connection, workspace_id, owners))
            allowed = theirs if allowed is None else allowed & theirs
            people = set(owners) if people is None else people & set(owners)
    return Filter(
        None if allowed is None else sorted(allowed),
        wanted.models,
        wanted.sources,
        wanted.outcomes,
        sorted(people) if people else None,
    )


async def summary(
    connection: Connection, workspace_id: WorkspaceId, period: Range, wanted: Filter
) -> tuple[Totals, Totals, Reach]:
    """Return the totals of a period and of the one before it."""
    found = await store.reach(connection)
    current, previous = [
        await store.totals(connection, workspace_id, cover(one.start, one.end, found), wanted)
        for one in (period, period.before)
    ]
    return current, previous, found


async def days_of_models(
    connection: Connection, workspace_id: WorkspaceId, start: datetime, end: datetime
) -> list[DayOfModel]:
    """Return what was used in [start, end) by UTC day and model, with its cost at providers; days in order."""
    found: dict[tuple[date, str], DayOfModel] = {}
    for part in await store.days_of_models(connection, workspace_id, cover(start, end, await store.reach(connection))):
        before = found.get((part.day, part.model_id), DayOfModel(part.day, part.model_id, 0, 0, 0))
        found[part.day, part.model_id] = DayOfModel(
            part.day,
            part.model_id,
            before.requests + part.requests,
            before.charge + part.charge,
            before.provider_charge + part.provider_charge,
        )
    return [found[key] for key in sorted(found)]


async def chart(
    connection: Connection,
    workspace_id: WorkspaceId,
    period: Range,
    wanted: Filter,
    *,
    by: Dimension,
    bucket: Bucket,
    zone: tzinfo,
) -> Chart:
    """Return what each part was in each bucket; buckets without anything have no cell."""
    found = await store.reach(connection)
    starts = bucket_starts(period, bucket, zone)
    spans = cover(period.start, period.end, found, starts[1:])
    # Where single requests are gone, a bucket that begins within an hour has all of it.
    edges = [_floored(start, found) for start in starts]
    cells = await store.cells(connection, workspace_id, spans, wanted, by, edges)
    labels: dict[str, str] = {}
    if by == "key":
        labels = {str(key.key_id): key.name for key in await store.keys(connection, workspace_id)}
    elif by == "member":
        labels = await store.names_of(connection, {UUID(cell.name) for cell in cells if cell.name})
    # In the zone's own time: a day of its change of clocks is not 24 hours long.
    last_end = starts[-1].astimezone(zone) + timedelta(**{f"{bucket}s": 1})
    return Chart(starts, cells, labels, partial_last=last_end > await store.now(connection))


async def log(
    connection: Connection,
    workspace_id: WorkspaceId,
    period: Range,
    wanted: Filter,
    *,
    before: UUID | None,
    limit: int,
) -> LogPage:
    """Return one page of requests, newest first.

    A filter finds the days and hours that hold a match in the sums, and reads the requests of those hours alone. After
    PAGE_BUDGET requests the page ends where it is.
    """
    first, last = first_id_at(period.start), first_id_at(period.end)
    last = last if before is None else min(last, before)
    if wanted.is_everything:
        ids = await store.newest(connection, workspace_id, first, last, limit + 1)
        if not ids:
            return LogPage([], None)
        shown = ids[:limit]
        found = await store.details(connection, workspace_id, [(shown[-1], _next(shown[0]))], wanted, limit)
        return LogPage(found, shown[-1] if len(ids) > limit else None)
    until = (await store.reach(connection)).summed_until
    rows: list[Detail] = []
    fresh = first if until is None else max(first, first_id_at(until))
    if fresh < last:
        rows = await store.details(connection, workspace_id, [(fresh, last)], wanted, limit + 1)
    looked_at = 0
    if until is not None and len(rows) <= limit:
        async for hours, requests in _hours_with(connection, workspace_id, first, min(last, fresh), wanted):
            if looked_at and looked_at + requests > PAGE_BUDGET:
                return LogPage(rows, first_id_at(hours[0] + _HOUR))
            looked_at += requests
            ranges = [(max(first, first_id_at(hour)), min(last, first_id_at(hour + _HOUR))) for hour in hours]
            rows += await store.details(connection, workspace_id, ranges, wanted, limit + 1 - len(rows))
            if len(rows) > limit:
                break
    return LogPage(rows[:limit], rows[limit - 1].request_id if len(rows) > limit else None)


async def one(connection: Connection, workspace_id: WorkspaceId, request_id: UUID, wanted: Filter) -> Detail | None:
    """Return one request, finished or running; None when the workspace has none of this id or it is not wanted."""
    found = await store.details(connection, workspace_id, [(request_id, _next(request_id))], wanted, 1)
    return found[0] if found else await store.running(connection, workspace_id, request_id, wanted)


async def everything(
    connection: Connection, workspace_id: WorkspaceId, begins: UUID, ends: UUID, wanted: Filter
) -> tuple[list[Detail], UUID | None]:
    """Return the next requests with ids in [begins, ends), oldest first, and where the rest begins; None at the end."""
    if not wanted.is_everything:
        until = (await store.reach(connection)).summed_until
        if until is not None and begins < first_id_at(until):
            return await _matches(connection, workspace_id, begins, min(ends, first_id_at(until)), ends, wanted)
    ids = await store.oldest(connection, workspace_id, begins, ends, EXPORT_ROWS)
    if not ids:
        return [], None
    rows = await store.details(
        connection, workspace_id, [(ids[0], _next(ids[-1]))], wanted, EXPORT_ROWS, oldest_first=True
    )
    return rows, _next(ids[-1]) if len(ids) == EXPORT_ROWS else None


async def gone(connection: Connection, workspace_id: WorkspaceId, period: Range, wanted: Filter) -> list[Sum]:
    """Return the sums of the part of a period whose single requests were removed by retention."""
    found = await store.reach(connection)
    if found.details_from is None or period.start >= found.details_from:
        return []
    spans = cover(period.start, min(period.end, found.details_from), found)
    return await store.sums(connection, workspace_id, summed(spans), wanted)


async def _matches(
    connection: Connection, workspace_id: WorkspaceId, begins: UUID, summed_end: UUID, ends: UUID, wanted: Filter
) -> tuple[list[Detail], UUID | None]:
    """Return the matches of the next hours that have some, and where to go on."""
    start = _floor(made_at(begins))
    end = min(_ceil(made_at(summed_end)), start + timedelta(days=_EXPORT_DAYS))
    hours = (await store.periods_with(connection, workspace_id, "h", [(start, end)], wanted))[::-1]
    if not hours:
        following = first_id_at(end)
        return [], following if following < ends else None
    totals = await store.requests_in_hours(connection, workspace_id, hours)
    chosen, requests = [hours[0]], totals[hours[0]]
    for hour in hours[1:]:
        requests += totals[hour]
        if requests > BATCH:
            break
        chosen.append(hour)
    ranges = [(max(begins, first_id_at(hour)), min(summed_end, first_id_at(hour + _HOUR))) for hour in chosen]
    rows = await store.details(connection, workspace_id, ranges, wanted, EXPORT_ROWS, oldest_first=True)
    if len(rows) == EXPORT_ROWS:
        return rows, _next(rows[-1].request_id)
    following = first_id_at(chosen[-1] + _HOUR)
    return rows, min(following, ends) if following < ends else None


async def _hours_with(
    connection: Connection, workspace_id: WorkspaceId, first: UUID, last: UUID, wanted: Filter
) -> AsyncIterator[tuple[list[datetime], int]]:
    """Yield hours that hold something wanted, newest first, in groups of about BATCH requests, with their number."""
    if first >= last:
        return
    start, end = _floor(made_at(first)), made_at(last)
    group: list[datetime] = []
    requests = 0
    for span in reversed(summed(cover(start, _ceil(end), Reach(_ceil(end), None)))):
        days = [(span.start, span.end)]
        if span.grain == "d":
            found = await store.periods_with(connection, workspace_id, "d", days, wanted)
            days = [(day, day + timedelta(hours=24)) for day in found]
        at_once = _FIRST_DAYS
        while days:
            chosen, days = days[:at_once], days[at_once:]
            at_once = min(at_once * 3, _MOST_DAYS)
            hours = await store.periods_with(connection, workspace_id, "h", chosen, wanted)
            sizes = await store.requests_in_hours(connection, workspace_id, hours)
            for hour in hours:
                if group and requests + sizes[hour] > BATCH:
                    yield group, requests
                    group, requests = [], 0
                group.append(hour)
                requests += sizes[hour]
            if group:
                yield group, requests
                group, requests = [], 0


def _floored(moment: datetime, found: Reach) -> datetime:
    return _floor(moment) if found.details_from is not None and moment < found.details_from else moment


def _floor(moment: datetime) -> datetime:
    return moment.replace(minute=0, second=0, microsecond=0)


def _ceil(moment: datetime) -> datetime:
    floor = _floor(moment)
    return floor if floor == moment else floor + _HOUR


def _next(request_id: UUID) -> UUID:
    return UUID(int=request_id.int + 1)
