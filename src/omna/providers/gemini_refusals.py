"""PURE: what Gemini means by a refusal, where its status says something else than everybody's.

Source  https://ai.google.dev/gemini-api/docs/troubleshooting
"""

import re

from omna.providers.base import Failure

#: Google answers 400 to a key it does not know, and to accounts and places it does not serve: the operator's affair.
_OPERATORS = {
    "API_KEY_INVALID": 401,
    "API_KEY_EXPIRED": 401,
    "FAILED_PRECONDITION": 403,
    "BILLING_DISABLED": 403,
}
_TOO_LONG = re.compile(r"token count.* exceeds the maximum number of tokens", re.IGNORECASE)
_RETRY = re.compile(r"retry in (\d{1,6}(?:\.\d{1,12})?)s\b")


def understood(failure: Failure) -> Failure:
    """Return a refusal with the status, code and hint that it amounts to."""
    status, code, retry_after = failure.status, failure.code, failure.retry_after
    if status == 400 and code in _OPERATORS:
        status = _OPERATORS[code]
    elif status == 400 and _TOO_LONG.search(failure.message):
        code = "context_length_exceeded"
    elif status == 429 and retry_after is None and (hint := _RETRY.search(failure.message)):
        retry_after = float(hint[1])
    return Failure(failure.kind, failure.message, status=status, code=code, retry_after=retry_after)
