import pytest

from omna.errors import InvalidValue
from omna.money import NANO_PER_CREDIT
from omna.risk.model import check_reason, needs_second_person, split_scope


@pytest.mark.parametrize(
    ("scope", "parts"),
    [("all", ("all", None)), ("provider:a", ("provider", "a")), ("model:a/b:free", ("model", "a/b:free"))],
)
def test_scopes_are_split_at_the_first_colon(scope: str, parts: tuple[str, str | None]) -> None:
    assert split_scope(scope) == parts


@pytest.mark.parametrize("scope", ["", "everything", "provider", "provider:", "model:", "all:x", "key:1"])
def test_other_scopes_are_refused(scope: str) -> None:
    with pytest.raises(InvalidValue):
        split_scope(scope)


def test_the_threshold_counts_everything_in_the_window() -> None:
    assert not needs_second_person(100 * NANO_PER_CREDIT, 0)
    assert needs_second_person(100 * NANO_PER_CREDIT + 1, 0)
    assert needs_second_person(1, 100 * NANO_PER_CREDIT)
    assert needs_second_person(-101 * NANO_PER_CREDIT, 0)


@pytest.mark.parametrize("reason", ["", "   ", "two\nlines", "x" * 501, "nul\x00"])
def test_a_reason_says_something_in_one_line(reason: str) -> None:
    with pytest.raises(InvalidValue):
        check_reason(reason)
