"""PURE  The range of a report and its buckets, in the zone of whoever reads it."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta, tzinfo
from typing import Literal

from omna.errors import InvalidValue
from omna.http.moments import parse_moment

Bucket = Literal["hour", "day"]

#: Up to this long a chart that leaves it to us has hours.
LONGEST_BY_HOUR = timedelta(hours=72)
MOST_BUCKETS = 800
LONGEST_BY_ZONE = timedelta(days=35)
LONGEST_RANGE = timedelta(days=3660)
_DEFAULT_RANGE = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Range:
    """Moments from `start` on, before `end`, to the millisecond that ids carry."""

    start: datetime
    end: datetime

    @property
    def before(self) -> "Range":
        """The period of the same length that ends where this one begins."""
        return Range(self.start - (self.end - self.start), self.start)


def parse_range(start: str | None, end: str | None, now: datetime) -> Range:
    """Return the range that a query names; without one, the last 24 hours. Errors: InvalidValue naming the field."""
    until = _ceil(now) if end is None else parse_moment(end, "to")
    since = until - _DEFAULT_RANGE if start is None else parse_moment(start, "from")
    if since >= until:
        raise InvalidValue("`from` must be before `to`.", param="from")
    if until - since > LONGEST_RANGE:
        raise InvalidValue("A report covers at most ten years.", param="from")
    return Range(since, until)


def choose_bucket(bucket: Literal["auto", "hour", "day"], period: Range) -> Bucket:
    """Return the buckets of a chart. Errors: InvalidValue when there would be more than a chart can show."""
    length = period.end - period.start
    chosen: Bucket = ("hour" if length <= LONGEST_BY_HOUR else "day") if bucket == "auto" else bucket
    if bucket == "hour" and length > timedelta(hours=MOST_BUCKETS):
        raise InvalidValue("Hours are shown for at most 33 days; choose days.", param="bucket")
    return chosen


def names_own_days(period: Range) -> bool:
    """Return whether the days of a chart are those of the reader's zone.

    Long ones have the days of UTC: those are summed, and others would be put together from all their hours.
    """
    return period.end - period.start <= LONGEST_BY_ZONE


def bucket_starts(period: Range, bucket: Bucket, zone: tzinfo) -> list[datetime]:
    """Return where buckets begin: UTC hours, or days of the zone. The first may begin before the range."""
    if bucket == "hour":
        start = period.start.replace(minute=0, second=0, microsecond=0)
        count = -(-(period.end - start) // timedelta(hours=1))
        return [start + timedelta(hours=number) for number in range(count)]
    day = period.start.astimezone(zone).date()
    starts = []
    while (start := datetime(day.year, day.month, day.day, tzinfo=zone).astimezone(UTC)) < period.end:
        starts.append(start)
        day += timedelta(days=1)
    return starts


def _ceil(moment: datetime) -> datetime:
    """Round up to a whole millisecond: a request of this very one is in it."""
    rounded = moment.replace(microsecond=moment.microsecond // 1000 * 1000)
    return rounded + timedelta(milliseconds=1)
