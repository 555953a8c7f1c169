"""How many alerts nobody has acknowledged, for the metrics of this process: read off the hot path."""

import asyncio

import asyncpg

from omna.alerts import service as alerts
from omna.alerts.model import SEVERITIES
from omna.db.pool import borrow
from omna.errors import ServiceUnavailable
from omna.observability.logs import get_logger
from omna.observability.metrics import Metrics

log = get_logger(__name__)

SECONDS = 15.0


class AlertCount:
    """The loop of a process. Start it once, close it last."""

    def __init__(self, pool: asyncpg.Pool, metrics: Metrics) -> None:
        self._pool = pool
        self._metrics = metrics
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def read(self) -> None:
        """Read the numbers once. Errors: ServiceUnavailable; the last ones stay."""
        async with borrow(self._pool) as connection:
            counts = await alerts.opened(connection)
        for severity in SEVERITIES:
            self._metrics.alerts_are(severity, counts.get(severity, 0))

    async def _run(self) -> None:
        while True:
            try:
                await self.read()
            except ServiceUnavailable:
                pass  # told with the next ones
            except Exception:
                log.exception("alerts_not_counted")
            await asyncio.sleep(SECONDS)
