from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from omna.errors import InvalidValue
from omna.ids import WorkspaceId, new_id
from omna.money import NANO_PER_CREDIT
from omna.risk.rules.model import Kind, Measure, judge, matches
from omna.risk.rules.parameters import PARAMETERS, checked
from omna.risk.rules.sentences import because
from tests.harness.misuse import rule_of

NOW = datetime(2026, 3, 1, 12, tzinfo=UTC)
WORKSPACE = WorkspaceId(new_id())


def spent(amount: int, **more: Any) -> dict[str, Any]:
    return {"spent": amount * NANO_PER_CREDIT, "hours": 24, "before": 0, "history_days": 30, **more}


def mix(share: int, known: int = 1) -> dict[str, Any]:
    return {
        "spent": 20 * NANO_PER_CREDIT,
        "fresh": 20 * NANO_PER_CREDIT * share // 100,
        "known_models": known,
        "hours": 24,
    }


#: Kind, parameters, numbers that are a hit, numbers that just are none.
CASES: list[tuple[str, dict[str, Any], dict[str, Any], dict[str, Any]]] = [
    ("spend_velocity", {"at_least": "20"}, spent(20), spent(19)),
    # 30 days of 1 Credit: 5 times as much are 5.
    (
        "spend_velocity",
        {"at_least": "1", "times": 5},
        spent(5, before=30 * NANO_PER_CREDIT),
        spent(4, before=30 * NANO_PER_CREDIT),
    ),
    ("spend_velocity", {"at_least": "20", "times": 5}, spent(20), spent(19)),
    ("spend_velocity", {"at_least": "1", "times": 2}, spent(9, history_days=7), spent(9, history_days=6)),
    ("model_mix", {"share": 80, "at_least": "20"}, mix(80), mix(79)),
    ("model_mix", {"share": 80, "at_least": "20"}, mix(100), mix(100, known=0)),
    ("model_mix", {"share": 80, "at_least": "20"}, mix(100), {**mix(100), "spent": 1, "fresh": 1}),
    ("sign_up_velocity", {"accounts": 5}, {"accounts": 5}, {"accounts": 4}),
    ("shared_payment_fingerprint", {"accounts": 3}, {"accounts": 3, "marker": "card:1"}, {"accounts": 2}),
    ("failed_recharges", {"count": 5}, {"count": 5}, {"count": 4}),
    ("fraud_warning", {}, {"count": 1}, {"count": 0}),
    ("chargeback_history", {"count": 2}, {"count": 2}, {"count": 1}),
]


def test_each_kind_is_a_hit_at_its_threshold_and_not_below() -> None:
    assert {case[0] for case in CASES} | {"forbidden_use"} == set(Kind)
    for kind, parameters, hit, none in CASES:
        rule = rule_of(kind, parameters=parameters)
        assert matches(rule, hit), (kind, hit)
        assert not matches(rule, none), (kind, none)
        english, chinese = because(rule.kind, rule.parameters, hit)
        assert english.endswith(".")
        assert chinese.endswith("。")


def test_what_people_report_is_never_found_by_itself() -> None:
    assert not matches(rule_of("forbidden_use"), {"count": 100})
    assert because(Kind.FORBIDDEN_USE, {}, {"note": "spam"})[0] == "Reported by staff: spam"


def measured(hours: float, *, age_days: float = 100) -> Measure:
    at = NOW + timedelta(hours=hours)
    return Measure(WORKSPACE, f"hour:{hours}", at, at - timedelta(days=age_days), {"count": 1})


def test_a_workspace_is_left_alone_for_the_cooldown_of_a_rule() -> None:
    rule = rule_of("fraud_warning", cooldown_hours=24)
    last: dict[WorkspaceId, datetime] = {}
    found = judge(rule, [measured(0), measured(23.9), measured(24), measured(30)], last)
    assert [one.measure.window for one in found] == ["hour:0", "hour:24"]
    # In pieces it is the same.
    assert judge(rule, [measured(47)], last) == []
    assert len(judge(rule, [measured(48)], last)) == 1
    assert len(judge(rule_of("fraud_warning", cooldown_hours=0), [measured(0), measured(0)], {})) == 2


def test_a_rule_about_new_accounts_leaves_the_others_alone() -> None:
    rule = rule_of("fraud_warning", new_accounts_days=7)
    assert judge(rule, [measured(0, age_days=7)], {}) == []
    assert len(judge(rule, [measured(0, age_days=6.9)], {})) == 1


def test_parameters_are_complete_and_in_one_spelling() -> None:
    assert checked(Kind.SPEND_VELOCITY, {"at_least": "5.50", "hours": 6}) == {
        "at_least": "5.5",
        "hours": 6,
        "times": None,
    }
    assert checked(Kind.FAILED_RECHARGES, {"count": 1, "days": 1, "outcomes": ["rejected", "failed", "failed"]}) == {
        "count": 1,
        "days": 1,
        "outcomes": ["failed", "rejected"],
    }
    for kind, specs in PARAMETERS.items():
        initial = {name: spec.initial for name, spec in specs.items()}
        assert checked(kind, initial) == initial


@pytest.mark.parametrize(
    ("kind", "given", "param"),
    [
        ("spend_velocity", {"at_least": "5", "hours": 0}, "hours"),
        ("spend_velocity", {"at_least": "5", "hours": 169}, "hours"),
        ("spend_velocity", {"at_least": "5", "hours": True}, "hours"),
        ("spend_velocity", {"at_least": "5", "hours": "6"}, "hours"),
        ("spend_velocity", {"at_least": "0", "hours": 6}, "at_least"),
        ("spend_velocity", {"at_least": "-1", "hours": 6}, "at_least"),
        ("spend_velocity", {"at_least": 5, "hours": 6}, "at_least"),
        ("spend_velocity", {"hours": 6}, "at_least"),
        ("spend_velocity", {"at_least": "5", "hours": 6, "times": 1}, "times"),
        ("failed_recharges", {"count": 1, "days": 1, "outcomes": []}, "outcomes"),
        ("failed_recharges", {"count": 1, "days": 1, "outcomes": ["lost"]}, "outcomes"),
        ("failed_recharges", {"count": 1, "days": 1, "outcomes": "failed"}, "outcomes"),
        ("fraud_warning", {"count": 1}, "count"),
    ],
)
def test_other_parameters_are_refused_by_name(kind: str, given: dict[str, Any], param: str) -> None:
    with pytest.raises(InvalidValue) as refused:
        checked(Kind(kind), given)
    assert refused.value.param == f"parameters.{param}"
