"""Read the catalogue as a snapshot, and change it. Every change is audited in its own transaction."""

from collections.abc import Iterable
from datetime import datetime

import msgspec

from omna.audit import service as audit
from omna.catalog import store
from omna.catalog.margins import Loss, sold_below_cost
from omna.catalog.model import (
    LARGEST_WEIGHT,
    LONGEST_KEY,
    MOST_IN_FLIGHT,
    Model,
    PriceVersion,
    Provider,
    Rates,
    Snapshot,
    check_alias,
    check_entry,
    check_model,
    check_prices,
    check_provider,
    ending_of,
    origin_of,
)
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import InvalidValue, ModelNotFound, NotFound
from omna.ids import PriceVersionId, ProviderId, RouteId, new_id
from omna.money import format_credits
from omna.providers import egress
from omna.providers.base import Endpoint
from omna.vault.envelope import Location
from omna.vault.keyring import Keyring, Purpose

__all__ = [
    "Model",
    "Provider",
    "Rates",
    "Snapshot",
    "add_model",
    "add_provider",
    "below_cost",
    "disable_model",
    "endpoint",
    "find_model",
    "find_provider",
    "is_current",
    "list_aliases",
    "list_models",
    "list_providers",
    "load_snapshot",
    "price_model",
    "remove_alias",
    "reseal_secrets",
    "set_alias",
    "set_model_cap",
    "set_provider_caps",
    "set_provider_enabled",
    "unknown_models",
]


async def load_snapshot(connection: Connection) -> Snapshot:
    """Return what is on sale, in one consistent read. The connection must not be in a transaction."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        version = await store.version(connection)
        valid_until = await store.next_change_at(connection)
        at = await store.clock(connection)
        models = await store.models(connection)
        aliases = await store.aliases(connection)
    on_sale, retired = {}, {}
    for model in models:
        if model.retires_at is not None and model.retires_at <= at:
            retired[model.model_id] = model.successor
        elif model.enabled and model.price is not None:
            routes = tuple(route for route in model.routes if route.enabled and route.provider.enabled)
            on_sale[model.model_id] = msgspec.structs.replace(model, routes=routes)
    return Snapshot(
        version=version,
        valid_until=valid_until,
        models=on_sale,
        aliases={alias: model_id for alias, model_id in aliases.items() if model_id in on_sale},
        retired=retired | {alias: retired[model_id] for alias, model_id in aliases.items() if model_id in retired},
    )


async def is_current(connection: Connection, snapshot: Snapshot) -> bool:
    """Return whether a snapshot is still what is on sale."""
    if await store.version(connection) != snapshot.version:
        return False
    return snapshot.valid_until is None or await store.clock(connection) < snapshot.valid_until


def endpoint(provider: Provider, keyring: Keyring) -> Endpoint:
    """Return where and how a provider is called. The only place a provider's key is opened.

    Errors  EnvelopeError when the key was sealed with a master key this process does not have
    """
    secret = provider.secret
    if secret is not None:
        secret = keyring.unseal(Purpose.PROVIDER_SECRETS, secret, _place(provider.provider_id))
    return Endpoint(name=provider.name, base_url=provider.base_url, secret=secret, allow_private=provider.allow_private)


async def list_providers(connection: Connection) -> list[Provider]:
    """Return every provider, by name."""
    return await store.providers(connection)


async def find_provider(connection: Connection, name: str) -> Provider:
    """Return a provider. Errors: NotFound."""
    provider = await store.provider(connection, name)
    if provider is None:
        raise NotFound(f"There is no provider {name!r}.")
    return provider


async def add_provider(
    connection: Connection,
    name: str,
    *,
    kind: str,
    base_url: str,
    secret: str | None,
    allow_private: bool,
    keyring: Keyring,
    actor: audit.Actor,
    max_in_flight: int | None = None,
) -> Provider:
    """Add a provider, or change address and key of the one with this name. Nothing is written when nothing changes.

    secret         the key in clear; None keeps the stored one, unless scheme, host or port differ, which clears it
    max_in_flight  calls a process may have open there at once; None keeps what is stored
    Errors  InvalidValue
    """
    provider, _ = await put_provider(
        connection, name, kind=kind, base_url=base_url, secret=secret, allow_private=allow_private,
        max_in_flight=max_in_flight, keyring=keyring, reason="", actor=actor,
    )  # fmt: skip
    return provider


async def put_provider(
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
) -> tuple[Provider, int | None]:
    """Do what add_provider says, and return the number of the audit row too; None when nothing changed."""
    base_url = check_provider(name, kind, base_url, allow_private)
    check_egress(base_url, allow_private)
    if max_in_flight is not None and not 0 < max_in_flight <= MOST_IN_FLIGHT:
        raise InvalidValue(f"max_in_flight is a number from 1 to {MOST_IN_FLIGHT:,}.", param="max_in_flight")
    if secret is not None:
        check_key(secret)
    await store.lock_controls(connection)
    before = await store.provider(connection, name)
    provider_id = before.provider_id if before else ProviderId(new_id())
    after = Provider(
        provider_id=provider_id,
        name=name,
        kind=kind,
        base_url=base_url,
        secret=_secret(before, provider_id, base_url, secret, keyring),
        allow_private=allow_private,
        enabled=before.enabled if before else True,
        daily_cap=before.daily_cap if before else None,
        max_in_flight=max_in_flight or (before.max_in_flight if before else None),
        monthly_cap=before.monthly_cap if before else None,
    )
    if secret is not None:
        after = msgspec.structs.replace(after, key_ends=ending_of(secret))
    elif before is not None and after.secret is not None:
        after = msgspec.structs.replace(after, key_ends=before.key_ends)
    if after == before:
        return after, None
    await store.put_provider(connection, after)
    seq = await audit.record(
        connection,
        actor,
        "provider.change" if before else "provider.add",
        name,
        reason=reason,
        before=None if before is None else provider_facts(before),
        after={**provider_facts(after), "key_replaced": secret is not None},
    )
    return after, seq


def check_key(secret: str) -> None:
    """Errors: InvalidValue for what no header can carry."""
    if not secret or len(secret) > LONGEST_KEY or not secret.isascii() or not secret.isprintable() or " " in secret:
        raise InvalidValue("The provider's key is empty or has characters no key has.", param="api_key")


def seal_key(provider_id: ProviderId, secret: str, keyring: Keyring) -> str:
    """Return the envelope of a provider's key. Errors: InvalidValue."""
    check_key(secret)
    return keyring.seal(Purpose.PROVIDER_SECRETS, secret, _place(provider_id))


def check_egress(base_url: str, allow_private: bool) -> None:
    """Refuse an address that no provider may have. Where a name leads is judged again at every connection.

    Errors  InvalidValue
    """
    try:
        egress.parse_base_url(base_url, allow_private)
    except egress.EgressRefused as refused:
        raise InvalidValue(f"This address cannot be a provider's: {refused}.", param="base_url") from None


async def set_provider_enabled(
    connection: Connection, name: str, enabled: bool, *, actor: audit.Actor, reason: str = ""
) -> None:
    """Switch a provider on or off, from the next request on. Errors: NotFound."""
    await store.lock_controls(connection)
    provider = await find_provider(connection, name)
    if provider.enabled == enabled:
        return
    await store.set_provider_enabled(connection, provider.provider_id, enabled)
    await audit.record(
        connection,
        actor,
        "provider.enable" if enabled else "provider.disable",
        name,
        reason=reason,
        before={"enabled": provider.enabled},
        after={"enabled": enabled},
    )


async def list_models(connection: Connection) -> list[Model]:
    """Return every model with price and routes, disabled ones and ones without a price included."""
    return await store.models(connection)


async def find_model(connection: Connection, model_id: str) -> Model:
    """Return a model, whether it is on sale or not. Errors: ModelNotFound."""
    for model in await store.models(connection):
        if model.model_id == model_id:
            return model
    raise ModelNotFound(f"There is no model {model_id!r}.")


async def below_cost(connection: Connection) -> list[Loss]:
    """Return where models that are on sale bring less than they cost, by model id."""
    return sold_below_cost(await store.models(connection))


async def unknown_models(connection: Connection, model_ids: Iterable[str]) -> list[str]:
    """Return which of these ids no model has, sorted."""
    wanted = set(model_ids)
    return sorted(wanted - await store.known_models(connection, wanted))


async def add_model(
    connection: Connection,
    model_id: str,
    *,
    provider: str,
    upstream_model: str,
    prices: Rates,
    costs: Rates,
    actor: audit.Actor,
    name: str | None = None,
    description: str | None = None,
    context_length: int | None = None,
    max_output_tokens: int | None = None,
    priority: int | None = None,
    weight: int | None = None,
    endpoints: tuple[str, ...] | None = None,
    input_modalities: tuple[str, ...] | None = None,
    output_modalities: tuple[str, ...] | None = None,
    supported_parameters: tuple[str, ...] | None = None,
    dropped_parameters: tuple[str, ...] | None = None,
) -> Model:
    """Put a model on sale: the model, its route to a provider, and its price when that differs from the one in effect.

    A model that exists is enabled again and changed where a value is given; so is a route. A new route is tried after
    the others unless `priority` says otherwise (lowest first).
    Errors  InvalidValue, NotFound for the provider
    """
    check_model(model_id, upstream_model, context_length, max_output_tokens)
    if weight is not None and not 0 < weight <= LARGEST_WEIGHT:
        raise InvalidValue(f"weight is a number from 1 to {LARGEST_WEIGHT:,}.", param="weight")
    if priority is not None and not 0 <= priority < 2**31:
        raise InvalidValue("priority is 0 or more; the lowest is tried first.", param="priority")
    await store.lock_controls(connection)
    target = await find_provider(connection, provider)
    before = next((model for model in await store.models(connection) if model.model_id == model_id), None)
    if before is None and model_id in await store.aliases(connection):
        raise InvalidValue(f"{model_id!r} is an alias; remove it first.", param="model")
    entry = before or Model(
        model_id, model_id, "", None, None, enabled=True, daily_cap=None, created_at=now(), price=None, routes=()
    )
    given = {
        "name": name or None,
        "description": description,
        "context_length": context_length,
        "max_output_tokens": max_output_tokens,
        "endpoints": endpoints,
        "input_modalities": input_modalities,
        "output_modalities": output_modalities,
        "supported_parameters": supported_parameters,
        "dropped_parameters": dropped_parameters,
    }
    entry = msgspec.structs.replace(
        entry, enabled=True, **{field: value for field, value in given.items() if value is not None}
    )
    check_entry(entry)
    check_prices(entry.endpoints, entry.output_modalities, prices)
    await store.put_model(connection, entry)
    known = next((r for r in entry.routes if (r.provider.name, r.upstream_model) == (provider, upstream_model)), None)
    if priority is None:
        priority = known.priority if known else max((route.priority for route in entry.routes), default=-1) + 1
    await store.put_route(
        connection,
        RouteId(new_id()),
        model_id,
        target.provider_id,
        upstream_model,
        priority,
        costs,
        weight or (known.weight if known else 1),
    )
    if before is None or before.price is None or before.price.rates != prices:
        await store.add_price(connection, PriceVersionId(new_id()), model_id, prices, None)
    after = await find_model(connection, model_id)
    await audit.record(
        connection,
        actor,
        "model.change" if before else "model.add",
        model_id,
        before=None if before is None else model_facts(before),
        after=model_facts(after),
    )
    return after


async def price_model(
    connection: Connection,
    model_id: str,
    prices: Rates,
    *,
    actor: audit.Actor,
    reason: str = "",
    effective_from: datetime | None = None,
) -> Model:
    """Give a model a new price, from now on or from a moment to come. Running requests keep the price they began with.

    Errors  ModelNotFound, InvalidValue for a moment in the past or a price that this model needs and that is not given
    """
    if effective_from is not None and effective_from <= now():
        raise InvalidValue("A price takes effect now or later, never in the past.", param="effective_from")
    await store.lock_controls(connection)
    before = await find_model(connection, model_id)
    check_prices(before.endpoints, before.output_modalities, prices)
    moment = await store.add_price(connection, PriceVersionId(new_id()), model_id, prices, effective_from)
    await audit.record(
        connection,
        actor,
        "model.price",
        model_id,
        reason=reason,
        before=None if before.price is None else rate_facts(before.price.rates),
        after={**rate_facts(prices), "effective_from": moment},
    )
    return await find_model(connection, model_id)


async def price_version(connection: Connection, price_version_id: PriceVersionId) -> PriceVersion:
    """Return a price as it was set, also one that is no longer in effect. Errors: NotFound."""
    found = await store.price_version(connection, price_version_id)
    if found is None:
        raise NotFound("There is no such price version.")
    return found


async def disable_model(connection: Connection, model_id: str, *, actor: audit.Actor, reason: str = "") -> None:
    """Take a model off sale, from the next request on. `add_model` puts it back. Errors: ModelNotFound."""
    await store.lock_controls(connection)
    model = await find_model(connection, model_id)
    if not model.enabled:
        return
    await store.set_model_enabled(connection, model_id, False)
    await audit.record(
        connection,
        actor,
        "model.disable",
        model_id,
        reason=reason,
        before={"enabled": True},
        after={"enabled": False},
    )


async def stopped_scopes(connection: Connection) -> dict[str, str]:
    """Return the scopes of the emergency stops in force with what the operator says about each."""
    return await store.stopped_scopes(connection)


async def list_aliases(connection: Connection) -> dict[str, str]:
    """Return every alias with the id of its model, by alias."""
    return await store.aliases(connection)


async def set_alias(
    connection: Connection, alias: str, model_id: str, *, actor: audit.Actor, reason: str = ""
) -> int | None:
    """Give a model another name, or let a name stand for another model, from the next request on.

    Returns the number of the audit line, None when it was so already.

    Errors  InvalidValue for a name that no model can have or that is a model; ModelNotFound
    """
    check_alias(alias)
    await store.lock_controls(connection)
    if await store.known_models(connection, [alias]):
        raise InvalidValue(f"{alias!r} is the id of a model already.", param="alias")
    if not await store.known_models(connection, [model_id]):
        raise ModelNotFound(f"There is no model {model_id!r}.")
    before = (await store.aliases(connection)).get(alias)
    if before == model_id:
        return None
    await store.put_alias(connection, alias, model_id)
    return await audit.record(
        connection,
        actor,
        "model.alias",
        alias,
        reason=reason,
        before=None if before is None else {"model": before},
        after={"model": model_id},
    )


async def remove_alias(connection: Connection, alias: str, *, actor: audit.Actor, reason: str = "") -> int:
    """Let a name stand for nothing any more, from the next request on. Returns its audit line. Errors: NotFound."""
    await store.lock_controls(connection)
    before = (await store.aliases(connection)).get(alias)
    if before is None:
        raise NotFound(f"There is no alias {alias!r}.")
    await store.remove_alias(connection, alias)
    return await audit.record(connection, actor, "model.unalias", alias, reason=reason, before={"model": before})


async def set_provider_caps(
    connection: Connection, provider_id: ProviderId, daily_cap: int | None, monthly_cap: int | None
) -> None:
    """Store a provider's caps in nanocredits at cost. `risk` calls this under the controls lock."""
    await store.set_provider_caps(connection, provider_id, daily_cap, monthly_cap)


async def set_model_cap(connection: Connection, model_id: str, daily_cap: int | None) -> None:
    """Store a model's daily cap in nanocredits at cost. `risk` calls this under the controls lock."""
    await store.set_model_cap(connection, model_id, daily_cap)


async def reseal_secrets(connection: Connection, keyring: Keyring) -> int:
    """Seal every provider's key with the keyring's sealing key and return how many there were."""
    await store.lock_controls(connection)
    count = 0
    for provider in await store.providers(connection):
        if provider.secret is not None:
            place = _place(provider.provider_id)
            secret = keyring.unseal(Purpose.PROVIDER_SECRETS, provider.secret, place)
            sealed = keyring.seal(Purpose.PROVIDER_SECRETS, secret, place)
            await store.set_provider_secret(connection, provider.provider_id, sealed)
            count += 1
    return count


def _secret(
    before: Provider | None, provider_id: ProviderId, base_url: str, secret: str | None, keyring: Keyring
) -> str | None:
    place = _place(provider_id)
    stored = before.secret if before is not None and origin_of(before.base_url) == origin_of(base_url) else None
    if secret is None:
        return stored
    # A new envelope of the same key would be a change of the catalogue for nothing.
    if stored is not None and keyring.unseal(Purpose.PROVIDER_SECRETS, stored, place) == secret:
        return stored
    return keyring.seal(Purpose.PROVIDER_SECRETS, secret, place)


def _place(provider_id: ProviderId) -> Location:
    return Location("providers", str(provider_id), "secret")


def provider_facts(provider: Provider) -> dict[str, object]:
    """Return what the audit log says of a provider."""
    return {
        "kind": provider.kind,
        "base_url": provider.base_url,
        "allow_private": provider.allow_private,
        "has_key": provider.secret is not None,
        "max_in_flight": provider.max_in_flight,
    }


def model_facts(model: Model) -> dict[str, object]:
    """Return what the audit log says of a model."""
    return {
        "name": model.name,
        "enabled": model.enabled,
        "context_length": model.context_length,
        "max_output_tokens": model.max_output_tokens,
        "endpoints": model.endpoints,
        "input_modalities": model.input_modalities,
        "output_modalities": model.output_modalities,
        "supported_parameters": model.supported_parameters,
        "dropped_parameters": model.dropped_parameters,
        "price": None if model.price is None else rate_facts(model.price.rates),
        "routes": [
            {
                "provider": route.provider.name,
                "upstream_model": route.upstream_model,
                "priority": route.priority,
                "weight": route.weight,
                "enabled": route.enabled,
                "cost": rate_facts(route.costs),
            }
            for route in model.routes
        ],
    }


def rate_facts(rates: Rates) -> dict[str, str]:
    """Return what the audit log says of prices or costs; a class without a price of its own is left out."""
    amounts = {name: getattr(rates, name) for name in Rates.__struct_fields__}
    return {name: format_credits(amount) for name, amount in amounts.items() if amount is not None}
