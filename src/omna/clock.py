"""The two clocks of the application. Leases, limits and expiry use the database's clock, never these."""

import asyncio
import time
from collections.abc import Callable
from datetime import UTC, datetime
from typing import Self

Monotonic = Callable[[], float]

monotonic: Monotonic = time.monotonic


def now() -> datetime:
    """Return the current time in UTC, for logs and for ids."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with `Z`, milliseconds kept."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")


class Deadline:
    """A time limit for the awaits in its `with` block: TimeoutError when they take longer.

    What asyncio.timeout does, for half its price: every request takes several. It can be moved while it runs.
    """

    __slots__ = ("_cancelling", "_loop", "_passed", "_task", "_timer", "_when")

    def __init__(self, when: float) -> None:
        """when  loop time at which the block must have ended"""
        self._when = when
        self._passed = False

    def __enter__(self) -> Self:
        task = asyncio.current_task()
        assert task is not None, "a deadline limits a task"
        self._task = task
        self._cancelling = task.cancelling()
        self._loop = asyncio.get_running_loop()
        self._timer = self._loop.call_at(self._when, self._expire)
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, trace: object) -> None:
        self._timer.cancel()
        if self._passed and self._task.uncancel() <= self._cancelling and kind is asyncio.CancelledError:
            raise TimeoutError from error

    def move(self, when: float) -> None:
        """Set another moment."""
        if not self._passed:
            self._timer.cancel()
            self._timer = self._loop.call_at(when, self._expire)

    def _expire(self) -> None:
        self._passed = True
        self._task.cancel()
