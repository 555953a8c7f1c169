"""A charge that is given back: once, no more than it was, to the buckets that paid it in reverse order."""

import asyncio
from datetime import UTC, timedelta

import asyncpg
import pytest

from omna.clock import now
from omna.errors import Conflict, InvalidValue
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.ledger import statements
from omna.ledger.lines import Within
from omna.ledger.model import Code
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_booking import book, grant, let_expire, remaining
from tests.integration.ledger.test_holds import held_one, hold, settle


async def give_back(
    connection: asyncpg.Connection,
    workspace_id: WorkspaceId,
    hold_id: TransferId,
    amount: int,
    transfer_id: TransferId | None = None,
) -> Code:
    more = {} if transfer_id is None else {"transfer_id": transfer_id}
    return await book(ledger.refund_usage, connection, workspace_id, amount, hold_id=hold_id, **more)


async def buckets(connection: asyncpg.Connection, workspace_id: WorkspaceId) -> tuple[int, int, int]:
    wallet = await ledger.wallet(connection, workspace_id)
    return wallet.available_paid, wallet.available_promo, wallet.debt


async def test_paid_comes_back_before_promo(
    connection: asyncpg.Connection, open_wallet: OpenWallet, superuser: asyncpg.Connection
) -> None:
    workspace_id = await open_wallet(100)
    gift = await grant(connection, workspace_id, 30, now() + timedelta(days=90))
    hold_id = await held_one(connection, workspace_id, 50)
    assert await settle(connection, workspace_id, hold_id, 45) == Code.SETTLED
    assert await buckets(connection, workspace_id) == (85, 0, 0)
    charge = await ledger.charge_of(connection, workspace_id, hold_id)
    assert (charge.paid, charge.promo, charge.given_back) == (15, 30, 0)
    transfer = TransferId(new_id())
    assert await give_back(connection, workspace_id, hold_id, 25, transfer) == Code.BOOKED
    assert await buckets(connection, workspace_id) == (100, 10, 0)
    assert await give_back(connection, workspace_id, hold_id, 25, transfer) == Code.REPLAYED
    # The grant of the promo part lasts as long as the one that was used, and is of its own.
    assert await remaining(connection, gift, transfer) == [0, 10]
    until = await connection.fetchval("SELECT expires_at FROM promo_grants WHERE grant_id = $1", transfer)
    assert until > now() + timedelta(days=89)
    with pytest.raises(Conflict, match="already"):
        await give_back(connection, workspace_id, hold_id, 1)
    assert await ledger.verify(connection) == []
    await let_expire(superuser, transfer)


async def test_its_line_names_the_charge(connection: asyncpg.Connection, open_wallet: OpenWallet) -> None:
    workspace_id = await open_wallet(100)
    hold_id = await held_one(connection, workspace_id, 50)
    await settle(connection, workspace_id, hold_id, 50)
    await give_back(connection, workspace_id, hold_id, 50)
    async with statements.one_view(connection):
        page = await statements.page(
            connection, workspace_id, Within(), group="none", zone=UTC, position=None, limit=50
        )
    (back, used) = page.entries[:2]
    assert (back.line.kind, back.line.amount, back.line.balance_after) == ("reversal", 50, 100)
    assert (back.first.hold_id, back.first.corrects) == (hold_id, used.first.transfer_id)
    assert used.first.corrected_by == back.first.transfer_id


async def test_no_more_than_the_charge_and_nothing_of_nothing(
    connection: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    charged, released, running = [await held_one(connection, workspace_id, 20) for _ in range(3)]
    await settle(connection, workspace_id, charged, 10)
    await settle(connection, workspace_id, released, 0)
    with pytest.raises(InvalidValue, match="charged"):
        await give_back(connection, workspace_id, charged, 11)
    for hold_id in (released, running, TransferId(new_id())):
        with pytest.raises(Conflict):
            await give_back(connection, workspace_id, hold_id, 1)
    assert await buckets(connection, workspace_id) == (70, 0, 0)


async def test_a_debt_is_repaid_first(connection: asyncpg.Connection, open_wallet: OpenWallet) -> None:
    workspace_id = await open_wallet(100)
    hold_id = await held_one(connection, workspace_id, 60)
    await settle(connection, workspace_id, hold_id, 60)
    await book(ledger.open_chargeback, connection, workspace_id, 70)
    assert await buckets(connection, workspace_id) == (0, 0, -30)
    await give_back(connection, workspace_id, hold_id, 50)
    assert await buckets(connection, workspace_id) == (20, 0, 0)
    assert await ledger.verify(connection) == []


async def test_two_at_once_give_back_once(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    hold_id = TransferId(new_id())
    await hold(connection, workspace_id, 40, hold_ids=[hold_id])
    await settle(connection, workspace_id, hold_id, 40)
    ended = await asyncio.gather(
        give_back(connection, workspace_id, hold_id, 40),
        give_back(superuser, workspace_id, hold_id, 40),
        return_exceptions=True,
    )
    assert sorted(type(one).__name__ for one in ended) == ["Code", "Conflict"]
    assert await buckets(connection, workspace_id) == (100, 0, 0)


async def test_a_refund_without_its_charge_is_found(
    connection: asyncpg.Connection, superuser: asyncpg.Connection, open_wallet: OpenWallet
) -> None:
    workspace_id = await open_wallet(100)
    hold_id = await held_one(connection, workspace_id, 40)
    await settle(connection, workspace_id, hold_id, 40)
    await give_back(connection, workspace_id, hold_id, 40)
    await superuser.execute("ALTER TABLE ledger_corrections DISABLE TRIGGER USER")
    await superuser.execute("DELETE FROM ledger_corrections")
    assert [finding.invariant for finding in await ledger.verify(connection)] == ["usage_given_back_once"]
