"""PURE  An alert, what its facts may be, and when people are told of it again."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from decimal import Decimal
from enum import StrEnum
from typing import Any, Literal, TypeAlias
from uuid import UUID

import msgspec

from omna.ids import AlertId

Severity: TypeAlias = Literal["info", "warning", "critical"]
SEVERITIES: tuple[Severity, ...] = ("info", "warning", "critical")

#: One that comes back within this time after it ended is the same alert again.
FLAP = timedelta(minutes=30)
#: People are told of one that comes and goes at most this often.
FLAP_PAUSE = timedelta(minutes=10)
#: How long after a notice the next one follows, while nobody has acknowledged; the last one repeats.
REMINDERS = (timedelta(hours=1), timedelta(hours=6), timedelta(hours=24))
LONGEST_MESSAGE = 500


class State(StrEnum):
    """acknowledged: somebody knows and takes care, so nobody is reminded."""

    OPEN = "open"
    ACKNOWLEDGED = "acknowledged"
    RESOLVED = "resolved"


@dataclass(frozen=True, slots=True)
class Alert:
    """One alert. `facts` are plain values: text, whole numbers, yes and no."""

    alert_id: AlertId
    kind: str
    subject: str
    severity: Severity
    message: str
    facts: Mapping[str, Any]
    state: State
    opened_at: datetime
    last_at: datetime
    count: int
    acknowledged_at: datetime | None
    acknowledged_by: str | None
    resolved_at: datetime | None
    notices: int
    last_notice_at: datetime | None
    next_notice_at: datetime | None


def facts_to_json(facts: Mapping[str, Any]) -> str:
    """Return facts as JSON text: moments and ids as text, fractions as decimal text.

    Errors  TypeError for what has no plain form
    """
    return msgspec.json.encode({str(name): _plain(value) for name, value in facts.items()}).decode()


def one_line(message: str) -> str:
    """Return a message as one line that fits. Errors: ValueError when nothing is left."""
    line = " ".join("".join(c if c.isprintable() else " " for c in message).split())
    if not line:
        raise ValueError("an alert says what happened")
    return line if len(line) <= LONGEST_MESSAGE else line[: LONGEST_MESSAGE - 1] + "…"


def pause_after(notices: int) -> timedelta:
    """Return how long after the n-th notice of an alert people are reminded; n is 1 for the first."""
    assert notices > 0
    return REMINDERS[min(notices, len(REMINDERS)) - 1]


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case Decimal():
            return format(value, "f")
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            raise TypeError(f"an alert cannot hold a {type(value).__name__}")
