"""PURE: an upstream's `usage` object to a Usage, or the word that it cannot be believed.

Only shape is judged here. Whether the numbers fit the prompt and the answer is for the gateway, which knows both.
"""

from typing import Any

from omna.providers.base import Usage

#: More tokens than any context holds: a statement beyond it is an error of the upstream, not a large request.
MAX_TOKENS = 100_000_000


def parse_usage(stated: Any) -> tuple[Usage | None, bool]:
    """Return (usage, False), (None, True) for a statement that is no usage, or (None, False) when there is none.

    Shape   OpenAI's object, with the tokens of sound and pictures of both sides; DeepSeek's and Moonshot's places for
            cached tokens are known as well
    Units   tokens; `total_tokens` is not read, except to learn whether reasoning was left out of the completion
    """
    if stated is None or stated == {}:
        return None, False
    if not isinstance(stated, dict):
        return None, True
    prompt, completion = stated.get("prompt_tokens"), stated.get("completion_tokens")
    if prompt is None and completion is None and not any(key.endswith("tokens") for key in stated):
        return None, False
    prompt_details = _details(stated.get("prompt_tokens_details"))
    completion_details = _details(stated.get("completion_tokens_details"))
    cached = _first(
        prompt_details.get("cached_tokens"), stated.get("prompt_cache_hit_tokens"), stated.get("cached_tokens")
    )
    cache_write = _first(prompt_details.get("cache_write_tokens"), prompt_details.get("cache_creation_tokens"))
    reasoning = _first(completion_details.get("reasoning_tokens"))
    audio_prompt, image_prompt = _media(prompt_details)
    audio_completion, image_completion = _media(completion_details)
    counts = (
        prompt, completion, cached, cache_write, reasoning, audio_prompt, audio_completion, image_prompt,
        image_completion,
    )  # fmt: skip
    if not all(map(_is_count, counts)):
        return None, True
    assert isinstance(prompt, int)
    assert isinstance(completion, int)
    # Some hosts state reasoning beside the completion and not within it; their total gives them away.
    if reasoning and stated.get("total_tokens") == prompt + completion + reasoning:
        completion += reasoning
    if cached + cache_write > prompt or audio_prompt + image_prompt > prompt:
        return None, True
    if reasoning + audio_completion + image_completion > completion:
        return None, True
    return Usage(
        prompt,
        completion,
        cached,
        cache_write,
        reasoning,
        audio_prompt,
        audio_completion,
        image_prompt,
        image_completion,
    ), False


def _details(value: Any) -> dict[str, Any]:
    return value if isinstance(value, dict) else {}


def _media(details: dict[str, Any]) -> tuple[Any, Any]:
    return _first(details.get("audio_tokens")), _first(details.get("image_tokens"))


def _first(*values: Any) -> Any:
    for value in values:
        if value is not None:
            return value
    return 0


def _is_count(value: Any) -> bool:
    # bool is an int to Python, and `true` tokens are not one token.
    return type(value) is int and 0 <= value <= MAX_TOKENS
