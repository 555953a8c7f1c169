"""SQL of the catalogue."""

from collections.abc import Iterable
from datetime import datetime

import msgspec
from asyncpg import Record

from omna.catalog.model import Model, PriceVersion, Provider, Rates, Route
from omna.db.pool import Connection
from omna.ids import PriceVersionId, ProviderId, RouteId


async def lock_controls(connection: Connection) -> None:
    """Wait for every admission in flight and hold back the next ones until this transaction ends."""
    await connection.execute("SELECT controls_lock()")


async def version(connection: Connection) -> int:
    number: int = await connection.fetchval("SELECT version FROM catalog_state")
    return number


async def next_change_at(connection: Connection) -> datetime | None:
    """Return when the next price takes effect or a model retires."""
    moment: datetime | None = await connection.fetchval(
        "SELECT least((SELECT min(effective_from) FROM price_versions WHERE effective_from > now() AND"
        " NOT EXISTS (SELECT FROM price_withdrawals AS w WHERE w.price_version_id = price_versions.price_version_id)),"
        " (SELECT min(retires_at) FROM models WHERE retires_at > now()))"
    )
    return moment


async def clock(connection: Connection) -> datetime:
    """Return the moment that prices are in effect by in this transaction."""
    moment: datetime = await connection.fetchval("SELECT now()")
    return moment


async def providers(connection: Connection) -> list[Provider]:
    rows = await connection.fetch(
        "SELECT provider_id, name, kind, base_url, secret, allow_private, enabled, daily_cap, max_in_flight,"
        " monthly_cap, key_ends FROM providers ORDER BY name"
    )
    return [_provider(row) for row in rows]


async def provider(connection: Connection, name: str) -> Provider | None:
    row = await connection.fetchrow(
        "SELECT provider_id, name, kind, base_url, secret, allow_private, enabled, daily_cap, max_in_flight,"
        " monthly_cap, key_ends FROM providers WHERE name = $1",
        name,
    )
    return None if row is None else _provider(row)


async def put_provider(connection: Connection, provider: Provider) -> None:
    """Add a provider, or change everything but its state and cap."""
    await connection.execute(
        "INSERT INTO providers (provider_id, name, kind, base_url, secret, allow_private, enabled, max_in_flight,"
        " key_ends) VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9)"
        " ON CONFLICT (provider_id) DO UPDATE SET kind = excluded.kind, base_url = excluded.base_url,"
        " secret = excluded.secret, allow_private = excluded.allow_private, max_in_flight = excluded.max_in_flight,"
        " key_ends = excluded.key_ends",
        provider.provider_id,
        provider.name,
        provider.kind,
        provider.base_url,
        provider.secret,
        provider.allow_private,
        provider.enabled,
        provider.max_in_flight,
        provider.key_ends,
    )


async def set_provider_enabled(connection: Connection, provider_id: ProviderId, enabled: bool) -> None:
    await connection.execute("UPDATE providers SET enabled = $2 WHERE provider_id = $1", provider_id, enabled)


async def set_provider_caps(
    connection: Connection, provider_id: ProviderId, daily_cap: int | None, monthly_cap: int | None
) -> None:
    await connection.execute(
        "UPDATE providers SET daily_cap = $2, monthly_cap = $3 WHERE provider_id = $1",
        provider_id,
        daily_cap,
        monthly_cap,
    )


async def set_provider_secret(connection: Connection, provider_id: ProviderId, secret: str) -> None:
    await connection.execute("UPDATE providers SET secret = $2 WHERE provider_id = $1", provider_id, secret)


async def models(connection: Connection) -> list[Model]:
    """Return every model with the price in effect and all its routes."""
    prices = {
        row["model_id"]: _price(row)
        for row in await connection.fetch(
            "SELECT DISTINCT ON (model_id) price_version_id, model_id, effective_from,"
            " prompt, completion, cached, cache_write, reasoning, request, audio_prompt, audio_completion,"
            " image_prompt, image_completion, image, second, character"
            " FROM price_versions WHERE effective_from <= now() AND NOT EXISTS"
            " (SELECT FROM price_withdrawals AS w WHERE w.price_version_id = price_versions.price_version_id)"
            " ORDER BY model_id, effective_from DESC, price_version_id DESC"
        )
    }
    announced: dict[str, PriceVersion] = {}
    for row in await connection.fetch(
        "SELECT DISTINCT ON (model_id, effective_from) price_version_id, model_id, effective_from,"
        " prompt, completion, cached, cache_write, reasoning, request, audio_prompt, audio_completion,"
        " image_prompt, image_completion, image, second, character"
        " FROM price_versions WHERE effective_from > now() AND NOT EXISTS"
        " (SELECT FROM price_withdrawals AS w WHERE w.price_version_id = price_versions.price_version_id)"
        " ORDER BY model_id, effective_from, price_version_id DESC"
    ):
        coming, current = _price(row), prices.get(row["model_id"])
        # One that changes nothing is no news.
        if current is None or coming.rates != current.rates:
            announced.setdefault(coming.model_id, coming)
    routes: dict[str, list[Route]] = {}
    for row in await connection.fetch(
        "SELECT r.route_id, r.model_id, r.upstream_model, r.priority, r.weight, r.enabled AS route_enabled,"
        " r.cost_prompt AS prompt, r.cost_completion AS completion, r.cost_cached AS cached,"
        " r.cost_cache_write AS cache_write, r.cost_reasoning AS reasoning, r.cost_request AS request,"
        " r.cost_audio_prompt AS audio_prompt, r.cost_audio_completion AS audio_completion,"
        " r.cost_image_prompt AS image_prompt, r.cost_image_completion AS image_completion, r.cost_image AS image,"
        " r.cost_second AS second, r.cost_character AS character,"
        " p.provider_id, p.name, p.kind, p.base_url, p.secret, p.allow_private, p.enabled, p.daily_cap,"
        " p.max_in_flight, p.monthly_cap, p.key_ends"
        " FROM routes AS r JOIN providers AS p USING (provider_id) ORDER BY r.model_id, r.priority, r.route_id"
    ):
        routes.setdefault(row["model_id"], []).append(_route(row))
    rows = await connection.fetch(
        "SELECT model_id, name, description, context_length, max_output_tokens, enabled, daily_cap, created_at,"
        " endpoints, input_modalities, output_modalities, supported_parameters, dropped_parameters, hidden,"
        " deprecated_at, retires_at, successor FROM models ORDER BY model_id"
    )
    return [
        _model(row, prices.get(row["model_id"]), routes.get(row["model_id"], ()), announced.get(row["model_id"]))
        for row in rows
    ]


async def known_models(connection: Connection, model_ids: Iterable[str]) -> set[str]:
    rows = await connection.fetch("SELECT model_id FROM models WHERE model_id = ANY ($1)", list(model_ids))
    return {row["model_id"] for row in rows}


async def put_model(connection: Connection, model: Model) -> None:
    """Add a model, or change its entry; cap, visibility, end, price and routes are written on their own."""
    await connection.execute(
        "INSERT INTO models (model_id, name, description, context_length, max_output_tokens, enabled, endpoints,"
        " input_modalities, output_modalities, supported_parameters, dropped_parameters)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11)"
        " ON CONFLICT (model_id) DO UPDATE SET name = excluded.name, description = excluded.description,"
        " context_length = excluded.context_length, max_output_tokens = excluded.max_output_tokens,"
        " enabled = excluded.enabled, endpoints = excluded.endpoints, input_modalities = excluded.input_modalities,"
        " output_modalities = excluded.output_modalities, supported_parameters = excluded.supported_parameters,"
        " dropped_parameters = excluded.dropped_parameters",
        model.model_id,
        model.name,
        model.description,
        model.context_length,
        model.max_output_tokens,
        model.enabled,
        model.endpoints,
        model.input_modalities,
        model.output_modalities,
        model.supported_parameters,
        model.dropped_parameters,
    )


async def aliases(connection: Connection) -> dict[str, str]:
    """Return every alias with the id of its model, by alias."""
    rows = await connection.fetch("SELECT alias, model_id FROM model_aliases ORDER BY alias")
    return {row["alias"]: row["model_id"] for row in rows}


async def put_alias(connection: Connection, alias: str, model_id: str) -> None:
    await connection.execute(
        "INSERT INTO model_aliases (alias, model_id) VALUES ($1, $2)"
        " ON CONFLICT (alias) DO UPDATE SET model_id = excluded.model_id",
        alias,
        model_id,
    )


async def remove_alias(connection: Connection, alias: str) -> None:
    await connection.execute("DELETE FROM model_aliases WHERE alias = $1", alias)


async def set_model_enabled(connection: Connection, model_id: str, enabled: bool) -> None:
    await connection.execute("UPDATE models SET enabled = $2 WHERE model_id = $1", model_id, enabled)


async def rename_model(connection: Connection, model_id: str, before: str, after: str) -> None:
    """Give a model another name, unless it has one that somebody chose."""
    await connection.execute("UPDATE models SET name = $3 WHERE model_id = $1 AND name = $2", model_id, before, after)


async def set_model_cap(connection: Connection, model_id: str, daily_cap: int | None) -> None:
    await connection.execute("UPDATE models SET daily_cap = $2 WHERE model_id = $1", model_id, daily_cap)


async def put_route(
    connection: Connection,
    route_id: RouteId,
    model_id: str,
    provider_id: ProviderId,
    upstream_model: str,
    priority: int,
    costs: Rates,
    weight: int = 1,
) -> None:
    """Add a route, or enable and change the one of this model at this provider under this name."""
    await connection.execute(
        "INSERT INTO routes (route_id, model_id, provider_id, upstream_model, priority, weight, cost_prompt,"
        " cost_completion, cost_cached, cost_cache_write, cost_reasoning, cost_request, cost_audio_prompt,"
        " cost_audio_completion, cost_image_prompt, cost_image_completion, cost_image, cost_second, cost_character)"
        " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18, $19)"
        " ON CONFLICT (model_id, provider_id, upstream_model) DO UPDATE SET enabled = true,"
        " priority = excluded.priority, weight = excluded.weight,"
        " cost_prompt = excluded.cost_prompt, cost_completion = excluded.cost_completion,"
        " cost_cached = excluded.cost_cached, cost_cache_write = excluded.cost_cache_write,"
        " cost_reasoning = excluded.cost_reasoning, cost_request = excluded.cost_request,"
        " cost_audio_prompt = excluded.cost_audio_prompt, cost_audio_completion = excluded.cost_audio_completion,"
        " cost_image_prompt = excluded.cost_image_prompt, cost_image_completion = excluded.cost_image_completion,"
        " cost_image = excluded.cost_image, cost_second = excluded.cost_second,"
        " cost_character = excluded.cost_character",
        route_id,
        model_id,
        provider_id,
        upstream_model,
        priority,
        weight,
        *msgspec.structs.astuple(costs),
    )


async def set_route(connection: Connection, route_id: RouteId, priority: int, weight: int, enabled: bool) -> None:
    await connection.execute(
        "UPDATE routes SET priority = $2, weight = $3, enabled = $4 WHERE route_id = $1",
        route_id,
        priority,
        weight,
        enabled,
    )


async def set_route_costs(connection: Connection, route_id: RouteId, costs: Rates) -> None:
    """Change what a route costs, and nothing else: not whether it is used, nor when."""
    await connection.execute(
        "UPDATE routes SET cost_prompt = $2, cost_completion = $3, cost_cached = $4, cost_cache_write = $5,"
        " cost_reasoning = $6, cost_request = $7, cost_audio_prompt = $8, cost_audio_completion = $9,"
        " cost_image_prompt = $10, cost_image_completion = $11, cost_image = $12, cost_second = $13,"
        " cost_character = $14 WHERE route_id = $1",
        route_id,
        *msgspec.structs.astuple(costs),
    )


async def add_price(
    connection: Connection, price_version_id: PriceVersionId, model_id: str, rates: Rates, from_: datetime | None
) -> datetime:
    """Add a price version that is in effect from a moment, or from now on. Return that moment."""
    moment: datetime = await connection.fetchval(
        "INSERT INTO price_versions (price_version_id, model_id, effective_from, prompt, completion, cached,"
        " cache_write, reasoning, request, audio_prompt, audio_completion, image_prompt, image_completion, image,"
        " second, character)"
        " VALUES ($1, $2, coalesce($3, now()), $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16)"
        " RETURNING effective_from",
        price_version_id,
        model_id,
        from_,
        *msgspec.structs.astuple(rates),
    )
    return moment


async def price_version(connection: Connection, price_version_id: PriceVersionId) -> PriceVersion | None:
    row = await connection.fetchrow(
        "SELECT price_version_id, model_id, effective_from, prompt, completion, cached, cache_write, reasoning,"
        " request, audio_prompt, audio_completion, image_prompt, image_completion, image, second, character"
        " FROM price_versions WHERE price_version_id = $1",
        price_version_id,
    )
    return None if row is None else _price(row)


async def price_versions(connection: Connection, model_id: str) -> list[tuple[PriceVersion, datetime | None]]:
    """Return every price that a model was given, newest first, each with the moment it was taken back."""
    rows = await connection.fetch(
        "SELECT v.price_version_id, v.model_id, v.effective_from, v.prompt, v.completion, v.cached, v.cache_write,"
        " v.reasoning, v.request, v.audio_prompt, v.audio_completion, v.image_prompt, v.image_completion, v.image,"
        " v.second, v.character, w.withdrawn_at"
        " FROM price_versions AS v LEFT JOIN price_withdrawals AS w USING (price_version_id) WHERE v.model_id = $1"
        " ORDER BY v.effective_from DESC, v.price_version_id DESC",
        model_id,
    )
    return [(_price(row), row["withdrawn_at"]) for row in rows]


async def withdraw_price(connection: Connection, price_version_id: PriceVersionId) -> bool:
    """Take back a price that has not taken effect; False when it has meanwhile, or was taken back already."""
    status = await connection.execute(
        "INSERT INTO price_withdrawals (price_version_id) SELECT price_version_id FROM price_versions"
        " WHERE price_version_id = $1 AND effective_from > clock_timestamp() + interval '1 second'"
        " ON CONFLICT DO NOTHING",
        price_version_id,
    )
    return status == "INSERT 0 1"


async def set_hidden(connection: Connection, model_id: str, hidden: bool) -> None:
    await connection.execute("UPDATE models SET hidden = $2 WHERE model_id = $1", model_id, hidden)


async def set_end(
    connection: Connection, model_id: str, retires_at: datetime | None, successor: str | None
) -> datetime | None:
    """Let a model retire, or stay with None; return when it was said. Saying it again keeps that moment."""
    said: datetime | None = await connection.fetchval(
        "UPDATE models SET retires_at = $2, successor = $3,"
        " deprecated_at = CASE WHEN $2::timestamptz IS NULL THEN NULL ELSE coalesce(deprecated_at, now()) END"
        " WHERE model_id = $1 RETURNING deprecated_at",
        model_id,
        retires_at,
        successor,
    )
    return said


async def change_route(
    connection: Connection, route_id: RouteId, priority: int, weight: int, enabled: bool, costs: Rates
) -> None:
    await connection.execute(
        "UPDATE routes SET priority = $2, weight = $3, enabled = $4 WHERE route_id = $1",
        route_id,
        priority,
        weight,
        enabled,
    )
    await set_route_costs(connection, route_id, costs)


def _rates(row: Record) -> Rates:
    return Rates(**{name: row[name] for name in Rates.__struct_fields__})


def _price(row: Record) -> PriceVersion:
    return PriceVersion(
        price_version_id=PriceVersionId(row["price_version_id"]),
        model_id=row["model_id"],
        effective_from=row["effective_from"],
        rates=_rates(row),
    )


def _provider(row: Record) -> Provider:
    return Provider(
        provider_id=ProviderId(row["provider_id"]),
        name=row["name"],
        kind=row["kind"],
        base_url=row["base_url"],
        secret=row["secret"],
        allow_private=row["allow_private"],
        enabled=row["enabled"],
        daily_cap=row["daily_cap"],
        max_in_flight=row["max_in_flight"],
        monthly_cap=row["monthly_cap"],
        key_ends=row["key_ends"],
    )


def _route(row: Record) -> Route:
    return Route(
        route_id=RouteId(row["route_id"]),
        model_id=row["model_id"],
        provider=_provider(row),
        upstream_model=row["upstream_model"],
        priority=row["priority"],
        enabled=row["route_enabled"],
        costs=_rates(row),
        weight=row["weight"],
    )


def _model(row: Record, price: PriceVersion | None, routes: Iterable[Route], next_price: PriceVersion | None) -> Model:
    return Model(
        model_id=row["model_id"],
        name=row["name"],
        description=row["description"],
        context_length=row["context_length"],
        max_output_tokens=row["max_output_tokens"],
        enabled=row["enabled"],
        daily_cap=row["daily_cap"],
        created_at=row["created_at"],
        price=price,
        routes=tuple(routes),
        endpoints=tuple(row["endpoints"]),
        input_modalities=tuple(row["input_modalities"]),
        output_modalities=tuple(row["output_modalities"]),
        supported_parameters=None if row["supported_parameters"] is None else tuple(row["supported_parameters"]),
        dropped_parameters=tuple(row["dropped_parameters"]),
        hidden=row["hidden"],
        deprecated_at=row["deprecated_at"],
        retires_at=row["retires_at"],
        successor=row["successor"],
        next_price=next_price,
    )


async def stopped_scopes(connection: Connection) -> dict[str, str]:
    rows = await connection.fetch("SELECT scope, message FROM stops")
    return {row["scope"]: row["message"] for row in rows}
