"""PURE  The ids that stand in addresses."""

from uuid import UUID

from omna.errors import NotFound
from omna.ids import parse


def id_in_address(text: str, prefix: str, thing: str) -> UUID:
    """Return the id of a thing in an address, `rch_…` for example.

    Errors  NotFound, the same as for a thing that does not exist: `There is no such order.`
    """
    try:
        return parse(text, prefix)
    except ValueError:
        raise NotFound(f"There is no such {thing}.") from None
