"""Take a provider's published price list over: show what it would change, or write that in the caller's transaction."""

import hashlib
from collections.abc import Collection, Sequence

import msgspec

from omna.audit import service as audit
from omna.catalog import service, store
from omna.catalog.margins import losses, open_routes
from omna.catalog.model import Model, PriceVersion, Provider, Rates, Route
from omna.catalog.price_changes import Line, lines_of
from omna.catalog.price_list import Listed, Refused, Terms
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import Conflict
from omna.ids import PriceVersionId, RouteId, new_id

__all__ = ["digest_of", "import_list", "losing", "preview"]


async def preview(
    connection: Connection, provider: str, listed: Sequence[Listed], refused: Sequence[Refused], terms: Terms
) -> list[Line]:
    """Return what a list would change, by model id. Errors: NotFound for the provider."""
    await service.find_provider(connection, provider)
    return lines_of(
        listed,
        refused,
        models=await store.models(connection),
        aliases=await store.aliases(connection),
        provider=provider,
        free=terms.free,
    )


async def import_list(
    connection: Connection,
    provider: str,
    listed: Sequence[Listed],
    refused: Sequence[Refused],
    terms: Terms,
    *,
    actor: audit.Actor,
    reason: str = "",
    chosen: Collection[str] | None = None,
    expected: str | None = None,
) -> list[Line]:
    """Write what a list changes and return it, as `preview` does: new models, new prices, what the operator pays.

    What an operator decided stays: names, caps, entries, routes, and that a model or a route is switched off.
    chosen     ids of the models that are written, None: all that change
    expected   `digest_of` what was looked at
    Errors     NotFound for the provider; Conflict when the lines are no longer what was looked at
    """
    await store.lock_controls(connection)
    target = await service.find_provider(connection, provider)
    lines = await preview(connection, provider, listed, refused, terms)
    if expected is not None and digest_of(lines) != expected:
        raise Conflict("The list or the prices here have changed meanwhile; look at the differences again.")
    if chosen is not None:
        lines = [line for line in lines if line.model_id in chosen]
    known = {model.model_id: model for model in await store.models(connection)}
    why = f"{reason} ({_reason(provider)})" if reason else _reason(provider)
    for line in lines:
        if line.what == "new":
            await _add(connection, target, line, actor, why)
        elif line.route is not None:
            await _change(connection, known[line.model_id], line, line.route, actor, why)
    return lines


async def losing(connection: Connection, lines: Sequence[Line]) -> set[str]:
    """Return the models that would be sold below cost once these lines are written."""
    known = {model.model_id: model for model in await store.models(connection)}
    return {line.model_id for line in lines if _loses(line, known.get(line.model_id))}


def _loses(line: Line, model: Model | None) -> bool:
    if line.what == "new":
        return line.prices is not None and line.costs is not None and bool(losses(line.prices, line.costs))
    if model is None or model.price is None or line.route is None:
        return False
    prices = line.prices or model.price.rates
    costs = {line.route.route_id: line.costs or line.route.costs}
    return any(losses(prices, costs.get(route.route_id, route.costs)) for route in open_routes(model))


def digest_of(lines: Sequence[Line]) -> str:
    """Return what tells these lines from others: what would be written, and what it would take the place of."""
    written = [
        (line.model_id, line.what, line.reason, sorted(line.moves.items()), line.prices, line.costs, _place(line))
        for line in lines
    ]
    return hashlib.sha256(msgspec.json.encode(written)).hexdigest()


def _place(line: Line) -> tuple[str, Rates] | None:
    return None if line.route is None else (line.route.route_id.hex, line.route.costs)


async def _add(connection: Connection, provider: Provider, line: Line, actor: audit.Actor, why: str) -> None:
    one = line.listed
    assert one is not None
    price = PriceVersion(PriceVersionId(new_id()), one.model_id, now(), one.prices)
    route = Route(RouteId(new_id()), one.model_id, provider, one.model_id, 0, True, one.costs)
    model = Model(
        one.model_id,
        one.name,
        one.description,
        one.context_length,
        one.max_output_tokens,
        enabled=True,
        daily_cap=None,
        created_at=price.effective_from,
        price=price,
        routes=(route,),
        endpoints=one.endpoints,
        input_modalities=one.input_modalities,
        output_modalities=one.output_modalities,
        supported_parameters=one.supported_parameters,
    )
    await store.put_model(connection, model)
    await store.put_route(
        connection, route.route_id, one.model_id, provider.provider_id, one.model_id, route.priority, one.costs
    )
    await store.add_price(connection, price.price_version_id, one.model_id, one.prices, None)
    await audit.record(connection, actor, "model.add", one.model_id, reason=why, after=service.model_facts(model))


async def _change(connection: Connection, model: Model, line: Line, route: Route, actor: audit.Actor, why: str) -> None:
    before, after = {}, {}
    if line.costs is not None:
        await store.set_route_costs(connection, route.route_id, line.costs)
        before["cost"], after["cost"] = service.rate_facts(route.costs), service.rate_facts(line.costs)
    if line.prices is not None:
        await store.add_price(connection, PriceVersionId(new_id()), model.model_id, line.prices, None)
        before["price"] = {} if model.price is None else service.rate_facts(model.price.rates)
        after["price"] = service.rate_facts(line.prices)
    await audit.record(
        connection,
        actor,
        "model.price",
        model.model_id,
        reason=why,
        before=before,
        after=after,
    )


def _reason(provider: str) -> str:
    return f"price list of {provider}"
