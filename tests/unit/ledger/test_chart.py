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


@given(st.integers(-LARGEST_AMOUNT, 0), st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT).filter(bool), amounts)
def test_every_posting_sums_to_zero_and_has_no_empty_leg(debt: int, adjusted: int, amount: int) -> None:
    for legs in (
        chart.recharge(wallet(debt), Nanocredits(amount)),
        chart.promo_grant(Nanocredits(amount)),
        chart.adjustment(wallet(debt), Nanocredits(adjusted)),
    ):
        assert total(legs) == 0
        assert all(leg for _, leg in legs)
        assert len({account for account, _ in legs}) == len(legs)


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
