from datetime import UTC, datetime, timedelta
from decimal import Decimal
from uuid import UUID

import pytest

from omna.alerts.model import LONGEST_MESSAGE, facts_to_json, one_line, pause_after


def test_facts_are_plain_and_exact() -> None:
    text = facts_to_json(
        {
            "count": 3,
            "share": Decimal("0.25"),
            "yes": True,
            "none": None,
            "at": datetime(2026, 1, 2, tzinfo=UTC),
            "id": UUID(int=1),
            "list": ["a", 1],
        }
    )
    assert '"share":"0.25"' in text
    assert '"at":"2026-01-02T00:00:00Z"' in text
    with pytest.raises(TypeError):
        facts_to_json({"x": 0.1})


def test_a_message_is_one_line_that_fits() -> None:
    assert one_line(" a\r\nb\u2028c ") == "a b c"
    assert len(one_line("x" * 1000)) == LONGEST_MESSAGE
    with pytest.raises(ValueError, match="what happened"):
        one_line("\n")


def test_reminders_come_less_and_less_often() -> None:
    hours = [pause_after(n) / timedelta(hours=1) for n in (1, 2, 3, 4, 9)]
    assert hours == [1, 6, 24, 24, 24]
