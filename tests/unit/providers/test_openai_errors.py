"""Reasons and retry hints in the shapes hosts use."""

from datetime import UTC, datetime

import pytest
from hypothesis import given
from hypothesis import strategies as st
from multidict import CIMultiDict

from omna.providers.openai_errors import MAX_REASON_CHARACTERS, Reason, parse_reason, parse_retry_after, read_reason

NOW = datetime(2026, 1, 1, 12, 0, 0, tzinfo=UTC)


@pytest.mark.parametrize(
    ("body", "message", "code"),
    [
        (b'{"error":{"message":"no","type":"t","code":"c"}}', "no", "c"),
        (b'{"error":{"message":"no","type":"t","code":null}}', "no", "t"),
        (b'{"error":{"message":"no","code":429}}', "no", "429"),
        (b'{"error":"no"}', "no", None),
        (b'{"detail":"no"}', "no", None),
        (b'{"detail":[{"loc":["body","n"],"msg":"no","type":"value_error"}]}', "body.n: no", "value_error"),
        (b'{"message":"no"}', "no", None),
        (b'{"object":"error","message":{"detail":[{"msg":"no"}]},"code":null}', "no", None),
        (b'{"type":"error","error":{"type":"overloaded_error","message":"no"}}', "no", "overloaded_error"),
        (b'[{"error":{"message":"no","code":400}}]', "no", "400"),
        (
            (
                b'{"error":{"message":"Provider returned error",'
                b'"metadata":{"raw":"{\\"error\\":{\\"message\\":\\"why\\"}}"}}}'
            ),
            "Provider returned error: why",
            None,
        ),
        (b"plain\n words", "plain  words", None),
        (b"<html>secret page</html>", "the provider answered with an HTML page", None),
        (b"", "", None),
        (b"\xff\xfe", "\ufffd\ufffd", None),
        (b"[" * 100_000, "[" * MAX_REASON_CHARACTERS, None),
    ],
)
def test_reason_is_found(body: bytes, message: str, code: str | None) -> None:
    assert read_reason(body) == Reason(message, code)


@given(st.binary(max_size=300))
def test_any_body_gives_one_bounded_line(body: bytes) -> None:
    message = read_reason(body).message
    assert len(message) <= MAX_REASON_CHARACTERS
    assert len(message.splitlines()) <= 1


@pytest.mark.parametrize(
    ("headers", "seconds"),
    [
        ({"Retry-After": "7"}, 7.0),
        ({"retry-after": "0.5"}, 0.5),
        ({"retry-after-ms": "1500", "retry-after": "9"}, 1.5),
        ({"retry-after": "Thu, 01 Jan 2026 12:00:30 GMT"}, 30.0),
        ({"retry-after": "Thu, 01 Jan 2026 11:00:00 GMT"}, 0.0),
        ({"retry-after": "-5"}, 0.0),
        ({"retry-after": "soon"}, None),
        ({"retry-after": "nan"}, None),
        ({"retry-after": "inf"}, None),
        ({"retry-after": "99999999999999999999, 1"}, None),
        ({}, None),
    ],
)
def test_retry_hint_is_seconds(headers: dict[str, str], seconds: float | None) -> None:
    assert parse_retry_after(CIMultiDict(headers), NOW) == seconds


@pytest.mark.parametrize(
    ("error", "code"),
    [
        ({"code": 404, "status": "NOT_FOUND"}, "NOT_FOUND"),
        ({"code": 400, "status": "INVALID_ARGUMENT", "details": [{"reason": "API_KEY_INVALID"}]}, "API_KEY_INVALID"),
        ({"code": 400, "status": "INVALID_ARGUMENT", "details": [7, {"reason": ""}, {}]}, "INVALID_ARGUMENT"),
        ({"code": 400, "status": "failed"}, "400"),
        ({"code": 400, "status": 400, "details": "none"}, "400"),
        ({"code": "some_code", "status": "FAILED"}, "some_code"),
    ],
)
def test_google_says_more_than_the_number_of_http(error: dict[str, object], code: str) -> None:
    assert parse_reason({"error": {"message": "no"} | error}).code == code
    assert parse_reason([{"error": {"message": "no"} | error}]).code == code
