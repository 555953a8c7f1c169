"""PURE: which model a body asks for, which ones instead, and at which providers: the same fields in every dialect."""

from typing import Any, Literal, cast

import msgspec

from omna.errors import InvalidValue, MissingRequiredParameter
from omna.gateway.model import NO_PREFERENCES, Preferences

LONGEST_MODEL_ID = 256
MOST_FALLBACKS = 4
MOST_PROVIDERS = 32

_SORTS = ("price", "latency", "throughput")
_LISTS = ("order", "only", "ignore")


class Wishes(msgspec.Struct, frozen=True):
    """What a request asks for: `model`, then `models` in order, at providers of its liking."""

    model: str
    fallbacks: tuple[str, ...]
    preferences: Preferences


def parse_wishes(body: dict[str, Any]) -> Wishes:
    """Return the wishes of a body: `model`, `models` and `provider`. Both may name the model; one must.

    Errors  MissingRequiredParameter, InvalidValue, each naming the field
    """
    model = body.get("model")
    models = body.get("models")
    others: list[str] = []
    if models is not None:
        if not isinstance(models, list) or not 0 < len(models) <= MOST_FALLBACKS + 1:
            raise InvalidValue(f"`models` must be a list of 1 to {MOST_FALLBACKS + 1} model ids.", param="models")
        others = [_model(one, f"models[{number}]") for number, one in enumerate(models)]
    if model is None:
        if not others:
            raise MissingRequiredParameter(
                "`model` is missing. GET /v1/models lists the models you can use.", param="model"
            )
        model = others.pop(0)
    first = _model(model, "model")
    fallbacks = tuple(dict.fromkeys(other for other in others if other != first))
    preferences = body.get("provider")
    return Wishes(first, fallbacks, NO_PREFERENCES if preferences is None else _preferences(preferences))


def _model(value: Any, path: str) -> str:
    if not isinstance(value, str) or not 0 < len(value) <= LONGEST_MODEL_ID or "\0" in value:
        raise InvalidValue(f"`{path}` must be the id of a model, a string.", param=path)
    return value


def _preferences(stated: Any) -> Preferences:
    if not isinstance(stated, dict):
        raise InvalidValue('`provider` must be an object such as {"order": ["openai"]}.', param="provider")
    lists = {name: _names(stated[name], name) for name in _LISTS if stated.get(name) is not None}
    fallbacks = stated.get("allow_fallbacks")
    if fallbacks is not None and not isinstance(fallbacks, bool):
        raise InvalidValue("`provider.allow_fallbacks` must be true or false.", param="provider.allow_fallbacks")
    sort = stated.get("sort")
    if sort is not None and sort not in _SORTS:
        raise InvalidValue(f"`provider.sort` must be one of {', '.join(_SORTS)}.", param="provider.sort")
    return Preferences(
        **lists,
        allow_fallbacks=fallbacks is not False,
        sort=cast(Literal["price", "latency", "throughput"] | None, sort),
    )


def _names(value: Any, field: str) -> tuple[str, ...]:
    path = f"provider.{field}"
    if not isinstance(value, list) or len(value) > MOST_PROVIDERS or not all(isinstance(one, str) for one in value):
        raise InvalidValue(f"`{path}` must be a list of provider names, at most {MOST_PROVIDERS}.", param=path)
    return tuple(value)
