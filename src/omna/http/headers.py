"""The headers that keep a browser on our side."""

#: Style attributes are the one thing the UI kit needs; scripts stay strict.
_POLICY = (
    "default-src 'none'; script-src 'self' 'nonce-{nonce}'; style-src 'self' 'nonce-{nonce}'; "
    "style-src-attr 'unsafe-inline'; connect-src 'self'; img-src 'self' data: blob:; font-src 'self'; "
    "manifest-src 'self'; object-src 'none'; base-uri 'none'; form-action 'self'; frame-ancestors 'none'"
)
#: What draws what a model wrote: its own scripts, which have to add styles, and nothing else. No connection, picture or
#: font, so nothing leaves; no origin, so nothing is reached.
_FRAME_POLICY = (
    "sandbox allow-scripts; default-src 'none'; script-src {files}; style-src {files} 'unsafe-inline'; "
    "base-uri 'none'; form-action 'none'; frame-ancestors 'self'"
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


def content_security_policy(nonce: str, *, frames: bool = False) -> str:
    """Return the policy of one page: nothing from elsewhere, no inline script or style without this nonce.

    frames      the page may show another of our pages in a frame
    """
    return _POLICY.format(nonce=nonce) + ("; frame-src 'self'" if frames else "")


def frame_policy(files: str) -> str:
    """Return the policy of a page in a frame without rights. files: where its scripts and styles lie."""
    return _FRAME_POLICY.format(files=files)
