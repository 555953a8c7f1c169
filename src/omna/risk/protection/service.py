"""Look at the numbers, raise and resolve alerts, stop where that was allowed. Each look is a transaction of its own."""

from collections.abc import Mapping
from datetime import timedelta
from decimal import Decimal

from omna.alerts import service as alerts
from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.catalog.margins import is_free
from omna.db.pool import Connection
from omna.money import format_credits
from omna.risk import service as risk
from omna.risk.protection import stopping, store
from omna.risk.protection.judging import ErrorFinding, SpendFinding, caps_in_use, failing, overspending
from omna.risk.protection.thresholds import Thresholds, check, of_rows
from omna.vault import service as vault

__all__ = ["Thresholds", "change", "thresholds", "watch_caps", "watch_debts", "watch_errors", "watch_margins",
           "watch_spend"]  # fmt: skip

CAPS = ("provider.cap", "provider.monthly_cap", "model.cap")
ERRORS = ("provider.errors", "model.errors")
SPEND, SPEND_OF_PROVIDER = "spend.unusual", "provider.spend"
MARGIN, BELOW_COST, DEBTS = "model.margin", "model.below_cost", "debts.grown"

DAYS_COMPARED, MARGIN_HOURS = 14, 24
_DEBT_BEFORE = "protection.debt_before"


async def thresholds(connection: Connection) -> Thresholds:
    """Return the thresholds in force."""
    return of_rows(await store.thresholds(connection))


async def change(
    connection: Connection, changes: Mapping[str, int], *, reason: str, actor: audit.Actor
) -> tuple[Thresholds, int]:
    """Change thresholds; return those in force and the number of the audit row. Errors: InvalidValue."""
    check(changes)
    await store.lock_thresholds(connection)
    before = await thresholds(connection)
    await store.put_thresholds(connection, changes)
    seq = await audit.record(
        connection,
        actor,
        "protection.change",
        "protection",
        reason=reason,
        before={name: getattr(before, name) for name in changes},
        after=dict(changes),
    )
    return await thresholds(connection), seq


async def watch_caps(connection: Connection) -> None:
    """Tell of caps that are nearly used, and of those that are."""
    told, open_ones = caps_in_use(await store.caps(connection), await thresholds(connection))
    for use in told:
        what = {"provider.cap": "provider", "provider.monthly_cap": "provider", "model.cap": "model"}[use.kind]
        span = "month" if use.kind == "provider.monthly_cap" else "day"
        refused = ": new requests are refused" if use.used_up else ""
        await alerts.raise_alert(
            connection,
            use.kind,
            use.name,
            severity="critical" if use.used_up else "warning",
            facts={
                "percent": use.percent,
                "cap": format_credits(use.cap),
                "spent": format_credits(use.spent),
                "held": format_credits(use.held),
            },
            message=f"The {what} {use.name} has used {use.percent} % of its cap of this {span}{refused}",
            counts=False,
        )
    for kind in CAPS:
        await alerts.resolve_others(connection, kind, {use.name for use in open_ones if use.kind == kind})


async def watch_errors(connection: Connection, *, actor: audit.Actor) -> list[str]:
    """Tell of providers and models whose calls fail, and stop them if that was allowed; return what was stopped."""
    t = await thresholds(connection)
    found = failing(await store.calls(connection, timedelta(minutes=t.errors_minutes)), t)
    to_stop = [(one.scope, _words_of_errors(one, t)) for one in found if one.scope is not None and t.errors_stop]
    if to_stop:
        await risk.lock_controls(connection)
    still: dict[str, set[str]] = {kind: set() for kind in ERRORS}
    for one in found:
        kind = "provider.errors" if one.model is None else "model.errors"
        still[kind].add(one.subject)
        await alerts.raise_alert(
            connection,
            kind,
            one.subject,
            severity="critical" if one.model is None else "warning",
            facts={
                "provider": one.provider,
                "model": one.model,
                "percent": one.percent,
                "failures": one.failures,
                "calls": one.calls,
                "minutes": t.errors_minutes,
                "scope": one.scope,
            },
            message=_words_of_errors(one, t),
            counts=False,
        )
    for kind in ERRORS:
        await _resolve_unless_stopped(connection, kind, still[kind])
    return await _stop(connection, to_stop, actor)


async def watch_spend(connection: Connection, *, actor: audit.Actor) -> list[str]:
    """Tell of spending that is many times the usual, and stop it if that was allowed; return what was stopped."""
    t = await thresholds(connection)
    window = timedelta(minutes=t.spend_minutes)
    by_model = await store.costs(connection, window)
    spent = {provider: sum(models.values()) for provider, models in by_model.items()}
    past = await store.history(connection, window, DAYS_COMPARED)
    found = overspending(spent, past, by_model, t)
    to_stop = [(one.scope, _words_of_spend(one, t)) for one in found if one.scope is not None and t.spend_stop]
    if to_stop:
        await risk.lock_controls(connection)
    for one in found:
        await alerts.raise_alert(
            connection,
            SPEND if one.provider is None else SPEND_OF_PROVIDER,
            one.provider or "all",
            severity="critical",
            facts={
                "amount": format_credits(one.amount),
                "usual": format_credits(one.usual),
                "times": None if one.times is None else Decimal(one.times) / 100,
                "minutes": t.spend_minutes,
                "scope": one.scope,
            },
            message=_words_of_spend(one, t),
            counts=False,
        )
    await alerts.resolve_others(connection, SPEND, {"all"} if any(one.provider is None for one in found) else ())
    still = {one.provider for one in found if one.provider is not None}
    await _resolve_unless_stopped(connection, SPEND_OF_PROVIDER, still)
    return await _stop(connection, to_stop, actor)


async def watch_margins(connection: Connection) -> None:
    """Tell of models that cost more than they brought in a day, and of prices below the cost of a route."""
    t = await thresholds(connection)
    lossy = await store.margins(connection, MARGIN_HOURS, t.margin_floor)
    below = await catalog.below_cost(connection)
    # What is given away by decision loses money by decision.
    free = await _free_models(connection) if lossy or below else set()
    still = set()
    for model, charge, cost in lossy:
        if model in free:
            continue
        still.add(model)
        await alerts.raise_alert(
            connection,
            MARGIN,
            model,
            severity="warning",
            facts={"brought": format_credits(charge), "cost": format_credits(cost), "hours": MARGIN_HOURS},
            message=f"{model} cost {format_credits(cost)} Credits in {MARGIN_HOURS} hours and brought "
            f"{format_credits(charge)}",
            counts=False,
        )
    await alerts.resolve_others(connection, MARGIN, still)
    losses = {loss.model_id: loss for loss in below if loss.model_id not in free}
    for model, loss in losses.items():
        name, (price, cost) = next(iter(loss.classes.items()))
        await alerts.raise_alert(
            connection,
            BELOW_COST,
            model,
            severity="warning",
            facts={
                "class": name,
                "price": format_credits(price),
                "cost": format_credits(cost),
                "provider": loss.provider,
                "classes": list(loss.classes),
            },
            message=f"{model} is sold below cost at {loss.provider}: {name} at {format_credits(price)} Credits, "
            f"costs {format_credits(cost)}",
            counts=False,
        )
    await alerts.resolve_others(connection, BELOW_COST, losses)


async def watch_debts(connection: Connection) -> None:
    """Tell of customers owing much more than at the beginning of the day."""
    t = await thresholds(connection)
    day, owed = await store.owed(connection)
    known_day, _, known = (await vault.recall(connection, _DEBT_BEFORE) or "").partition(":")
    if known_day != day:
        await vault.remember(connection, _DEBT_BEFORE, f"{day}:{owed}")
        known = str(owed)
    grown = owed - int(known)
    if grown < t.debt_growth:
        await alerts.resolve(connection, DEBTS, "all")
        return
    await alerts.raise_alert(
        connection,
        DEBTS,
        "all",
        severity="warning",
        facts={"grown": format_credits(grown), "owed": format_credits(owed)},
        message=f"Customers owe {format_credits(grown)} Credits more than at the beginning of the day",
        counts=False,
    )


async def _stop(connection: Connection, wanted: list[tuple[str, str]], actor: audit.Actor) -> list[str]:
    return [scope for scope, why in wanted if await stopping.stop(connection, scope, reason=why, actor=actor)]


async def _resolve_unless_stopped(connection: Connection, kind: str, still: set[str]) -> None:
    """End what is no longer true. Behind a stop of our own nothing is called, so nothing is known: that stays open."""
    held = await stopping.held(connection)
    for alert in await alerts.current(connection, kind):
        if alert.subject not in still and alert.facts.get("scope") not in held:
            await alerts.resolve(connection, kind, alert.subject)


async def _free_models(connection: Connection) -> set[str]:
    models = await catalog.list_models(connection)
    return {model.model_id for model in models if model.price is not None and is_free(model.price.rates)}


def _words_of_errors(one: ErrorFinding, t: Thresholds) -> str:
    who = f"Provider {one.provider}" if one.model is None else f"{one.model} at {one.provider}"
    return f"{who} fails: {one.failures} of {one.calls} calls in {t.errors_minutes} minutes ({one.percent} %)"


def _words_of_spend(one: SpendFinding, t: Thresholds) -> str:
    who = "All providers together" if one.provider is None else f"Provider {one.provider}"
    usual = f"usual are {format_credits(one.usual)}" if one.usual else "usual is nothing"
    return f"{who} cost {format_credits(one.amount)} Credits in {t.spend_minutes} minutes; {usual}"
