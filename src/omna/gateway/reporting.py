"""Tell the database, every few seconds and off the hot path, what this process saw of providers."""

from datetime import timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from omna.clock import now
from omna.db.pool import borrow
from omna.gateway.health import Health
from omna.gateway.tally import Tally
from omna.jobs.loop import Loop

# Sorted, because processes write the same minutes at the same time.
_TELL = """
WITH minutes AS (
    INSERT INTO provider_minutes AS old (
        minute, provider_id, upstream_model, answered, failed, refused, first_output, total)
    SELECT new.minute, new.provider_id, new.upstream_model, new.answered, new.failed, new.refused, new.first_output,
           new.total
    FROM json_to_recordset($1::json -> 'minutes') AS new (
        minute timestamptz, provider_id uuid, upstream_model text, answered integer, failed integer, refused integer,
        first_output integer[], total integer[])
    ORDER BY new.minute, new.provider_id, new.upstream_model
    ON CONFLICT (minute, provider_id, upstream_model) DO UPDATE SET
        answered = old.answered + excluded.answered,
        failed = old.failed + excluded.failed,
        refused = old.refused + excluded.refused,
        first_output = (SELECT array_agg(a + b ORDER BY n) FROM unnest(old.first_output, excluded.first_output)
                        WITH ORDINALITY AS t (a, b, n)),
        total = (SELECT array_agg(a + b ORDER BY n) FROM unnest(old.total, excluded.total)
                 WITH ORDINALITY AS t (a, b, n))
), failures AS (
    INSERT INTO provider_failures AS old (minute, provider_id, upstream_model, class, status, times, last_at)
    SELECT new.minute, new.provider_id, new.upstream_model, new.class, new.status, new.times, new.last_at
    FROM json_to_recordset($1::json -> 'failures') AS new (
        minute timestamptz, provider_id uuid, upstream_model text, class text, status integer, times integer,
        last_at timestamptz)
    ORDER BY new.minute, new.provider_id, new.upstream_model, new.class, new.status
    ON CONFLICT (minute, provider_id, upstream_model, class, status) DO UPDATE SET
        times = old.times + excluded.times, last_at = greatest(old.last_at, excluded.last_at)
), closed AS (
    DELETE FROM provider_breakers AS old
    WHERE old.process_id = $2 AND NOT EXISTS (
        SELECT FROM unnest($3::uuid[], $4::text[]) AS mine (provider_id, upstream_model)
        WHERE mine.provider_id = old.provider_id AND mine.upstream_model = old.upstream_model)
)
INSERT INTO provider_breakers AS old (process_id, provider_id, upstream_model, state, open_until)
SELECT $2, mine.provider_id, mine.upstream_model, mine.state, clock_timestamp() + mine.rest
FROM unnest($3::uuid[], $4::text[], $5::text[], $6::interval[]) AS mine (provider_id, upstream_model, state, rest)
ON CONFLICT (process_id, provider_id, upstream_model) DO UPDATE SET
    state = excluded.state, open_until = excluded.open_until, reported_at = clock_timestamp()"""


class Reporting(Loop):
    """What this process saw, told every few seconds; closing tells the rest."""

    SECONDS = 5.0

    def __init__(self, pool: asyncpg.Pool, tally: Tally, health: Health, process_id: UUID) -> None:
        self._pool = pool
        self._tally = tally
        self._health = health
        self._process_id = process_id
        self._told_of_breakers = False

    async def close(self) -> None:
        await super().close()
        await self.attempt()

    async def turn(self) -> None:
        """Write what was counted since the last time, and the breakers that are not closed.

        Errors  ServiceUnavailable; the counts are kept then
        """
        counts = self._tally.take()
        breakers = self._health.troubled()
        if not (counts.minutes or counts.failures or breakers or self._told_of_breakers):
            return
        columns: list[list[Any]] = [list(column) for column in zip(*breakers, strict=True)] or [[], [], [], []]
        try:
            async with borrow(self._pool) as connection:
                await connection.execute(
                    _TELL,
                    msgspec.json.encode(counts).decode(),
                    self._process_id,
                    columns[0],
                    columns[1],
                    columns[2],
                    [timedelta(seconds=rest) for rest in columns[3]],
                )
        except BaseException:
            self._tally.put_back(counts)
            raise
        self._told_of_breakers = bool(breakers)


def tally() -> Tally:
    """Return a tally by the clock of this process."""
    return Tally(now)
