"""Promo codes as people use them: staff make and end them in the console, members redeem them."""

from typing import Any

import asyncpg

from tests.harness.team import Answer, Browser, Team

CODES = "/api/console/promo-codes"
SPRING = {"code": "spring-2026", "credits": "5", "most": 10, "valid_days": 30, "reason": "for the fair"}


async def make(team: Team, who: Browser, **changes: Any) -> Answer:
    body = {**SPRING, **changes}
    await who.prove("promo_code.create", body["code"] or "")
    return await who.call("POST", CODES, body)


async def redeem(who: Browser, code: str = "SPRING-2026") -> Answer:
    return await who.call("POST", "/promo-codes/redeem", {"code": code})


async def test_code_made_in_the_console_is_redeemed_by_a_member(team: Team) -> None:
    finance = await team.hire("finance")
    made = await make(team, finance)
    assert made.status == 201
    assert made.json["code"] == "SPRING-2026"
    assert made.json["state"] == "live"
    assert made.json["audit_seq"] > 0

    redeemed = await redeem(team.billing)
    assert redeemed.status == 200
    assert redeemed.json["credits"] == "5"
    assert not redeemed.json["again"]
    line = await team.billing.call("GET", f"/ledger/lines/{redeemed.json['ledger_line']}")
    assert line.json["amount"] == "5"
    assert "SPRING-2026" in str(line.json)

    again = await redeem(team.owner, "spring 2026")
    assert again.json == {**redeemed.json, "again": True}
    [row] = (await finance.call("GET", CODES)).json["items"]
    assert row["redeemed"] == 1
    assert (await finance.call("GET", f"{CODES}/{row['id']}")).json == row
    [who] = (await finance.call("GET", f"{CODES}/{row['id']}/redemptions")).json["items"]
    assert who["workspace"] == team.id
    assert who["workspace_name"] == "Acme"
    assert who["redeemed_by"] == team.billing.id


async def test_members_without_the_ledger_and_strangers_redeem_nothing(team: Team) -> None:
    await make(team, await team.hire("finance"))
    assert (await redeem(team.member)).code == (403, "forbidden")
    assert (await redeem(team.stranger)).code == (404, "not_found")


async def test_code_is_made_up_when_none_is_named(team: Team) -> None:
    made = await make(team, await team.hire("finance"), code=None)
    assert len(made.json["code"].replace("-", "")) >= 10
    assert (await redeem(team.owner, made.json["code"].lower())).status == 200


async def test_codes_that_differ_by_dashes_only_are_one(team: Team) -> None:
    finance = await team.hire("finance")
    await make(team, finance)
    refused = await make(team, finance, code="SPRING2026")
    assert refused.code == (409, "conflict")


async def test_making_a_code_needs_a_fresh_proof_and_a_reason(team: Team) -> None:
    finance = await team.hire("finance")
    assert (await finance.call("POST", CODES, SPRING)).code == (403, "step_up_required")
    assert (await finance.call("POST", CODES, {**SPRING, "reason": " "})).status == 400
    assert (await make(team, finance, code="a b c d")).code == (400, "invalid_value")
    assert (await make(team, finance, code=None, credits="0")).code == (400, "invalid_value")


async def test_above_the_threshold_a_second_person_approves(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner", "Boss")
    made = await make(team, finance, most=None)
    assert made.json["state"] == "proposed"
    assert (await redeem(team.owner)).code == (404, "promo_code_unknown")

    async def approve(who: Browser) -> Answer:
        await who.prove("promo_code.approve", made.json["id"])
        return await who.call("POST", f"{CODES}/{made.json['id']}/approve", {"reason": "fine"})

    assert (await approve(finance)).code == (403, "forbidden")
    approved = await approve(owner)
    assert approved.json["state"] == "live"
    assert (await approve(owner)).code == (409, "conflict")
    assert (await redeem(team.owner)).status == 200


async def test_codes_of_a_day_are_counted_together(team: Team) -> None:
    finance, _ = await team.hire("finance"), await team.hire("owner", "Boss")
    states = [(await make(team, finance, code=f"CODE-{number}")).json["state"] for number in range(3)]
    assert states == ["live", "live", "proposed"]


async def test_while_nobody_else_could_approve_a_large_code_is_live_and_marked(team: Team) -> None:
    made = await make(team, await team.hire("finance"), most=None)
    assert made.json["state"] == "live"
    [row] = await team.query("SELECT after, reason FROM audit_log WHERE action = 'promo_code.create'")
    assert row["after"]["without_second_person"] is True
    assert row["reason"] == "for the fair"
    assert "SPRING" not in str(row["after"])


async def test_retired_code_is_no_more_and_retires_once(team: Team) -> None:
    finance = await team.hire("finance")
    made = await make(team, finance)
    path = f"{CODES}/{made.json['id']}/retire"
    assert (await finance.call("POST", path, {"reason": "over"})).json["state"] == "retired"
    assert (await finance.call("POST", path, {"reason": "over"})).code == (409, "conflict")
    assert (await redeem(team.owner)).code == (404, "promo_code_unknown")


async def test_used_up_code_says_so(team: Team, superuser: asyncpg.Connection) -> None:
    await make(team, await team.hire("finance"), most=1)
    assert (await redeem(team.owner)).status == 200
    other = await team.stranger.call(
        "POST", f"/api/workspaces/ws_{team.stranger.personal.hex}/promo-codes/redeem", {"code": "SPRING-2026"}
    )
    assert other.code == (409, "promo_code_used_up")


async def test_guesses_of_a_workspace_are_counted_and_good_codes_forgiven(team: Team) -> None:
    await make(team, await team.hire("finance"))
    for _ in range(3):
        assert (await redeem(team.owner)).status == 200
    for number in range(20):
        assert (await redeem(team.owner, f"GUESS-{number}")).code == (404, "promo_code_unknown")
    assert (await redeem(team.owner, "GUESS-20")).code == (429, "too_many_attempts")
    assert (await redeem(team.owner)).code == (429, "too_many_attempts")


async def test_pages_of_codes_and_redemptions_go_on_where_they_stopped(team: Team) -> None:
    finance = await team.hire("finance")
    for number in range(3):
        await make(team, finance, code=f"CODE-{number}")
    first = (await finance.call("GET", f"{CODES}?limit=2")).json
    assert [row["code"] for row in first["items"]] == ["CODE-2", "CODE-1"]
    rest = (await finance.call("GET", f"{CODES}?limit=2&cursor={first['next_cursor']}")).json
    assert [row["code"] for row in rest["items"]] == ["CODE-0"]
    assert rest["next_cursor"] is None
    assert (await finance.call("GET", f"{CODES}?cursor=bm8")).code == (400, "invalid_value")
