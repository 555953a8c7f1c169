"""A loop of a process goes on, whatever became of one of its turns."""

import asyncio

import structlog

from omna.errors import ServiceUnavailable
from omna.jobs.loop import Loop


class Counting(Loop):
    """Fails in its first turns, then says that it got as far as the last."""

    SECONDS = 0.0

    def __init__(self, *failures: Exception) -> None:
        self.failures = list(failures)
        self.turns = 0
        self.through = asyncio.Event()

    async def turn(self) -> None:
        self.turns += 1
        if self.failures:
            raise self.failures.pop(0)
        self.through.set()


async def test_turns_are_taken_until_the_loop_is_closed() -> None:
    loop = Counting()
    loop.start()
    await asyncio.wait_for(loop.through.wait(), 10)
    await loop.close()
    turns = loop.turns
    for _ in range(10):
        await asyncio.sleep(0)
    assert loop.turns == turns


async def test_failure_is_told_and_the_next_turn_taken_and_an_absent_database_is_silent() -> None:
    loop = Counting(ValueError("told"), ServiceUnavailable())
    with structlog.testing.capture_logs() as told:
        loop.start()
        await asyncio.wait_for(loop.through.wait(), 10)
        await loop.close()
    assert [(line["loop"], line["log_level"]) for line in told] == [("Counting", "error")]


async def test_loop_that_was_never_started_is_closed_all_the_same() -> None:
    await Counting().close()
