import random

import pytest

from omna.catalog.model import Model, Route, rates
from omna.gateway.model import NO_PREFERENCES, Preferences, Target
from omna.gateway.routing import MOST_CANDIDATES, attempts, targets
from tests.unit.gateway.made import model, route


def ordered(
    *models: Model,
    preferences: Preferences = NO_PREFERENCES,
    shut: tuple[Route, ...] = (),
    speeds: dict[Route, float] | None = None,
    seed: int = 1,
) -> list[Route]:
    """Return the routes of the targets, in order."""
    found = targets(
        [(made.model_id, made) for made in models], preferences, is_open=lambda route: route in shut,
        speed=(speeds or {}).get, draw=random.Random(seed).random,
    )  # fmt: skip
    return [target.route for target in found]


def test_routes_are_tried_by_priority_and_open_ones_are_left_out() -> None:
    one, two, three = route(1), route(2), route(3)
    assert ordered(model(three, one, two)) == [one, two, three]
    assert ordered(model(one, two, three), shut=(one,)) == [two, three]
    assert ordered(model(one), shut=(one,)) == []


def test_fallback_models_come_after_every_route_of_the_first() -> None:
    one, two, three = route(1), route(2), route(3)
    found = targets(
        [("first", model(one, two)), ("alias", model(three))], NO_PREFERENCES, is_open=lambda _: False,
        speed=lambda _: None, draw=lambda: 0.5,
    )  # fmt: skip
    assert [(target.asked, target.route) for target in found] == [("first", one), ("first", two), ("alias", three)]


def test_routes_of_one_priority_share_the_load_by_weight() -> None:
    light = route(1, priority=0)
    heavy = route(2, priority=0, weight=3)
    later = route(3, priority=1)
    made = model(light, heavy, later)
    first = [ordered(made, seed=seed)[0] for seed in range(4_000)]
    assert later not in first
    # Three of four, and no draw of 4,000 strays by four standard deviations.
    assert 0.72 < first.count(heavy) / len(first) < 0.78
    assert all(ordered(made, seed=seed)[2] == later for seed in range(20))


def test_preferences_name_order_allow_and_deny_providers() -> None:
    one, two, three = route(1), route(2), route(3)
    made = model(one, two, three)
    assert ordered(made, preferences=Preferences(order=("provider3", "provider2"))) == [three, two, one]
    assert ordered(made, preferences=Preferences(only=("provider2",))) == [two]
    assert ordered(made, preferences=Preferences(ignore=("provider1",))) == [two, three]
    assert ordered(made, preferences=Preferences(only=("elsewhere",))) == []
    assert ordered(made, model(one), preferences=Preferences(allow_fallbacks=False)) == [one]
    assert ordered(model(one), preferences=Preferences(ignore=("provider1",))) == []


def test_sort_prefers_the_cheap_or_the_fast_and_lets_an_unknown_one_show_itself() -> None:
    dear, cheap = route(1, rates(10, 10)), route(2, rates(1, 1))
    assert ordered(model(dear, cheap), preferences=Preferences(sort="price")) == [cheap, dear]
    slow, fast, unknown = route(1), route(2), route(3)
    for sort in ("latency", "throughput"):
        found = ordered(
            model(slow, fast, unknown),
            preferences=Preferences(sort=sort),
            speeds={slow: 2.0, fast: 0.1},  # type: ignore[arg-type]
        )
        assert found == [unknown, fast, slow]


@pytest.mark.parametrize("others", [0, 1, 5])
def test_a_request_has_few_candidates_and_asks_a_single_route_twice(others: int) -> None:
    made = [Target("small", model(), model().price, route(number)) for number in range(others + 1)]  # type: ignore[arg-type]
    found = attempts(made[0], made[1:])
    assert found == ([made[0], made[0]] if not others else made[:MOST_CANDIDATES])
