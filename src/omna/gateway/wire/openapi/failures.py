"""PURE: how each endpoint can refuse or fail: statuses, codes and sentences come from the classes of omna.errors."""

from collections.abc import Iterable
from itertools import groupby

from omna import errors
from omna.errors import OmnaError
from omna.gateway.wire.openapi.schema import STRING, Json, any_of, obj, one_of, or_null, ref, said

Failures = tuple[type[OmnaError], ...]

#: Whoever asks, and whatever for.
DOOR: Failures = (
    errors.ConflictingCredentials,
    errors.KeyInUrl,
    errors.InvalidApiKey,
    errors.AccountFrozen,
    errors.EmailNotVerified,
    errors.AwaitingApproval,
    errors.KeyDisabled,
    errors.InternalError,
    errors.ServiceUnavailable,
)
BODY: Failures = (
    errors.InvalidJson,
    errors.InvalidContentEncoding,
    errors.MissingRequiredParameter,
    errors.InvalidValue,
    errors.UnsupportedParameter,
    errors.RequestTimeout,
    errors.RequestTooLarge,
    errors.UnsupportedContentEncoding,
)
#: A body that is a form.
FORM: Failures = tuple(kind for kind in BODY if kind is not errors.InvalidJson)
MODEL: Failures = (errors.ModelNotFound, errors.ModelNotAllowed)
#: Before a provider is asked: it would cost too much, or too many ask.
ADMISSION: Failures = (
    errors.UnsupportedEndpoint,
    errors.InsufficientCredits,
    errors.KeyLimitExceeded,
    errors.MemberLimitExceeded,
    errors.UserLimitExceeded,
    errors.RateLimitExceeded,
    errors.SpendCapReached,
    errors.EmergencyStop,
    errors.GatewayOverloaded,
    errors.ProviderUnavailable,
)
PROVIDER: Failures = (
    errors.ContextLengthExceeded,
    errors.ContentPolicyViolation,
    errors.ProviderError,
    errors.ProviderOverloaded,
    errors.ProviderTimeout,
)
IDEMPOTENCY: Failures = (errors.IdempotencyKeyMismatch, errors.IdempotencyInProgress)

#: Headers of a failure by its status, beside those of every answer.
_HEADERS: dict[int, tuple[str, ...]] = {
    401: ("www-authenticate",),
    402: ("x-should-retry",),
    409: ("retry-after",),
    429: ("retry-after", "retry-after-ms", "x-should-retry"),
    503: ("retry-after", "x-should-retry"),
}

_AMOUNT = any_of(STRING, {"type": ["integer", "null"]})

SCHEMAS: dict[str, Json] = {
    "Error": obj({"error": ref("ErrorDetails")}),
    "ErrorDetails": obj(
        {
            "message": said(STRING, "What happened and what to do. It may change; `code` does not."),
            "type": STRING,
            "param": said(or_null(STRING), "The field at fault."),
            "code": STRING,
            "metadata": ref("ErrorMetadata"),
        },
        ("message", "type", "param", "code"),
    ),
    "ErrorMetadata": obj(
        {
            "limit_name": STRING,
            "scope": STRING,
            "unit": one_of("credits", "requests", "tokens"),
            "limit": said(_AMOUNT, "Credits are strings, counts are integers."),
            "used": _AMOUNT,
            "held": STRING,
            "required": STRING,
            "available": said(STRING, "`limit` − `used` − `held`."),
            "resets_at": or_null(STRING),
            "remedy": STRING,
            "provider_code": said(STRING, "The provider's own code."),
        },
        (),
        additionalProperties=True,
        description="The limit behind a refusal, or what else is known.",
    ),
}


def answers(failures: Iterable[type[OmnaError]], envelope: str, headers: tuple[str, ...]) -> Json:
    """Return the answers of an operation that fails in these ways, by status.

    envelope  the schema of an error in the operation's dialect; headers: those of every answer
    """
    found: Json = {}
    for status, group in groupby(sorted(failures, key=lambda kind: (kind.status, kind.code)), lambda kind: kind.status):
        kinds = list(group)
        codes = [kind.code for kind in kinds]
        found[str(status)] = {
            "description": "\n".join(f"- `{kind.code}`: {_sentence(kind)}" for kind in kinds),
            "headers": header_refs((*headers, *_HEADERS.get(status, ()))),
            "content": {"application/json": {"schema": _with_codes(envelope, codes)}},
        }
    return found


def header_refs(names: Iterable[str]) -> Json:
    return {name: {"$ref": f"#/components/headers/{name}"} for name in names}


def _with_codes(envelope: str, codes: list[str]) -> Json:
    said_code = obj({"error": obj({"code": {"enum": codes}}, ("code",))}, ("error",))
    return {"allOf": [ref(envelope), said_code]}


def _sentence(kind: type[OmnaError]) -> str:
    return " ".join((kind.__doc__ or "").split())
