"""PURE: which routes are worth asking, from how their last calls went. Time is passed in, in seconds.

One breaker per provider account and upstream model: a model that is down must not take the others of its host along.
This is memory of one process and decides no money: a wrong guess costs an attempt, never a Credit.
"""

from collections.abc import Callable
from enum import Enum

from omna.catalog.model import Route
from omna.gateway.faults import Verdict
from omna.ids import ProviderId

#: A breaker also opens when so large a part of so many calls of the window failed.
FEWEST_CALLS, FAILED_PART = 20, 0.5
WINDOW_SECONDS, SLOT_SECONDS = 30, 5
#: Every probe that fails doubles the time it stays open, up to so many times the first.
LONGEST_COOL_DOWN = 10
#: Second attempts are at most this part of a provider's calls, beyond a burst: when everything fails, retries must not
#: double the load on what is left.
RETRY_PART = 0.1
#: The weight of the latest call in the average speed of a route.
_LATEST = 0.1


class State(Enum):
    CLOSED = "closed"
    OPEN = "open"
    PROBING = "probing"  # one call is under way to see whether it works again


class Breaker:
    """The health of one route. Every call that `begin` let through ends with one of succeeded, failed or neither."""

    __slots__ = ("_cool_down", "_failures", "_first_cool_down", "_in_a_row", "_slots", "open_until",
                 "seconds_to_first", "state")  # fmt: skip

    def __init__(self, failures: int, cool_down: float) -> None:
        self._failures = failures
        self._first_cool_down = self._cool_down = cool_down
        self.state = State.CLOSED
        self.open_until = 0.0
        #: Average seconds until the first output, None before the first success.
        self.seconds_to_first: float | None = None
        self._in_a_row = 0
        self._slots: list[list[int]] = []  # [slot number, succeeded, failed], oldest first

    def allows(self, now: float) -> bool:
        """Return whether a call may be sent: nothing is wrong, or it is time to try again and nobody is trying."""
        return self.state is State.CLOSED or (self.state is State.OPEN and now >= self.open_until)

    def begin(self) -> None:
        """A call is sent."""
        if self.state is State.OPEN:
            self.state = State.PROBING

    def succeeded(self, now: float, seconds_to_first: float) -> None:
        before = self.seconds_to_first
        self.seconds_to_first = seconds_to_first if before is None else before + _LATEST * (seconds_to_first - before)
        self._in_a_row = 0
        if self.state is State.PROBING:
            # What failed before belongs to a fault that has passed.
            self.state, self._cool_down = State.CLOSED, self._first_cool_down
            self._slots.clear()
        self._slot(now)[1] += 1

    def failed(self, now: float, verdict: Verdict, retry_after: float | None = None) -> bool:
        """Count a failure; return whether it opened the breaker.

        retry_after  seconds for which the provider asked to be left alone
        """
        if verdict is Verdict.NEITHER:
            self.neither(now)
            return False
        self._slot(now)[2] += 1
        self._in_a_row += 1
        if self.state is State.PROBING:
            self._cool_down = min(self._cool_down * 2, self._first_cool_down * LONGEST_COOL_DOWN)
        elif verdict is Verdict.COUNTS and not self._too_many(now):
            return False
        opens = self.state is not State.OPEN
        longest = self._first_cool_down * LONGEST_COOL_DOWN
        rest = min(retry_after or 0.0, longest) if verdict is Verdict.RESTS else self._cool_down
        self.state, self.open_until = State.OPEN, max(self.open_until, now + rest)
        return opens

    def neither(self, now: float) -> None:
        """The call says nothing about the route: the client went away, or made a mistake."""
        if self.state is State.PROBING:
            self.state, self.open_until = State.OPEN, now

    def _too_many(self, now: float) -> bool:
        if self._in_a_row >= self._failures:
            return True
        succeeded = sum(slot[1] for slot in self._slots)
        failed = sum(slot[2] for slot in self._slots)
        return succeeded + failed >= FEWEST_CALLS and failed >= FAILED_PART * (succeeded + failed)

    def _slot(self, now: float) -> list[int]:
        """Return the counts of this moment, and let go of those that left the window."""
        number = int(now // SLOT_SECONDS)
        slots = self._slots
        if not slots or slots[-1][0] != number:
            slots.append([number, 0, 0])
            while slots[0][0] <= number - WINDOW_SECONDS // SLOT_SECONDS:
                del slots[0]
        return slots[-1]


class RetryBudget:
    """What one provider may be asked a second time."""

    __slots__ = ("_burst", "_left")

    def __init__(self, burst: float) -> None:
        self._burst = self._left = burst

    def earn(self) -> None:
        """A first attempt was made."""
        self._left = min(self._left + RETRY_PART, self._burst)

    def spend(self) -> bool:
        """Take one retry; False when there is none left."""
        if self._left < 1:
            return False
        self._left -= 1
        return True


class Health:
    """What this process knows of all routes."""

    def __init__(self, clock: Callable[[], float], failures: int, cool_down: float, retry_burst: float) -> None:
        """failures: in a row, after which a breaker opens; cool_down: seconds, 0 switches breakers off"""
        self.clock = clock
        self._failures = failures
        self._cool_down = cool_down
        self._retry_burst = retry_burst
        self._breakers: dict[tuple[ProviderId, str], Breaker] = {}
        self._budgets: dict[ProviderId, RetryBudget] = {}

    def breaker(self, route: Route) -> Breaker:
        """Return the breaker of a route; routes that differ only in the customer's name of the model share it."""
        key = (route.provider.provider_id, route.upstream_model)
        found = self._breakers.get(key)
        if found is None:
            found = self._breakers[key] = Breaker(self._failures, self._cool_down)
        return found

    def budget(self, route: Route) -> RetryBudget:
        """Return what the route's provider may be asked again."""
        found = self._budgets.get(route.provider.provider_id)
        if found is None:
            found = self._budgets[route.provider.provider_id] = RetryBudget(self._retry_burst)
        return found

    def troubled(self) -> list[tuple[ProviderId, str, str, float]]:
        """Return the breakers that are not closed: provider, upstream model, state, seconds until the next try."""
        now = self.clock()
        return [
            (provider_id, model, breaker.state.value, max(0.0, breaker.open_until - now))
            for (provider_id, model), breaker in self._breakers.items()
            if self._cool_down > 0 and breaker.state is not State.CLOSED
        ]

    def is_open(self, route: Route) -> bool:
        """Return whether the route is not worth asking now."""
        return self._cool_down > 0 and not self.breaker(route).allows(self.clock())

    def seconds_until_probe(self, route: Route) -> float:
        """Return how long the route will not be asked, 0 when it may be asked now."""
        return max(0.0, self.breaker(route).open_until - self.clock())

    def speed(self, route: Route) -> float | None:
        """Return the average seconds until a route's first output, None when it was never asked."""
        return self.breaker(route).seconds_to_first
