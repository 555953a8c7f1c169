"""PURE  One secret in one string: AES-256-GCM under a data key of its own, the data key wrapped by a purpose's key.

Form    `v1:key id:nonce:ciphertext:wrapped data key`, the last three in URL-safe base64; the wrapped key begins with
        its own nonce
Source  NIST SP 800-38D (GCM, 96-bit nonces); a data key seals once, so its nonce can never repeat
"""

import base64
import binascii
import os
from typing import NamedTuple

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCM

NONCE_BYTES = 12


class Location(NamedTuple):
    """Where an envelope is stored. It opens nowhere else."""

    table: str
    row: str
    column: str


class EnvelopeError(Exception):
    """An envelope does not open: another key, another place, or changed content."""


def seal(key: bytes, key_id: str, secret: str, location: Location) -> str:
    """Return the envelope of a secret, for exactly one place and one key."""
    bound = _bound_to(location, key_id)
    data_key = AESGCM.generate_key(bit_length=256)
    nonce, wrap_nonce = os.urandom(NONCE_BYTES), os.urandom(NONCE_BYTES)
    ciphertext = AESGCM(data_key).encrypt(nonce, secret.encode(), bound)
    wrapped = wrap_nonce + AESGCM(key).encrypt(wrap_nonce, data_key, bound)
    return ":".join(("v1", key_id, _encode(nonce), _encode(ciphertext), _encode(wrapped)))


def unseal(key: bytes, envelope: str, location: Location) -> str:
    """Return the secret of an envelope.

    Errors  EnvelopeError, without saying what differs
    """
    try:
        version, identifier, nonce, ciphertext, wrapped = envelope.split(":")
        if version != "v1":
            raise EnvelopeError(f"an envelope of version {version!r} cannot be opened")
        bound = _bound_to(location, identifier)
        wrapped_key = _decode(wrapped)
        data_key = AESGCM(key).decrypt(wrapped_key[:NONCE_BYTES], wrapped_key[NONCE_BYTES:], bound)
        return AESGCM(data_key).decrypt(_decode(nonce), _decode(ciphertext), bound).decode()
    except (InvalidTag, ValueError, binascii.Error):
        raise EnvelopeError(f"the secret of {location.table}.{location.column} does not open") from None


def key_id_of(envelope: str) -> str:
    """Return the id of the master key that sealed an envelope."""
    return envelope.split(":", 2)[1] if envelope.count(":") == 4 else ""


def _bound_to(location: Location, key_id: str) -> bytes:
    # Lengths in front: ("ab", "c") and ("a", "bc") must not be the same place.
    parts = (part.encode() for part in (*location, key_id))
    return b"".join(len(part).to_bytes(4, "big") + part for part in parts)


def _encode(data: bytes) -> str:
    return base64.urlsafe_b64encode(data).decode().rstrip("=")


def _decode(text: str) -> bytes:
    return base64.b64decode(text + "=" * (-len(text) % 4), altchars=b"-_", validate=True)
