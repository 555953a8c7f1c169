"""The master keys of this installation: one that seals, and during a rotation older ones that still open."""

import hashlib
import os
import re
import secrets
from collections.abc import Sequence
from enum import StrEnum
from pathlib import Path

from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF

from omna.config import ConfigError
from omna.vault import envelope
from omna.vault.envelope import EnvelopeError, Location

_KEY = re.compile(r"[0-9a-fA-F]{64}")
_WEAK_BELOW = 12  # distinct byte values; 32 random bytes have fewer with a chance below 10^-14


class MasterKeyError(ConfigError):
    """The master key is missing, malformed, weak, readable by others, or not the one that sealed this database."""


class Purpose(StrEnum):
    """What a derived key is for: the HKDF label. Changing a value loses what was sealed under it."""

    CANARY = "canary"
    PROVIDER_SECRETS = "provider secrets"
    AUDIT_CHAIN = "audit chain"
    ENVIRONMENT_KEYS = "environment keys"
    RETIRED_KEYS = "retired keys"
    TOTP = "totp"
    DEVICE_COOKIE = "device cookie"
    STARTER_ADDRESSES = "starter addresses"
    SANDBOX_EVENTS = "sandbox events"
    ALERT_WEBHOOK = "alert webhook"
    SHARE_LINKS = "share links"


class Keyring:
    """Master keys, the first of which seals.

    A keyring of a file follows the file: after a rotation by another process the next use reads it again.
    """

    def __init__(self, masters: Sequence[bytes], path: Path | None = None) -> None:
        if not masters:
            raise MasterKeyError("there is no master key")
        self.path = path
        self._read_at: tuple[int, int] | None = None
        self._masters = {_identify(master): master for master in masters}

    @classmethod
    def from_text(cls, text: str) -> "Keyring":
        """Return the keyring of a setting: 64 hex digits, or several such keys with commas between them.

        Errors  MasterKeyError when one is malformed or weak
        """
        return cls(_parse(text, "OMNA_SECRETS_MASTER_KEY"))

    @classmethod
    def from_file(cls, path: Path) -> "Keyring":
        """Return the keyring of a key file, which is made with a new key when there is none.

        Errors  MasterKeyError when the file is malformed, weak, or open to other users
        """
        if not path.exists():
            _make(path)
        return cls(_read(path), path)

    @property
    def current_id(self) -> str:
        """The id of the key that seals."""
        self._follow()
        return next(iter(self._masters))

    @property
    def ids(self) -> list[str]:
        """The ids of all keys, the sealing one first."""
        self._follow()
        return list(self._masters)

    def derive(self, purpose: Purpose, key_id: str | None = None) -> bytes:
        """Return the 32-byte key of a purpose, of the sealing master key or of a named one."""
        master = self._masters[key_id or self.current_id]
        return HKDF(SHA256(), length=32, salt=None, info=f"omna {purpose}".encode()).derive(master)

    def seal(self, purpose: Purpose, secret: str, location: Location) -> str:
        """Return the envelope of a secret under the sealing key."""
        key_id = self.current_id
        return envelope.seal(self.derive(purpose, key_id), key_id, secret, location)

    def unseal(self, purpose: Purpose, sealed: str, location: Location) -> str:
        """Return the secret of an envelope.

        Errors  EnvelopeError when no key of this ring opens it
        """
        key_id = envelope.key_id_of(sealed)
        self._follow()
        if key_id not in self._masters:
            raise EnvelopeError(f"the secret of {location.table}.{location.column} was sealed with another master key")
        return envelope.unseal(self.derive(purpose, key_id), sealed, location)

    def add_key(self) -> None:
        """Put a new key in front of the file: from now on it seals, and the others still open."""
        assert self.path is not None, "only a key file can be added to"
        _write(self.path, [secrets.token_bytes(32), *_read(self.path)])

    def drop_old_keys(self) -> None:
        """Leave the sealing key alone in the file."""
        assert self.path is not None, "only a key file can be cleaned"
        _write(self.path, _read(self.path)[:1])

    def _follow(self) -> None:
        if self.path is None:
            return
        modified_at = _modified_at(self.path)
        if modified_at != self._read_at:
            self._read_at = modified_at
            self._masters = {_identify(master): master for master in _read(self.path)}


def _identify(master: bytes) -> str:
    return hashlib.sha256(b"omna master key id" + master).hexdigest()[:12]


def _modified_at(path: Path) -> tuple[int, int]:
    try:
        status = path.stat()
    except OSError as error:
        raise MasterKeyError(f"{path}: {error.strerror}") from None
    return status.st_mtime_ns, status.st_ino


def _parse(text: str, origin: str) -> list[bytes]:
    words = re.split(r"[\s,]+", text.strip())
    masters = []
    for word in words:
        if _KEY.fullmatch(word) is None:
            raise MasterKeyError(f"{origin}: a master key is 64 hex digits, for example from `openssl rand -hex 32`")
        master = bytes.fromhex(word)
        if len(set(master)) < _WEAK_BELOW:
            raise MasterKeyError(f"{origin}: this master key is not random; make one with `openssl rand -hex 32`")
        masters.append(master)
    return masters


def _read(path: Path) -> list[bytes]:
    try:
        mode = path.stat().st_mode
        text = path.read_text("ascii")
    except (OSError, UnicodeDecodeError) as error:
        raise MasterKeyError(f"{path}: {error}") from None
    if mode & 0o077:
        raise MasterKeyError(f"{path} can be read by other users; run `chmod 600 {path}`")
    return _parse(text, str(path))


def _make(path: Path) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    draft = _draft(path, [secrets.token_bytes(32)])
    try:
        # A link refuses to replace: of two processes that start together, one makes the key and both read it.
        os.link(draft, path)
    except FileExistsError:
        pass
    finally:
        draft.unlink()
    _sync(path.parent)


def _write(path: Path, masters: Sequence[bytes]) -> None:
    os.replace(_draft(path, masters), path)
    _sync(path.parent)


def _draft(path: Path, masters: Sequence[bytes]) -> Path:
    draft = path.with_name(f".{path.name}.{secrets.token_hex(8)}")
    descriptor = os.open(draft, os.O_WRONLY | os.O_CREAT | os.O_EXCL, 0o600)
    with os.fdopen(descriptor, "w", encoding="ascii") as file:
        file.writelines(f"{master.hex()}\n" for master in masters)
        file.flush()
        os.fsync(file.fileno())
    return draft


def _sync(directory: Path) -> None:
    descriptor = os.open(directory, os.O_RDONLY)
    try:
        os.fsync(descriptor)
    finally:
        os.close(descriptor)
