"""How a model answered everybody lately: for its public page. Only sums of whole hours are read, never a request."""

from dataclasses import dataclass
from datetime import timedelta

from omna.db.pool import Connection
from omna.usage import platform_store, report_store

#: Of fewer requests an average says more about them than about the model.
LEAST_REQUESTS = 20
_WINDOW = timedelta(hours=24)


@dataclass(frozen=True, slots=True)
class Quality:
    """first_seconds       from asking to the first token, on average; None: nothing was delivered
    tokens_per_second   of completed answers, after their first token
    answered            share of requests that did not fail, 0 to 1
    """

    first_seconds: float | None
    tokens_per_second: float | None
    answered: float


async def last_day(connection: Connection, model_id: str) -> Quality | None:
    """Return how a model did in the whole hours of the last 24; None when too few asked it."""
    end = await report_store.now(connection)
    sums = await platform_store.model_hours(connection, model_id, end - _WINDOW, end)
    if sums.requests < LEAST_REQUESTS:
        return None
    streaming_ms = sums.completed_ms - sums.completed_first_ms
    return Quality(
        first_seconds=sums.first_delta_ms / sums.first_deltas / 1000 if sums.first_deltas else None,
        tokens_per_second=sums.completed_tokens / streaming_ms * 1000
        if streaming_ms > 0 and sums.completed_tokens
        else None,
        answered=1 - sums.errors / sums.requests,
    )


async def answered_last_day(connection: Connection) -> float | None:
    """Return the share of everybody's requests in the whole hours of the last 24 that did not fail; None: too few."""
    end = await report_store.now(connection)
    sums = await platform_store.model_hours(connection, None, end - _WINDOW, end)
    return None if sums.requests < LEAST_REQUESTS else 1 - sums.errors / sums.requests
