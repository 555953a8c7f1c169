from datetime import UTC, datetime
from typing import Any

import pytest

from omna import errors
from omna.errors import Limit, OmnaError
from omna.gateway.wire.errors import error_body, error_headers
from omna.money import NANO_PER_CREDIT


def leaves(kind: type[OmnaError]) -> list[type[OmnaError]]:
    below = kind.__subclasses__()
    return [leaf for child in below for leaf in leaves(child)] if below else [kind]


def made(kind: type[OmnaError]) -> OmnaError:
    return kind(metadata={"allow": "GET"} if kind is errors.MethodNotAllowed else None)


@pytest.mark.parametrize("kind", leaves(OmnaError), ids=lambda kind: kind.code)
def test_every_error_has_openais_envelope(kind: type[OmnaError]) -> None:
    body = error_body(made(kind))["error"]
    assert body["message"]
    assert {"message", "type", "param", "code"} <= set(body) <= {"message", "type", "param", "code", "metadata"}
    assert (body["type"], body["code"]) == (kind.type, kind.code)
    assert 400 <= kind.status < 600


def test_codes_name_one_error_each() -> None:
    codes = [kind.code for kind in leaves(OmnaError)]
    assert len(codes) == len(set(codes))


def test_limit_stands_in_the_metadata_with_its_numbers_as_decimal_strings() -> None:
    limit = Limit(
        "key_daily", "key", "credits", 5 * NANO_PER_CREDIT, NANO_PER_CREDIT, "Wait.", held=NANO_PER_CREDIT // 2,
        required=4 * NANO_PER_CREDIT, resets_at=datetime(2026, 5, 5, tzinfo=UTC),
    )  # fmt: skip
    body = error_body(errors.KeyLimitExceeded(limit=limit))["error"]
    assert body["metadata"] == {
        "limit_name": "key_daily", "scope": "key", "unit": "credits", "limit": "5", "used": "1", "held": "0.5",
        "required": "4", "available": "3.5", "resets_at": "2026-05-05T00:00:00.000Z", "remedy": "Wait.",
    }  # fmt: skip


def test_requests_are_counted_in_numbers() -> None:
    limit = Limit("key_rpm", "key", "requests", 60, 60, "Wait.")
    metadata = error_body(errors.RateLimitExceeded(limit=limit))["error"]["metadata"]
    assert (metadata["limit"], metadata["used"], metadata["resets_at"]) == (60, 60, None)
    assert "held" not in metadata


def test_param_is_named_and_null_otherwise() -> None:
    assert error_body(errors.InvalidValue(param="n"))["error"]["param"] == "n"
    assert error_body(errors.InternalError())["error"]["param"] is None


@pytest.mark.parametrize(
    ("error", "headers"),
    [
        (errors.InvalidValue(), {}),
        (errors.InvalidApiKey(), {"www-authenticate": "Bearer"}),
        (errors.MethodNotAllowed(metadata={"allow": "POST"}), {"allow": "POST"}),
        (errors.RequestTimeout(), {"connection": "close"}),
        (errors.InsufficientCredits(), {"x-should-retry": "false"}),
        (errors.RateLimitExceeded(retry_after=0.25), {"retry-after": "1", "retry-after-ms": "250"}),
        (errors.RateLimitExceeded(retry_after=12.001), {"retry-after": "13", "retry-after-ms": "12001"}),
        (errors.RateLimitExceeded(retry_after=-1), {"retry-after": "1", "retry-after-ms": "0"}),
        (errors.RateLimitExceeded(retry_after=3600),
         {"retry-after": "60", "retry-after-ms": "60000", "x-should-retry": "false"}),
        (errors.RateLimitExceeded(), {}),
        (errors.ServiceUnavailable(), {"retry-after": "2"}),
        (errors.GatewayOverloaded(retry_after=1), {"retry-after": "1"}),
        (errors.EmergencyStop(retry_after=60), {"retry-after": "60", "x-should-retry": "false"}),
        (errors.SpendCapReached(retry_after=60), {"retry-after": "60", "x-should-retry": "false"}),
        (errors.ProviderError(), {}),
        (errors.ProviderTimeout(), {}),
    ],
    ids=lambda value: type(value).__name__,
)  # fmt: skip
def test_headers_say_when_to_try_again_or_that_it_is_no_use(error: OmnaError, headers: dict[str, Any]) -> None:
    assert {name.decode(): value.decode() for name, value in error_headers(error)} == headers
