"""Every failure Omna can answer with, in one tree.

    OmnaError
    ├── InvalidRequest        400 …  the caller's mistake: InvalidJson, InvalidValue, UnsupportedParameter, …
    ├── Unauthenticated       401    InvalidApiKey
    ├── PaymentRequired       402    InsufficientCredits, KeyLimitExceeded, MemberLimitExceeded, UserLimitExceeded
    ├── Forbidden             403    AccountFrozen, KeyDisabled, ModelNotAllowed
    ├── NotFound              404    ModelNotFound, UnknownUrl, GenerationNotFound, …
    ├── RateLimitExceeded     429    TooManyAttempts
    ├── ServerFault           500    InternalError
    ├── ProviderFault         502…   ProviderError, ProviderOverloaded, ProviderUnavailable, ProviderTimeout
    └── Unavailable           503    SpendCapReached, EmergencyStop, GatewayOverloaded, ServiceUnavailable

A leaf's docstring is its default message. `code` is a public contract (docs/reference/errors.md); the HTTP status and
the OpenAI `type` hang on the class. Two renderers know this tree: gateway/wire/errors.py and http/errors.py.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any, ClassVar


@dataclass(frozen=True, slots=True)
class Limit:
    """The limit that refused a request, with the numbers that explain it.

    Units   `credits` amounts are nanocredits; `requests` and `tokens` are counts
    """

    name: str
    scope: str
    unit: str
    limit: int
    used: int
    remedy: str
    held: int = 0
    required: int = 0
    resets_at: datetime | None = None

    @property
    def available(self) -> int:
        return self.limit - self.used - self.held


class OmnaError(Exception):
    """Something went wrong."""

    code: ClassVar[str]
    status: ClassVar[int]
    type: ClassVar[str]
    #: False when a retry cannot help: the SDKs are told so.
    retryable: ClassVar[bool] = True
    #: False for what people meet on pages and under /api, and programs under /v1 never.
    on_gateway: ClassVar[bool] = True
    #: The request rate of the caller's key when it was refused, for the rate-limit headers of the answer.
    rate: Any = None

    def __init__(
        self,
        message: str | None = None,
        *,
        param: str | None = None,
        limit: Limit | None = None,
        retry_after: float | None = None,
        metadata: dict[str, Any] | None = None,
    ) -> None:
        self.message = message or (type(self).__doc__ or "").strip()
        self.param = param
        self.limit = limit
        self.retry_after = retry_after
        self.metadata = metadata or {}
        super().__init__(self.message)


class InvalidRequest(OmnaError):
    """The request cannot be understood."""

    code = "invalid_value"
    status = 400
    type = "invalid_request_error"


class InvalidValue(InvalidRequest):
    """A field has a value that is not allowed."""

    code = "invalid_value"


class InvalidJson(InvalidRequest):
    """The body is not strict JSON."""

    code = "invalid_json"


class InvalidContentEncoding(InvalidRequest):
    """The body does not match its content-encoding."""

    code = "invalid_content_encoding"


class ConflictingCredentials(InvalidRequest):
    """Two different keys were sent in one request; send one."""

    code = "conflicting_credentials"


class KeyInUrl(InvalidRequest):
    """A key was sent in the URL, where logs keep it. Revoke it, and send keys in the Authorization header."""

    code = "key_in_url"


class MissingRequiredParameter(InvalidRequest):
    """A required field is missing."""

    code = "missing_required_parameter"


class UnsupportedParameter(InvalidRequest):
    """This model does not support a field of the request."""

    code = "unsupported_parameter"


class IdempotencyKeyMismatch(InvalidRequest):
    """This Idempotency-Key was used with another body; a new request needs a new key."""

    code = "idempotency_key_mismatch"


class ContextLengthExceeded(InvalidRequest):
    """The prompt is longer than the model's context."""

    code = "context_length_exceeded"


class ContentPolicyViolation(InvalidRequest):
    """The provider refused the content of this request."""

    code = "content_policy_violation"


class RequestTimeout(InvalidRequest):
    """The body arrived too slowly."""

    code = "request_timeout"
    status = 408


class RequestTooLarge(InvalidRequest):
    """The body is too large."""

    code = "request_too_large"
    status = 413


class UploadRefused(InvalidRequest):
    """This file is not accepted."""

    code = "upload_refused"
    status = 415
    on_gateway = False


class UnsupportedContentEncoding(InvalidRequest):
    """This content-encoding is not supported; use identity, gzip, deflate, br or zstd, one layer."""

    code = "unsupported_content_encoding"
    status = 415


class Unauthenticated(OmnaError):
    """Sign in first."""

    code = "unauthenticated"
    status = 401
    type = "invalid_request_error"


class InvalidApiKey(Unauthenticated):
    """No valid API key was sent. Send `Authorization: Bearer omna_…` with a key of your workspace."""

    code = "invalid_api_key"


class PaymentRequired(OmnaError):
    """Credits are missing."""

    code = "insufficient_credits"
    status = 402
    type = "insufficient_quota"
    retryable = False


class InsufficientCredits(PaymentRequired):
    """The workspace has too few Credits for this request."""

    code = "insufficient_credits"


class KeyLimitExceeded(PaymentRequired):
    """The spend limit of this key is reached."""

    code = "key_limit_exceeded"


class MemberLimitExceeded(PaymentRequired):
    """The spend limit of the member whose key this is has been reached."""

    code = "member_limit_exceeded"


class UserLimitExceeded(PaymentRequired):
    """The daily spend limit of this workspace is reached."""

    code = "user_limit_exceeded"


class AnswerEnded(PaymentRequired):
    """The balance or a limit reached its end while this answer was written."""

    code = "answer_ended"
    on_gateway = False


class Forbidden(OmnaError):
    """This is not allowed."""

    code = "forbidden"
    status = 403
    type = "invalid_request_error"


class CrossSiteRequest(Forbidden):
    """This request did not come from a page of Omna. Reload the page and try again."""

    code = "cross_site_request"
    on_gateway = False


class StepUpRequired(Forbidden):
    """This needs a fresh proof that it is you."""

    code = "step_up_required"
    on_gateway = False


class SecondFactorRequired(Forbidden):
    """The console opens with a second factor only. Add an authenticator or a passkey at /app/settings/security."""

    code = "second_factor_required"
    on_gateway = False


class ConsoleClosed(Forbidden):
    """The console is closed. Open it with a fresh proof that it is you."""

    code = "console_closed"
    on_gateway = False


class ViewingIsReadOnly(Forbidden):
    """You see this workspace as its customer does. Nothing can be changed or downloaded here."""

    code = "viewing_is_read_only"
    on_gateway = False


class ViewingOver(Forbidden):
    """You do not see this workspace as its customer any more. Begin anew in the console."""

    code = "viewing_over"
    on_gateway = False


class PasskeyRefused(Forbidden):
    """This passkey was not accepted. Try again, or take another way in."""

    code = "passkey_refused"
    on_gateway = False


class ServiceSignInRefused(Forbidden):
    """The sign-in at the other service did not succeed. Start it again from the sign-in page."""

    code = "service_sign_in_refused"
    on_gateway = False


class BadCredentials(Forbidden):
    """The address or the password is wrong."""

    code = "bad_credentials"
    on_gateway = False


class BadCode(Forbidden):
    """This code is wrong, too old, or was used before."""

    code = "bad_code"
    on_gateway = False


class ChallengeOver(Forbidden):
    """This sign-in took too long or had too many tries. Begin again with your password."""

    code = "challenge_over"
    on_gateway = False


class SignUpClosed(Forbidden):
    """Accounts here are made by invitation."""

    code = "sign_up_closed"
    on_gateway = False


class EmailNotVerified(Forbidden):
    """Verify the e-mail address of this account first."""

    code = "email_not_verified"


class AwaitingApproval(Forbidden):
    """This account waits for the operator's approval; nothing can be spent until then."""

    code = "awaiting_approval"


def frozen_sentence(subject: str, reason: str) -> str:
    """Return what somebody hears who would change something that is frozen."""
    return f"{subject} is frozen: {reason.rstrip('.')}. Ask support to have it reviewed."


class AccountFrozen(Forbidden):
    """This workspace is frozen."""

    code = "account_frozen"


class KeyDisabled(Forbidden):
    """This key is switched off."""

    code = "key_disabled"


class ModelNotAllowed(Forbidden):
    """This key may not use this model."""

    code = "model_not_allowed"


class NotFound(OmnaError):
    """There is no such thing."""

    code = "not_found"
    status = 404
    type = "invalid_request_error"


class ModelNotFound(NotFound):
    """There is no such model."""

    code = "model_not_found"


class UnsupportedEndpoint(NotFound):
    """This model does not offer this endpoint."""

    code = "unsupported_endpoint"


class UnknownUrl(NotFound):
    """There is nothing at this address."""

    code = "unknown_url"


class GenerationNotFound(NotFound):
    """There is no such request in this workspace."""

    code = "generation_not_found"


class LinkExpired(NotFound):
    """This link was used before, is too old, or was replaced by a newer one."""

    code = "link_expired"
    on_gateway = False


class PromoCodeUnknown(NotFound):
    """This promo code cannot be redeemed. Look at its spelling; it may have ended, too."""

    code = "promo_code_unknown"
    on_gateway = False


class MethodNotAllowed(OmnaError):
    """This address does not take this method."""

    code = "method_not_allowed"
    status = 405
    type = "invalid_request_error"


class Conflict(OmnaError):
    """This contradicts what is already there."""

    code = "conflict"
    status = 409
    type = "invalid_request_error"


class LastWayIn(Conflict):
    """This is the only way into the account. Add another one first."""

    code = "last_way_in"
    on_gateway = False


class AddressHasAccount(Conflict):
    """There is an account with this address already. Sign in to it, and link the service in its settings."""

    code = "address_has_account"
    on_gateway = False


class PromoCodeUsedUp(Conflict):
    """This promo code was redeemed as often as it can be."""

    code = "promo_code_used_up"
    on_gateway = False


class IdempotencyInProgress(Conflict):
    """The first request with this Idempotency-Key is still running; ask again for its answer."""

    code = "idempotency_in_progress"


class RateLimitExceeded(OmnaError):
    """Too many requests."""

    code = "rate_limit_exceeded"
    status = 429
    type = "rate_limit_error"


class TooManyAttempts(RateLimitExceeded):
    """Too many tries."""

    code = "too_many_attempts"
    on_gateway = False


class ServerFault(OmnaError):
    """Omna failed."""

    code = "internal_error"
    status = 500
    type = "server_error"


class InternalError(ServerFault):
    """Something failed inside Omna. Nothing was charged; quote the request id when you ask for help."""

    code = "internal_error"


class AnswerLost(ServerFault):
    """The server ended while this answer was written; what is here is as far as it came."""

    code = "answer_lost"
    on_gateway = False


class ProviderFault(OmnaError):
    """The model's provider failed."""

    code = "provider_error"
    status = 502
    type = "server_error"


class ProviderError(ProviderFault):
    """The model's provider failed or gave an invalid answer."""

    code = "provider_error"


class ProviderOverloaded(ProviderFault):
    """The model's provider is overloaded."""

    code = "provider_overloaded"
    status = 503


class ProviderUnavailable(ProviderFault):
    """No provider of this model can be reached."""

    code = "provider_unavailable"
    status = 503


class ProviderTimeout(ProviderFault):
    """The model's provider did not answer in time."""

    code = "timeout"
    status = 504


class SignInServiceUnavailable(ProviderFault):
    """The other service cannot be reached at the moment. Take another way in, or try again."""

    code = "sign_in_service_unavailable"
    on_gateway = False


class PaymentServiceRefused(ProviderFault):
    """The payment service did not accept this. Nothing was charged; ask support when it stays so."""

    code = "payment_service_refused"
    on_gateway = False
    retryable = False


class Unavailable(OmnaError):
    """Omna cannot take this request now."""

    code = "service_unavailable"
    status = 503
    type = "server_error"


class SpendCapReached(Unavailable):
    """The operator's cap for this model or its provider is reached."""

    code = "spend_cap_reached"
    retryable = False


class EmergencyStop(Unavailable):
    """The operator has stopped new requests."""

    code = "emergency_stop"
    retryable = False


class GatewayOverloaded(Unavailable):
    """Too many requests are waiting."""

    code = "gateway_overloaded"


class ServiceUnavailable(Unavailable):
    """Balance and limits cannot be checked at the moment. Nothing was charged."""

    code = "service_unavailable"


class PaymentServiceUnavailable(Unavailable):
    """The payment service cannot be reached at the moment. Your order is kept; try again in a minute."""

    code = "payment_service_unavailable"
    on_gateway = False
