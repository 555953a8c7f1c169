"""What can come back of payments, whatever was bought, spent and refunded before."""

from dataclasses import replace
from itertools import pairwise
from uuid import UUID

from hypothesis import given
from hypothesis import strategies as st

from omna.payments.refunds.refundable import Lot, credits_of, money_of, most, share_of, unspent

NANO = 10**9


@st.composite
def lots(draw: st.DrawFn) -> list[Lot]:
    made = []
    for number in range(draw(st.integers(1, 5))):
        bought = draw(st.integers(1, 1000 * NANO))
        refunded = draw(st.integers(0, bought))
        amount = draw(st.integers(1, 200_000))
        made.append(
            Lot(
                payment_key=UUID(int=number),
                recharge_id=UUID(int=number),
                credits=bought,
                amount_minor=amount,
                fee_minor=draw(st.integers(0, amount)),
                refunded=refunded,
                refunded_minor=amount * refunded // bought,
                clawed=draw(st.integers(0, bought - refunded)),
            )
        )
    return made


@given(lots(), st.integers(-NANO, 6000 * NANO))
def test_parts_never_exceed_what_is_there_nor_what_is_left(all_lots: list[Lot], available: int) -> None:
    parts = unspent(all_lots, available)
    assert sum(parts.values()) <= max(0, available)
    assert all(0 <= parts[lot.payment_key] <= lot.left for lot in all_lots)
    # What an older payment still has is there only when every newer one is untouched.
    for older, newer in pairwise(all_lots):
        assert parts[older.payment_key] == 0 or parts[newer.payment_key] == newer.left


@given(lots(), st.integers(0, 6000 * NANO), st.booleans())
def test_the_most_is_never_more_than_was_paid(all_lots: list[Lot], available: int, whole: bool) -> None:
    for lot in all_lots:
        best = most(lot, unspent(all_lots, available)[lot.payment_key], whole=whole)
        assert 0 <= best.amount_minor <= lot.amount_minor - lot.refunded_minor
        assert (best.credits == 0) == (best.amount_minor == 0)


@given(
    st.integers(1, 1000 * NANO),
    st.integers(1, 200_000),
    st.integers(0, 5000),
    st.lists(st.tuples(st.integers(1, 400 * NANO), st.booleans(), st.booleans()), max_size=12),
)
def test_any_sequence_of_refunds_adds_up_to_at_most_the_payment(
    bought: int, amount: int, fee: int, steps: list[tuple[int, bool, bool]]
) -> None:
    """Parts are refunded, of the price or of all of it, and some of them fail and come back."""
    lot = Lot(UUID(int=1), UUID(int=1), bought, amount, min(fee, amount))
    for wanted, whole, fails in steps:
        part = min(wanted, lot.left)
        money = money_of(lot, part, whole=whole)
        assert 0 <= money <= amount - lot.refunded_minor
        if part and money and not fails:
            lot = replace(lot, refunded=lot.refunded + part, refunded_minor=lot.refunded_minor + money)
    assert lot.refunded <= bought
    assert lot.refunded_minor <= amount


@given(st.integers(1, 1000 * NANO), st.integers(1, 200_000), st.integers(1, 7))
def test_everything_in_parts_is_the_whole_price(bought: int, amount: int, parts: int) -> None:
    lot = Lot(UUID(int=1), UUID(int=1), bought, amount)
    for number in range(parts):
        part = lot.left if number == parts - 1 else lot.left // 2
        money = money_of(lot, part, whole=False)
        lot = replace(lot, refunded=lot.refunded + part, refunded_minor=lot.refunded_minor + money)
    assert lot.refunded_minor == amount


@given(lots(), st.integers(0, 500_000))
def test_a_share_is_between_nothing_and_everything(all_lots: list[Lot], minor: int) -> None:
    for lot in all_lots:
        assert 0 <= share_of(lot, minor) <= lot.credits
        assert share_of(lot, lot.amount_minor) == lot.credits
        assert 1 <= credits_of(lot, minor) <= lot.credits
        assert credits_of(lot, lot.amount_minor) == lot.credits
