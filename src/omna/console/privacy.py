"""What staff see of people: whoever decides about money knows whom they deal with, others see addresses masked.

Names that people gave themselves may be addresses, so every text that came from them goes through `text`.
"""

import re

from omna.http.principal import Person, StaffRight
from omna.support.model import masked

_ADDRESS = re.compile(r"[^\s@<>,;:()\"]+@[^\s@<>,;:()\"]+")
_NETWORK_PARTS = re.compile(r"^(.*?[.:].*?[.:]).*$")


def sees_people(who: Person) -> bool:
    """Return whether somebody of the staff sees mail addresses, names of payers and network addresses whole."""
    return StaffRight.MONEY in who.staff_rights


def email(who: Person, address: str) -> str:
    """Return a mail address as somebody of the staff sees it."""
    return address if sees_people(who) else masked(address)


def text(who: Person, words: str) -> str:
    """Return words of a customer as somebody of the staff sees them: mail addresses in them are masked."""
    return words if sees_people(who) else _ADDRESS.sub(lambda found: masked(found[0]), words)


def network(who: Person, origin: str) -> str:
    """Return a network address as somebody of the staff sees it."""
    return origin if sees_people(who) else _NETWORK_PARTS.sub(r"\1•••", origin)
