"""A request to stop reaches whoever starts Omna, whatever is running at that moment."""

import asyncio
import signal
import socket
import sys

import pytest

from omna.launcher.signals import Signals, Stop


class StoppedWhileReading(asyncio.Protocol):
    """Is asked to stop inside asyncio's own handling of a connection."""

    def data_received(self, data: bytes) -> None:
        signal.raise_signal(signal.SIGTERM)


async def read() -> None:
    ours, theirs = socket.socketpair()
    with theirs:
        transport, _ = await asyncio.get_running_loop().connect_accepted_socket(StoppedWhileReading, ours)
        try:
            theirs.send(b"something")
            await asyncio.sleep(5)
        finally:
            transport.close()


def test_asyncio_does_not_swallow_a_stop() -> None:
    with Signals() as signals:
        signals.starting = True
        with pytest.raises(Stop):
            asyncio.run(read())
    assert signals.stops == 1


def test_only_the_start_is_broken_off() -> None:
    with Signals() as signals:
        signal.raise_signal(signal.SIGTERM)
        signals.wait(5)
        assert signals.stops == 1


class Fork:
    """Ends where the interpreter lets no exception through, as the callbacks around a fork do."""

    def __del__(self) -> None:
        signal.raise_signal(signal.SIGTERM)


def test_stop_that_the_interpreter_drops_comes_out_of_the_next_check(capfd: pytest.CaptureFixture[str]) -> None:
    with Signals() as signals:
        signals.starting = True
        signals.check()
        fork = Fork()
        del fork
        with pytest.raises(Stop):
            signals.check()
    assert capfd.readouterr().err == ""


def test_other_dropped_exceptions_are_still_told(capfd: pytest.CaptureFixture[str]) -> None:
    class Broken:
        def __del__(self) -> None:
            raise ValueError("told")

    before = sys.unraisablehook
    sys.unraisablehook = sys.__unraisablehook__
    try:
        with Signals():
            broken = Broken()
            del broken
        assert sys.unraisablehook is sys.__unraisablehook__
    finally:
        sys.unraisablehook = before
    assert "ValueError: told" in capfd.readouterr().err
