"""PURE  Every error as documentation tells of it: its code, what it means, and whether sending again can help."""

from collections.abc import Iterator
from dataclasses import dataclass

from omna.errors import OmnaError

#: What to do about a code beyond what its status says: the key of a text.
_NEXT = {
    "conflicting_credentials": "key",
    "content_policy_violation": "content",
    "context_length_exceeded": "shorter",
    "idempotency_key_mismatch": "new_token",
    "key_in_url": "revoke",
    "invalid_api_key": "key",
    "unauthenticated": "key",
    "insufficient_credits": "recharge",
    "key_limit_exceeded": "limit",
    "member_limit_exceeded": "limit",
    "user_limit_exceeded": "limit",
    "account_frozen": "support",
    "awaiting_approval": "approval",
    "email_not_verified": "verify",
    "key_disabled": "key",
    "model_not_allowed": "allowed",
    "generation_not_found": "request_id",
    "model_not_found": "models",
    "unsupported_endpoint": "models",
    "request_timeout": "network",
    "conflict": "again",
    "idempotency_in_progress": "again",
    "request_too_large": "shorter",
    "rate_limit_exceeded": "wait",
    "internal_error": "receipt",
    "provider_error": "other",
    "emergency_stop": "status",
    "gateway_overloaded": "wait",
    "provider_overloaded": "other",
    "provider_unavailable": "other",
    "service_unavailable": "wait",
    "spend_cap_reached": "other",
    "timeout": "other",
}


@dataclass(frozen=True, slots=True)
class Described:
    """helps   whether the same request again may succeed: SDKs repeat these by themselves
    following   the text that says what to do: `docs.next.` and this
    """

    code: str
    status: int
    type: str
    message: str
    helps: bool
    on_gateway: bool
    following: str


def errors() -> list[Described]:
    """Return every error by status and code; of classes that share a code, the one at the end of the tree."""
    found: dict[str, Described] = {}
    for error in _family(OmnaError):
        # Some classes only group others under the code of the most general of them; the leaf's sentence is the better.
        if error.code in found and error.__subclasses__():
            continue
        found[error.code] = Described(
            code=error.code,
            status=error.status,
            type=error.type,
            message=" ".join((error.__doc__ or "").split()),
            helps=error.retryable and (error.status >= 500 or error.status in {408, 409, 429}),
            on_gateway=error.on_gateway,
            following=_NEXT.get(error.code, "fix"),
        )
    return sorted(found.values(), key=lambda one: (one.status, one.code))


def _family(error: type[OmnaError]) -> Iterator[type[OmnaError]]:
    """Yield the classes of omna.errors that have a code, parents after their children."""
    for child in error.__subclasses__():
        if child.__module__ == OmnaError.__module__:
            yield from _family(child)
            yield child
