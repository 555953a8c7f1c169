"""Values for every kind of mail."""

from datetime import UTC, datetime
from typing import Any

from omna.mail.kinds import KINDS, Choice, Kind, Value

WORKSPACE = "ws_" + "0" * 31 + "1"


def values(kind: Kind, *, name: str = "Ann", choice: int = 0) -> dict[str, Any]:
    """Return values for a kind; every text a person typed is `name`."""
    return {field: _value(what, name, choice) for field, what in KINDS[kind].values.items()}


def choices(kind: Kind) -> range:
    """Return the numbers of the choices of a kind: at least one."""
    return range(max([1, *(len(what.options) for what in KINDS[kind].values.values() if isinstance(what, Choice))]))


def _value(what: Value | Choice, name: str, choice: int) -> Any:
    match what:
        case Choice(options):
            return options[choice % len(options)]
        case Value.NAME:
            return name
        case Value.TEXT:
            return name
        case Value.LINES:
            return f"First.\n\n{' '.join(name.splitlines())}\n→ no button\n- no list"
        case Value.TOKEN:
            return "Tok3n-" + "x" * 37
        case Value.ID:
            return WORKSPACE
        case Value.CREDITS:
            return 1_500_000_000
        case Value.COUNT:
            return 80
        case Value.MOMENT:
            return datetime(2026, 11, 26, 5, 20, tzinfo=UTC)
