"""Connections for statements that are a whole transaction: kept open, reopened after a fault, refused while that fails.

A pool would send a reset query after each use: a second round trip on every request. A batch is one statement, so there
is nothing to reset.
"""

import asyncio
import random
from typing import Any

import asyncpg

from omna.clock import monotonic
from omna.config import Database
from omna.db.pool import is_fault, open_connection
from omna.errors import ServiceUnavailable

#: Serialization failure and deadlock: the same call may be made again.
_AGAIN = (asyncpg.SerializationError, asyncpg.DeadlockDetectedError)
_ATTEMPTS = 5
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.05, 2.0


class Link:
    """As many connections as calls overlap, which is one as long as only a batcher calls."""

    def __init__(self, url: str, settings: Database) -> None:
        self._url = url
        self._settings = settings
        self._idle: list[asyncpg.Connection] = []
        self._refuse_until = 0.0
        self._pause = _SHORTEST_PAUSE

    async def call(self, query: str, *arguments: Any) -> list[Any]:
        """Run one idempotent statement and return its rows.

        A deadlock is tried again. A connection that breaks is reopened and the statement sent once more with the same
        ids: whatever the lost answer was, the second one says what was decided.
        Errors  ServiceUnavailable when the database is away; the outcome of the statement is then unknown
        """
        for attempt in range(_ATTEMPTS):
            connection, fresh = await self._take()
            try:
                rows: list[Any] = await connection.fetch(query, *arguments)
            except _AGAIN:
                self._idle.append(connection)
                await asyncio.sleep(random.uniform(0, 0.005 * 2**attempt))  # noqa: S311
            except Exception as error:
                fault = is_fault(error, connection)
                connection.terminate()
                if not fault:
                    raise
                if fresh or isinstance(error, TimeoutError):
                    raise ServiceUnavailable(retry_after=2) from error
            except BaseException:
                connection.terminate()
                raise
            else:
                self._idle.append(connection)
                return rows
        raise ServiceUnavailable(retry_after=2)

    async def close(self) -> None:
        while self._idle:
            await self._idle.pop().close(timeout=2)

    async def _take(self) -> tuple[asyncpg.Connection, bool]:
        """Return a connection, and whether it was opened just now."""
        while self._idle:
            connection = self._idle.pop()
            if not connection.is_closed():
                return connection, False
        if monotonic() < self._refuse_until:
            raise ServiceUnavailable(retry_after=2)
        try:
            connection = await open_connection(self._url, self._settings)
        except ServiceUnavailable:
            self._refuse_until = monotonic() + random.uniform(_SHORTEST_PAUSE, self._pause)  # noqa: S311
            self._pause = min(self._pause * 2, _LONGEST_PAUSE)
            raise
        self._pause = _SHORTEST_PAUSE
        return connection, True
