"""PURE  What an alert says, in the reader's language.

A kind that is not here is told in the English words of whoever raised it, and so is one whose facts do not fill its
sentence.
"""

from collections.abc import Mapping
from typing import Any

#: kind → language → sentence over the alert's facts and its `subject`.
SENTENCES: Mapping[str, Mapping[str, str]] = {
    "alerts.webhook_failing": {
        "en": "The webhook for alerts does not take deliveries: {error}",
        "zh": "告警 Webhook 未接收投递：{error}",
    },
}

SEVERITIES: Mapping[str, Mapping[str, str]] = {
    "en": {"info": "Note", "warning": "Warning", "critical": "Critical"},
    "zh": {"info": "提示", "warning": "警告", "critical": "严重"},
}


def headline(kind: str, subject: str, facts: Mapping[str, Any], message: str, language: str) -> str:
    """Return the one sentence of an alert."""
    sentence = SENTENCES.get(kind, {}).get(language)
    if sentence is None:
        return message
    try:
        return sentence.format_map({**facts, "subject": subject})
    except (KeyError, ValueError, IndexError):
        return message


def fact_lines(facts: Mapping[str, Any]) -> list[str]:
    """Return facts as lines for a mail."""
    return [f"{name.replace('_', ' ')}: {_shown(value)}" for name, value in facts.items() if value is not None]


def _shown(value: Any) -> str:
    if isinstance(value, list):
        return ", ".join(str(item) for item in value)
    if isinstance(value, bool):
        return "yes" if value else "no"
    return str(value)
