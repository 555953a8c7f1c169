from omna.gateway.routing import MOST_ATTEMPTS, plan
from tests.unit.gateway.made import model, route


def test_single_route_is_tried_twice() -> None:
    only = route(1)
    assert plan(model(only), only) == [only, only]


def test_admitted_route_comes_first_and_then_the_next_by_priority() -> None:
    one, two, three = route(1), route(2), route(3)
    assert plan(model(one, two, three), one) == [one, two]
    assert plan(model(one, two, three), two) == [two, one]
    assert len(plan(model(one, two, three), three)) == MOST_ATTEMPTS
