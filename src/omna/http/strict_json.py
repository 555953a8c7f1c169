"""Strict JSON in, wire JSON out.

Strict: UTF-8, one object, no NaN or Infinity, no duplicate keys (two readers would see two requests), no lone
surrogates (they cannot be written again), bounded depth and size. U+0000 inside a string is allowed: content is
forwarded, not stored; what is stored is checked where it is stored.
"""

import json
import re
from collections.abc import Iterable
from typing import Any, NoReturn

import msgspec

from omna.errors import InvalidJson

MAX_DEPTH = 64
MAX_NODES = 100_000

# Possessive, and an unterminated string matches too: linear on every input.
_STRING_OR_NODE = re.compile(rb'"[^"\\]*+(?:\\.[^"\\]*+)*+"?|[,{\[]', re.DOTALL)
_SURROGATE_ESCAPE = re.compile(rb"\\u[dD][89a-fA-F]")
_ENCODE = msgspec.json.encode


def loads(body: bytes) -> dict[str, Any]:
    """Return the object that a request body holds.

    Errors  InvalidJson whose message says what is wrong and where, and never repeats the body
    """
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError as error:
        raise InvalidJson(f"The body is not UTF-8: byte {error.start} cannot be read.") from None
    _refuse_many_nodes(body)
    try:
        value = _decoder.decode(text)
    except json.JSONDecodeError as error:
        raise InvalidJson(
            f"The body is not valid JSON: {error.msg} at line {error.lineno}, column {error.colno}."
            if text.strip()
            else "The body is empty; send a JSON object."
        ) from None
    except RecursionError:
        raise _too_deep() from None
    except ValueError:  # Python's own bound on the digits of an integer
        raise InvalidJson("The body holds a number with too many digits.") from None
    if type(value) is not dict:
        raise InvalidJson("The body must be a JSON object.")
    # The counts are cheap and over-estimate; only bodies that reach them are walked.
    if body.count(b"{") + body.count(b"[") > MAX_DEPTH:
        _refuse_depth(value)
    if _SURROGATE_ESCAPE.search(body) is not None:
        _refuse_lone_surrogates(value)
    return value


def dumps(value: Any) -> bytes:
    r"""Return JSON as it goes on the wire: UTF-8, compact, non-ASCII as it is.

    U+0085, U+2028 and U+2029 are escaped, because line readers of clients take them for line ends.
    """
    raw = _ENCODE(value)
    if raw.isascii():
        return raw
    # In JSON these bytes can only be inside a string, where an escape means the same.
    return (
        raw.replace(b"\xc2\x85", b"\\u0085").replace(b"\xe2\x80\xa8", b"\\u2028").replace(b"\xe2\x80\xa9", b"\\u2029")
    )


def _object(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
    value = dict(pairs)
    if len(value) != len(pairs):
        seen: set[str] = set()
        for key, _ in pairs:
            if key in seen:
                raise InvalidJson(f"The key {json.dumps(key[:40])} appears twice in one object.")
            seen.add(key)
    return value


def _refuse_constant(name: str) -> NoReturn:
    raise InvalidJson(f"{name} is not JSON.")


def _float(text: str) -> float:
    number = float(text)
    if number in (float("inf"), float("-inf")):
        raise InvalidJson("The body holds a number that is too large.")
    return number


_decoder = json.JSONDecoder(object_pairs_hook=_object, parse_constant=_refuse_constant, parse_float=_float)


def _refuse_many_nodes(body: bytes) -> None:
    """Refuse before decoding: a million empty lists are 3 MB on the wire and many times that in memory."""
    if 1 + body.count(b",") + body.count(b"{") + body.count(b"[") <= MAX_NODES:
        return
    nodes, strings = 1, 0
    for match in _STRING_OR_NODE.finditer(body):
        if body[match.start()] == 0x22:
            strings += 1
        else:
            nodes += 1
        # Every string is a key or a value; more of them than that is not JSON, and not worth counting further.
        if nodes > MAX_NODES or strings > 2 * MAX_NODES:
            raise InvalidJson(f"The body holds more than {MAX_NODES:,} values.")


def _refuse_depth(value: dict[str, Any]) -> None:
    level: list[Any] = [value]
    for _ in range(MAX_DEPTH):
        level = [child for node in level for child in _children(node) if type(child) is dict or type(child) is list]
        if not level:
            return
    raise _too_deep()


def _children(node: Any) -> Iterable[Any]:
    return node.values() if type(node) is dict else node


def _refuse_lone_surrogates(value: dict[str, Any]) -> None:
    try:
        _ENCODE(value)
    except UnicodeEncodeError:
        raise InvalidJson("The body holds half of a surrogate pair, which is no character.") from None


def _too_deep() -> InvalidJson:
    return InvalidJson(f"The body is nested more than {MAX_DEPTH} levels deep.")
