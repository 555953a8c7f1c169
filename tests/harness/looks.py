"""The ways people come: on a laptop or a phone, in light or dark, with a pointer, a finger or a keyboard alone."""

import os
import zlib
from dataclasses import dataclass
from typing import Literal

from tests.harness import depth

Scheme = Literal["light", "dark"]
Hands = Literal["pointer", "finger", "keyboard"]

#: Widths the design names: a laptop and a phone.
SIZES = {"desktop": {"width": 1280, "height": 800}, "phone": {"width": 390, "height": 844}}


@dataclass(frozen=True)
class Look:
    """How one person meets the site."""

    size: str = "desktop"
    scheme: Scheme = "light"
    hands: Hands = "pointer"

    def __str__(self) -> str:
        return f"{self.size}-{self.scheme}-{self.hands}"


#: Each size and each colour with and without a keyboard alone.
LOOKS = (
    Look("desktop", "light", "pointer"),
    Look("desktop", "dark", "keyboard"),
    Look("phone", "light", "finger"),
    Look("phone", "dark", "keyboard"),
)


def looks_of(file: str) -> tuple[Look, ...]:
    """Return the looks in which the journeys of a file are gone: all in a full run, else one, another for other files.

    TEST_LOOK names one for all of them, as `make test LOOK=phone-dark-keyboard` does.
    """
    named = os.environ.get("TEST_LOOK")
    if named:
        return tuple(look for look in LOOKS if str(look) == named) or _unknown(named)
    return LOOKS if depth.FULL else (LOOKS[zlib.crc32(file.encode()) % len(LOOKS)],)


def _unknown(name: str) -> tuple[Look, ...]:
    raise ValueError(f"TEST_LOOK={name} is none of {', '.join(map(str, LOOKS))}")
