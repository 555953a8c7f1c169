"""Signals as something to wait for: stop requests are counted, and a child's end wakes the waiter."""

import select
import signal
import socket
import sys
from types import FrameType, TracebackType
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from sys import UnraisableHookArgs

STOP_SIGNALS = (signal.SIGINT, signal.SIGTERM, signal.SIGHUP)


class Stop(KeyboardInterrupt):
    """Somebody asked Omna to stop while it was still starting.

    asyncio lets nothing but this kind and SystemExit through: anything else that is raised in the middle of its own
    reading and writing it takes for a lost connection, and the start would fail instead of being stopped.
    """


class Signals:
    """Catches Ctrl-C, SIGTERM and SIGHUP of this process while it is entered. Main thread only.

    stops    how often somebody asked to stop
    starting while True, the first request raises Stop out of whatever is running

    Some places let no exception through, like the callbacks around a fork: the interpreter drops it there and goes on.
    A start therefore calls `check` between its steps.
    """

    def __init__(self) -> None:
        self.stops = 0
        self.starting = False
        self._reader, self._writer = socket.socketpair()
        self._reader.setblocking(False)
        self._writer.setblocking(False)

    def __enter__(self) -> Self:
        self._wakeup = signal.set_wakeup_fd(self._writer.fileno(), warn_on_full_buffer=False)
        self._before = {number: signal.signal(number, self._count) for number in STOP_SIGNALS}
        # Without a handler the kernel would not wake us for it.
        self._before[signal.SIGCHLD] = signal.signal(signal.SIGCHLD, _ignore)
        self._hook, sys.unraisablehook = sys.unraisablehook, self._dropped
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        for number, handler in self._before.items():
            signal.signal(number, handler)
        signal.set_wakeup_fd(self._wakeup)
        sys.unraisablehook = self._hook
        self._reader.close()
        self._writer.close()

    def wait(self, seconds: float) -> None:
        """Return when a signal has arrived, or after some seconds."""
        if select.select([self._reader], [], [], max(0.0, seconds))[0]:
            self._reader.recv(4096)

    def check(self) -> None:
        """Raise Stop when somebody asked to stop."""
        if self.stops:
            raise Stop

    def _dropped(self, what: "UnraisableHookArgs") -> None:
        # A dropped Stop is counted: it comes out of the next `check`, and there is nothing to complain about.
        if what.exc_type is not Stop:
            self._hook(what)

    def _count(self, number: int, frame: FrameType | None) -> None:
        self.stops += 1
        if self.starting:
            self.starting = False
            raise Stop


def _ignore(number: int, frame: FrameType | None) -> None:
    """The wakeup descriptor says all there is to say."""
