"""The gateway and the worker as child processes: started, asked to stop, and never left behind."""

import os
import signal
import subprocess
import time
from collections.abc import Callable, Mapping, Sequence
from pathlib import Path
from typing import IO

from omna.launcher.signals import Signals
from omna.processes import follow_parent

_LOG_LIMIT = 16 * 1024 * 1024


class StartError(Exception):
    """A part of Omna did not start."""


class Child:
    """A command as a child process, with the processes that it starts.

    log         where its output goes; None: to our own
    patience    seconds it may take to stop before it is killed
    ready       called again and again until it returns True; None: ready at once
    """

    def __init__(
        self,
        name: str,
        command: Sequence[str],
        environment: Mapping[str, str],
        signals: Signals,
        *,
        log: Path | None,
        patience: float,
        ready: Callable[[], bool] | None = None,
    ) -> None:
        self.name = name
        self._command = command
        self._environment = environment
        self._signals = signals
        self._log = log
        self._patience = patience
        self._ready = ready
        self._process: subprocess.Popen[bytes] | None = None

    def start(self, timeout: float = 60.0) -> None:
        """Return when the child is ready. Errors: StartError with the last words of its log; Stop."""
        self._end_group()
        output = _open_log(self._log) if self._log is not None else None
        try:
            self._process = subprocess.Popen(
                self._command,
                env=dict(self._environment),
                stdin=subprocess.DEVNULL,
                stdout=output,
                stderr=output,
                # Ctrl-C reaches us first, and we stop our children in their order.
                start_new_session=True,
                preexec_fn=follow_parent(signal.SIGTERM),  # noqa: PLW1509 - it neither imports nor takes locks
            )
        finally:
            if output is not None:
                output.close()
        deadline = time.monotonic() + timeout
        while self._ready is not None and not self._ready():
            self._signals.check()
            if self._process.poll() is not None:
                raise StartError(f"{self.name} ended with code {self._process.returncode}{self._last_words()}")
            if time.monotonic() > deadline:
                raise StartError(f"{self.name} is not ready after {timeout:.0f} s{self._last_words()}")
            self._signals.wait(0.05)

    def exited(self) -> bool:
        return self._process is not None and self._process.poll() is not None

    def stop(self) -> None:
        """Ask the child to stop and wait for it; every further request to us is passed on, so that it hurries."""
        process = self._process
        if process is None:
            return
        asked = self._signals.stops
        deadline = time.monotonic() + self._patience
        if process.poll() is None:
            process.send_signal(signal.SIGTERM)
        while process.poll() is None and time.monotonic() < deadline:
            self._signals.wait(min(0.5, deadline - time.monotonic()))
            if self._signals.stops > asked:
                asked = self._signals.stops
                process.send_signal(signal.SIGTERM)
        self._end_group()

    def _end_group(self, patience: float = 5.0) -> None:
        """End what is left of an earlier start: the child itself when it did not stop, and its own children."""
        process, self._process = self._process, None
        if process is None:
            return
        deadline = time.monotonic() + patience
        _signal_group(process.pid, signal.SIGTERM if process.poll() is not None else signal.SIGKILL)
        while _signal_group(process.pid, 0):
            process.poll()
            if time.monotonic() > deadline:
                _signal_group(process.pid, signal.SIGKILL)
                break
            self._signals.wait(0.05)
        process.wait()

    def _last_words(self) -> str:
        if self._log is None:
            return ""
        lines = [line for line in self._log.read_text(errors="replace").splitlines()[-3:] if line.strip()]
        return f"; see {self._log}" + "".join(f"\n    {line}" for line in lines)


def _signal_group(leader: int, number: int) -> bool:
    """Send a signal to a process group; return False when nobody is left in it."""
    try:
        os.killpg(leader, number)
    except ProcessLookupError:
        return False
    except PermissionError:
        # Zombies of another user, on some systems.
        return False
    return True


def _open_log(path: Path) -> IO[bytes]:
    if path.exists() and path.stat().st_size > _LOG_LIMIT:
        path.replace(path.with_suffix(".log.1"))
    return os.fdopen(os.open(path, os.O_WRONLY | os.O_CREAT | os.O_APPEND, 0o600), "ab")
