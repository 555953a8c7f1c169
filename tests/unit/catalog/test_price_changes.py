"""What a list would change, seen before it is written: prices follow the list, decisions of the operator do not."""

from datetime import UTC, datetime
from uuid import UUID

import pytest

from omna.catalog.model import Model, PriceVersion, Provider, Rates, Route, rates
from omna.catalog.price_changes import Line, lines_of
from omna.catalog.price_list import Listed, Refused
from omna.ids import PriceVersionId, ProviderId, RouteId

MOMENT = datetime(2026, 1, 1, tzinfo=UTC)
COSTS, PRICES = rates(100, 200), rates(110, 220)


def route(provider: str, upstream: str, *, priority: int = 0, costs: Rates = COSTS, enabled: bool = True) -> Route:
    at = Provider(
        ProviderId(UUID(int=len(provider))), provider, "openai", "https://x.example/v1", None, False, True, None
    )
    return Route(RouteId(UUID(int=100 + priority)), "m", at, upstream, priority, enabled, costs)


def model(model_id: str, *routes: Route, price: Rates | None = PRICES, enabled: bool = True) -> Model:
    version = None if price is None else PriceVersion(PriceVersionId(UUID(int=9)), model_id, MOMENT, price)
    return Model(model_id, model_id, "", None, None, enabled, None, MOMENT, version, routes)


def listed(
    model_id: str = "m", costs: Rates = COSTS, prices: Rates = PRICES, outputs: tuple[str, ...] = ("text",)
) -> Listed:
    return Listed(model_id, model_id, "", None, None, ("chat",), ("text",), outputs, None, costs, prices)


def line(one: Listed, *models: Model, aliases: tuple[str, ...] = (), free: bool = False) -> Line:
    (made,) = lines_of([one], [], models=models, aliases=aliases, provider="up", free=free)
    return made


def test_an_unknown_model_is_new_with_its_prices() -> None:
    made = line(listed(prices=rates(110, 220, cached=11, audio_prompt=900, request=3)))
    assert (made.what, made.route) == ("new", None)
    assert made.moves == {
        "prompt": (None, 110), "completion": (None, 220), "cached": (None, 11), "audio_prompt": (None, 900),
        "request": (None, 3),
    }  # fmt: skip


def test_the_same_prices_are_unchanged() -> None:
    assert line(listed(), model("m", route("up", "m"))).what == "unchanged"
    # A part that costs what its whole costs is the same with and without a price of its own.
    assert line(listed(prices=rates(110, 220, audio_prompt=110)), model("m", route("up", "m"))).what == "unchanged"


@pytest.mark.parametrize(
    ("prices", "what", "moves"),
    [
        (rates(120, 220), "up", {"prompt": (110, 120)}),
        (rates(110, 200), "down", {"completion": (220, 200)}),
        (rates(120, 200), "up and down", {"prompt": (110, 120), "completion": (220, 200)}),
        (rates(110, 220, cached=11), "down", {"cached": (110, 11)}),
        (rates(110, 220, image_completion=900), "up", {"image_completion": (220, 900)}),
        (rates(110, 220, request=5), "up", {"request": (0, 5)}),
    ],
)
def test_a_price_that_moves_says_from_where_to_where(
    prices: Rates, what: str, moves: dict[str, tuple[int, int]]
) -> None:
    made = line(listed(prices=prices), model("m", route("up", "m")))
    assert (made.what, made.moves, made.prices, made.costs) == (what, moves, prices, None)


def test_a_model_is_found_by_its_name_at_the_provider() -> None:
    made = line(listed("vendor/m", prices=rates(120, 220)), model("ours", route("up", "vendor/m")))
    assert (made.model_id, made.what) == ("ours", "up")


def test_only_the_first_route_sets_the_price() -> None:
    fallback = model("m", route("other", "m"), route("up", "m", priority=1))
    made = line(listed(costs=rates(50, 200), prices=rates(60, 220)), fallback)
    assert (made.what, made.moves, made.prices, made.costs) == ("costs", {}, None, rates(50, 200))
    assert line(listed(prices=rates(60, 220)), fallback).what == "unchanged"


def test_a_model_without_a_price_gets_one() -> None:
    made = line(listed(), model("m", route("up", "m"), price=None))
    assert (made.what, made.prices) == ("up", PRICES)


def test_what_a_list_cannot_say_is_kept() -> None:
    of = rates(100, 200, second=7, character=8)
    made = line(listed(prices=rates(120, 220)), model("m", route("up", "m", costs=of), price=of))
    assert made.prices == rates(120, 220, second=7, character=8)
    assert made.costs is None


@pytest.mark.parametrize(
    ("one", "reason"),
    [
        (listed(prices=rates(110_001, 220)), "factor of 1,000"),
        (listed(costs=rates(100, 200_001)), "factor of 1,000"),
        (listed(prices=rates(110, 220, cached=0)), "--free"),
        (listed(prices=rates(0, 220), costs=rates(0, 200)), "--free"),
    ],
)
def test_absurd_moves_are_refused(one: Listed, reason: str) -> None:
    made = line(one, model("m", route("up", "m")))
    assert made.what == "refused"
    assert reason in made.reason
    assert made.prices is made.costs is None


def test_a_fall_by_more_than_a_thousand_is_absurd_and_to_nothing_a_choice() -> None:
    dear = model("m", route("up", "m"), price=rates(110_001, 220))
    assert "factor" in line(listed(), dear).reason
    assert line(listed(prices=rates(0, 220)), dear, free=True).what == "down"
    assert line(listed(prices=rates(10**9, 220)), model("m", route("up", "m"), price=rates(0, 220))).what == "up"


def test_names_that_are_taken_are_refused() -> None:
    assert "alias" in line(listed(), aliases=("m",)).reason
    assert "other providers" in line(listed(), model("m", route("other", "m"))).reason


def test_what_a_model_makes_needs_its_price_here_too() -> None:
    made = line(listed(outputs=("text", "audio")))
    assert (made.what, "sound" in made.reason) == ("refused", True)
    paints = model("m", route("up", "m"))
    assert "pictures" in line(listed(), Model(*[getattr(paints, name) for name in Model.__struct_fields__[:10]],
                                              output_modalities=("text", "image"))).reason  # fmt: skip


def test_lines_are_sorted_and_hold_what_was_refused_while_reading() -> None:
    made = lines_of(
        [listed("b"), listed("a")], [Refused("ab", "odd")], models=(), aliases=(), provider="up", free=False
    )
    assert [(one.model_id, one.what) for one in made] == [("a", "new"), ("ab", "refused"), ("b", "new")]
