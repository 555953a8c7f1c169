"""Holds: exactly as many as the balance covers, resolved once, whoever races for it."""

import asyncio
from collections import Counter
from datetime import timedelta
from random import Random

import asyncpg
import pytest

from omna.config import Database
from omna.db.pool import open_connection
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.ledger.model import Code
from omna.money import LARGEST_AMOUNT, Nanocredits
from tests.integration.ledger.conftest import OpenWallet

LEASE = timedelta(minutes=1)


def ids(count: int) -> list[TransferId]:
    return [TransferId(new_id()) for _ in range(count)]


async def hold(
    connection: asyncpg.Connection,
    workspace_id: WorkspaceId,
    *amounts: int,
    hold_ids: list[TransferId] | None = None,
    lease: timedelta = LEASE,
) -> list[Code]:
    return await ledger.hold(
        connection,
        hold_ids=hold_ids or ids(len(amounts)),
        workspace_ids=[workspace_id] * len(amounts),
        amounts=[Nanocredits(amount) for amount in amounts],
        lease=lease,
    )


async def settle(
    connection: asyncpg.Connection,
    workspace_id: WorkspaceId,
    hold_id: TransferId,
    charge: int,
    *,
    transfer_id: TransferId | None = None,
    expired_only: bool = False,
) -> Code:
    (code,) = await ledger.settle(
        connection,
        transfer_ids=[transfer_id or TransferId(new_id())],
        hold_ids=[hold_id],
        workspace_ids=[workspace_id],
        charges=[Nanocredits(charge)],
        expired_only=expired_only,
    )
    return code


async def held_one(connection: asyncpg.Connection, workspace_id: WorkspaceId, amount: int) -> TransferId:
    (hold_id,) = ids(1)
    assert await hold(connection, workspace_id, amount, hold_ids=[hold_id]) == [Code.HELD]
    return hold_id


async def balances(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> tuple[int, int]:
    wallet = await ledger.wallet(connection, workspace_id)
    return wallet.available, wallet.held


async def test_batch_holds_exactly_what_the_balance_covers(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    codes = await hold(connection, workspace_id, *[9] * 20)
    assert codes == [Code.HELD] * 11 + [Code.INSUFFICIENT] * 9
    assert await balances(connection, workspace_id) == (1, 99)


async def test_smaller_hold_behind_a_refused_one_is_held(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    assert await hold(connection, workspace_id, 8, 3, 2, 1) == [
        Code.HELD, Code.INSUFFICIENT, Code.HELD, Code.INSUFFICIENT,
    ]  # fmt: skip


async def test_concurrent_holds_over_many_connections_never_exceed_the_balance(
    database_url: str, connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    doors = [await open_connection(database_url, Database()) for _ in range(8)]

    async def customer(door: asyncpg.Connection) -> list[Code]:
        codes = []
        for size in (1, 3, 8, 13):
            codes += await hold(door, workspace_id, *[1] * size)
        return codes

    try:
        codes = Counter(code for batch in await asyncio.gather(*map(customer, doors)) for code in batch)
    finally:
        for door in doors:
            door.terminate()
    assert codes == {Code.HELD: 100, Code.INSUFFICIENT: 100}
    assert await balances(connection, workspace_id) == (0, 100)
    assert await ledger.verify(connection) == []


async def test_bad_items_do_not_fail_their_neighbours(connection: asyncpg.Connection, open_wallet: OpenWallet) -> None:
    workspace_id = await open_wallet(10)
    stranger = WorkspaceId(new_id())
    good, unknown, much, negative, last = ids(5)
    codes = await ledger.hold(
        connection,
        hold_ids=[good, unknown, much, negative, last],
        workspace_ids=[workspace_id, stranger, workspace_id, workspace_id, workspace_id],
        amounts=[Nanocredits(amount) for amount in (4, 1, LARGEST_AMOUNT, -1, 6)],
        lease=LEASE,
    )
    assert codes == [Code.HELD, Code.UNKNOWN_WALLET, Code.INSUFFICIENT, Code.INSUFFICIENT, Code.HELD]
    assert await balances(connection, workspace_id) == (0, 10)


async def test_replay_on_an_empty_wallet_hears_its_old_success(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    hold_id = await held_one(connection, workspace_id, 10)
    for _ in range(3):
        assert await hold(connection, workspace_id, 10, hold_ids=[hold_id]) == [Code.REPLAYED]
    assert await balances(connection, workspace_id) == (0, 10)


async def test_same_id_with_another_amount_is_a_conflict(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    hold_id = await held_one(connection, workspace_id, 5)
    assert await hold(connection, workspace_id, 6, hold_ids=[hold_id]) == [Code.CONFLICT]
    assert await balances(connection, workspace_id) == (5, 5)


@pytest.mark.parametrize(
    ("charge", "code", "left"), [(0, Code.RELEASED, 10), (3, Code.SETTLED, 7), (10, Code.SETTLED, 0)]
)
async def test_settling_zero_less_or_all_returns_the_rest(
    connection: asyncpg.Connection, open_wallet: OpenWallet, charge: int, code: Code, left: int
) -> None:
    workspace_id = await open_wallet(10)
    hold_id = await held_one(connection, workspace_id, 10)
    assert await settle(connection, workspace_id, hold_id, charge) == code
    assert await balances(connection, workspace_id) == (left, 0)


@pytest.mark.parametrize("charge", [11, -1, LARGEST_AMOUNT])
async def test_settling_outside_the_hold_changes_nothing(
    connection: asyncpg.Connection, open_wallet: OpenWallet, charge: int
) -> None:
    workspace_id = await open_wallet(20)
    hold_id = await held_one(connection, workspace_id, 10)
    assert await settle(connection, workspace_id, hold_id, charge) == Code.EXCEEDS_HOLD
    assert await balances(connection, workspace_id) == (10, 10)


async def test_unknown_hold_is_never_booked_blind(connection: asyncpg.Connection, open_wallet: OpenWallet) -> None:
    workspace_id = await open_wallet(20)
    assert await settle(connection, workspace_id, TransferId(new_id()), 5) == Code.UNKNOWN_HOLD
    assert await settle(connection, WorkspaceId(new_id()), TransferId(new_id()), 5) == Code.UNKNOWN_HOLD
    assert await balances(connection, workspace_id) == (20, 0)


async def test_hold_of_another_workspace_cannot_be_settled(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    mine, other = await open_wallet(20), await open_wallet(20)
    hold_id = await held_one(connection, mine, 10)
    assert await settle(connection, other, hold_id, 5) == Code.UNKNOWN_HOLD
    assert await balances(connection, mine) == (10, 10)
    assert await balances(connection, other) == (20, 0)


async def test_second_resolution_hears_how_the_first_ended(
    connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(30)
    settled, released, expired = [await held_one(connection, workspace_id, 10) for _ in range(3)]
    (transfer_id,) = ids(1)
    assert await settle(connection, workspace_id, settled, 4, transfer_id=transfer_id) == Code.SETTLED
    assert await settle(connection, workspace_id, released, 0) == Code.RELEASED
    await expire(superuser, expired)
    assert await settle(connection, workspace_id, expired, 0, expired_only=True) == Code.EXPIRED
    # The same call again is answered as the first time; anybody else, or another charge, comes too late.
    assert await settle(connection, workspace_id, settled, 4, transfer_id=transfer_id) == Code.SETTLED
    assert await settle(connection, workspace_id, settled, 5, transfer_id=transfer_id) == Code.ALREADY_SETTLED
    assert await settle(connection, workspace_id, settled, 4) == Code.ALREADY_SETTLED
    assert await settle(connection, workspace_id, released, 4) == Code.ALREADY_RELEASED
    assert await settle(connection, workspace_id, expired, 4) == Code.ALREADY_EXPIRED
    assert await balances(connection, workspace_id) == (26, 0)


async def test_reaper_leaves_a_hold_whose_lease_runs(
    connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(10)
    hold_id = await held_one(connection, workspace_id, 10)
    assert await settle(connection, workspace_id, hold_id, 5, expired_only=True) == Code.NOT_EXPIRED
    await expire(superuser, hold_id)
    assert await settle(connection, workspace_id, hold_id, 5, expired_only=True) == Code.SETTLED


async def test_races_for_one_hold_have_one_winner(
    database_url: str, connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(100)
    hold_ids = [await held_one(connection, workspace_id, 10) for _ in range(10)]
    for hold_id in hold_ids:
        await expire(superuser, hold_id)
    doors = [await open_connection(database_url, Database()) for _ in range(4)]

    async def race(door: asyncpg.Connection, charge: int, expired_only: bool) -> list[Code]:
        return [await settle(door, workspace_id, hold_id, charge, expired_only=expired_only) for hold_id in hold_ids]

    try:
        tried = await asyncio.gather(
            race(doors[0], 7, False), race(doors[1], 0, False), race(doors[2], 7, True), race(doors[3], 0, True)
        )
    finally:
        for door in doors:
            door.terminate()
    charged = 0
    for codes in zip(*tried, strict=True):
        won = [code for code in codes if code in (Code.SETTLED, Code.RELEASED, Code.EXPIRED)]
        assert len(won) == 1
        assert set(codes) - set(won) == {Code(f"already_{won[0]}")}
        charged += 7 * (won[0] == Code.SETTLED)
    assert await balances(connection, workspace_id) == (100 - charged, 0)
    assert await ledger.verify(connection) == []


async def test_extension_counts_towards_the_hold_and_its_replay_does_not(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    hold_id = await held_one(connection, workspace_id, 4)
    more, much = ids(2)

    async def extend(transfer_id: TransferId, amount: int) -> Code:
        (code,) = await ledger.extend(
            connection,
            transfer_ids=[transfer_id],
            hold_ids=[hold_id],
            workspace_ids=[workspace_id],
            amounts=[Nanocredits(amount)],
            lease=LEASE,
        )
        return code

    assert await extend(more, 5) == Code.HELD
    assert await extend(more, 5) == Code.REPLAYED
    assert await extend(more, 1) == Code.CONFLICT
    assert await extend(much, 2) == Code.INSUFFICIENT
    assert await balances(connection, workspace_id) == (1, 9)
    assert await settle(connection, workspace_id, hold_id, 9) == Code.SETTLED
    assert await extend(much, 1) == Code.NOT_OPEN
    assert await ledger.transfer_ids_of_hold(connection, workspace_id, hold_id) != []
    assert await balances(connection, workspace_id) == (1, 0)


async def test_random_batches_of_many_writers_meet_no_deadlock(
    database_url: str, connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    wallets = [await open_wallet(1_000) for _ in range(6)]
    doors = [await open_connection(database_url, Database()) for _ in range(6)]

    async def write(door: asyncpg.Connection, chance: Random) -> None:
        for _ in range(25):
            chosen = [chance.choice(wallets) for _ in range(chance.randint(1, 12))]
            hold_ids = ids(len(chosen))
            codes = await ledger.hold(
                door,
                hold_ids=hold_ids,
                workspace_ids=chosen,
                amounts=[Nanocredits(chance.randint(0, 20)) for _ in chosen],
                lease=LEASE,
            )
            held = [
                pair for pair, code in zip(zip(hold_ids, chosen, strict=True), codes, strict=True) if code == Code.HELD
            ]
            chance.shuffle(held)
            if held:
                await ledger.settle(
                    door,
                    transfer_ids=ids(len(held)),
                    hold_ids=[hold_id for hold_id, _ in held],
                    workspace_ids=[workspace_id for _, workspace_id in held],
                    charges=[Nanocredits(0) for _ in held],
                )

    try:
        # A deadlock would be raised here.
        await asyncio.gather(*(write(door, Random(number)) for number, door in enumerate(doors)))
    finally:
        for door in doors:
            door.terminate()
    for workspace_id in wallets:
        assert await balances(connection, workspace_id) == (1_000, 0)
    assert await ledger.verify(connection) == []


async def expire(superuser: asyncpg.Connection, hold_id: TransferId) -> None:
    """Let the lease of a hold end: only the clock does that, so it takes every right."""
    await superuser.execute("UPDATE holds SET lease_until = clock_timestamp() WHERE hold_id = $1", hold_id)
