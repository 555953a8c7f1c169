"""PURE  Credits and US$ as pages show them: every digit, at least two decimals; what is not zero never reads 0."""

from collections.abc import Mapping
from dataclasses import dataclass

from omna.catalog.model import Model, Rates
from omna.money import TOKENS_PER_PRICE, format_decimal, round_up

_LEAST_DECIMALS = 2


def exact(units: int, decimals: int = 9) -> str:
    """Return `units × 10^-decimals` with every digit and at least two decimals, thousands grouped."""
    whole, _, fraction = format_decimal(units, decimals).partition(".")
    sign, digits = ("−", whole[1:]) if whole.startswith("-") else ("", whole)
    return f"{sign}{int(digits):,}.{fraction.ljust(_LEAST_DECIMALS, '0')}"


def usd(amount: int, rate: int) -> str:
    """Return what nanocredits are in US$, exactly. rate: nano-dollars of one Credit."""
    return exact(amount * rate, 18)


def is_free(rates: Rates) -> bool:
    """Return whether nothing costs anything: an operator has to say so explicitly."""
    return not any(getattr(rates, name) for name in Rates.__struct_fields__)


def sells_text(model: Model) -> bool:
    return not {"chat", "completions"}.isdisjoint(model.endpoints)


def token_prices(model: Model, rates: Rates) -> Mapping[str, int | None]:
    """Return what 1M tokens cost by class, in nanocredits. None: this model is not sold by that class."""
    makes_text = sells_text(model)

    def of(amount: int, occurs: bool) -> int | None:
        return amount if amount or (occurs and (makes_text or is_free(rates))) else None

    return {
        "prompt": of(rates.prompt, True),
        "completion": of(rates.completion, makes_text),
        "cached": of(rates.cached, makes_text) if makes_text else None,
    }


#: Further classes: in nanocredits per 1M, or per unit.
_FURTHER = (
    "cache_write", "reasoning", "audio_prompt", "audio_completion", "image_prompt", "image_completion", "request",
    "image", "second", "character",
)  # fmt: skip
#: The class whose price these have when they have none of their own, and which then needs no line.
_SAME_AS = {"cache_write": "prompt", "reasoning": "completion"}


def further_prices(rates: Rates) -> Mapping[str, int]:
    """Return the other classes that have a price of their own, by class."""
    found: dict[str, int] = {}
    for name in _FURTHER:
        amount = getattr(rates, name)
        if amount is not None and amount != (getattr(rates, _SAME_AS[name]) if name in _SAME_AS else 0):
            found[name] = amount
    return found


@dataclass(frozen=True, slots=True)
class Sum:
    """What a number of chats would cost. Amounts are nanocredits; the charge of one chat is rounded up once."""

    asked: int
    answered: int
    chats: int
    charge: int
    total: int


def work_out(rates: Rates, asked: int, answered: int, chats: int = 1) -> Sum:
    """Return what requests of so many tokens cost at these prices, nothing of them cached."""
    charge = round_up(asked * rates.prompt + answered * rates.completion, TOKENS_PER_PRICE) + rates.request
    return Sum(asked, answered, chats, charge, charge * chats)
