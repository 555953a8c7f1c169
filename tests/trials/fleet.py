"""Everything that makes one installation on several machines, as processes of this one, reached over loopback."""

import asyncio
import contextlib
import os
import signal
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from dataclasses import dataclass
from pathlib import Path

from omna.db.migrate import migrate
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation
from tests.harness.replica import Replica
from tests.trials.balancer import Balancer
from tests.trials.pair import Pair
from tests.upstream.server import Upstream

#: Patient enough for a database that changes its place, short enough to see leases end.
PATIENT = SETTINGS | {
    "GATEWAY_FIRST_BYTE_TIMEOUT": "30",
    "GATEWAY_PROGRESS_TIMEOUT": "30",
    "GATEWAY_ANSWER_TIMEOUT": "60",
    "GATEWAY_BODY_TIMEOUT": "10",
    "GATEWAY_LEASE_SECONDS": "10",
    "SERVER_DRAIN_SECONDS": "30",
}


class Worker:
    """`omna worker` as a process."""

    def __init__(self, house: Installation) -> None:
        self._house = house
        self._process: asyncio.subprocess.Process | None = None

    async def start(self) -> None:
        data = self._house.data / "worker"
        data.mkdir(parents=True, exist_ok=True)
        environment = {
            "PATH": os.environ["PATH"], "HOME": str(data), "OMNA_DATA": str(data), "OMNA_LOG_FORMAT": "json",
            "OMNA_DATABASE_URL": self._house.url, "OMNA_SECRETS_MASTER_KEY": self._house.master_key,
        }  # fmt: skip
        with (data / "worker.log").open("ab") as log:
            self._process = await asyncio.create_subprocess_exec(
                sys.executable, "-m", "omna.cli", "worker", env=environment,
                stdin=asyncio.subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True,
            )  # fmt: skip

    async def kill(self) -> None:
        if self._process is not None:
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._process.pid, signal.SIGKILL)
            await self._process.wait()
            self._process = None


@dataclass
class Fleet:
    """Replicas behind a load balancer, a worker, a pair of database servers, and a provider."""

    house: Installation
    pair: Pair
    replicas: list[Replica]
    balancer: Balancer
    worker: Worker

    @property
    def upstream(self) -> Upstream:
        return self.house.upstream

    @property
    def port(self) -> int:
        """Where customers come in."""
        return self.balancer.port


@asynccontextmanager
async def fleet(place: Path, *, replicas: int = 3, settings: Mapping[str, str] = PATIENT) -> AsyncIterator[Fleet]:
    """Start everything; when the block ends, all processes that were started are gone."""
    pair = Pair(place / "postgres")
    async with contextlib.AsyncExitStack() as stack:
        stack.callback(pair.stop)
        await pair.start()
        await migrate(pair.url)
        upstream = await stack.enter_async_context(Upstream())
        house = await stack.enter_async_context(Installation(pair.url, place / "house", upstream))
        gateways = [house.replica(settings) for _ in range(replicas)]
        for gateway in gateways:
            stack.push_async_callback(gateway.kill)
        await asyncio.gather(*(gateway.start() for gateway in gateways))
        worker = Worker(house)
        stack.push_async_callback(worker.kill)
        await worker.start()
        balancer = Balancer(place / "haproxy", [gateway.port for gateway in gateways])
        stack.push_async_callback(balancer.kill)
        await balancer.start()
        yield Fleet(house, pair, gateways, balancer, worker)
