"""PURE  A row of the audit log, its one encoding, and the seal over it."""

import hmac
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any
from uuid import UUID

import msgspec

#: The seal before the first row.
GENESIS = b"\x00" * 32
_EPOCH = datetime(1970, 1, 1, tzinfo=UTC)


@dataclass(frozen=True, slots=True)
class Actor:
    """Who acts: `usr_…`, `cli:NAME` or `system:PART`; from where; and the key that seals what they do."""

    name: str
    origin: str
    key: bytes


@dataclass(frozen=True, slots=True)
class Entry:
    """One row. `before` and `after` are JSON text as it will be read back, or None."""

    seq: int
    at: datetime
    actor: str
    action: str
    subject: str
    reason: str
    before: str | None
    after: str | None
    origin: str


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the log, and at which row."""

    seq: int
    problem: str


def seal(entry: Entry, previous: bytes, key: bytes) -> bytes:
    """Return the HMAC-SHA256 of a row and the seal before it."""
    # Lengths in front of every part: no two rows share an encoding.
    parts = [
        b"omna audit v1",
        previous,
        entry.seq.to_bytes(8, "big"),
        ((entry.at - _EPOCH) // _MICROSECOND).to_bytes(8, "big"),
        *(text.encode() for text in (entry.actor, entry.action, entry.subject, entry.reason, entry.origin)),
        *(b"" if document is None else canonical(document) for document in (entry.before, entry.after)),
    ]
    message = b"".join(len(part).to_bytes(4, "big") + part for part in parts)
    return hmac.digest(key, message, "sha256")


def canonical(document: str) -> bytes:
    """Return JSON text in one spelling: PostgreSQL gives `jsonb` back with other spaces and another order of keys."""
    return msgspec.json.encode(msgspec.json.decode(document), order="deterministic")


def to_json(value: Mapping[str, Any] | None) -> str | None:
    """Return what changed as JSON text.

    Errors  TypeError for a float, which has no exact text, and for anything without a plain form
    """
    return None if value is None else msgspec.json.encode(_plain(value), order="deterministic").decode()


def _plain(value: Any) -> Any:
    match value:
        case None | bool() | int() | str():
            return value
        case UUID():
            return str(value)
        case datetime():
            return value.astimezone(UTC).isoformat().replace("+00:00", "Z")
        case Mapping():
            return {str(key): _plain(item) for key, item in value.items()}
        case list() | tuple():
            return [_plain(item) for item in value]
        case _:
            raise TypeError(f"the audit log cannot hold a {type(value).__name__}")


_MICROSECOND = datetime.resolution
