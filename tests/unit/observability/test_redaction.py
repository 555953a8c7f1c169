"""Secrets never reach a log line, in whatever form they arrive."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.observability.redaction import REDACTED, escape_controls, redact, redact_text

ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz"
KEY = "omna_" + "A" * 43 + "_" + "b" * 6


@pytest.mark.parametrize(
    ("text", "secret"),
    [
        (f"caller sent {KEY} twice", KEY),
        (f"glued{KEY}tail", "A" * 43),
        (KEY[:40], "A" * 35),
        ("authorization: Bearer abc.def-123", "abc.def-123"),
        ("Authorization: Basic dXNlcjpwYXNz", "dXNlcjpwYXNz"),
        ("{'x-api-key': 'hunter2hunter2'}", "hunter2hunter2"),
        ("openai said sk-proj-abcDEF_1234567890 is wrong", "abcDEF_1234567890"),
        ("sk-ant-api03-abcdefgh-123", "abcdefgh-123"),
        ("sk-or-v1-0123456789abcdef", "0123456789abcdef"),
        ("sk_live_0123456789abcdef", "0123456789abcdef"),
        ("whsec_0123456789abcdef", "0123456789abcdef"),
        ("key=AIzaSyA0123456789012345678901234567890", "SyA0123456789012345678901234567890"),
        ("gsk_0123456789abcdefghij", "0123456789abcdefghij"),
        ("ghp_0123456789abcdefghij0123", "0123456789abcdefghij0123"),
        ("AKIAABCDEFGHIJKLMNOP", "ABCDEFGHIJKLMNOP"),
        ("eyJhbGciOiJIUzI1NiJ9.eyJzdWIiOiIxIn0.c2lnbmF0dXJl", "c2lnbmF0dXJl"),
        ("connect to postgresql://omna:pa:ss@wd@db.example:5432/omna failed", "pa:ss@wd"),
        ("Cookie: omna_session=0123456789abcdef; theme=dark", "0123456789abcdef"),
        ('{"password": "correct horse", "name": "ada"}', "correct horse"),
        ("password=swordfish&next=/", "swordfish"),
        ("OMNA_SECRETS_MASTER_KEY=00ff00ff", "00ff00ff"),
        ("broken\nDETAIL:  Failing row contains (1, Dear Ann\n, a-link).\nHINT: none", "a-link"),
        ("DETAIL:  Failing row contains (1, a-link", "a-link"),
        ("-----BEGIN PRIVATE KEY-----\nMIIEvQIBADANBg\n-----END PRIVATE KEY-----", "MIIEvQIBADANBg"),
    ],
)
def test_secret_in_text_is_replaced_whole(text: str, secret: str) -> None:
    assert secret in text
    cleaned = redact_text(text)
    assert secret not in cleaned
    assert REDACTED in cleaned


@pytest.mark.parametrize(
    "text",
    [
        "use your key in place of omna_xxx",
        "prompt_tokens=9 completion_tokens: 4",
        "a task-forced risk-assessment-of-things",
        "request req_0192f0c1a2b37c4d8e9fa0b1c2d3e4f5 settled",
        "see https://example.com:8443/path?x=1 for more",
        "the password is wrong",
    ],
)
def test_ordinary_text_is_kept(text: str) -> None:
    assert redact_text(text) == text


@pytest.mark.parametrize(
    "field",
    ["password", "new_password", "api_key", "x-api-key", "Authorization", "set-cookie", "client_secret", "reset_token"],
)
@pytest.mark.parametrize("value", ["short", 12345, ["list"], {"nested": "value"}])
def test_secret_field_is_hidden_whatever_its_value(field: str, value: object) -> None:
    assert redact({field: value}) == {field: REDACTED}


def test_conversation_text_is_never_logged() -> None:
    event = {"messages": [{"role": "user", "content": "my diagnosis"}], "body": b"{}", "prompt_tokens": 9}
    assert redact(event) == {"messages": REDACTED, "body": REDACTED, "prompt_tokens": 9}


def test_values_of_any_type_become_plain_and_clean() -> None:
    class Leaky:
        def __str__(self) -> str:
            return f"Leaky({KEY})"

    class Broken:
        def __str__(self) -> str:
            raise RuntimeError("no text")

    cleaned = redact({"a": (Leaky(), KEY.encode()), KEY: {1, 2}, "broken": Broken(), "none": None, "yes": True})
    assert KEY not in repr(cleaned)
    assert cleaned["a"][0] == f"Leaky({REDACTED})"
    assert cleaned["broken"] == "<Broken: RuntimeError>"
    assert cleaned["none"] is None
    assert cleaned["yes"] is True


@given(st.text(ALPHABET, min_size=43, max_size=43), st.text(ALPHABET, min_size=6, max_size=6), st.text(), st.text())
def test_no_key_survives_in_any_surroundings(random: str, checksum: str, before: str, after: str) -> None:
    for head in ("omna_", "omna_mgmt_"):
        key = f"{head}{random}_{checksum}"
        cleaned = redact_text(f"{before}{key}{after}")
        assert key not in cleaned
        assert random not in cleaned or random in before + after


@given(st.text())
def test_escaped_text_is_one_line_without_controls(text: str) -> None:
    escaped = escape_controls(text)
    assert len(escaped.splitlines()) <= 1
    assert not any(ord(character) < 0x20 or 0x7F <= ord(character) < 0xA0 for character in escaped)
