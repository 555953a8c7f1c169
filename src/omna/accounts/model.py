"""PURE  A person, and which passwords are good enough."""

import unicodedata
from dataclasses import dataclass
from datetime import datetime
from enum import StrEnum

from omna.errors import InvalidValue
from omna.ids import UserId

SHORTEST_PASSWORD = 15
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
    """A person. `email` is as they wrote it, `email_normalized` identifies them."""

    user_id: UserId
    email: str
    email_normalized: str
    name: str
    staff_role: StaffRole | None
    has_password: bool
    created_at: datetime


def check_password(password: str, email: str) -> str:
    """Return a password in the form that is hashed (NFKC).

    Errors  InvalidValue that says what is wrong, never with the password in it
    """
    # Before anything touches the text: normalising megabytes is work a stranger could order.
    if len(password.encode(errors="surrogatepass")) > LARGEST_PASSWORD_BYTES:
        raise InvalidValue(f"A password has at most {LONGEST_PASSWORD} characters.", param="password")
    password = unicodedata.normalize("NFKC", password)
    if len(password) < SHORTEST_PASSWORD:
        raise InvalidValue(f"A password has at least {SHORTEST_PASSWORD} characters.", param="password")
    if len(password) > LONGEST_PASSWORD:
        raise InvalidValue(f"A password has at most {LONGEST_PASSWORD} characters.", param="password")
    if any(unicodedata.category(character) in ("Cc", "Cs") for character in password):
        raise InvalidValue("A password has no control characters.", param="password")
    plain = password.casefold()
    if len(set(plain)) < _FEWEST_DISTINCT:
        raise InvalidValue("This password repeats too few characters.", param="password")
    without = plain.replace(email.casefold(), "").replace(email.casefold().partition("@")[0], "").replace("omna", "")
    if len(without) < SHORTEST_PASSWORD // 2:
        raise InvalidValue("This password is little more than the address or the product's name.", param="password")
    return password
