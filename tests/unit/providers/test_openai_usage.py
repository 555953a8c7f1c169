"""Usage is believed when it is a statement of whole tokens, and never otherwise."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Usage
from omna.providers.openai_usage import MAX_TOKENS, parse_usage
from tests.upstream.scenarios import USAGES


@pytest.mark.parametrize(
    ("name", "expected"),
    [
        ("zero", Usage(9, 0)),
        ("wrong-total", Usage(9, 4)),
        ("details", Usage(9, 4, cached=5, cache_write=1, reasoning=2)),
        ("details-null", Usage(9, 4)),
        ("reasoning-beside", Usage(9, 24, reasoning=20)),
    ],
)
def test_usable_statement_is_taken(name: str, expected: Usage) -> None:
    assert parse_usage(USAGES[name]) == (expected, False)


@pytest.mark.parametrize(
    "name", ["negative", "fraction", "string", "huge", "true", "contradictory", "prompt-only", "list"]
)
def test_unusable_statement_is_flagged(name: str) -> None:
    assert parse_usage(USAGES[name]) == (None, True)


@pytest.mark.parametrize("stated", [None, {}, {"cost": 1}, {"prompt_tokens": None, "completion_tokens": None}])
def test_absent_usage_is_neither_usage_nor_invalid(stated: Any) -> None:
    expected_invalid = bool(stated) and any(key.endswith("tokens") for key in stated)
    assert parse_usage(stated) == (None, expected_invalid)


def test_reasoning_that_nothing_explains_is_flagged() -> None:
    stated = {"prompt_tokens": 1, "completion_tokens": 2, "completion_tokens_details": {"reasoning_tokens": 3}}
    assert parse_usage(stated) == (None, True)


def test_cached_tokens_are_found_where_hosts_put_them() -> None:
    base = {"prompt_tokens": 9, "completion_tokens": 1}
    assert parse_usage(base | {"prompt_cache_hit_tokens": 4}) == (Usage(9, 1, cached=4), False)
    assert parse_usage(base | {"cached_tokens": 4}) == (Usage(9, 1, cached=4), False)


def test_sound_and_pictures_are_read_on_both_sides() -> None:
    stated = {
        "prompt_tokens": 100, "completion_tokens": 50,
        "prompt_tokens_details": {"audio_tokens": 60, "image_tokens": 30},
        "completion_tokens_details": {"audio_tokens": 20, "image_tokens": 10, "reasoning_tokens": None},
    }  # fmt: skip
    assert parse_usage(stated) == (
        Usage(100, 50, audio_prompt=60, image_prompt=30, audio_completion=20, image_completion=10), False,
    )  # fmt: skip


@pytest.mark.parametrize(
    ("prompt", "completion"),
    [
        ({"audio_tokens": 6, "image_tokens": 5}, {}),
        ({}, {"audio_tokens": 6, "image_tokens": 5}),
        ({}, {"audio_tokens": 6, "reasoning_tokens": 5}),
        ({"audio_tokens": -1}, {}),
        ({}, {"image_tokens": "3"}),
        ({"image_tokens": True}, {}),
    ],
)
def test_media_that_contradict_their_side_or_are_no_counts_are_flagged(prompt: Any, completion: Any) -> None:
    stated = {"prompt_tokens": 10, "completion_tokens": 10}
    details = {"prompt_tokens_details": prompt, "completion_tokens_details": completion}
    assert parse_usage(stated | details) == (None, True)


anything = st.one_of(st.integers(), st.floats(), st.text(), st.booleans(), st.none(), st.lists(st.integers()))


@given(
    st.dictionaries(st.sampled_from(["prompt_tokens", "completion_tokens", "total_tokens", "cached_tokens"]), anything),
    st.dictionaries(st.sampled_from(["cached_tokens", "cache_write_tokens", "audio_tokens", "image_tokens"]), anything),
    st.dictionaries(st.sampled_from(["reasoning_tokens", "audio_tokens", "image_tokens"]), anything),
)
def test_whatever_is_stated_the_result_is_consistent(stated: Any, prompt: Any, completion: Any) -> None:
    usage, invalid = parse_usage(stated | {"prompt_tokens_details": prompt, "completion_tokens_details": completion})
    if usage is not None:
        assert not invalid
        assert 0 <= usage.cached + usage.cache_write <= usage.prompt <= MAX_TOKENS
        assert 0 <= usage.audio_prompt + usage.image_prompt <= usage.prompt
        parts = usage.reasoning + usage.audio_completion + usage.image_completion
        assert 0 <= parts <= usage.completion <= 2 * MAX_TOKENS
