"""PURE  What a model brings above what it costs: by class of tokens, and for every route that may answer it."""

from collections.abc import Iterable

import msgspec

from omna.catalog.model import WHOLE, Model, Rates, Route
from omna.errors import InvalidValue
from omna.ids import RouteId
from omna.money import format_credits


class Loss(msgspec.Struct, frozen=True):
    """A route on which a model is sold below cost.

    classes   the classes that cost more than they bring: price and cost, nanocredits
    """

    model_id: str
    route_id: RouteId
    provider: str
    upstream_model: str
    classes: dict[str, tuple[int, int]]


def every(of: Rates) -> dict[str, int]:
    """Return every class with what it costs, whether it has a price of its own or not."""
    amounts = {name: getattr(of, name) for name in Rates.__struct_fields__}
    return {name: amounts[WHOLE[name]] if amount is None else amount for name, amount in amounts.items()}


def is_free(prices: Rates) -> bool:
    return not any(every(prices).values())


def losses(prices: Rates, costs: Rates) -> dict[str, tuple[int, int]]:
    """Return the classes whose price is below their cost: price and cost."""
    of_price, of_cost = every(prices), every(costs)
    return {name: (price, of_cost[name]) for name, price in of_price.items() if price < of_cost[name]}


def open_routes(model: Model) -> list[Route]:
    """Return the routes that may answer: enabled ones at enabled providers."""
    return [route for route in model.routes if route.enabled and route.provider.enabled]


def losses_of(model: Model, prices: Rates) -> list[Loss]:
    """Return the open routes on which a model would be sold below cost at these prices."""
    found = [(route, losses(prices, route.costs)) for route in open_routes(model)]
    return [
        Loss(model.model_id, route.route_id, route.provider.name, route.upstream_model, classes)
        for route, classes in found
        if classes
    ]


def sold_below_cost(models: Iterable[Model]) -> list[Loss]:
    """Return where models that are on sale bring less than they cost, by model id."""
    return [
        loss
        for model in models
        if model.enabled and model.price is not None
        for loss in losses_of(model, model.price.rates)
    ]


def check_margin(model: Model, prices: Rates) -> None:
    """Errors: InvalidValue naming class, price, cost and route, when a price is below what an open route costs."""
    for loss in losses_of(model, prices):
        name, (price, cost) = next(iter(loss.classes.items()))
        raise InvalidValue(
            f"The {name} price of {format_credits(price)} is below its cost of {format_credits(cost)}"
            f" at {loss.provider}: this would be sold at a loss.",
            param=name,
        )


def check_free(model: Model, prices: Rates, *, free: bool) -> None:
    """Refuse a 0 that nobody chose: a model is free altogether and by decision, or each of its sides has a price.

    Errors  InvalidValue
    """
    if free:
        if not is_free(prices):
            raise InvalidValue("A free model has no price above 0.", param="free")
        return
    if is_free(prices):
        raise InvalidValue("These prices are all 0. If it is meant to be free, say so.", param="free")
    if prices.request:
        return
    if not prices.prompt and {"chat", "completions", "embeddings"}.intersection(model.endpoints):
        raise InvalidValue("The prompt price is missing.", param="prompt")
    if not prices.completion and {"chat", "completions"}.intersection(model.endpoints):
        raise InvalidValue("The completion price is missing.", param="completion")
