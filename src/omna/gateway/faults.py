"""PURE: how a provider's failure looks to the client, whether another attempt is worth it, what it says of the route.

Source  docs/reference/errors.md (provider failures)
"""

from enum import Enum
from typing import assert_never

from omna import errors
from omna.errors import OmnaError
from omna.gateway.refusals import LONGEST_RETRY_AFTER
from omna.providers.base import Failure, FailureKind

_CLIENT_MISTAKES = (400, 413, 422)
_OPERATOR_MISTAKES = (401, 402, 403)
_OVERLOADED = (503, 529)

_QUOTA_CODES = ("insufficient_quota", "billing_hard_limit_reached")

_CONTEXT_CODES = ("context_length_exceeded", "string_above_max_length", "exceed_context_size_error")
_POLICY_CODES = ("content_policy_violation", "content_filter", "moderation_blocked", "safety")


class Verdict(Enum):
    """What a failure says about the route it happened on."""

    NEITHER = "neither"  # nothing: the client's mistake, or our own bound
    COUNTS = "counts"  # it failed; several of these and it is not asked for a while
    OPENS = "opens"  # it will go on failing until somebody acts: a refused credential, a model that is not there
    RESTS = "rests"  # it asked to be left alone for a while


def fault(failure: Failure) -> OmnaError:
    """Return the error a client sees. The provider's words are shown for the client's own mistakes only."""
    match failure.kind:
        case FailureKind.STATUS:
            return _of_status(failure)
        case FailureKind.FIRST_BYTE | FailureKind.PROGRESS | FailureKind.TOTAL:
            return errors.ProviderTimeout()
        case FailureKind.REPORTED:
            return errors.ProviderError(metadata=_provider_code(failure))
        case FailureKind.UNSUPPORTED if failure.param is not None:
            return errors.UnsupportedParameter(failure.message or None, param=failure.param)
        case FailureKind.UNSUPPORTED:
            return errors.UnsupportedEndpoint(failure.message or None, param="model")
        case FailureKind.CROWDED:
            return errors.ProviderOverloaded(retry_after=1)
        case FailureKind.CONNECT | FailureKind.RESET | FailureKind.MALFORMED | FailureKind.TRUNCATED:
            return errors.ProviderError()
        case _:
            assert_never(failure.kind)


def may_retry(failure: Failure, *, other_route: bool) -> bool:
    """Return whether a second attempt may follow, before anything was sent to the client.

    other_route   whether there is another route than the one that failed; the same one is only asked again when the
                  fault may have passed
    """
    match failure.kind:
        case FailureKind.CONNECT | FailureKind.RESET:
            return True
        case FailureKind.STATUS:
            status = failure.status or 500
            if status in _CLIENT_MISTAKES:
                return False
            return other_route or (status >= 500 and status not in _OVERLOADED)
        case (
            FailureKind.CROWDED
            | FailureKind.UNSUPPORTED
            | FailureKind.MALFORMED
            | FailureKind.REPORTED
            | FailureKind.FIRST_BYTE
            | FailureKind.PROGRESS
        ):
            return other_route
        case FailureKind.TRUNCATED | FailureKind.TOTAL:
            return False
        case _:
            assert_never(failure.kind)


def verdict(failure: Failure) -> Verdict:
    """Return what a failure says about the route."""
    match failure.kind:
        case FailureKind.UNSUPPORTED | FailureKind.CROWDED:
            return Verdict.NEITHER
        case FailureKind.STATUS:
            status = failure.status or 500
            if status in _OPERATOR_MISTAKES or status == 404:
                return Verdict.OPENS
            if status == 429:
                if failure.retry_after is not None:
                    return Verdict.RESTS
                return Verdict.OPENS if failure.code in _QUOTA_CODES else Verdict.COUNTS
            return Verdict.COUNTS if status >= 500 else Verdict.NEITHER
        case _:
            return Verdict.COUNTS


def failure_class(failure: Failure) -> str:
    """Return the class of a failure, as operators read it: a word of ours, never the provider's."""
    if failure.kind is not FailureKind.STATUS:
        return failure.kind.value
    status = failure.status or 500
    if status == 429:
        return "quota" if failure.code in _QUOTA_CODES else "rate_limited"
    if status in (*_CLIENT_MISTAKES, 404):
        return "not_found" if status == 404 else "invalid"
    if status in _OPERATOR_MISTAKES:
        return "payment" if status == 402 else "credential"
    return "overloaded" if status in _OVERLOADED else "status"


def needs_operator(failure: Failure) -> bool:
    """Return whether only the operator can mend this: the provider refuses the account, or has no such model."""
    return failure.kind is FailureKind.STATUS and verdict(failure) is Verdict.OPENS


def _of_status(failure: Failure) -> OmnaError:
    status = failure.status or 500
    if status in _OPERATOR_MISTAKES:
        # The operator's credential or account: never the client's 401, 402 or 403, and no word of it.
        return errors.ProviderError()
    if status == 429:
        return _rate_limited(failure)
    if status in _OVERLOADED:
        wait = min(failure.retry_after or 5.0, LONGEST_RETRY_AFTER)
        return errors.ProviderOverloaded(retry_after=wait, metadata=_provider_code(failure))
    if status == 404:
        return errors.ModelNotFound("The provider of this model does not know it at the moment.", param="model")
    if status in _CLIENT_MISTAKES:
        return _client_mistake(failure, status)
    return errors.ProviderError(metadata=_provider_code(failure))


def _rate_limited(failure: Failure) -> OmnaError:
    if failure.retry_after is None and failure.code in _QUOTA_CODES:
        return errors.ProviderUnavailable(retry_after=LONGEST_RETRY_AFTER)
    wait = 5.0 if failure.retry_after is None else failure.retry_after
    return errors.RateLimitExceeded(
        "The provider of this model is limiting requests; try again later or use another model.",
        retry_after=wait,
        metadata={
            "limit_name": "provider_rate",
            "scope": "provider",
            "unit": "requests",
            "limit": None,
            "used": None,
            "resets_at": None,
            "remedy": "Wait, or use another model.",
        },
    )


def _client_mistake(failure: Failure, status: int) -> OmnaError:
    reason = failure.message or "The provider refused this request."
    code = (failure.code or "").lower()
    lowered = reason.lower()
    if code in _CONTEXT_CODES or ("context" in lowered and ("length" in lowered or "size" in lowered)):
        return errors.ContextLengthExceeded(reason, param="messages")
    if code in _POLICY_CODES:
        return errors.ContentPolicyViolation(reason, param="messages")
    if status == 413:
        return errors.RequestTooLarge(reason)
    return errors.InvalidValue(reason, metadata=_provider_code(failure))


def _provider_code(failure: Failure) -> dict[str, str]:
    return {} if failure.code is None else {"provider_code": str(failure.code)}
