"""PURE  What past usage would have cost at other prices: a comparison, not a bill."""

from typing import Protocol

from omna.catalog.model import Rates
from omna.money import TOKENS_PER_PRICE


class Used(Protocol):
    """Requests that cost something, and their tokens: cached and cache_write of prompt, reasoning of completion."""

    @property
    def paid_requests(self) -> int: ...
    @property
    def prompt(self) -> int: ...
    @property
    def completion(self) -> int: ...
    @property
    def cached(self) -> int: ...
    @property
    def cache_write(self) -> int: ...
    @property
    def reasoning(self) -> int: ...


def charged_at(prices: Rates, used: Used) -> int:
    """Return what usage would have cost in nanocredits, rounded up. Pictures, sound and characters are left out."""
    tokens = (
        max(used.prompt - used.cached - used.cache_write, 0) * prices.prompt
        + used.cached * prices.cached
        + used.cache_write * prices.cache_write
        + max(used.completion - used.reasoning, 0) * prices.completion
        + used.reasoning * prices.reasoning
    )
    return -(-tokens // TOKENS_PER_PRICE) + used.paid_requests * prices.request
