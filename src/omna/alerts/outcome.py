"""PURE  What became of an attempt to deliver to the webhook, and when the next one is due."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

#: Pauses after the first attempt, the second, and so on; after the last one a delivery is given up.
PAUSES = (
    timedelta(seconds=5),
    timedelta(seconds=30),
    timedelta(minutes=5),
    timedelta(minutes=30),
    timedelta(hours=2),
    timedelta(hours=5),
    timedelta(hours=10),
)
MOST_ATTEMPTS = len(PAUSES) + 1
#: The longest pause a receiver may ask for.
LONGEST_ASKED = timedelta(hours=1)


class Verdict(StrEnum):
    SENT = "sent"
    #: Another time may do.
    LATER = "later"
    #: It will never be taken.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt. error: words of ours, never of the receiver: its answer may be anything."""

    verdict: Verdict
    status: int | None = None
    error: str = ""
    asked: timedelta | None = None


def outcome_of(status: int, asked_seconds: float | None) -> Outcome:
    """Return what a status means. asked_seconds: of the receiver's Retry-After."""
    if 200 <= status < 300:
        return Outcome(Verdict.SENT, status)
    if status == 410:
        return Outcome(Verdict.REFUSED, status, "the receiver answered 410: it wants no deliveries any more")
    if 300 <= status < 400:
        return Outcome(Verdict.LATER, status, f"the receiver answered {status}: redirects are not followed")
    asked = None
    if asked_seconds is not None and status in (429, 503) and asked_seconds > 0:
        asked = min(timedelta(seconds=min(asked_seconds, 86_400)), LONGEST_ASKED)
    return Outcome(Verdict.LATER, status, f"the receiver answered {status}", asked)


def pause_after(attempts: int, outcome: Outcome, chance: float) -> timedelta | None:
    """Return how long to wait after so many attempts, one or more; None: give up.

    chance  from 0 to 1; spreads what was queued together
    """
    if outcome.verdict is Verdict.REFUSED or attempts >= MOST_ATTEMPTS:
        return None
    pause = PAUSES[attempts - 1] * (1 + 0.2 * chance)
    return pause if outcome.asked is None else max(pause, outcome.asked)
