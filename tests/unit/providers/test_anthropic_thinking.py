"""How the chat form's words for thinking become those of Messages."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.anthropic_models import Traits, traits
from omna.providers.anthropic_thinking import LARGEST_BUDGET, LEAST_BUDGET, Thinking, asked_for, fitted

EARLY, BUDGET = traits("claude-3-5-haiku"), traits("claude-haiku-4-5")
BOTH, ADAPTIVE = traits("claude-opus-4-6"), traits("claude-opus-5-5")


def budget(tokens: int) -> Thinking:
    return Thinking({"type": "enabled", "budget_tokens": tokens})


def adaptive(effort: str | None, display: str = "summarized") -> Thinking:
    return Thinking({"type": "adaptive", "display": display}, effort)


@pytest.mark.parametrize(
    ("body", "model", "expected"),
    [
        ({}, BUDGET, Thinking()),
        ({"reasoning_effort": "low"}, BUDGET, budget(2000)),
        ({"reasoning_effort": "medium"}, BUDGET, budget(5000)),
        ({"reasoning_effort": "high"}, BUDGET, budget(8000)),
        ({"reasoning_effort": "surprise"}, BUDGET, budget(5000)),
        ({"reasoning_effort": "minimal"}, BUDGET, budget(LEAST_BUDGET)),
        ({"reasoning_effort": "none"}, BUDGET, Thinking()),
        ({"reasoning": {"max_tokens": 3000}}, BUDGET, budget(3000)),
        ({"reasoning": {"max_tokens": 10}}, BUDGET, budget(LEAST_BUDGET)),
        ({"reasoning": {"max_tokens": 10_000}}, BUDGET, Thinking()),
        ({"reasoning": {"enabled": True}}, BUDGET, budget(5000)),
        ({"reasoning": {"enabled": False, "effort": "high"}}, BUDGET, Thinking()),
        ({"reasoning": {}}, BUDGET, Thinking()),
        ({"reasoning": "high", "reasoning_effort": 3}, BUDGET, Thinking()),
        ({"reasoning_effort": "high"}, EARLY, Thinking()),
        ({"reasoning_effort": "minimal"}, ADAPTIVE, adaptive("low")),
        ({"reasoning": {"effort": "xhigh"}}, ADAPTIVE, adaptive("xhigh")),
        ({"reasoning": {"effort": "xhigh"}}, BOTH, adaptive("high")),
        ({"reasoning": {"max_tokens": 3000}}, ADAPTIVE, adaptive(None)),
        ({"reasoning": {"effort": "max", "exclude": True}}, ADAPTIVE, adaptive("max", "omitted")),
        ({"reasoning_effort": "none"}, ADAPTIVE, Thinking(effort="low")),
        ({"reasoning_effort": "none"}, BOTH, Thinking()),
        ({"thinking": {"type": "disabled"}, "reasoning_effort": "high"}, BUDGET, Thinking({"type": "disabled"})),
    ],
)
def test_wish_is_told_as_the_model_takes_it(body: dict[str, Any], model: Traits, expected: Thinking) -> None:
    assert asked_for(body, model, 10_000) == expected


def test_large_bounds_do_not_buy_endless_thinking() -> None:
    assert asked_for({"reasoning_effort": "high"}, BUDGET, 1_000_000) == budget(LARGEST_BUDGET)


@pytest.mark.parametrize(
    ("stated", "bound", "expected"),
    [
        (16_000, 16_000, 8000),  # fits as it is
        (16_000, 9000, 8000),
        (16_000, 4000, 2000),  # the same share of a lower bound
        (16_000, 1500, LEAST_BUDGET),
        (16_000, 1024, None),  # no room
        (8000, 4000, 8000),  # did not fit for the caller either: the provider says why
        (None, 4000, 2000),
    ],
)
def test_budget_follows_a_lowered_bound(stated: int | None, bound: int, expected: int | None) -> None:
    config = {"type": "enabled", "budget_tokens": 8000, "display": "omitted"}
    assert fitted(config, stated, bound) == (config | {"budget_tokens": expected} if expected is not None else None)


@given(
    st.sampled_from(["none", "minimal", "low", "medium", "high", "xhigh", "max", "?"]),
    st.none() | st.integers(-5, 200_000),
    st.integers(1, 200_000),
)
def test_budget_is_always_one_the_api_takes(effort: str, tokens: int | None, bound: int) -> None:
    config = asked_for({"reasoning": {"effort": effort, "max_tokens": tokens}}, BUDGET, bound).config
    assert config is None or LEAST_BUDGET <= config["budget_tokens"] < bound
