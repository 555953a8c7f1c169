import pytest

from omna import errors
from omna.errors import OmnaError
from omna.gateway.faults import fault, may_retry
from omna.gateway.refusals import LONGEST_RETRY_AFTER
from omna.providers.base import Failure, FailureKind

SECRET = "account acct_123 of the operator"


@pytest.mark.parametrize(
    ("failure", "kind", "status"),
    [
        (Failure(FailureKind.CONNECT), errors.ProviderError, 502),
        (Failure(FailureKind.RESET), errors.ProviderError, 502),
        (Failure(FailureKind.MALFORMED), errors.ProviderError, 502),
        (Failure(FailureKind.TRUNCATED), errors.ProviderError, 502),
        (Failure(FailureKind.REPORTED, code="bad"), errors.ProviderError, 502),
        (Failure(FailureKind.CROWDED), errors.ProviderOverloaded, 503),
        (Failure(FailureKind.FIRST_BYTE), errors.ProviderTimeout, 504),
        (Failure(FailureKind.PROGRESS), errors.ProviderTimeout, 504),
        (Failure(FailureKind.TOTAL), errors.ProviderTimeout, 504),
        *(
            (Failure(FailureKind.STATUS, SECRET, status=status), errors.ProviderError, 502)
            for status in (401, 402, 403)
        ),
        (Failure(FailureKind.STATUS, status=404), errors.ModelNotFound, 404),
        (Failure(FailureKind.STATUS, "no", status=400), errors.InvalidValue, 400),
        (Failure(FailureKind.STATUS, "no", status=422), errors.InvalidValue, 400),
        (Failure(FailureKind.STATUS, "big", status=413), errors.RequestTooLarge, 413),
        (
            Failure(FailureKind.STATUS, "x", status=400, code="context_length_exceeded"),
            errors.ContextLengthExceeded,
            400,
        ),
        (Failure(FailureKind.STATUS, "the context size is 4096", status=400), errors.ContextLengthExceeded, 400),
        (Failure(FailureKind.STATUS, "x", status=400, code="content_filter"), errors.ContentPolicyViolation, 400),
        (Failure(FailureKind.STATUS, status=429), errors.RateLimitExceeded, 429),
        (Failure(FailureKind.STATUS, status=429, code="insufficient_quota"), errors.ProviderUnavailable, 503),
        (Failure(FailureKind.STATUS, status=503), errors.ProviderOverloaded, 503),
        (Failure(FailureKind.STATUS, status=529), errors.ProviderOverloaded, 503),
        (Failure(FailureKind.STATUS, status=500), errors.ProviderError, 502),
        (Failure(FailureKind.STATUS, status=302), errors.ProviderError, 502),
        (Failure(FailureKind.STATUS), errors.ProviderError, 502),
    ],
    ids=str,
)
def test_failure_becomes_the_error_of_its_kind(failure: Failure, kind: type[OmnaError], status: int) -> None:
    error = fault(failure)
    assert type(error) is kind
    assert error.status == status
    assert SECRET not in error.message + str(error.metadata)


@pytest.mark.parametrize("kind", list(FailureKind))
def test_every_kind_of_failure_has_an_error(kind: FailureKind) -> None:
    assert fault(Failure(kind)).status in ((404,) if kind is FailureKind.UNSUPPORTED else (502, 503, 504))
    assert may_retry(Failure(kind), other_route=True) in (True, False)


def test_what_no_route_can_do_is_named_as_the_field_that_asks_for_it() -> None:
    error = fault(Failure(FailureKind.UNSUPPORTED, "one choice at a time", param="n"))
    assert (type(error), error.status, error.param) == (errors.UnsupportedParameter, 400, "n")
    assert may_retry(Failure(FailureKind.UNSUPPORTED, param="n"), other_route=True)
    assert not may_retry(Failure(FailureKind.UNSUPPORTED, param="n"), other_route=False)


def test_reason_of_a_clients_own_mistake_is_shown_with_the_providers_code() -> None:
    error = fault(Failure(FailureKind.STATUS, "temperature is too hot", status=400, code="bad_temperature"))
    assert error.message == "temperature is too hot"
    assert error.metadata == {"provider_code": "bad_temperature"}


def test_providers_rate_limit_is_told_apart_from_the_keys_and_keeps_its_hint() -> None:
    error = fault(Failure(FailureKind.STATUS, status=429, code="insufficient_quota", retry_after=7.5))
    assert type(error) is errors.RateLimitExceeded
    assert error.retry_after == 7.5
    assert (error.metadata["limit_name"], error.metadata["scope"]) == ("provider_rate", "provider")


@pytest.mark.parametrize(("hint", "wait"), [(None, 5.0), (3.0, 3.0), (86_400.0, LONGEST_RETRY_AFTER)])
def test_overloaded_provider_names_a_wait_that_clients_accept(hint: float | None, wait: float) -> None:
    assert fault(Failure(FailureKind.STATUS, status=503, retry_after=hint)).retry_after == wait


@pytest.mark.parametrize(
    ("failure", "on_the_same_route", "on_another"),
    [
        (Failure(FailureKind.CONNECT), True, True),
        (Failure(FailureKind.RESET), True, True),
        (Failure(FailureKind.STATUS, status=500), True, True),
        (Failure(FailureKind.STATUS, status=502), True, True),
        (Failure(FailureKind.STATUS, status=503), False, True),
        (Failure(FailureKind.STATUS, status=529), False, True),
        (Failure(FailureKind.STATUS, status=429), False, True),
        (Failure(FailureKind.STATUS, status=401), False, True),
        (Failure(FailureKind.STATUS, status=404), False, True),
        (Failure(FailureKind.STATUS, status=400), False, False),
        (Failure(FailureKind.STATUS, status=413), False, False),
        (Failure(FailureKind.STATUS, status=422), False, False),
        (Failure(FailureKind.CROWDED), False, True),
        (Failure(FailureKind.MALFORMED), False, True),
        (Failure(FailureKind.REPORTED), False, True),
        (Failure(FailureKind.FIRST_BYTE), False, True),
        (Failure(FailureKind.PROGRESS), False, True),
        (Failure(FailureKind.TRUNCATED), False, False),
        (Failure(FailureKind.TOTAL), False, False),
    ],
    ids=str,
)
def test_second_attempt_is_made_where_it_may_help(failure: Failure, on_the_same_route: bool, on_another: bool) -> None:
    assert may_retry(failure, other_route=False) is on_the_same_route
    assert may_retry(failure, other_route=True) is on_another
