"""PURE: thinking blocks ↔ entries of `reasoning_details`.

A thinking block has a signature and a redacted one has data, and the client returns both as they are. Other vendors
seal their reasoning too, under a format and an id that a block has no place for: these travel in front of the sealed
text, as `format:id:text`. What Anthropic sealed is base64, has no colon, and stays as it came.
"""

import re
from collections.abc import Iterator
from typing import Any, NamedTuple

CLAUDE = "anthropic-claude-v1"

_SEALED = re.compile(r"([\w.-]{1,64}):([^:]*):(.*)", re.DOTALL)
_FORMAT = re.compile(r"[\w.-]{1,64}")


class Step(NamedTuple):
    """One thing that reasoning gained: `kind` is thinking, signature or redacted; `block` tells blocks apart."""

    kind: str
    text: str
    block: int | None


def steps(reasoning: str | None, details: Any) -> Iterator[Step]:
    """Yield what a delta, or a whole choice, adds to its thinking, in order.

    The entries' text says again what `reasoning` says. It is used for its block numbers, and only when it does.
    """
    entries = [entry for entry in details if isinstance(entry, dict)] if isinstance(details, list) else []
    told = [text for entry in entries if isinstance(text := entry.get("text"), str)]
    repeats = bool(told) and "".join(told) == (reasoning or "")
    if reasoning and not repeats:
        yield Step("thinking", reasoning, None)
    for entry in entries:
        number = entry.get("index")
        index = number if isinstance(number, int) else None
        text, signature, data = entry.get("text"), entry.get("signature"), entry.get("data")
        if repeats and isinstance(text, str) and text:
            yield Step("thinking", text, index)
        if isinstance(signature, str) and signature:
            yield Step("signature", _seal(entry, signature), index)
        if isinstance(data, str) and data:
            yield Step("redacted", _seal(entry, data), index)


def thinking_entry(text: str, signature: str, index: int) -> dict[str, Any]:
    """Return the entry of a thinking block."""
    form, _, value = _unseal(signature)
    entry = {"type": "reasoning.text", "text": text, "format": form, "index": index}
    return entry | {"signature": value} if value else entry


def redacted_entry(data: str, index: int) -> dict[str, Any]:
    """Return the entry of a redacted thinking block."""
    form, identifier, value = _unseal(data)
    entry = {"type": "reasoning.encrypted", "data": value, "format": form, "index": index}
    return entry | {"id": identifier} if identifier else entry


def _seal(entry: dict[str, Any], value: str) -> str:
    form, identifier = entry.get("format"), entry.get("id")
    if not isinstance(form, str) or form == CLAUDE or not _FORMAT.fullmatch(form):
        return value
    return f"{form}:{identifier if isinstance(identifier, str) and ':' not in identifier else ''}:{value}"


def _unseal(text: str) -> tuple[str, str, str]:
    found = _SEALED.fullmatch(text)
    return (found[1], found[2], found[3]) if found else (CLAUDE, "", text)
