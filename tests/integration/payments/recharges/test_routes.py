"""Orders as customers make them."""

import asyncio
from typing import Any

import pytest

from omna.db.pool import borrow, transaction
from omna.ids import TransferId, new_id
from omna.ledger import service as ledger
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.payments.recharges import expiry
from omna.risk import service as risk
from tests.harness.recharges import upload
from tests.harness.team import Answer, Browser, Team


async def options(browser: Browser) -> Any:
    return (await browser.call("GET", "/recharge-options")).json


async def buy(browser: Browser, amount: str = "100", *, token: str = "", **changes: Any) -> Answer:
    method = (await options(browser))["methods"][0]["id"]
    body = {
        "client_token": token or f"token-{new_id()}",
        "channel": "manual",
        "credits": amount,
        "method_id": method,
        "accept_terms": True,
    }
    return await browser.call("POST", "/recharges", body | changes)


async def proof_of(browser: Browser, width: int = 8) -> str:
    async with borrow(browser.team.pool) as connection:
        return await upload(connection, browser.team.workspace_id, browser.user_id, width)


async def submit(browser: Browser, recharge: str, **facts: Any) -> Answer:
    return await browser.call("PUT", f"/recharges/{recharge}/proof", {"payer_reference": "Wire 12-34"} | facts)


async def verified(team: Team) -> bool:
    async with borrow(team.pool) as connection:
        return await ledger.verify(connection) == []


async def test_options_say_what_can_be_bought_and_how(team: Team) -> None:
    said = await options(team.billing)
    assert [(pack["credits"], pack["bonus"], pack["price"]["minor"]) for pack in said["packs"]] == [
        ("10", "0", 1000),
        ("25", "0", 2500),
        ("50", "0", 5000),
        ("100", "5", 10000),
    ]
    assert (said["minimum"], said["maximum"], said["currency"], said["checkout"]) == ("5", "1000", "usd", None)
    assert said["methods"][0]["name"] == "Bank transfer"
    assert said["paused"] is None
    assert "application/pdf" in said["proof"]["types"]
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE users SET language = 'zh'")
    assert (await options(team.billing))["methods"][0]["name"] == "银行转账"


async def test_quote_deducts_what_is_owed(team: Team) -> None:
    async with transaction(team.pool) as connection:
        await ledger.open_chargeback(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=team.workspace_id,
            amount=Nanocredits(4 * NANO_PER_CREDIT),
            actor="test",
            reason="test",
        )
    said = (await team.owner.call("POST", "/recharges/quote", {"credits": "100", "channel": "manual"})).json
    assert said == {
        "credits": "100",
        "bonus": "5",
        "price": {"minor": 10000, "currency": "usd"},
        "fee": {"minor": 0, "currency": "usd"},
        "total": {"minor": 10000, "currency": "usd"},
        "owed_deducted": "4",
        "credits_received": "101",
        "new_balance": "101",
    }
    for wrong in ("4.99", "1000.01", "10.001", "-10"):
        answer = await team.owner.call("POST", "/recharges/quote", {"credits": wrong, "channel": "manual"})
        assert answer.code == (400, "invalid_value"), wrong


async def test_an_order_waits_for_its_proof(team: Team) -> None:
    made = await buy(team.owner)
    assert made.status == 201, made.json
    order = made.json
    assert (order["state"], order["credits"], order["bonus"], order["total"]["minor"]) == (
        "awaiting_proof",
        "100",
        "5",
        10000,
    )
    assert order["reference"].startswith("OMNA-")
    assert order["may"] == {"cancel": True, "submit": True, "check": False, "refund": False, "retry": False}
    assert [step["step"] for step in order["timeline"]] == ["created"]
    listed = (await team.billing.call("GET", "/recharges")).json
    assert [row["id"] for row in listed["items"]] == [order["id"]]
    assert (await team.billing.call("GET", f"/recharges/{order['id']}")).json == order
    (row,) = await team.query("SELECT terms_version, created_by FROM recharges")
    assert (row["terms_version"], row["created_by"]) == ("2026-11", team.owner.user_id)


async def test_twenty_clicks_are_one_order(team: Team) -> None:
    answers = await asyncio.gather(*(buy(team.owner, token="the-same-click") for _ in range(20)))
    assert sorted(answer.status for answer in answers) == [200] * 19 + [201]
    assert len({answer.json["id"] for answer in answers}) == 1
    other = await buy(team.owner, "50", token="the-same-click")
    assert other.code == (409, "conflict")


async def test_terms_are_accepted_and_the_wish_makes_sense(team: Team) -> None:
    for changes in (
        {"accept_terms": False},
        {"method_id": None},
        {"method_id": "mth_00000000000000000000000000000000"},
        {"channel": "checkout"},
        {"channel": "top_up"},
        {"client_token": "short"},
        {"credits": "10.001"},
    ):
        answer = await buy(team.owner, **changes)
        assert answer.status == 400, (changes, answer.json)
    assert await team.query("SELECT 1 FROM recharges") == []


async def test_an_open_order_is_one_of_at_most_twenty(team: Team) -> None:
    for _ in range(20):
        assert (await buy(team.owner)).status == 201
    refused = await buy(team.owner)
    assert refused.code == (409, "conflict")
    first = (await team.owner.call("GET", "/recharges")).json["items"][0]["id"]
    assert (await team.owner.call("POST", f"/recharges/{first}/cancel")).json["state"] == "cancelled"
    assert (await buy(team.owner)).status == 201
    page = (await team.owner.call("GET", "/recharges?limit=15")).json
    rest = (await team.owner.call("GET", f"/recharges?limit=15&cursor={page['next_cursor']}")).json
    assert (len(page["items"]), len(rest["items"]), rest["next_cursor"]) == (15, 6, None)


async def test_a_proof_is_handed_in_and_replaced(team: Team) -> None:
    order = (await buy(team.owner)).json["id"]
    assert (await submit(team.owner, order)).code == (400, "invalid_value")
    first = await submit(team.owner, order, upload_id=await proof_of(team.owner), paid_on="2026-11-25", note="From Ada")
    assert first.status == 200, first.json
    assert (first.json["state"], first.json["payer_reference"], first.json["proof"]["name"]) == (
        "submitted",
        "Wire 12-34",
        "proof.png",
    )
    again = await submit(team.billing, order, upload_id=await proof_of(team.billing, 9), payer_reference="W 99")
    assert [step["step"] for step in again.json["timeline"]] == ["created", "submitted", "replaced"]
    assert again.json["proof"]["id"] != first.json["proof"]["id"]
    (row,) = await team.query("SELECT payer_reference, submitted_by FROM recharges")
    assert (row["payer_reference"], row["submitted_by"]) == ("W99", team.billing.user_id)
    mails = await team.query("SELECT recipient, subject FROM mail_outbox")
    assert [tuple(mail) for mail in mails] == [("owner@example.com", "Recharge of 100 Credits submitted")]
    assert (await submit(team.owner, order, paid_on="2020-01-01")).code == (400, "invalid_value")
    assert (await submit(team.owner, order, upload_id="upl_" + "0" * 32)).code == (404, "not_found")


async def test_a_file_of_another_workspace_proves_nothing(team: Team) -> None:
    order = (await buy(team.owner)).json["id"]
    async with borrow(team.pool) as connection:
        theirs = await upload(connection, team.stranger.personal, team.stranger.user_id)
    assert (await submit(team.owner, order, upload_id=theirs)).code == (404, "not_found")


async def test_a_cancelled_order_is_over(team: Team) -> None:
    order = (await buy(team.owner)).json["id"]
    cancelled = (await team.owner.call("POST", f"/recharges/{order}/cancel")).json
    assert (cancelled["state"], cancelled["may"]["retry"]) == ("cancelled", True)
    for answer in (
        await team.owner.call("POST", f"/recharges/{order}/cancel"),
        await submit(team.owner, order, upload_id=await proof_of(team.owner)),
    ):
        assert answer.code == (409, "conflict")
        assert "was cancelled" in answer.json["error"]["message"]


async def test_orders_of_another_workspace_do_not_exist(team: Team) -> None:
    order = (await buy(team.owner)).json["id"]
    theirs = f"/api/workspaces/ws_{team.stranger.personal.hex}/recharges/{order}"
    for method, path, body in (
        ("GET", theirs, None),
        ("POST", f"{theirs}/cancel", None),
        ("PUT", f"{theirs}/proof", {"payer_reference": "x1"}),
    ):
        assert (await team.stranger.call(method, path, body)).code == (404, "not_found")
    assert (await team.query("SELECT state FROM recharges"))[0]["state"] == "awaiting_proof"


@pytest.mark.parametrize("scope", ["recharge", "all"])
async def test_a_stop_refuses_new_orders_and_lets_others_go_on(team: Team, scope: str) -> None:
    before = (await buy(team.owner, token="before-the-stop")).json["id"]
    async with transaction(team.pool) as connection:
        await risk.stop(
            connection, scope, cut_streams=False, reason="Fraud?", message="The bank is closed", actor=team.actor
        )
    assert (await options(team.owner))["paused"]["reason"] == "The bank is closed"
    refused = await buy(team.owner)
    assert refused.code == (503, "emergency_stop")
    assert "The bank is closed" in refused.json["error"]["message"]
    assert "Fraud?" not in str(refused.json), "the reason is for staff"
    assert (await buy(team.owner, token="before-the-stop")).json["id"] == before
    assert (await submit(team.owner, before, upload_id=await proof_of(team.owner))).json["state"] == "submitted"


async def test_a_frozen_workspace_buys_nothing(team: Team) -> None:
    async with transaction(team.pool) as connection:
        await risk.freeze(connection, team.workspace_id, reason="Chargeback", actor=team.actor)
    assert (await buy(team.owner)).code == (403, "account_frozen")


async def test_who_waits_for_approval_buys_nothing(team: Team) -> None:
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE workspaces SET pending = 'approval'")
    assert (await buy(team.owner)).code == (403, "awaiting_approval")


async def test_what_nobody_handed_in_expires_and_the_rest_does_not(team: Team) -> None:
    late = (await buy(team.owner)).json["id"]
    handed_in = (await buy(team.owner)).json["id"]
    await submit(team.owner, handed_in, upload_id=await proof_of(team.owner))
    in_time = (await buy(team.owner, "50")).json["id"]
    async with borrow(team.pool) as connection:
        await connection.execute("DELETE FROM mail_outbox")
        await connection.execute("UPDATE recharges SET expires_at = now() WHERE credits = 100000000000")
    async with transaction(team.pool) as connection:
        assert await expiry.expire(connection, actor=team.actor) == 1
        assert await expiry.expire(connection, actor=team.actor) == 0
    states = {
        one: (await team.owner.call("GET", f"/recharges/{one}")).json["state"] for one in (late, handed_in, in_time)
    }
    assert states == {late: "expired", handed_in: "submitted", in_time: "awaiting_proof"}
    (mail,) = await team.query("SELECT subject FROM mail_outbox")
    assert mail["subject"].endswith("has expired")
    assert await verified(team)
