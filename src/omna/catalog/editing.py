"""What staff change about a model beside its price: what is said of it, who sees it, when it goes, where it runs.

Every function takes the controls lock, writes one audit line and returns its number.
"""

from collections.abc import Mapping
from datetime import datetime
from typing import Any

import msgspec

from omna.audit import service as audit
from omna.catalog import store
from omna.catalog.margins import check_margin, losses
from omna.catalog.model import LARGEST_WEIGHT, Model, Rates, Route, check_entry, check_model, check_prices
from omna.catalog.service import find_model, find_provider, list_aliases, model_facts, rate_facts
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import RouteId, new_id, show
from omna.money import format_credits

__all__ = ["add_route", "change_route", "deprecate", "edit", "restore", "set_enabled", "set_hidden"]

LARGEST_PRIORITY = 1_000_000
#: What `edit` may change.
FIELDS = frozenset({
    "name", "description", "context_length", "max_output_tokens", "endpoints", "input_modalities", "output_modalities",
    "supported_parameters", "dropped_parameters",
})  # fmt: skip


async def edit(
    connection: Connection, model_id: str, changes: Mapping[str, Any], *, reason: str, actor: audit.Actor
) -> int:
    """Change what is said of a model: fields of FIELDS. Errors: ModelNotFound, InvalidValue."""
    assert set(changes) <= FIELDS
    await store.lock_controls(connection)
    before = await find_model(connection, model_id)
    after = msgspec.structs.replace(before, **changes)
    if after == before:
        raise _nothing()
    check_model(model_id, model_id, after.context_length, after.max_output_tokens)
    check_entry(after)
    if after.price is not None:
        check_prices(after.endpoints, after.output_modalities, after.price.rates)
    await store.put_model(connection, after)
    old, new = model_facts(before), model_facts(after)
    return await audit.record(
        connection,
        actor,
        "model.change",
        model_id,
        reason=reason,
        before={name: old[name] for name in old if old[name] != new[name]} | _text(before, after, "description"),
        after={name: new[name] for name in new if old[name] != new[name]} | _text(after, before, "description"),
    )


async def set_hidden(connection: Connection, model_id: str, hidden: bool, *, reason: str, actor: audit.Actor) -> int:
    """Show a model in lists, or in none: who names it is answered all the same. Errors: ModelNotFound, InvalidValue."""
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    if model.hidden == hidden:
        raise _nothing()
    await store.set_hidden(connection, model_id, hidden)
    return await audit.record(
        connection,
        actor,
        "model.hide" if hidden else "model.show",
        model_id,
        reason=reason,
        before={"hidden": model.hidden},
        after={"hidden": hidden},
    )


async def set_enabled(connection: Connection, model_id: str, enabled: bool, *, reason: str, actor: audit.Actor) -> int:
    """Put a model on sale or take it off, from the next request on.

    Errors  ModelNotFound; InvalidValue for a model without a price, and for one that would be sold below cost
    """
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    if model.enabled == enabled:
        raise _nothing()
    if enabled and model.price is None:
        raise InvalidValue("A model without a price cannot be sold; set one first.", param="enabled")
    if enabled and model.price is not None:
        check_margin(model, model.price.rates)
    await store.set_model_enabled(connection, model_id, enabled)
    return await audit.record(
        connection,
        actor,
        "model.enable" if enabled else "model.disable",
        model_id,
        reason=reason,
        before={"enabled": model.enabled},
        after={"enabled": enabled},
    )


async def deprecate(
    connection: Connection,
    model_id: str,
    *,
    successor: str | None,
    retires_at: datetime,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Say when a model goes and what to use instead. Until then it answers as before, with a mark; then its names are
    refused with that of the successor.

    Errors  ModelNotFound; InvalidValue for a moment in the past and for a successor that is not on sale or goes itself
    """
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    at = await store.clock(connection)
    if retires_at <= at:
        raise InvalidValue("A model retires at a moment to come.", param="retires_at")
    if successor is not None:
        successor = (await list_aliases(connection)).get(successor, successor)
        await _check_successor(connection, model_id, successor)
    if (model.retires_at, model.successor) == (retires_at, successor):
        raise _nothing()
    await store.set_end(connection, model_id, retires_at, successor)
    return await audit.record(
        connection,
        actor,
        "model.deprecate",
        model_id,
        reason=reason,
        before={"retires_at": model.retires_at, "successor": model.successor},
        after={"retires_at": retires_at, "successor": successor},
    )


async def restore(connection: Connection, model_id: str, *, reason: str, actor: audit.Actor) -> int:
    """Let a model stay, or come back after it retired. Errors: ModelNotFound, InvalidValue when it was not to go."""
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    if model.retires_at is None:
        raise _nothing()
    await store.set_end(connection, model_id, None, None)
    return await audit.record(
        connection,
        actor,
        "model.restore",
        model_id,
        reason=reason,
        before={"retires_at": model.retires_at, "successor": model.successor},
        after={"retires_at": None, "successor": None},
    )


async def add_route(
    connection: Connection,
    model_id: str,
    *,
    provider: str,
    upstream_model: str,
    costs: Rates,
    priority: int | None = None,
    weight: int = 1,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Let a model run at one more place, tried after the others unless `priority` says otherwise.

    Errors  ModelNotFound, NotFound for the provider, Conflict for a route there is, InvalidValue when the model would
            be sold below cost there
    """
    check_model(model_id, upstream_model, None, None)
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    target = await find_provider(connection, provider)
    if any((route.provider.name, route.upstream_model) == (provider, upstream_model) for route in model.routes):
        raise Conflict(f"This model has a route to {upstream_model!r} at {provider} already.")
    if priority is None:
        priority = max((route.priority for route in model.routes), default=-1) + 1
    route = Route(RouteId(new_id()), model_id, target, upstream_model, priority, True, costs, weight)
    check_route(model, route, accept_loss=False)
    await store.put_route(
        connection, route.route_id, model_id, target.provider_id, upstream_model, priority, costs, weight
    )
    return await audit.record(connection, actor, "model.route_add", model_id, reason=reason, after=_route_facts(route))


async def change_route(
    connection: Connection,
    model_id: str,
    route_id: RouteId,
    *,
    priority: int | None = None,
    weight: int | None = None,
    enabled: bool | None = None,
    costs: Rates | None = None,
    accept_loss: bool = False,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Change when a route is used, whether, and what it costs; None leaves it.

    accept_loss   what a provider charges is a fact: a cost above the price is written down when this says so
    Errors        ModelNotFound, NotFound, InvalidValue
    """
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    before = next((route for route in model.routes if route.route_id == route_id), None)
    if before is None:
        raise NotFound("This model has no such route.")
    given = {"priority": priority, "weight": weight, "enabled": enabled, "costs": costs}
    after = msgspec.structs.replace(before, **{name: value for name, value in given.items() if value is not None})
    if after == before:
        raise _nothing()
    check_route(model, after, accept_loss=accept_loss and after.enabled and before.enabled)
    await store.change_route(connection, route_id, after.priority, after.weight, after.enabled, after.costs)
    old, new = _route_facts(before), _route_facts(after)
    same = ("provider", "upstream_model")
    return await audit.record(
        connection,
        actor,
        "model.route_change",
        model_id,
        reason=reason,
        before={name: old[name] for name in old if name in same or old[name] != new[name]},
        after={name: new[name] for name in new if name in same or old[name] != new[name]},
    )


def check_route(model: Model, route: Route, *, accept_loss: bool) -> None:
    """Errors: InvalidValue for a route that cannot be, and for one in use that costs more than its model brings."""
    if not 0 <= route.priority <= LARGEST_PRIORITY:
        raise InvalidValue(
            f"priority is a number from 0 to {LARGEST_PRIORITY:,}; the lowest is tried first.", param="priority"
        )
    if not 0 < route.weight <= LARGEST_WEIGHT:
        raise InvalidValue(f"weight is a number from 1 to {LARGEST_WEIGHT:,}.", param="weight")
    if accept_loss or not route.enabled or model.price is None:
        return
    for name, (price, cost) in losses(model.price.rates, route.costs).items():
        raise InvalidValue(
            f"It would cost {format_credits(cost)} by {name} and bring {format_credits(price)}: raise the price first.",
            param="costs",
        )


async def _check_successor(connection: Connection, model_id: str, successor: str) -> None:
    if successor == model_id:
        raise InvalidValue("A model cannot be its own successor.", param="successor")
    found = next((model for model in await store.models(connection) if model.model_id == successor), None)
    if found is None:
        raise InvalidValue(f"There is no model {successor!r}.", param="successor")
    if not found.enabled or found.price is None or found.retires_at is not None:
        raise InvalidValue(f"{successor!r} is not on sale, or goes itself.", param="successor")


def _route_facts(route: Route) -> dict[str, object]:
    return {
        "route": show("rt", route.route_id),
        "provider": route.provider.name,
        "upstream_model": route.upstream_model,
        "priority": route.priority,
        "weight": route.weight,
        "enabled": route.enabled,
        "cost": rate_facts(route.costs),
    }


def _text(one: Model, other: Model, name: str) -> dict[str, object]:
    return {name: getattr(one, name)} if getattr(one, name) != getattr(other, name) else {}


def _nothing() -> InvalidValue:
    return InvalidValue("This is so already; nothing was changed.")
