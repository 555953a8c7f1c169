"""PURE. Takes secrets out of whatever is about to be logged, and control characters out of the line.

Redaction works at the sink, on every value of every event, so that no caller has to remember it. A secret is replaced
whole: a partial mask still tells an attacker its length and its ends.
"""

import re
from collections.abc import Mapping
from typing import Any

REDACTED = "[redacted]"

#: Words after which a text, a header or a URL carries a secret.
_NAMES = (
    r"password|passwd|passphrase|secret|api[_-]?key|authorization|(?:set-)?cookie"
    r"|(?:access|refresh|id|session|reset|auth)[_-]?token|(?:client|webhook|signing|totp)[_-]?secret"
    r"|private[_-]?key|master[_-]?key|recovery[_-]?codes?|omna_session"
)

_SECRET_FIELD = re.compile(rf"(?:.*[_-])?(?:{_NAMES}|token)", re.IGNORECASE)

#: What people say to a model is theirs: ids, counts and timings are logged, text never.
_PRIVATE_FIELDS = frozenset({"messages", "prompt_text", "answer_text", "body", "content", "arguments"})

_PATTERNS = tuple(
    (re.compile(pattern, flags), replacement)
    for pattern, flags, replacement in (
        # The database quotes the row that breaks a constraint, whatever is in it.
        (r"\bFailing row contains \((?:.*?\)\.(?=\n|\Z)|[^\n]*)", re.DOTALL, f"Failing row contains {REDACTED}"),
        # The patterns of our own keys. The second form catches a key that was cut or glued to other text.
        (r"\bomna_(?:mgmt_)?[0-9A-Za-z]{43}_[0-9A-Za-z]{6}\b", 0, REDACTED),
        (r"omna_(?:mgmt_)?[0-9A-Za-z]{20,}(?:_[0-9A-Za-z]*)?", 0, REDACTED),
        (r"\b(Bearer|Basic)(\s+|%20)[^\s\"',;}]+", re.IGNORECASE, rf"\1 {REDACTED}"),
        (r"\b(?:__Host-)?omna_session=[^\s;\"']+", 0, f"omna_session={REDACTED}"),
        # OpenAI, Anthropic, OpenRouter, DeepSeek and others; Stripe's use an underscore.
        (r"\bsk-[0-9A-Za-z_-]{8,}", 0, REDACTED),
        (r"\b(?:sk|rk)_(?:live|test)_[0-9A-Za-z]{8,}", 0, REDACTED),
        (r"\bwhsec_[0-9A-Za-z+/=]{8,}", 0, REDACTED),
        (r"\bAIza[0-9A-Za-z_-]{30,}", 0, REDACTED),  # Google
        (r"\b(?:gsk|xai|hf|r8|pplx|nvapi|fw|csk|tgp_v1)[_-][0-9A-Za-z_-]{16,}", 0, REDACTED),
        (r"\bgh[opsur]_[0-9A-Za-z]{20,}", 0, REDACTED),
        (r"\bAKIA[0-9A-Z]{16}\b", 0, REDACTED),
        (r"\beyJ[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]{8,}\.[0-9A-Za-z_-]*", 0, REDACTED),  # JWT
        # The password of a database or proxy address. Greedy up to the last @, because passwords may hold one.
        (r"\b([a-z][a-z0-9+.-]*://)[^\s/\"'<>@]*:[^\s/\"'<>]*@", re.IGNORECASE, rf"\1{REDACTED}@"),
        (r"-----BEGIN [A-Z ]*PRIVATE KEY-----.*?(?:-----END [A-Z ]*PRIVATE KEY-----|\Z)", re.DOTALL, REDACTED),
        # name=value, name: value, "name": "value" inside a text. Quoted values end at their quote, others at a blank.
        (
            (
                rf"(?<![0-9A-Za-z])((?:[0-9A-Za-z]+[_-])?(?:{_NAMES})[\"']?\s*[=:]\s*)"
                r"(?!(?:Bearer|Basic)\s|\[redacted)(?:\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'|[^\s,;&}\"']+)"
            ),
            re.IGNORECASE,
            rf"\1{REDACTED}",
        ),
    )
)

#: C0 (without the line feed that ends a line), DEL, C1, line and paragraph separator, and what turns text around.
_CONTROL = {
    code: f"\\u{code:04x}"
    for code in (
        *range(0x20),
        *range(0x7F, 0xA0),
        0x200E,
        0x200F,
        *range(0x2028, 0x202F),
        *range(0x2066, 0x206A),
        0xFEFF,
    )
}


def redact_text(text: str) -> str:
    """Return a text without the secrets that can be recognised in it."""
    for pattern, replacement in _PATTERNS:
        text = pattern.sub(replacement, text)
    return text


def redact(value: Any, field: str = "") -> Any:
    """Return a loggable copy of a value: secrets replaced whole, unknown objects as text.

    field   the name under which it is logged; a name such as `password` hides its value, whatever it is
    Shape   None, bool, int, float and str, and dicts and lists of them
    """
    if field and value is not None and not isinstance(value, bool):
        if _SECRET_FIELD.fullmatch(field):
            return REDACTED
        if field in _PRIVATE_FIELDS and not isinstance(value, int | float):
            return REDACTED
    match value:
        case None | bool() | int() | float():
            return value
        case str():
            return redact_text(str(value))
        case bytes() | bytearray() | memoryview():
            return redact_text(bytes(value).decode("utf-8", "backslashreplace"))
        case Mapping():
            return {redact_text(str(name)): redact(item, str(name)) for name, item in value.items()}
        case list() | tuple() | set() | frozenset():
            return [redact(item) for item in value]
    try:
        return redact_text(str(value))
    except Exception as error:  # noqa: BLE001 - a log line must not fail because of somebody's __str__
        return f"<{type(value).__name__}: {type(error).__name__}>"


def escape_controls(text: str) -> str:
    r"""Return a text in one line: control characters, line breaks and direction marks as `\u001b`.

    Without this, a line feed in somebody's input forges a log line, and an escape sequence drives a terminal.
    """
    return text.translate(_CONTROL)
