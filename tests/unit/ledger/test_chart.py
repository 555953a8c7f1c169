from uuid import UUID

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.ids import WorkspaceId
from omna.ledger import chart
from omna.ledger.chart import Legs
from omna.ledger.model import Account, Wallet
from omna.money import LARGEST_AMOUNT, Nanocredits

amounts = st.integers(1, LARGEST_AMOUNT)


def wallet(debt: int = 0, paid: int = 0) -> Wallet:
    none = Nanocredits(0)
    return Wallet(WorkspaceId(UUID(int=1)), Nanocredits(paid), none, none, none, Nanocredits(debt), none)


def total(legs: Legs) -> int:
    return sum(amount for _, amount in legs)


@given(st.integers(-LARGEST_AMOUNT, 0), amounts)
def test_recharge_repays_debt_first_and_no_more_than_there_is(debt: int, amount: int) -> None:
    legs = dict(chart.recharge(wallet(debt), Nanocredits(amount)))
    repaid = legs.get(Account.DEBT, 0)
    assert debt + repaid <= 0
    assert legs.get(Account.AVAILABLE_PAID, 0) == amount - repaid
    assert legs.get(Account.AVAILABLE_PAID, 0) == 0 or debt + repaid == 0


def every_posting(held: Wallet, amount: Nanocredits) -> dict[str, Legs]:
    return {
        "recharge": chart.recharge(held, amount),
        "promo_grant": chart.promo_grant(amount),
        "refund_approved": chart.refund_approved(amount),
        "refund_paid": chart.refund_paid(amount),
        "refund_failed": chart.refund_failed(held, amount, was_paid=False),
        "refund_failed late": chart.refund_failed(held, amount, was_paid=True),
        "chargeback_opened": chart.chargeback_opened(held, amount),
        "chargeback_won": chart.chargeback_won(held, amount),
        "chargeback_lost": chart.chargeback_lost(amount),
        "debt_written_off": chart.debt_written_off(amount),
        "promo_withdrawn": chart.promo_withdrawn(amount),
        "adjustment": chart.adjustment(held, amount),
        "adjustment down": chart.adjustment(held, Nanocredits(-amount)),
    }


@given(st.integers(-LARGEST_AMOUNT, 0), st.integers(0, LARGEST_AMOUNT), amounts)
def test_every_posting_sums_to_zero_and_has_no_empty_leg(debt: int, paid: int, amount: int) -> None:
    for kind, legs in every_posting(wallet(debt, paid), Nanocredits(amount)).items():
        assert total(legs) == 0, kind
        assert all(leg for _, leg in legs), kind
        assert len({account for account, _ in legs}) == len(legs), kind


@given(st.integers(-1_000, 0), st.integers(0, 1_000), st.integers(1, 1_000))
def test_chargeback_takes_what_is_there_and_the_rest_is_owed(debt: int, paid: int, amount: int) -> None:
    opened = chart.after(wallet(debt, paid), chart.chargeback_opened(wallet(debt, paid), Nanocredits(amount)))
    assert opened.available_paid == max(0, paid - amount)
    assert opened.balance == paid + debt - amount
    won = chart.after(opened, chart.chargeback_won(opened, Nanocredits(amount)))
    assert won.balance == paid + debt
    assert won.available_paid == 0 or won.debt == 0 or debt < 0, "a debt is repaid before anything can be spent"


@pytest.mark.parametrize(("debt", "repaid"), [(0, 0), (-3, 3), (-10, 10), (-40, 10)])
@pytest.mark.parametrize("was_paid", [False, True])
def test_refund_that_fails_repays_debt_first(debt: int, repaid: int, was_paid: bool) -> None:
    legs = dict(chart.refund_failed(wallet(debt), Nanocredits(10), was_paid=was_paid))
    assert legs.pop(Account.REFUNDS_OUT if was_paid else Account.REFUND_PENDING) == -10
    expected = {Account.DEBT: repaid, Account.AVAILABLE_PAID: 10 - repaid}
    assert legs == {account: amount for account, amount in expected.items() if amount}


def test_preview_is_the_wallet_after_its_legs() -> None:
    before = wallet(-5, 10)
    assert chart.after(before, chart.adjustment(before, Nanocredits(7))) == wallet(0, 12)
    approved = chart.after(before, chart.refund_approved(Nanocredits(4)))
    assert (approved.available_paid, approved.refund_pending, approved.debt) == (6, 4, -5)
    assert chart.after(before, chart.chargeback_lost(Nanocredits(7))) == before


def test_adjustment_down_takes_paid_credits_and_leaves_debt_alone() -> None:
    assert chart.adjustment(wallet(-5, 10), Nanocredits(-3)) == (
        (Account.ADJUSTMENTS, 3), (Account.AVAILABLE_PAID, -3),
    )  # fmt: skip


@pytest.mark.parametrize(
    ("one", "other"),
    [
        (("recharge", 1), ("recharge", 2)),
        (("recharge", 1), ("adjustment", 1)),
        (("a", "bc"), ("ab", "c")),
        (("a", None), ("a", "")),
    ],
)
def test_other_content_has_another_fingerprint(one: tuple[object, ...], other: tuple[object, ...]) -> None:
    assert chart.fingerprint(*one) != chart.fingerprint(*other)
    assert chart.fingerprint(*one) == chart.fingerprint(*one)


def test_wallet_adds_up_what_it_owns() -> None:
    made = Wallet(WorkspaceId(UUID(int=1)), *(Nanocredits(n) for n in (100, 20, 30, 4, -7, 0)))
    assert (made.available, made.held, made.balance) == (120, 34, 147)
