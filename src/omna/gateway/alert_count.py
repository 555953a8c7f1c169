"""How many alerts nobody has acknowledged, for the metrics of this process: read off the hot path."""

import asyncpg

from omna.alerts import service as alerts
from omna.alerts.model import SEVERITIES
from omna.db.pool import borrow
from omna.jobs.loop import Loop
from omna.observability.metrics import Metrics


class AlertCount(Loop):
    """How many alerts wait for somebody, stated every few seconds."""

    SECONDS = 15.0

    def __init__(self, pool: asyncpg.Pool, metrics: Metrics) -> None:
        self._pool = pool
        self._metrics = metrics

    async def turn(self) -> None:
        async with borrow(self._pool) as connection:
            counts = await alerts.opened(connection)
        for severity in SEVERITIES:
            self._metrics.alerts_are(severity, counts.get(severity, 0))
