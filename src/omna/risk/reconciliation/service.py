"""Compare what was recorded with what providers report, day by day, and say so when they differ.

No report is read within a transaction: what is asked is read first, then the network, then one transaction writes.
"""

from datetime import date, datetime, timedelta
from decimal import Decimal
from urllib.parse import urlsplit

import asyncpg
import msgspec

from omna.alerts import service as alerts
from omna.audit import service as audit
from omna.catalog import service as catalog
from omna.catalog.model import Provider, ending_of, origin_of
from omna.config import Settings
from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict, InvalidValue
from omna.ids import ProviderId
from omna.money import format_credits
from omna.providers import usage_reports
from omna.providers.base import Endpoint, Failure, FailureKind
from omna.risk import spending, spending_store
from omna.risk.reconciliation import store
from omna.risk.reconciliation.model import (
    DAYS_BACK,
    DIFFERS,
    LATE,
    LATE_DAYS,
    Allowed,
    Line,
    State,
    allowed,
    judge,
    nanocredits,
)
from omna.vault.envelope import Location
from omna.vault.keyring import Keyring, Purpose

__all__ = [
    "Reporting",
    "lines",
    "reconcile",
    "reconcile_all",
    "remove_key",
    "report_of",
    "reporting",
    "reseal",
    "set_key",
]


class Reporting(msgspec.Struct, frozen=True):
    """How a provider's report is read. usable: the key belongs to the address the provider has."""

    format: str
    key_ends: str | None
    usable: bool
    set_at: datetime


class _Plan(msgspec.Struct):
    """What is to be asked of one provider."""

    provider: Provider
    report: str
    endpoint: Endpoint
    #: Days that are over and have not matched, oldest first; empty where only the day so far can be asked for.
    days: list[date]
    today: date | None


def report_of(provider: Provider) -> str | None:
    """Return the format that the provider's host reports in, None for hosts nobody knows."""
    return usage_reports.format_of(urlsplit(provider.base_url).hostname)


async def reporting(connection: Connection, provider: Provider) -> Reporting | None:
    """Return how the provider's report is read, None without a reporting key."""
    row = await store.shown(connection, provider.provider_id)
    if row is None:
        return None
    return Reporting(row["format"], row["key_ends"], row["origin"] == _origin(provider), row["set_at"])


async def set_key(
    connection: Connection,
    name: str,
    secret: str,
    report: str,
    *,
    keyring: Keyring,
    reason: str,
    actor: audit.Actor,
) -> int:
    """Set the key that reads a provider's report; return the number of its audit row.

    Errors  NotFound, InvalidValue
    """
    if report not in usage_reports.FORMATS:
        raise InvalidValue(f"A report is in the format {' or '.join(usage_reports.FORMATS)}.", param="format")
    catalog.check_key(secret)
    provider = await catalog.find_provider(connection, name)
    before = await store.shown(connection, provider.provider_id)
    sealed = keyring.seal(Purpose.PROVIDER_SECRETS, secret, _place(provider.provider_id))
    await store.put_reporting(connection, provider.provider_id, report, sealed, ending_of(secret), _origin(provider))
    return await audit.record(
        connection,
        actor,
        "provider.reporting_key",
        name,
        reason=reason,
        before={"format": before["format"] if before else None, "has_key": before is not None},
        after={"format": report, "has_key": True},
    )


async def remove_key(connection: Connection, name: str, *, reason: str, actor: audit.Actor) -> int:
    """Forget the key that reads a provider's report. Errors: NotFound; Conflict when there is none."""
    provider = await catalog.find_provider(connection, name)
    if not await store.remove_reporting(connection, provider.provider_id):
        raise Conflict("This provider has no reporting key.")
    return await audit.record(
        connection, actor, "provider.reporting_key", name, reason=reason, before={"has_key": True},
        after={"has_key": False},
    )  # fmt: skip


async def reseal(connection: Connection, keyring: Keyring) -> int:
    """Seal every reporting key with the keyring's sealing key and return how many there were."""
    rows = await store.reporting(connection)
    for row in rows:
        place = _place(row["provider_id"])
        secret = keyring.unseal(Purpose.PROVIDER_SECRETS, row["secret"], place)
        await store.reseal(connection, row["provider_id"], keyring.seal(Purpose.PROVIDER_SECRETS, secret, place))
    return len(rows)


async def lines(connection: Connection, provider: Provider, days: int) -> list[Line]:
    """Return the days that were compared, newest first."""
    today, _ = await spending_store.today(connection)
    return await store.lines(connection, provider.provider_id, today - timedelta(days=days))


async def reconcile_all(pool: asyncpg.Pool, keyring: Keyring, settings: Settings) -> dict[str, int]:
    """Compare every provider whose report can be read; return how many days there are of each state."""
    async with borrow(pool) as connection:
        providers = await catalog.list_providers(connection)
    counts: dict[str, int] = {}
    for provider in providers:
        for line in await reconcile(pool, keyring, settings, provider):
            counts[line.state] = counts.get(line.state, 0) + 1
    return counts


async def reconcile(pool: asyncpg.Pool, keyring: Keyring, settings: Settings, provider: Provider) -> list[Line]:
    """Compare the days of one provider that are open, and return them; none where no report can be read."""
    most = allowed(settings.risk)
    async with transaction(pool) as connection:
        plan = await _plan(connection, keyring, provider)
    if plan is None:
        return []
    reported, problem = await _ask(plan, Decimal(settings.credits.usd_per_credit))
    async with transaction(pool) as connection:
        await store.lock(connection, provider.provider_id)
        asked = [*plan.days, *([plan.today] if plan.today else [])]
        for day in asked:
            await _write(connection, provider, day, reported.get(day), problem, most, partial=day == plan.today)
        found = [line for line in await store.lines(connection, provider.provider_id, min(asked)) if line.day in asked]
        await _alert(connection, provider, await store.lines(connection, provider.provider_id, min(asked)))
    return found


async def _plan(connection: Connection, keyring: Keyring, provider: Provider) -> _Plan | None:
    today, _ = await spending_store.today(connection)
    rows = await store.reporting(connection, provider.provider_id)
    if rows and rows[0]["origin"] == _origin(provider):
        secret = keyring.unseal(Purpose.PROVIDER_SECRETS, rows[0]["secret"], _place(provider.provider_id))
        endpoint = msgspec.structs.replace(catalog.endpoint(provider, keyring), secret=secret)
        first = today - timedelta(days=DAYS_BACK)
        done = {
            line.day
            for line in await store.lines(connection, provider.provider_id, first)
            if line.state is State.MATCHED and not line.partial
        }
        days = [first + timedelta(days=number) for number in range(DAYS_BACK)]
        days = [day for day in days if day not in done] or days[-1:]
        return _Plan(provider, rows[0]["format"], endpoint, days, None)
    if report_of(provider) == "openrouter" and provider.secret is not None:
        # An ordinary key of OpenRouter tells what it cost itself today, and nothing of the days before.
        return _Plan(provider, "openrouter", catalog.endpoint(provider, keyring), [], today)
    return None


async def _ask(plan: _Plan, usd_per_credit: Decimal) -> tuple[dict[date, int], str | None]:
    try:
        if plan.today is not None:
            usd = {plan.today: await usage_reports.cost_of_today(plan.endpoint)}
        else:
            usd = await usage_reports.costs_by_day(plan.endpoint, plan.report, plan.days)
    except Failure as failure:
        return {}, _problem(failure)
    return {day: nanocredits(cost, usd_per_credit) for day, cost in usd.items()}, None


async def _write(
    connection: Connection,
    provider: Provider,
    day: date,
    reported: int | None,
    problem: str | None,
    most: Allowed,
    *,
    partial: bool,
) -> None:
    recorded = (await spending.by_day(connection, provider.provider_id, day, day)).get(day, 0)
    if problem is not None:
        state = State.UNREAD
    elif reported is None and recorded:
        state = State.MISSING
    else:
        # A day without a request has no row in a report.
        reported = reported or 0
        state = judge(recorded, reported, most)
    await store.put_line(connection, provider.provider_id, day, recorded, reported, state, problem, partial)


async def _alert(connection: Connection, provider: Provider, found: list[Line]) -> None:
    today, _ = await spending_store.today(connection)
    different = [line for line in found if line.state is State.DIFFERENT]
    late = [
        line for line in found if line.state in (State.MISSING, State.UNREAD) and (today - line.day).days >= LATE_DAYS
    ]
    if different:
        line = different[0]
        await alerts.raise_alert(
            connection,
            DIFFERS,
            provider.name,
            severity="critical",
            facts={
                "provider": provider.name,
                "day": line.day.isoformat(),
                "recorded": format_credits(line.recorded),
                "reported": format_credits(line.reported or 0),
                "days": len(different),
            },
            message=(
                f"{provider.name} reports {format_credits(line.reported or 0)} Credits for {line.day}, "
                f"{format_credits(line.recorded)} were recorded."
            ),
        )
    else:
        await alerts.resolve(connection, DIFFERS, provider.name)
    if late:
        line = late[-1]
        await alerts.raise_alert(
            connection,
            LATE,
            provider.name,
            severity="warning",
            facts={"provider": provider.name, "day": line.day.isoformat(), "problem": line.problem or "missing"},
            message=f"The cost that {provider.name} reports for {line.day} could not be compared.",
        )
    else:
        await alerts.resolve(connection, LATE, provider.name)


def _problem(failure: Failure) -> str:
    """Return a word for what is wrong with a report, never the provider's own."""
    if failure.kind is FailureKind.STATUS:
        return "credential" if failure.status in (401, 403) else "status"
    return failure.code if failure.code == "currency" else failure.kind.value


def _origin(provider: Provider) -> str:
    scheme, host, port = origin_of(provider.base_url)
    return f"{scheme}://{host}:{port}"


def _place(provider_id: ProviderId) -> Location:
    return Location("provider_reporting", str(provider_id), "secret")
