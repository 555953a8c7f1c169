from typing import Any

import msgspec
import pytest

from omna.catalog.model import rates
from omna.gateway.bid import Bid
from omna.gateway.model import Target, Verdict
from omna.money import Nanocredits
from tests.unit.gateway.made import call, model, price, route, ticket

CHEAP, DEAR = rates(1_000_000, 1_000_000), rates(50_000_000, 50_000_000)


def target(model_id: str, provider: int, of: Any = CHEAP) -> Target:
    made = msgspec.structs.replace(model(), model_id=model_id)
    return Target(model_id, made, price(of), route(provider))


def verdict(name: str, *, note: str | None = None, limit: int = 0, used: int = 0, held: int = 0) -> Verdict:
    return {"verdict": name, "note": note, "limit_amount": limit, "used": used, "held": held}


def names(bid: Bid) -> list[tuple[str, str]]:
    return [(one.asked, one.route.provider.name) for one in bid.targets]


@pytest.mark.parametrize("refused", [verdict("provider_cap"), verdict("emergency_stop", note="provider:provider1")])
def test_refused_provider_is_left_out_in_every_model(refused: Verdict) -> None:
    bid = Bid(call(), [target("a", 1), target("a", 2), target("b", 1), target("b", 3)])
    assert bid.narrow(refused)
    assert names(bid) == [("a", "provider2"), ("b", "provider3")]


@pytest.mark.parametrize(
    "refused", [verdict("model_cap"), verdict("model_not_allowed"), verdict("emergency_stop", note="model:a")]
)
def test_refused_model_is_left_out_with_all_its_routes(refused: Verdict) -> None:
    bid = Bid(call(), [target("a", 1), target("a", 2), target("b", 1)])
    assert bid.narrow(refused)
    assert names(bid) == [("b", "provider1")]


@pytest.mark.parametrize("limit", ["balance", "key_limit", "member_limit", "workspace_limit"])
def test_limit_on_money_gives_up_the_fallbacks_and_not_the_request(limit: str) -> None:
    bid = Bid(call(), [target("a", 1), target("a", 2), target("b", 1, DEAR)])
    assert bid.narrow(verdict(limit))
    assert names(bid) == [("a", "provider1"), ("a", "provider2")]
    assert not bid.narrow(verdict(limit))


@pytest.mark.parametrize(
    "refused",
    [verdict("emergency_stop", note="all"), verdict("emergency_stop", note="api"), verdict("key_rpm"),
     verdict("invalid_api_key"), verdict("account_frozen"), verdict("stale_catalog")],
)  # fmt: skip
def test_what_concerns_the_caller_is_not_got_round(refused: Verdict) -> None:
    bid = Bid(call(), [target("a", 1), target("b", 2)])
    assert not bid.narrow(refused)
    assert len(bid.targets) == 2


@pytest.mark.parametrize("refused", [verdict("provider_cap"), verdict("model_cap"), verdict("balance")])
def test_last_target_is_never_left_out(refused: Verdict) -> None:
    bid = Bid(call(), [target("a", 1)])
    assert not bid.narrow(refused)
    assert names(bid) == [("a", "provider1")]


def test_answer_shrinks_to_what_a_limit_leaves_as_long_as_it_leaves_a_token() -> None:
    of = ticket(CHEAP, amount=1_000)
    bid = Bid(of.call, [target("a", 1)])
    # The prompt of 10 tokens is held at 125 %: 13 nanocredits, and a token of output is one more.
    assert bid.shrink(of, verdict("balance", limit=100, used=0, held=40))
    assert bid.available == 60
    assert not bid.shrink(of, verdict("balance", limit=60))  # no less than before: it would be asked for for ever
    assert bid.shrink(of, verdict("balance", limit=14))
    assert not Bid(of.call, [target("a", 1)]).shrink(of, verdict("balance", limit=13))


def test_answer_whose_length_the_client_named_does_not_shrink() -> None:
    of = ticket(CHEAP, amount=1_000, max_tokens=50)
    assert not Bid(of.call, [target("a", 1)]).shrink(of, verdict("balance", limit=100))


def test_cap_counts_provider_cost_and_is_scaled_to_the_price() -> None:
    of = ticket(CHEAP, amount=1_000)
    of.provider_amount = Nanocredits(500)
    bid = Bid(of.call, [target("a", 1)])
    assert bid.shrink(of, verdict("model_cap", limit=100))
    assert bid.available == 200


@pytest.mark.parametrize("name", ["key_rpm", "emergency_stop", "account_frozen"])
def test_refusal_that_no_length_helps_does_not_shrink(name: str) -> None:
    of = ticket(CHEAP, amount=1_000)
    assert not Bid(of.call, [target("a", 1)]).shrink(of, verdict(name, limit=100))
