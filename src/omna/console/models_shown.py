"""How models are shown to staff."""

from datetime import datetime
from typing import Any

from omna.catalog import pricing
from omna.catalog import service as catalog
from omna.catalog.margins import every, is_free, losses, open_routes
from omna.catalog.model import Model, Rates, Route, rates
from omna.clock import now
from omna.console.model_schemas import (
    ClassMargin,
    ComingPrice,
    ModelRouteRow,
    ModelUsage,
    PriceVersionRow,
    RatesIn,
    RatesOut,
    StaffModelRow,
    Standing,
)
from omna.db.pool import Connection
from omna.ids import show
from omna.money import parse_credits
from omna.risk import service as risk
from omna.usage import platform

#: Days of usage beside a model, today included.
USAGE_DAYS = 30


def address_of(model_id: str) -> str:
    """Return a model's id as it stands in addresses: no id has a `~`."""
    return model_id.replace("/", "~")


def id_of(address: str) -> str:
    return address.replace("~", "/")


def rates_out(of: Rates) -> RatesOut:
    return RatesOut(**{name: getattr(of, name) for name in Rates.__struct_fields__})


def rates_in(of: RatesIn) -> Rates:
    """Errors: InvalidValue naming the class whose price is negative or absurd."""
    given = {name: text for name, text in of.model_dump().items() if text is not None}
    return rates(**{name: parse_credits(text) for name, text in given.items()})


def row(model: Model, costs: dict[str, tuple[int, int]]) -> StaffModelRow:
    """Return a model as a row. costs: what models cost today, spent and held."""
    return StaffModelRow(**row_facts(model, costs))


def row_facts(model: Model, costs: dict[str, tuple[int, int]]) -> dict[str, Any]:
    prices = None if model.price is None else model.price.rates
    spent, held = costs.get(model.model_id, (0, 0)) if model.daily_cap is not None else (None, None)
    running = open_routes(model)
    first = next(iter(running or model.routes), None)
    return {
        "id": model.model_id,
        "address": address_of(model.model_id),
        "name": model.name,
        "standing": standing(model, now()),
        "enabled": model.enabled,
        "hidden": model.hidden,
        "retires_at": model.retires_at,
        "successor": model.successor,
        "prices": None if prices is None else rates_out(prices),
        "free": prices is not None and is_free(prices),
        "next_price": None
        if model.next_price is None
        else ComingPrice(effective_from=model.next_price.effective_from, prices=rates_out(model.next_price.rates)),
        "cost": None if first is None else rates_out(first.costs),
        "margin_percent": None if prices is None else margin_percent(prices, running),
        "below_cost": prices is not None and any(losses(prices, route.costs) for route in running),
        "daily_cap": model.daily_cap,
        "spent_today": spent,
        "held_today": held,
        "providers": list(dict.fromkeys(route.provider.name for route in model.routes)),
    }


async def facts(connection: Connection, model_id: str) -> dict[str, Any]:
    """Return everything about a model. Errors: ModelNotFound."""
    model = await catalog.find_model(connection, model_id)
    aliases = await catalog.list_aliases(connection)
    used = await platform.model_sum(connection, model_id, USAGE_DAYS)
    return {
        **row_facts(model, await risk.model_costs(connection)),
        "description": model.description,
        "context_length": model.context_length,
        "max_output_tokens": model.max_output_tokens,
        "endpoints": list(model.endpoints),
        "input_modalities": list(model.input_modalities),
        "output_modalities": list(model.output_modalities),
        "supported_parameters": None if model.supported_parameters is None else list(model.supported_parameters),
        "dropped_parameters": list(model.dropped_parameters),
        "aliases": [alias for alias, of in aliases.items() if of == model_id],
        "created_at": model.created_at,
        "deprecated_at": model.deprecated_at,
        "routes": [_route(model, route) for route in model.routes],
        "versions": [
            PriceVersionRow(
                id=show("pv", one.version.price_version_id),
                state=one.state,
                effective_from=one.version.effective_from,
                until=one.until,
                prices=rates_out(one.version.rates),
            )
            for one in await pricing.versions(connection, model_id)
        ],
        "usage": ModelUsage(requests=used.requests, charged=used.charge, provider_cost=used.provider_charge),
    }


def margins(prices: Rates, costs: Rates) -> list[ClassMargin]:
    """Return the classes that cost or bring something."""
    of_price, of_cost = every(prices), every(costs)
    own = [name for name in of_price if getattr(prices, name) is not None or getattr(costs, name) is not None]
    return [
        ClassMargin(name=name, price=of_price[name], cost=of_cost[name], margin=of_price[name] - of_cost[name])
        for name in own
        if of_price[name] or of_cost[name]
    ]


def margin_percent(prices: Rates, routes: list[Route]) -> str | None:
    """Return the smallest margin of prompt and completion, percent of the price with one decimal, rounded down."""
    shares = [
        (price - cost) * 1000 // price
        for route in routes
        for price, cost in ((prices.prompt, route.costs.prompt), (prices.completion, route.costs.completion))
        if price
    ]
    if not shares:
        return None
    least = min(shares)
    sign = "-" if least < 0 else ""
    return f"{sign}{abs(least) // 10}.{abs(least) % 10}"


def standing(model: Model, at: datetime) -> Standing:
    """Return where a model stands for those who call it; what stops them comes first."""
    if model.price is None:
        return "no_price"
    if model.retires_at is not None and model.retires_at <= at:
        return "retired"
    if not model.enabled:
        return "off"
    if model.retires_at is not None:
        return "deprecated"
    return "hidden" if model.hidden else "on_sale"


def _route(model: Model, route: Route) -> ModelRouteRow:
    prices = None if model.price is None else model.price.rates
    return ModelRouteRow(
        id=show("rt", route.route_id),
        provider=route.provider.name,
        provider_enabled=route.provider.enabled,
        upstream_model=route.upstream_model,
        priority=route.priority,
        weight=route.weight,
        enabled=route.enabled,
        costs=rates_out(route.costs),
        margins=[] if prices is None else margins(prices, route.costs),
        below_cost=prices is not None and bool(losses(prices, route.costs)),
    )
