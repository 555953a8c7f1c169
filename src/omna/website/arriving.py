"""Which mailbox a new person has to look into: what they typed, kept in a cookie of an hour. It proves nothing."""

import base64
import time
from dataclasses import dataclass

from omna.website.visit import Visit

SECONDS = 3600
#: Between two mails to one address.
PAUSE_SECONDS = 60
_LONGEST = 600


@dataclass(frozen=True, slots=True)
class Arriving:
    """The address, and when the last mail to it was asked for, in seconds since 1970."""

    email: str
    sent_at: int

    @property
    def wait(self) -> int:
        """Seconds until another mail can be asked for."""
        return max(0, min(PAUSE_SECONDS, self.sent_at + PAUSE_SECONDS - int(time.time())))


def remember(visit: Visit, email: str) -> None:
    """Keep that a mail to an address was asked for now."""
    value = base64.urlsafe_b64encode(email[:254].encode()).decode().rstrip("=")
    visit.set_cookie("arrival", f"{value}.{int(time.time())}", max_age=SECONDS)


def recall(visit: Visit) -> Arriving | None:
    """Return what was kept, or None."""
    value, _, sent_at = (visit.cookie("arrival") or "").partition(".")
    if not value or len(value) > _LONGEST or not sent_at.isascii() or not sent_at.isdigit() or len(sent_at) > 12:
        return None
    try:
        return Arriving(base64.urlsafe_b64decode(value + "=" * (-len(value) % 4)).decode(), int(sent_at))
    except ValueError:
        return None


def forget(visit: Visit) -> None:
    visit.set_cookie("arrival", "", max_age=0)
