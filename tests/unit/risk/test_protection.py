import pytest

from omna.errors import InvalidValue
from omna.money import NANO_PER_CREDIT
from omna.risk.protection.judging import Calls, CapUse, caps_in_use, failing, overspending
from omna.risk.protection.thresholds import BOUNDS, Thresholds, check, defaults, of_rows

T = Thresholds()
CREDIT = NANO_PER_CREDIT


def use(spent: int, held: int = 0, cap: int = 1000) -> CapUse:
    return CapUse("provider.cap", "p", cap, spent, held)


def test_a_cap_is_told_at_80_percent_and_is_used_up_at_99() -> None:
    told, still = caps_in_use([use(799), use(800), use(700, 289), use(700, 290), use(0, cap=0)], T)
    assert told == [use(800), use(700, 290), use(0, cap=0)]
    assert [one.used_up for one in told] == [False, True, True]
    assert still == [use(799), *told], "an alert that is open ends at 75 %"
    assert caps_in_use([use(749)], T) == ([], [])


def test_one_failing_model_is_the_smallest_scope() -> None:
    [found] = failing([Calls("p", "a", 20, 10), Calls("p", "b", 50, 0), Calls("p", "c", 50, 0)], T)
    assert (found.model, found.scope, found.percent, found.subject) == ("a", "model:a", 50, "a @ p")
    [found] = failing([Calls("p", "a", 30, 30)], T)
    assert found.scope == "model:a", "the only model of a provider is smaller than the provider"


def test_when_most_models_fail_it_is_the_provider() -> None:
    [found] = failing([Calls("p", "a", 10, 9), Calls("p", "b", 10, 8), Calls("p", "c", 2, 0)], T)
    assert (found.model, found.scope, found.calls, found.failures) == (None, "provider:p", 22, 17)
    assert [one.model for one in failing([Calls("p", "a", 30, 30), Calls("p", "b", 30, 0)], T)] == ["a"]


def test_a_model_that_another_provider_answers_is_not_stopped() -> None:
    counts = [Calls("p", "a", 30, 30), Calls("p", "b", 30, 0), Calls("q", "a", 30, 0)]
    assert [(one.subject, one.scope) for one in failing(counts, T)] == [("a @ p", None)]
    both = [Calls("p", "a", 30, 30), Calls("p", "b", 30, 0), Calls("q", "a", 30, 29)]
    assert [one.scope for one in failing(both, T)] == ["model:a", "model:a"]


def test_few_calls_and_few_failures_say_nothing() -> None:
    assert failing([Calls("p", "a", 19, 19)], T) == []
    assert failing([Calls("p", "a", 100, 49)], T) == []
    assert failing([], T) == []


def test_spending_is_compared_with_the_median_of_the_hour() -> None:
    # 15 minutes of an hour whose median is 16 Credits: 4 are usual, 20 are five times as much.
    days = [[16 * CREDIT] * 8 + [1000 * CREDIT] * 6]
    assert overspending({"p": 20 * CREDIT - 1}, {"p": days}, {}, T) == []
    found = overspending({"p": 20 * CREDIT}, {"p": days}, {"p": {"a": 10 * CREDIT, "b": 10 * CREDIT}}, T)
    assert [(one.provider, one.scope, one.times) for one in found] == [(None, None, 500), ("p", "provider:p", 500)]


def test_the_busier_of_two_hours_counts_and_a_floor_holds_for_the_new() -> None:
    quiet_then_busy = {"p": [[0] * 14, [160 * CREDIT] * 14]}
    assert overspending({"p": 100 * CREDIT}, quiet_then_busy, {}, T) == []
    assert overspending({"p": 19 * CREDIT}, {}, {}, T) == []
    [_, found] = overspending({"p": 21 * CREDIT}, {}, {}, T)
    assert found.times is None


def test_a_model_that_makes_most_of_the_cost_is_stopped_alone() -> None:
    [_, found] = overspending({"p": 100 * CREDIT}, {}, {"p": {"a": 80 * CREDIT, "b": 20 * CREDIT}}, T)
    assert found.scope == "model:a"


def test_nothing_larger_than_a_provider_is_ever_named() -> None:
    found = overspending({"p": 10**6 * CREDIT, "q": 10**6 * CREDIT}, {}, {}, T)
    assert {one.scope for one in found} == {None, "provider:p", "provider:q"}


def test_thresholds_have_bounds() -> None:
    assert set(defaults()) == set(BOUNDS)
    check(defaults())
    assert of_rows({"errors_percent": 30, "gone": 1}).errors_percent == 30
    for wrong in (
        {"errors_percent": 0},
        {"errors_percent": 101},
        {"nothing": 1},
        {"spend_floor": 0},
        {"errors_stop": 2},
    ):
        with pytest.raises(InvalidValue):
            check(wrong)
    assert (T.errors_stop, T.spend_stop) == (0, 0), "nothing is stopped unless somebody wants it"
