"""The few statistics a report needs, exact: every sample is kept."""

from collections.abc import Sequence
from dataclasses import dataclass


def quantile(samples: Sequence[float], share: float) -> float:
    """Return the nearest-rank quantile; `share` 0.5 is the median. Errors: ValueError without samples."""
    if not samples:
        raise ValueError("a quantile needs at least one sample")
    ordered = sorted(samples)
    return ordered[min(len(ordered) - 1, max(0, -(-int(share * 1_000_000) * len(ordered) // 1_000_000) - 1))]


@dataclass(frozen=True, slots=True)
class Spread:
    """What several rounds of one measure gave."""

    low: float
    median: float
    high: float
    rounds: int


def spread(values: Sequence[float]) -> Spread:
    """Return lowest, median and highest of one value per round; an even count's median is the mean of the middle."""
    ordered = sorted(values)
    if not ordered:
        raise ValueError("a spread needs at least one round")
    middle = len(ordered) // 2
    median = ordered[middle] if len(ordered) % 2 else (ordered[middle - 1] + ordered[middle]) / 2
    return Spread(ordered[0], median, ordered[-1], len(ordered))
