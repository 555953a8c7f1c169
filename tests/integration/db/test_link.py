"""A link's promises: reopened after a fault, the same statement once more, and refused at once while nobody is there."""

import asyncio
import socket
from collections.abc import AsyncIterator, Awaitable, Callable
from dataclasses import replace
from datetime import timedelta
from uuid import UUID

import asyncpg
import pytest

from omna.clock import monotonic
from omna.config import Database
from omna.db.link import Link
from omna.errors import ServiceUnavailable
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits

HOLD = "SELECT code FROM ledger_hold($1, $2, $3, $4, $5) ORDER BY ord"
LEASE = timedelta(minutes=1)


@pytest.fixture
async def link(database_url: str) -> AsyncIterator[Link]:
    opened = Link(database_url, Database())
    yield opened
    await opened.close()


@pytest.fixture
async def administrator(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    yield opened
    opened.terminate()


@pytest.fixture
async def workspace_id(connection: asyncpg.Connection) -> WorkspaceId:
    """A wallet with 100 nanocredits."""
    made = WorkspaceId(new_id())
    async with connection.transaction():
        await ledger.open_wallet(connection, made)
        await ledger.recharge(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=made,
            amount=Nanocredits(100),
            actor="test",
            reason="setup",
        )
    return made


async def backend(link: Link) -> int:
    (row,) = await link.call("SELECT pg_backend_pid() AS pid")
    return row["pid"]


async def hold(link: Link, workspace_id: WorkspaceId, hold_id: UUID, amount: int = 10) -> str:
    (row,) = await link.call(HOLD, [hold_id], [hold_id], [workspace_id], [amount], LEASE)
    return row["code"]


async def blocked(administrator: asyncpg.Connection, pid: int) -> None:
    """Return when a backend waits for a lock."""
    async with asyncio.timeout(5):
        while not await administrator.fetchval("SELECT cardinality(pg_blocking_pids($1))", pid):
            await asyncio.sleep(0)


async def test_calls_share_one_connection(link: Link) -> None:
    assert await backend(link) == await backend(link)


async def test_connection_lost_between_calls_is_replaced_unnoticed(
    link: Link, administrator: asyncpg.Connection
) -> None:
    lost = await backend(link)
    await administrator.execute("SELECT pg_terminate_backend($1, 5000)", lost)
    assert await backend(link) != lost


async def test_call_in_flight_when_the_connection_breaks_is_made_once_more_with_the_same_ids(
    link: Link, administrator: asyncpg.Connection, connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    pid = await backend(link)
    hold_id = new_id()
    blocker = administrator.transaction()
    await blocker.start()
    await administrator.execute("SELECT FROM wallets WHERE workspace_id = $1 FOR UPDATE", workspace_id)
    calling = asyncio.create_task(hold(link, workspace_id, hold_id))
    await blocked(administrator, pid)
    await administrator.execute("SELECT pg_terminate_backend($1)", pid)
    await blocker.commit()
    assert await calling == "held"
    assert await hold(link, workspace_id, hold_id) == "replayed"
    assert (await ledger.wallet(connection, workspace_id)).held == 10


async def test_deadlock_is_tried_again(
    link: Link, administrator: asyncpg.Connection, connection: asyncpg.Connection
) -> None:
    """The link's session waits for a lock whose owner waits for the link's: the server ends the link's call."""
    await administrator.execute("CREATE TABLE tried (number integer)")
    await administrator.execute(
        "CREATE FUNCTION take(first bigint, second bigint) RETURNS boolean LANGUAGE plpgsql SECURITY DEFINER AS $$"
        " BEGIN PERFORM pg_advisory_xact_lock(first); PERFORM pg_advisory_xact_lock(second); RETURN true; END $$"
    )
    pid = await backend(link)
    # The detector of the other side sleeps: the one that is asked to give way is always the link.
    await administrator.execute("SET deadlock_timeout = '1h'")
    blocker = administrator.transaction()
    await blocker.start()
    await administrator.execute("SELECT pg_advisory_xact_lock(2)")
    calling = asyncio.create_task(link.call("SELECT take(1, 2) AS taken"))
    async with asyncio.timeout(5):
        while not await connection.fetchval("SELECT cardinality(pg_blocking_pids($1))", pid):
            await asyncio.sleep(0)
    await administrator.execute("SELECT pg_advisory_xact_lock(1)")
    await blocker.commit()
    (row,) = await calling
    assert row["taken"] is True
    assert await backend(link) == pid, "a deadlock is no reason to give up a connection"


async def test_mistake_in_a_statement_is_raised_once_and_the_link_goes_on(link: Link) -> None:
    with pytest.raises(asyncpg.DivisionByZeroError):
        await link.call("SELECT 1 / 0")
    assert await backend(link) == await backend(link)


async def test_calls_that_overlap_do_not_wait_for_one_another(
    link: Link, administrator: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    blocker = administrator.transaction()
    await blocker.start()
    await administrator.execute("SELECT FROM wallets WHERE workspace_id = $1 FOR UPDATE", workspace_id)
    waiting = asyncio.create_task(hold(link, workspace_id, new_id()))
    await asyncio.sleep(0)
    await backend(link)
    assert not waiting.done()
    await blocker.commit()
    assert await waiting == "held"


async def test_slow_call_is_given_up_with_its_connection(database_url: str, administrator: asyncpg.Connection) -> None:
    link = Link(database_url, replace(Database(), command_timeout=0.2))
    try:
        pid = await backend(link)
        with pytest.raises(ServiceUnavailable):
            await link.call("SELECT pg_sleep(30)")
        assert await backend(link) != pid
    finally:
        await link.close()


async def test_cancelled_call_gives_up_its_connection(link: Link, workspace_id: WorkspaceId) -> None:
    """What a cancelled call left on the wire must never be read as the answer to the next one."""
    pid = await backend(link)
    calling = asyncio.create_task(link.call("SELECT pg_sleep(30)"))
    await asyncio.sleep(0)
    calling.cancel()
    with pytest.raises(asyncio.CancelledError):
        await calling
    assert await hold(link, workspace_id, new_id()) == "held"
    assert await backend(link) != pid


async def test_nobody_listening_is_refused_at_once_and_asked_again_later(database_url: str) -> None:
    with socket.socket() as taken:
        # A port that is bound and not listened on refuses every connection.
        taken.bind(("127.0.0.1", 0))
        link = Link(f"postgresql://nobody@127.0.0.1:{taken.getsockname()[1]}/omna", Database())
        began = monotonic()
        for _ in range(200):
            with pytest.raises(ServiceUnavailable) as refused:
                await link.call("SELECT 1")
            assert refused.value.retry_after is not None or refused.value.status == 503
        assert monotonic() - began < 2
    await link.close()


async def test_database_that_comes_back_is_found_again(
    database_url: str, administrator: asyncpg.Connection, until: "Until"
) -> None:
    link = Link(database_url, Database())
    name = database_url.partition("?")[0].rpartition("/")[2]
    elsewhere = await asyncpg.connect(database_url.replace(f"/{name}", "/postgres", 1))
    try:
        pid = await backend(link)
        await elsewhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS false")
        await elsewhere.execute("SELECT pg_terminate_backend($1, 5000)", pid)
        with pytest.raises((ServiceUnavailable, asyncpg.PostgresError)):
            await link.call("SELECT 1")
        await elsewhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await until(lambda: link.call("SELECT 1"))
    finally:
        await elsewhere.execute(f"ALTER DATABASE {name} ALLOW_CONNECTIONS true")
        await elsewhere.close()
        await link.close()


Until = Callable[[Callable[[], Awaitable[object]]], Awaitable[None]]


@pytest.fixture
def until() -> Until:
    """Wait until a call succeeds: the link tells nobody when its pause is over."""

    async def until(call: Callable[[], Awaitable[object]]) -> None:
        async with asyncio.timeout(5):
            while True:
                try:
                    await call()
                    return
                except ServiceUnavailable:
                    await asyncio.sleep(0.01)

    return until
