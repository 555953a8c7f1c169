"""/api/console/models: what is sold, at which price, where it runs, and until when.

A model's id stands in addresses with `~` for `/`: `/models/openai~gpt-5`.
"""

from datetime import datetime
from typing import Annotated

from fastapi import Path

from omna.audit.acting import Act
from omna.catalog import editing, pricing
from omna.catalog import service as catalog
from omna.catalog.margins import open_routes
from omna.catalog.price_changes import moves_of
from omna.catalog.price_effect import charged_at
from omna.console import models_shown as shown
from omna.console.model_schemas import (
    ModelAlias,
    ModelCap,
    ModelEdit,
    ModelEnd,
    ModelReason,
    ModelSwitch,
    ModelVisibility,
    PriceMove,
    PriceNew,
    PricePlanned,
    PricePreview,
    PriceWithdrawal,
    RouteEdit,
    RouteMargins,
    RouteNew,
    StaffModel,
    StaffModelActed,
    StaffModelRow,
    UsageEffect,
)
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import PriceVersionId, RouteId
from omna.money import parse_credits
from omna.risk import service as risk
from omna.usage import platform

router = Router(prefix="/api/console/models", tags=["console"])

Reader = Annotated[Person, StaffCan(StaffRight.CONFIGURATION)]
Owner = Annotated[Person, StaffCan(StaffRight.OWN)]
ModelPath = Annotated[str, Path(description="The model's id, with `~` for `/`.")]
RoutePath = Annotated[str, Path(description="The route: `rt_…`")]


@router.get("")
async def list_staff_models(who: Reader, connection: Reading) -> list[StaffModelRow]:
    """Return every model, by id, with what it costs and brings."""
    costs = await risk.model_costs(connection)
    return [shown.row(model, costs) for model in await catalog.list_models(connection)]


@router.get("/{model}")
async def get_staff_model(model: ModelPath, who: Reader, connection: Reading) -> StaffModel:
    """Return everything about a model: routes, every price it ever had, the usage of 30 days."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        return StaffModel(**await shown.facts(connection, shown.id_of(model)))


@router.patch("/{model}")
async def edit_model(model: ModelPath, body: ModelEdit, who: Owner, connection: Work, act: Act) -> StaffModelActed:
    """Change what is said of a model."""
    model_id = shown.id_of(model)
    given = body.model_dump(exclude_unset=True, exclude={"reason"})
    changes = {name: tuple(value) if isinstance(value, list) else value for name, value in given.items()}
    for name in ("name", "description", "endpoints", "input_modalities", "output_modalities", "dropped_parameters"):
        if name in changes and changes[name] is None:
            raise InvalidValue(f"{name} cannot be empty.", param=name)
    seq = await editing.edit(connection, model_id, changes, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/prices/preview")
async def preview_price(model: ModelPath, body: PricePlanned, who: Owner, connection: Reading) -> PricePreview:
    """Return what new prices would change: differences, the margin on every route, past usage. Nothing is written."""
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        planned = await pricing.plan(connection, shown.id_of(model), _wanted(body))
        used = await platform.model_sum(connection, planned.model.model_id, shown.USAGE_DAYS)
    before = None if planned.model.price is None else planned.model.price.rates
    after = planned.wanted.prices
    return PricePreview(
        moves=[PriceMove(name=name, now=old, then=new) for name, (old, new) in moves_of(before, after).items()],
        routes=[
            RouteMargins(
                provider=route.provider.name,
                upstream_model=route.upstream_model,
                margins=shown.margins(after, route.costs),
            )
            for route in open_routes(planned.model)
        ],
        usage=UsageEffect(
            requests=used.requests,
            charged=used.charge,
            at_present=None if before is None else charged_at(before, used),
            at_new=charged_at(after, used),
            provider_cost=used.provider_charge,
        ),
    )


@router.post("/{model}/prices")
async def set_price(
    model: ModelPath, body: PriceNew, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> StaffModelActed:
    """Give a model new prices, after a step-up for `model.price`. Running requests keep what they began with."""
    model_id = shown.id_of(model)
    await confirm(connection, who, "model.price", model_id)
    # First: what is compared and written is decided while nobody else changes it.
    await risk.lock_controls(connection)
    planned = await pricing.plan(connection, model_id, _wanted(body))
    before = None if planned.model.price is None else planned.model.price.rates
    for name, (_, amount) in moves_of(before, planned.wanted.prices).items():
        typed = body.typed.get(name)
        if typed is None or parse_credits(typed) != amount:
            raise InvalidValue(f"Type the new {name} price again: it is not the same.", param=f"typed.{name}")
    seq = await pricing.set_price(connection, model_id, planned.wanted, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/prices/withdraw")
async def withdraw_price(
    model: ModelPath, body: PriceWithdrawal, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> StaffModelActed:
    """Take an announced price back before it takes effect, after a step-up for `model.price`."""
    model_id = shown.id_of(model)
    await confirm(connection, who, "model.price", model_id)
    version_id = _version_id(body.version)
    seq = await pricing.withdraw(connection, model_id, version_id, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/visibility")
async def show_model(
    model: ModelPath, body: ModelVisibility, who: Owner, connection: Work, act: Act
) -> StaffModelActed:
    """Show a model in lists or in none. A hidden one still answers whoever names it."""
    model_id = shown.id_of(model)
    seq = await editing.set_hidden(connection, model_id, body.hidden, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/sale")
async def switch_model(model: ModelPath, body: ModelSwitch, who: Owner, connection: Work, act: Act) -> StaffModelActed:
    """Put a model on sale or take it off, from the next request on."""
    model_id = shown.id_of(model)
    seq = await editing.set_enabled(connection, model_id, body.enabled, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/deprecate")
async def deprecate_model(model: ModelPath, body: ModelEnd, who: Owner, connection: Work, act: Act) -> StaffModelActed:
    """Say when a model goes and what to use instead. It answers until then, with a mark."""
    model_id = shown.id_of(model)
    seq = await editing.deprecate(
        connection,
        model_id,
        successor=body.successor,
        retires_at=_moment(body.retires_at, "retires_at"),
        reason=body.reason,
        actor=act(who),
    )
    return await _acted(connection, model_id, seq)


@router.post("/{model}/restore")
async def restore_model(model: ModelPath, body: ModelReason, who: Owner, connection: Work, act: Act) -> StaffModelActed:
    """Let a model stay that was to go, or come back."""
    model_id = shown.id_of(model)
    seq = await editing.restore(connection, model_id, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/cap")
async def cap_model(model: ModelPath, body: ModelCap, who: Owner, connection: Work, act: Act) -> StaffModelActed:
    """Set what a model may cost in a UTC day, at provider cost. It holds for the next request."""
    model_id = shown.id_of(model)
    cap = None if body.daily is None else parse_credits(body.daily)
    seq = await risk.cap_model(connection, model_id, cap, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/aliases")
async def add_model_alias(
    model: ModelPath, body: ModelAlias, who: Owner, connection: Work, act: Act
) -> StaffModelActed:
    """Give a model another name, or let a name stand for this model from now on."""
    model_id = shown.id_of(model)
    seq = await catalog.set_alias(connection, body.alias, model_id, reason=body.reason, actor=act(who))
    if seq is None:
        raise InvalidValue("This name stands for this model already.", param="alias")
    return await _acted(connection, model_id, seq)


@router.post("/{model}/aliases/remove")
async def remove_model_alias(
    model: ModelPath, body: ModelAlias, who: Owner, connection: Work, act: Act
) -> StaffModelActed:
    """Let a name of this model stand for nothing any more."""
    model_id = shown.id_of(model)
    await risk.lock_controls(connection)
    if (await catalog.list_aliases(connection)).get(body.alias) != model_id:
        raise InvalidValue("This name does not stand for this model.", param="alias")
    seq = await catalog.remove_alias(connection, body.alias, reason=body.reason, actor=act(who))
    return await _acted(connection, model_id, seq)


@router.post("/{model}/routes")
async def add_model_route(
    model: ModelPath, body: RouteNew, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> StaffModelActed:
    """Let a model run at one more place, after a step-up for `model.price`: its cost there is part of it."""
    model_id = shown.id_of(model)
    await confirm(connection, who, "model.price", model_id)
    seq = await editing.add_route(
        connection,
        model_id,
        provider=body.provider,
        upstream_model=body.upstream_model,
        costs=shown.rates_in(body.costs),
        priority=body.priority,
        weight=body.weight,
        reason=body.reason,
        actor=act(who),
    )
    return await _acted(connection, model_id, seq)


@router.patch("/{model}/routes/{route}")
async def edit_model_route(
    model: ModelPath, route: RoutePath, body: RouteEdit, who: Owner, connection: Work, confirm: Confirm, act: Act
) -> StaffModelActed:
    """Change when a route is used, whether, and what it costs; costs after a step-up for `model.price`."""
    model_id = shown.id_of(model)
    if body.costs is not None:
        await confirm(connection, who, "model.price", model_id)
    seq = await editing.change_route(
        connection,
        model_id,
        RouteId(id_in_address(route, "rt", "route")),
        priority=body.priority,
        weight=body.weight,
        enabled=body.enabled,
        costs=None if body.costs is None else shown.rates_in(body.costs),
        accept_loss=body.accept_loss,
        reason=body.reason,
        actor=act(who),
    )
    return await _acted(connection, model_id, seq)


async def _acted(connection: Connection, model_id: str, seq: int) -> StaffModelActed:
    return StaffModelActed(**await shown.facts(connection, model_id), audit_seq=seq)


def _wanted(body: PricePlanned) -> pricing.Wanted:
    return pricing.Wanted(
        prices=shown.rates_in(body.prices),
        free=body.free,
        effective_from=None if body.effective_from is None else _moment(body.effective_from, "effective_from"),
        replaces=None if body.replaces is None else _version_id(body.replaces),
    )


def _version_id(text: str) -> PriceVersionId:
    return PriceVersionId(id_in_address(text, "pv", "price version"))


def _moment(moment: datetime, field: str) -> datetime:
    if moment.tzinfo is None:
        raise InvalidValue("Say in which zone: for example `2030-01-31T00:00:00Z`.", param=field)
    return moment
