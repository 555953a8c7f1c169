"""PURE  A charge taken apart: tokens and units of each class × the price of the version, as a receipt shows it."""

from dataclasses import dataclass

from omna.catalog.model import Rates
from omna.gateway.model import Tokens
from omna.money import TOKENS_PER_PRICE


@dataclass(frozen=True, slots=True)
class Line:
    """One class. `price` is nanocredits for `per` units; `cost` is exact, in 10⁻⁶ nanocredits."""

    name: str
    count: int
    unit: str
    price: int
    per: int

    @property
    def cost(self) -> int:
        return self.count * self.price * (TOKENS_PER_PRICE // self.per)


def receipt_lines(tokens: Tokens, rates: Rates, unrounded: int) -> list[Line]:
    """Return the lines that make up `unrounded`: their costs are the parts of metering.charge.

    unrounded   as it was charged. A request that was broken off paid no price per request, and its line is left out
    """
    plain_prompt = tokens.prompt - tokens.cached - tokens.cache_write - tokens.audio_prompt - tokens.image_prompt
    plain_completion = tokens.completion - tokens.reasoning - tokens.audio_completion - tokens.image_completion
    million = TOKENS_PER_PRICE
    lines = [
        Line("prompt", plain_prompt, "token", rates.prompt, million),
        Line("cached", tokens.cached, "token", rates.cached, million),
        Line("cache_write", tokens.cache_write, "token", rates.cache_write, million),
        Line("audio_prompt", tokens.audio_prompt, "token", _or(rates.audio_prompt, rates.prompt), million),
        Line("image_prompt", tokens.image_prompt, "token", _or(rates.image_prompt, rates.prompt), million),
        Line("completion", plain_completion, "token", rates.completion, million),
        Line("reasoning", tokens.reasoning, "token", rates.reasoning, million),
        Line(
            "audio_completion", tokens.audio_completion, "token", _or(rates.audio_completion, rates.completion), million
        ),
        Line(
            "image_completion", tokens.image_completion, "token", _or(rates.image_completion, rates.completion), million
        ),
        Line("image", tokens.images, "image", rates.image, 1),
        Line("second", tokens.seconds, "second", rates.second, 1),
        Line("character", tokens.characters, "character", rates.character, million),
        Line("request", 1, "request", rates.request, 1),
    ]
    shown = [line for line in lines if line.count and (line.cost or line.unit == "token")]
    if rates.request and sum(line.cost for line in shown) == unrounded + rates.request * million:
        shown = [line for line in shown if line.name != "request"]
    return shown


def _or(rate: int | None, whole: int) -> int:
    return whole if rate is None else rate
