"""PURE: Gemini's `usageMetadata` to a Usage, or the word that it cannot be believed.

Source  https://ai.google.dev/api/generate-content#UsageMetadata
"""

from typing import Any

from omna.providers.base import Usage
from omna.providers.openai_usage import MAX_TOKENS


def parse_usage(stated: Any) -> tuple[Usage | None, bool]:
    """Return (usage, False), (None, True) for a statement that is no usage, or (None, False) when there is none.

    Shape   thoughts stand beside the candidates and tool-use prompts beside the prompt: both are added here.
            Cached tokens are a part of the prompt
    Units   tokens. A count that is zero is left out by Gemini; the candidates' is then what the total leaves for them
    """
    if stated is None or stated == {}:
        return None, False
    if not isinstance(stated, dict):
        return None, True
    if not any(key.endswith("TokenCount") for key in stated):
        return None, False
    prompt, tool_use, cached, thoughts = (
        _or_zero(stated.get(name))
        for name in ("promptTokenCount", "toolUsePromptTokenCount", "cachedContentTokenCount", "thoughtsTokenCount")
    )
    if stated.get("promptTokenCount") is None or not all(map(_is_count, (prompt, tool_use, cached, thoughts))):
        return None, True
    candidates, total = stated.get("candidatesTokenCount"), stated.get("totalTokenCount")
    if candidates is None:
        candidates = total - prompt - tool_use - thoughts if _is_count(total) else 0
    prompt_details = (stated.get("promptTokensDetails"), stated.get("toolUsePromptTokensDetails"))
    completion_details = (stated.get("candidatesTokensDetails"),)
    audio_prompt, image_prompt = _of_modality("AUDIO", *prompt_details), _of_modality("IMAGE", *prompt_details)
    audio, image = _of_modality("AUDIO", *completion_details), _of_modality("IMAGE", *completion_details)
    if not all(map(_is_count, (candidates, audio_prompt, image_prompt, audio, image))):
        return None, True
    prompt, completion = prompt + tool_use, candidates + thoughts
    if max(cached, audio_prompt + image_prompt) > prompt or audio + image > candidates:
        return None, True
    return Usage(
        prompt,
        completion,
        cached,
        reasoning=thoughts,
        audio_prompt=audio_prompt,
        audio_completion=audio,
        image_prompt=image_prompt,
        image_completion=image,
    ), False


def _of_modality(modality: str, *details: Any) -> int:
    """Return the tokens of one modality, or -1 when a count among them is none."""
    counts = [
        _or_zero(entry.get("tokenCount"))
        for entries in details
        if isinstance(entries, list)
        for entry in entries
        if isinstance(entry, dict) and entry.get("modality") == modality
    ]
    return sum(counts) if all(map(_is_count, counts)) else -1


def _or_zero(value: Any) -> Any:
    return 0 if value is None else value


def _is_count(value: Any) -> bool:
    # bool is an int to Python, and `true` tokens are not one token.
    return type(value) is int and 0 <= value <= MAX_TOKENS
