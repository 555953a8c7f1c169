"""HAProxy in front of replicas, with the configuration that Omna ships."""

import asyncio
import contextlib
import os
import shutil
from collections.abc import Sequence
from pathlib import Path

from tests.harness.installation import until
from tests.harness.replica import free_port

CONFIGURATION = Path(__file__).parents[2] / "deploy" / "proxy" / "haproxy.cfg"


class Balancer:
    """One HAProxy on a port of its own."""

    def __init__(self, place: Path, replicas: Sequence[int]) -> None:
        self.port = free_port()
        self._place = place
        self._replicas = replicas
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        """Return when it lets somebody through. Errors: RuntimeError where HAProxy is not installed."""
        program = shutil.which("haproxy")
        if program is None:
            raise RuntimeError("trials need HAProxy: apt-get install haproxy")
        self._place.mkdir(parents=True, exist_ok=True)
        environment = {f"PROXY_REPLICA_{number}": f"127.0.0.1:{one}" for number, one in enumerate(self._replicas, 1)}
        with (self._place / "haproxy.log").open("ab") as log:
            # As many connections as the machine has descriptors for in ordinary sessions.
            self._process = await asyncio.create_subprocess_exec(
                program, "-db", "-n", "4000", "-f", str(CONFIGURATION),
                env=environment | {"PATH": os.environ["PATH"], "PROXY_BIND": f"127.0.0.1:{self.port}"},
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log,
            )  # fmt: skip

        async def lets_through() -> bool | None:
            assert self._process is not None
            assert self._process.returncode is None, (self._place / "haproxy.log").read_text()
            with contextlib.suppress(OSError):
                _, writer = await asyncio.open_connection("127.0.0.1", self.port)
                writer.close()
                return True
            return None

        await until(lets_through, "HAProxy does not listen", 20)

    async def kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                self._process.kill()
            await self._process.wait()
            self._process = None
