"""Usage under /api: totals, chart, log, export. The receipt of a request is in gateway/receipts.py."""

from collections import defaultdict
from datetime import UTC
from typing import Annotated, Literal, get_args
from uuid import UUID

from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.clock import iso
from omna.db.pool import Connection
from omna.http.access import Can, Reading, Work
from omna.http.downloads import downloads
from omna.http.moments import parse_zone
from omna.http.paging import Cursor, Limit, Page, decode_id, encode_cursor
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import parse, show
from omna.usage import reports
from omna.usage.bodies import request_row, totals_body
from omna.usage.export import FORMATS, export
from omna.usage.periods import choose_bucket, names_own_days
from omna.usage.query import UsageQuery, Wanted, Zone, narrowed
from omna.usage.report_model import Cell, Dimension, Filter, Source
from omna.usage.reports import Chart, one_view
from omna.usage.schemas import RequestRow, UsageChart, UsagePoint, UsageSeries, UsageSummary

router = Router(prefix="/api", tags=["usage"])

Viewer = Annotated[Member, Can(Right.OWN_USAGE, Right.ALL_USAGE)]

#: Parts of a chart that have a colour of their own.
MOST_SERIES = 6

_PREFIX = {"key": "key", "member": "usr"}
_SOURCES = get_args(Source)


@router.get("/workspaces/{workspace}/usage")
async def usage_summary(who: Viewer, connection: Reading, query: Wanted) -> UsageSummary:
    """Return the totals of a period, and of the one before it."""
    async with one_view(connection):
        period, wanted = await query.read(connection, who)
        current, previous, reach = await reports.summary(connection, who.workspace_id, period, wanted)
    return UsageSummary(current=totals_body(current), previous=totals_body(previous), details_from=reach.details_from)


@router.get("/workspaces/{workspace}/usage/series", response_model=UsageChart)
async def usage_series(
    who: Viewer,
    connection: Reading,
    query: Wanted,
    by: Dimension = "model",
    bucket: Literal["auto", "hour", "day"] = "auto",
    zone: Zone = "UTC",
) -> Response:
    """Return usage over time in stacked parts."""
    place = parse_zone(zone)
    async with one_view(connection):
        period, wanted = await query.read(connection, who)
        chosen = choose_bucket(bucket, period)
        if chosen == "day" and not names_own_days(period):
            place, zone = UTC, "UTC"
        chart = await reports.chart(connection, who.workspace_id, period, wanted, by=by, bucket=chosen, zone=place)
    body = UsageChart.model_construct(
        bucket=chosen,
        zone=zone,
        starts=chart.starts,
        partial_last=chart.partial_last,
        series=_series(chart, by),
    )
    return Response(body.model_dump_json(), media_type="application/json")


@router.get("/workspaces/{workspace}/usage/requests")
async def usage_requests(
    who: Viewer,
    connection: Reading,
    query: Wanted,
    request: Annotated[str | None, Query(max_length=80, description="An id: the list is this request alone.")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[RequestRow]:
    """Return requests, newest first. A page may hold fewer than `limit` and still have a next one."""
    async with one_view(connection):
        if request is not None:
            return await _one_request(connection, who, request)
        period, wanted = await query.read(connection, who)
        page = await reports.log(connection, who.workspace_id, period, wanted, before=decode_id(cursor), limit=limit)
    return Page(
        items=[request_row(row) for row in page.requests],
        next_cursor=None if page.before is None else encode_cursor(page.before.hex),
    )


@router.get(
    "/workspaces/{workspace}/usage/export",
    response_class=StreamingResponse,
    responses=downloads("text/csv", "application/json"),
)
async def usage_export(
    http: Request,
    who: Viewer,
    connection: Work,
    acting: Act,
    query: Wanted,
    format: Literal["csv", "json"] = "csv",  # noqa: A002 - the name in the address
) -> StreamingResponse:
    """Download exactly the requests that a filter shows, with their totals."""
    period, wanted = await query.read(connection, who)
    await audit.record(
        connection,
        acting(who),
        "usage.export",
        show("ws", who.workspace_id),
        after={"format": format, "from": iso(period.start), "to": iso(period.end), "filter": _told(query)},
    )
    kind = FORMATS[format]
    name = f"omna-usage-{period.start:%Y%m%d}-{period.end:%Y%m%d}.{format}"
    return StreamingResponse(
        export(http.app.state.pool, who.workspace_id, period, wanted, kind),
        media_type=kind.media_type,
        headers={"content-disposition": f'attachment; filename="{name}"'},
    )


async def _one_request(connection: Connection, who: Member, text: str) -> Page[RequestRow]:
    try:
        request_id = parse(text, "req", "chatcmpl", "cmpl", "resp", "msg", "modr")
    except ValueError:
        return Page(items=[], next_cursor=None)
    found = await reports.one(connection, who.workspace_id, request_id, await narrowed(connection, who, Filter()))
    return Page(items=[] if found is None else [request_row(found)], next_cursor=None)


def _series(chart: Chart, by: Dimension) -> list[UsageSeries]:
    """Return the parts by what they cost, those beyond MOST_SERIES as one."""
    parts: dict[str, list[Cell]] = defaultdict(list)
    for cell in chart.cells:
        parts[cell.name].append(cell)
    ranked = sorted(
        parts, key=lambda name: (-sum(c.charge for c in parts[name]), -sum(c.requests for c in parts[name]), name)
    )
    shown = {name: parts[name] for name in ranked[:MOST_SERIES]}
    series = [_part(chart, cells, _public(by, name), chart.labels.get(name, name)) for name, cells in shown.items()]
    rest = [cell for name in ranked[MOST_SERIES:] for cell in parts[name]]
    if rest:
        series.append(_part(chart, rest, "other", "other"))
    return series


def _public(by: Dimension, name: str) -> str:
    # Requests without a key are named by their source, which is no id.
    return show(_PREFIX[by], UUID(name)) if by in _PREFIX and name and name not in _SOURCES else name


def _part(chart: Chart, cells: list[Cell], key: str, label: str) -> UsageSeries:
    spend, requests, tokens, errors = ([0] * len(chart.starts) for _ in range(4))
    for cell in cells:
        spend[cell.bucket] += cell.charge
        requests[cell.bucket] += cell.requests
        tokens[cell.bucket] += cell.tokens
        errors[cell.bucket] += cell.errors
    return UsageSeries.model_construct(
        key=key,
        label=label,
        spend=sum(spend),
        requests=sum(requests),
        tokens=sum(tokens),
        points=[
            # Thousands of them, and every value is ours: nothing is left to be checked.
            UsagePoint.model_construct(
                start=start, spend=spend[n], requests=requests[n], tokens=tokens[n], errors=errors[n]
            )
            for n, start in enumerate(chart.starts)
        ],
    )


def _told(query: UsageQuery) -> dict[str, list[str]]:
    told = {
        "key": query.keys,
        "model": query.models,
        "member": query.members,
        "source": query.sources,
        "outcome": query.outcomes,
    }
    return {name: list(values) for name, values in told.items() if values}
