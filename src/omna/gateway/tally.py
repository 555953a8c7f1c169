"""What this process saw of providers since it last told: attempts by minute, provider and upstream model. No I/O."""

from bisect import bisect_left
from collections.abc import Callable
from datetime import datetime

import msgspec

from omna.catalog.model import Route
from omna.gateway.faults import Verdict, failure_class, verdict
from omna.providers.base import Failure

#: Upper bounds of the classes of latency, in milliseconds; one more class is above them all. Rows that are stored know
#: their classes by number: whoever changes a bound changes the past.
BOUNDS = (
    50, 75, 100, 150, 200, 300, 400, 600, 800, 1_200, 1_600, 2_400, 3_200, 4_800, 6_400, 9_600, 12_800, 19_200, 25_600,
    38_400, 60_000, 120_000, 300_000, 600_000,
)  # fmt: skip
#: Minutes and failures that are kept while the database is away; what comes after is not counted.
MOST = 5_000


class Minute(msgspec.Struct):
    """What one provider did with one of its models in one minute."""

    minute: datetime
    provider_id: str
    upstream_model: str
    answered: int = 0
    failed: int = 0
    refused: int = 0
    first_output: list[int] = []
    total: list[int] = []


class FailureCount(msgspec.Struct):
    """How often it failed in one way."""

    minute: datetime
    provider_id: str
    upstream_model: str
    #: `class` on the wire of the statement.
    kind: str = msgspec.field(name="class")
    status: int
    last_at: datetime
    times: int = 0


class Counts(msgspec.Struct):
    """What is told in one statement."""

    minutes: list[Minute] = []
    failures: list[FailureCount] = []


class Tally:
    """The counts of a process. `take` gives them away; `put_back` keeps what could not be told."""

    def __init__(self, now: Callable[[], datetime]) -> None:
        self._now = now
        self._minutes: dict[tuple[datetime, str, str], Minute] = {}
        self._failures: dict[tuple[datetime, str, str, str, int], FailureCount] = {}

    def answered(self, route: Route, first_output: float | None, total: float | None) -> None:
        """A provider answered. Seconds until the first output of a stream and until its end, where they are known."""
        minute = self._minute(route, self._now())
        if minute is None:
            return
        minute.answered += 1
        if first_output is not None:
            minute.first_output[bisect_left(BOUNDS, first_output * 1000)] += 1
        if total is not None:
            minute.total[bisect_left(BOUNDS, total * 1000)] += 1

    def failed(self, route: Route, failure: Failure) -> None:
        """A provider failed, or would not answer this request."""
        now = self._now()
        minute = self._minute(route, now)
        if minute is None:
            return
        if verdict(failure) is Verdict.NEITHER:
            minute.refused += 1
        else:
            minute.failed += 1
        kind, status = failure_class(failure), failure.status or 0
        key = (minute.minute, minute.provider_id, minute.upstream_model, kind, status)
        found = self._failures.get(key)
        if found is None:
            if len(self._failures) >= MOST:
                return
            found = self._failures[key] = FailureCount(*key, last_at=now)
        found.times += 1
        found.last_at = now

    def take(self) -> Counts:
        """Return what was counted, and begin anew."""
        counts = Counts(list(self._minutes.values()), list(self._failures.values()))
        self._minutes, self._failures = {}, {}
        return counts

    def put_back(self, counts: Counts) -> None:
        """Keep what could not be told. What was counted since stands beside it, as far as there is room."""
        for minute in counts.minutes[: MOST - len(self._minutes)]:
            known = self._minutes.setdefault((minute.minute, minute.provider_id, minute.upstream_model), minute)
            if known is not minute:
                known.answered += minute.answered
                known.failed += minute.failed
                known.refused += minute.refused
                known.first_output = _sum(known.first_output, minute.first_output)
                known.total = _sum(known.total, minute.total)
        for failure in counts.failures[: MOST - len(self._failures)]:
            key = (failure.minute, failure.provider_id, failure.upstream_model, failure.kind, failure.status)
            other = self._failures.setdefault(key, failure)
            if other is not failure:
                other.times += failure.times

    def _minute(self, route: Route, now: datetime) -> Minute | None:
        key = (now.replace(second=0, microsecond=0), str(route.provider.provider_id), route.upstream_model)
        found = self._minutes.get(key)
        if found is None and len(self._minutes) < MOST:
            classes = len(BOUNDS) + 1
            found = self._minutes[key] = Minute(*key, first_output=[0] * classes, total=[0] * classes)
        return found


def percentile(counts: list[int], part: float) -> int | None:
    """Return the milliseconds that so large a part of the calls stayed below, within its class; None of no calls."""
    wanted = sum(counts) * part
    if not wanted:
        return None
    below, seen = 0, 0.0
    for number, count in enumerate(counts):
        bound = BOUNDS[number] if number < len(BOUNDS) else BOUNDS[-1]
        if count and seen + count >= wanted:
            return round(below + (bound - below) * (wanted - seen) / count)
        seen += count
        below = bound
    return BOUNDS[-1]


def _sum(one: list[int], other: list[int]) -> list[int]:
    return [first + second for first, second in zip(one, other, strict=True)]
