"""The emergency stop and announcements in the console, and what everybody reads of them."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import pytest

from omna.db.pool import transaction
from omna.errors import ServiceUnavailable
from omna.payments.checkout.processor import DisputeFacts
from omna.payments.disputes import applying
from omna.payments.refunds import lots
from omna.risk import refusals
from tests.harness.team import Answer, Browser, Team
from tests.integration.console.test_refunds import ask, buy, prove_books


@pytest.fixture
async def owner(team: Team) -> AsyncIterator[Browser]:
    yield await team.hire("owner")
    await refusals.flush(team.pool)


async def stop(owner: Browser, scope: str, **fields: Any) -> Answer:
    await owner.prove("stop.set", scope)
    body = {"scope": scope, "typed": scope, "level": "block", "message": "", "reason": "drill", **fields}
    return await owner.call("POST", "/api/console/stops", body)


async def resume(owner: Browser, scope: str) -> Answer:
    await owner.prove("stop.resume", scope)
    return await owner.call("POST", "/api/console/stops/resume", {"scope": scope, "reason": "over"})


async def test_a_stop_is_set_typed_and_ended_by_a_second_act(team: Team, owner: Browser) -> None:
    refused = await owner.call(
        "POST", "/api/console/stops", {"scope": "all", "typed": "al", "level": "cut", "reason": "drill"}
    )
    assert refused.json["error"]["field"] == "typed"
    unproven = await owner.call(
        "POST", "/api/console/stops", {"scope": "all", "typed": "all", "level": "cut", "reason": "drill"}
    )
    assert unproven.code == (403, "step_up_required")
    made = (await stop(owner, "all", level="cut", message="We are back soon.")).json
    (row,) = made["in_force"]
    assert (row["scope"], row["level"], row["reason"], row["message"], row["refused"]) == (
        "all",
        "cut",
        "drill",
        "We are back soon.",
        0,
    )
    # What is in force is changed, not doubled; it keeps its beginning.
    (changed,) = (await stop(owner, "all", message="Soon.")).json["in_force"]
    assert (changed["level"], changed["message"], changed["since"]) == ("block", "Soon.", row["since"])
    facts = (await team.stranger.call("GET", "/api/installation")).json
    assert facts["notices"] == [{"scope": "all", "message": "Soon.", "since": row["since"]}]
    assert "drill" not in str(facts)
    ended = (await resume(owner, "all")).json
    assert ended["in_force"] == []
    assert (ended["history"][0]["scope"], ended["history"][0]["ended_reason"]) == ("all", "over")
    assert (await resume(owner, "all")).status == 404
    assert (await team.stranger.call("GET", "/api/installation")).json["notices"] == []
    actions = await team.query("SELECT action FROM audit_log WHERE subject = 'all' ORDER BY seq")
    assert [line["action"] for line in actions] == ["stop.set", "stop.set", "stop.end"]


async def test_support_sees_a_stop_and_ends_none(team: Team, owner: Browser) -> None:
    support = await team.hire("support")
    await stop(owner, "chat")
    assert len((await support.call("GET", "/api/console/stops")).json["in_force"]) == 1
    await support.prove("stop.resume", "chat")
    refused = await support.call("POST", "/api/console/stops/resume", {"scope": "chat", "reason": "x"})
    assert refused.code == (403, "forbidden")


async def test_a_misspelt_scope_stops_nothing_and_previews_nothing(team: Team, owner: Browser) -> None:
    for scope in ("everything", "provider:nobody", "model:none"):
        assert (await owner.call("POST", "/api/console/stops/preview", {"scope": scope})).status in (400, 404)
        assert (await stop(owner, scope)).status in (400, 404)
    for scope in ("all", "api", "chat", "recharge"):
        found = (await owner.call("POST", "/api/console/stops/preview", {"scope": scope})).json
        assert found == {"running": 0, "last_hour": 0, "affected": 0}
    # Everybody of this test signed up just now.
    found = (await owner.call("POST", "/api/console/stops/preview", {"scope": "signup"})).json
    assert found["last_hour"] == found["affected"] > 3


async def test_what_was_refused_meanwhile_is_counted_by_scope(team: Team, owner: Browser) -> None:
    await stop(owner, "recharge", message="The bank is closed.")
    body = {"client_token": "x" * 20, "channel": "manual", "credits": "10", "accept_terms": True}
    for _ in range(3):
        refused = await team.owner.call("POST", "/recharges", body)
        assert refused.code == (503, "emergency_stop")
        assert "The bank is closed." in refused.json["error"]["message"]
    await refusals.flush(team.pool)
    await refusals.flush(team.pool)
    (row,) = (await owner.call("GET", "/api/console/stops")).json["in_force"]
    assert row["refused"] == 3
    # What a process says late is added to the stop that has just ended.
    refusals.note("recharge")
    assert (await resume(owner, "recharge")).json["history"][0]["refused"] == 3
    await refusals.flush(team.pool)
    state = (await owner.call("GET", "/api/console/stops")).json
    assert state["history"][0]["refused"] == 4
    (end,) = await team.query("SELECT after FROM audit_log WHERE action = 'stop.end'")
    assert end["after"] == {"refused": 3}


async def test_counts_are_kept_while_the_database_is_away(team: Team, owner: Browser) -> None:
    await stop(owner, "signup")
    refusals.note("signup")

    lost = asyncpg.create_pool("postgresql://nobody@127.0.0.1:1/nothing", min_size=0)
    with pytest.raises((ServiceUnavailable, asyncpg.InterfaceError)):
        await refusals.flush(lost)
    await refusals.flush(team.pool)
    (row,) = (await owner.call("GET", "/api/console/stops")).json["in_force"]
    assert row["refused"] == 1


async def test_announcements_are_shown_while_they_hold(team: Team, owner: Browser) -> None:
    wish = {"kind": "info", "text_en": "Maintenance on Sunday", "text_zh": "周日维护", "reason": "plan"}
    made = await owner.call("POST", "/api/console/announcements", wish)
    assert made.status == 201
    first = made.json["id"]
    later = wish | {"kind": "warning", "starts_at": "2090-01-01T00:00:00Z"}
    await owner.call("POST", "/api/console/announcements", later)
    shown = (await team.stranger.call("GET", "/api/installation")).json["announcements"]
    assert [(one["id"], one["text_zh"]) for one in shown] == [(first, "周日维护")]
    backwards = wish | {"starts_at": "2090-01-02T00:00:00Z", "ends_at": "2090-01-01T00:00:00Z"}
    refused = await owner.call("POST", "/api/console/announcements", backwards)
    assert refused.json["error"]["field"] == "ends_at"
    gone = await owner.call("PUT", f"/api/console/announcements/{first}", wish | {"active": False})
    assert (gone.json["active"], gone.json["current"]) == (False, False)
    assert (await team.stranger.call("GET", "/api/installation")).json["announcements"] == []
    listed = (await owner.call("GET", "/api/console/announcements")).json
    assert len(listed) == 2
    lines = await team.query("SELECT action FROM audit_log WHERE action LIKE 'announcement.%' ORDER BY seq")
    assert [line["action"] for line in lines] == [
        "announcement.create",
        "announcement.create",
        "announcement.change",
    ]


async def test_money_that_moves_already_goes_on_while_everything_is_stopped(team: Team, owner: Browser) -> None:
    recharge = await buy(team, "50", "checkout")
    await stop(owner, "all", level="cut")
    # A refund is asked for and approved, and a bank takes the payment back.
    refund = await ask(team, recharge)
    assert (await owner.call("POST", f"/api/console/refunds/{refund}/claim", {})).status == 200
    async with transaction(team.pool) as connection:
        (payment,) = await lots.payments(connection, team.workspace_id, recharge.recharge_id)
        fact = DisputeFacts("dp_1", "open", "fraudulent", 5000, "usd", 5000)
        await applying.apply_dispute_facts(connection, payment, [fact], freeze=False, actor=team.actor)
    (row,) = (await owner.call("GET", "/api/console/disputes")).json["items"]
    assert row["clawed"] == "50"
    assert (await team.owner.call("GET", "/ledger")).status == 200
    await prove_books(team)
