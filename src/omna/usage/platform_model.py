"""PURE  Usage of everybody: by day, by model, by provider. Amounts are nanocredits."""

from collections.abc import Iterable
from dataclasses import dataclass, fields
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class ModelSum:
    """Requests of a model; tokens are those of requests that cost something."""

    model_id: str
    requests: int
    errors: int
    charge: int
    provider_charge: int
    paid_requests: int
    prompt: int
    completion: int
    cached: int
    cache_write: int
    reasoning: int


@dataclass(frozen=True, slots=True)
class HourSums:
    """Requests of a model over some hours; `completed…` are those of complete answers, durations in milliseconds."""

    requests: int
    errors: int
    first_delta_ms: int
    first_deltas: int
    completed_ms: int
    completed_first_ms: int
    completed_tokens: int


@dataclass(frozen=True, slots=True)
class DaySum:
    """Requests of a UTC day."""

    day: datetime
    requests: int
    errors: int
    charge: int
    provider_charge: int


@dataclass(frozen=True, slots=True)
class ProviderDay:
    """Calls at a provider on a UTC day; failed attempts before another one answered are calls, too."""

    day: datetime
    provider_id: UUID
    calls: int
    failures: int
    requests: int
    charge: int
    provider_charge: int


@dataclass(frozen=True, slots=True)
class WorkspaceCount:
    """Who used something."""

    workspaces: int
    people: int


def by_model(parts: Iterable[tuple[datetime, ModelSum]]) -> list[ModelSum]:
    """Return the sums by model, dearest first."""
    names = [field.name for field in fields(ModelSum)][1:]
    found: dict[str, list[int]] = {}
    for _, part in parts:
        total = found.setdefault(part.model_id, [0] * len(names))
        for index, name in enumerate(names):
            total[index] += getattr(part, name)
    sums = [ModelSum(model_id, *amounts) for model_id, amounts in found.items()]
    return sorted(sums, key=lambda one: (-one.charge, one.model_id))


def by_day(parts: Iterable[tuple[datetime, ModelSum]], days: Iterable[datetime]) -> list[DaySum]:
    """Return one sum per day, in the order of the days; days without requests are 0."""
    found = {day: [0, 0, 0, 0] for day in days}
    for day, part in parts:
        total = found.get(day)
        if total is not None:
            for index, name in enumerate(("requests", "errors", "charge", "provider_charge")):
                total[index] += getattr(part, name)
    return [DaySum(day, *amounts) for day, amounts in found.items()]


def by_provider(parts: Iterable[ProviderDay]) -> dict[UUID, ProviderDay]:
    """Return the sums by provider; `day` is the first of them."""
    found: dict[UUID, ProviderDay] = {}
    for part in sorted(parts, key=lambda one: one.day):
        known = found.get(part.provider_id)
        found[part.provider_id] = (
            part
            if known is None
            else ProviderDay(
                known.day,
                part.provider_id,
                known.calls + part.calls,
                known.failures + part.failures,
                known.requests + part.requests,
                known.charge + part.charge,
                known.provider_charge + part.provider_charge,
            )
        )
    return found
