"""What stops refuse, counted without a write per request: each process counts in memory and adds its sums every few
seconds. A process that is killed forgets the seconds since its last sum; nothing else is lost or counted twice.
"""

from collections import Counter

import asyncpg

from omna.db.pool import borrow
from omna.jobs.loop import Loop
from omna.risk import stop_store

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


class Refusals(Loop):
    """Adds the counts of this process every few seconds, and once more when it ends."""

    SECONDS = 2.0

    def __init__(self, pool: asyncpg.Pool) -> None:
        self._pool = pool

    async def turn(self) -> None:
        await flush(self._pool)

    async def close(self) -> None:
        await super().close()
        await self.attempt()
