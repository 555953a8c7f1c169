"""Credits in and out: recharges, grants, adjustments, their order of spending, and amounts at the edge of 64 bits."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from typing import Any

import asyncpg
import pytest

from omna.errors import Conflict, InsufficientCredits, InvalidValue, NotFound
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.ledger.model import Account, Code, TransferLine
from omna.money import LARGEST_AMOUNT, Nanocredits
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_holds import balances, held_one, hold, settle

NOW = datetime.now(UTC)


async def grant(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, amount: int, expires_at: datetime | None = None
) -> TransferId:
    transfer_id = TransferId(new_id())
    async with connection.transaction():
        code = await ledger.grant_promo(
            connection,
            transfer_id=transfer_id,
            workspace_id=workspace_id,
            amount=Nanocredits(amount),
            expires_at=expires_at,
            actor="test",
            reason="gift",
        )
    assert code == Code.BOOKED
    return transfer_id


async def book(act: Any, connection: asyncpg.Connection, workspace_id: WorkspaceId, amount: int, **more: Any) -> Code:
    named = {"transfer_id": TransferId(new_id()), "actor": "test", "reason": "test", **more}
    async with connection.transaction():
        code: Code = await act(connection, workspace_id=workspace_id, amount=Nanocredits(amount), **named)
    return code


async def remaining(connection: asyncpg.Connection, *grants: TransferId) -> list[int]:
    return [
        await connection.fetchval("SELECT remaining FROM promo_grants WHERE grant_id = $1", grant_id)
        for grant_id in grants
    ]


async def let_expire(superuser: asyncpg.Connection, grant_id: TransferId) -> None:
    await superuser.execute(
        "UPDATE promo_grants SET expires_at = clock_timestamp() - interval '1 s' WHERE grant_id = $1", grant_id
    )


def entries(line: TransferLine) -> dict[Account, int]:
    return {entry.account: entry.amount for entry in line.entries}


@pytest.mark.parametrize("act", [ledger.recharge, ledger.adjust])
async def test_booking_twice_happens_once(connection: asyncpg.Connection, open_wallet: OpenWallet, act: Any) -> None:
    workspace_id = await open_wallet(0)
    transfer_id = TransferId(new_id())
    assert await book(act, connection, workspace_id, 7, transfer_id=transfer_id) == Code.BOOKED
    assert await book(act, connection, workspace_id, 7, transfer_id=transfer_id) == Code.REPLAYED
    with pytest.raises(Conflict):
        await book(act, connection, workspace_id, 8, transfer_id=transfer_id)
    assert await balances(connection, workspace_id) == (7, 0)


async def test_same_id_for_another_operation_is_a_conflict(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(0)
    transfer_id = TransferId(new_id())
    await book(ledger.recharge, connection, workspace_id, 7, transfer_id=transfer_id)
    with pytest.raises(Conflict):
        await book(ledger.adjust, connection, workspace_id, 7, transfer_id=transfer_id)
    assert await hold(connection, workspace_id, 7, hold_ids=[transfer_id]) == [Code.CONFLICT]


@pytest.mark.parametrize("amount", [0, -5])
async def test_recharge_and_grant_refuse_what_is_no_amount(
    connection: asyncpg.Connection, open_wallet: OpenWallet, amount: int
) -> None:
    workspace_id = await open_wallet(0)
    with pytest.raises(InvalidValue):
        await book(ledger.recharge, connection, workspace_id, amount)
    with pytest.raises(InvalidValue):
        await book(ledger.grant_promo, connection, workspace_id, amount, expires_at=None)


async def test_workspace_without_a_wallet_is_not_found(connection: asyncpg.Connection) -> None:
    with pytest.raises(NotFound):
        await book(ledger.recharge, connection, WorkspaceId(new_id()), 1)
    with pytest.raises(NotFound):
        await ledger.wallet(connection, WorkspaceId(new_id()))


async def test_refused_adjustment_changes_nothing_and_says_what_is_there(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    await held_one(connection, workspace_id, 4)
    with pytest.raises(InsufficientCredits) as refused:
        await book(ledger.adjust, connection, workspace_id, -7)
    limit = refused.value.limit
    assert limit is not None
    assert (limit.limit, limit.required) == (6, 7)
    assert len(await ledger.history(connection, workspace_id)) == 2
    assert await book(ledger.adjust, connection, workspace_id, -6) == Code.BOOKED


async def test_promo_is_spent_first_and_the_earliest_expiry_before_the_others(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    never = await grant(connection, workspace_id, 5)
    later = await grant(connection, workspace_id, 5, NOW + timedelta(days=2))
    sooner = await grant(connection, workspace_id, 5, NOW + timedelta(days=1))
    hold_id = await held_one(connection, workspace_id, 12)
    assert await remaining(connection, sooner, later, never) == [0, 0, 3]
    # What comes back goes to the last that was taken from, and paid Credits were never touched.
    assert await settle(connection, workspace_id, hold_id, 6) == Code.SETTLED
    assert await remaining(connection, sooner, later, never) == [0, 4, 5]
    wallet = await ledger.wallet(connection, workspace_id)
    assert (wallet.available_paid, wallet.available_promo) == (10, 9)


async def test_hold_over_promo_and_paid_returns_to_the_buckets_it_came_from(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(10)
    await grant(connection, workspace_id, 5)
    hold_id = await held_one(connection, workspace_id, 12)
    assert await settle(connection, workspace_id, hold_id, 7) == Code.SETTLED
    newest, taken, *_ = await ledger.history(connection, workspace_id)
    assert entries(taken) == {
        Account.AVAILABLE_PROMO: -5, Account.HELD_PROMO: 5, Account.AVAILABLE_PAID: -7, Account.HELD_PAID: 7,
    }  # fmt: skip
    assert entries(newest) == {
        Account.HELD_PROMO: -5, Account.HELD_PAID: -7, Account.REVENUE: 7, Account.AVAILABLE_PAID: 5,
    }  # fmt: skip


async def test_expired_promo_is_not_spendable_before_it_is_swept(
    connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(10)
    gift = await grant(connection, workspace_id, 5, NOW + timedelta(days=1))
    await let_expire(superuser, gift)
    assert await hold(connection, workspace_id, 11) == [Code.INSUFFICIENT]
    assert await hold(connection, workspace_id, 10) == [Code.HELD]


async def test_sweep_turns_expired_promo_into_breakage_once(
    connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(10)
    gift = await grant(connection, workspace_id, 5, NOW + timedelta(days=1))
    await grant(connection, workspace_id, 3)
    assert await connection.fetchval("SELECT ledger_expire_promos(100)") == 0
    await let_expire(superuser, gift)
    assert await connection.fetchval("SELECT ledger_expire_promos(100)") == 1
    assert await connection.fetchval("SELECT ledger_expire_promos(100)") == 0
    wallet = await ledger.wallet(connection, workspace_id)
    assert (wallet.available_paid, wallet.available_promo) == (10, 3)
    newest, *_ = await ledger.history(connection, workspace_id)
    assert entries(newest) == {Account.AVAILABLE_PROMO: -5, Account.BREAKAGE: 5}


async def test_promo_that_expires_while_it_is_held_can_be_charged_and_does_not_return(
    connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(0)
    gift = await grant(connection, workspace_id, 10, NOW + timedelta(days=1))
    charged, released = await held_one(connection, workspace_id, 6), await held_one(connection, workspace_id, 3)
    await let_expire(superuser, gift)
    assert await connection.fetchval("SELECT ledger_expire_promos(100)") == 1
    assert await settle(connection, workspace_id, charged, 4) == Code.SETTLED
    assert await settle(connection, workspace_id, released, 0) == Code.RELEASED
    broken = await connection.fetchval("SELECT sum(amount)::bigint FROM entries WHERE account = 'breakage'")
    assert (await balances(connection, workspace_id), broken) == ((0, 0), 1 + 2 + 3)
    assert await ledger.verify(connection) == []


async def test_largest_amount_fits_and_one_more_is_an_error_that_changes_nothing(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(LARGEST_AMOUNT)
    with pytest.raises(asyncpg.NumericValueOutOfRangeError):
        await book(ledger.recharge, connection, workspace_id, 1)
    assert await hold(connection, workspace_id, LARGEST_AMOUNT, LARGEST_AMOUNT) == [Code.HELD, Code.INSUFFICIENT]
    assert await balances(connection, workspace_id) == (0, LARGEST_AMOUNT)
    assert await ledger.verify(connection) == []


async def test_sum_of_promo_and_paid_beyond_64_bits_is_an_error_and_never_wraps(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(LARGEST_AMOUNT)
    await grant(connection, workspace_id, LARGEST_AMOUNT)
    with pytest.raises(asyncpg.NumericValueOutOfRangeError):
        await hold(connection, workspace_id, 1)
    wallet = await ledger.wallet(connection, workspace_id)
    assert (wallet.available_paid, wallet.available_promo, wallet.held) == (LARGEST_AMOUNT, LARGEST_AMOUNT, 0)
    assert await ledger.verify(connection) == []


async def test_amount_beyond_64_bits_does_not_reach_the_database(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(1)
    with pytest.raises(asyncpg.DataError):
        await book(ledger.recharge, connection, workspace_id, LARGEST_AMOUNT + 1)


async def test_history_pages_through_every_transfer_with_running_balances(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    for charge in range(5):
        hold_id = await held_one(connection, workspace_id, 10)
        await settle(connection, workspace_id, hold_id, charge)
    lines: list[TransferLine] = []
    before: int | None = None
    while page := await ledger.history(connection, workspace_id, before_seq=before, limit=4):
        lines += page
        before = page[-1].seq
    assert [line.seq for line in lines] == list(range(11, 0, -1))
    assert opening_plus_lines(lines) == (await ledger.wallet(connection, workspace_id)).available_paid == 90


def opening_plus_lines(lines: Sequence[TransferLine]) -> int:
    """Follow the statement from its first line: each balance is the one before plus the amount."""
    balance = 0
    for line in reversed(lines):
        for entry in line.entries:
            if entry.account is Account.AVAILABLE_PAID:
                balance += entry.amount
                assert entry.balance_after == balance
    return balance


async def test_giving_up_empties_a_wallet_and_says_why(connection: asyncpg.Connection, open_wallet: OpenWallet) -> None:
    workspace_id = await open_wallet(100)
    grants = [
        await grant(connection, workspace_id, 30, NOW + timedelta(days=1)),
        await grant(connection, workspace_id, 5),
    ]
    await give_up(connection, workspace_id)
    assert await remaining(connection, *grants) == [0, 0]
    assert (await ledger.wallet(connection, workspace_id)).balance == 0
    lines = await ledger.history(connection, workspace_id, limit=3)
    assert sorted(line.kind for line in lines) == ["adjustment", "promo_expiry", "promo_expiry"]
    assert {(line.actor, line.reason) for line in lines} == {("usr_1", "account deleted")}
    assert await ledger.verify(connection) == []


async def test_a_wallet_with_something_held_is_not_given_up(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    assert await hold(connection, workspace_id, 10) == [Code.HELD]
    with pytest.raises(Conflict):
        await give_up(connection, workspace_id)
    assert (await ledger.wallet(connection, workspace_id)).balance == 100


async def give_up(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> None:
    async with connection.transaction():
        await ledger.give_up(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=workspace_id,
            actor="usr_1",
            reason="account deleted",
        )
