"""The colours of the design: every pair that is used can be read, and no other file names a colour."""

import re
from pathlib import Path

import pytest

ROOT = Path(__file__).parents[3]
TOKENS = ROOT / "src" / "omna" / "website" / "static" / "tokens.css"

GROUNDS = ("bg", "surface", "sunken", "hover")
CODE = ("code-keyword", "code-string", "code-number", "code-name", "code-type", "code-comment")
#: name of the pair → its two sides, and the least contrast: of text 4.5, of what is only seen 3.
PAIRS: dict[str, tuple[tuple[str, ...], tuple[str, ...], float]] = {
    **{ink: ((ink,), GROUNDS, 4.5) for ink in ("text", "text-2", "text-3", "accent", "ok", "warn", "bad")},
    **{f"{state} on its own": ((state,), (f"{state}-soft",), 4.5) for state in ("accent", "ok", "warn", "bad")},
    "primary button": (("on-accent",), ("accent-solid", "accent-solid-hover"), 4.5),
    "destructive button": (("on-bad",), ("bad-solid", "bad-solid-hover"), 4.5),
    "emergency banner": (("on-stop",), ("stop",), 4.5),
    "borders of controls": (("line-strong",), GROUNDS, 3),
    "edges of buttons": (("accent-solid", "bad-solid"), GROUNDS, 3),
    "code": (CODE, ("sunken",), 4.5),
    "series": (tuple(f"series-{number}" for number in range(1, 7)), ("surface",), 3),
    "text on a selection": (("text",), ("selection",), 4.5),
    "a tooltip": (("bg",), ("text",), 4.5),
}

#: The table of the design, rounded down: the lowest contrast in light and in dark.
DESIGN = {
    "text": (14.3, 13.2),
    "text-2": (7.0, 8.1),
    "text-3": (4.9, 5.4),
    "accent": (6.1, 7.7),
    "ok": (5.5, 8.1),
    "warn": (5.7, 8.1),
    "bad": (5.6, 7.1),
    "accent on its own": (6.3, 7.0),
    "ok on its own": (5.8, 7.6),
    "warn on its own": (6.2, 7.7),
    "bad on its own": (5.8, 7.4),
    "emergency banner": (10.4, 11.3),
    "borders of controls": (3.2, 3.5),
    "code": (5.3, 7.0),
    "series": (3.4, 3.7),
}


def colours() -> dict[str, tuple[str, str]]:
    """Return each colour of tokens.css as its light and its dark value."""
    text = TOKENS.read_text("utf-8")
    found = {
        name: (light, dark)
        for name, light, dark in re.findall(r"--([\w-]+): light-dark\((#[0-9A-F]{6}), (#[0-9A-F]{6})\)", text)
    }
    return found | {name: (one, one) for name, one in re.findall(r"--([\w-]+): (#[0-9A-F]{6});", text)}


def luminance(colour: str) -> float:
    """Return the relative luminance of WCAG 2.2."""
    channels = [int(colour[index : index + 2], 16) / 255 for index in (1, 3, 5)]
    red, green, blue = (c / 12.92 if c <= 0.04045 else ((c + 0.055) / 1.055) ** 2.4 for c in channels)
    return 0.2126 * red + 0.7152 * green + 0.0722 * blue


def contrast(one: str, other: str) -> float:
    low, high = sorted((luminance(one), luminance(other)))
    return (high + 0.05) / (low + 0.05)


def lowest(name: str, side: int) -> float:
    known = colours()
    fronts, backs, _ = PAIRS[name]
    return min(contrast(known[front][side], known[back][side]) for front in fronts for back in backs)


@pytest.mark.parametrize("side", [0, 1], ids=["light", "dark"])
@pytest.mark.parametrize("name", PAIRS)
def test_pair_has_the_contrast_it_needs(name: str, side: int) -> None:
    assert lowest(name, side) >= PAIRS[name][2]


@pytest.mark.parametrize("name", DESIGN)
def test_contrast_is_the_one_of_the_design(name: str) -> None:
    assert (lowest(name, 0), lowest(name, 1)) == pytest.approx(DESIGN[name], abs=0.1)


def test_no_other_file_names_a_colour() -> None:
    named = re.compile(
        r"#(?:[0-9a-f]{8}|[0-9a-f]{6}|[0-9a-f]{3,4})\b(?!;)|\b(?:rgba?|hsla?|oklch|oklab)\(", re.IGNORECASE
    )
    sources = [
        *(ROOT / "web" / "src").rglob("*.css"),
        *(ROOT / "web" / "src").rglob("*.tsx"),
        *(ROOT / "src" / "omna" / "website" / "static").glob("*.css"),
        *(ROOT / "src" / "omna" / "website" / "templates").rglob("*.html"),
    ]
    assert len(sources) > 20
    found = {
        f"{path.relative_to(ROOT)}: {match.group()}"
        for path in sources
        if path != TOKENS
        for match in named.finditer(path.read_text("utf-8"))
    }
    assert found == set()


def test_every_token_that_is_used_exists() -> None:
    sources = [*(ROOT / "web" / "src").rglob("*.css"), *(ROOT / "web" / "src").rglob("*.tsx")]
    # A component may set a variable of its own, in its style or its style sheet.
    defined = {
        name for path in [TOKENS, *sources] for name in re.findall(r"--([\w-]+)\"?\]?:", path.read_text("utf-8"))
    }
    used = {
        (path.name, name)
        for path in sources
        for name in re.findall(r"var\(--([\w-]+)", path.read_text("utf-8"))
        if not name.startswith("mantine-")
    }
    assert {(path, name) for path, name in used if name not in defined} == set()
