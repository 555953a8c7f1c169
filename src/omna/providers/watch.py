"""The deadlines of one upstream answer, without a timer per chunk.

One timer per answer is set to the nearest deadline. When it fires too early, because content came in the meantime, it
is set again; so a chunk costs one reading of the clock. A deadline that passes closes the response, which wakes whoever
reads it: no task is cancelled, so it does not matter which task reads.
"""

import asyncio

from aiohttp import ClientResponse

from omna.providers.base import Failure, FailureKind, Timeouts

MESSAGES = {
    FailureKind.FIRST_BYTE: "the provider sent nothing in time",
    FailureKind.PROGRESS: "the provider stopped sending",
    FailureKind.TOTAL: "the provider took too long",
}


class Watch:
    """Closes a response that misses a deadline, and remembers which one.

    started  loop time at which the call began: first byte and total are counted from there
    """

    __slots__ = ("_at", "_due", "_kind", "_loop", "_paused_at", "_response", "_timer", "_total", "expired")

    def __init__(self, response: ClientResponse, started: float, timeouts: Timeouts) -> None:
        self._loop = asyncio.get_running_loop()
        self._response = response
        self._total = started + timeouts.total
        self._kind = FailureKind.FIRST_BYTE
        self._due = started + timeouts.first_byte
        self._paused_at: float | None = None
        self.expired: FailureKind | None = None
        self._at = min(self._due, self._total)
        self._timer = self._loop.call_at(self._at, self._check)

    def expect(self, kind: FailureKind, seconds: float) -> None:
        """Start waiting anew: something must happen within `seconds`, or the answer fails as `kind`."""
        self._kind = kind
        self._paused_at = None
        self._move(self._loop.time() + seconds)

    def pause(self) -> None:
        """The reader is busy with what it got, and the provider is not to blame for that: only the total goes on."""
        self._paused_at = self._loop.time()

    def resume(self) -> None:
        if self._paused_at is not None:
            self._move(self._due + self._loop.time() - self._paused_at)
            self._paused_at = None

    def stop(self) -> None:
        self._timer.cancel()

    def failure(self) -> Failure | None:
        """Return the failure of the deadline that passed, if one did."""
        return Failure(self.expired, MESSAGES[self.expired]) if self.expired is not None else None

    def _check(self) -> None:
        now = self._loop.time()
        if now >= self._total:
            self.expired = FailureKind.TOTAL
        elif now >= self._due and self._paused_at is None:
            self.expired = self._kind
        else:
            self._set(self._total if self._paused_at is not None else self._due)
            return
        self._response.close()

    def _move(self, due: float) -> None:
        self._due = due
        if due < self._at:
            self._timer.cancel()
            self._set(due)

    def _set(self, at: float) -> None:
        self._at = min(at, self._total)
        self._timer = self._loop.call_at(self._at, self._check)
