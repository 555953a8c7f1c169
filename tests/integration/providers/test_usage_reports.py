"""Reports of cost: what a day cost, to the last digit, or a failure that says nothing of the provider's own words."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from omna.providers.base import Endpoint, Failure, FailureKind
from omna.providers.usage_reports import cost_of_today, costs_by_day, format_of
from tests.upstream.server import Upstream

DAYS = [date(2026, 5, 4) + timedelta(days=number) for number in range(5)]


def endpoint(upstream: Upstream, word: str, *, inner: bool = True) -> Endpoint:
    return Endpoint("reporting", upstream.base_url, f"sk-report-{word}", allow_private=inner)


async def test_days_are_summed_and_missing_ones_left_out() -> None:
    async with Upstream() as upstream:
        upstream.reported = {DAYS[0].isoformat(): "1.5", DAYS[2].isoformat(): "0.000124"}
        for report, word in (("openrouter", "good"), ("openai", "good"), ("openai", "paged")):
            found = await costs_by_day(endpoint(upstream, word), report, DAYS)
            assert found == {DAYS[0]: Decimal("1.5"), DAYS[2]: Decimal("0.000124")}, (report, word)
        upstream.reported = {day.isoformat(): "2" for day in DAYS}
        assert await costs_by_day(endpoint(upstream, "paged"), "openai", DAYS) == dict.fromkeys(DAYS, Decimal(2))
        assert await costs_by_day(endpoint(upstream, "good"), "openai", [DAYS[1]]) == {DAYS[1]: Decimal(2)}
        assert await costs_by_day(endpoint(upstream, "good"), "openai", []) == {}
        upstream.reported = {"today": "0.25"}
        assert await cost_of_today(endpoint(upstream, "good")) == Decimal("0.25")
        assert upstream.journal[-1].headers["authorization"] == "Bearer sk-report-good"


@pytest.mark.parametrize("report", ["openrouter", "openai"])
async def test_what_is_no_report_is_a_failure_of_its_class(report: str) -> None:
    async with Upstream() as upstream:
        upstream.reported = {day.isoformat(): "1" for day in DAYS}
        wrong = [(word, FailureKind.MALFORMED) for word in ("list", "cut", "words", "page", "text", "absurd", "empty")]
        if report == "openai":
            wrong += [("euro", FailureKind.MALFORMED), ("endless", FailureKind.MALFORMED)]
        for word, kind in [*wrong, ("refused", FailureKind.STATUS), ("silent", FailureKind.TOTAL)]:
            seconds = 0.3 if word == "silent" else 30.0
            with pytest.raises(Failure) as failed:
                await costs_by_day(endpoint(upstream, word), report, DAYS[:1], seconds)
            assert failed.value.kind is kind, word
            assert "canary" not in str(failed.value)
        with pytest.raises(Failure) as guarded:
            await costs_by_day(endpoint(upstream, "good", inner=False), report, DAYS[:1])
        assert guarded.value.kind is FailureKind.CONNECT


def test_formats_are_known_by_their_host() -> None:
    assert [format_of(host) for host in ("openrouter.ai", "api.openai.com", "example.com", None)] == [
        "openrouter", "openai", None, None,
    ]  # fmt: skip
