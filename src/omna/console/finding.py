"""Finding anything by what somebody quotes: an address, an id, the end of a key, a reference."""

import re
from dataclasses import dataclass
from typing import Literal

from omna.console import search_store as store
from omna.console.search_store import Hit
from omna.db.pool import Connection
from omna.ids import parse
from omna.keys.model import MANAGEMENT_PATTERN, PATTERN, digest
from omna.payments.recharges.model import normalise_reference

__all__ = ["Found", "Hit", "find"]

#: What somebody seems to have quoted.
By = Literal["key", "id", "text"]

_LAST_FOUR = re.compile(r"(?:…|\.\.\.)?([0-9A-Za-z]{4})")
_LABEL = re.compile(r"omna_(?:mgmt_)?[0-9A-Za-z]{4}(?:…|\.\.\.)([0-9A-Za-z]{4})")
_OF_REQUESTS = ("req", "chatcmpl", "cmpl", "resp", "msg", "modr")
_OTHERS = ("usr", "ws", "key", "mgk", "rch", "rfd", "dsp", "tkt", "evt")
_SHORTEST_PART = 3


@dataclass(frozen=True, slots=True)
class Found:
    """What was found, and by what. exposed: somebody pasted a whole key, which is no secret any more."""

    by: By
    hits: list[Hit]
    exposed: bool = False


async def find(connection: Connection, text: str) -> Found:
    """Return what a text may mean. A whole key in it is looked up by its digest, and goes nowhere else."""
    key = MANAGEMENT_PATTERN.search(text) or PATTERN.search(text)
    if key is not None:
        return Found("key", await store.by_digest(connection, digest(key[0])), exposed=True)
    found = await _by_id(connection, text)
    if found is not None:
        return Found("id", found)
    hits = await store.by_reference(connection, text, normalise_reference(text))
    last_four = _LABEL.fullmatch(text) or _LAST_FOUR.fullmatch(text)
    if last_four is not None:
        hits += await store.by_last_four(connection, last_four[1])
    if len(text) >= _SHORTEST_PART:
        hits += await store.by_address(connection, text)
        hits += await store.by_name(connection, text)
    return Found("text", hits)


async def _by_id(connection: Connection, text: str) -> list[Hit] | None:
    """Return what has an id; None when the text is none."""
    try:
        identifier = parse(text.lower(), *_OF_REQUESTS, *_OTHERS, "tr")
    except ValueError:
        return None
    prefix = text.lower().rpartition("_")[0] if "_" in text else ""
    hits = []
    if prefix in _OTHERS or not prefix:
        hits += await store.by_id(connection, identifier)
    if prefix in _OF_REQUESTS or not prefix or text.startswith("chatcmpl-"):
        hits += await store.requests(connection, identifier)
    if prefix == "tr" or not (prefix or hits):
        hits += await store.ledger_lines(connection, identifier)
    return hits
