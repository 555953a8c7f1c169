"""PURE  The two kinds of code that finish a sign-in: six digits of an authenticator, or one of ten recovery codes.

Source  RFC 6238 with SHA-1, six digits and 30 seconds, which is what every authenticator app speaks
"""

import base64
import hashlib
import hmac
import secrets
from uuid import UUID

import pyotp
import segno

STEP_SECONDS = 30
RECOVERY_CODES = 10
_DIGITS = 6
_SECRET_BYTES = 20
_CODE_BYTES = 10  # 80 bits, 16 characters


def make_secret() -> str:
    """Return a new secret of an authenticator: 160 bits in base32."""
    return base64.b32encode(secrets.token_bytes(_SECRET_BYTES)).decode()


def setup_uri(secret: str, email: str, issuer: str) -> str:
    """Return the address that an authenticator app reads from the QR code."""
    return pyotp.TOTP(secret).provisioning_uri(name=email, issuer_name=issuer)


def qr_svg(uri: str) -> str:
    """Return a QR code as an SVG element that scales with its place, dark on light in every theme."""
    return segno.make(uri, error="m", micro=False).svg_inline(
        scale=4, border=4, dark="#000", light="#fff", omitsize=True, title="QR code for an authenticator app"
    )


def matching_step(secret: str, code: str, now: float) -> int | None:
    """Return the time step a code belongs to, at most one away from now, or None when it is wrong.

    now     seconds since 1970
    """
    if not is_totp(code):
        return None
    current = int(now) // STEP_SECONDS
    generator = pyotp.TOTP(secret)
    found = None
    # The newest one first, so that a code that fits two steps uses both up.
    for step in (current + 1, current, current - 1):
        if hmac.compare_digest(generator.generate_otp(step), code) and found is None:
            found = step
    return found


def tidy(code: str) -> str:
    """Return a code as it was made, however it was typed: without spaces and dashes, in lower case."""
    return "".join(character for character in code.lower() if not character.isspace() and character != "-")


def is_totp(code: str) -> bool:
    return len(code) == _DIGITS and code.isascii() and code.isdigit()


def make_recovery_codes() -> list[str]:
    """Return ten codes of 80 bits, for example `mfzw-c2lb-oq5e-7kxa`."""
    return [_make_recovery_code() for _ in range(RECOVERY_CODES)]


def recovery_digest(user_id: UUID, code: str) -> bytes:
    """Return what is stored of a recovery code. code: tidy"""
    return hashlib.sha256(user_id.bytes + code.encode(errors="replace")).digest()


def _make_recovery_code() -> str:
    text = base64.b32encode(secrets.token_bytes(_CODE_BYTES)).decode().lower()
    return "-".join(text[start : start + 4] for start in range(0, len(text), 4))
