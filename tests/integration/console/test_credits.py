"""Manual Credits through /api/console: at once, or by a second person."""

import asyncio
from collections.abc import AsyncIterator
from datetime import timedelta
from typing import Any

import asyncpg
import pytest

from omna.audit import service as audit
from omna.db.pool import borrow, transaction
from omna.ids import TransferId, new_id, show
from omna.ledger import service as ledger
from omna.money import Nanocredits, parse_credits
from omna.risk.proposals import service as proposals
from tests.harness.team import Answer, Browser, Team

REASON = {"reason": "Their invoice was wrong"}
ADDRESS = "/api/console/credits"


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


def wish(team: Team, amount: str, **more: Any) -> dict[str, Any]:
    return {"workspace": team.id, "kind": "adjustment", "credits": amount, "note": "Sorry!", **REASON, **more}


async def propose(staff: Browser, body: dict[str, Any]) -> Answer:
    await staff.prove("credits.adjust", f"{body.get('request') or body['workspace']} {body['credits']}")
    return await staff.call("POST", ADDRESS, body)


async def decide(staff: Browser, proposal: dict[str, Any], verb: str) -> Answer:
    if verb == "approve":
        await staff.prove("credits.approve", f"{proposal['id']} {proposal['credits']}")
    return await staff.call("POST", f"{ADDRESS}/{proposal['id']}/{verb}", REASON)


async def available(team: Team) -> str:
    answer = await team.owner.call("GET", "/ledger")
    total: str = answer.json["available"]
    return total


async def prove_books(team: Team) -> None:
    async with borrow(team.pool) as connection:
        assert await ledger.verify(connection) == []


async def test_small_amounts_are_booked_at_once_and_read_by_the_customer(team: Team) -> None:
    finance = await team.hire("finance")
    await team.hire("owner")
    body = wish(team, "12.5")
    preview = (await finance.call("POST", f"{ADDRESS}/preview", body)).json
    assert (preview["available_before"], preview["available_after"]) == ("0", "12.5")
    assert (preview["needs_second_person"], preview["alone"]) == (False, False)
    # The proof is for this workspace and this amount.
    await finance.prove("credits.adjust", f"{team.id} 1.25")
    refused = await finance.call("POST", ADDRESS, body)
    assert refused.code == (403, "step_up_required")
    assert refused.json["error"]["details"]["target"] == f"{team.id} 12.5"
    made = await propose(finance, body)
    assert (made.status, made.json["state"], made.json["booked"]) == (201, "booked", True)
    line = (await team.owner.call("GET", f"/ledger/lines/{made.json['ledger_line']}")).json
    assert (line["kind"], line["amount"], line["description"]) == ("adjustment", "12.5", "Sorry!")
    assert "invoice" not in str(line)
    gift = await propose(finance, wish(team, "5", kind="promo", expires_on="2999-01-01"))
    assert gift.json["expires_at"] == "2999-01-02T00:00:00.000Z"
    assert await available(team) == "17.5"
    assert (await propose(finance, wish(team, "-17.5"))).code == (402, "insufficient_credits")
    assert (await propose(finance, wish(team, "-2.5"))).json["state"] == "booked"
    await prove_books(team)
    rows = await team.query("SELECT reason FROM audit_log WHERE action = 'credits.manual' ORDER BY seq")
    assert [row["reason"] for row in rows] == [REASON["reason"]] * 3


async def test_above_the_threshold_somebody_else_approves(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    made = (await propose(finance, wish(team, "100.5"))).json
    assert (made["state"], made["booked"], made["ledger_line"]) == ("open", False, None)
    assert made["may"] == {"approve": False, "reject": False, "withdraw": True}
    assert await available(team) == "0"
    assert (await decide(finance, made, "approve")).code == (403, "forbidden")
    assert (await decide(owner, made, "withdraw")).code == (403, "forbidden")
    seen = (await owner.call("GET", f"{ADDRESS}/{made['id']}")).json
    assert seen["may"] == {"approve": True, "reject": True, "withdraw": False}
    effect = (await owner.call("POST", f"{ADDRESS}/{made['id']}/approve/preview")).json
    assert (effect["available_after"], effect["needs_second_person"]) == ("100.5", False)
    done = (await decide(owner, made, "approve")).json
    assert (done["state"], done["booked"], done["decider"]["name"]) == ("booked", True, "Owner")
    assert await available(team) == "100.5"
    assert (await decide(owner, made, "approve")).code == (409, "conflict")
    # It had four eyes, so it is not what either of them moved alone.
    for staff in (finance, owner):
        assert (await propose(staff, wish(team, "100"))).json["state"] == "booked"
        assert (await propose(staff, wish(team, "0.5"))).json["state"] == "open"
    await prove_books(team)
    listed = (await finance.call("GET", f"{ADDRESS}?limit=3")).json
    assert [row["state"] for row in listed["items"]] == ["open", "open", "booked"]
    rest = (await finance.call("GET", f"{ADDRESS}?limit=3&cursor={listed['next_cursor']}")).json
    assert [row["credits"] for row in rest["items"]] == ["100", "100.5"]
    only = (await finance.call("GET", f"{ADDRESS}?state=open&workspace={show('ws', new_id())}")).json
    assert only["items"] == []


async def test_a_proposal_is_declined_taken_back_or_runs_out(team: Team, superuser: asyncpg.Connection) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    declined, back, late = [(await propose(finance, wish(team, "200"))).json for _ in range(3)]
    assert (await decide(finance, declined, "reject")).code == (403, "forbidden")
    assert (await decide(owner, declined, "reject")).json["state"] == "rejected"
    assert (await decide(finance, back, "withdraw")).json["state"] == "withdrawn"
    await superuser.execute("UPDATE credit_proposals SET expires_at = now() WHERE state = 'open'")
    assert (await owner.call("GET", f"{ADDRESS}/{late['id']}")).json["state"] == "expired"
    assert (await decide(owner, late, "approve")).code == (409, "conflict")
    async with transaction(team.pool) as connection:
        assert await proposals.expire(connection, actor=team.actor) == 1
        assert await proposals.expire(connection, actor=team.actor) == 0
    assert await available(team) == "0"
    actions = [row["action"] for row in await team.query("SELECT action FROM audit_log ORDER BY seq DESC LIMIT 5")]
    assert actions == ["credits.expire", "credits.read", "credits.withdraw", "credits.reject", "credits.propose"]


async def test_who_gains_neither_proposes_nor_decides(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    other = await team.hire("finance", "Other")
    made = (await propose(finance, wish(team, "200"))).json
    await team.query(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'member')", team.workspace_id, owner.user_id
    )
    seen = (await owner.call("GET", f"{ADDRESS}/{made['id']}")).json
    assert (seen["yours"], seen["may"]["approve"]) == (True, False)
    for verb in ("approve", "reject"):
        assert (await decide(owner, made, verb)).code == (403, "forbidden")
    assert (await propose(owner, wish(team, "1"))).code == (403, "forbidden")
    assert (await owner.call("POST", f"{ADDRESS}/preview", wish(team, "1"))).code == (403, "forbidden")
    assert (await decide(other, made, "approve")).json["booked"]


async def test_of_many_at_once_one_decides(team: Team) -> None:
    finance, owner, other = await team.hire("finance"), await team.hire("owner"), await team.hire("finance", "Other")
    for verbs in (("approve", "approve", None), ("approve", None, "withdraw"), ("reject", "approve", "withdraw")):
        made = (await propose(finance, wish(team, "150"))).json
        before = await available(team)
        acts = zip((owner, other, finance), verbs, strict=True)
        answers = await asyncio.gather(*(decide(staff, made, verb) for staff, verb in acts if verb is not None))
        assert sorted(answer.status for answer in answers) == [200, *[409] * (len(answers) - 1)]
        (won,) = [answer.json for answer in answers if answer.status == 200]
        gained = parse_credits(await available(team)) - parse_credits(before)
        assert gained == (parse_credits("150") if won["state"] == "booked" else 0)
    await prove_books(team)


async def test_what_does_not_fit_any_more_stays_open(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    await team.recharge("150")
    made = (await propose(finance, wish(team, "-120"))).json
    assert (await propose(owner, wish(team, "-40"))).json["state"] == "booked"
    preview = await owner.call("POST", f"{ADDRESS}/{made['id']}/approve/preview")
    for refused in (preview, await decide(owner, made, "approve")):
        assert refused.code == (409, "conflict")
        assert "110 paid Credits" in refused.json["error"]["message"]
    assert (await owner.call("GET", f"{ADDRESS}/{made['id']}")).json["state"] == "open"
    await team.recharge("10")
    assert (await decide(owner, made, "approve")).json["booked"]
    assert await available(team) == "0"


async def test_alone_it_goes_through_with_a_mark_until_there_is_a_second(team: Team) -> None:
    owner = await team.hire("owner")
    assert (await owner.call("GET", "/api/console/session")).json["four_eyes_off"]
    assert (await owner.call("POST", f"{ADDRESS}/preview", wish(team, "500"))).json["alone"]
    made = (await propose(owner, wish(team, "500"))).json
    assert (made["state"], made["alone"]) == ("booked", True)
    (row,) = await team.query("SELECT after FROM audit_log WHERE action = 'credits.manual'")
    assert row["after"]["without_second_person"] is True
    support = await team.hire("support")
    assert not (await support.call("GET", "/api/console/session")).json["four_eyes_off"]
    await team.hire("finance")
    assert not (await owner.call("GET", "/api/console/session")).json["four_eyes_off"]
    assert (await propose(owner, wish(team, "1"))).json["state"] == "open"


async def test_a_charge_is_given_back_once(team: Team, superuser: asyncpg.Connection) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    await team.recharge("300")
    request = await charge(team, superuser, "120")
    facts = (await finance.call("GET", f"{ADDRESS}/requests/{request}")).json
    assert (facts["model"], facts["charge"], facts["refundable"], facts["prompt_tokens"]) == ("m", "120", "120", 7)
    assert facts["workspace"]["id"] == team.id
    body = {"kind": "usage_refund", "request": request, "credits": "120", "note": "The answer was cut.", **REASON}
    assert (await propose(finance, {**body, "credits": "121"})).code == (400, "invalid_value")
    assert (await propose(finance, {**body, "workspace": show("ws", new_id())})).code == (400, "invalid_value")
    made = (await propose(finance, body)).json
    assert (made["state"], made["request"]) == ("open", request)
    assert (await propose(owner, {**body, "credits": "1"})).code == (409, "conflict")
    assert (await decide(owner, made, "approve")).json["booked"]
    assert await available(team) == "300"
    assert (await propose(owner, {**body, "credits": "1"})).code == (409, "conflict")
    facts = (await finance.call("GET", f"{ADDRESS}/requests/{request}")).json
    assert (facts["refundable"], facts["proposal"]) == ("0", made["id"])
    await prove_books(team)
    lines = (await team.owner.call("GET", "/ledger/lines?group=none")).json["items"]
    back = lines[0]
    assert (back["kind"], back["request"], back["description"]) == ("reversal", request, "The answer was cut.")
    assert (back["corrects"], lines[1]["status"]) == (lines[1]["id"], "reversed")
    nothing = show("req", new_id())
    assert (await finance.call("GET", f"{ADDRESS}/requests/{nothing}")).code == (404, "not_found")


async def test_a_proposal_in_place_of_one_that_is_over_waits_for_a_wallet_before_the_audit_log(
    team: Team, superuser: asyncpg.Connection
) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    await team.recharge("300")
    body = {"kind": "usage_refund", "request": await charge(team, superuser, "120"), "note": "Cut.", **REASON}
    assert (await propose(finance, {**body, "credits": "120"})).json["state"] == "open"
    await superuser.execute("UPDATE credit_proposals SET expires_at = now()")
    async with superuser.transaction():
        # As whoever books a recharge: the wallet, then the record of it.
        await superuser.execute("SELECT FROM wallets WHERE workspace_id = $1 FOR UPDATE", team.workspace_id)
        ours = superuser.get_server_pid()
        waits = asyncio.create_task(propose(owner, {**body, "credits": "10"}))
        async with asyncio.timeout(10):
            while not await team.pool.fetchval(
                "SELECT EXISTS (SELECT FROM pg_stat_activity WHERE $1::integer = ANY (pg_blocking_pids(pid)))", ours
            ):
                await asyncio.sleep(0.01)
        await audit.record(superuser, team.actor, "recharge.approve", "test", after={"amount": "1"})
    assert (await waits).json["booked"]
    rows = await team.query("SELECT action FROM audit_log ORDER BY seq DESC LIMIT 3")
    assert [row["action"] for row in rows] == ["credits.manual", "credits.expire", "recharge.approve"]


async def charge(team: Team, superuser: asyncpg.Connection, amount: str) -> str:
    request_id = TransferId(new_id())
    await settle(team, request_id, amount)
    provider = new_id()
    await superuser.execute(
        "INSERT INTO providers (provider_id, name, kind, base_url) VALUES ($1, 'p', 'openai', 'http://p.example')",
        provider,
    )
    await superuser.execute(
        "INSERT INTO requests (workspace_id, request_id, provider_id, route_id, price_version_id, settled_at, held,"
        " charge, unrounded, provider_charge, prompt_tokens, completion_tokens, cached_tokens, cache_write_tokens,"
        " reasoning_tokens, duration_ms, outcome, streamed, estimated, source, model_id)"
        " VALUES ($1, $2, $3, $2, $2, now(), $4, $4, 0, 0, 7, 8, 0, 0, 0, 1, 'completed', false, false, 'api', 'm')",
        team.workspace_id,
        request_id,
        provider,
        parse_credits(amount),
    )
    return show("req", request_id)


async def settle(team: Team, request_id: TransferId, amount: str) -> None:
    nano, of = [Nanocredits(parse_credits(amount))], [team.workspace_id]
    async with transaction(team.pool) as connection:
        await ledger.hold(connection, hold_ids=[request_id], workspace_ids=of, amounts=nano, lease=timedelta(minutes=1))
        await ledger.settle(
            connection, transfer_ids=[TransferId(new_id())], hold_ids=[request_id], workspace_ids=of, charges=nano
        )
