"""PURE  What reports ask for and what they are made of. Amounts are nanocredits."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime
from typing import Literal, get_args
from uuid import UUID

#: How a request ended, as people tell it apart.
OutcomeClass = Literal["completed", "failed", "stopped", "cut"]
Dimension = Literal["model", "key", "source", "member"]
Source = Literal["api", "chat", "background"]

OUTCOMES: dict[str, OutcomeClass] = {
    "completed": "completed",
    "client_left": "stopped",
    "exhausted": "cut",
    "frozen": "cut",
    "cut": "cut",
    "interrupted": "failed",
    "failed": "failed",
    "crashed": "failed",
}
ERRORS = tuple(name for name, group in OUTCOMES.items() if group == "failed")


@dataclass(frozen=True, slots=True)
class Filter:
    """What is wanted; None is everything, an empty list is nothing. `outcomes` are the gateway's own words.

    people   whose chats are wanted beside the requests of `key_ids`; says nothing where those are None
    """

    key_ids: Sequence[UUID] | None = None
    models: Sequence[str] | None = None
    sources: Sequence[str] | None = None
    outcomes: Sequence[str] | None = None
    people: Sequence[UUID] | None = None

    @property
    def is_everything(self) -> bool:
        return self.key_ids is None and self.models is None and self.sources is None and self.outcomes is None


@dataclass(frozen=True, slots=True)
class Totals:
    """Sums over requests. Durations are milliseconds; `first_deltas` counts those that delivered something."""

    requests: int
    charge: int
    errors: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    duration_ms: int
    first_delta_ms: int
    first_deltas: int


@dataclass(frozen=True, slots=True)
class DayOfModel:
    """What one model was on one UTC day, with what its requests cost at providers."""

    day: date
    model_id: str
    requests: int
    charge: int
    provider_charge: int


@dataclass(frozen=True, slots=True)
class Cell:
    """What one part of a chart was in one bucket, counted from 0."""

    bucket: int
    name: str
    requests: int
    charge: int
    tokens: int
    errors: int


@dataclass(frozen=True, slots=True)
class Detail:
    """One request as a log shows it."""

    request_id: UUID
    model_id: str
    provider_name: str | None
    key_id: UUID | None
    key_name: str | None
    member_name: str | None
    source: str
    api: str | None
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    charge: int
    held: int
    duration_ms: int
    first_delta_ms: int | None
    outcome: str
    finish_reason: str | None
    error_code: str | None
    streamed: bool
    estimated: bool
    price_version_id: UUID


@dataclass(frozen=True, slots=True)
class Sum:
    """What is left of requests that retention removed: the sums of one hour or day."""

    start: datetime
    requests: int
    charge: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    key_id: UUID | None
    source: str
    outcome: str
    model_id: str


@dataclass(frozen=True, slots=True)
class KeyFacts:
    """What a key is called."""

    key_id: UUID
    name: str


def outcome_names(classes: Sequence[str]) -> list[str] | None:
    """Return the gateway's words for classes of outcomes; None for no class: everything."""
    if not classes:
        return None
    return [name for name, group in OUTCOMES.items() if group in classes]


def outcome_class(outcome: str) -> OutcomeClass:
    return OUTCOMES.get(outcome, "failed")


assert set(OUTCOMES.values()) == set(get_args(OutcomeClass)), "every class has its words"
