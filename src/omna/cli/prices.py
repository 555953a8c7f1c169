"""The options for prices and costs, the same for every command that sets them, and how they are shown."""

from dataclasses import dataclass
from typing import Annotated

from cyclopts import Parameter

from omna.catalog.model import WHOLE, Rates, rates
from omna.cli.parse import credits_of
from omna.money import format_credits


def _price(text: str) -> Parameter:
    return Parameter(help=f"Credits per {text}.")


def _part(text: str, whole: str) -> Parameter:
    return Parameter(help=f"Credits per 1M {text}; default: the {whole} price.")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Prices:
    """What customers pay."""

    prompt_price: Annotated[str, _price("1M prompt tokens")]
    completion_price: Annotated[str, _price("1M completion tokens")]
    cached_price: Annotated[str | None, _part("cached prompt tokens", "prompt")] = None
    cache_write_price: Annotated[str | None, _part("prompt tokens written to a cache", "prompt")] = None
    reasoning_price: Annotated[str | None, _part("reasoning tokens", "completion")] = None
    audio_prompt_price: Annotated[str | None, _part("prompt tokens of sound", "prompt")] = None
    audio_completion_price: Annotated[str | None, _part("completion tokens of sound", "completion")] = None
    image_prompt_price: Annotated[str | None, _part("prompt tokens of pictures", "prompt")] = None
    image_completion_price: Annotated[str | None, _part("completion tokens of pictures", "completion")] = None
    image_price: Annotated[str | None, _price("picture made")] = None
    second_price: Annotated[str | None, _price("second of sound that is sent")] = None
    character_price: Annotated[str | None, _price("1M characters that are spoken")] = None
    request_price: Annotated[str | None, _price("request")] = None


def _cost(of: str) -> Parameter:
    return Parameter(help=f"What the provider charges for {of}.")


@Parameter(name="*")
@dataclass(frozen=True, kw_only=True)
class Costs:
    """What the operator pays the provider."""

    prompt_cost: Annotated[str | None, _cost("prompt tokens; default: the prompt price")] = None
    completion_cost: Annotated[str | None, _cost("completion tokens; default: the completion price")] = None
    cached_cost: Annotated[str | None, _cost("cached prompt tokens")] = None
    cache_write_cost: Annotated[str | None, _cost("prompt tokens written to a cache")] = None
    reasoning_cost: Annotated[str | None, _cost("reasoning tokens")] = None
    audio_prompt_cost: Annotated[str | None, _cost("prompt tokens of sound")] = None
    audio_completion_cost: Annotated[str | None, _cost("completion tokens of sound")] = None
    image_prompt_cost: Annotated[str | None, _cost("prompt tokens of pictures")] = None
    image_completion_cost: Annotated[str | None, _cost("completion tokens of pictures")] = None
    image_cost: Annotated[str | None, _cost("a picture made")] = None
    second_cost: Annotated[str | None, _cost("a second of sound that is sent")] = None
    character_cost: Annotated[str | None, _cost("1M characters that are spoken")] = None
    request_cost: Annotated[str | None, _cost("a request")] = None


AS_PRICED = Costs()


def rates_of_prices(prices: Prices) -> Rates:
    """Return the price list an operator typed. Errors: InvalidValue naming the option."""
    return rates(**_given(prices, "price"))


def rates_of_costs(costs: Costs, prices: Prices) -> Rates:
    """Return what the provider charges; what is not given is the price.

    A class without a cost of its own follows the cost of the class it is part of, once that one is given.
    Errors  InvalidValue naming the option
    """
    given = _given(costs, "cost")
    inherited = {name: amount for name, amount in _given(prices, "price").items() if WHOLE.get(name) not in given}
    return rates(**{**inherited, **given})


def shown(of: Rates) -> dict[str, str]:
    """Return prices or costs in Credits, by class; a class without a price of its own is left out."""
    amounts = {name: getattr(of, name) for name in Rates.__struct_fields__}
    return {name: format_credits(amount) for name, amount in amounts.items() if amount is not None}


def _given(options: Prices | Costs, suffix: str) -> dict[str, int]:
    texts = {name: getattr(options, f"{name}_{suffix}") for name in Rates.__struct_fields__}
    return {
        name: credits_of(text, f"--{name.replace('_', '-')}-{suffix}")
        for name, text in texts.items()
        if text is not None
    }
