from datetime import UTC, datetime
from uuid import UUID

from omna.cli.statement import statement
from omna.ids import TransferId, WorkspaceId
from omna.ledger.model import Account, Entry, TransferLine, Wallet
from omna.money import Nanocredits

AT = datetime(2030, 1, 1, tzinfo=UTC)


def line(seq: int, kind: str, *legs: tuple[Account, int, int | None]) -> TransferLine:
    entries = tuple(
        Entry(account, Nanocredits(amount), None if after is None else Nanocredits(after))
        for account, amount, after in legs
    )
    return TransferLine(TransferId(UUID(int=seq)), seq, kind, TransferId(UUID(int=2)), AT, None, None, entries)


def wallet(paid: int = 0, promo: int = 0, held: int = 0) -> Wallet:
    return Wallet(
        workspace_id=WorkspaceId(UUID(int=1)),
        available_paid=Nanocredits(paid),
        available_promo=Nanocredits(promo),
        held_paid=Nanocredits(held),
        held_promo=Nanocredits(0),
        debt=Nanocredits(0),
        refund_pending=Nanocredits(0),
    )


def test_a_settlement_is_a_charge_and_a_release_with_the_balances_after_each() -> None:
    history = [
        line(3, "settle", (Account.HELD_PAID, -30, 0), (Account.REVENUE, 10, None), (Account.AVAILABLE_PAID, 20, 90)),
        line(2, "hold", (Account.AVAILABLE_PAID, -30, 70), (Account.HELD_PAID, 30, 30)),
        line(1, "recharge", (Account.RECHARGE_CLEARING, -100, None), (Account.AVAILABLE_PAID, 100, 100)),
    ]
    lines = statement(wallet(paid=90), history)
    assert [(one.what, one.amount, one.available, one.held) for one in lines] == [
        ("release", 20, 90, 0),
        ("charge", -10, 70, 20),
        ("hold", -30, 70, 30),
        ("recharge", 100, 100, 0),
    ]


def test_a_settlement_of_the_whole_hold_has_no_release() -> None:
    history = [line(3, "settle", (Account.HELD_PAID, -30, 0), (Account.REVENUE, 30, None))]
    lines = statement(wallet(paid=70), history)
    assert [(one.what, one.amount, one.available, one.held) for one in lines] == [("charge", -30, 70, 0)]


def test_paid_and_promo_are_one_balance() -> None:
    history = [
        line(
            2,
            "hold",
            (Account.AVAILABLE_PROMO, -5, 0),
            (Account.HELD_PROMO, 5, 5),
            (Account.AVAILABLE_PAID, -1, 9),
            (Account.HELD_PAID, 1, 1),
        ),
        line(1, "promo_grant", (Account.PROMO_ISSUED, -5, None), (Account.AVAILABLE_PROMO, 5, 5)),
    ]
    lines = statement(wallet(paid=9, held=6), history)
    assert [(one.what, one.amount, one.available, one.held) for one in lines] == [
        ("hold", -6, 9, 6),
        ("promo_grant", 5, 15, 0),
    ]


def test_an_expired_hold_reads_as_a_release() -> None:
    history = [line(2, "expire", (Account.HELD_PAID, -3, 0), (Account.AVAILABLE_PAID, 3, 10))]
    assert [one.what for one in statement(wallet(paid=10), history)] == ["release"]
