"""PURE  What people are told now: each alert by itself, many in one digest, or nothing yet."""

from collections.abc import Sequence
from datetime import timedelta
from enum import StrEnum

from omna.alerts.model import Alert, State

#: More notices than this within the window become one digest, and then nothing until the window has passed.
MOST, WINDOW = 5, timedelta(minutes=10)
#: Alerts that a digest lists; of the others it says how many there are.
LISTED = 20


class Plan(StrEnum):
    SINGLE = "single"
    DIGEST = "digest"
    HOLD = "hold"


class Reason(StrEnum):
    """Why people hear of something."""

    OPENED = "opened"
    REMINDER = "reminder"
    RESOLVED = "resolved"
    DIGEST = "digest"
    TEST = "test"


def plan(due: int, told: int, digests: int) -> Plan:
    """Return how to tell of alerts that are due.

    due      how many, at least one
    told     single notices within the window until now
    digests  digests within the window until now
    """
    if digests:
        return Plan.HOLD
    return Plan.SINGLE if told + due <= MOST else Plan.DIGEST


def reason_of(alert: Alert) -> Reason:
    """Return why an alert that is due is told of."""
    if alert.state is State.RESOLVED:
        return Reason.RESOLVED
    return Reason.REMINDER if alert.notices else Reason.OPENED


def worst_first(alerts: Sequence[Alert]) -> list[Alert]:
    """Return alerts as a digest lists them: open ones first, the worst of them first."""
    order = {"critical": 0, "warning": 1, "info": 2}
    return sorted(alerts, key=lambda one: (one.state is State.RESOLVED, order[one.severity], one.opened_at))
