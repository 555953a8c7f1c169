"""The download of requests: exactly what a filter shows, oldest first, and the totals of what was written.

No connection is held while a slow reader takes its time: each piece is a read of its own, and rows never change. What
retention removed is written as the sums that are left, so that the totals are those of the page.
"""

from collections.abc import AsyncIterator, Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from omna.clock import iso
from omna.db.pool import borrow
from omna.http.csv_lines import Number, csv_line
from omna.ids import WorkspaceId, first_id_at, made_at, show
from omna.money import format_credits
from omna.usage import reports
from omna.usage.periods import Range
from omna.usage.report_model import Detail, Filter, Sum, outcome_class

#: Columns that are summed in the last line.
_SUMMED = (
    "requests", "prompt_tokens", "completion_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens", "cost",
)  # fmt: skip
COLUMNS = (
    "time", "request", "requests", "model", "provider", "key", "key_name", "member", "source", "api", "prompt_tokens",
    "completion_tokens", "cached_tokens", "cache_write_tokens", "reasoning_tokens", "cost", "held", "latency_ms",
    "first_token_ms", "outcome", "finish_reason", "error_code", "streamed", "estimated", "price_version",
)  # fmt: skip

Record = dict[str, Any]


@dataclass(frozen=True, slots=True)
class Format:
    """How rows become a file: its beginning, each piece of rows, its end with the totals."""

    media_type: str
    head: Callable[[], str]
    rows: Callable[[Sequence[Record], bool], str]
    foot: Callable[[Record], str]


async def export(
    pool: asyncpg.Pool, workspace_id: WorkspaceId, period: Range, wanted: Filter, kind: Format
) -> AsyncIterator[bytes]:
    """Yield the file in pieces."""
    totals: Record = dict.fromkeys(_SUMMED, 0)
    first = True
    yield kind.head().encode()
    async for records in _records(pool, workspace_id, period, wanted):
        for record in records:
            for name in _SUMMED:
                totals[name] += record[name]
        yield kind.rows(records, first).encode()
        first = False
    yield kind.foot(totals).encode()


async def _records(
    pool: asyncpg.Pool, workspace_id: WorkspaceId, period: Range, wanted: Filter
) -> AsyncIterator[list[Record]]:
    async with borrow(pool) as connection:
        left = await reports.gone(connection, workspace_id, period, wanted)
        details_from = (await reports.reach(connection)).details_from
    if left:
        yield [_sum(one) for one in left]
    start = period.start if details_from is None else max(period.start, details_from)
    position: UUID | None = first_id_at(start)
    end = first_id_at(period.end)
    while position is not None and position < end:
        async with borrow(pool) as connection, reports.one_view(connection):
            found, position = await reports.everything(connection, workspace_id, position, end, wanted)
        if found:
            yield [_detail(one) for one in found]


def _detail(found: Detail) -> Record:
    return {
        "time": iso(made_at(found.request_id)),
        "request": show("req", found.request_id),
        "requests": 1,
        "model": found.model_id,
        "provider": found.provider_name,
        "key": None if found.key_id is None else show("key", found.key_id),
        "key_name": found.key_name,
        "member": found.member_name,
        "source": found.source,
        "api": found.api or "chat",
        "prompt_tokens": found.prompt_tokens,
        "completion_tokens": found.completion_tokens,
        "cached_tokens": found.cached_tokens,
        "cache_write_tokens": found.cache_write_tokens,
        "reasoning_tokens": found.reasoning_tokens,
        "cost": found.charge,
        "held": found.held,
        "latency_ms": found.duration_ms,
        "first_token_ms": found.first_delta_ms,
        "outcome": outcome_class(found.outcome),
        "finish_reason": found.finish_reason,
        "error_code": found.error_code,
        "streamed": found.streamed,
        "estimated": found.estimated,
        "price_version": show("pv", found.price_version_id),
    }


def _sum(left: Sum) -> Record:
    return dict.fromkeys(COLUMNS) | {
        "time": iso(left.start),
        "requests": left.requests,
        "model": left.model_id,
        "key": None if left.key_id is None else show("key", left.key_id),
        "source": left.source,
        "prompt_tokens": left.prompt_tokens,
        "completion_tokens": left.completion_tokens,
        "cached_tokens": left.cached_tokens,
        "cache_write_tokens": left.cache_write_tokens,
        "reasoning_tokens": left.reasoning_tokens,
        "cost": left.charge,
        "outcome": outcome_class(left.outcome),
    }


def _csv_rows(records: Sequence[Record], _first: bool) -> str:
    return "".join(csv_line(_cells(record)) for record in records)


def _cells(record: Record) -> Iterator[str | None]:
    for name in COLUMNS:
        value = record.get(name)
        match value:
            case None:
                yield None
            case bool():
                yield "true" if value else "false"
            case int():
                yield Number(format_credits(value) if name in ("cost", "held") else value)
            case _:
                yield value


def _json_rows(records: Sequence[Record], first: bool) -> str:
    lines = ",\n".join(msgspec.json.encode(_written(record)).decode() for record in records)
    return lines if first else f",\n{lines}"


def _written(record: Record) -> Record:
    amounts = {name: format_credits(record[name]) for name in ("cost", "held") if record.get(name) is not None}
    return record | amounts


FORMATS = {
    "csv": Format(
        "text/csv; charset=utf-8",
        head=lambda: csv_line(COLUMNS),
        rows=_csv_rows,
        foot=lambda totals: csv_line(_cells({"time": "total", **totals})),
    ),
    "json": Format(
        "application/json",
        head=lambda: '{"requests":[\n',
        rows=_json_rows,
        foot=lambda totals: f'\n],"totals":{msgspec.json.encode(_written(totals)).decode()}}}\n',
    ),
}
