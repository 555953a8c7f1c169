"""`omna serve` as a process of its own: started, waited for, stopped and killed like in the field."""

import asyncio
import contextlib
import os
import signal
import socket
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from typing import Self

from tests.harness.wire import Answer, ServerClosed, ask

START_SECONDS = 60.0
POLL_SECONDS = 0.05


def free_port() -> int:
    """Return a port that nobody listens on right now."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


class Replica:
    """A gateway with its worker processes, on a port chosen by the system.

    environment  OMNA_* settings; data: its own data directory, with journal and log
    """

    def __init__(self, environment: Mapping[str, str], data: Path, *, workers: int = 1) -> None:
        self.data = data
        self.port = free_port()
        self.log = data / "serve.log"
        self.workers = workers
        self._environment = dict(environment)
        self._process: asyncio.subprocess.Process | None = None

    async def __aenter__(self) -> Self:
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.kill()

    @property
    def address(self) -> str:
        """How a browser reaches it."""
        return f"http://localhost:{self.port}"

    @property
    def pid(self) -> int:
        assert self._process is not None
        return self._process.pid

    async def start(self) -> None:
        """Return when it is ready; again after it ended, on the same port and data."""
        self.data.mkdir(parents=True, exist_ok=True)
        with self.log.open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "omna.cli", "serve", "--port", str(self.port), "--workers", str(self.workers),
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
                env={
                    "PATH": os.environ["PATH"],
                    "HOME": str(self.data),
                    "OMNA_DATA": str(self.data),
                    "OMNA_SERVER_METRICS_PORT": "0",
                    "OMNA_SERVER_PUBLIC_URL": self.address,
                    "OMNA_LOG_FORMAT": "json",
                    **self._environment,
                },
            )  # fmt: skip
        await self.ready()

    async def ready(self, patience: float = START_SECONDS) -> None:
        """Return when every worker is there and it asks for traffic."""
        deadline = time.monotonic() + patience
        while time.monotonic() < deadline:
            assert self._process is not None
            assert self._process.returncode is None, self.words()
            with contextlib.suppress(OSError, ServerClosed):
                if (await ask(self.port, "GET", "/readyz")).status == 200 and len(self.worker_pids()) == self.workers:
                    return
            await asyncio.sleep(POLL_SECONDS)
        raise AssertionError(f"not ready after {patience} s: {self.words()}")

    async def ready_again(self, killed: list[int]) -> None:
        """Return when other workers have taken the place of those that were killed."""
        deadline = time.monotonic() + START_SECONDS
        while set(killed) & set(self.worker_pids()):
            assert time.monotonic() < deadline, self.words()
            await asyncio.sleep(POLL_SECONDS)
        await self.ready()

    def worker_pids(self) -> list[int]:
        """Return the processes that answer requests: children that were spawned and have the port open."""
        found = []
        for task in Path(f"/proc/{self.pid}/task").glob("*/children"):
            children = ""
            with contextlib.suppress(OSError):  # threads end between the listing and the reading
                children = task.read_text()
            for child in map(int, children.split()):
                with contextlib.suppress(OSError):
                    if b"spawn_main" in Path(f"/proc/{child}/cmdline").read_bytes():
                        found.append(child)
        return found

    def terminate(self) -> None:
        """Ask it to stop, as an operator's supervisor does."""
        os.kill(self.pid, signal.SIGTERM)

    async def ended(self, patience: float = 60.0) -> int:
        """Return its exit code once it has ended."""
        assert self._process is not None
        async with asyncio.timeout(patience):
            return await self._process.wait()

    async def kill(self) -> None:
        """End all its processes with SIGKILL."""
        if self._process is None:
            return
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        await self._process.wait()
        self._process = None

    def kill_workers(self) -> list[int]:
        """End its workers with SIGKILL; the process above starts new ones."""
        pids = self.worker_pids()
        for pid in pids:
            os.kill(pid, signal.SIGKILL)
        return pids

    def words(self) -> str:
        """Return the last words of its log."""
        return "\n".join(self.log.read_text(errors="replace").splitlines()[-20:])

    async def ask(self, method: str, path: str, **options: object) -> Answer:
        return await ask(self.port, method, path, **options)
