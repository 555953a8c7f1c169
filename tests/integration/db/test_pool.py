"""What a transaction promises: committed or rolled back, and every fault of the database is ServiceUnavailable."""

import asyncio
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from omna.config import Database
from omna.db.embedded import EmbeddedServer
from omna.db.migrate import migrate
from omna.db.pool import borrow, open_pool, transaction
from omna.errors import InsufficientCredits, ServiceUnavailable


async def remember(connection: asyncpg.Connection | asyncpg.pool.PoolConnectionProxy, name: str) -> None:
    await connection.execute("INSERT INTO installation (name, value) VALUES ($1, '')", name)


async def remembered(pool: asyncpg.Pool) -> list[str]:
    return [row["name"] for row in await pool.fetch("SELECT name FROM installation ORDER BY name")]


async def test_sessions_work_as_the_runtime_role_with_limits(connection: asyncpg.Connection) -> None:
    shown = {
        name: await connection.fetchval("SELECT current_setting($1)", name)
        for name in ("role", "search_path", "statement_timeout", "lock_timeout", "idle_in_transaction_session_timeout")
    }
    assert shown == {
        "role": "omna_runtime",
        "search_path": "omna",
        "statement_timeout": "5s",
        "lock_timeout": "2s",
        "idle_in_transaction_session_timeout": "10s",
    }


async def test_jsonb_travels_as_python_values(connection: asyncpg.Connection) -> None:
    value = {"list": [1, 2.5, None, True], "text": "€ \\u0041"}
    assert await connection.fetchval("SELECT $1::jsonb", value) == value
    assert await connection.fetchval("SELECT NULL::jsonb") is None
    assert await connection.fetchval("SELECT 'null'::jsonb") is None


async def test_transaction_commits_at_the_end(pool: asyncpg.Pool) -> None:
    async with transaction(pool) as connection:
        await remember(connection, "kept")
    assert await remembered(pool) == ["kept"]


async def test_error_rolls_back_and_keeps_the_connection(pool: asyncpg.Pool) -> None:
    backends: list[int] = []

    async def work() -> None:
        async with transaction(pool) as connection:
            backends.append(connection.get_server_pid())
            await remember(connection, "lost")
            raise InsufficientCredits

    with pytest.raises(InsufficientCredits):
        await work()
    assert await remembered(pool) == []
    async with borrow(pool) as connection:
        assert [connection.get_server_pid()] == backends


async def test_sql_error_reaches_the_caller_as_it_is(pool: asyncpg.Pool) -> None:
    async def work() -> None:
        async with transaction(pool) as connection:
            await remember(connection, "twice")
            await remember(connection, "twice")

    with pytest.raises(asyncpg.UniqueViolationError):
        await work()
    assert await remembered(pool) == []


async def test_own_mistake_is_no_database_fault(pool: asyncpg.Pool) -> None:
    with pytest.raises(asyncpg.DataError):
        async with transaction(pool) as connection:
            await connection.fetchval("SELECT $1::integer", "not a number")


async def test_cancelled_transaction_gives_its_connection_up(pool: asyncpg.Pool) -> None:
    started = asyncio.Event()
    backends: list[int] = []

    async def work() -> None:
        async with transaction(pool) as connection:
            backends.append(connection.get_server_pid())
            await remember(connection, "lost")
            started.set()
            await connection.fetchval("SELECT pg_sleep(60)")

    task = asyncio.create_task(work())
    await started.wait()
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await remembered(pool) == []
    async with borrow(pool) as connection:
        assert connection.get_server_pid() not in backends


async def test_too_slow_statement_is_unavailable_and_replaces_the_connection(database_url: str) -> None:
    pool = await open_pool(database_url, replace(Database(), command_timeout=0.2))
    backends: list[int] = []

    async def work() -> None:
        async with transaction(pool) as connection:
            backends.append(connection.get_server_pid())
            await connection.fetchval("SELECT pg_sleep(60)")

    with pytest.raises(ServiceUnavailable):
        await work()
    async with borrow(pool) as connection:
        assert connection.get_server_pid() not in backends
    await pool.close()


async def test_exhausted_pool_is_unavailable(database_url: str) -> None:
    pool = await open_pool(database_url, replace(Database(), acquire_timeout=0.5), max_size=1)
    async with borrow(pool):
        with pytest.raises(ServiceUnavailable):
            async with transaction(pool):
                raise AssertionError("there is no second connection")
    async with transaction(pool) as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()


async def test_killed_session_is_unavailable_once(pool: asyncpg.Pool, database_url: str) -> None:
    administrator = await asyncpg.connect(database_url)

    async def work() -> None:
        async with transaction(pool) as connection:
            await remember(connection, "lost")
            await administrator.fetchval("SELECT pg_terminate_backend($1, 5000)", connection.get_server_pid())
            await connection.fetchval("SELECT 1")

    with pytest.raises(ServiceUnavailable):
        await work()
    assert await remembered(pool) == []
    await administrator.close()


async def test_session_lost_at_the_commit_says_that_the_outcome_is_unknown(
    pool: asyncpg.Pool, database_url: str
) -> None:
    administrator = await asyncpg.connect(database_url)
    await administrator.execute("""
        CREATE FUNCTION end_session() RETURNS trigger LANGUAGE plpgsql SECURITY DEFINER AS $$
        BEGIN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(60); RETURN NULL; END $$;
        CREATE CONSTRAINT TRIGGER end_session AFTER INSERT ON omna.installation
            DEFERRABLE INITIALLY DEFERRED FOR EACH ROW EXECUTE FUNCTION end_session();
    """)
    with pytest.raises(ServiceUnavailable, match="look whether it is there"):
        async with transaction(pool) as connection:
            await remember(connection, "unknown")
    await administrator.close()


async def test_prepared_statements_survive_their_return_to_the_pool(database_url: str) -> None:
    pool = await open_pool(database_url, Database(), max_size=1)
    for _ in range(3):
        async with borrow(pool) as connection:
            await connection.fetchval("SELECT count(*) FROM installation WHERE name = $1", "x")
    async with borrow(pool) as connection:
        prepared = await connection.fetchval(
            "SELECT generic_plans + custom_plans FROM pg_prepared_statements"
            " WHERE statement LIKE '%FROM installation%' AND statement NOT LIKE '%pg_prepared%'"
        )
    assert prepared == 3
    await pool.close()


async def test_stopped_server_is_unavailable_and_a_started_one_is_used_again(tmp_path: Path) -> None:
    server = EmbeddedServer(tmp_path, durable=False)
    server.start()
    await migrate(server.url())
    pool = await open_pool(server.url(), Database())
    await pool.fetchval("SELECT 1")
    server.stop()
    for _ in range(2):
        with pytest.raises(ServiceUnavailable):
            async with transaction(pool) as connection:
                await connection.fetchval("SELECT 1")
    server.start()
    async with transaction(pool) as connection:
        assert await connection.fetchval("SELECT 1") == 1
    await pool.close()
    server.stop()


async def test_pool_of_a_server_that_is_away_is_unavailable(tmp_path: Path) -> None:
    with pytest.raises(ServiceUnavailable):
        await open_pool(f"postgresql://omna@/omna?host={tmp_path}", Database())
