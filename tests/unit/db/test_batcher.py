import asyncio

import pytest

from omna.db.batcher import NaturalBatcher
from omna.errors import GatewayOverloaded


class Calls:
    """A flush that answers n with 10 n, and lets the test decide when."""

    def __init__(self, *, open_door: bool = False) -> None:
        self.batches: list[list[int]] = []
        self.begun = asyncio.Event()
        self.door = asyncio.Event()
        self.error: Exception | None = None
        if open_door:
            self.door.set()

    async def __call__(self, items: list[int]) -> list[int]:
        self.batches.append(items)
        self.begun.set()
        await self.door.wait()
        if self.error is not None:
            raise self.error
        return [item * 10 for item in items]


def make(
    calls: Calls, *, limit: int = 4, queue_limit: int = 100
) -> tuple[NaturalBatcher[int, int], list[tuple[int, int]]]:
    orphans: list[tuple[int, int]] = []
    batcher = NaturalBatcher[int, int](
        calls, limit=limit, queue_limit=queue_limit, orphan=lambda item, result: orphans.append((item, result))
    )
    return batcher, orphans


async def test_lone_item_waits_for_nobody() -> None:
    calls = Calls(open_door=True)
    batcher, _ = make(calls)
    assert await batcher.ask(7) == 70
    assert calls.batches == [[7]]


async def test_arrivals_during_a_call_share_the_next_one() -> None:
    calls = Calls()
    batcher, _ = make(calls)
    first = batcher.submit(1)
    await calls.begun.wait()
    others = [batcher.submit(item) for item in (2, 3, 4)]
    assert len(batcher) == 3
    calls.door.set()
    assert [await future for future in (first, *others)] == [10, 20, 30, 40]
    assert calls.batches == [[1], [2, 3, 4]]


async def test_arrivals_of_one_turn_share_the_first_call() -> None:
    calls = Calls(open_door=True)
    batcher, _ = make(calls)
    assert await asyncio.gather(*(batcher.ask(item) for item in range(3))) == [0, 10, 20]
    assert calls.batches == [[0, 1, 2]]


async def test_batch_is_never_larger_than_its_limit_and_order_is_kept() -> None:
    calls = Calls(open_door=True)
    batcher, _ = make(calls, limit=4)
    assert await asyncio.gather(*(batcher.ask(item) for item in range(10))) == [item * 10 for item in range(10)]
    assert calls.batches == [[0, 1, 2, 3], [4, 5, 6, 7], [8, 9]]


async def test_full_queue_refuses_at_once_and_takes_more_when_it_is_emptier() -> None:
    calls = Calls()
    batcher, _ = make(calls, limit=2, queue_limit=2)
    futures = [batcher.submit(1)]
    await calls.begun.wait()
    futures += [batcher.submit(2), batcher.submit(3)]
    with pytest.raises(GatewayOverloaded):
        batcher.submit(4)
    calls.door.set()
    assert [await future for future in futures] == [10, 20, 30]
    assert await batcher.ask(5) == 50


async def test_error_of_a_call_reaches_each_of_its_callers_and_the_next_call_is_made() -> None:
    calls = Calls()
    batcher, _ = make(calls, limit=2)
    failing = [batcher.submit(1), batcher.submit(2)]
    await calls.begun.wait()
    calls.error = RuntimeError("down")
    calls.door.set()
    assert [str(error) for error in await asyncio.gather(*failing, return_exceptions=True)] == ["down", "down"]
    calls.error = None
    assert await batcher.ask(3) == 30


async def test_cancelled_caller_takes_nothing_with_it_and_its_result_becomes_an_orphan() -> None:
    calls = Calls()
    batcher, orphans = make(calls)
    leaving, staying = asyncio.create_task(batcher.ask(1)), asyncio.create_task(batcher.ask(2))
    await calls.begun.wait()
    leaving.cancel()
    with pytest.raises(asyncio.CancelledError):
        await leaving
    calls.door.set()
    assert await staying == 20
    assert calls.batches == [[1, 2]]
    assert orphans == [(1, 10)]


async def test_caller_cancelled_while_it_waits_in_the_queue_is_still_sent_and_orphaned() -> None:
    calls = Calls()
    batcher, orphans = make(calls)
    first = batcher.submit(1)
    await calls.begun.wait()
    waiting = asyncio.create_task(batcher.ask(2))
    await asyncio.sleep(0)
    waiting.cancel()
    calls.door.set()
    await asyncio.wait([waiting])
    assert await first == 10
    await batcher.drained()
    assert orphans == [(2, 20)]


async def test_caller_cancelled_after_its_result_came_leaves_it_once() -> None:
    """The result was set, and the cancellation arrives before the caller runs again."""
    calls = Calls()
    batcher, orphans = make(calls)
    caller = asyncio.create_task(batcher.ask(1))
    await calls.begun.wait()
    future = batcher.submit(2)
    calls.door.set()
    # The flush resumes and sets both results in one turn; the caller is cancelled in that very turn.
    future_of_first = next(iter(calls.batches))
    while not orphans and not caller.done():
        await asyncio.sleep(0)
        caller.cancel()
    with pytest.raises(asyncio.CancelledError):
        await caller
    assert await future == 20
    assert future_of_first == [1]
    assert orphans == [(1, 10)]


async def test_error_of_a_call_whose_caller_left_is_nobodys() -> None:
    calls = Calls()
    batcher, orphans = make(calls)
    leaving = asyncio.create_task(batcher.ask(1))
    await calls.begun.wait()
    leaving.cancel()
    calls.error = RuntimeError("down")
    calls.door.set()
    await asyncio.wait([leaving])
    await batcher.drained()
    assert orphans == []


async def test_drained_returns_when_all_is_answered() -> None:
    calls = Calls()
    batcher, _ = make(calls, limit=1)
    await batcher.drained()
    futures = [batcher.submit(item) for item in range(3)]
    draining = asyncio.create_task(batcher.drained())
    await calls.begun.wait()
    assert not draining.done()
    calls.door.set()
    await draining
    assert all(future.done() for future in futures)
