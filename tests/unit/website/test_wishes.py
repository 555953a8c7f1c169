"""The address of the model list, and prices as pages write them."""

from datetime import UTC, datetime, timedelta
from typing import Any

import msgspec
import pytest

from omna.catalog.model import Model, PriceVersion, Provider, Route, Snapshot, rates
from omna.gateway.fitting import PATHS
from omna.ids import PriceVersionId, ProviderId, RouteId, new_id
from omna.money import parse_credits
from omna.website import amounts
from omna.website.pages import model as model_page
from omna.website.shelf import Goods
from omna.website.wishes import Wish, capabilities, choose, wish_of

CREATED = datetime(2026, 1, 1, tzinfo=UTC)


def model(model_id: str, price: str, day: int = 0, **more: Any) -> Model:
    of = rates(parse_credits(price), 2 * parse_credits(price))
    made = Model(
        model_id, model_id, "", None, None, enabled=True, daily_cap=None, created_at=CREATED + timedelta(days=day),
        price=PriceVersion(PriceVersionId(new_id()), model_id, CREATED, of), routes=(),
    )  # fmt: skip
    return msgspec.structs.replace(made, **more)


MODELS = (
    model("acme/eyes", "3", 2, context_length=200_000, input_modalities=("text", "image")),
    model(
        "acme/tools", "0.5", 1, context_length=32_000, supported_parameters=("tools", "response_format", "reasoning")
    ),
    model("free", "0", 3, name="A gift"),
)


def ids(query: str) -> list[str]:
    pairs = [(name, value) for name, _, value in (part.partition("=") for part in query.split("&") if part)]
    return [one.model_id for one in choose(MODELS, {"eyes": "acme/eyes"}, wish_of(pairs))]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("", ["free", "acme/eyes", "acme/tools"]),
        ("q=ACME t", ["acme/tools"]),
        ("q=eyes", ["acme/eyes"]),
        ("takes=image", ["acme/eyes"]),
        ("can=tools&can=json_schema&can=reasoning", ["acme/tools"]),
        ("can=vision", ["acme/eyes"]),
        ("can=tools&can=vision", []),
        ("provider=omna", ["free"]),
        ("max=0.50", ["free", "acme/tools"]),
        ("context=128000", ["acme/eyes"]),
        ("free=1", ["free"]),
        ("sort=price", ["free", "acme/tools", "acme/eyes"]),
        ("sort=context", ["acme/eyes", "acme/tools", "free"]),
        ("sort=newest", ["free", "acme/eyes", "acme/tools"]),
        ("takes=smell&can=fly&max=lots&context=-1&sort=luck&free=yes", ["free", "acme/eyes", "acme/tools"]),
    ],
)
def test_address_says_which_models_are_shown_and_in_which_order(query: str, found: list[str]) -> None:
    assert ids(query) == found


def test_what_is_unknown_is_not_claimed() -> None:
    assert capabilities(MODELS[0]) == ["vision"]
    assert wish_of([("q", "x" * 500)]).search == "x" * 100
    assert Wish(order="price").is_everything


def test_amounts_have_every_digit_and_never_read_zero() -> None:
    for nano, text in ((0, "0.00"), (1, "0.000000001"), (25 * 10**9, "25.00"), (1234567 * 10**9 + 5 * 10**8, "1,234,567.50"), (-(10**9), "−1.00")):  # fmt: skip
        assert amounts.exact(nano) == text
    # 0.25 Credits at US$0.008 of a Credit.
    assert amounts.usd(parse_credits("0.25"), parse_credits("0.008")) == "0.002"


def test_a_class_that_a_model_does_not_have_is_no_zero() -> None:
    speech, of = model("speaks", "0", endpoints=("speech",)), rates(0, 0, character=5)
    assert set(amounts.token_prices(speech, of).values()) == {None}
    assert amounts.further_prices(of) == {"character": 5}
    chat = model("chats", "0.5")
    assert chat.price is not None
    assert amounts.token_prices(chat, rates(0, 7)) == {"prompt": 0, "completion": 7, "cached": 0}
    assert amounts.further_prices(chat.price.rates) == {}


def test_worked_example_is_rounded_up_once_as_a_receipt_is() -> None:
    # 500 × 0.25 + 300 × 2 Credits per million, and 1 nanocredit for a request.
    done = amounts.work_out(rates(parse_credits("0.25"), parse_credits("2"), request=1), 500, 300, 1000)
    assert (done.charge, done.total) == (725_001, 725_001_000)
    assert amounts.work_out(rates(1, 0), 1, 0).charge == 1


def test_paths_are_those_of_the_gateway() -> None:
    assert model_page.PATHS == PATHS


@pytest.mark.parametrize(
    ("stopped", "paused"), [((), False), (("api",), True), (("model:chats",), True), (("provider:acme",), True), (("provider:other",), False)]
)  # fmt: skip
def test_a_model_is_paused_when_nobody_would_be_answered(stopped: tuple[str, ...], paused: bool) -> None:
    acme = Provider(ProviderId(new_id()), "acme", "openai", "https://acme.example", None, False, True, None)
    route = Route(RouteId(new_id()), "chats", acme, "chats", 0, True, rates(0, 0))
    found = model("chats", "0.5", routes=(route,))
    goods = Goods((found,), Snapshot(1, None, {"chats": found}), dict.fromkeys(stopped, "Maintenance"), CREATED)
    assert goods.paused(found) is paused
    # Without a provider that is switched on there is nobody to ask.
    assert goods.paused(msgspec.structs.replace(found, routes=()))
