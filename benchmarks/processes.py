"""Processes the bench starts and what the kernel says about them: processor time and memory, from /proc."""

import os
import queue
import signal
import socket
import subprocess
import threading
import time
from collections.abc import Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path

STOP_SECONDS = 40.0
_TICKS = os.sysconf("SC_CLK_TCK")
_PAGE = os.sysconf("SC_PAGE_SIZE")


class ProcessError(Exception):
    """A process the bench started did not do what it was started for."""


class Child:
    """A process of the bench, its output in a log file; stopped by its own id, and only it and what it started."""

    def __init__(
        self, name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
    ) -> None:
        self.name = name
        self._log = log
        with log.open("ab") as errors:
            # A session of its own: Ctrl-C on the terminal reaches the bench first, which then stops things in order.
            self._process = subprocess.Popen(
                command,
                stdin=subprocess.PIPE,
                stdout=subprocess.PIPE,
                stderr=errors,
                env=dict(environment) if environment is not None else None,
                start_new_session=True,
            )
        self._lines: queue.SimpleQueue[bytes | None] = queue.SimpleQueue()
        threading.Thread(target=self._read_lines, daemon=True).start()

    @property
    def pid(self) -> int:
        return self._process.pid

    def running(self) -> bool:
        return self._process.poll() is None

    def say(self, line: bytes) -> None:
        assert self._process.stdin is not None
        self._process.stdin.write(line + b"\n")
        self._process.stdin.flush()

    def read_line(self, seconds: float) -> str:
        """Return the next line of standard output. Errors: ProcessError after `seconds`, or at the end."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            raise ProcessError(f"{self.name} said nothing for {seconds:.0f} s\n{self.log_tail()}") from None
        return self._decode(line)

    def poll_line(self, seconds: float) -> str:
        """Return the next line, or nothing when none comes in time. Errors: ProcessError when the process has ended."""
        try:
            line = self._lines.get(timeout=seconds)
        except queue.Empty:
            return ""
        return self._decode(line)

    def wait(self, seconds: float) -> None:
        """Return when the process has ended by itself. Errors: subprocess.TimeoutExpired."""
        self._process.wait(seconds)

    def stop(self) -> None:
        """Ask the process to end, and end its whole session when it does not."""
        if self._process.poll() is None:
            self._process.terminate()
            try:
                self._process.wait(STOP_SECONDS)
            except subprocess.TimeoutExpired:
                os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()

    def _decode(self, line: bytes | None) -> str:
        if line is None:
            raise ProcessError(f"{self.name} ended with {self._process.wait()}\n{self.log_tail()}")
        return line.decode("utf-8", "replace").rstrip("\n")

    def _read_lines(self) -> None:
        assert self._process.stdout is not None
        with self._log.open("ab") as log:
            for line in self._process.stdout:
                log.write(line)
                log.flush()
                self._lines.put(line)
        self._lines.put(None)

    def log_tail(self) -> str:
        """Return the end of what the process wrote."""
        return self._log.read_text("utf-8", "replace")[-3000:]


@contextmanager
def running(
    name: str, command: Sequence[str], log: Path, environment: Mapping[str, str] | None = None
) -> Iterator[Child]:
    """Run a process for the length of a block."""
    child = Child(name, command, log, environment)
    try:
        yield child
    finally:
        child.stop()


def run_command(name: str, command: Sequence[str], environment: Mapping[str, str], seconds: float) -> str:
    """Run a command to its end and return its standard output. Errors: ProcessError with what it said."""
    try:
        done = subprocess.run(
            command, env=dict(environment), capture_output=True, text=True, timeout=seconds, check=False
        )
    except subprocess.TimeoutExpired:
        raise ProcessError(f"{name} took more than {seconds:.0f} s") from None
    if done.returncode:
        raise ProcessError(f"{name} ended with {done.returncode}\n{done.stdout[-1500:]}{done.stderr[-1500:]}")
    return done.stdout


def choose_port() -> int:
    """Return a free port of the system's choice, for servers that cannot say which one they took."""
    with socket.create_server(("127.0.0.1", 0)) as listener:
        port: int = listener.getsockname()[1]
        return port


def wait_for_port(child: Child, port: int, seconds: float) -> None:
    """Return when something listens on the port. Errors: ProcessError after `seconds`, or when the child has ended."""
    ends = time.monotonic() + seconds
    while True:
        try:
            socket.create_connection(("127.0.0.1", port), timeout=1.0).close()
            return
        except OSError:
            if not child.running() or time.monotonic() > ends:
                raise ProcessError(f"{child.name} does not listen\n{child.log_tail()}") from None
            # Nothing announces a listening socket of a foreign process, so it is asked for.
            time.sleep(0.05)


def tree(pid: int) -> list[int]:
    """Return a process and everything it started that still runs."""
    children: dict[int, list[int]] = {}
    for entry in os.listdir("/proc"):
        if entry.isdigit() and (fields := _stat(int(entry))):
            children.setdefault(int(fields[1]), []).append(int(entry))
    found = [pid]
    for parent in found:
        found.extend(children.get(parent, ()))
    return found


def cpu_seconds(pid: int) -> float:
    """Return the processor time a process tree has used, ended children that were waited for included."""
    total = 0
    for member in tree(pid):
        if fields := _stat(member):
            total += sum(int(ticks) for ticks in fields[11:15])
    return total / _TICKS


def memory_bytes(pid: int) -> int:
    """Return the resident memory of one process, 0 when it is gone."""
    try:
        return int(Path(f"/proc/{pid}/statm").read_text().split()[1]) * _PAGE
    except OSError:
        return 0


def largest_member(pid: int) -> int:
    """Return the process of a tree with the most resident memory: the worker of a server that forks one."""
    return max(tree(pid), key=memory_bytes)


def _stat(pid: int) -> list[str]:
    """Return the fields of /proc/PID/stat from the state on, none when the process is gone."""
    try:
        # The command's name may hold blanks and brackets, so everything up to the last bracket goes.
        return Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()
    except OSError:
        return []
