"""Names: one line, and nothing that turns around or hides what stands beside them."""

import pytest

from omna import names
from omna.errors import InvalidValue
from tests.harness.hostile import NAMES, REFUSED_NAMES


def test_line_breaks_and_runs_of_blanks_are_one_blank() -> None:
    assert names.one_line("  Acme \r\n\u2028 &\t Co ") == "Acme & Co"


@pytest.mark.parametrize("name", NAMES)
def test_a_name_is_kept_as_it_is_whatever_it_looks_like(name: str) -> None:
    assert names.one_line(name) == names.visible(name) == names.tidied(name) == name


@pytest.mark.parametrize("name", ["👩\u200d💻", "می\u200cخواهم", "שלום\u200f", "José 北京", "a\u0301"])
def test_names_in_every_script_are_names(name: str) -> None:
    assert names.one_line(name) == name


@pytest.mark.parametrize("name", REFUSED_NAMES)
def test_what_cannot_be_seen_is_refused_or_taken_out(name: str) -> None:
    with pytest.raises(InvalidValue, match="no control characters") as refusal:
        names.one_line(name, param="title")
    assert refusal.value.param == "title"
    tidy = names.tidied(name)
    assert names.one_line(tidy) == tidy
    assert tidy
