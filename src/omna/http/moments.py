"""PURE  Moments and time zones in an address."""

from datetime import UTC, datetime, tzinfo
from zoneinfo import ZoneInfo

from omna.errors import InvalidValue


def parse_moment(text: str, name: str) -> datetime:
    """Return the moment an ISO 8601 text says, to the millisecond; UTC where it names no zone. Errors: InvalidValue."""
    try:
        moment = datetime.fromisoformat(text.strip())
        moment = moment.replace(tzinfo=UTC) if moment.tzinfo is None else moment.astimezone(UTC)
    except (ValueError, OverflowError):
        raise InvalidValue(f"`{name}` is a moment such as 2026-11-26T08:00:00Z.", param=name) from None
    if not 1970 < moment.year < 9000:
        raise InvalidValue(f"`{name}` is out of range.", param=name)
    return moment.replace(microsecond=moment.microsecond // 1000 * 1000)


def parse_zone(name: str) -> tzinfo:
    """Return a time zone by its IANA name. Errors: InvalidValue."""
    if name == "UTC":
        return UTC
    try:
        return ZoneInfo(name)
    except (ValueError, OSError, KeyError):
        raise InvalidValue(f"{name[:60]!r} is no time zone, such as Europe/Berlin.", param="zone") from None
