"""Languages and colours from what a stranger sends."""

import pytest

from omna.website.languages import choose_language, choose_theme


@pytest.mark.parametrize(
    ("chosen", "accepted", "language"),
    [
        (None, "", "en"),
        (None, "zh", "zh"),
        (None, "zh-TW,en;q=0.5", "zh"),
        (None, "fr, de;q=0.9, zh;q=0.1", "zh"),
        (None, "zh;q=0, en;q=0.1", "en"),
        (None, "en;q=0.4,zh;q=0.5", "zh"),
        (None, "zh;q=x", "en"),
        (None, "*", "en"),
        ("zh", "en", "zh"),
        ("fr", "zh", "zh"),
    ],
)
def test_language_is_the_chosen_one_else_the_best_accepted(chosen: str | None, accepted: str, language: str) -> None:
    assert choose_language(chosen, accepted) == language


def test_endless_headers_are_cut() -> None:
    assert choose_language(None, "fr," * 1_000_000 + "zh") == "en"


def test_colours_are_the_systems_until_chosen() -> None:
    assert [choose_theme(one) for one in (None, "dark", "light", "pink")] == ["system", "dark", "light", "system"]
