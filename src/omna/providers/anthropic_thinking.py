"""PURE: how much a model is asked to think: the chat form's words for it, in those of Messages.

Source  https://platform.claude.com/docs/en/build-with-claude/extended-thinking
"""

from typing import Any, NamedTuple

from omna.providers.anthropic_models import Traits

LEAST_BUDGET = 1024
#: Beyond this, more budget gains little.
LARGEST_BUDGET = 32_000

#: The share of the output bound that an effort may spend on thinking, where a budget is what the model knows.
_SHARES = {"minimal": 0.1, "low": 0.2, "medium": 0.5, "high": 0.8, "xhigh": 0.95, "max": 0.95}
_EFFORTS = {"minimal": "low", "low": "low", "medium": "medium", "high": "high", "xhigh": "xhigh", "max": "max"}


class Thinking(NamedTuple):
    """`config` is the field `thinking`, `effort` that of `output_config`; None leaves the model's own default."""

    config: dict[str, Any] | None = None
    effort: str | None = None


class _Wish(NamedTuple):
    effort: str | None = None
    budget: int | None = None
    off: bool = False
    hidden: bool = False


def asked_for(body: dict[str, Any], traits: Traits, max_tokens: int) -> Thinking:
    """Return what a chat body asks for, in a form that the model takes and that fits under `max_tokens`.

    Read    `thinking` (as Messages has it), `reasoning` {effort, max_tokens, enabled, exclude}, `reasoning_effort`
    """
    explicit = body.get("thinking")
    if isinstance(explicit, dict):
        stated = body.get("max_completion_tokens") or body.get("max_tokens")
        return Thinking(fitted(explicit, stated, max_tokens))
    wish = _wish(body)
    if wish is None:
        return Thinking()
    if wish.off:
        # No form of "off" is taken by every model that thinks unasked; the least effort is.
        return Thinking(effort="low" if traits.adaptive and not traits.budget else None)
    if traits.adaptive:
        effort = _EFFORTS.get(wish.effort or "")
        if effort == "xhigh" and traits.budget:
            effort = "high"  # the generation that knows both forms does not know this effort
        return Thinking({"type": "adaptive", "display": "omitted" if wish.hidden else "summarized"}, effort)
    if not traits.budget:
        return Thinking()
    budget = wish.budget
    if budget is None:
        budget = min(int(max_tokens * _SHARES.get(wish.effort or "", _SHARES["medium"])), LARGEST_BUDGET)
    budget = max(budget, LEAST_BUDGET)
    return Thinking({"type": "enabled", "budget_tokens": budget} if budget < max_tokens else None)


def fitted(config: dict[str, Any], stated: Any, max_tokens: int) -> dict[str, Any] | None:
    """Return a thinking config whose budget fits under an output bound that is lower than the caller's own.

    stated  the bound the caller named; a budget that did not fit under it is the caller's own matter, and stays
    """
    budget = config.get("budget_tokens")
    if type(budget) is not int or budget < max_tokens:
        return config
    if type(stated) is int and budget >= stated:
        return config
    share = budget * max_tokens // stated if type(stated) is int else max_tokens // 2
    lowered = max(share, LEAST_BUDGET)
    return config | {"budget_tokens": lowered} if lowered < max_tokens else None


def _wish(body: dict[str, Any]) -> _Wish | None:
    reasoning = body.get("reasoning")
    effort = body.get("reasoning_effort")
    if isinstance(reasoning, dict):
        effort = reasoning.get("effort") or effort
        budget = reasoning.get("max_tokens")
        if reasoning.get("enabled") is False or effort == "none":
            return _Wish(off=True)
        budget = budget if type(budget) is int and budget > 0 else None
        if effort is None and budget is None and reasoning.get("enabled") is not True:
            return None
        return _Wish(effort if isinstance(effort, str) else None, budget, hidden=reasoning.get("exclude") is True)
    if not isinstance(effort, str):
        return None
    return _Wish(off=True) if effort == "none" else _Wish(effort)
