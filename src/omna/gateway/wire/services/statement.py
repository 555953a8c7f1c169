"""PURE: what a provider says it heard: seconds, wherever an answer has them, and tokens."""

import math
import re
from typing import Any

from omna.gateway import metering
from omna.gateway.model import Tokens
from omna.gateway.wire.services.service import count
from omna.providers.base import Usage

#: Longer than any file that fits in a request.
MOST_SECONDS = 10_000_000

_MOMENT = r"(?:(\d{1,4}):)?(\d{1,2}):(\d{2})[.,](\d{3})"
_CUE = re.compile(rf"^[ \t]*[\d:.,]{{5,16}}[ \t]+-->[ \t]+{_MOMENT}", re.MULTILINE | re.ASCII)


def stated_seconds(body: dict[str, Any], text: str) -> int | None:
    """Return how long the sound was, each second begun counted; None where an answer does not say.

    Shape   `usage` of the type duration, the `duration` of verbose_json, or the end of the last cue of SRT or VTT
    """
    usage = body.get("usage")
    if isinstance(usage, dict) and "seconds" in usage:
        return _whole(usage["seconds"])
    if "duration" in body:
        return _whole(body["duration"])
    if body:
        return None
    ends = [_end(match) for match in _CUE.finditer(text)]
    return max(ends, default=None)


def stated_tokens(usage: Any, *, prompt: int, text: int, context: int | None, output_bound: int) -> Tokens | None:
    """Return the tokens a `usage` of the type tokens states, None when there are none or they cannot be true.

    prompt, text   the most that was heard and read, and our own count of the transcript
    """
    if not isinstance(usage, dict):
        return None
    heard, written = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    details = usage.get("input_token_details")
    sound = count(details.get("audio_tokens")) if isinstance(details, dict) and "audio_tokens" in details else heard
    if heard is None or written is None or sound is None or sound > heard:
        return None
    return metering.believe(
        Usage(heard, written, audio_prompt=sound), prompt=prompt, text=text, context=context, output_bound=output_bound
    )


def _whole(value: Any) -> int | None:
    if isinstance(value, str):
        try:
            value = float(value)
        except ValueError:
            return None
    if isinstance(value, bool) or not isinstance(value, int | float) or not 0 <= value <= MOST_SECONDS:
        return None
    return math.ceil(value)


def _end(match: re.Match[str]) -> int:
    hours, minutes, seconds, milliseconds = (int(part or 0) for part in match.groups())
    return hours * 3600 + minutes * 60 + seconds + (milliseconds > 0)
