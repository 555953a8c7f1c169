"""PURE  When two costs of one day are the same, and when that is for somebody to look at."""

from dataclasses import dataclass
from datetime import date, datetime
from decimal import ROUND_HALF_EVEN, Decimal
from enum import StrEnum

from omna.config import ConfigError, Risk
from omna.money import NANO_PER_CREDIT, parse_credits

#: Days before today that are compared as long as they have not matched: reports come late, and are corrected.
DAYS_BACK = 7
#: A report that is so many days late is for somebody to look at.
LATE_DAYS = 3
#: Kinds of alerts.
DIFFERS, LATE = "provider.report_differs", "provider.report_late"


class State(StrEnum):
    """How a day stands."""

    MATCHED = "matched"
    DIFFERENT = "different"  # by more than is allowed
    MISSING = "missing"  # the report does not have it yet
    UNREAD = "unread"  # there was no report that can be read


@dataclass(frozen=True, slots=True)
class Allowed:
    """A difference is one only above both: nanocredits, and percent of the larger side."""

    credits: int
    percent: Decimal


@dataclass(frozen=True, slots=True)
class Line:
    """One day of a provider. Amounts in nanocredits; partial: the day was not over."""

    day: date
    recorded: int
    reported: int | None
    state: State
    problem: str | None
    partial: bool
    checked_at: datetime

    @property
    def difference(self) -> int | None:
        """What they report above what we recorded."""
        return None if self.reported is None else self.reported - self.recorded


def allowed(settings: Risk) -> Allowed:
    """Return the settings as numbers. Errors: ConfigError."""
    try:
        percent = Decimal(settings.reconcile_percent)
        amount = parse_credits(settings.reconcile_credits)
        if not 0 <= percent <= 100 or amount < 0:
            raise ValueError
    except (ArithmeticError, ValueError) as error:
        raise ConfigError("risk.reconcile_percent is 0 to 100, risk.reconcile_credits 0 or more") from error
    return Allowed(amount, percent)


def judge(recorded: int, reported: int, most: Allowed) -> State:
    """Return whether two costs are the same, as far as is allowed."""
    difference = abs(reported - recorded)
    if difference > most.credits and difference * 100 > most.percent * max(recorded, reported):
        return State.DIFFERENT
    return State.MATCHED


def nanocredits(usd: Decimal, usd_per_credit: Decimal) -> int:
    """Return a reported cost in nanocredits, rounded to the nearest; refunds of a provider make no cost below 0."""
    return max(0, int((usd / usd_per_credit * NANO_PER_CREDIT).to_integral_value(ROUND_HALF_EVEN)))
