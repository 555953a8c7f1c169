import dataclasses

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.config import ConfigError, Payments
from omna.errors import InvalidValue
from omna.ids import WorkspaceId, new_id
from omna.ledger.model import Wallet
from omna.money import LARGEST_AMOUNT, NANO_PER_CREDIT, Nanocredits
from omna.payments.recharges.quote import (
    STEP,
    Checkout,
    Pack,
    checkout_of,
    format_minor,
    parse_minor,
    price_of,
    quote,
    share,
    tariff,
)

C = NANO_PER_CREDIT


def wallet(available: int = 0, debt: int = 0) -> Wallet:
    amounts = [Nanocredits(amount) for amount in (available, 0, 0, 0, -debt, 0)]
    return Wallet(WorkspaceId(new_id()), *amounts)


def test_packs_bounds_and_bonus_come_from_the_settings() -> None:
    made = tariff(Payments(packs="100+5, 10,25.50"), "1")
    assert made.packs == (Pack(10 * C, 0), Pack(25 * C + C // 2, 0), Pack(100 * C, 5 * C))
    assert (made.minimum, made.maximum, made.currency, made.fee) == (5 * C, 1000 * C, "usd", 0)


@pytest.mark.parametrize(
    "wrong",
    [
        {"packs": "ten"},
        {"packs": "1"},
        {"packs": "2000"},
        {"packs": "10.001"},
        {"packs": "10+"},
        {"packs": "10+-1"},
        {"minimum": "0"},
        {"minimum": "2000"},
        {"maximum": "999999999"},
        {"currency": "dollar"},
        {"checkout_fee_percent": "-1"},
        {"checkout_fee_percent": "101"},
        {"checkout_fee_percent": "some"},
    ],
)
def test_settings_that_make_no_sense_are_named(wrong: dict[str, str]) -> None:
    with pytest.raises(ConfigError, match=r"payments\."):
        tariff(Payments(**wrong), "1")  # type: ignore[arg-type]


def test_a_rate_is_above_zero() -> None:
    with pytest.raises(ConfigError, match="usd_per_credit"):
        tariff(Payments(), "0")


@pytest.mark.parametrize(
    ("rate", "amount", "currency", "minor"),
    [
        ("1", "10", "usd", 1000),
        ("0.01", "10", "usd", 10),
        ("0.333", "10", "usd", 333),
        ("0.3333", "10", "usd", 334),  # 333.3 cents: up to a whole one
        ("0.000001", "10", "usd", 1),
        ("1", "10.01", "usd", 1001),
        ("7.25", "10", "jpy", 73),
        ("0.5", "10", "kwd", 5000),
    ],
)
def test_a_price_is_rounded_up_once_to_a_whole_unit(rate: str, amount: str, currency: str, minor: int) -> None:
    made = tariff(Payments(currency=currency, packs="", maximum="100"), rate)
    whole, _, hundredths = amount.partition(".")
    assert price_of(made, int(whole) * C + int(hundredths or 0) * STEP) == minor


def test_a_fee_is_for_checkout_and_rounded_up() -> None:
    made = tariff(Payments(checkout_fee_percent="2.9"), "1")
    by_hand = quote(made, 25 * C, with_fee=False, wallet=wallet())
    by_card = quote(made, 25 * C, with_fee=True, wallet=wallet())
    assert (by_hand.fee_minor, by_hand.total_minor) == (0, 2500)
    assert (by_card.fee_minor, by_card.total_minor) == (73, 2573)


def test_a_bonus_comes_with_exactly_its_pack() -> None:
    made = tariff(Payments(), "1")
    assert quote(made, 100 * C, with_fee=False, wallet=wallet()).bonus == 5 * C
    assert quote(made, 101 * C, with_fee=False, wallet=wallet()).bonus == 0


@given(st.integers(500, 100_000), st.integers(0, 10**6), st.integers(0, 2000))
def test_what_is_owed_goes_first_and_nothing_is_lost(hundredths: int, available: int, debt: int) -> None:
    made = tariff(Payments(), "1")
    of = wallet(available * STEP, debt * C)
    priced = quote(made, hundredths * STEP, with_fee=False, wallet=of)
    assert priced.owed_deducted + priced.credits_received == priced.credits + priced.bonus
    assert priced.owed_deducted <= debt * C
    assert priced.new_balance == of.available + priced.credits_received


@pytest.mark.parametrize("amount", [0, -C, 5 * C - STEP, 1000 * C + STEP, 10 * C + 1])
def test_amounts_out_of_bounds_are_refused(amount: int) -> None:
    with pytest.raises(InvalidValue):
        quote(tariff(Payments(), "1"), amount, with_fee=False, wallet=wallet())


def test_a_balance_never_overflows() -> None:
    full = dataclasses.replace(wallet(), available_paid=LARGEST_AMOUNT)
    with pytest.raises(InvalidValue):
        quote(tariff(Payments(), "1"), 10 * C, with_fee=False, wallet=full)


@given(st.integers(1, 10**12), st.integers(1, 10**8), st.integers(1, 10**8))
def test_a_share_is_never_more_than_its_part(amount: int, paid: int, total: int) -> None:
    part = share(amount, paid, total)
    assert part * total <= amount * paid < (part + 1) * total


@pytest.mark.parametrize(
    ("text", "currency", "minor"),
    [
        ("12.50", "usd", 1250),
        (" 12 ", "usd", 1200),
        ("12,5", "usd", 1250),
        ("1250", "jpy", 1250),
        ("1.234", "kwd", 1234),
    ],
)
def test_typed_amounts_are_read(text: str, currency: str, minor: int) -> None:
    assert parse_minor(text, currency) == minor


@pytest.mark.parametrize("text", ["", "-1", "+1", "1e3", "1.234", "1 000", "12.50 USD", "١٢", "9" * 13])
def test_what_is_no_amount_is_refused(text: str) -> None:
    with pytest.raises(InvalidValue):
        parse_minor(text, "usd")


@given(st.integers(0, 10**11), st.sampled_from(["usd", "jpy", "kwd"]))
def test_amounts_are_written_as_they_are_read(minor: int, currency: str) -> None:
    assert parse_minor(format_minor(minor, currency).partition(" ")[0], currency) == minor


def test_a_real_checkout_goes_before_a_pretended_one() -> None:
    assert checkout_of(Payments()) is None
    assert checkout_of(Payments(sandbox=True)) == Checkout("sandbox", True)
    assert checkout_of(Payments(stripe_secret_key="sk_live_x", sandbox=True)) == Checkout("stripe", False)
    assert checkout_of(Payments(stripe_secret_key="sk_test_x")) == Checkout("stripe", True)
