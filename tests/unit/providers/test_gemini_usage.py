"""Gemini's token counts: what is believed, and where its parts belong."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Usage
from omna.providers.gemini_usage import parse_usage


def test_thoughts_are_a_part_of_the_completion_and_tool_prompts_of_the_prompt() -> None:
    stated = {
        "promptTokenCount": 100,
        "cachedContentTokenCount": 40,
        "candidatesTokenCount": 20,
        "thoughtsTokenCount": 30,
        "toolUsePromptTokenCount": 5,
        "totalTokenCount": 155,
        "promptTokensDetails": [
            {"modality": "TEXT", "tokenCount": 50},
            {"modality": "AUDIO", "tokenCount": 30},
            {"modality": "IMAGE", "tokenCount": 20},
        ],
        "toolUsePromptTokensDetails": [{"modality": "IMAGE", "tokenCount": 2}],
        "candidatesTokensDetails": [{"modality": "AUDIO", "tokenCount": 6}, {"modality": "IMAGE", "tokenCount": 7}],
    }
    assert parse_usage(stated) == (
        Usage(
            105, 50, 40, reasoning=30, audio_prompt=30, audio_completion=6, image_prompt=22, image_completion=7
        ),
        False,
    )  # fmt: skip


def test_count_that_is_left_out_is_what_the_total_leaves() -> None:
    assert parse_usage({"promptTokenCount": 9, "totalTokenCount": 9}) == (Usage(9, 0), False)
    assert parse_usage({"promptTokenCount": 9, "thoughtsTokenCount": 5, "totalTokenCount": 20}) == (
        Usage(9, 11, reasoning=5),
        False,
    )
    assert parse_usage({"promptTokenCount": 9}) == (Usage(9, 0), False)


@pytest.mark.parametrize("stated", [None, {}, {"trafficType": "ON_DEMAND"}])
def test_no_statement_is_none_and_not_an_invalid_one(stated: Any) -> None:
    assert parse_usage(stated) == (None, False)


@pytest.mark.parametrize(
    "stated",
    [
        [1],
        "9",
        {"candidatesTokenCount": 4},
        {"promptTokenCount": None, "candidatesTokenCount": 4},
        {"promptTokenCount": 9, "totalTokenCount": 8},
        {"promptTokenCount": 9, "candidatesTokenCount": 4, "cachedContentTokenCount": 10},
        {"promptTokenCount": 9, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": 10}]},
        {"promptTokenCount": 9, "candidatesTokensDetails": [{"modality": "IMAGE", "tokenCount": 1}]},
        {"promptTokenCount": 9, "promptTokensDetails": [{"modality": "AUDIO", "tokenCount": "1"}]},
    ],
)
def test_contradictory_statement_is_invalid(stated: Any) -> None:
    assert parse_usage(stated) == (None, True)


@pytest.mark.parametrize("count", [-1, 1.5, "4", True, 10**9, [], {}])
@pytest.mark.parametrize(
    "field",
    [
        "promptTokenCount",
        "candidatesTokenCount",
        "thoughtsTokenCount",
        "toolUsePromptTokenCount",
        "cachedContentTokenCount",
    ],
)
def test_what_is_no_count_is_not_believed(field: str, count: Any) -> None:
    assert parse_usage({"promptTokenCount": 9, "candidatesTokenCount": 4} | {field: count}) == (None, True)


_COUNTS = st.none() | st.integers(-2, 10**9) | st.floats() | st.text(max_size=3)
_DETAILS = st.lists(
    st.fixed_dictionaries({"modality": st.sampled_from(["AUDIO", "IMAGE", "TEXT", 1]), "tokenCount": _COUNTS})
)


@given(
    st.fixed_dictionaries(
        {},
        optional=dict.fromkeys(
            ["promptTokenCount", "candidatesTokenCount", "thoughtsTokenCount", "toolUsePromptTokenCount",
             "cachedContentTokenCount", "totalTokenCount"], _COUNTS,
        ) | dict.fromkeys(["promptTokensDetails", "candidatesTokensDetails"], _DETAILS | _COUNTS),
    )
)  # fmt: skip
def test_parts_never_exceed_their_whole(stated: dict[str, Any]) -> None:
    usage, invalid = parse_usage(stated)
    if usage is None:
        return
    assert not invalid
    assert max(usage.cached, usage.audio_prompt + usage.image_prompt) <= usage.prompt
    assert usage.reasoning + usage.audio_completion + usage.image_completion <= usage.completion
