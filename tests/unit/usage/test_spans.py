"""Spans cover a range exactly, whatever its ends, its edges and the reach of the sums."""

from datetime import UTC, datetime, timedelta
from itertools import pairwise

from hypothesis import given
from hypothesis import strategies as st

from omna.usage.spans import Reach, Span, cover

BASE = datetime(2026, 3, 28, tzinfo=UTC)
moments = st.integers(0, 6 * 24 * 4).map(
    lambda quarters: BASE + timedelta(minutes=15 * quarters, milliseconds=quarters % 3)
)
hours = st.integers(0, 6 * 24).map(lambda number: BASE + timedelta(hours=number))


@given(moments, moments, st.none() | hours, st.lists(moments, max_size=4))
def test_spans_are_the_range_without_gaps_or_overlaps(
    one: datetime, other: datetime, until: datetime | None, edges: list[datetime]
) -> None:
    start, end = sorted((one, other))
    spans = cover(start, end, Reach(until, None), edges)
    if start == end:
        assert spans == []
        return
    assert (spans[0].start, spans[-1].end) == (start, end)
    assert all(left.end == right.start for left, right in pairwise(spans))
    for span in spans:
        if span.grain == "r":
            continue
        assert until is not None
        assert span.end <= until
        unit = timedelta(hours=24 if span.grain == "d" else 1)
        assert (span.start - BASE) % unit == (span.end - BASE) % unit == timedelta(0)
        # No sum has a part of two buckets.
        assert all((edge - span.start) % unit == timedelta(0) for edge in edges if span.start < edge < span.end)


@given(hours, st.lists(moments, max_size=4))
def test_what_retention_removed_is_never_read_as_single_requests(gone: datetime, edges: list[datetime]) -> None:
    end = BASE + timedelta(days=6)
    for span in cover(BASE + timedelta(minutes=20), end, Reach(end, gone), edges):
        assert span.grain != "r" or span.start >= gone


def test_a_long_range_is_mostly_days() -> None:
    start, end = BASE + timedelta(hours=5, minutes=30), BASE + timedelta(days=5, hours=2, minutes=10)
    assert cover(start, end, Reach(end.replace(minute=0), None)) == [
        Span("r", start, BASE + timedelta(hours=6)),
        Span("h", BASE + timedelta(hours=6), BASE + timedelta(days=1)),
        Span("d", BASE + timedelta(days=1), BASE + timedelta(days=5)),
        Span("h", BASE + timedelta(days=5), BASE + timedelta(days=5, hours=2)),
        Span("r", BASE + timedelta(days=5, hours=2), end),
    ]
