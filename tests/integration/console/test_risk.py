"""/api/console/risk: rules are changed and tried by owners, cases are decided by whoever may freeze, all may read."""

from collections.abc import AsyncIterator
from typing import Any

import pytest

from omna.db.pool import transaction
from omna.http.principal import Role
from omna.ids import show
from omna.worker.risk import watch_events
from omna.workspaces import service as workspaces
from tests.harness.misuse import HOUR, Past, past_of
from tests.harness.team import Team

REASON = {"reason": "Looked at it."}
RISK = "/api/console/risk"
RULE: dict[str, Any] = {
    "kind": "chargeback_history", "name": "Disputes", "enabled": True, "parameters": {"count": 1, "days": 30},
    "outcome": "freeze", "severity": "high", "cooldown_hours": 24,
}  # fmt: skip


@pytest.fixture
async def past(database_url: str) -> AsyncIterator[Past]:
    async with past_of(database_url) as opened:
        yield opened


async def watch(team: Team) -> None:
    await watch_events(team.settings)(team.pool)


async def found(team: Team, past: Past) -> str:
    """Let the rule of early fraud warnings find the team; return its case."""
    await past.event("fraud_warning", team.workspace_id, past.now)
    await watch(team)
    case_id = await past.connection.fetchval("SELECT case_id FROM risk_cases WHERE state = 'open'")
    return show("cas", case_id)


async def test_an_owner_tries_a_rule_and_makes_it_count(team: Team, past: Past) -> None:
    owner, support = await team.hire("owner"), await team.hire("support")
    await past.event("dispute_opened", team.workspace_id, past.now - 2 * HOUR)
    await watch(team)
    rules = (await support.call("GET", f"{RISK}/rules")).json
    assert [rule["outcome"] for rule in rules["rules"]].count("freeze") == 0
    assert {kind["kind"] for kind in rules["kinds"]} == {rule["kind"] for rule in rules["rules"]}
    before = await team.query("SELECT count(*) FROM risk_rules")
    tried = (await owner.call("POST", f"{RISK}/rules/dry-run", {**RULE, "days": 7})).json
    [row] = tried["items"]
    assert (row["workspace"]["name"], row["email"], row["times"], row["flagged_already"]) == (
        "Acme",
        "owner@example.com",
        1,
        False,
    )
    assert row["because"]["en"] == "1 payments were disputed within 30 days (the rule: 1)."
    assert await team.query("SELECT count(*) FROM risk_rules") == before
    assert (
        await owner.call("POST", f"{RISK}/rules", {**RULE, **REASON, "parameters": {"count": 0, "days": 1}})
    ).code == (
        400,
        "invalid_value",
    )
    made = (await owner.call("POST", f"{RISK}/rules", {**RULE, **REASON})).json
    assert (made["version"], made["changed_by"]) == (1, owner.id)
    change = {**RULE, **REASON, "enabled": False, "expected_version": 1}
    changed = (await owner.call("PUT", f"{RISK}/rules/{made['id']}", change)).json
    assert (changed["version"], changed["enabled"]) == (2, False)
    assert (await owner.call("PUT", f"{RISK}/rules/{made['id']}", change)).code == (409, "conflict")
    versions = (await support.call("GET", f"{RISK}/rules/{made['id']}")).json["versions"]
    assert [(one["version"], one["enabled"]) for one in versions] == [(2, False), (1, True)]
    [line] = await team.query("SELECT before, after, reason FROM audit_log WHERE action = 'rule.change'")
    assert (line["before"]["enabled"], line["after"]["enabled"], line["reason"]) == (True, False, "Looked at it.")
    assert len(await team.query("SELECT FROM audit_log WHERE action = 'rule.try'")) == 1


async def test_support_decides_and_an_auditor_reads(team: Team, past: Past) -> None:
    support, other, auditor = await team.hire("support"), await team.hire("support", "Sam"), await team.hire("auditor")
    case = await found(team, past)
    [row] = (await auditor.call("GET", f"{RISK}/cases")).json["items"]
    assert (row["id"], row["workspace"]["id"], row["hits"], row["late"]) == (case, team.id, 1, False)
    assert row["email"] == "o•••@example.com"
    counts = (await auditor.call("GET", f"{RISK}/summary")).json
    assert (counts["open"], counts["unassigned"], counts["mine"]) == (1, 1, 0)
    taken = await support.call("POST", f"{RISK}/cases/{case}/assign", {"assignee": "me", "expected": None})
    assert taken.json["assignee"]["yours"]
    late = await other.call("POST", f"{RISK}/cases/{case}/assign", {"assignee": "me", "expected": None})
    assert late.code == (409, "conflict")
    await support.call("POST", f"{RISK}/cases/{case}/notes", {"text": "Called the bank."})
    read = (await auditor.call("GET", f"{RISK}/cases/{case}")).json
    assert [note["text"] for note in read["notes"]] == ["Called the bank."]
    assert (read["found"][0]["rule"]["kind"], read["found"][0]["acted"], len(read["days"])) == (
        "fraud_warning",
        "review",
        30,
    )
    assert (await auditor.call("POST", f"{RISK}/cases/{case}/decide", {"decision": "clear", **REASON})).status == 403
    nothing = await support.call("POST", f"{RISK}/cases/{case}/decide", {"decision": "limit", **REASON})
    assert nothing.code == (400, "invalid_value")
    limited = await support.call("POST", f"{RISK}/cases/{case}/decide", {"decision": "limit", "limit": "5", **REASON})
    assert (limited.json["state"], limited.json["daily_limit"], limited.json["decided_by"]) == (
        "limited",
        "5",
        "Support",
    )
    again = await other.call("POST", f"{RISK}/cases/{case}/decide", {"decision": "clear", **REASON})
    assert again.code == (409, "conflict")
    raised = await other.call("POST", f"{RISK}/cases", {"workspace": team.id, "reason": "Again."})
    more = {"decision": "limit", "limit": "6", **REASON}
    refused = await other.call("POST", f"{RISK}/cases/{raised.json['id']}/decide", more)
    assert refused.code == (400, "invalid_value")
    await other.call("POST", f"{RISK}/cases/{raised.json['id']}/decide", {"decision": "clear", **REASON})
    assert (await auditor.call("GET", f"{RISK}/cases")).json["items"] == []
    assert len((await auditor.call("GET", f"{RISK}/cases?state=decided&limit=1")).json["items"]) == 1
    actions = [row["action"] for row in await team.query("SELECT action FROM audit_log ORDER BY seq")]
    assert [one for one in actions if one.startswith("case.")] == [
        "case.assign",
        "case.note",
        "case.read",
        "case.limit",
        "case.clear",
    ]


async def test_what_a_rule_froze_is_put_back_by_one_act(team: Team, past: Past) -> None:
    owner, support = await team.hire("owner"), await team.hire("support")
    rule = {**RULE, "kind": "fraud_warning", "parameters": {}, **REASON}
    assert (await owner.call("POST", f"{RISK}/rules", rule)).status == 201
    case = await found(team, past)
    read = (await support.call("GET", f"{RISK}/cases/{case}")).json
    [hit] = [one for one in read["found"] if one["acted"] == "freeze"]
    assert read["frozen_reason"].startswith("Unusual activity")
    assert hit["reversible"]
    assert (await support.call("POST", f"{RISK}/hits/{hit['id']}/reverse", REASON)).status == 200
    after = (await support.call("GET", f"{RISK}/cases/{case}")).json
    assert after["frozen_reason"] is None
    assert not any(one["reversible"] for one in after["found"])
    assert (await support.call("POST", f"{RISK}/hits/{hit['id']}/reverse", REASON)).code == (409, "conflict")


async def test_a_ban_is_for_owners_who_prove_themselves(team: Team, past: Past) -> None:
    owner, support = await team.hire("owner"), await team.hire("support")
    reported = await support.call("POST", f"{RISK}/cases", {"workspace": team.id, "reason": "Sells our API."})
    case = reported.json["id"]
    assert reported.json["because"]["en"] == "Reported by staff: Sells our API."
    ban = {"decision": "ban", "message": "Closed.", **REASON}
    assert (await support.call("POST", f"{RISK}/cases/{case}/decide", ban)).code == (403, "forbidden")
    assert (await owner.call("POST", f"{RISK}/cases/{case}/decide", ban)).code == (403, "step_up_required")
    await owner.prove("case.ban", case)
    banned = (await owner.call("POST", f"{RISK}/cases/{case}/decide", ban)).json
    assert (banned["state"], banned["frozen_reason"]) == ("banned", "Closed.")


async def test_a_trusted_workspace_is_vouched_for_by_an_owner(team: Team, past: Past) -> None:
    owner = await team.hire("owner")
    path = f"{RISK}/workspaces/{team.id}/trust"
    assert (await owner.call("POST", path, {"trusted": True, **REASON})).status == 200
    assert (await owner.call("POST", path, {"trusted": True, **REASON})).code == (409, "conflict")
    await past.event("fraud_warning", team.workspace_id, past.now)
    await watch(team)
    [hit] = await team.query("SELECT acted, spared FROM risk_hits")
    assert tuple(hit) == ("flag", "trusted")
    assert (await owner.call("POST", path, {"trusted": False, **REASON})).status == 200


async def test_a_case_outlives_its_workspace_and_can_be_closed(team: Team, past: Past) -> None:
    support, case = await team.hire("support"), await found(team, past)
    async with transaction(team.pool) as connection:
        await workspaces.delete_team(connection, "Acme", by=team.owner.member(Role.OWNER), actor=team.actor)
    shown = await support.call("GET", f"{RISK}/cases/{case}")
    assert (shown.status, shown.json["frozen_reason"], shown.json["workspace"]["name"]) == (200, None, "Acme")
    decide = f"{RISK}/cases/{case}/decide"
    assert (await support.call("POST", decide, {**REASON, "decision": "freeze"})).code == (404, "not_found")
    closed = await support.call("POST", decide, {**REASON, "decision": "clear"})
    assert (closed.status, closed.json["state"]) == (200, "cleared")
