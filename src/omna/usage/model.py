"""What is known about a finished request, and what a key or workspace has spent. Amounts are nanocredits."""

from dataclasses import dataclass
from datetime import datetime
from typing import Any

from omna.ids import KeyId, PriceVersionId, RequestId


@dataclass(frozen=True, slots=True)
class RequestRecord:
    """One finished request as it was billed. Durations are milliseconds.

    unrounded   the exact cost before the one rounding, in 10⁻⁶ nanocredits
    api     completions, responses, messages, …; None is chat completions
    units   the counters that few requests have, those above 0: audio_prompt_tokens, audio_completion_tokens,
            image_prompt_tokens, image_completion_tokens, images, seconds, characters
    """

    request_id: RequestId
    key_id: KeyId | None
    model_id: str
    provider_name: str
    price_version_id: PriceVersionId
    settled_at: datetime
    held: int
    charge: int
    unrounded: int
    prompt_tokens: int
    completion_tokens: int
    cached_tokens: int
    cache_write_tokens: int
    reasoning_tokens: int
    units: dict[str, int] | None
    api: str | None
    first_delta_ms: int | None
    duration_ms: int
    outcome: str
    streamed: bool
    estimated: bool
    source: str
    finish_reason: str | None
    native_finish_reason: str | None
    error_code: str | None
    attempts: list[dict[str, Any]] | None
    wanted_model: str | None


@dataclass(frozen=True, slots=True)
class Running:
    """One request that has not ended yet."""

    request_id: RequestId
    key_id: KeyId | None
    model_id: str
    provider_name: str
    price_version_id: PriceVersionId
    held: int
    streamed: bool
    source: str


@dataclass(frozen=True, slots=True)
class Spend:
    """What was charged in the UTC day, the week from Monday, the calendar month and in all, and what is held now."""

    day: int
    week: int
    month: int
    total: int
    held: int
