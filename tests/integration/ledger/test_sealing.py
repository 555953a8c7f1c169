"""The hash chain: every booking in one block, none booked behind it, whatever the clock and the writers do."""

import asyncio
from datetime import timedelta

import asyncpg

from omna.config import Database
from omna.db.pool import open_connection
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.money import Nanocredits
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_holds import hold


async def recharge(connection: asyncpg.Connection, workspace_id: WorkspaceId, amount: int = 1) -> None:
    await ledger.recharge(
        connection,
        transfer_id=TransferId(new_id()),
        workspace_id=workspace_id,
        amount=Nanocredits(amount),
        actor="test",
        reason="seal me",
    )


async def sealed(connection: asyncpg.Connection) -> list[int]:
    return [row["transfers"] for row in await connection.fetch("SELECT transfers FROM ledger_blocks ORDER BY height")]


async def test_empty_ledger_seals_nothing(connection: asyncpg.Connection) -> None:
    head = await ledger.seal(connection)
    assert (head.height, head.transfers) == (0, 0)


async def test_block_covers_what_was_booked_since_the_one_before(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(5)
    first = await ledger.seal(connection)
    assert (first.height, first.transfers) == (1, 1)
    await hold(connection, workspace_id, 1, 1, 9)
    second = await ledger.seal(connection)
    assert (second.height, second.transfers) == (2, 2)
    assert second.digest != first.digest
    again = await ledger.seal(connection)
    assert (again.height, again.digest, again.transfers) == (2, second.digest, 0)


async def test_long_time_is_sealed_in_several_blocks(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(5)
    await superuser.execute("ALTER TABLE transfers DISABLE TRIGGER USER")
    await superuser.execute("UPDATE transfers SET booked_at = booked_at - interval '1 hour'")
    await recharge(connection, workspace_id)
    head = await ledger.seal(connection)
    assert (head.height, head.transfers) == (2, 2)
    assert await sealed(connection) == [0, 1, 1]
    assert await ledger.verify(connection) == []


async def test_clock_that_was_set_back_books_nothing_behind_a_sealed_block(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    """The fence stands where the clock once was; later bookings go behind it, in their order."""
    workspace_id = await open_wallet(5)
    await superuser.execute("UPDATE ledger_fences SET until = clock_timestamp() + interval '1 hour'")
    await recharge(connection, workspace_id)
    head = await ledger.seal(connection)
    assert head.transfers == 1, "the transfer of now; the one behind the fence has to wait for the clock"
    fence = await connection.fetchval("SELECT until FROM ledger_fences")
    newest, *_ = await ledger.history(connection, workspace_id)
    assert newest.booked_at == fence + timedelta(microseconds=1)
    assert await ledger.verify(connection) == []
    # Once the clock has caught up, it is sealed like any other.
    await superuser.execute("UPDATE ledger_fences SET until = until + interval '1 hour'")
    assert (await ledger.seal(connection)).transfers == 1
    assert await ledger.verify(connection) == []


async def test_chain_holds_while_many_book_and_some_seal(
    database_url: str, connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    wallets = [await open_wallet(100) for _ in range(4)]
    doors = [await open_connection(database_url, Database()) for _ in range(6)]

    async def book(door: asyncpg.Connection, workspace_id: WorkspaceId) -> None:
        for _ in range(15):
            await hold(door, workspace_id, 1, 1, 1)

    async def seal(door: asyncpg.Connection) -> int:
        return sum([(await ledger.seal(door)).transfers for _ in range(10)])

    try:
        *_, first, second = await asyncio.gather(
            *(book(door, workspace_id) for door, workspace_id in zip(doors, wallets, strict=False)),
            seal(doors[4]),
            seal(doors[5]),
        )
    finally:
        for door in doors:
            door.terminate()
    rest = (await ledger.seal(connection)).transfers
    # Two sealers at a time: what one of them covers the other must not.
    assert sum(await sealed(connection)) == 4 * (1 + 45)
    assert first + second + rest == 4 * (1 + 45)
    assert await ledger.verify(connection) == []


async def test_fence_waits_for_the_booking_in_flight(
    database_url: str, connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    """A transfer that took its moment before the fence is committed before the block over that moment is made."""
    workspace_id = await open_wallet(5)
    other = await open_connection(database_url, Database())
    try:
        writing = connection.transaction()
        await writing.start()
        await recharge(connection, workspace_id)
        sealing = asyncio.create_task(ledger.seal(other))
        done, _ = await asyncio.wait([sealing], timeout=0.2)
        assert not done
        await writing.commit()
        assert (await sealing).transfers == 2
    finally:
        other.terminate()
    assert await ledger.verify(connection) == []
