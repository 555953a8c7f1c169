import pytest

from omna import errors
from omna.errors import Limit, OmnaError
from omna.gateway.wire.messages.errors import error_body
from tests.harness.messages_linter import check_error
from tests.unit.gateway.made import REQUEST
from tests.unit.gateway.wire.test_errors import leaves, made


@pytest.mark.parametrize("kind", leaves(OmnaError), ids=lambda kind: kind.code)
def test_every_error_has_anthropics_envelope(kind: type[OmnaError]) -> None:
    body = error_body(made(kind), REQUEST)
    check_error(body)
    assert body["error"]["code"] == kind.code
    assert body["request_id"] == f"req_{REQUEST.hex}"


@pytest.mark.parametrize(
    ("kind", "named"),
    [
        (errors.InvalidJson, "invalid_request_error"),
        (errors.MethodNotAllowed, "invalid_request_error"),
        (errors.Conflict, "invalid_request_error"),
        (errors.UnsupportedContentEncoding, "invalid_request_error"),
        (errors.InvalidApiKey, "authentication_error"),
        (errors.InsufficientCredits, "billing_error"),
        (errors.AccountFrozen, "permission_error"),
        (errors.ModelNotFound, "not_found_error"),
        (errors.RequestTooLarge, "request_too_large"),
        (errors.RequestTimeout, "timeout_error"),
        (errors.ProviderTimeout, "timeout_error"),
        (errors.RateLimitExceeded, "rate_limit_error"),
        (errors.ProviderOverloaded, "overloaded_error"),
        (errors.GatewayOverloaded, "overloaded_error"),
        (errors.EmergencyStop, "api_error"),
        (errors.ProviderError, "api_error"),
        (errors.InternalError, "api_error"),
    ],
    ids=lambda value: value.__name__ if isinstance(value, type) else "",
)
def test_type_is_the_one_anthropics_clients_know(kind: type[OmnaError], named: str) -> None:
    assert error_body(made(kind), REQUEST)["error"]["type"] == named


def test_field_and_limit_are_named_where_there_is_one() -> None:
    assert "param" not in error_body(errors.InternalError(), REQUEST)["error"]
    assert error_body(errors.InvalidValue(param="messages[0]"), REQUEST)["error"]["param"] == "messages[0]"
    limited = errors.RateLimitExceeded(limit=Limit("key_rpm", "key", "requests", 60, 60, "Wait."))
    assert error_body(limited, REQUEST)["error"]["metadata"]["limit_name"] == "key_rpm"
