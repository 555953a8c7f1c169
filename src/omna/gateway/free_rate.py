"""PURE: how often a key may ask for what costs nothing. Time is passed in, in seconds.

A bucket per key in the memory of one process: nothing of value hangs on its exactness, and a look at a price list must
not wait for a lock in the database.
"""

from collections import OrderedDict

#: Keys that are remembered; the one that was silent the longest is forgotten first.
MOST_KEYS = 10_000


class FreeRate:
    """Buckets that hold a minute's worth of requests and fill evenly. per_minute: 0 is no limit."""

    def __init__(self, per_minute: int) -> None:
        self.per_minute = per_minute
        self._buckets: OrderedDict[bytes, tuple[float, float]] = OrderedDict()  # digest → (left, when that was)

    def wait(self, digest: bytes, now: float) -> float:
        """Take one request of a key and return 0, or the seconds until there is one."""
        if not self.per_minute:
            return 0.0
        per_second = self.per_minute / 60
        left, when = self._buckets.pop(digest, (float(self.per_minute), now))
        left = min(left + (now - when) * per_second, float(self.per_minute))
        admitted = left >= 1
        self._buckets[digest] = (left - 1 if admitted else left, now)
        if len(self._buckets) > MOST_KEYS:
            self._buckets.popitem(last=False)
        return 0.0 if admitted else (1 - left) / per_second
