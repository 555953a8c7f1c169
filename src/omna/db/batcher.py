"""The natural batcher: while one database call is in flight, arrivals wait; the next call takes them all.

There are no timers. A lone item waits for nobody; under load batches grow by themselves until one call carries what
arrived during the one before it. The queue and the task that empties it belong to the process, so a caller that is
cancelled takes nothing with it.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from typing import Generic, TypeVar

from omna.errors import GatewayOverloaded

Item = TypeVar("Item")
Result = TypeVar("Result")

Flush = Callable[[list[Item]], Awaitable[Sequence[Result]]]
Orphan = Callable[[Item, Result], None]


class NaturalBatcher(Generic[Item, Result]):
    """Hands items to `flush` in batches and gives each caller its own result.

    flush    takes items, returns their results by position; when it raises, every caller of the batch hears it
    orphan   is told of a result whose caller no longer waits
    limit    items one call may carry; queue_limit: items that may wait, more are refused
    """

    def __init__(
        self,
        flush: Flush[Item, Result],
        *,
        limit: int,
        queue_limit: int,
        orphan: Orphan[Item, Result] | None = None,
    ) -> None:
        self._flush = flush
        self._orphan = orphan
        self._limit = limit
        self._queue_limit = queue_limit
        self._waiting: list[tuple[Item, asyncio.Future[Result]]] = []
        self._task: asyncio.Task[None] | None = None

    def __len__(self) -> int:
        return len(self._waiting)

    def submit(self, item: Item) -> asyncio.Future[Result]:
        """Queue an item and return the future of its result. Errors: GatewayOverloaded when the queue is full."""
        if len(self._waiting) >= self._queue_limit:
            raise GatewayOverloaded(retry_after=1)
        loop = asyncio.get_running_loop()
        future: asyncio.Future[Result] = loop.create_future()
        self._waiting.append((item, future))
        if self._task is None:
            # A task starts at the next turn of the loop, so what arrives in this one shares its first call.
            self._task = loop.create_task(self._run())
        return future

    async def ask(self, item: Item) -> Result:
        """Queue an item and wait for its result. A caller cancelled at any moment leaves its result to `orphan`."""
        future = self.submit(item)
        try:
            return await future
        except asyncio.CancelledError:
            # The result was there and the caller was cancelled before it could take it.
            if future.done() and not future.cancelled() and future.exception() is None and self._orphan is not None:
                self._orphan(item, future.result())
            raise

    async def drained(self) -> None:
        """Return when nothing waits and nothing is in flight."""
        while self._task is not None:
            await asyncio.wait([self._task])

    async def _run(self) -> None:
        try:
            while self._waiting:
                batch, self._waiting = self._waiting[: self._limit], self._waiting[self._limit :]
                await self._call(batch)
        finally:
            self._task = None
            if self._waiting:
                self._task = asyncio.get_running_loop().create_task(self._run())

    async def _call(self, batch: list[tuple[Item, "asyncio.Future[Result]"]]) -> None:
        try:
            results = await self._flush([item for item, _ in batch])
            if len(results) != len(batch):
                raise RuntimeError(f"{len(batch)} items had {len(results)} results")
        except Exception as error:  # noqa: BLE001  whatever it was, each caller answers for itself
            for _, future in batch:
                if not future.done():
                    future.set_exception(error)
            return
        for (item, future), result in zip(batch, results, strict=True):
            if not future.done():
                future.set_result(result)
            elif self._orphan is not None:
                self._orphan(item, result)
