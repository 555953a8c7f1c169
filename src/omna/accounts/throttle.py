"""How often somebody may try. A try counts before it is judged, so that many at once cannot slip through together; a
good one is forgiven afterwards.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Protocol

from omna.accounts import throttle_store as store
from omna.accounts.throttle_store import Count
from omna.db.pool import Connection
from omna.errors import TooManyAttempts

_FREE_TRIES = 4
_LONGEST_DELAY = 900
#: After this many failures in a row a password counts only where the person signed in before.
STRANGERS_END = 100


class Rule(Protocol):
    def wait(self, count: Count) -> float:
        """Return the seconds until the next try is possible; 0 is now."""
        ...

    def restarts(self, count: Count) -> bool:
        """Return whether counting begins anew with this try."""
        ...

    def delay(self, tries: int) -> float:
        """Return the seconds after this many tries during which there is no other."""
        ...


@dataclass(frozen=True, slots=True)
class Backoff:
    """Four tries are free; each further one doubles the wait, up to 15 minutes.

    forget_after    seconds of quiet after which counting begins anew; None: only success ends a row of failures
    """

    forget_after: float | None = None

    def wait(self, count: Count) -> float:
        return count.blocked_for

    def restarts(self, count: Count) -> bool:
        return self.forget_after is not None and count.quiet_for > self.forget_after

    def delay(self, tries: int) -> float:
        return 0 if tries <= _FREE_TRIES else float(min(2 ** min(tries - _FREE_TRIES - 1, 20), _LONGEST_DELAY))


@dataclass(frozen=True, slots=True)
class Window:
    """At most `most` tries in `seconds`, and a pause of `pause` seconds between two."""

    most: int
    seconds: float
    pause: float = 0

    def wait(self, count: Count) -> float:
        if count.tries >= self.most and not self.restarts(count):
            return max(count.blocked_for, self.seconds - count.began_ago)
        return count.blocked_for

    def restarts(self, count: Count) -> bool:
        return count.began_ago >= self.seconds

    def delay(self, tries: int) -> float:
        return self.pause


async def count(connection: Connection, limits: Sequence[tuple[str, Rule]], *, message: str | None = None) -> list[int]:
    """Count one try against every limit, or none when one refuses. Returns the tries of each, this one included.

    limits  what is counted, for example `account:…`, and its rule
    Errors  TooManyAttempts with the seconds to wait
    """
    # One order for everybody: two requests never wait for each other.
    found = {subject: await store.lock(connection, subject) for subject, _ in sorted(limits, key=lambda pair: pair[0])}
    wait = max(rule.wait(found[subject]) for subject, rule in limits)
    if wait > 0:
        raise TooManyAttempts(message, retry_after=wait)
    counted = []
    for subject, rule in limits:
        before = found[subject]
        restarts = rule.restarts(before) or before.tries == 0
        tries = 1 if restarts else before.tries + 1
        await store.write(connection, subject, tries, restarts, rule.delay(tries))
        counted.append(tries)
    return counted


async def forget(connection: Connection, subject: str) -> None:
    """End a row of failures."""
    await store.delete(connection, subject)


async def forgive(connection: Connection, subject: str) -> None:
    """Take one try back: it was a good one, but those before it were not."""
    await store.take_back(connection, subject)


async def wait(connection: Connection, subject: str, rule: Rule) -> float:
    """Return the seconds until the next try is possible, for pages that show it; 0 is now."""
    found = await store.find(connection, subject)
    return 0 if found is None else rule.wait(found)
