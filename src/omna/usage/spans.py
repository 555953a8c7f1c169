"""PURE  Which rows a report reads: sums of whole days and hours where there are any, single requests elsewhere."""

from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from itertools import pairwise
from typing import Literal

#: d, h: sums of UTC days and hours; r: single requests.
Grain = Literal["d", "h", "r"]

_HOUR, _DAY = timedelta(hours=1), timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Span:
    """Rows of one grain that begin in [start, end)."""

    grain: Grain
    start: datetime
    end: datetime


@dataclass(frozen=True, slots=True)
class Reach:
    """How far the sums reach, and from when on there are single requests; None: not at all, from the beginning."""

    summed_until: datetime | None
    details_from: datetime | None


def cover(start: datetime, end: datetime, reach: Reach, edges: Iterable[datetime] = ()) -> list[Span]:
    """Return spans that together are exactly [start, end), none of them across an edge.

    Where single requests are gone, start, end and edges count as the beginning of their UTC hour.
    """

    def placed(moment: datetime) -> datetime:
        gone = reach.details_from is not None and moment < reach.details_from
        return _floor(moment, _HOUR) if gone else moment

    stops = sorted({placed(start), placed(end), *(placed(edge) for edge in edges if start < edge < end)})
    spans: list[Span] = []
    for one, other in pairwise(stops):
        for span in _cover(one, other, reach.summed_until):
            if spans and spans[-1].grain == span.grain and spans[-1].end == span.start:
                spans[-1] = Span(span.grain, spans[-1].start, span.end)
            else:
                spans.append(span)
    return spans


def raw(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.grain == "r"]


def summed(spans: Sequence[Span]) -> list[Span]:
    return [span for span in spans if span.grain != "r"]


def _cover(start: datetime, end: datetime, summed_until: datetime | None) -> Iterator[Span]:
    until = start if summed_until is None else min(end, summed_until)
    hours = _whole(start, until, _HOUR)
    if hours is None:
        yield Span("r", start, end)
        return
    if start < hours[0]:
        yield Span("r", start, hours[0])
    # A day is summed with its last hour, so every whole day before `until` is there.
    days = _whole(*hours, _DAY)
    if days is None:
        yield Span("h", *hours)
    else:
        if hours[0] < days[0]:
            yield Span("h", hours[0], days[0])
        yield Span("d", *days)
        if days[1] < hours[1]:
            yield Span("h", days[1], hours[1])
    if hours[1] < end:
        yield Span("r", hours[1], end)


def _whole(start: datetime, end: datetime, unit: timedelta) -> tuple[datetime, datetime] | None:
    """Return the whole units within [start, end), None when there is none."""
    first = _floor(start + unit - timedelta(microseconds=1), unit)
    last = _floor(end, unit)
    return (first, last) if first < last else None


def _floor(moment: datetime, unit: timedelta) -> datetime:
    epoch = datetime(1970, 1, 1, tzinfo=UTC)
    return moment - (moment - epoch) % unit
