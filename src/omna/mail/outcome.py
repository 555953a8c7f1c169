"""PURE  What became of an attempt to send a mail, and when the next one is due."""

from dataclasses import dataclass
from datetime import timedelta
from enum import StrEnum

#: From the first pause each is four times as long, up to the longest.
FIRST_PAUSE, LONGEST_PAUSE = timedelta(seconds=30), timedelta(hours=6)
#: After this a mail is given up.
PATIENCE = timedelta(days=1)


class Verdict(StrEnum):
    SENT = "sent"
    #: Another time may do.
    LATER = "later"
    #: The server is away or does not want us: other mails need not be tried now.
    UNREACHABLE = "unreachable"
    #: This mail will never be taken.
    REFUSED = "refused"


@dataclass(frozen=True, slots=True)
class Outcome:
    """What became of an attempt, and what the server said."""

    verdict: Verdict
    reply: str = ""


def pause_after(attempts: int) -> timedelta:
    """Return how long to wait after so many attempts, one or more."""
    factor: int = 4 ** min(attempts - 1, 10)
    return min(FIRST_PAUSE * factor, LONGEST_PAUSE)
