"""PURE  The form of an API key, and what is known about one."""

import hashlib
import re
import secrets
import string
import zlib
from dataclasses import dataclass
from datetime import datetime

from omna.ids import KeyId, ManagementKeyId, UserId, WorkspaceId

#: The one pattern for keys, also for redaction and leak scans.
PATTERN = re.compile(r"\bomna_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b")
#: The one of management keys, which open /api and nothing under /v1.
MANAGEMENT_PATTERN = re.compile(r"\bomna_mgmt_[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b")
#: Of a spend limit; `total` is the life of the key.
PERIODS = ("day", "week", "month", "total")

_HEAD, _MANAGEMENT_HEAD = "omna_", "omna_mgmt_"
_ALPHABET = string.digits + string.ascii_uppercase + string.ascii_lowercase


@dataclass(frozen=True, slots=True)
class ApiKey:
    """A key as it is stored.

    Units   rpm in requests in any 60 s, spend_limit in nanocredits a UTC period (`total`: the life of the key),
            max_running in requests at a time; None is no limit
    allowed_models   ids the key may use; None is every model
    rotated_to       the key that replaces it; this one works until it expires
    """

    key_id: KeyId
    workspace_id: WorkspaceId
    name: str
    prefix: str
    last_four: str
    rpm: int | None
    spend_limit: int | None
    spend_period: str | None
    allowed_models: tuple[str, ...] | None
    expires_at: datetime | None
    disabled_at: datetime | None
    revoked_at: datetime | None
    created_by: UserId | None
    created_at: datetime
    max_running: int | None = None
    rotated_to: KeyId | None = None

    @property
    def label(self) -> str:
        """How the key is shown once it cannot be read again."""
        return f"{self.prefix}…{self.last_four}"


@dataclass(frozen=True, slots=True)
class KeySettings:
    """What can be changed about a key; units as of ApiKey."""

    name: str
    rpm: int | None = None
    max_running: int | None = None
    spend_limit: int | None = None
    spend_period: str | None = None
    allowed_models: tuple[str, ...] | None = None
    expires_at: datetime | None = None


@dataclass(frozen=True, slots=True)
class KeyRow:
    """A key as the list of keys shows it.

    status     active, disabled, rotating (replaced, and good until it expires), expired or revoked
    spent_…    nanocredits; in_period: in the period of its limit, without what is held; resets_at: when that ends
    """

    key: ApiKey
    status: str
    creator_name: str | None
    last_used_at: datetime | None
    spent_in_period: int
    held: int
    resets_at: datetime | None
    requests_24h: int
    spent_24h: int
    requests_30d: int
    spent_30d: int


@dataclass(frozen=True, slots=True)
class ManagementKey:
    """A key for /api. It may what its role may, and never more than `created_by` may at that moment."""

    management_key_id: ManagementKeyId
    workspace_id: WorkspaceId
    name: str
    prefix: str
    last_four: str
    role: str
    created_by: UserId
    creator_name: str | None
    expires_at: datetime | None
    last_used_at: datetime | None
    created_at: datetime

    @property
    def label(self) -> str:
        """How the key is shown once it cannot be read again."""
        return f"{self.prefix}…{self.last_four}"


def generate() -> str:
    """Return a new key: 256 bits of entropy."""
    return encode(secrets.token_bytes(32))


def generate_management() -> str:
    """Return a new management key: 256 bits of entropy."""
    return encode(secrets.token_bytes(32), _MANAGEMENT_HEAD)


def encode(entropy: bytes, head: str = _HEAD) -> str:
    """Return the key of 32 bytes: `omna_`, the number in base62, `_`, the CRC-32 of all before it in base62."""
    assert len(entropy) == 32, "a key is made of 32 bytes"
    text = f"{head}{_base62(int.from_bytes(entropy, 'big'), 43)}"
    return f"{text}_{_checksum(text)}"


def well_formed(text: str) -> bool:
    """Return whether a text has the shape and the checksum of a key. No secret is compared here."""
    return PATTERN.fullmatch(text) is not None and _checksum(text[:-7]) == text[-6:]


def well_formed_management(text: str) -> bool:
    """Return whether a text has the shape and the checksum of a management key."""
    return MANAGEMENT_PATTERN.fullmatch(text) is not None and _checksum(text[:-7]) == text[-6:]


def digest(text: str) -> bytes:
    """Return the SHA-256 a key is found by. A fast digest is right: there are 256 bits to guess."""
    return hashlib.sha256(text.encode()).digest()


def _checksum(head: str) -> str:
    return _base62(zlib.crc32(head.encode()), 6)


def _base62(number: int, width: int) -> str:
    digits = []
    while number:
        number, digit = divmod(number, 62)
        digits.append(_ALPHABET[digit])
    return "".join(reversed(digits)).rjust(width, "0")
