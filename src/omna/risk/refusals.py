"""What stops refuse, counted without a write per request: each process counts in memory and adds its sums every few
seconds. A process that is killed forgets the seconds since its last sum; nothing else is lost or counted twice.
"""

import asyncio
from collections import Counter

import asyncpg

from omna.db.pool import borrow
from omna.errors import OmnaError
from omna.observability.logs import get_logger
from omna.risk import stop_store

log = get_logger(__name__)

_SECONDS = 2.0

#: Of this process: scope → refused since the last sum.
_refused: Counter[str] = Counter()


def note(scope: str) -> None:
    """Count a request, an order or a sign-up that a stop of this scope refused."""
    _refused[scope] += 1


async def flush(pool: asyncpg.Pool) -> None:
    """Add this process's counts to the stops they belong to. Errors: ServiceUnavailable, and the counts are kept."""
    counts = dict(_refused)
    if not counts:
        return
    _refused.clear()
    try:
        async with borrow(pool) as connection:
            await stop_store.count_refused(connection, counts)
    except BaseException:
        _refused.update(counts)
        raise


class Refusals:
    """Adds the counts of this process every few seconds, and once more when it ends."""

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool
        self._task: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._task = asyncio.get_running_loop().create_task(self._run())

    async def close(self) -> None:
        if self._task is not None:
            self._task.cancel()
            await asyncio.gather(self._task, return_exceptions=True)
        await self._flush()

    async def _run(self) -> None:
        while True:
            await asyncio.sleep(_SECONDS)
            await self._flush()

    async def _flush(self) -> None:
        try:
            await flush(self._pool)
        except (OmnaError, asyncpg.PostgresError, OSError):
            log.warning("refused_not_counted")
