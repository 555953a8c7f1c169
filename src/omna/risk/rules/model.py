"""PURE  A rule, what is measured for it, and whether that is a hit. Live judging and dry runs both decide here."""

from collections.abc import Iterable, Mapping, MutableMapping
from dataclasses import dataclass
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Any
from uuid import UUID

from omna.ids import WorkspaceId
from omna.money import parse_credits
from omna.risk.rules.parameters import Kind

__all__ = [
    "BY_EVENTS",
    "BY_USAGE",
    "EXEMPT_OUTCOME",
    "Kind",
    "Measure",
    "Outcome",
    "Rule",
    "Severity",
    "Verdict",
    "credits_of",
    "judge",
    "matches",
    "within",
]

#: Judged whenever something happened, and every minute from sums of usage. Forbidden use is reported by hand.
BY_EVENTS = frozenset(
    {
        Kind.SIGN_UP_VELOCITY,
        Kind.SHARED_PAYMENT_FINGERPRINT,
        Kind.FAILED_RECHARGES,
        Kind.FRAUD_WARNING,
        Kind.CHARGEBACK_HISTORY,
    }
)
BY_USAGE = frozenset({Kind.SPEND_VELOCITY, Kind.MODEL_MIX})

#: Days of usage before its window that a workspace needs before anything counts as unusual for it.
LEAST_HISTORY_DAYS = 7


class Outcome(StrEnum):
    """What a hit does: is shown; asks a person; lowers the daily limit; freezes. The later ones ask a person, too."""

    FLAG = "flag"
    REVIEW = "review"
    LIMIT = "limit"
    FREEZE = "freeze"


#: What becomes of a hit about staff, or about a workspace that an owner vouches for.
EXEMPT_OUTCOME = Outcome.FLAG


class Severity(StrEnum):
    """How soon somebody should look."""

    LOW = "low"
    MEDIUM = "medium"
    HIGH = "high"

    @property
    def hours(self) -> int:
        """Hours in which a case of it is due."""
        return {"low": 72, "medium": 24, "high": 4}[self.value]


@dataclass(frozen=True, slots=True)
class Rule:
    """One version of a rule. A rule that is being tried has version 0.

    parameters         by kind, see `parameters.py`; amounts are decimal strings of Credits
    limit_to           of the outcome `limit`: nanocredits a UTC day
    new_accounts_days  only workspaces younger than this; None: all
    cooldown_hours     after a hit the rule leaves a workspace alone for so long
    """

    rule_id: UUID
    version: int
    kind: Kind
    name: str
    enabled: bool
    parameters: Mapping[str, Any]
    outcome: Outcome
    limit_to: int | None
    severity: Severity
    new_accounts_days: int | None
    cooldown_hours: int


@dataclass(frozen=True, slots=True)
class Measure:
    """What was measured about a workspace.

    window  what it is about, once for a rule: `hour:…` or `event:…`
    at      the moment of that: the beginning of the hour, or when it happened
    since   when the workspace was made
    numbers amounts are nanocredits
    """

    workspace_id: WorkspaceId
    window: str
    at: datetime
    since: datetime
    numbers: Mapping[str, Any]


@dataclass(frozen=True, slots=True)
class Verdict:
    """A measure that is a hit."""

    measure: Measure


def judge(rule: Rule, measures: Iterable[Measure], last: MutableMapping[WorkspaceId, datetime]) -> list[Verdict]:
    """Return which measures are hits, in their order.

    last  the moment of each workspace's last hit of this rule; kept up to date here
    """
    verdicts = []
    for measure in measures:
        if not within(rule, measure) or not matches(rule, measure.numbers):
            continue
        before = last.get(measure.workspace_id)
        if before is not None and measure.at - before < timedelta(hours=rule.cooldown_hours):
            continue
        last[measure.workspace_id] = measure.at if before is None else max(before, measure.at)
        verdicts.append(Verdict(measure))
    return verdicts


def within(rule: Rule, measure: Measure) -> bool:
    """Return whether a rule is about workspaces of this age."""
    if rule.new_accounts_days is None:
        return True
    return measure.at - measure.since < timedelta(days=rule.new_accounts_days)


def matches(rule: Rule, numbers: Mapping[str, Any]) -> bool:
    """Return whether numbers reach what a rule says. What is exactly at a threshold has reached it."""
    wanted = rule.parameters
    match rule.kind:
        case Kind.SPEND_VELOCITY:
            if numbers["spent"] < credits_of(wanted["at_least"]):
                return False
            return wanted["times"] is None or _far_above_usual(numbers, wanted["times"])
        case Kind.MODEL_MIX:
            # Who never used anything before has no usual mix.
            return bool(
                numbers["known_models"] > 0
                and numbers["spent"] >= credits_of(wanted["at_least"])
                and numbers["fresh"] * 100 >= numbers["spent"] * wanted["share"]
            )
        case Kind.SIGN_UP_VELOCITY | Kind.SHARED_PAYMENT_FINGERPRINT:
            return bool(numbers["accounts"] >= wanted["accounts"])
        case Kind.FAILED_RECHARGES | Kind.CHARGEBACK_HISTORY:
            return bool(numbers["count"] >= wanted["count"])
        case Kind.FRAUD_WARNING:
            return bool(numbers["count"] > 0)
        case Kind.FORBIDDEN_USE:
            return False


def _far_above_usual(numbers: Mapping[str, Any], times: int) -> bool:
    days = numbers["history_days"]
    if days < LEAST_HISTORY_DAYS:
        return False
    # spent ≥ times × before × hours / (days × 24), without a fraction.
    return bool(numbers["spent"] * days * 24 >= times * numbers["before"] * numbers["hours"])


def credits_of(text: str) -> int:
    """Return the nanocredits of a parameter."""
    return int(parse_credits(text))
