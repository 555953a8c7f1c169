"""What one process does beside its requests, every few seconds, for as long as it runs."""

import asyncio
from abc import ABC, abstractmethod
from typing import ClassVar

from omna.errors import ServiceUnavailable
from omna.observability.logs import get_logger

log = get_logger(__name__)


class Loop(ABC):
    """Takes its turn every few seconds, whatever became of the turn before. Start it once, close it last."""

    #: Between two turns.
    SECONDS: ClassVar[float]

    _task: asyncio.Task[None] | None = None

    @abstractmethod
    async def turn(self) -> None:
        """Do it once. Errors: ServiceUnavailable while the database is away; what was not done stays to be done."""

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)

    async def attempt(self) -> None:
        """Take a turn. What goes wrong is logged, unless it is the database's absence, which is logged elsewhere."""
        try:
            await self.turn()
        except ServiceUnavailable:
            pass
        except Exception:
            log.exception("turn of a loop failed", loop=type(self).__name__)

    async def _run(self) -> None:
        while True:
            await self.attempt()
            await asyncio.sleep(self.SECONDS)
