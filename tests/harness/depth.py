"""How far a run goes.

`make test` shows every property in the time that CI has. `make test DEPTH=full` shows them with more load and more chance
cases, for longer, and in every look: before a release, and after a change of what many things stand on.
"""

import os
import zlib
from collections.abc import Sequence
from typing import TypeVar

import pytest

Size = TypeVar("Size")
Value = TypeVar("Value")

FULL = os.environ.get("TEST_DEPTH") == "full"

#: How late the answers of `/api` come to a page in this run, `TEST_LAG` in milliseconds: whoever acts sooner than a page
#: knows what it needs must be heard all the same.
LAG_SECONDS = int(os.environ.get("TEST_LAG") or 0) / 1000

#: What only repeats for longer, or at greater load, what another test shows.
full_only = pytest.mark.skipif(not FULL, reason="runs with `make test DEPTH=full`")

#: (size, scheme) in which a page is looked at.
LOOKS = [("phone", "dark")] if not FULL else [(a, b) for a in ("desktop", "phone") for b in ("light", "dark")]


def of(usual: Size, full: Size) -> Size:
    """Return a number of cases, clients, rounds: of a usual run, or of a full one."""
    return full if FULL else usual


def some(values: Sequence[Value], of_what: str) -> Sequence[Value]:
    """Return the cases to try of something: all in a full run, else a third, another for other things."""
    return values if FULL else values[zlib.crc32(of_what.encode()) % 3 :: 3]
