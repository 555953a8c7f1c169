"""PURE: what generations of Claude models take, read from a model's name.

Thinking with a token budget was the only kind up to 4.5, is deprecated in 4.6 and refused from 4.7 on, where models
decide themselves and take an effort instead. From 4.7 on `temperature`, `top_p` and `top_k` are refused too.
Source  https://platform.claude.com/docs/en/build-with-claude/thinking-troubleshooting,
        https://platform.claude.com/docs/en/build-with-claude/effort
"""

import re
from typing import NamedTuple

#: The version beside the family: `claude-opus-4-6`, `claude-haiku-4-5-20251001`, `claude-3-7-sonnet-latest`.
_VERSION = re.compile(r"claude-(?:[a-z]+-)?(\d{1,2})(?:[-.](\d{1,2}))?(?![\d])")
_UNVERSIONED = re.compile(r"claude-mythos-preview")


class Traits(NamedTuple):
    """What a model takes.

    adaptive  it thinks as it sees fit, guided by `output_config.effort`
    budget    it thinks within `budget_tokens`
    sampling  it takes `temperature`, `top_p` and `top_k`
    """

    adaptive: bool
    budget: bool
    sampling: bool


#: Models of other vendors that speak Messages know its first form.
OTHER = Traits(adaptive=False, budget=True, sampling=True)


def traits(model: str) -> Traits:
    """Return what the model of that name takes; a later Claude is taken to be like the latest known."""
    if _UNVERSIONED.search(model):
        return Traits(adaptive=True, budget=True, sampling=False)
    found = _VERSION.search(model)
    if found is None:
        return OTHER
    version = (int(found[1]), int(found[2] or 0))
    if version >= (4, 7):
        return Traits(adaptive=True, budget=False, sampling=False)
    if version >= (4, 6):
        return Traits(adaptive=True, budget=True, sampling=True)
    return Traits(adaptive=False, budget=version >= (3, 7), sampling=True)
