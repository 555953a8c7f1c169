"""What providers cost: by day as it is recorded, and now against the caps. In nanocredits at provider cost."""

from datetime import date, datetime, timedelta

import msgspec

from omna.catalog.model import Provider
from omna.db.pool import Connection
from omna.ids import ProviderId
from omna.risk import spending_store as store


class Spend(msgspec.Struct, frozen=True):
    """What is spent in a UTC day or month, and what running requests may still cost of it."""

    spent: int
    held: int
    resets_at: datetime


class Standing(msgspec.Struct, frozen=True):
    """A provider today and this month."""

    day: Spend
    month: Spend


async def by_day(connection: Connection, provider_id: ProviderId, first: date, last: date) -> dict[date, int]:
    """Return what a provider cost on each UTC day, test calls by staff too. Days without cost are left out."""
    rows = await store.recorded(connection, provider_id, first, last + timedelta(days=1))
    return {row["day"]: row["cost"] for row in rows}


async def earlier_this_month(connection: Connection, provider_id: ProviderId) -> list[tuple[date, int]]:
    """Return what a provider cost on the days of this month, without yesterday and today."""
    today, month = await store.today(connection)
    last = today - timedelta(days=2)
    return sorted((await by_day(connection, provider_id, month, last)).items()) if last >= month else []


async def standings(connection: Connection, providers: list[Provider]) -> dict[ProviderId, Standing]:
    """Return how providers stand: counted as admission counts where there is a cap, else from what is recorded."""
    today, month = await store.today(connection)
    tomorrow, next_month = today + timedelta(days=1), (month + timedelta(days=32)).replace(day=1)
    counted = {row["provider_id"]: row for row in await store.counted(connection, today, month, next_month)}
    held = await store.running(connection, today)
    cost: dict[tuple[ProviderId, date], int] = {}
    for row in await store.recorded(connection, None, month, tomorrow):
        cost[ProviderId(row["provider_id"]), row["day"]] = row["cost"]
    found = {}
    for provider in providers:
        subject = provider.provider_id
        day = (cost.get((subject, today), 0), held.get(subject, 0))
        whole = (sum(one for (other, _), one in cost.items() if other == subject), held.get(subject, 0))
        known = counted[subject] if subject in counted and _is_capped(provider) else None
        if known is not None and known["day_spent"] is not None:
            day = (known["day_spent"], known["day_held"])
        if known is not None and provider.monthly_cap is not None:
            whole = (known["month_spent"], known["month_held"])
        found[subject] = Standing(Spend(*day, _midnight(tomorrow)), Spend(*whole, _midnight(next_month)))
    return found


def _is_capped(provider: Provider) -> bool:
    return provider.daily_cap is not None or provider.monthly_cap is not None


def _midnight(day: date) -> datetime:
    return datetime.fromisoformat(f"{day.isoformat()}T00:00:00+00:00")
