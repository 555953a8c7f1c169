"""PURE  What a price list would change in the catalogue, line by line, before anything is written."""

from collections.abc import Collection, Sequence
from typing import Literal

import msgspec

from omna.catalog.margins import every
from omna.catalog.model import WHOLE, Model, Rates, Route, check_prices
from omna.catalog.price_list import Listed, Refused
from omna.errors import InvalidValue

#: A price that moves further than this, up or down, is a mistake of the list.
LARGEST_CHANGE = 1_000

#: `costs`: only what the operator pays changes, because another route of the model sets its price.
What = Literal["new", "up", "down", "up and down", "costs", "unchanged", "refused"]


class Line(msgspec.Struct, frozen=True):
    """What would become of one model.

    model_id       here, which may be another name than the list's
    moves          old and new price of the classes that change, nanocredits; of a new model the old one is None
    prices, costs  what would be written, None: stays
    route          the route whose costs are written, None for a new model
    """

    what: What
    model_id: str
    reason: str = ""
    listed: Listed | None = None
    moves: dict[str, tuple[int | None, int]] = {}
    prices: Rates | None = None
    costs: Rates | None = None
    route: Route | None = None


def lines_of(
    listed: Sequence[Listed],
    refused: Sequence[Refused],
    *,
    models: Sequence[Model],
    aliases: Collection[str],
    provider: str,
    free: bool,
) -> list[Line]:
    """Return what a list would change, by model id.

    A model is found by its name at this provider, whatever customers call it. Its price follows its first route: the
    list of a provider that is only fallen back to changes what the operator pays there, and not what customers do.
    """
    lines = [Line("refused", one.model_id, one.reason) for one in refused]
    known = {model.model_id: model for model in models}
    routes: dict[str, list[tuple[Model, Route]]] = {}
    for model in models:
        for route in model.routes:
            if route.provider.name == provider:
                routes.setdefault(route.upstream_model, []).append((model, route))
    for one in listed:
        owners = routes.get(one.model_id, ())
        for model, route in owners:
            lines.append(_change(one, model, route, free=free))
        if not owners:
            lines.append(_addition(one, known, aliases))
    return sorted(lines, key=lambda line: line.model_id)


def _addition(one: Listed, known: Collection[str], aliases: Collection[str]) -> Line:
    if one.model_id in aliases:
        return Line("refused", one.model_id, "this name is an alias")
    if one.model_id in known:
        return Line("refused", one.model_id, "other providers serve it; `omna model add` gives it a route to this one")
    try:
        check_prices(one.endpoints, one.output_modalities, one.prices)
    except InvalidValue as error:
        return Line("refused", one.model_id, error.message)
    moves = moves_of(None, one.prices)
    return Line("new", one.model_id, listed=one, moves=moves, prices=one.prices, costs=one.costs)


def _change(one: Listed, model: Model, route: Route, *, free: bool) -> Line:
    costs = _kept(one.costs, route.costs)
    sets_price = model.price is None or route.route_id == model.routes[0].route_id
    before = None if model.price is None else model.price.rates
    prices = one.prices if before is None else _kept(one.prices, before)
    try:
        check_prices(model.endpoints, model.output_modalities, prices)
        moves = moves_of(before, prices) if sets_price else {}
        cost_moves = moves_of(route.costs, costs)
        _refuse_absurd(moves, free=free)
        _refuse_absurd(cost_moves, free=free)
    except InvalidValue as error:
        return Line("refused", model.model_id, error.message)
    if not moves and not cost_moves:
        return Line("unchanged", model.model_id)
    return Line(
        _direction(moves),
        model.model_id,
        listed=one,
        moves=moves,
        prices=prices if moves else None,
        costs=costs if cost_moves else None,
        route=route,
    )


def _kept(new: Rates, old: Rates) -> Rates:
    """Return new rates with the old ones of what no list in this shape can say."""
    return msgspec.structs.replace(new, second=old.second, character=old.character)


def moves_of(before: Rates | None, after: Rates) -> dict[str, tuple[int | None, int]]:
    """Return the classes whose price changes. One that follows its whole, before and after, is not named again."""
    old, new = {} if before is None else every(before), every(after)
    follow = {part for part, whole in WHOLE.items() if new[part] == new[whole] and old.get(part) == old.get(whole)}
    return {
        name: (old.get(name), amount)
        for name, amount in new.items()
        if name not in follow and amount != old.get(name, None if name in ("prompt", "completion") else 0)
    }


def _refuse_absurd(moves: dict[str, tuple[int | None, int]], *, free: bool) -> None:
    for name, (old, new) in moves.items():
        if not old:
            continue
        if not new and not free:
            raise InvalidValue(f"its {name} price would become 0; free models are taken with --free")
        if new and (new > old * LARGEST_CHANGE or old > new * LARGEST_CHANGE):
            raise InvalidValue(f"its {name} price would be another by more than a factor of {LARGEST_CHANGE:,}")


def _direction(moves: dict[str, tuple[int | None, int]]) -> What:
    rises = any(old is None or new > old for old, new in moves.values())
    falls = any(old is not None and new < old for old, new in moves.values())
    if rises and falls:
        return "up and down"
    return "up" if rises else "down" if falls else "costs"
