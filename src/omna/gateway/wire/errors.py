"""PURE: an error becomes OpenAI's envelope: status, headers and body.

A dialect with its own envelope (messages/errors.py) fills it from this one; status and headers are the same for all.
"""

import math
from typing import Any

from omna.clock import iso
from omna.errors import InvalidApiKey, Limit, MethodNotAllowed, OmnaError, RateLimitExceeded, RequestTimeout
from omna.gateway.refusals import LONGEST_RETRY_AFTER
from omna.money import format_credits

Headers = list[tuple[bytes, bytes]]


def error_body(error: OmnaError) -> dict[str, Any]:
    """Return `{"error": {...}}` with message, type, param, code, and metadata where a limit is behind it."""
    body: dict[str, Any] = {
        "message": error.message,
        "type": error.type,
        "param": error.param,
        "code": error.code,
    }
    metadata = dict(error.metadata)
    if error.limit is not None:
        metadata |= _limit_body(error.limit)
    if metadata or error.status in (402, 403, 429):
        body["metadata"] = metadata
    return {"error": body}


def error_headers(error: OmnaError) -> Headers:
    """Return the headers an error adds: when to try again, or that it is no use."""
    headers: Headers = []
    if isinstance(error, InvalidApiKey):
        headers.append((b"www-authenticate", b"Bearer"))
    if isinstance(error, MethodNotAllowed):
        headers.append((b"allow", error.metadata["allow"].encode()))
    if isinstance(error, RequestTimeout):
        headers.append((b"connection", b"close"))
    wait = error.retry_after
    if wait is None and error.status == 503:
        wait = 2.0
    if wait is not None and error.status in (409, 429, 503):
        shown = min(max(wait, 0.0), LONGEST_RETRY_AFTER)
        headers.append((b"retry-after", b"%d" % max(1, math.ceil(shown))))
        if error.status == 429:
            headers.append((b"retry-after-ms", b"%d" % math.ceil(shown * 1000)))
    if not error.retryable or (isinstance(error, RateLimitExceeded) and (wait or 0) > LONGEST_RETRY_AFTER):
        headers.append((b"x-should-retry", b"false"))
    return headers


def _limit_body(limit: Limit) -> dict[str, Any]:
    body: dict[str, Any] = {
        "limit_name": limit.name,
        "scope": limit.scope,
        "unit": limit.unit,
        "limit": limit.limit,
        "used": limit.used,
        "resets_at": None if limit.resets_at is None else iso(limit.resets_at),
        "remedy": limit.remedy,
    }
    if limit.unit == "credits":
        body |= {
            "limit": format_credits(limit.limit),
            "used": format_credits(limit.used),
            "held": format_credits(limit.held),
            "required": format_credits(limit.required),
            "available": format_credits(limit.available),
        }
    return body
