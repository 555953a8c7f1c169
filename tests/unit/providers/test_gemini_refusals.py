"""What Gemini means by a refusal whose status says something else."""

import pytest

from omna.providers.base import Failure, FailureKind
from omna.providers.gemini_refusals import understood


def refusal(status: int, code: str | None = None, message: str = "no", retry_after: float | None = None) -> Failure:
    failure = Failure(FailureKind.STATUS, message, status=status, code=code, retry_after=retry_after)
    return understood(failure)


@pytest.mark.parametrize(
    ("code", "status"),
    [("API_KEY_INVALID", 401), ("API_KEY_EXPIRED", 401), ("FAILED_PRECONDITION", 403), ("BILLING_DISABLED", 403)],
)
def test_fault_of_the_operators_account_is_not_the_clients(code: str, status: int) -> None:
    assert (refusal(400, code).status, refusal(400, code).code) == (status, code)


def test_other_refusals_keep_their_status_code_and_words() -> None:
    for status, code in ((400, "INVALID_ARGUMENT"), (404, "NOT_FOUND"), (500, "INTERNAL"), (503, None)):
        failure = refusal(status, code, "no\u2026")
        assert (failure.status, failure.code, failure.message, failure.retry_after) == (status, code, "no\u2026", None)


def test_prompt_that_is_too_long_is_known_by_its_words() -> None:
    message = "The input token count (9) exceeds the maximum number of tokens allowed (8)."
    assert refusal(400, "INVALID_ARGUMENT", message).code == "context_length_exceeded"
    assert refusal(429, "RESOURCE_EXHAUSTED", message).code == "RESOURCE_EXHAUSTED"


@pytest.mark.parametrize(
    ("message", "seconds"),
    [("Quota exceeded. Please retry in 37.82626638s.", 37.82626638), ("retry in 5s", 5.0), ("retry in a week", None)],
)
def test_wait_is_read_from_the_words(message: str, seconds: float | None) -> None:
    assert refusal(429, "RESOURCE_EXHAUSTED", message).retry_after == seconds
    assert refusal(429, "RESOURCE_EXHAUSTED", message, 2.0).retry_after == 2.0
    assert refusal(503, "UNAVAILABLE", message).retry_after is None
