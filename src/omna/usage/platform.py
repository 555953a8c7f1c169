"""Usage of everybody, for staff: whole days and hours from sums, what came after the last of them from requests."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from omna.db.pool import Connection
from omna.usage import platform_store, report_store
from omna.usage.platform_model import DaySum, ModelSum, ProviderDay, WorkspaceCount, by_day, by_model
from omna.usage.spans import Span, cover

__all__ = ["Days", "active", "days", "model_sum", "open_holds", "provider_days"]


@dataclass(frozen=True, slots=True)
class Days:
    """Usage of the last UTC days, today included: by day, and by model."""

    by_day: Sequence[DaySum]
    by_model: Sequence[ModelSum]
    start: datetime
    end: datetime


async def days(connection: Connection, number: int) -> Days:
    """Return usage of the last `number` UTC days, today included. The transaction must be one view of the data."""
    start, end, spans = await _spans(connection, number)
    parts = await platform_store.models_by_day(connection, spans)
    every = [start + timedelta(days=index) for index in range(number)]
    return Days(by_day(parts, every), by_model(parts), start, end)


async def model_sum(connection: Connection, model_id: str, number: int) -> ModelSum:
    """Return what a model was in the last `number` UTC days."""
    _, _, spans = await _spans(connection, number)
    found = by_model(await platform_store.models_by_day(connection, spans, model_id))
    return found[0] if found else ModelSum(model_id, *[0] * 10)


async def provider_days(connection: Connection, number: int) -> list[ProviderDay]:
    """Return calls at providers in the last `number` UTC days; a day may come in several parts."""
    _, _, spans = await _spans(connection, number)
    return await platform_store.providers_by_day(connection, spans)


async def active(connection: Connection, number: int) -> WorkspaceCount:
    """Return who used something in the last `number` UTC days."""
    start, _, _ = await _spans(connection, number)
    return await platform_store.active_workspaces(connection, start)


async def open_holds(connection: Connection) -> tuple[int, int]:
    """Return how many requests are running and what is held for them."""
    return await platform_store.open_holds(connection)


async def _spans(connection: Connection, number: int) -> tuple[datetime, datetime, list[Span]]:
    end = (await report_store.now(connection)).astimezone(UTC)
    today = end.replace(hour=0, minute=0, second=0, microsecond=0)
    start = today - timedelta(days=number - 1)
    return start, end, cover(start, end, await report_store.reach(connection))
