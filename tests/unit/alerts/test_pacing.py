from datetime import UTC, datetime, timedelta
from typing import Any
from uuid import UUID

from omna.alerts.model import Alert, State
from omna.alerts.outcome import LONGEST_ASKED, MOST_ATTEMPTS, PAUSES, Outcome, Verdict, outcome_of, pause_after
from omna.alerts.pacing import MOST, Plan, Reason, plan, reason_of, worst_first
from omna.alerts.words import SENTENCES, fact_lines, headline
from omna.ids import AlertId

NOW = datetime(2026, 11, 26, tzinfo=UTC)


def alert(**changes: Any) -> Alert:
    facts: dict[str, Any] = {
        "alert_id": AlertId(UUID(int=1)), "kind": "provider.cap", "subject": "openai", "severity": "warning",
        "message": "m", "facts": {}, "state": State.OPEN, "opened_at": NOW, "last_at": NOW, "count": 1,
        "acknowledged_at": None, "acknowledged_by": None, "resolved_at": None, "notices": 0, "last_notice_at": None,
        "next_notice_at": NOW,
    }  # fmt: skip
    return Alert(**{**facts, **changes})


def test_a_burst_becomes_one_digest_and_then_silence() -> None:
    assert plan(due=MOST, told=0, digests=0) is Plan.SINGLE
    assert plan(due=1, told=MOST, digests=0) is Plan.DIGEST
    assert plan(due=100, told=0, digests=0) is Plan.DIGEST
    assert plan(due=1, told=0, digests=1) is Plan.HOLD


def test_a_notice_says_why() -> None:
    assert reason_of(alert()) is Reason.OPENED
    assert reason_of(alert(notices=1)) is Reason.REMINDER
    assert reason_of(alert(notices=1, state=State.RESOLVED)) is Reason.RESOLVED


def test_a_digest_begins_with_the_worst() -> None:
    over = alert(state=State.RESOLVED, severity="critical")
    late, worst = alert(opened_at=NOW + timedelta(1)), alert(severity="critical")
    assert worst_first([over, late, alert(), worst]) == [worst, alert(), late, over]


def test_deliveries_are_tried_for_hours_and_not_for_ever() -> None:
    broken = Outcome(Verdict.LATER)
    pauses = [pause_after(n, broken, 0.0) for n in range(1, MOST_ATTEMPTS + 1)]
    assert pauses == [*PAUSES, None]
    assert pause_after(1, broken, 1.0) == PAUSES[0] * 1.2


def test_what_a_receiver_answers() -> None:
    assert outcome_of(204, None).verdict is Verdict.SENT
    assert outcome_of(302, None).verdict is Verdict.LATER
    assert outcome_of(500, None).verdict is Verdict.LATER
    assert pause_after(1, outcome_of(410, None), 0.0) is None
    assert pause_after(1, outcome_of(429, 120), 0.0) == timedelta(minutes=2)
    assert pause_after(1, outcome_of(503, 1e12), 0.0) == LONGEST_ASKED
    assert pause_after(1, outcome_of(500, 120), 0.0) == PAUSES[0]


def test_a_sentence_is_filled_or_the_message_is_told() -> None:
    assert headline("alerts.webhook_failing", "webhook", {"error": "no"}, "m", "zh").endswith("no")
    assert headline("alerts.webhook_failing", "webhook", {}, "m", "en") == "m"
    assert headline("other.kind", "x", {}, "m", "en") == "m"
    assert all(set(texts) == {"en", "zh"} for texts in SENTENCES.values())
    assert fact_lines({"error_rate": "0.5", "models": ["a", "b"], "stopped": True, "none": None}) == [
        "error rate: 0.5",
        "models: a, b",
        "stopped: yes",
    ]
