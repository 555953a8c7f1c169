from datetime import UTC, datetime, timedelta

from omna.gateway.tally import BOUNDS, MOST, Tally, percentile
from omna.providers.base import Failure, FailureKind
from tests.unit.gateway.made import route

NOON = datetime(2026, 5, 4, 12, 0, 30, tzinfo=UTC)


def status(code: int, **more: str) -> Failure:
    return Failure(FailureKind.STATUS, status=code, **more)  # type: ignore[arg-type]


def test_attempts_are_counted_by_minute_route_and_class() -> None:
    moments = [NOON, NOON, NOON, NOON, NOON + timedelta(seconds=40), NOON + timedelta(seconds=41)]
    tally = Tally(lambda: moments.pop(0))
    tally.answered(route(1), 0.2, 1.5)
    tally.answered(route(1), None, None)
    tally.failed(route(1), status(401))
    tally.failed(route(1), status(400))
    tally.failed(route(1), status(503))
    tally.failed(route(2), Failure(FailureKind.RESET))
    counts = tally.take()
    assert [(one.minute.minute, one.answered, one.failed, one.refused) for one in counts.minutes] == [
        (0, 2, 1, 1), (1, 0, 1, 0), (1, 0, 1, 0),
    ]  # fmt: skip
    assert sum(counts.minutes[0].first_output) == sum(counts.minutes[0].total) == 1
    assert [(one.kind, one.status, one.times) for one in counts.failures] == [
        ("credential", 401, 1), ("invalid", 400, 1), ("overloaded", 503, 1), ("reset", 0, 1),
    ]  # fmt: skip
    assert tally.take().minutes == []


def test_what_could_not_be_told_is_told_with_what_came_since() -> None:
    tally = Tally(lambda: NOON)
    for _ in range(2):
        tally.answered(route(1), None, 0.01)
        tally.failed(route(1), status(500))
    kept = tally.take()
    tally.answered(route(1), None, 900)
    tally.failed(route(1), status(500))
    tally.put_back(kept)
    (minute,), (failure,) = (counts := tally.take()).minutes, counts.failures
    assert (minute.answered, minute.failed, failure.times) == (3, 3, 3)
    assert (minute.total[0], minute.total[-1]) == (2, 1)


def test_an_endless_outage_of_the_database_costs_bounded_memory() -> None:
    moment = NOON
    tally = Tally(lambda: moment)
    for number in range(MOST + 5):
        moment = NOON + timedelta(minutes=number)
        tally.failed(route(1), status(500))
    counts = tally.take()
    assert (len(counts.minutes), len(counts.failures)) == (MOST, MOST)


def test_percentiles_lie_within_the_class_they_fall_into() -> None:
    nothing = [0] * (len(BOUNDS) + 1)
    assert percentile(nothing, 0.5) is None
    some = [0, 10, 0, 90, *nothing[4:]]
    assert percentile(some, 0.05) == 62
    assert 100 < (percentile(some, 0.5) or 0) < 150
    assert percentile([*nothing[:-1], 3], 0.95) == BOUNDS[-1]
