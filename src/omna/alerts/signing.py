"""PURE  Standard Webhooks: how a delivery is signed, and what its secret looks like.

Source  Standard Webhooks 1.0.0 (www.standardwebhooks.com)
"""

import base64
import hmac
import secrets
from collections.abc import Sequence

PREFIX = "whsec_"
_SECRET_BYTES = 32


def make_secret() -> str:
    """Return a new secret in the form that receivers know."""
    return PREFIX + base64.b64encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def headers(message_id: str, seconds: int, body: str, keys: Sequence[str]) -> dict[str, str]:
    """Return the headers of an attempt.

    message_id  the same at every attempt, so that a receiver can drop what it has had
    seconds     Unix time of this attempt
    keys        secrets that sign, the newest first; each gives a signature of its own
    """
    content = f"{message_id}.{seconds}.{body}".encode()
    return {
        "webhook-id": message_id,
        "webhook-timestamp": str(seconds),
        "webhook-signature": " ".join(f"v1,{_sign(key, content)}" for key in keys),
    }


def _sign(key: str, content: bytes) -> str:
    raw = base64.b64decode(key.removeprefix(PREFIX))
    return base64.b64encode(hmac.digest(raw, content, "sha256")).decode()
