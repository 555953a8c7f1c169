"""`omna up` as an operator meets it: a process that is started, looked at, stopped and killed."""

import contextlib
import fcntl
import os
import re
import select
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from pathlib import Path

import pytest

from omna.db.embedded import running_url
from omna.launcher import facts
from omna.launcher.facts import FirstRun

pytestmark = [
    pytest.mark.slow,
    pytest.mark.skipif(not Path("/proc/self/task").exists(), reason="looks at processes through /proc"),
]

LAST_LINE = "Ctrl-C stops everything."
#: Processes of one installation: database, model, jobs and gateway at least.
FEWEST = 4


class Up:
    """One run of `omna up`."""

    def __init__(self, data: Path, port: int, *options: str) -> None:
        self.data = data
        self.lines: list[str] = []
        environment = {name: value for name, value in os.environ.items() if not name.endswith("_API_KEY")}
        self.process = subprocess.Popen(
            [sys.executable, "-m", "omna.cli", "up", "--data", str(data), "--port", str(port), *options],
            env={**environment, "OMNA_SERVER_METRICS_PORT": "0"},
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )

    def read_until(self, text: str) -> str:
        """Return everything that was said up to and including the line with a text."""
        assert self.process.stdout is not None
        for line in self.process.stdout:
            self.lines.append(line.rstrip())
            if text in line:
                return "\n".join(self.lines)
        raise AssertionError(f"omna up ended without {text!r}:\n" + "\n".join(self.lines))

    def descendants(self) -> dict[int, str]:
        """Return the processes below this one, with the start of their command lines."""
        found: dict[int, str] = {}
        waiting = [self.process.pid]
        while waiting:
            folder = Path(f"/proc/{waiting.pop()}")
            # A process may end while it is looked at: then it is no descendant any more.
            with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                for task in folder.glob("task/*/children"):
                    for child in map(int, task.read_text().split()):
                        with contextlib.suppress(FileNotFoundError, ProcessLookupError):
                            found[child] = Path(f"/proc/{child}/cmdline").read_text().replace("\0", " ")
                            waiting.append(child)
        return found

    def ended(self) -> str:
        """Return the rest of what it says, once it has ended."""
        self.lines += self.process.communicate(timeout=60)[0].splitlines()
        return "\n".join(self.lines)


@pytest.fixture(scope="module")
def data(tmp_path_factory: pytest.TempPathFactory) -> Path:
    return tmp_path_factory.mktemp("up")


@pytest.fixture
def port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


@pytest.fixture
def up(data: Path, port: int) -> Iterator[Up]:
    run = Up(data, port)
    yield run
    if run.process.poll() is None:
        run.process.kill()
    run.process.communicate()
    await_nothing_left(data)


def await_nothing_left(data: Path) -> None:
    with (data / "postgres.alive").open() as alive:
        fcntl.flock(alive, fcntl.LOCK_EX)


def await_ends(watches: dict[int, str], seconds: float) -> None:
    deadline = time.monotonic() + seconds
    left = dict(watches)
    while left:
        ended, _, _ = select.select(list(left), [], [], max(0.0, deadline - time.monotonic()))
        assert ended, f"still running: {list(left.values())}"
        for watch in ended:
            del left[watch]
    for watch in watches:
        os.close(watch)


def test_first_start_shows_how_to_use_it_and_ctrl_c_leaves_nothing(up: Up, port: int) -> None:
    said = up.read_until(LAST_LINE)
    known = facts.read(up.data / facts.FIRST_RUN, FirstRun)
    assert known is not None
    assert f"Omna is running at http://localhost:{port}" in said
    assert known.password in said
    assert f'curl http://localhost:{port}/v1/chat/completions -H "Authorization: Bearer {known.key}"' in said
    watches = {os.pidfd_open(process): command for process, command in up.descendants().items()}
    assert len(watches) >= FEWEST
    up.process.send_signal(signal.SIGINT)
    order = re.findall(r"stopping (.+)", up.ended())
    assert order == ["gateway", "jobs", "local model", "database"]
    assert up.process.returncode == 0
    await_ends(watches, 5)
    assert running_url(up.data) is None


def test_second_start_changes_nothing_and_shows_the_same_key(up: Up) -> None:
    said = up.read_until(LAST_LINE)
    known = facts.read(up.data / facts.FIRST_RUN, FirstRun)
    assert known is not None
    assert known.key in said
    assert known.password not in said
    assert "brought up to date" not in said
    up.process.send_signal(signal.SIGTERM)
    up.ended()
    assert up.process.returncode == 0


def test_killed_launcher_leaves_no_orphans(up: Up) -> None:
    up.read_until(LAST_LINE)
    watches = {os.pidfd_open(process): command for process, command in up.descendants().items()}
    assert len(watches) >= FEWEST
    up.process.kill()
    await_ends(watches, 60)


@pytest.mark.parametrize(
    ("name", "command"),
    [
        ("gateway", "omna.cli serve"),
        ("jobs", "omna.cli worker"),
        ("local model", "omna.providers.local"),
        ("database", "/bin/postgres -D "),
    ],
)
def test_part_that_dies_is_started_again(up: Up, name: str, command: str) -> None:
    up.read_until(LAST_LINE)
    victim = next(process for process, line in up.descendants().items() if command in line)
    os.kill(victim, signal.SIGKILL)
    up.read_until(f"{name} has ended by itself")
    up.read_until(f"{name} is running again")
    assert any(command in line and process != victim for process, line in up.descendants().items())
    if name == "database":
        assert running_url(up.data) is not None
    up.process.send_signal(signal.SIGTERM)
    up.ended()


def test_request_to_stop_in_the_middle_of_the_start_is_obeyed(up: Up) -> None:
    up.read_until("database")
    up.process.send_signal(signal.SIGTERM)
    said = up.ended()
    assert up.process.returncode == 0, said
    assert said.endswith("stopped")
    assert LAST_LINE not in said


def test_taken_port_is_said_before_anything_is_started(tmp_path: Path) -> None:
    with socket.socket() as listener:
        listener.bind(("127.0.0.1", 0))
        listener.listen()
        taken = listener.getsockname()[1]
        run = Up(tmp_path / "data", taken)
        said = run.ended()
    assert run.process.returncode == 1
    assert len(run.lines) == 1
    assert re.search(rf"port {taken} is taken by .* \(process {os.getpid()}\)\. Stop it, or choose another port", said)
    assert not (tmp_path / "data" / "postgres").exists()


def test_second_run_with_the_same_data_is_refused(up: Up, port: int) -> None:
    up.read_until("database")
    second = Up(up.data, port + 1)
    said = second.ended()
    assert second.process.returncode == 1
    assert f"already running with {up.data} (process {up.process.pid})" in said
    up.read_until(LAST_LINE)
    up.process.send_signal(signal.SIGTERM)
    up.ended()
