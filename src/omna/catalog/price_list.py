"""PURE  A provider's published list of models and prices, in OpenRouter's shape, to what would be sold here.

The list is somebody else's word: an entry that cannot be read without doubt is refused, alone, with the reason. Prices
are decimal strings of US$ per token; they become nanocredits per 1M tokens exactly and are rounded up once.
"""

import re
from collections.abc import Mapping
from decimal import Decimal
from fnmatch import fnmatchcase
from typing import Any

import msgspec

from omna.catalog.model import (
    INPUT_MODALITIES,
    MOST_PARAMETERS,
    OUTPUT_MODALITIES,
    PARAMETER,
    Rates,
    check_model,
    rates,
)
from omna.errors import InvalidValue
from omna.money import NANO_PER_CREDIT, TOKENS_PER_PRICE

MOST_LISTED = 10_000
#: Longer texts are cut: they are shown, and nothing else.
LONGEST_NAME, LONGEST_DESCRIPTION = 200, 2_000
#: US$ per unit. Nothing costs this much by the token and no picture costs less, so it tells prices of the two apart
#: where a list calls them by one name.
DEAREST_TOKEN = Decimal("0.001")

_USD = re.compile(r"-?[0-9]{1,12}(?:\.[0-9]{1,30})?(?:[eE][+-]?[0-9]{1,2})?")
#: Prices of what a request must ask for by a field of its own, which is refused where it is not sold, and facts that
#: change no price of ours: a discount is already a reason to pay less than was said here.
_NOT_SOLD = frozenset({"web_search", "discount", "overrides", "input_cache_write_1h", "input_audio_cache"})
_KNOWN = frozenset({
    "prompt", "completion", "input_cache_read", "input_cache_write", "internal_reasoning", "request", "audio",
    "audio_output", "image", "image_token", "image_output",
})  # fmt: skip


class Listed(msgspec.Struct, frozen=True):
    """A model of the list. `costs` are what the list says, `prices` the same with the markup on it."""

    model_id: str
    name: str
    description: str
    context_length: int | None
    max_output_tokens: int | None
    endpoints: tuple[str, ...]
    input_modalities: tuple[str, ...]
    output_modalities: tuple[str, ...]
    supported_parameters: tuple[str, ...] | None
    costs: Rates
    prices: Rates


class Refused(msgspec.Struct, frozen=True):
    """A model of the list that is not taken, and why."""

    model_id: str
    reason: str


class Terms(msgspec.Struct, frozen=True):
    """How a list becomes prices: US$ of one Credit, percent on top of the list, and whether free models are wanted."""

    usd_per_credit: Decimal
    markup: Decimal = Decimal(0)
    free: bool = False


def read_list(content: bytes, terms: Terms, match: str = "*") -> tuple[list[Listed], list[Refused]]:
    """Return the models whose ids match, by id: those that can be sold, and those that cannot.

    match   a pattern with `*` and `?`, upper and lower case apart
    Errors  InvalidValue when this is no list of models, or a list without any prices
    """
    entries = _entries(content)
    if entries and not any(isinstance(entry, dict) and isinstance(entry.get("pricing"), dict) for entry in entries):
        raise InvalidValue("This list has models and no prices; give each its price with `omna model add`.")
    listed: dict[str, Listed] = {}
    refused: dict[str, Refused] = {}
    for entry in entries:
        model_id = entry.get("id") if isinstance(entry, dict) else None
        if not isinstance(model_id, str) or not fnmatchcase(model_id, match):
            continue
        try:
            if model_id in listed or model_id in refused:
                raise InvalidValue("it is listed twice")
            listed[model_id] = _listed(model_id, entry, terms)
        except InvalidValue as error:
            listed.pop(model_id, None)
            refused[model_id] = Refused(_text(model_id, LONGEST_NAME), error.message)
    return [listed[key] for key in sorted(listed)], [refused[key] for key in sorted(refused)]


def nanocredits(usd: Decimal, per: int, terms: Terms, *, marked_up: bool) -> int:
    """Return what `per` units cost in nanocredits when one costs `usd`, exact and rounded up."""
    numerator, denominator = usd.as_integer_ratio()
    credit_numerator, credit_denominator = terms.usd_per_credit.as_integer_ratio()
    numerator *= per * NANO_PER_CREDIT * credit_denominator
    denominator *= credit_numerator
    if marked_up:
        more, hundred = (100 + terms.markup).as_integer_ratio()
        numerator *= more
        denominator *= 100 * hundred
    return -(-numerator // denominator)


def _entries(content: bytes) -> list[Any]:
    try:
        # Numbers stay the digits they were written with.
        document = msgspec.json.Decoder(float_hook=Decimal).decode(content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError, ArithmeticError):
        raise InvalidValue("This is no list of models: it is not JSON.") from None
    entries = document.get("data") if isinstance(document, dict) else document
    if not isinstance(entries, list):
        raise InvalidValue("This is no list of models: there is no `data` in it.")
    if len(entries) > MOST_LISTED:
        raise InvalidValue(f"This list has more than {MOST_LISTED:,} entries.")
    return entries


def _listed(model_id: str, entry: dict[str, Any], terms: Terms) -> Listed:
    pricing = entry.get("pricing")
    if not isinstance(pricing, dict):
        raise InvalidValue("it has no prices")
    architecture = _object(entry.get("architecture"))
    inputs = _names(architecture.get("input_modalities")) or ("text",)
    outputs = _names(architecture.get("output_modalities")) or ("text",)
    if strange := [modality for modality in outputs if modality not in OUTPUT_MODALITIES]:
        raise InvalidValue(f"it makes {', '.join(strange)}, which is not sold here")
    context = _length(entry.get("context_length"))
    first_step = _first_step(pricing.get("overrides"))
    if first_step is not None:
        # Prices hold below it; beyond it the model costs more than is read here.
        context = first_step if context is None else min(context, first_step)
    max_output = _length(_object(entry.get("top_provider")).get("max_completion_tokens"))
    check_model(model_id, model_id, context, max_output)
    amounts = _amounts(pricing)
    embeds = outputs == ("embeddings",)
    if not terms.free and (not amounts["prompt"] or (not amounts["completion"] and not embeds)):
        raise InvalidValue("it costs nothing; free models are taken with --free")
    return Listed(
        model_id=model_id,
        name=_text(entry.get("name"), LONGEST_NAME) or model_id,
        description=_text(entry.get("description"), LONGEST_DESCRIPTION),
        context_length=context,
        max_output_tokens=max_output,
        endpoints=("embeddings",) if embeds else ("chat",),
        input_modalities=tuple(modality for modality in INPUT_MODALITIES if modality in inputs) or ("text",),
        output_modalities=outputs,
        supported_parameters=_parameters(entry.get("supported_parameters")),
        costs=_rates(amounts, terms, marked_up=False),
        prices=_rates(amounts, terms, marked_up=True),
    )


def _amounts(pricing: Mapping[str, Any]) -> dict[str, Decimal]:
    """Return the list's prices by our classes, in US$ per unit.

    Errors  InvalidValue naming the price that is missing, negative, no number, or not known to this version
    """
    stated = {name: _usd(name, value) for name, value in pricing.items() if name in _KNOWN and value is not None}
    for name, value in pricing.items():
        if name not in _KNOWN and name not in _NOT_SOLD and _costs(value):
            raise InvalidValue(f"its price {_text(name, 40)!r} is not known to this version")
    for name in ("prompt", "completion"):
        if name not in stated:
            raise InvalidValue(f"its {name} price is missing")
    parts = {
        "cached": stated.get("input_cache_read"),
        "cache_write": stated.get("input_cache_write"),
        "reasoning": stated.get("internal_reasoning"),
        "audio_prompt": stated.get("audio"),
        "audio_completion": stated.get("audio_output"),
        "request": stated.get("request"),
        **_images(stated),
    }
    # Lists say 0 of what has no price of its own: such a part costs what the class costs it is a part of.
    own = {name: amount for name, amount in parts.items() if amount}
    return {"prompt": stated["prompt"], "completion": stated["completion"], **own}


def _images(stated: Mapping[str, Decimal]) -> dict[str, Decimal | None]:
    """Return the prices of pictures: made by the token or each; seen by the token.

    A price for each picture that is seen says what its prompt tokens cost, which are billed as such.
    """
    seen = stated.get("image_token") or stated.get("image")
    made = stated.get("image_output")
    by_token = made is not None and made < DEAREST_TOKEN
    return {
        "image_prompt": seen if seen is not None and seen < DEAREST_TOKEN else None,
        "image_completion": made if by_token else None,
        "image": None if by_token else made,
    }


def _rates(amounts: Mapping[str, Decimal], terms: Terms, *, marked_up: bool) -> Rates:
    return rates(
        **{
            name: nanocredits(usd, 1 if name in ("request", "image") else TOKENS_PER_PRICE, terms, marked_up=marked_up)
            for name, usd in amounts.items()
        }
    )


def _costs(value: Any) -> bool:
    """Whether a value of a list's prices is a price, and not 0."""
    text = _number(value)
    return text is not None and Decimal(text) != 0


def _number(value: Any) -> str | None:
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        return None
    text = str(value).strip()
    return text if _USD.fullmatch(text) else None


def _usd(name: str, value: Any) -> Decimal:
    text = _number(value)
    if text is None:
        raise InvalidValue(f"its {name} price is no amount of US$")
    usd = Decimal(text)
    if usd < 0:
        raise InvalidValue(f"its {name} price is below 0, which stands for a price that varies")
    return usd


def _first_step(overrides: Any) -> int | None:
    """Return how many prompt tokens the listed prices hold for, None for a model whose prices have no steps."""
    if overrides in (None, []):
        return None
    steps = (
        [_length(_object(step).get("min_prompt_tokens")) for step in overrides] if isinstance(overrides, list) else []
    )
    known = [step for step in steps if step is not None]
    if not known or len(known) < len(steps):
        raise InvalidValue("its price has steps that cannot be read")
    return min(known)


def _length(value: Any) -> int | None:
    return value if type(value) is int and value > 0 else None


def _object(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _names(value: Any) -> tuple[str, ...]:
    if not isinstance(value, list):
        return ()
    return tuple(dict.fromkeys(_text(name, 40) for name in value if isinstance(name, str)))


def _parameters(value: Any) -> tuple[str, ...] | None:
    names = tuple(name for name in _names(value) if PARAMETER.fullmatch(name))[:MOST_PARAMETERS]
    return names or None


def _text(value: Any, longest: int) -> str:
    """Return a text without what no terminal and no database takes."""
    if not isinstance(value, str | int | Decimal) or isinstance(value, bool):
        return ""
    return "".join(letter if letter.isprintable() else " " for letter in str(value)[:longest]).strip()
