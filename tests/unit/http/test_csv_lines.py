"""A CSV file holds what was put in, and starts nothing."""

import csv
import io

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.http.csv_lines import Number, csv_line
from tests.harness.hostile import NAMES

plain = st.text(st.characters(exclude_characters="\x00", exclude_categories=["Cs"]))


@pytest.mark.parametrize(
    "text",
    [
        "=1+1",
        "+1",
        "-1",
        "@SUM(A1)",
        "\t=1",
        "\r=1",
        "\n=1",
        " =1",
        "\xa0=1",
        "\u3000+1",
        "＝1",
        "＠x",
        *(name for name in NAMES if name[0] in "=+-@"),
    ],
)
def test_a_text_that_looks_like_a_formula_is_made_harmless(text: str) -> None:
    [[cell]] = csv.reader(io.StringIO(csv_line([text]), newline=""))
    assert cell == f"'{text}"


def test_numbers_are_untouched_and_nothing_is_empty() -> None:
    assert csv_line([Number("-0.5"), None, "a"]) == "-0.5,,a\r\n"


def test_a_nul_does_not_hide_what_follows() -> None:
    assert csv_line(["\x00=1"]) == "'=1\r\n"


@given(st.lists(plain, min_size=1))
def test_a_reader_gets_back_what_was_written(cells: list[str]) -> None:
    [found] = csv.reader(io.StringIO(csv_line([*cells, "end"]), newline=""))
    assert len(found) == len(cells) + 1
    for cell, read in zip([*cells, "end"], found, strict=True):
        assert read in (cell, f"'{cell}")
        assert read[:1] not in tuple("=+-@\t\r")
