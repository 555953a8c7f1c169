"""A code reads well, and is found however it was typed."""

from datetime import UTC, datetime, timedelta

import pytest

from omna.payments.promos.model import candidates, check_name, ends_at, exposure, generate


def test_generated_code_is_readable_and_typed_back_in_any_way() -> None:
    code = generate()
    plain = code.replace("-", "")
    assert len(plain) == 12
    assert not set(plain) & set("ILOU")
    for typed in (code, code.lower(), plain, f"  {code.replace('-', ' ')}\n", code.replace("-", "–")):
        assert candidates(typed)[0] == plain


def test_generated_codes_differ() -> None:
    assert len({generate() for _ in range(200)}) == 200


def test_misread_digits_are_meant_last() -> None:
    assert candidates("HELLO-2026") == ["HELLO2026", "HE1102026"]
    assert candidates("7k3q") == ["7K3Q"]


@pytest.mark.parametrize("typed", ["", "abc", "x" * 33, "code'; --", "代码代码", "A.B.C.D", "----"])
def test_what_cannot_be_a_code_is_none(typed: str) -> None:
    assert candidates(typed) == []


@pytest.mark.parametrize(("typed", "code"), [(" spring-2026 ", "SPRING-2026"), ("abcd", "ABCD")])
def test_named_code_is_kept_in_capitals(typed: str, code: str) -> None:
    assert check_name(typed) == code


@pytest.mark.parametrize("typed", ["abc", "A-B-C", "x" * 33, "a b c d", "-abcd", "ab--cd", "ÄÖÜß", "abcd-"])
def test_other_names_are_refused(typed: str) -> None:
    with pytest.raises(ValueError, match="A code"):
        check_name(typed)


def test_credits_end_as_many_days_after_the_redemption() -> None:
    moment = datetime(2026, 1, 31, 12, tzinfo=UTC)
    assert ends_at(moment, 30) == moment + timedelta(days=30)
    assert ends_at(moment, None) is None


def test_exposure_of_a_code_without_a_maximum_has_no_bound() -> None:
    assert exposure(5, 3) == 15
    assert exposure(5, None) is None
