"""Take a provider's published price list over: show what it would change, or write that in the caller's transaction."""

from collections.abc import Sequence

from omna.audit import service as audit
from omna.catalog import service, store
from omna.catalog.model import Model, PriceVersion, Provider, Route
from omna.catalog.price_changes import Line, lines_of
from omna.catalog.price_list import Listed, Refused, Terms
from omna.clock import now
from omna.db.pool import Connection
from omna.ids import PriceVersionId, RouteId, new_id

__all__ = ["import_list", "preview"]


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
) -> list[Line]:
    """Write what a list changes and return it, as `preview` does: new models, new prices, what the operator pays.

    What an operator decided stays: names, caps, entries, routes, and that a model or a route is switched off.
    Errors  NotFound for the provider
    """
    await store.lock_controls(connection)
    target = await service.find_provider(connection, provider)
    lines = await preview(connection, provider, listed, refused, terms)
    known = {model.model_id: model for model in await store.models(connection)}
    for line in lines:
        if line.what == "new":
            await _add(connection, target, line, actor)
        elif line.route is not None:
            await _change(connection, known[line.model_id], line, line.route, actor)
    return lines


async def _add(connection: Connection, provider: Provider, line: Line, actor: audit.Actor) -> None:
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
    await audit.record(
        connection, actor, "model.add", one.model_id, reason=_reason(provider.name), after=service.model_facts(model)
    )


async def _change(connection: Connection, model: Model, line: Line, route: Route, actor: audit.Actor) -> None:
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
        reason=_reason(route.provider.name),
        before=before,
        after=after,
    )


def _reason(provider: str) -> str:
    return f"price list of {provider}"
