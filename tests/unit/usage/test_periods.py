"""Ranges and buckets in the zone of whoever reads."""

from datetime import UTC, datetime, timedelta
from zoneinfo import ZoneInfo

import pytest

from omna.errors import InvalidValue
from omna.http.moments import parse_zone
from omna.usage.periods import Range, bucket_starts, choose_bucket, names_own_days, parse_range

NOW = datetime(2026, 3, 30, 10, 20, 30, 123456, tzinfo=UTC)


def test_without_a_range_the_last_day_is_meant_and_a_request_of_this_millisecond_is_in_it() -> None:
    period = parse_range(None, None, NOW)
    assert period.end == NOW.replace(microsecond=124000)
    assert period.end - period.start == timedelta(hours=24)
    assert period.before == Range(period.start - timedelta(hours=24), period.start)


def test_days_follow_the_clock_of_the_zone_when_it_is_put_forward() -> None:
    zone = parse_zone("Europe/Berlin")
    starts = bucket_starts(
        Range(datetime(2026, 3, 28, 12, tzinfo=UTC), datetime(2026, 3, 30, 12, tzinfo=UTC)), "day", zone
    )
    assert starts == [
        datetime(2026, 3, 27, 23, tzinfo=UTC),
        datetime(2026, 3, 28, 23, tzinfo=UTC),
        datetime(2026, 3, 29, 22, tzinfo=UTC),
    ]
    assert all(start.astimezone(ZoneInfo("Europe/Berlin")).hour == 0 for start in starts)


def test_short_ranges_are_shown_by_hours_and_long_ones_by_days() -> None:
    assert choose_bucket("auto", Range(NOW - timedelta(hours=72), NOW)) == "hour"
    assert choose_bucket("auto", Range(NOW - timedelta(hours=73), NOW)) == "day"
    with pytest.raises(InvalidValue):
        choose_bucket("hour", Range(NOW - timedelta(days=90), NOW))


def test_the_days_of_a_long_range_are_those_of_utc() -> None:
    assert names_own_days(Range(NOW - timedelta(days=31), NOW))
    assert not names_own_days(Range(NOW - timedelta(days=90), NOW))
