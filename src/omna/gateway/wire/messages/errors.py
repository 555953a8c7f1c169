"""PURE: an error becomes Anthropic's envelope. Status and headers are those of every dialect."""

from typing import Any

from omna.errors import GatewayOverloaded, OmnaError, ProviderOverloaded
from omna.gateway.wire import errors
from omna.ids import RequestId, show

_TYPES = {
    401: "authentication_error",
    402: "billing_error",
    403: "permission_error",
    404: "not_found_error",
    408: "timeout_error",
    413: "request_too_large",
    429: "rate_limit_error",
    504: "timeout_error",
}
_BUSY, _OURS, _YOURS = "overloaded_error", "api_error", "invalid_request_error"

#: Every type an error can have here.
ERROR_TYPES = tuple(sorted({*_TYPES.values(), _BUSY, _OURS, _YOURS}))


def error_body(error: OmnaError, request_id: RequestId) -> dict[str, Any]:
    """Return `{"type": "error", "error": {type, message, code, param?, metadata?}, "request_id"}`."""
    plain = errors.error_body(error)["error"]
    body = {"type": _type(error), "message": error.message, "code": error.code}
    body |= {name: plain[name] for name in ("param", "metadata") if plain.get(name) is not None}
    return {"type": "error", "error": body, "request_id": show("req", request_id)}


def _type(error: OmnaError) -> str:
    if isinstance(error, GatewayOverloaded | ProviderOverloaded):
        return _BUSY
    return _TYPES.get(error.status) or (_OURS if error.status >= 500 else _YOURS)
