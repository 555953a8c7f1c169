from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.money import LARGEST_AMOUNT, format_credits, format_decimal, parse_credits, round_up

amounts = st.integers(-LARGEST_AMOUNT, LARGEST_AMOUNT)


@given(amounts)
def test_text_of_an_amount_is_read_back_as_the_same_amount(amount: int) -> None:
    assert parse_credits(format_credits(amount)) == amount


@given(amounts)
def test_text_of_an_amount_is_its_exact_value_without_exponent_or_spare_zeros(amount: int) -> None:
    text = format_credits(amount)
    assert Decimal(text) == Decimal(amount).scaleb(-9)
    assert "e" not in text.lower()
    assert text.rstrip("0") == text if "." in text else True
    assert text != "-0"


@pytest.mark.parametrize(
    ("text", "amount"),
    [
        ("0", 0), ("1", 10**9), ("-1.5", -1_500_000_000), ("+2", 2 * 10**9), ("0.000000001", 1), (" 12.50 ", 12_500_000_000),
        ("0012", 12 * 10**9), ("9223372036.854775807", LARGEST_AMOUNT), ("-0", 0),
    ],
)  # fmt: skip
def test_decimal_strings_are_read_exactly(text: str, amount: int) -> None:
    assert parse_credits(text) == amount


@pytest.mark.parametrize(
    "text",
    [
        "", " ", ".", "1.", ".5", "1e3", "1E-9", "1,000", "1_000", "0x1", "nan", "inf", "1.0000000001", "--1", "+-1",
        "9223372036.854775808", "9999999999999", "١", "1 000", "$1", "1\n2",
    ],
)  # fmt: skip
def test_anything_else_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match="Credits"):
        parse_credits(text)


@pytest.mark.parametrize(
    ("units", "decimals", "text"), [(5, 15, "0.000000000000005"), (-1200, 2, "-12"), (1, 1, "0.1")]
)
def test_decimals_are_shown_exactly(units: int, decimals: int, text: str) -> None:
    assert format_decimal(units, decimals) == text


@given(st.integers(0, 10**30), st.integers(1, 10**9))
def test_rounding_goes_up_by_less_than_one(unrounded: int, divisor: int) -> None:
    assert 0 <= round_up(unrounded, divisor) * divisor - unrounded < divisor
