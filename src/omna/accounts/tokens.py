"""PURE  Secrets that stand for somebody: made at random, told once, stored as a digest."""

import hashlib
import secrets

_BYTES = 32
#: Longest text that is looked up at all.
LONGEST = 64


def make() -> str:
    """Return a token of 256 random bits, safe in an address and in a cookie."""
    return secrets.token_urlsafe(_BYTES)


def digest(token: str) -> bytes:
    """Return what is stored of a token. A fast digest is right: there is nothing to guess in 256 bits."""
    return hashlib.sha256(token[:LONGEST].encode(errors="replace")).digest()
