from uuid import UUID

import msgspec
import pytest

from omna.gateway.faults import Verdict
from omna.gateway.health import FEWEST_CALLS, LONGEST_COOL_DOWN, Breaker, Health, RetryBudget
from omna.ids import RouteId
from tests.unit.gateway.made import route

FAILURES, COOL_DOWN, BURST = 5, 30.0, 10


def breaker() -> Breaker:
    return Breaker(FAILURES, COOL_DOWN)


def opened(now: float = 0.0) -> Breaker:
    made = breaker()
    for number in range(FAILURES):
        assert made.failed(now, Verdict.COUNTS) is (number == FAILURES - 1)
    return made


def test_failures_in_a_row_open_it_and_a_success_between_them_does_not_let_them_add_up() -> None:
    made = breaker()
    for _ in range(FAILURES - 1):
        made.failed(0, Verdict.COUNTS)
    made.succeeded(0, 1)
    for _ in range(FAILURES - 1):
        assert not made.failed(0, Verdict.COUNTS)
    assert made.allows(0)
    assert made.failed(0, Verdict.COUNTS)
    assert not made.allows(0)
    assert not made.allows(COOL_DOWN - 0.1)
    assert made.allows(COOL_DOWN)


def test_half_of_many_calls_open_it_and_the_window_forgets() -> None:
    made = breaker()
    for _ in range(FEWEST_CALLS // 2):
        made.succeeded(0, 1)
        made.failed(0, Verdict.COUNTS)
    assert not made.allows(1)
    made = breaker()
    for _ in range(FEWEST_CALLS // 2 - 1):
        made.succeeded(0, 1)
        made.failed(0, Verdict.COUNTS)
    # Half a minute later those no longer count.
    assert not made.failed(36, Verdict.COUNTS)
    assert made.allows(36)


def test_one_probe_at_a_time_decides_whether_it_closes() -> None:
    made = opened()
    assert made.allows(COOL_DOWN)
    made.begin()
    assert not made.allows(COOL_DOWN)
    made.succeeded(COOL_DOWN, 1)
    assert made.allows(COOL_DOWN)
    # What failed before the probe does not count any more.
    assert not made.failed(COOL_DOWN, Verdict.COUNTS)


def test_failed_probes_double_the_wait_up_to_a_bound() -> None:
    made = opened()
    now, waits = COOL_DOWN, []
    for _ in range(6):
        made.begin()
        made.failed(now, Verdict.COUNTS)
        waits.append(made.open_until - now)
        now = made.open_until
    assert waits == [60, 120, 240, 300, 300, 300]
    assert waits[-1] == COOL_DOWN * LONGEST_COOL_DOWN


def test_probe_that_says_nothing_lets_the_next_one_try() -> None:
    made = opened()
    made.begin()
    made.neither(COOL_DOWN)
    assert made.allows(COOL_DOWN)
    made.begin()
    made.failed(COOL_DOWN, Verdict.NEITHER)
    assert made.allows(COOL_DOWN)


def test_refused_credential_opens_at_once_and_a_hint_is_kept() -> None:
    made = breaker()
    assert made.failed(0, Verdict.OPENS)
    assert not made.allows(COOL_DOWN - 1)
    made = breaker()
    assert made.failed(0, Verdict.RESTS, 7)
    assert not made.allows(6.9)
    assert made.allows(7)
    made = breaker()
    made.failed(0, Verdict.RESTS, 10**9)
    assert made.open_until == COOL_DOWN * LONGEST_COOL_DOWN


def test_success_of_a_call_from_before_does_not_close_it() -> None:
    made = opened()
    made.succeeded(1, 1)
    assert not made.allows(1)


def test_clients_own_mistakes_say_nothing() -> None:
    made = breaker()
    for _ in range(100):
        assert not made.failed(0, Verdict.NEITHER)
    assert made.allows(0)


def test_second_attempts_are_a_tenth_of_the_first_ones() -> None:
    budget = RetryBudget(BURST)
    for _ in range(BURST):
        assert budget.spend()
    assert not budget.spend()
    for _ in range(11):
        budget.earn()
    assert budget.spend()
    assert not budget.spend()


def test_routes_with_one_account_and_one_upstream_model_share_a_breaker() -> None:
    health = Health(lambda: 0.0, FAILURES, COOL_DOWN, BURST)
    one, other = route(1), route(2)
    alias = msgspec.structs.replace(one, route_id=RouteId(UUID(int=5)), model_id="also-small")
    elsewhere = msgspec.structs.replace(one, upstream_model="large")
    for _ in range(FAILURES):
        health.breaker(one).failed(0, Verdict.COUNTS)
    assert [health.is_open(each) for each in (one, alias, other, elsewhere)] == [True, True, False, False]
    assert health.seconds_until_probe(one) == COOL_DOWN
    assert health.seconds_until_probe(other) == 0


def test_breakers_can_be_switched_off() -> None:
    health = Health(lambda: 0.0, FAILURES, 0, BURST)
    for _ in range(FAILURES):
        health.breaker(route()).failed(0, Verdict.COUNTS)
    assert not health.is_open(route())


def test_speed_follows_the_latest_calls() -> None:
    health = Health(lambda: 0.0, FAILURES, COOL_DOWN, BURST)
    assert health.speed(route()) is None
    health.breaker(route()).succeeded(0, 2.0)
    assert health.speed(route()) == pytest.approx(2.0)
    health.breaker(route()).succeeded(0, 1.0)
    assert health.speed(route()) == pytest.approx(1.9)
