"""The proxies of deploy/proxy as processes, with the files as they are delivered, and servers to put behind them."""

import asyncio
import contextlib
import csv
import io
import shutil
import time
from collections.abc import AsyncIterator, Awaitable, Callable, Sequence
from dataclasses import dataclass, field
from pathlib import Path

import pytest

from tests.deploy.common import DEPLOY
from tests.harness.replica import POLL_SECONDS, START_SECONDS, free_port
from tests.harness.wire import ask

HAPROXY = DEPLOY / "proxy" / "haproxy.cfg"
NGINX = DEPLOY / "proxy" / "nginx.conf"
PATH = "/usr/local/sbin:/usr/sbin:/sbin:/usr/local/bin:/usr/bin:/bin"
needs_haproxy = pytest.mark.skipif(not shutil.which("haproxy", path=PATH), reason="HAProxy is not installed")
needs_nginx = pytest.mark.skipif(not shutil.which("nginx", path=PATH), reason="nginx is not installed")


def program(name: str) -> str:
    found = shutil.which(name, path=PATH)
    assert found
    return found


@dataclass
class Server:
    """Something behind a proxy. What it is asked is kept; `hang_up` closes after a request, without an answer."""

    ready: int = 200
    alive: int = 200
    hang_up: bool = False
    port: int = 0
    asked: list[str] = field(default_factory=list)

    async def answer(self, reader: asyncio.StreamReader, writer: asyncio.StreamWriter) -> None:
        with contextlib.suppress(asyncio.IncompleteReadError, ConnectionError):
            while True:
                head = (await reader.readuntil(b"\r\n\r\n")).decode("latin-1")
                status = 200
                if " /readyz " in head:
                    status = self.ready
                elif " /healthz " in head:
                    status = self.alive
                else:
                    self.asked.append(head)
                    if self.hang_up:
                        break
                writer.write(b"HTTP/1.1 %d X\r\ncontent-length: 2\r\n\r\nok" % status)
                await writer.drain()
        writer.close()


@contextlib.asynccontextmanager
async def served(server: Server) -> AsyncIterator[Server]:
    listening = await asyncio.start_server(server.answer, "127.0.0.1", 0)
    server.port = listening.sockets[0].getsockname()[1]
    try:
        yield server
    finally:
        # Kept connections end with their proxy.
        listening.close()


class Haproxy:
    """HAProxy with the delivered file, and with a socket to ask it by."""

    def __init__(self, replicas: Sequence[int], folder: Path) -> None:
        self.port = free_port()
        self._folder = folder
        self._environment = {"PATH": PATH, "PROXY_BIND": f"127.0.0.1:{self.port}"}
        self._environment |= {f"PROXY_REPLICA_{n}": f"127.0.0.1:{port}" for n, port in enumerate(replicas, 1)}
        self._socket = folder / "haproxy.sock"

    @contextlib.asynccontextmanager
    async def running(self) -> AsyncIterator["Haproxy"]:
        extra = self._folder / "asking.cfg"
        extra.write_text(f"global\n    stats socket {self._socket} mode 600 level user\n")
        async with _process(program("haproxy"), "-db", "-f", str(HAPROXY), "-f", str(extra), env=self._environment):
            await _answers(lambda: self.states("ready"))
            yield self

    async def states(self, backend: str) -> dict[str, str]:
        """Return what it thinks of every replica: UP, DOWN or on the way from one to the other."""
        reader, writer = await asyncio.open_unix_connection(self._socket)
        writer.write(b"show stat\n")
        rows = csv.DictReader(io.StringIO((await reader.read()).decode().removeprefix("# ")))
        writer.close()
        return {
            row["svname"]: row["status"]
            for row in rows
            if row["pxname"] == backend and row["svname"] not in {"FRONTEND", "BACKEND"}
        }

    async def until(self, backend: str, wanted: Sequence[str], patience: float = 30.0) -> None:
        """Return when its replicas are in these states. A check that fails now and then on a busy machine passes."""
        deadline = time.monotonic() + patience
        while list((found := await self.states(backend)).values()) != list(wanted):
            assert time.monotonic() < deadline, found
            await asyncio.sleep(POLL_SECONDS)


@contextlib.asynccontextmanager
async def nginx(replicas: Sequence[int], folder: Path) -> AsyncIterator[int]:
    """Run nginx with the delivered file; yields its port."""
    port = free_port()
    text = NGINX.read_text().replace("listen 80;", f"listen 127.0.0.1:{port};")
    for number, replica in enumerate(replicas, 1):
        text = text.replace(f"127.0.0.1:511{number} ", f"127.0.0.1:{replica} ")
    path = folder / "nginx.conf"
    path.write_text(text)
    options = f"daemon off; pid {folder}/nginx.pid; error_log {folder}/error.log warn;"
    async with _process(program("nginx"), "-c", str(path), "-g", options, env={"PATH": PATH}):
        await _answers(lambda: ask(port, "GET", "/metrics"))
        yield port


async def _answers(look: Callable[[], Awaitable[object]]) -> None:
    deadline = time.monotonic() + START_SECONDS
    while True:
        try:
            await look()
        except OSError:
            assert time.monotonic() < deadline, "the proxy does not start"
            await asyncio.sleep(POLL_SECONDS)
        else:
            return


@contextlib.asynccontextmanager
async def _process(*command: str, env: dict[str, str]) -> AsyncIterator[None]:
    running = await asyncio.create_subprocess_exec(
        *command, env=env, stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL
    )
    try:
        yield
    finally:
        with contextlib.suppress(ProcessLookupError):
            running.terminate()
        await running.wait()
