"""Keep the parts running: what ends by itself is started again, sooner at first, later when it keeps ending."""

import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from typing import Protocol

from omna.clock import Monotonic
from omna.launcher.signals import Signals

FIRST_DELAY = 0.2
LONGEST_DELAY = 30.0
#: A part that ran this long is not the kind that keeps ending.
STEADY_SECONDS = 60.0


class Runnable(Protocol):
    """Something that runs beside us."""

    def start(self) -> None: ...
    def exited(self) -> bool: ...
    def stop(self) -> None: ...


@dataclass
class Part:
    """A running thing with its name, and when to start it again: None while it runs."""

    name: str
    runnable: Runnable
    failures: int = 0
    started_at: float = field(default_factory=time.monotonic)
    due_at: float | None = None

    def restart_delay(self) -> float:
        return min(LONGEST_DELAY, FIRST_DELAY * 2.0 ** (self.failures - 1))


class Supervisor:
    """Watches parts in the order in which they need one another.

    say    told in a short sentence what happened
    tick   called at every round, at least once a second
    """

    def __init__(
        self,
        parts: Sequence[Part],
        signals: Signals,
        say: Callable[[str], None],
        *,
        tick: Callable[[], None] = lambda: None,
        clock: Monotonic = time.monotonic,
    ) -> None:
        self._parts = parts
        self._signals = signals
        self._say = say
        self._tick = tick
        self._clock = clock

    def run(self) -> None:
        """Return when somebody asked to stop."""
        while not self._signals.stops:
            for part in self._parts:
                self.look_after(part)
            self._tick()
            due = [part.due_at for part in self._parts if part.due_at is not None]
            self._signals.wait(min([1.0, *(moment - self._clock() for moment in due)]))

    def look_after(self, part: Part) -> None:
        """Notice that a part has ended, or start it again when its time has come."""
        if part.due_at is None:
            if part.runnable.exited():
                self._postpone(part, f"{part.name} has ended by itself")
        elif self._clock() >= part.due_at:
            try:
                part.runnable.start()
            except Exception as error:  # noqa: BLE001
                # Whatever it is, the answer is the same: later again. The sentence reaches the operator.
                self._postpone(part, f"{part.name} does not start: {error}")
            else:
                part.started_at, part.due_at = self._clock(), None
                self._say(f"{part.name} is running again")

    def _postpone(self, part: Part, what: str) -> None:
        steady = part.due_at is None and self._clock() - part.started_at > STEADY_SECONDS
        part.failures = 1 if steady else part.failures + 1
        delay = part.restart_delay()
        part.due_at = self._clock() + delay
        self._say(f"{what}; next try in {delay:.1f} s")
