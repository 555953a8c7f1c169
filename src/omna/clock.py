"""The two clocks of the application. Leases, limits and expiry use the database's clock, never these."""

import time
from collections.abc import Callable
from datetime import UTC, datetime

Monotonic = Callable[[], float]

monotonic: Monotonic = time.monotonic


def now() -> datetime:
    """Return the current time in UTC, for logs and for ids."""
    return datetime.now(UTC)


def iso(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC with `Z`, milliseconds kept."""
    return moment.astimezone(UTC).isoformat(timespec="milliseconds").replace("+00:00", "Z")
