"""How full this process is, for its metrics: its queues, its pool, its memory. Read every few seconds, never asked of
the database, and never on the hot path."""

import asyncio
from collections.abc import Mapping, Sized

import asyncpg

from omna.observability.logs import get_logger
from omna.observability.metrics import Metrics

log = get_logger(__name__)

SECONDS = 5.0


class Occupancy:
    """The loop of a process. Start it once, close it last."""

    def __init__(self, pool: asyncpg.Pool, queues: Mapping[str, Sized], metrics: Metrics) -> None:
        self._pool = pool
        self._queues = queues
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    def read(self) -> None:
        """Read the numbers once."""
        for name, queue in self._queues.items():
            self._metrics.queue_is(name, len(queue))
        open_now, idle = self._pool.get_size(), self._pool.get_idle_size()
        self._metrics.pool_is(busy=open_now - idle, idle=idle, free=self._pool.get_max_size() - open_now)
        self._metrics.process.read()

    async def _run(self) -> None:
        while True:
            try:
                self.read()
            except Exception:
                log.exception("occupancy_not_read")
            await asyncio.sleep(SECONDS)
