"""What staff change about a provider, one thing at a time: each change says why and is one row of the audit log.

Everything is in force for the next request on every replica: the version of the catalogue rises with the row, under the
controls lock. Each function returns the number of its audit row.
"""

from typing import Any

import msgspec

from omna.audit import service as audit
from omna.catalog import editing, store
from omna.catalog import service as catalog
from omna.catalog.model import (
    LARGEST_WEIGHT,
    MOST_IN_FLIGHT,
    Provider,
    Route,
    check_provider,
    ending_of,
    origin_of,
)
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import RouteId, show
from omna.vault.keyring import Keyring


async def add(
    connection: Connection,
    name: str,
    *,
    kind: str,
    base_url: str,
    secret: str | None,
    allow_private: bool,
    max_in_flight: int | None,
    keyring: Keyring,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Add a provider. Errors: InvalidValue; Conflict when the name is taken."""
    await store.lock_controls(connection)
    if await store.provider(connection, name) is not None:
        raise Conflict(f"There is a provider {name!r} already.")
    _, seq = await catalog.put_provider(
        connection, name, kind=kind, base_url=base_url, secret=secret, allow_private=allow_private,
        max_in_flight=max_in_flight, keyring=keyring, reason=reason, actor=actor,
    )  # fmt: skip
    assert seq is not None, "a new provider is a change"
    return seq


async def move(
    connection: Connection, name: str, base_url: str, allow_private: bool, *, reason: str, actor: audit.Actor
) -> int:
    """Change where a provider is. Another origin clears its key. Errors: NotFound, InvalidValue, Conflict."""
    await store.lock_controls(connection)
    before = await catalog.find_provider(connection, name)
    base_url = check_provider(name, before.kind, base_url, allow_private)
    catalog.check_egress(base_url, allow_private)
    after = msgspec.structs.replace(before, base_url=base_url, allow_private=allow_private)
    if origin_of(before.base_url) != origin_of(base_url):
        after = msgspec.structs.replace(after, secret=None, key_ends=None)
    return await _put(connection, before, after, "provider.change", reason, actor)


async def replace_key(
    connection: Connection, name: str, secret: str, *, keyring: Keyring, reason: str, actor: audit.Actor
) -> int:
    """Give a provider another key. Errors: NotFound, InvalidValue."""
    await store.lock_controls(connection)
    before = await catalog.find_provider(connection, name)
    after = msgspec.structs.replace(
        before, secret=catalog.seal_key(before.provider_id, secret, keyring), key_ends=ending_of(secret)
    )
    return await _put(connection, before, after, "provider.key", reason, actor, key_replaced=True)


async def remove_key(connection: Connection, name: str, *, reason: str, actor: audit.Actor) -> int:
    """Forget a provider's key. Errors: NotFound; Conflict when there is none."""
    await store.lock_controls(connection)
    before = await catalog.find_provider(connection, name)
    if before.secret is None:
        raise Conflict("This provider has no key.")
    after = msgspec.structs.replace(before, secret=None, key_ends=None)
    return await _put(connection, before, after, "provider.key", reason, actor)


async def bound(
    connection: Connection, name: str, max_in_flight: int | None, *, reason: str, actor: audit.Actor
) -> int:
    """Set how many calls a process may have open there; None is the gateway's own bound.

    Errors  NotFound, InvalidValue, Conflict when it is that already
    """
    if max_in_flight is not None and not 0 < max_in_flight <= MOST_IN_FLIGHT:
        raise InvalidValue(f"A number from 1 to {MOST_IN_FLIGHT:,}.", param="max_in_flight")
    await store.lock_controls(connection)
    before = await catalog.find_provider(connection, name)
    after = msgspec.structs.replace(before, max_in_flight=max_in_flight)
    return await _put(connection, before, after, "provider.change", reason, actor)


async def switch(connection: Connection, name: str, enabled: bool, *, reason: str, actor: audit.Actor) -> int:
    """Switch a provider on or off. Errors: NotFound; Conflict when it is so already."""
    await store.lock_controls(connection)
    before = await catalog.find_provider(connection, name)
    if before.enabled == enabled:
        raise Conflict(f"This provider is {'on' if enabled else 'off'} already.")
    await store.set_provider_enabled(connection, before.provider_id, enabled)
    return await audit.record(
        connection,
        actor,
        "provider.enable" if enabled else "provider.disable",
        name,
        reason=reason,
        before={"enabled": before.enabled},
        after={"enabled": enabled},
    )


async def change_route(
    connection: Connection,
    route_id: RouteId,
    *,
    priority: int | None,
    weight: int | None,
    enabled: bool | None,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Change when a route is tried (priority, lowest first; weight among equals), or whether. None leaves it as it is.

    Errors  NotFound, InvalidValue (also when the model would be sold below cost there), Conflict when nothing changes
    """
    if priority is not None and not 0 <= priority < 2**31:
        raise InvalidValue("priority is 0 or more; the lowest is tried first.", param="priority")
    if weight is not None and not 0 < weight <= LARGEST_WEIGHT:
        raise InvalidValue(f"weight is a number from 1 to {LARGEST_WEIGHT:,}.", param="weight")
    await store.lock_controls(connection)
    before = await find_route(connection, route_id)
    after = msgspec.structs.replace(
        before,
        priority=before.priority if priority is None else priority,
        weight=before.weight if weight is None else weight,
        enabled=before.enabled if enabled is None else enabled,
    )
    if after == before:
        raise Conflict("Nothing would change.")
    if after.enabled and not before.enabled:
        editing.check_route(await catalog.find_model(connection, before.model_id), after, accept_loss=False)
    await store.set_route(connection, route_id, after.priority, after.weight, after.enabled)
    return await audit.record(
        connection, actor, "route.change", show("rt", route_id), reason=reason, before=_route_facts(before),
        after=_route_facts(after),
    )  # fmt: skip


async def find_route(connection: Connection, route_id: RouteId) -> Route:
    """Return a route. Errors: NotFound."""
    for model in await store.models(connection):
        for route in model.routes:
            if route.route_id == route_id:
                return route
    raise NotFound("There is no such route.")


async def _put(
    connection: Connection,
    before: Provider,
    after: Provider,
    action: str,
    reason: str,
    actor: audit.Actor,
    **facts: Any,
) -> int:
    if after == before:
        raise Conflict("Nothing would change.")
    await store.put_provider(connection, after)
    return await audit.record(
        connection,
        actor,
        action,
        after.name,
        reason=reason,
        before=catalog.provider_facts(before),
        after={**catalog.provider_facts(after), **facts},
    )


def _route_facts(route: Route) -> dict[str, object]:
    return {
        "model": route.model_id,
        "provider": route.provider.name,
        "upstream_model": route.upstream_model,
        "priority": route.priority,
        "weight": route.weight,
        "enabled": route.enabled,
    }
