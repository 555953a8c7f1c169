"""Periodic jobs on a real database with several workers."""

import asyncio
from collections import Counter
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import asyncpg

from omna.config import Database
from omna.db.pool import open_pool
from omna.jobs.periodic import Periodic, Pool, run_periodic

EVERY_SECOND = "* * * * * *"


Workers = tuple[list[asyncio.Task[None]], asyncio.Event]


@asynccontextmanager
async def workers(url: str, count: int, *jobs: Periodic) -> AsyncIterator[Workers]:
    """Run workers that share nothing but the database, and stop them at the end."""
    stop = asyncio.Event()
    pools = [await open_pool(url, Database(), max_size=4) for _ in range(count)]
    tasks = [asyncio.create_task(run_periodic(pool, jobs, stop)) for pool in pools]
    try:
        yield tasks, stop
    finally:
        stop.set()
        try:
            await asyncio.wait_for(asyncio.gather(*tasks), 10)
        finally:
            for pool in pools:
                pool.terminate()


async def test_two_workers_run_each_turn_once(database_url: str) -> None:
    turns: Counter[int] = Counter()
    enough = asyncio.Event()

    async def count(pool: Pool) -> None:
        # Both workers wake up for the same second; the first to lock the job's row takes the turn.
        turns[int(await pool.fetchval("SELECT extract(epoch FROM now())"))] += 1
        if len(turns) >= 4:
            enough.set()

    async with workers(database_url, 2, Periodic("count", EVERY_SECOND, count)) as (tasks, _stop):
        await asyncio.wait_for(enough.wait(), 30)
        assert not any(task.done() for task in tasks)
    assert set(turns.values()) == {1}


async def test_failing_job_comes_again_and_leaves_the_others_alone(database_url: str) -> None:
    failures, successes = 0, 0
    both = asyncio.Event()

    async def fail(_pool: Pool) -> None:
        nonlocal failures
        failures += 1
        raise RuntimeError("this turn fails")

    async def succeed(_pool: Pool) -> None:
        nonlocal successes
        successes += 1
        if failures >= 2 and successes >= 2:
            both.set()

    jobs = (Periodic("fail", EVERY_SECOND, fail), Periodic("succeed", EVERY_SECOND, succeed))
    async with workers(database_url, 1, *jobs):
        await asyncio.wait_for(both.wait(), 30)


async def test_stop_lets_a_running_job_finish(database_url: str) -> None:
    begun, release, finished = asyncio.Event(), asyncio.Event(), asyncio.Event()

    async def slow(_pool: Pool) -> None:
        begun.set()
        await release.wait()
        finished.set()

    async with workers(database_url, 1, Periodic("slow", EVERY_SECOND, slow)) as (tasks, stop):
        await asyncio.wait_for(begun.wait(), 30)
        stop.set()
        done, _ = await asyncio.wait(tasks, timeout=0.2)
        assert not done
        release.set()
        await asyncio.wait_for(asyncio.gather(*tasks), 10)
        assert finished.is_set()


async def test_worker_survives_losing_every_connection(database_url: str) -> None:
    ran = asyncio.Event()

    async def run(_pool: Pool) -> None:
        ran.set()

    async with workers(database_url, 1, Periodic("run", EVERY_SECOND, run)) as (tasks, _stop):
        await asyncio.wait_for(ran.wait(), 30)
        killer = await asyncpg.connect(database_url)
        # Between two turns: a turn that is cut off is taken again only after half a minute without a heartbeat.
        while not await killer.fetchval("SELECT bool_and(status = 'queued') FROM omna.pgqueuer_schedules"):
            pass
        await killer.execute(
            "SELECT pg_terminate_backend(pid) FROM pg_stat_activity"
            " WHERE datname = current_database() AND pid <> pg_backend_pid()"
        )
        await killer.close()
        ran.clear()
        await asyncio.wait_for(ran.wait(), 30)
        assert not tasks[0].done()


async def test_a_failing_job_is_remembered_until_it_works_again(database_url: str) -> None:
    turns = 0
    over = asyncio.Event()

    async def fail_once(pool: Pool) -> None:
        nonlocal turns
        turns += 1
        if turns == 1:
            raise RuntimeError("this turn fails")
        if turns == 2:
            assert await pool.fetchval("SELECT error FROM job_failures WHERE failures = 1") == (
                "RuntimeError: this turn fails"
            )
        else:
            over.set()

    async with workers(database_url, 1, Periodic("once", EVERY_SECOND, fail_once)):
        await asyncio.wait_for(over.wait(), 30)
    connection = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    try:
        assert await connection.fetchval("SELECT failures FROM job_failures WHERE name = 'once'") == 0
    finally:
        await connection.close()
