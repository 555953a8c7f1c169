"""PURE  What the address of the model list asks for: the same address shows the same list."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass

from omna.catalog.model import INPUT_MODALITIES, Model
from omna.money import parse_credits
from omna.website.amounts import is_free

CAPABILITIES = ("tools", "json_schema", "vision", "reasoning")
CONTEXTS = (32_000, 128_000, 200_000, 1_000_000)
ORDERS = ("name", "price", "context", "newest")
_JSON_SCHEMA = frozenset({"structured_outputs", "response_format"})
_REASONING = frozenset({"reasoning", "reasoning_effort", "include_reasoning"})
_LONGEST_SEARCH = 100


@dataclass(frozen=True, slots=True)
class Wish:
    """search     words, each of which stands in a name, an id or another name
    takes      an input modality, "": any
    can        of CAPABILITIES, all of them
    provider   whose models, "": anybody's
    at_most    nanocredits for 1M tokens of input, None: any price
    context    the least tokens of context, 0: any
    free       only what costs nothing
    order      of ORDERS
    """

    search: str = ""
    takes: str = ""
    can: tuple[str, ...] = ()
    provider: str = ""
    at_most: int | None = None
    context: int = 0
    free: bool = False
    order: str = "name"

    @property
    def is_everything(self) -> bool:
        return self == Wish(order=self.order)


def wish_of(pairs: Iterable[tuple[str, str]]) -> Wish:
    """Return what an address asks for; what it says wrong is left out."""
    given: dict[str, list[str]] = {}
    for name, value in pairs:
        given.setdefault(name, []).append(value.strip())
    one: Mapping[str, str] = {name: values[-1] for name, values in given.items()}
    takes, order = one.get("takes", ""), one.get("sort", "")
    context = one.get("context", "")
    return Wish(
        search=one.get("q", "")[:_LONGEST_SEARCH],
        takes=takes if takes in INPUT_MODALITIES else "",
        can=tuple(name for name in CAPABILITIES if name in given.get("can", ())),
        provider=one.get("provider", "")[:_LONGEST_SEARCH],
        at_most=_amount(one.get("max", "")),
        context=int(context) if context.isascii() and context.isdigit() and len(context) < 9 else 0,
        free=one.get("free") == "1",
        order=order if order in ORDERS else ORDERS[0],
    )


def choose(models: Sequence[Model], aliases: Mapping[str, str], wish: Wish) -> list[Model]:
    """Return the models that fit, in the order that was asked for. aliases: other name → id."""
    words = wish.search.lower().split()
    found = []
    for model in models:
        names = [model.model_id, model.name, *(alias for alias, of in aliases.items() if of == model.model_id)]
        text = " ".join(names).lower()
        price = model.price.rates if model.price else None
        if (
            price is not None
            and all(word in text for word in words)
            and (not wish.takes or wish.takes in model.input_modalities)
            and set(wish.can) <= set(capabilities(model))
            and wish.provider in ("", provider_of(model))
            and (wish.at_most is None or price.prompt <= wish.at_most)
            and (wish.context == 0 or (model.context_length or 0) >= wish.context)
            and (not wish.free or is_free(price))
        ):
            found.append(model)
    return sorted(found, key=lambda model: (*_place(model, wish.order), model.name.lower(), model.model_id))


def capabilities(model: Model) -> list[str]:
    """Return what a model is known to be able to do, of CAPABILITIES."""
    takes = frozenset(model.supported_parameters or ())
    known = {
        "tools": "tools" in takes,
        "json_schema": not takes.isdisjoint(_JSON_SCHEMA),
        "vision": "image" in model.input_modalities,
        "reasoning": not takes.isdisjoint(_REASONING),
    }
    return [name for name in CAPABILITIES if known[name]]


def provider_of(model: Model) -> str:
    """Return whose model it is, as /v1/models says it."""
    return model.model_id.partition("/")[0] if "/" in model.model_id else "omna"


def _place(model: Model, order: str) -> tuple[float, ...]:
    match order:
        case "price":
            return (model.price.rates.prompt + model.price.rates.completion if model.price else 0,)
        case "context":
            return (-(model.context_length or 0),)
        case "newest":
            return (-model.created_at.timestamp(),)
        case _:
            return ()


def _amount(text: str) -> int | None:
    try:
        return max(0, parse_credits(text)) if text else None
    except ValueError:
        return None
