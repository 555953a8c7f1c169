import pytest

from omna.accounts.model import check_password
from omna.errors import InvalidValue

ADDRESS = "ann@example.com"


def test_a_long_phrase_is_good_enough() -> None:
    assert check_password("correct horse battery", ADDRESS) == "correct horse battery"


def test_spellings_of_the_same_text_are_one_password() -> None:
    composed, decomposed = "caf\u00e9 in the morning", "cafe\u0301 in the morning"
    assert check_password(composed, ADDRESS) == check_password(decomposed, ADDRESS)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen chars",
        "x" * 129,
        "é" * 600,
        "aaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "ann@example.com",
        "omnaomnaomnaomna",
        "ANN@example.com1",
        "with a \x00 inside of it",
    ],
)
def test_poor_passwords_are_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_password(password, ADDRESS)
    assert not password or password not in caught.value.message


def test_an_endless_password_is_refused_before_it_is_normalised() -> None:
    with pytest.raises(InvalidValue):
        check_password("\ufdfa" * 10_000_000, ADDRESS)
