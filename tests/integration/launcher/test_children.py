"""Child processes: started, hurried, ended with everything they started."""

import os
import select
import signal
import sys
import textwrap
import threading
from collections.abc import Iterator
from pathlib import Path

import pytest

from omna.launcher.children import Child, StartError
from omna.launcher.signals import Signals, Stop


@pytest.fixture
def signals() -> Iterator[Signals]:
    with Signals() as entered:
        yield entered


def make(tmp_path: Path, signals: Signals, program: str, *, patience: float = 30.0) -> Child:
    """A child that is ready as soon as it has made the file `ready`."""
    return Child(
        "sample",
        [sys.executable, "-c", textwrap.dedent(program)],
        {**os.environ, "READY": str(tmp_path / "ready")},
        signals,
        log=tmp_path / "sample.log",
        patience=patience,
        ready=(tmp_path / "ready").exists,
    )


def process_in(path: Path) -> int:
    return int(path.read_text())


def await_end(descriptor: int) -> bool:
    ended = bool(select.select([descriptor], [], [], 10)[0])
    os.close(descriptor)
    return ended


POLITE = """
    import os, pathlib, signal, sys
    signal.signal(signal.SIGTERM, lambda *_: (print("bye", flush=True), sys.exit(0)))
    pathlib.Path(os.environ["READY"]).write_text(str(os.getpid()))
    signal.pause()
"""


def test_child_is_ready_when_start_returns_and_is_asked_to_stop(tmp_path: Path, signals: Signals) -> None:
    child = make(tmp_path, signals, POLITE)
    child.start()
    assert not child.exited()
    child.stop()
    assert (tmp_path / "sample.log").read_text() == "bye\n"
    with pytest.raises(ProcessLookupError):
        os.kill(process_in(tmp_path / "ready"), 0)


def test_child_that_ends_before_it_is_ready_is_reported_with_its_last_words(tmp_path: Path, signals: Signals) -> None:
    child = make(tmp_path, signals, "raise SystemExit('no such table')")
    with pytest.raises(StartError, match=r"(?s)sample ended with code 1.*no such table"):
        child.start()
    child.stop()


def test_request_to_stop_again_is_passed_on(tmp_path: Path, signals: Signals) -> None:
    # Stops only at the second request, as a gateway does that first waits for its streams.
    child = make(
        tmp_path,
        signals,
        """
        import os, pathlib, signal, sys
        asked = []
        def on_term(*_):
            asked.append(1)
            if len(asked) == 1:
                os.kill(os.getppid(), signal.SIGINT)
            else:
                sys.exit(0)
        signal.signal(signal.SIGTERM, on_term)
        pathlib.Path(os.environ["READY"]).write_text(str(os.getpid()))
        while True:
            signal.pause()
        """,
    )
    child.start()
    child.stop()
    assert signals.stops == 1


def test_child_that_does_not_stop_is_killed_with_its_own_children(tmp_path: Path, signals: Signals) -> None:
    child = make(
        tmp_path,
        signals,
        """
        import os, pathlib, signal, subprocess, sys
        signal.signal(signal.SIGTERM, signal.SIG_IGN)
        grandchild = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        pathlib.Path(os.environ["READY"]).write_text(str(grandchild.pid))
        while True:
            signal.pause()
        """,
        patience=0.2,
    )
    child.start()
    grandchild = os.pidfd_open(process_in(tmp_path / "ready"))
    child.stop()
    assert await_end(grandchild)


def test_what_a_killed_child_left_behind_ends_before_it_starts_again(tmp_path: Path, signals: Signals) -> None:
    child = make(
        tmp_path,
        signals,
        """
        import os, pathlib, signal, subprocess, sys
        grandchild = subprocess.Popen([sys.executable, "-c", "import signal; signal.pause()"])
        pathlib.Path(os.environ["READY"]).write_text(f"{os.getpid()} {grandchild.pid}")
        signal.pause()
        """,
    )
    child.start()
    first, orphan = map(int, (tmp_path / "ready").read_text().split())
    watch = os.pidfd_open(orphan)
    os.kill(first, signal.SIGKILL)
    os.waitid(os.P_PID, first, os.WEXITED | os.WNOWAIT)
    assert child.exited()
    child.start()
    assert await_end(watch)
    child.stop()


def test_stop_request_interrupts_what_is_starting(signals: Signals) -> None:
    signals.starting = True
    with pytest.raises(Stop):
        os.kill(os.getpid(), signal.SIGTERM)
    assert signals.stops == 1
    os.kill(os.getpid(), signal.SIGTERM)
    assert signals.stops == 2


def test_signal_wakes_the_waiter(signals: Signals) -> None:
    threading.Thread(target=lambda: os.kill(os.getpid(), signal.SIGHUP)).start()
    while not signals.stops:
        signals.wait(60)
