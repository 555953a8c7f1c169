"""PURE  A promo code, how it is written and typed, and what redeeming it gave."""

import re
import secrets
from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Literal, TypeAlias
from uuid import UUID

from omna.ids import TransferId, WorkspaceId

#: Crockford's digits: no I, L, O or U, so nothing can be misread or spell a word.
_DIGITS = "0123456789ABCDEFGHJKMNPQRSTVWXYZ"
#: What people type for a digit they misread.
_MISREAD = str.maketrans("ILO", "110")
_GROUPS, _OF_GROUP = 3, 4
#: As the table allows.
SHORTEST, LONGEST = 4, 32
#: Longest text that is looked up at all.
LONGEST_TYPED = 80
_NAMED = re.compile(r"[A-Z0-9]+(?:-[A-Z0-9]+)*")
_PLAIN = re.compile(rf"[A-Z0-9]{{{SHORTEST},{LONGEST}}}")

#: proposed: a second person has to approve it. Only `live` ones can be redeemed.
State: TypeAlias = Literal["proposed", "live", "used_up", "expired", "retired"]


@dataclass(frozen=True, slots=True)
class PromoCode:
    """A code. Credits are nanocredits for each redemption.

    valid_days  how long the Credits can be spent; None is for ever
    most        redemptions in all; None is any number
    expires_at  when the code ends; None is never
    """

    code_id: UUID
    code: str
    credits: int
    valid_days: int | None
    most: int | None
    redeemed: int
    expires_at: datetime | None
    retired_at: datetime | None
    note: str
    created_by: UUID
    created_at: datetime
    approved_by: UUID | None
    approved_at: datetime | None
    state: State


@dataclass(frozen=True, slots=True)
class Redemption:
    """What a workspace got for a code. `again`: it had it before, nothing was added now."""

    code: str
    credits: int
    transfer_id: TransferId
    redeemed_at: datetime
    expires_at: datetime | None
    again: bool


@dataclass(frozen=True, slots=True)
class RedemptionRow:
    """A redemption as staff see it."""

    workspace_id: WorkspaceId
    workspace_name: str
    transfer_id: TransferId
    redeemed_by: UUID | None
    redeemed_at: datetime


def generate() -> str:
    """Return a new code of 60 random bits, in groups: `7K3Q-F9XW-2MTA`."""
    groups = ("".join(secrets.choice(_DIGITS) for _ in range(_OF_GROUP)) for _ in range(_GROUPS))
    return "-".join(groups)


def check_name(text: str) -> str:
    """Return the code that staff want. Errors: ValueError with the rule that it breaks."""
    name = text.strip().upper()
    if len(name.replace("-", "")) < SHORTEST or len(name) > LONGEST:
        raise ValueError(f"A code has {SHORTEST} to {LONGEST} characters.")
    if not _NAMED.fullmatch(name):
        raise ValueError("A code is made of letters A to Z, digits, and single dashes between them.")
    return name


def candidates(typed: str) -> list[str]:
    """Return the codes, without dashes, that somebody can have meant, the likeliest first; none is no code at all."""
    plain = "".join(character for character in typed.upper() if character not in "-‐‑–—_" and not character.isspace())
    if not _PLAIN.fullmatch(plain):
        return []
    return list(dict.fromkeys([plain, plain.translate(_MISREAD)]))


def ends_at(redeemed_at: datetime, valid_days: int | None) -> datetime | None:
    """Return when Credits redeemed then expire; the same on every question."""
    return None if valid_days is None else redeemed_at + timedelta(days=valid_days)


def exposure(amount: int, most: int | None) -> int | None:
    """Return the most nanocredits a code can give away; None is without a bound. amount: of a redemption."""
    return None if most is None else amount * most
