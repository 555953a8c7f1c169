"""PURE: what upstreams send as JSON, read as far as it can be read.

Broken UTF-8 and lone surrogates become U+FFFD, NaN, Infinity and numbers out of range become null. A value of another
type than expected is left out by whoever reads it: `text` and `count` say what is usable.
"""

import json
import re
from typing import Any

import msgspec

from omna.providers.base import Failure, FailureKind

_LONE_SURROGATE = re.compile("[\ud800-\udfff]")


def decode_object(data: bytes) -> dict[str, Any]:
    """Return the object that one event or body holds.

    Errors  Failure of kind MALFORMED when it is not JSON, or no object
    """
    try:
        value = msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        value = decode_leniently(data)
    if isinstance(value, dict):
        return value
    if isinstance(value, list) and value and isinstance(value[0], dict) and "error" in value[0]:
        return value[0]  # Gemini wraps its errors in a list
    raise Failure(FailureKind.MALFORMED, "the provider sent JSON that is not an object")


def decode_leniently(data: bytes) -> Any:
    """Return the value of almost-JSON.

    Errors  Failure of kind MALFORMED
    """
    try:
        text = data.removeprefix(b"\xef\xbb\xbf").decode("utf-8", "replace")
        return _without_surrogates(json.loads(text, parse_constant=lambda _: None, parse_float=_finite))
    except (ValueError, RecursionError):
        raise Failure(FailureKind.MALFORMED, "the provider sent something that is not JSON") from None


def text(value: Any) -> str | None:
    """Return a string that says something, or None."""
    return value if isinstance(value, str) and value else None


def count(value: Any) -> int | None:
    """Return an index or a number of things, also when it came as digits; None for anything else."""
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 10:
        return int(value)
    return value if type(value) is int and 0 <= value < 10**9 else None


def fields(value: Any) -> dict[str, Any]:
    """Return an object, an empty one for anything else."""
    return value if isinstance(value, dict) else {}


def objects(value: Any) -> list[dict[str, Any]]:
    """Return the objects of a list, none for anything else."""
    return [item for item in value if isinstance(item, dict)] if isinstance(value, list) else []


def _finite(digits: str) -> float | None:
    number = float(digits)
    return number if abs(number) != float("inf") else None


def _without_surrogates(value: Any) -> Any:
    if isinstance(value, str):
        return _LONE_SURROGATE.sub("\ufffd", value)
    if isinstance(value, list):
        return [_without_surrogates(item) for item in value]
    if isinstance(value, dict):
        return {_LONE_SURROGATE.sub("\ufffd", key): _without_surrogates(item) for key, item in value.items()}
    return value
