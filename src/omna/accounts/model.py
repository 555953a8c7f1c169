"""PURE  A person, and which passwords are good enough."""

import unicodedata
from collections.abc import Mapping
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from omna.errors import InvalidValue
from omna.ids import UserId

SHORTEST_PASSWORD = 15
SHORTEST_BESIDE_SECOND_FACTOR = 8
LONGEST_PASSWORD = 128
LARGEST_PASSWORD_BYTES = 1024
_FEWEST_DISTINCT = 5


class StaffRole(StrEnum):
    OWNER = "owner"
    FINANCE = "finance"
    SUPPORT = "support"
    AUDITOR = "auditor"


#: Who may approve money that another staff member proposes.
APPROVERS = (StaffRole.OWNER, StaffRole.FINANCE)


@dataclass(frozen=True, slots=True)
class User:
    """A person. `email` is as they wrote it, `email_normalized` identifies them.

    language, zone      None: what the browser says
    credential_version  rises with every change of a credential; what was bound to an older one is void
    password_alone      False of a password that is long enough only beside a second factor
    notifications       kind of mail → on; only what the person has chosen
    frozen_reason       set while they are frozen: what they read; frozen_note: why, for staff
    frozen_until        when that ends by itself; None is never
    """

    user_id: UserId
    email: str
    email_normalized: str
    name: str
    staff_role: StaffRole | None
    has_password: bool
    created_at: datetime
    email_verified_at: datetime | None = None
    approved_at: datetime | None = None
    disabled_at: datetime | None = None
    deleted_at: datetime | None = None
    credential_version: int = 1
    password_alone: bool = True
    language: str | None = None
    theme: str = "system"
    zone: str | None = None
    terms_version: str | None = None
    notifications: Mapping[str, bool] = field(default_factory=dict)
    frozen_at: datetime | None = None
    frozen_reason: str | None = None
    frozen_note: str = ""
    frozen_until: datetime | None = None

    @property
    def verified(self) -> bool:
        return self.email_verified_at is not None

    @property
    def approved(self) -> bool:
        return self.approved_at is not None

    @property
    def may_sign_in(self) -> bool:
        return self.disabled_at is None and self.deleted_at is None


@dataclass(frozen=True, slots=True)
class Client:
    """The browser somebody uses: its network address, its name for itself, its device cookie."""

    origin: str
    user_agent: str = ""
    device: str | None = None


def comparable(password: str) -> str | None:
    """Return a typed password in the form that was hashed (NFKC), or None when it can be nobody's."""
    # Before anything touches the text: normalising megabytes is work a stranger could order.
    if len(password.encode(errors="surrogatepass")) > LARGEST_PASSWORD_BYTES:
        return None
    password = unicodedata.normalize("NFKC", password)
    return None if any(unicodedata.category(character) == "Cs" for character in password) else password


def check_form(password: str, email: str, *, shortest: int = SHORTEST_PASSWORD) -> str:
    """Return a password in the form that is hashed (NFKC).

    shortest    characters it needs: fewer beside a second factor
    Errors      InvalidValue that says what is wrong, never with the password in it
    """
    if len(password.encode(errors="surrogatepass")) > LARGEST_PASSWORD_BYTES:
        raise InvalidValue(f"A password has at most {LONGEST_PASSWORD} characters.", param="password")
    password = unicodedata.normalize("NFKC", password)
    if len(password) < shortest:
        raise InvalidValue(f"A password has at least {shortest} characters.", param="password")
    if len(password) > LONGEST_PASSWORD:
        raise InvalidValue(f"A password has at most {LONGEST_PASSWORD} characters.", param="password")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise InvalidValue("A password has no control characters.", param="password")
    plain = password.casefold()
    if len(set(plain)) < _FEWEST_DISTINCT:
        raise InvalidValue("This password repeats too few characters.", param="password")
    # A text is a repetition exactly when it stands inside its own double, away from both ends.
    if plain in (plain + plain)[1:-1]:
        raise InvalidValue("This password is a shorter one, repeated.", param="password")
    without = plain.replace(email.casefold(), "").replace(email.casefold().partition("@")[0], "").replace("omna", "")
    if len(without) < shortest // 2:
        raise InvalidValue("This password is little more than the address or the product's name.", param="password")
    return password
