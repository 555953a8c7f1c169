"""The models on sale, for the members of a workspace."""

from collections.abc import Mapping
from typing import Annotated

from omna.catalog import service
from omna.catalog.model import Model, Rates
from omna.catalog.schemas import ModelPrices, ModelRow, NextPrice
from omna.clock import now
from omna.http.access import Can, Reading
from omna.http.principal import Member, Right
from omna.http.router import Router

router = Router(prefix="/api", tags=["models"])

#: Endpoints of the gateway that serve a model for chats, beside the one of that name.
_OF_CHAT = ("chat", "responses", "messages")
_REASONING = frozenset({"reasoning", "reasoning_effort", "include_reasoning"})


@router.get("/workspaces/{workspace}/models")
async def models(who: Annotated[Member, Can(Right.VIEW)], connection: Reading) -> list[ModelRow]:
    """Return every model that has a price and is not hidden, by id: those on sale, and those paused with the reason."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        found = await service.list_models(connection)
        aliases = await service.list_aliases(connection)
        stopped = await service.stopped_scopes(connection)
    names: dict[str, list[str]] = {}
    for alias, model_id in sorted(aliases.items()):
        names.setdefault(model_id, []).append(alias)
    return [
        row_of(model, names.get(model.model_id, []), stopped)
        for model in sorted(found, key=lambda model: model.model_id)
        if model.price is not None and not model.hidden
    ]


def why_not(model: Model, stopped: Mapping[str, str]) -> str | None:
    """Return why a model cannot be used now, None when it can. stopped: reasons of emergency stops by scope."""
    if model.retires_at is not None and model.retires_at <= now():
        return "This model was retired."
    if not model.enabled:
        return "This model is not on sale at present."
    for scope in ("all", "api", f"model:{model.model_id}"):
        if scope in stopped:
            return _stopped(stopped[scope])
    open_routes = [route for route in model.routes if route.enabled and route.provider.enabled]
    if not open_routes:
        return "Its provider is switched off at present."
    if all(f"provider:{route.provider.name}" in stopped for route in open_routes):
        return _stopped(stopped[f"provider:{open_routes[0].provider.name}"])
    return None


def _stopped(message: str) -> str:
    return f"Stopped by the operator: {message}" if message else "Stopped by the operator for now."


def row_of(model: Model, aliases: list[str], stopped: Mapping[str, str]) -> ModelRow:
    """Return a model that has a price, as members see it. aliases, stopped: its other names, and `why_not`'s."""
    assert model.price is not None
    rates, reason = model.price.rates, why_not(model, stopped)
    parameters = model.supported_parameters
    return ModelRow(
        id=model.model_id,
        name=model.name,
        description=model.description,
        aliases=aliases,
        owned_by=model.model_id.partition("/")[0] if "/" in model.model_id else "omna",
        prices=_prices(rates),
        free=not any(getattr(rates, name) for name in Rates.__struct_fields__),
        context_length=model.context_length,
        max_output_tokens=model.max_output_tokens,
        input_modalities=list(model.input_modalities),
        output_modalities=list(model.output_modalities),
        endpoints=[name for one in model.endpoints for name in (_OF_CHAT if one == "chat" else (one,))],
        tools=None if parameters is None else "tools" in parameters,
        reasoning=None if parameters is None else not _REASONING.isdisjoint(parameters),
        available=reason is None,
        why_not=reason,
        successor=model.successor,
        retires_at=model.retires_at,
        price_since=model.price.effective_from,
        next_price=None
        if model.next_price is None
        else NextPrice(effective_from=model.next_price.effective_from, prices=_prices(model.next_price.rates)),
    )


def _prices(rates: Rates) -> ModelPrices:
    return ModelPrices(
        prompt=rates.prompt,
        completion=rates.completion,
        cached=rates.cached,
        cache_write=rates.cache_write,
        reasoning=rates.reasoning,
        request=rates.request or None,
        image=rates.image or None,
        second=rates.second or None,
        character=rates.character or None,
    )
