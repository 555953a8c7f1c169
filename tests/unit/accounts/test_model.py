import pytest

from omna.accounts.model import check_form
from omna.errors import InvalidValue

ADDRESS = "ann@example.com"


def test_a_long_phrase_is_good_enough() -> None:
    assert check_form("correct horse battery", ADDRESS) == "correct horse battery"


def test_spellings_of_the_same_text_are_one_password() -> None:
    composed, decomposed = "caf\u00e9 in the morning", "cafe\u0301 in the morning"
    assert check_form(composed, ADDRESS) == check_form(decomposed, ADDRESS)


@pytest.mark.parametrize(
    "password",
    [
        "",
        "fourteen chars",
        "x" * 129,
        "é" * 600,
        "aaaaaaaaaaaaaaaaaaaaaa",
        "abababababababababab",
        "iloveyouiloveyouiloveyou",
        "Tr0ub4dor&3tr0ub4dor&3",
        "ann@example.com",
        "omnaomnaomnaomna",
        "ANN@example.com1",
        "with a \x00 inside of it",
    ],
)
def test_poor_passwords_are_refused_without_being_repeated(password: str) -> None:
    with pytest.raises(InvalidValue) as caught:
        check_form(password, ADDRESS)
    assert not password or password not in caught.value.message


def test_an_endless_password_is_refused_before_it_is_normalised() -> None:
    with pytest.raises(InvalidValue):
        check_form("\ufdfa" * 10_000_000, ADDRESS)


def test_eight_characters_are_enough_beside_a_second_factor() -> None:
    assert check_form("hx7 Qm2z", ADDRESS, shortest=8) == "hx7 Qm2z"
    with pytest.raises(InvalidValue):
        check_form("hx7 Qm2", ADDRESS, shortest=8)
    with pytest.raises(InvalidValue):
        check_form("annomna1", ADDRESS, shortest=8)
