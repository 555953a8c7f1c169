"""PURE  The history of a model's prices: which version was in effect when."""

from collections.abc import Sequence
from datetime import datetime
from typing import Literal

import msgspec

from omna.catalog.model import PriceVersion

State = Literal["past", "current", "scheduled", "withdrawn"]


class Dated(msgspec.Struct, frozen=True):
    """A price version and what became of it.

    until   when another one takes its place, None: nobody said so, or it was never in effect
    """

    version: PriceVersion
    state: State
    until: datetime | None


def history(versions: Sequence[tuple[PriceVersion, datetime | None]], at: datetime) -> list[Dated]:
    """Return versions with their states at a moment, in the order they came: newest first, each with its withdrawal.

    A version that another one of the same moment replaces was never in effect, as one that was taken back.
    """
    found: list[Dated] = []
    next_from: datetime | None = None
    current = False
    for version, withdrawn_at in versions:
        if withdrawn_at is not None or version.effective_from == next_from:
            found.append(Dated(version, "withdrawn", None))
            continue
        state: State = "scheduled" if version.effective_from > at else "past" if current else "current"
        current = current or state == "current"
        found.append(Dated(version, state, next_from))
        next_from = version.effective_from
    return found
