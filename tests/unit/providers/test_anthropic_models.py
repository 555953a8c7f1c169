"""What a model's name says of its generation."""

import pytest

from omna.providers.anthropic_models import OTHER, Traits, traits

EARLY = Traits(adaptive=False, budget=False, sampling=True)
BUDGET = Traits(adaptive=False, budget=True, sampling=True)
BOTH = Traits(adaptive=True, budget=True, sampling=True)
ADAPTIVE = Traits(adaptive=True, budget=False, sampling=False)


@pytest.mark.parametrize(
    ("model", "expected"),
    [
        ("claude-3-haiku-20240307", EARLY),
        ("claude-3-5-sonnet-20241022", EARLY),
        ("claude-3-7-sonnet-latest", BUDGET),
        ("claude-sonnet-4-20250514", BUDGET),
        ("claude-opus-4-1-20250805", BUDGET),
        ("claude-haiku-4-5-20251001", BUDGET),
        ("anthropic/claude-sonnet-4.5", BUDGET),
        ("claude-opus-4-6", BOTH),
        ("claude-sonnet-4-6", BOTH),
        ("claude-opus-4-7", ADAPTIVE),
        ("claude-opus-5", ADAPTIVE),
        ("claude-haiku-5-5", ADAPTIVE),
        ("claude-fable-5-2", ADAPTIVE),
        ("claude-opus-7", ADAPTIVE),
        ("claude-mythos-preview", Traits(adaptive=True, budget=True, sampling=False)),
        ("glm-4.6", OTHER),
        ("", OTHER),
    ],
)
def test_generation_is_read_from_the_name(model: str, expected: Traits) -> None:
    assert traits(model) == expected
