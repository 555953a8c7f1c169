import pytest

from omna.catalog.margins import check_free, check_margin, losses, sold_below_cost
from omna.catalog.model import Model, PriceVersion, Provider, Rates, Route, rates
from omna.clock import now
from omna.errors import InvalidValue
from omna.ids import PriceVersionId, ProviderId, RouteId, new_id


def model(
    prices: Rates | None, *costs: Rates, closed: bool = False, enabled: bool = True, endpoint: str = "chat"
) -> Model:
    def route(of: Rates) -> Route:
        provider = Provider(
            ProviderId(new_id()), "acme", "openai", "https://a.example", None, False, enabled=True, daily_cap=None
        )
        return Route(RouteId(new_id()), "m", provider, "m-up", 0, enabled=not closed, costs=of)

    price = None if prices is None else PriceVersion(PriceVersionId(new_id()), "m", now(), prices)
    routes = tuple(route(of) for of in costs)
    return Model("m", "M", "", None, None, enabled, None, now(), price, routes, endpoints=(endpoint,))


def test_every_class_is_compared_with_its_cost() -> None:
    assert losses(rates(10, 20), rates(10, 20)) == {}
    assert losses(rates(10, 20), rates(9, 21)) == {"completion": (20, 21), "reasoning": (20, 21), "audio_completion": (20, 21), "image_completion": (20, 21)}  # fmt: skip
    # A class without a price of its own follows its whole, on both sides.
    assert losses(rates(10, 20, audio_prompt=5), rates(6, 1)) == {"audio_prompt": (5, 6)}
    assert losses(rates(10, 20), rates(1, 1, cached=11)) == {"cached": (10, 11)}
    assert losses(rates(10, 20), rates(1, 1, request=1)) == {"request": (0, 1)}


def test_sold_below_cost_names_open_routes_of_models_on_sale() -> None:
    (loss,) = sold_below_cost([model(rates(10, 10), rates(1, 1), rates(10, 12))])
    assert (loss.model_id, loss.provider, loss.classes["completion"]) == ("m", "acme", (10, 12))
    for other in (
        model(rates(10, 10), rates(10, 10)),
        model(rates(10, 10), rates(99, 99), closed=True),
        model(rates(10, 10), rates(99, 99), enabled=False),
        model(None, rates(99, 99)),
    ):
        assert sold_below_cost([other]) == []


def test_price_below_a_cost_is_refused_with_its_numbers() -> None:
    with pytest.raises(
        InvalidValue, match=r"completion price of 0\.00000001 is below its cost of 0\.000000012 at acme"
    ):
        check_margin(model(None, rates(10, 12)), rates(10, 10))
    check_margin(model(None, rates(10, 12)), rates(10, 12))


@pytest.mark.parametrize(
    ("prices", "free", "endpoint", "param"),
    [
        (rates(0, 0), False, "chat", "free"),
        (rates(0, 1), True, "chat", "free"),
        (rates(0, 1), False, "chat", "prompt"),
        (rates(1, 0), False, "chat", "completion"),
        (rates(0, 0, image=1), False, "chat", "prompt"),
    ],
)
def test_zero_that_nobody_chose_is_refused(prices: Rates, free: bool, endpoint: str, param: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        check_free(model(None, endpoint=endpoint), prices, free=free)
    assert refused.value.param == param


def test_zero_is_right_where_it_was_chosen_or_nothing_is_sold_so() -> None:
    check_free(model(None), rates(0, 0), free=True)
    check_free(model(None), rates(0, 0, request=5), free=False)
    check_free(model(None, endpoint="embeddings"), rates(1, 0), free=False)
    check_free(model(None, endpoint="images"), rates(0, 0, image=5), free=False)
