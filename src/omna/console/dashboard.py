"""/api/console/dashboard: the state of the installation on one page, from sums and counts that are kept anyway."""

from datetime import UTC
from typing import Annotated, Literal

from fastapi import Query

from omna.catalog import service as catalog
from omna.catalog.margins import sold_below_cost
from omna.catalog.model import Model, Provider
from omna.console import chains
from omna.console import dashboard_store as store
from omna.console.audit_schemas import ChainStatus
from omna.console.dashboard_schemas import (
    Dashboard,
    DashboardCap,
    DashboardChain,
    DashboardDay,
    DashboardModel,
    DashboardMoney,
    DashboardProvider,
    DashboardStop,
    DashboardWaiting,
)
from omna.console.models_shown import address_of
from omna.db.pool import Connection
from omna.http.access import Reading, StaffCan
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.risk import service as risk
from omna.usage import platform
from omna.usage.platform_model import ModelSum, by_provider

router = Router(prefix="/api/console/dashboard", tags=["console"])

#: Who sees amounts: those who decide about money, and those who check it.
_MONEY = frozenset({StaffRight.MONEY, StaffRight.AUDIT, StaffRight.OWN})
#: What is behind a list that not everybody has.
_RIGHTS = {"credits": StaffRight.MONEY, "sign_ups": StaffRight.OWN}
_MOST_MODELS = 10


@router.get("")
async def get_dashboard(
    who: Annotated[Person, StaffCan(StaffRight.SEE)],
    connection: Reading,
    period: Annotated[Literal["1", "7", "30"], Query(alias="days", description="UTC days, today included.")] = "7",
) -> Dashboard:
    """Return what an operator looks at first."""
    days = int(period)
    sees_money = not _MONEY.isdisjoint(who.staff_rights)
    async with connection.transaction(isolation="repeatable_read", readonly=True):
        used = await platform.days(connection, days)
        recharged = await store.recharged(connection, used.start)
        active = await platform.active(connection, days)
        running, held = await platform.open_holds(connection)
        models = await catalog.list_models(connection)
        providers = await _providers(connection, days, sees_money)
        costs = await risk.model_costs(connection)
        waiting = await store.waiting(connection)
        ledger, audit = await chains.of_ledger(connection), await chains.of_audit(connection)
        stops = await risk.stops(connection)
    by_day = [
        DashboardDay(
            day=one.day,
            requests=one.requests,
            errors=one.errors,
            recharged=recharged.get(one.day.astimezone(UTC), 0) if sees_money else None,
            charged=one.charge if sees_money else None,
            provider_cost=one.provider_charge if sees_money else None,
        )
        for one in used.by_day
    ]
    known = {model.model_id for model in models}
    return Dashboard(
        days=days,
        start=used.start,
        end=used.end,
        money=_money(used, sum(recharged.values())) if sees_money else None,
        requests=sum(one.requests for one in used.by_day),
        errors=sum(one.errors for one in used.by_day),
        active_workspaces=active.workspaces,
        active_people=active.people,
        running=running,
        held=held if sees_money else None,
        by_day=by_day,
        models=[_model(one, known, sees_money) for one in used.by_model[:_MOST_MODELS]],
        providers=providers,
        model_caps=_caps(models, costs) if sees_money else [],
        below_cost=len({loss.model_id for loss in sold_below_cost(models)}) if sees_money else None,
        waiting=[
            DashboardWaiting(kind=row["kind"], waiting=row["waiting"], oldest=row["oldest"])
            for row in waiting
            if _RIGHTS.get(row["kind"], StaffRight.SEE) in who.staff_rights
        ],
        chains=[_chain("ledger", ledger), _chain("audit", audit)],
        stops=[
            DashboardStop(scope=one.scope, reason=one.reason, cut_streams=one.cut_streams, since=one.since)
            for one in stops
        ],
    )


def _money(used: platform.Days, recharged: int) -> DashboardMoney:
    charged = sum(one.charge for one in used.by_day)
    cost = sum(one.provider_charge for one in used.by_day)
    return DashboardMoney(
        recharged=recharged,
        charged=charged,
        provider_cost=cost,
        margin=charged - cost,
        margin_percent=percent(charged - cost, charged),
    )


def percent(part: int, whole: int) -> str | None:
    """Return a share in percent with one decimal, towards 0; None of nothing."""
    if not whole:
        return None
    tenths = abs(part) * 1000 // whole
    return f"{'-' if part < 0 and tenths else ''}{tenths // 10}.{tenths % 10}"


def _model(one: ModelSum, known: set[str], sees_money: bool) -> DashboardModel:
    return DashboardModel(
        id=one.model_id,
        address=address_of(one.model_id) if one.model_id in known else None,
        requests=one.requests,
        errors=one.errors,
        charged=one.charge if sees_money else None,
        provider_cost=one.provider_charge if sees_money else None,
    )


async def _providers(connection: Connection, days: int, sees_money: bool) -> list[DashboardProvider]:
    calls = by_provider(await platform.provider_days(connection, days))
    costs = await risk.provider_costs(connection)

    def shown(provider: Provider) -> DashboardProvider:
        one = calls.get(provider.provider_id)
        spent, held = costs.get(provider.provider_id, (0, 0))
        capped = sees_money and provider.daily_cap is not None
        return DashboardProvider(
            name=provider.name,
            enabled=provider.enabled,
            calls=0 if one is None else one.calls,
            failures=0 if one is None else one.failures,
            failed_percent=None if one is None else percent(one.failures, one.calls),
            charged=None if not sees_money else 0 if one is None else one.charge,
            provider_cost=None if not sees_money else 0 if one is None else one.provider_charge,
            daily_cap=provider.daily_cap if sees_money else None,
            spent_today=spent if capped else None,
            held_today=held if capped else None,
        )

    return [shown(provider) for provider in await catalog.list_providers(connection)]


def _caps(models: list[Model], costs: dict[str, tuple[int, int]]) -> list[DashboardCap]:
    return [
        DashboardCap(
            id=model.model_id,
            address=address_of(model.model_id),
            daily_cap=model.daily_cap,
            spent_today=costs.get(model.model_id, (0, 0))[0],
            held_today=costs.get(model.model_id, (0, 0))[1],
        )
        for model in models
        if model.daily_cap is not None
    ]


def _chain(name: Literal["ledger", "audit"], status: ChainStatus) -> DashboardChain:
    return DashboardChain(name=name, state=status.state, checked_at=status.checked_at, findings=status.findings)
