"""What an operator types as prices and costs: what is not given follows what is."""

import pytest

from omna.catalog.model import Rates, rates
from omna.cli.prices import AS_PRICED, Costs, Prices, rates_of_costs, rates_of_prices, shown
from omna.errors import InvalidValue

CREDIT = 10**9
PRICES = Prices(prompt_price="1", completion_price="2.5", cached_price="0.1", image_price="0.04", request_price="0")


def test_every_class_has_an_option_for_its_price_and_its_cost() -> None:
    assert set(Prices.__dataclass_fields__) == {f"{name}_price" for name in Rates.__struct_fields__}
    assert set(Costs.__dataclass_fields__) == {f"{name}_cost" for name in Rates.__struct_fields__}


def test_prices_are_those_that_were_given() -> None:
    assert rates_of_prices(PRICES) == rates(CREDIT, 25 * CREDIT // 10, cached=CREDIT // 10, image=4 * CREDIT // 100)


def test_costs_that_are_not_given_are_the_prices() -> None:
    assert rates_of_costs(AS_PRICED, PRICES) == rates_of_prices(PRICES)
    cheaper = rates_of_costs(Costs(completion_cost="2", image_cost="0.03"), PRICES)
    assert cheaper == rates(CREDIT, 2 * CREDIT, cached=CREDIT // 10, image=3 * CREDIT // 100)


def test_a_part_follows_the_cost_of_its_whole_once_that_is_given() -> None:
    assert rates_of_costs(Costs(prompt_cost="0.5"), PRICES).cached == CREDIT // 2
    assert rates_of_costs(Costs(prompt_cost="0.5", cached_cost="0.05"), PRICES).cached == CREDIT // 20


def test_an_amount_that_is_none_names_its_option() -> None:
    with pytest.raises(InvalidValue, match="--audio-prompt-price"):
        rates_of_prices(Prices(prompt_price="1", completion_price="1", audio_prompt_price="much"))
    with pytest.raises(InvalidValue, match="--second-cost"):
        rates_of_costs(Costs(second_cost="1e3"), PRICES)


def test_only_prices_of_their_own_are_shown() -> None:
    facts = shown(rates(CREDIT, CREDIT, audio_completion=0))
    assert facts["audio_completion"] == "0"
    assert "audio_prompt" not in facts
