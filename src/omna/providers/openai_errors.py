"""PURE: why an upstream said no, whatever shape it said it in, and when it wants to be asked again."""

import json
import math
import re
from collections.abc import Mapping
from datetime import UTC, datetime
from email.utils import parsedate_to_datetime
from typing import Any, NamedTuple

from omna.providers.base import Failure, FailureKind

MAX_REASON_CHARACTERS = 1000

_UNPRINTABLE = re.compile(r"[\x00-\x1f\x7f-\x9f\u2028\u2029\ud800-\udfff]+")


class Reason(NamedTuple):
    """What an error body says: a message in one line, and the code or type it names, if any."""

    message: str
    code: str | None = None


def read_reason(body: bytes) -> Reason:
    """Return the reason in the body of a failed answer: JSON of any known shape, plain text, or a page of HTML."""
    text = body.decode("utf-8", "replace").strip()
    if text[:1] == "<":
        return Reason("the provider answered with an HTML page")
    try:
        return parse_reason(json.loads(text))
    except (ValueError, RecursionError):
        return Reason(printable(text))


def parse_reason(stated: Any) -> Reason:
    """Return the reason in a decoded error.

    Shape   {"error": {…}} or {"error": "…"}, {"message": …}, {"detail": … or […]}, a bare string, or a list of these
    """
    if isinstance(stated, str):
        return Reason(printable(stated))
    if isinstance(stated, list):
        reasons = [parse_reason(item) for item in stated[:3]]
        message = "; ".join(reason.message for reason in reasons if reason.message)
        return Reason(printable(message), next((reason.code for reason in reasons if reason.code), None))
    if not isinstance(stated, dict):
        return Reason("")
    inner = next((stated[key] for key in ("error", "message", "detail", "msg") if stated.get(key)), None)
    reason = parse_reason(inner) if inner is not None else Reason("")
    if "msg" in stated and isinstance(stated.get("loc"), list):
        reason = Reason(printable(f"{'.'.join(map(str, stated['loc']))}: {reason.message}"), reason.code)
    metadata = stated.get("metadata")
    if isinstance(metadata, dict) and isinstance(metadata.get("raw"), str):
        # A router's own sentence says only that a provider failed; the provider's sentence is underneath.
        raw = read_reason(metadata["raw"].encode("utf-8", "replace"))
        reason = Reason(printable(f"{reason.message}: {raw.message}"), reason.code or raw.code)
    code = reason.code or _google_code(stated) or _code(stated.get("code")) or _code(stated.get("type"))
    return Reason(reason.message, code)


def reported(stated: Any) -> Failure:
    """Return the failure that an error inside a 200 answer stands for."""
    message, code = parse_reason(stated)
    return Failure(FailureKind.REPORTED, message or "the provider reported an error", code=code)


def parse_retry_after(headers: Mapping[str, str], now: datetime) -> float | None:
    """Return the seconds an upstream asks to wait: `retry-after-ms`, or `retry-after` as seconds or as a date."""
    milliseconds = _seconds(headers.get("retry-after-ms"))
    if milliseconds is not None:
        return milliseconds / 1000
    hint = headers.get("retry-after")
    seconds = _seconds(hint)
    if seconds is not None or hint is None:
        return seconds
    try:
        moment = parsedate_to_datetime(hint)
    except ValueError:
        return None
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - now).total_seconds())


def printable(text: str) -> str:
    """Return text as one bounded line that a log or an error body can carry."""
    return _UNPRINTABLE.sub(" ", text[: 2 * MAX_REASON_CHARACTERS]).strip()[:MAX_REASON_CHARACTERS]


def _google_code(stated: dict[str, Any]) -> str | None:
    """Return Google's word for an error, its detail's before its status: its code only repeats the number of HTTP."""
    if type(stated.get("code")) is not int:
        return None
    details, status = stated.get("details"), stated.get("status")
    for detail in details if isinstance(details, list) else ():
        if isinstance(detail, dict) and isinstance(detail.get("reason"), str) and detail["reason"]:
            return _code(detail["reason"])
    return _code(status) if isinstance(status, str) and status.isupper() else None


def _code(value: Any) -> str | None:
    if isinstance(value, bool) or not isinstance(value, str | int) or value in ("", "error"):
        return None
    return printable(str(value))[:100] if isinstance(value, str) or abs(value) < 10**9 else None


def _seconds(text: str | None) -> float | None:
    try:
        seconds = float(text) if text is not None else math.nan
    except ValueError:
        return None
    return max(0.0, seconds) if math.isfinite(seconds) else None
