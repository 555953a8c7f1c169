"""The fonts of the public pages: files of the built web app, so that signing in fetches none a second time.

Without a build there is none, and pages are set in what the system has.
"""

from collections.abc import Iterable
from dataclasses import dataclass

_LATIN = (
    "U+0000-00FF, U+0131, U+0152-0153, U+02BB-02BC, U+02C6, U+02DA, U+02DC, U+0304, U+0308, U+0329, U+2000-206F, "
    "U+20AC, U+2122, U+2191, U+2193, U+2212, U+2215, U+FEFF, U+FFFD"
)


@dataclass(frozen=True, slots=True)
class Font:
    """file   how the name of its file begins; a digest and the ending follow"""

    family: str
    weight: str
    file: str


FONTS = (
    Font("Inter Variable", "100 900", "inter-latin-wght-normal-"),
    Font("Newsreader", "500", "newsreader-latin-500-normal-"),
)


def addresses(names: Iterable[str]) -> dict[str, str]:
    """Return the address of each family that is among the built files.

    names   of the files below /app/assets
    """
    found = [name for name in names if name.endswith(".woff2")]
    return {font.family: f"/app/assets/{name}" for font in FONTS for name in found if name.startswith(font.file)}


def style(known: dict[str, str]) -> str:
    """Return the @font-face rules of families with addresses."""
    return "".join(
        f'@font-face {{ font-family: "{font.family}"; src: url("{known[font.family]}") format("woff2"); '
        f"font-weight: {font.weight}; font-style: normal; font-display: swap; unicode-range: {_LATIN}; }}\n"
        for font in FONTS
        if font.family in known
    )
