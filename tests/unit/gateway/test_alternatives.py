from datetime import UTC, datetime, timedelta

import msgspec

from omna.catalog.model import Model, PriceVersion, Snapshot, rates
from omna.gateway.alternatives import Paused
from tests.unit.gateway.made import call, model, price, route

NOW = datetime(2026, 5, 4, 12, tzinfo=UTC)


def named(name: str, completion: int, number: int, **changes: object) -> Model:
    of: PriceVersion = price(rates(1, completion))
    return msgspec.structs.replace(model(route(number)), model_id=name, price=of, **changes)


ASKED = named("asked", 10, 1)
SHELF = (
    ASKED, named("dear", 90, 2), named("near", 12, 3), named("ears", 10, 4, endpoints=("transcriptions",)),
    named("secret", 10, 5, hidden=True),
)  # fmt: skip
SNAPSHOT = Snapshot(1, None, {one.model_id: one for one in SHELF})


def advised(paused: Paused, moment: datetime = NOW, shut: int | None = None) -> str | None:
    open_ = [one.provider.name == f"provider{shut}" for model in SHELF for one in model.routes]
    assert shut is None or any(open_)
    return paused.alternative(call(), ASKED, SNAPSHOT, moment, lambda one: one.provider.name == f"provider{shut}")


def test_nearest_price_that_can_take_the_call_is_named() -> None:
    assert advised(Paused()) == "near"
    assert advised(Paused(), shut=3) == "dear"


def test_what_is_paused_itself_is_not_named_until_it_resets() -> None:
    paused = Paused()
    until = NOW + timedelta(hours=1)
    paused.note({"verdict": "provider_cap", "resets_at": until}, SHELF[2], SHELF[2].routes[0])
    assert advised(paused) == "dear"
    paused.note({"verdict": "model_cap", "resets_at": until}, SHELF[1], SHELF[1].routes[0])
    assert advised(paused) is None
    assert advised(paused, until) == "near"
    paused.note({"verdict": "balance", "resets_at": None}, SHELF[2], SHELF[2].routes[0])
