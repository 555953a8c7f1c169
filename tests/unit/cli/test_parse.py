from datetime import UTC, datetime
from decimal import Decimal

import pytest

from omna.cli.parse import credits_of, end_of, limit_of, names_of, percent_of
from omna.errors import InvalidValue


def test_amounts_are_exact() -> None:
    assert credits_of("0.000000001", "CREDITS") == 1
    assert credits_of("-2.5", "CREDITS") == -2_500_000_000


@pytest.mark.parametrize("text", ["", "1e3", "1,5", "NaN", "0.0000000001", "1 000"])
def test_other_amounts_are_refused_with_the_option(text: str) -> None:
    with pytest.raises(InvalidValue, match="--daily"):
        credits_of(text, "--daily")


def test_none_is_no_limit_and_zero_is_a_limit() -> None:
    assert limit_of("none", "--daily") is None
    assert limit_of("0", "--daily") == 0


def test_names_stand_with_commas_between_them() -> None:
    assert names_of(None) is None
    assert names_of("chat, images,") == ("chat", "images")
    assert names_of("") == ()


def test_a_percentage_is_read_exactly() -> None:
    assert percent_of("12.5", "--markup") == Decimal("12.5")
    for text in ("-1", "10001", "12,5", "1e2", "nan", "", "٣"):
        with pytest.raises(InvalidValue, match="--markup"):
            percent_of(text, "--markup")


def test_a_date_is_good_until_its_end_and_a_time_until_then() -> None:
    assert end_of("2030-12-31", "--expires") == datetime(2031, 1, 1, tzinfo=UTC)
    assert end_of("2030-12-31T12:00:00", "--expires") == datetime(2030, 12, 31, 12, tzinfo=UTC)
    assert end_of("2030-12-31T12:00:00+02:00", "--expires") == datetime(2030, 12, 31, 10, tzinfo=UTC)
    assert end_of(None, "--expires") is None


@pytest.mark.parametrize("text", ["soon", "2030-13-01", "9999-12-31", ""])
def test_other_dates_are_refused(text: str) -> None:
    with pytest.raises(InvalidValue, match="--expires"):
        end_of(text, "--expires")
