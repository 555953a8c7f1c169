"""Credits that go back: refunds, chargebacks, debts, and promo Credits that are withdrawn."""

import asyncio
from datetime import UTC, timedelta
from typing import Any

import asyncpg
import pytest

from omna.errors import Conflict, InsufficientCredits, InvalidValue, NotFound
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.ledger import statements
from omna.ledger.lines import Within
from omna.ledger.model import Account, Code
from omna.money import Nanocredits
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_booking import NOW, book, entries, grant, let_expire, remaining
from tests.integration.ledger.test_holds import held_one, hold, settle


async def standing(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> tuple[int, int, int]:
    """What is available of paid Credits, owed, and set aside for refunds."""
    wallet = await ledger.wallet(connection, workspace_id)
    return wallet.available_paid, wallet.debt, wallet.refund_pending


async def platform(connection: asyncpg.Connection, account: str) -> int:
    total: int = await connection.fetchval(
        "SELECT coalesce(sum(amount), 0)::bigint FROM entries WHERE account = $1::text::ledger_account", account
    )
    return total


async def withdraw(
    connection: asyncpg.Connection,
    workspace_id: WorkspaceId,
    grant_id: TransferId,
    transfer_id: TransferId | None = None,
) -> int:
    async with connection.transaction():
        return await ledger.withdraw_promo(
            connection,
            transfer_id=transfer_id or TransferId(new_id()),
            workspace_id=workspace_id,
            grant_id=grant_id,
            actor="usr_1",
            reason="recharge refunded",
        )


@pytest.fixture
async def workspace_id(open_wallet: OpenWallet) -> WorkspaceId:
    return await open_wallet(100)


async def test_refund_waits_and_is_paid(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> None:
    assert await book(ledger.approve_refund, connection, workspace_id, 60) == Code.BOOKED
    assert await standing(connection, workspace_id) == (40, 0, 60)
    assert await book(ledger.pay_refund, connection, workspace_id, 60) == Code.BOOKED
    assert await standing(connection, workspace_id) == (40, 0, 0)
    assert await platform(connection, "refunds_out") == 60
    assert await ledger.verify(connection) == []


async def test_refund_takes_nothing_that_is_held(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> None:
    await held_one(connection, workspace_id, 30)
    with pytest.raises(InsufficientCredits) as refused:
        await book(ledger.approve_refund, connection, workspace_id, 71)
    assert refused.value.limit is not None
    assert (refused.value.limit.limit, refused.value.limit.required) == (70, 71)
    assert await book(ledger.approve_refund, connection, workspace_id, 70) == Code.BOOKED
    assert await hold(connection, workspace_id, 1) == [Code.INSUFFICIENT]
    assert await ledger.verify(connection) == []


async def test_refunds_and_holds_at_once_share_what_is_there(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    async def refund() -> bool:
        async with pool.acquire() as own:
            try:
                return await book(ledger.approve_refund, own, workspace_id, 10) == Code.BOOKED
            except InsufficientCredits:
                return False

    async def request() -> bool:
        async with pool.acquire() as own:
            return await hold(own, workspace_id, 10) == [Code.HELD]

    done = await asyncio.gather(*(act() for _ in range(9) for act in (refund, request)))
    assert sum(done) == 10
    wallet = await ledger.wallet(connection, workspace_id)
    assert (wallet.available, wallet.held + wallet.refund_pending) == (0, 100)
    assert await ledger.verify(connection) == []


async def test_one_event_that_comes_on_many_connections_is_booked_once(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    transfer_id = TransferId(new_id())

    async def dispute() -> Code:
        async with pool.acquire() as own:
            return await book(ledger.open_chargeback, own, workspace_id, 130, transfer_id=transfer_id)

    codes = await asyncio.gather(*(dispute() for _ in range(8)))
    assert sorted(codes) == [Code.BOOKED, *[Code.REPLAYED] * 7]
    assert await standing(connection, workspace_id) == (0, -30, 0)
    assert await ledger.verify(connection) == []


@pytest.mark.parametrize("was_paid", [False, True])
async def test_refund_that_fails_gives_the_credits_back(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, was_paid: bool
) -> None:
    approval = TransferId(new_id())
    await book(ledger.approve_refund, connection, workspace_id, 60, transfer_id=approval)
    if was_paid:
        await book(ledger.pay_refund, connection, workspace_id, 60)
    failed = TransferId(new_id())
    named = {"transfer_id": failed, "was_paid": was_paid, "corrects": approval}
    assert await book(ledger.fail_refund, connection, workspace_id, 60, **named) == Code.BOOKED
    assert await book(ledger.fail_refund, connection, workspace_id, 60, **named) == Code.REPLAYED
    with pytest.raises(Conflict):
        await book(ledger.fail_refund, connection, workspace_id, 60, **{**named, "was_paid": not was_paid})
    assert await standing(connection, workspace_id) == (100, 0, 0)
    assert await platform(connection, "refunds_out") == 0
    assert await ledger.verify(connection) == []


async def test_credits_of_a_failed_refund_repay_a_debt_first(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await book(ledger.approve_refund, connection, workspace_id, 60)
    await book(ledger.open_chargeback, connection, workspace_id, 90)
    assert await standing(connection, workspace_id) == (0, -50, 60)
    await book(ledger.fail_refund, connection, workspace_id, 60, was_paid=False)
    assert await standing(connection, workspace_id) == (10, 0, 0)
    assert await ledger.verify(connection) == []


@pytest.mark.parametrize(("act", "more"), [(ledger.pay_refund, {}), (ledger.fail_refund, {"was_paid": False})])
async def test_no_more_leaves_a_refund_than_was_set_aside(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, act: Any, more: dict[str, bool]
) -> None:
    await book(ledger.approve_refund, connection, workspace_id, 10)
    with pytest.raises(Conflict, match=r"Only 0\.00000001 Credits"):
        await book(act, connection, workspace_id, 11, **more)
    assert await standing(connection, workspace_id) == (90, 0, 10)


async def test_chargeback_above_the_balance_is_owed_and_the_next_recharge_repays_it(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    running = await held_one(connection, workspace_id, 30)
    assert await book(ledger.open_chargeback, connection, workspace_id, 100) == Code.BOOKED
    assert await standing(connection, workspace_id) == (0, -30, 0)
    assert await hold(connection, workspace_id, 1) == [Code.INSUFFICIENT]
    assert await settle(connection, workspace_id, running, 10) == Code.SETTLED
    await book(ledger.recharge, connection, workspace_id, 50)
    assert await standing(connection, workspace_id) == (40, 0, 0)
    assert await ledger.verify(connection) == []


async def test_chargeback_that_is_won_comes_back_to_what_is_owed_now(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    opened = TransferId(new_id())
    await book(ledger.adjust, connection, workspace_id, -80)
    await book(ledger.open_chargeback, connection, workspace_id, 100, transfer_id=opened)
    await book(ledger.recharge, connection, workspace_id, 85)
    assert await standing(connection, workspace_id) == (5, 0, 0)
    await book(ledger.open_chargeback, connection, workspace_id, 25)
    assert await standing(connection, workspace_id) == (0, -20, 0)
    await book(ledger.win_chargeback, connection, workspace_id, 100, corrects=opened)
    assert await standing(connection, workspace_id) == (80, 0, 0)
    newest, *_ = await ledger.history(connection, workspace_id, limit=1)
    assert entries(newest) == {
        Account.CHARGEBACK_CLEARING: -100, Account.DEBT: 20, Account.AVAILABLE_PAID: 80,
    }  # fmt: skip
    assert await platform(connection, "chargeback_clearing") == 25
    assert await ledger.verify(connection) == []


async def test_chargeback_that_is_lost_was_no_recharge(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await book(ledger.adjust, connection, workspace_id, -40)
    await book(ledger.open_chargeback, connection, workspace_id, 100)
    await book(ledger.lose_chargeback, connection, workspace_id, 100)
    assert await standing(connection, workspace_id) == (0, -40, 0)
    assert await platform(connection, "chargeback_clearing") == 0
    assert await platform(connection, "recharge_clearing") == 0
    with pytest.raises(InvalidValue, match=r"Only 0\.00000004 Credits are owed"):
        await book(ledger.write_off_debt, connection, workspace_id, 41)
    await book(ledger.write_off_debt, connection, workspace_id, 40)
    assert await standing(connection, workspace_id) == (0, 0, 0)
    assert await platform(connection, "bad_debt") == -40
    assert await ledger.verify(connection) == []


REVERSALS = [
    (ledger.approve_refund, {}), (ledger.pay_refund, {}), (ledger.fail_refund, {"was_paid": True}),
    (ledger.open_chargeback, {}), (ledger.win_chargeback, {}), (ledger.lose_chargeback, {}), (ledger.write_off_debt, {}),
]  # fmt: skip


@pytest.mark.parametrize(("act", "more"), REVERSALS)
async def test_replays_are_heard_whatever_happened_since(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, act: Any, more: dict[str, Any]
) -> None:
    # Enough of everything, so that each may happen once; then all of it goes.
    running = await held_one(connection, workspace_id, 30)
    await book(ledger.approve_refund, connection, workspace_id, 20)
    await book(ledger.pay_refund, connection, workspace_id, 10)
    await book(ledger.open_chargeback, connection, workspace_id, 95)
    await settle(connection, workspace_id, running, 0)
    named = {"transfer_id": TransferId(new_id()), **more}
    assert await book(act, connection, workspace_id, 10, **named) == Code.BOOKED
    wallet = await ledger.wallet(connection, workspace_id)
    assert (wallet.available_paid > 0, wallet.debt < 0) == (True, True)
    if wallet.refund_pending:
        await book(ledger.pay_refund, connection, workspace_id, wallet.refund_pending)
    await book(ledger.write_off_debt, connection, workspace_id, -wallet.debt)
    await book(ledger.adjust, connection, workspace_id, -wallet.available_paid)
    before = await standing(connection, workspace_id)
    assert await book(act, connection, workspace_id, 10, **named) == Code.REPLAYED
    with pytest.raises(Conflict):
        await book(act, connection, workspace_id, 11, **named)
    assert await standing(connection, workspace_id) == before
    assert await ledger.verify(connection) == []


@pytest.mark.parametrize(("act", "more"), REVERSALS)
async def test_reversals_refuse_what_is_no_amount_and_no_workspace(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, act: Any, more: dict[str, Any]
) -> None:
    for amount in (0, -5):
        with pytest.raises(InvalidValue):
            await book(act, connection, workspace_id, amount, **more)
    with pytest.raises(NotFound):
        await book(act, connection, WorkspaceId(new_id()), 1, **more)


async def test_debt_grows_by_nothing_but_chargebacks(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> None:
    async with connection.transaction():
        code = await connection.fetchval(
            """SELECT code FROM ledger_transfer(ARRAY[gen_random_uuid()], ARRAY[$1::uuid], '{adjustment}',
                   ARRAY[gen_random_uuid()], '{test}', '{test}', '{NULL}', '{1,1}', '{adjustments,debt}', '{1,-1}')""",
            workspace_id,
        )
    assert code == "insufficient"


async def test_promo_is_withdrawn_once_and_ends(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> None:
    gift, other = await grant(connection, workspace_id, 20), await grant(connection, workspace_id, 5)
    running = await held_one(connection, workspace_id, 8)
    withdrawn = TransferId(new_id())
    assert await withdraw(connection, workspace_id, gift, withdrawn) == 12
    assert await withdraw(connection, workspace_id, gift, withdrawn) == 12
    assert await withdraw(connection, workspace_id, gift) == 0
    assert await remaining(connection, gift, other) == [0, 5]
    # What the hold took can be charged; the rest of it does not come back.
    assert await settle(connection, workspace_id, running, 3) == Code.SETTLED
    assert await remaining(connection, gift, other) == [0, 5]
    assert await platform(connection, "breakage") == 12 + 5
    wallet = await ledger.wallet(connection, workspace_id)
    assert (wallet.available_paid, wallet.available_promo, wallet.held) == (100, 5, 0)
    assert await ledger.verify(connection) == []


async def test_expired_promo_is_withdrawn_or_swept_and_not_both(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, superuser: asyncpg.Connection
) -> None:
    gift = await grant(connection, workspace_id, 20, NOW + timedelta(days=1))
    await let_expire(superuser, gift)
    assert await withdraw(connection, workspace_id, gift) == 20
    assert await connection.fetchval("SELECT ledger_expire_promos(100)") == 0
    assert await ledger.verify(connection) == []


async def test_withdrawing_needs_a_grant_of_this_wallet_and_an_id_of_its_own(
    connection: asyncpg.Connection, workspace_id: WorkspaceId, open_wallet: OpenWallet
) -> None:
    gift, other = await grant(connection, workspace_id, 20), await grant(connection, workspace_id, 5)
    with pytest.raises(NotFound):
        await withdraw(connection, await open_wallet(1), gift)
    with pytest.raises(NotFound):
        await withdraw(connection, WorkspaceId(new_id()), gift)
    withdrawn = TransferId(new_id())
    await withdraw(connection, workspace_id, gift, withdrawn)
    for used in (withdrawn, gift):
        with pytest.raises(Conflict):
            await withdraw(connection, workspace_id, other, used)
    assert await remaining(connection, gift, other) == [0, 5]


async def test_statement_shows_what_changes_the_balance_and_links_what_came_back(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    approved, failed, opened = (TransferId(new_id()) for _ in range(3))
    await book(ledger.approve_refund, connection, workspace_id, 60, transfer_id=approved)
    await book(ledger.pay_refund, connection, workspace_id, 60)
    await book(ledger.fail_refund, connection, workspace_id, 60, transfer_id=failed, was_paid=True, corrects=approved)
    await book(ledger.open_chargeback, connection, workspace_id, 130, transfer_id=opened)
    await book(ledger.win_chargeback, connection, workspace_id, 130, corrects=opened)
    await book(ledger.open_chargeback, connection, workspace_id, 130)
    await book(ledger.lose_chargeback, connection, workspace_id, 130)
    await book(ledger.write_off_debt, connection, workspace_id, 30)
    async with statements.one_view(connection):
        page = await statements.page(
            connection, workspace_id, Within(), group="none", zone=UTC, position=None, limit=50
        )
    shown = [(one.line.kind, one.line.amount, one.line.balance_after) for one in reversed(page.entries)]
    assert shown == [
        ("recharge", 100, 100),
        ("refund", -60, 40), ("refund", 60, 100),
        ("chargeback", -130, -30), ("chargeback", 130, 100),
        ("chargeback", -130, -30), ("adjustment", 30, 0),
    ]  # fmt: skip
    by_id = {one.first.transfer_id: one.first for one in page.entries}
    assert (by_id[approved].corrected_by, by_id[failed].corrects) == (failed, approved)
    assert by_id[opened].corrected_by is not None
    await connection.fetchval("SELECT ledger_store_lines($1, 100)", workspace_id)
    assert await ledger.verify(connection) == []


async def test_payment_that_is_converted_is_a_kind_of_its_own_and_books_what_a_recharge_does(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await book(ledger.open_chargeback, connection, workspace_id, 130)
    transfer_id = TransferId(new_id())
    named = {"transfer_id": transfer_id, "converted": True}
    assert await book(ledger.recharge, connection, workspace_id, 50, **named) == Code.BOOKED
    assert await book(ledger.recharge, connection, workspace_id, 50, **named) == Code.REPLAYED
    with pytest.raises(Conflict):
        await book(ledger.recharge, connection, workspace_id, 50, transfer_id=transfer_id)
    assert await standing(connection, workspace_id) == (20, 0, 0)
    async with statements.one_view(connection):
        page = await statements.page(
            connection, workspace_id, Within(kinds=["conversion"]), group="none", zone=UTC, position=None, limit=50
        )
    assert [(one.line.kind, one.line.amount) for one in page.entries] == [("conversion", 50)]
    assert await ledger.verify(connection) == []


async def test_refund_of_something_else_is_not_corrected(
    connection: asyncpg.Connection, workspace_id: WorkspaceId
) -> None:
    await book(ledger.approve_refund, connection, workspace_id, 60)
    with pytest.raises(NotFound):
        await book(
            ledger.fail_refund, connection, workspace_id, Nanocredits(60), was_paid=False, corrects=TransferId(new_id())
        )
    assert await standing(connection, workspace_id) == (40, 0, 60)
