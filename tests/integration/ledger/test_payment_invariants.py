"""Every kind of damage between orders, payments, refunds, disputes, codes and the ledger is found by payments/verify.sql."""

from dataclasses import dataclass
from datetime import UTC
from typing import Any
from uuid import UUID

import asyncpg
import pytest

from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.ledger import statements
from omna.ledger.lines import Within
from omna.money import Nanocredits
from omna.payments.verification import PAYMENT_INVARIANTS, verify
from omna.worker.books import verify_books
from tests.integration.ledger.conftest import OpenWallet
from tests.integration.ledger.test_booking import book, grant

#: invariant, what is done, and which other invariants see it as well.
DAMAGE = [
    ("payments_booked", "UPDATE payments SET credits = credits + 1", {"clearing_matches"}),
    ("payments_booked", "UPDATE payments SET workspace_id = gen_random_uuid() WHERE payment_id = 'spare'",
     {"clearing_matches", "orders_credited"}),
    ("payments_booked", "DELETE FROM payments WHERE payment_id = 'spare'", {"clearing_matches", "orders_credited"}),
    ("payments_booked", """INSERT INTO payments (workspace_id, payment_key, recharge_id, processor, payment_id, amount_minor,
         currency, credits) SELECT workspace_id, gen_random_uuid(), recharge_id, 'stripe', 'twice', 1, 'usd', 1 FROM payments
         WHERE payment_id = 'spare'""", {"clearing_matches"}),
    ("bonuses_booked", "UPDATE payments SET bonus = bonus + 1 WHERE payment_id = 'refunded'", set()),
    ("bonuses_booked", "UPDATE payments SET bonus_id = NULL WHERE payment_id = 'refunded'", set()),
    ("bonuses_booked", "UPDATE promo_redemptions SET transfer_id = gen_random_uuid()", set()),
    ("codes_counted", "UPDATE promo_codes SET redeemed = 2", set()),
    ("codes_counted", "DELETE FROM promo_redemptions", set()),
    ("orders_credited", "UPDATE recharges SET state = 'open', credited_at = NULL WHERE reference = 'spare'", set()),
    ("orders_credited", "UPDATE recharges SET state = 'credited', credited_at = now() WHERE reference = 'unpaid'", set()),
    ("orders_credited", "DELETE FROM recharges WHERE reference = 'spare'", set()),
    ("payments_bounded", "UPDATE payments SET amount_minor = 40 WHERE payment_id = 'refunded'", set()),
    ("payments_bounded", """INSERT INTO refunds (workspace_id, refund_id, recharge_id, payment_key, kind, preference, state,
         client_token, reason, credits, approved_credits, currency) SELECT workspace_id, gen_random_uuid(), recharge_id,
         payment_key, 'unused', 'refund', 'approved', 'again', '', 100, 100, 'usd' FROM payments
         WHERE payment_id = 'refunded'""", {"refunds_booked"}),
    ("payments_bounded", """UPDATE disputes SET payment_key = p.payment_key, recharge_id = p.recharge_id FROM payments AS p
         WHERE p.payment_id = 'refunded' AND external_id = 'lost'""", set()),
    ("refunds_booked", "UPDATE refunds SET state = 'approved' WHERE state = 'requested'", set()),
    ("refunds_booked", "UPDATE refunds SET state = 'paid' WHERE state = 'sent'", set()),
    ("refunds_booked", "UPDATE refunds SET state = 'failed' WHERE state = 'paid'", set()),
    ("refunds_booked", "UPDATE refunds SET approved_credits = 19 WHERE state = 'sent'", set()),
    ("refunds_booked", "UPDATE refunds SET payment_key = NULL WHERE state = 'sent'", set()),
    ("refunds_booked", """UPDATE refunds SET payment_key = p.payment_key FROM payments AS p WHERE p.payment_id = 'spare'
         AND state = 'sent'""", set()),
    ("disputes_booked", "UPDATE disputes SET clawed = clawed - 1 WHERE booked = 'opened'", {"clearing_matches"}),
    ("disputes_booked", "UPDATE disputes SET booked = 'nothing', withdrawn_minor = 0 WHERE booked = 'opened'", {"clearing_matches"}),
    ("disputes_booked", "UPDATE disputes SET returned_minor = withdrawn_minor WHERE booked = 'opened'", set()),
    ("disputes_booked", "UPDATE disputes SET withdrawn_minor = 100 WHERE booked = 'nothing'", set()),
    ("disputes_booked", "UPDATE disputes SET withdrawn_minor = 0, returned_minor = 0 WHERE booked = 'won'", set()),
    ("disputes_booked", "UPDATE disputes SET payment_key = gen_random_uuid() WHERE booked = 'nothing'", set()),
    ("disputes_booked", "DELETE FROM disputes WHERE booked = 'won'", set()),
    ("disputes_booked", "UPDATE disputes SET more_claws = '{}' WHERE booked = 'opened'", set()),
    ("clearing_matches", "UPDATE disputes SET booked = 'lost', state = 'lost' WHERE booked = 'opened'", set()),
    ("clearing_matches", "UPDATE disputes SET written_off = 0 WHERE booked = 'lost'", set()),
]  # fmt: skip


@dataclass
class Books:
    """One workspace's payments, as the product would write them."""

    connection: asyncpg.Connection
    workspace_id: WorkspaceId

    async def order(self, name: str, state: str, **more: Any) -> UUID:
        recharge_id = new_id()
        await self.insert(
            "recharges", recharge_id=recharge_id, channel="checkout", state=state, client_token=f"token-{name}",
            reference=name, credits=100, price_minor=100, currency="usd", terms_version="1", processor="stripe",
            expires_at=await self.connection.fetchval("SELECT now()"), **more,
        )  # fmt: skip
        return recharge_id

    async def payment(self, name: str, *, bonus: int = 0) -> dict[str, UUID]:
        now = await self.connection.fetchval("SELECT now()")
        facts = {"recharge_id": await self.order(name, "credited", credited_at=now), "payment_key": new_id()}
        bonus_id = await grant(self.connection, self.workspace_id, bonus) if bonus else None
        await self.insert(
            "payments", processor="stripe", payment_id=name, amount_minor=100, currency="usd", credits=100, bonus=bonus,
            bonus_id=bonus_id, **facts,
        )  # fmt: skip
        await self.book(ledger.recharge, 100, facts["payment_key"])
        return facts

    async def refund(self, of: dict[str, UUID], state: str, amount: int) -> UUID:
        refund_id = new_id()
        await self.insert(
            "refunds", refund_id=refund_id, kind="unused", preference="refund", state=state, client_token=str(refund_id),
            reason="", credits=amount, approved_credits=amount, amount_minor=amount, currency="usd", **of,
        )  # fmt: skip
        if state != "requested":
            await self.book(ledger.approve_refund, amount, refund_id)
        return refund_id

    async def dispute(self, name: str, of: dict[str, UUID], booked: str, returned: int = 0, clawed: int = 100) -> UUID:
        dispute_id = new_id()
        withdrawn, clawed = (0, 0) if booked == "nothing" else (100, clawed)
        await self.insert(
            "disputes", dispute_id=dispute_id, processor="stripe", external_id=name,
            state={"nothing": "inquiry", "opened": "open"}.get(booked, booked), amount_minor=100, currency="usd",
            withdrawn_minor=withdrawn, returned_minor=returned, clawed=clawed, booked=booked, **of,
        )  # fmt: skip
        if clawed:
            await self.book(ledger.open_chargeback, clawed, dispute_id)
        return dispute_id

    async def book(self, act: Any, amount: int, transfer_id: UUID | None = None, **more: Any) -> None:
        await book(act, self.connection, self.workspace_id, amount, transfer_id=transfer_id or new_id(), **more)

    async def insert(self, table: str, **row: Any) -> None:
        row = {"workspace_id": self.workspace_id, **row}
        places = ", ".join(f"${n}" for n in range(1, len(row) + 1))
        await self.connection.execute(f"INSERT INTO {table} ({', '.join(row)}) VALUES ({places})", *row.values())


@pytest.fixture
async def books(connection: asyncpg.Connection, open_wallet: OpenWallet) -> Books:
    """Orders of every kind: paid, unpaid, refunded in part, and disputed with every end."""
    books = Books(connection, await open_wallet(0))
    await books.payment("spare")
    await books.order("unpaid", "open")
    refunded = await books.payment("refunded", bonus=7)
    await books.refund(refunded, "requested", 5)
    await books.refund(refunded, "sent", 20)
    await books.refund(refunded, "paid", 30)
    await books.book(ledger.pay_refund, 30)
    failed = await books.refund(refunded, "failed", 10)
    await books.book(ledger.fail_refund, 10, was_paid=False, corrects=failed)
    late = await books.refund(refunded, "failed", 10)
    await books.book(ledger.pay_refund, 10)
    await books.book(ledger.fail_refund, 10, was_paid=True, corrects=late)
    await books.dispute("asked", await books.payment("asked"), "nothing")
    # A part of it was being refunded when it was disputed, and came back.
    disputed = await books.payment("disputed")
    dispute = await books.dispute("open", disputed, "opened", clawed=70)
    more = new_id()
    await books.book(ledger.open_chargeback, 30, more)
    await connection.execute(
        "UPDATE disputes SET clawed = 100, more_claws = ARRAY[$2::uuid] WHERE dispute_id = $1", dispute, more
    )
    won = await books.dispute("won", await books.payment("won"), "won", returned=100)
    await books.book(ledger.win_chargeback, 100, corrects=won)
    await books.book(ledger.adjust, -(await ledger.wallet(connection, books.workspace_id)).available_paid)
    lost = await books.payment("lost")
    await books.book(ledger.adjust, -40)
    dispute = await books.dispute("lost", lost, "lost")
    await books.book(ledger.lose_chargeback, 100)
    await books.book(ledger.write_off_debt, 15)
    await connection.execute("UPDATE disputes SET written_off = 15 WHERE dispute_id = $1", dispute)
    await connection.execute(
        "INSERT INTO promo_codes (code_id, code, credits, most, redeemed, created_by)"
        " VALUES ($1, 'WELCOME', 4, 1, 1, $1)",
        new_id(),
    )
    transfer_id = await grant(connection, books.workspace_id, 4)
    code_id = await connection.fetchval("SELECT code_id FROM promo_codes")
    await books.insert("promo_redemptions", code_id=code_id, transfer_id=transfer_id)
    assert await verify_books(connection) == []
    return books


def test_every_invariant_has_damage_it_must_find() -> None:
    assert {name for name, _, _ in DAMAGE} == {invariant.name for invariant in PAYMENT_INVARIANTS}


async def test_damage_is_found(books: Books, superuser: asyncpg.Connection) -> None:
    await superuser.execute("ALTER TABLE promo_codes DROP CONSTRAINT promo_codes_check")
    for name, statement, others in DAMAGE:
        # Each is undone, so that one set of books is enough for all.
        undone = superuser.transaction()
        await undone.start()
        done = await superuser.execute(statement)
        found = {one.name for one in PAYMENT_INVARIANTS if await superuser.fetch(one.query)}
        await undone.rollback()
        assert not done.endswith(" 0"), f"{statement} did nothing"
        assert found == {name} | others, statement
    assert await verify(books.connection) == []


async def test_recharge_without_a_payment_is_found(books: Books, connection: asyncpg.Connection) -> None:
    await books.book(ledger.recharge, 3)
    found = await verify(connection)
    assert {finding.invariant for finding in found} == {"payments_booked", "clearing_matches"}
    assert "payment missing, ledger 3" in [finding.detail for finding in found]


async def test_what_is_booked_for_nothing_is_found(books: Books, connection: asyncpg.Connection) -> None:
    await books.book(ledger.adjust, 50)
    await books.book(ledger.approve_refund, Nanocredits(1))
    await books.book(ledger.open_chargeback, Nanocredits(1), TransferId(new_id()))
    assert {finding.invariant for finding in await verify(connection)} == {
        "refunds_booked", "disputes_booked", "clearing_matches",
    }  # fmt: skip


async def test_lines_name_the_order_and_the_refund_that_they_belong_to(
    books: Books, connection: asyncpg.Connection
) -> None:
    reference = {
        row["recharge_id"]: row["reference"]
        for row in await connection.fetch("SELECT recharge_id, reference FROM recharges")
    }
    state = {row["refund_id"]: row["state"] for row in await connection.fetch("SELECT refund_id, state FROM refunds")}
    async with statements.one_view(connection):
        page = await statements.page(
            connection, books.workspace_id, Within(), group="none", zone=UTC, position=None, limit=50
        )
    shown = [
        (one.line.kind, one.line.amount, reference.get(one.first.recharge_id), state.get(one.first.refund_id))
        for one in reversed(page.entries)
    ]
    assert shown == [
        ("recharge", 100, "spare", None),
        ("promo", 7, "refunded", None), ("recharge", 100, "refunded", None),
        ("refund", -20, "refunded", "sent"), ("refund", -30, "refunded", "paid"),
        ("refund", -10, "refunded", "failed"), ("refund", 10, "refunded", "failed"),
        ("refund", -10, "refunded", "failed"), ("refund", 10, "refunded", "failed"),
        ("recharge", 100, "asked", None),
        ("recharge", 100, "disputed", None), ("chargeback", -70, "disputed", None), ("chargeback", -30, "disputed", None),
        ("recharge", 100, "won", None), ("chargeback", -100, "won", None), ("chargeback", 100, "won", None),
        ("adjustment", -350, None, None), ("recharge", 100, "lost", None), ("adjustment", -40, None, None),
        ("chargeback", -100, "lost", None), ("adjustment", 15, None, None), ("promo", 4, None, None),
    ]  # fmt: skip
