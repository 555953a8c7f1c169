"""The headers that keep a browser on our side."""

#: Style attributes are the one thing the UI kit needs; scripts stay strict.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)

_ALWAYS = (
    (b"x-content-type-options", b"nosniff"),
    (b"referrer-policy", b"same-origin"),
    (b"permissions-policy", b"camera=(), geolocation=(), microphone=(), payment=(), usb=()"),
    (b"cross-origin-opener-policy", b"same-origin"),
)


def security_headers(*, secure: bool) -> list[tuple[bytes, bytes]]:
    """Return what every answer carries. secure: the public URL is https, so browsers may be told to insist on it."""
    headers = list(_ALWAYS)
    if secure:
        headers.append((b"strict-transport-security", b"max-age=31536000; includeSubDomains"))
    return headers


def content_security_policy(nonce: str) -> str:
    """Return the policy of one page: nothing from elsewhere, no inline script or style without this nonce."""
    return _POLICY.format(nonce=nonce)
