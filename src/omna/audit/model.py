"""PURE  A row of the audit log, its one encoding, and the seal over it."""

import hmac
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Literal
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
    request_id: str | None = None


@dataclass(frozen=True, slots=True)
class Head:
    """Number and seal of a row that everything before it is under; number 0 before the first."""

    seq: int
    seal: bytes


@dataclass(frozen=True, slots=True)
class Finding:
    """What is wrong with the log, and at which row."""

    seq: int
    problem: str


@dataclass(frozen=True, slots=True)
class Wanted:
    """Which rows somebody wants to read; None is any.

    action      one action, `refund.approve`
    noun        every action on a noun, `refund`
    text        stands somewhere in subject, reason, before or after, in any case
    start, end  the first moment, and the one behind the last
    """

    actor: str | None = None
    action: str | None = None
    noun: str | None = None
    subject: str | None = None
    origin: str | None = None
    request_id: str | None = None
    text: str | None = None
    start: datetime | None = None
    end: datetime | None = None

    def facts(self) -> dict[str, Any]:
        """Return what is asked for, as a row of the log keeps it."""
        known = {name: getattr(self, name) for name in self.__slots__}
        return {name: value for name, value in known.items() if value is not None}

    @classmethod
    def of_json(cls, text: str | None) -> "Wanted":
        """Return what `facts` kept."""
        return msgspec.json.decode(text or "{}", type=cls)


Scope = Literal["all", "new"]
#: What is proven: the audit log, or the books.
Chain = Literal["audit", "ledger"]


@dataclass(frozen=True, slots=True)
class Report:
    """What a check found: how many rows it read, how much is wrong, the first of it, and the newest row then.

    scope   all rows, or those since the check before
    """

    scope: Scope
    rows: int
    findings: int
    named: Sequence[Finding]
    head: Head


@dataclass(frozen=True, slots=True)
class Noted:
    """A check as it is remembered."""

    checked_at: datetime
    report: Report


@dataclass(frozen=True, slots=True)
class Standing:
    """What the checks so far say about the log.

    last, last_full     the newest check, and the newest of all rows
    whole_at            when all rows were last found whole
    broken_since        the first check after that which found something; None while the log is whole
    broken              the newest check after that which found something
    """

    last: Noted | None
    last_full: Noted | None
    whole_at: datetime | None
    broken_since: datetime | None
    broken: Noted | None


@dataclass(frozen=True, slots=True)
class Request:
    """A check that somebody wants now; begun once a worker has taken it up."""

    chain: Chain
    asked_at: datetime
    asked_by: str
    begun_at: datetime | None


def seal(entry: Entry, previous: bytes, key: bytes) -> bytes:
    """Return the HMAC-SHA256 of a row and the seal before it."""
    # Lengths in front of every part: no two rows share an encoding. A row without a request is sealed as rows were
    # before there were any, so neither can be passed off as the other.
    parts = [
        b"omna audit v1" if entry.request_id is None else b"omna audit v2",
        previous,
        entry.seq.to_bytes(8, "big"),
        ((entry.at - _EPOCH) // _MICROSECOND).to_bytes(8, "big"),
        *(text.encode() for text in (entry.actor, entry.action, entry.subject, entry.reason, entry.origin)),
        *(b"" if document is None else canonical(document) for document in (entry.before, entry.after)),
        *(() if entry.request_id is None else (entry.request_id.encode(),)),
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
