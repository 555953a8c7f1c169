import secrets

import pytest

from omna.accounts import common_passwords
from omna.accounts.password_rules import check_password
from omna.errors import InvalidValue

ADDRESS = "ann@example.com"


@pytest.mark.parametrize(
    "password",
    ["correcthorsebatterystaple", "CorrectHorseBatteryStaple", "1q2w3e4r5t6y7u8i9o0p", "qwertyuiopasdfghjkl"],
)
def test_common_and_leaked_passwords_are_refused_with_the_reason(password: str) -> None:
    with pytest.raises(InvalidValue, match="common or leaked") as caught:
        check_password(password, ADDRESS)
    assert password not in caught.value.message


def test_short_common_ones_are_refused_beside_a_second_factor() -> None:
    for password in ("Password1", "iloveyou1", "12345678"):
        with pytest.raises(InvalidValue):
            check_password(password, ADDRESS, shortest=8)


def test_a_phrase_of_ones_own_is_taken() -> None:
    assert check_password("the tin drum is under the bed", ADDRESS) == "the tin drum is under the bed"
    refused = sum(common_passwords.contains(secrets.token_urlsafe(20)) for _ in range(10_000))
    assert refused < 10


def test_the_filter_is_small_and_says_where_it_comes_from() -> None:
    assert common_passwords.FILTER.stat().st_size < 1_000_000
    text = (common_passwords.FILTER.parent / "README.md").read_text("utf-8")
    assert "licence" in text


def test_a_filter_keeps_a_password_once_and_fits_its_buckets() -> None:
    words = [f"word number {number}" for number in range(1000)]
    content = common_passwords.pack(common_passwords.fingerprint(word) for word in [*words, *words])
    assert len(content) <= (1 << 16) + 2000
    with pytest.raises(ValueError, match="byte must be in range"):
        common_passwords.pack(bytes([0, 0, number >> 8, number & 255]) for number in range(256))
