"""How full this process is, for its metrics: its queues, its pool, its memory. Read every few seconds, never asked of
the database, and never on the hot path."""

from collections.abc import Mapping, Sized

import asyncpg

from omna.jobs.loop import Loop
from omna.observability.metrics import Metrics


class Occupancy(Loop):
    """How full this process is, stated every few seconds."""

    SECONDS = 5.0

    def __init__(self, pool: asyncpg.Pool, queues: Mapping[str, Sized], metrics: Metrics) -> None:
        self._pool = pool
        self._queues = queues
        self._metrics = metrics

    async def turn(self) -> None:
        for name, queue in self._queues.items():
            self._metrics.queue_is(name, len(queue))
        open_now, idle = self._pool.get_size(), self._pool.get_idle_size()
        self._metrics.pool_is(busy=open_now - idle, idle=idle, free=self._pool.get_max_size() - open_now)
        self._metrics.process.read()
