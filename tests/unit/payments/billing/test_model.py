"""Billing details are printed as they are: what cannot be printed is refused."""

import pytest

from omna.payments.billing.model import BillingDetails, changed, lines, one_line


def test_text_is_tidied() -> None:
    assert one_line("  Acme \t GmbH ", 20) == "Acme GmbH"
    assert lines("Main St 1\r\n\n  10115  Berlin\n") == "Main St 1\n10115 Berlin"
    assert one_line("北京某某科技有限公司", 20) == "北京某某科技有限公司"


@pytest.mark.parametrize("text", ["x" * 21, "a\x07b", "right\u202eleft", "zero\u200bwidth", "private\ue000"])
def test_what_cannot_be_printed_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"characters"):
        one_line(text, 20)


def test_address_has_few_lines() -> None:
    with pytest.raises(ValueError, match="lines"):
        lines("\n".join("abcdefghi"))
    with pytest.raises(ValueError, match="characters"):
        lines("\n".join(["x" * 400] * 2))


def test_changed_names_the_fields_that_differ() -> None:
    before = BillingDetails("Acme", "Main St 1", "DE1", "")
    assert changed(before, BillingDetails("Acme", "Main St 2", "DE1", "a@example.com")) == ["address", "email"]
    assert changed(before, before) == []
