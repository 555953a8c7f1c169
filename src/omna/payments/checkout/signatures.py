"""The one scheme that deliveries are signed with: Stripe's, which the sandbox speaks as well."""

from collections.abc import Mapping, Sequence

import stripe

from omna.payments.checkout.processor import RefusedDelivery

HEADER = "stripe-signature"

#: Seconds after which a signed delivery is not believed any more: a recorded one cannot be played again later.
TOLERANCE_SECONDS = 300


def verify(body: bytes, headers: Mapping[str, str], secrets: Sequence[str]) -> None:
    """Prove that a body was signed lately with one of the secrets; several are valid while one replaces another.

    headers     lower-case names
    Errors      RefusedDelivery
    """
    signature = headers.get(HEADER, "")
    if not signature:
        raise RefusedDelivery("unsigned")
    try:
        text = body.decode("utf-8")
    except UnicodeDecodeError:
        raise RefusedDelivery("malformed") from None
    secret = _signer(text, signature, secrets)
    if not _is_valid(text, signature, secret, TOLERANCE_SECONDS):
        raise RefusedDelivery("stale")


def sign(body: str, secret: str) -> dict[str, str]:
    """Return the headers of a delivery of ours."""
    signature: str = stripe.WebhookSignature.generate_signature_header(body, secret)
    return {HEADER: signature}


def _signer(text: str, signature: str, secrets: Sequence[str]) -> str:
    for secret in secrets:
        if secret and _is_valid(text, signature, secret, None):
            return secret
    raise RefusedDelivery("forged")


def _is_valid(text: str, signature: str, secret: str, tolerance: int | None) -> bool:
    try:
        stripe.WebhookSignature.verify_header(text, signature, secret, tolerance)
    except stripe.SignatureVerificationError:
        return False
    return True
