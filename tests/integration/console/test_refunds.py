"""Refunds and disputes, as staff decide about them through /api/console."""

from typing import Any

from omna.db.pool import borrow, transaction
from omna.ids import show
from omna.ledger import service as ledger
from omna.payments import verification
from omna.payments.checkout.processor import DisputeFacts, WarningFacts
from omna.payments.disputes import applying
from omna.payments.recharges.crediting import ensure_credited
from omna.payments.recharges.model import Recharge
from omna.payments.refunds import lots
from omna.risk import service as risk
from tests.harness.recharges import order
from tests.harness.team import Answer, Browser, Team

REASON = {"reason": "The customer is right"}


async def buy(team: Team, amount: str = "50", channel: str = "manual") -> Recharge:
    async with borrow(team.pool) as connection:
        recharge = await order(connection, team.workspace_id, team.actor, amount=amount, channel=channel)  # type: ignore[arg-type]
    async with transaction(team.pool) as connection:
        await ensure_credited(
            connection,
            workspace_id=team.workspace_id,
            recharge_id=recharge.recharge_id,
            processor="manual" if channel == "manual" else "sandbox",
            payment_id=show("rch", recharge.recharge_id),
            amount_minor=recharge.total_minor,
            currency=recharge.currency,
            credits=recharge.credits,  # type: ignore[arg-type]
            actor=team.actor,
            step_actor="processor",
        )
    return recharge


async def ask(team: Team, recharge: Recharge, **more: Any) -> str:
    body = {
        "client_token": f"token-{recharge.reference}",
        "recharge_id": show("rch", recharge.recharge_id),
        "kind": "unused",
        "reason": "too many",
        **more,
    }
    made = await team.owner.call("POST", "/refunds", body)
    assert made.status == 201, made.json
    refund: str = made.json["id"]
    return refund


async def act(staff: Browser, refund: str, verb: str, body: Any = None) -> Answer:
    return await staff.call("POST", f"/api/console/refunds/{refund}/{verb}", body)


async def prove_books(team: Team) -> None:
    async with borrow(team.pool) as connection:
        assert await ledger.verify(connection) + await verification.verify(connection) == []


async def test_a_refund_goes_from_the_queue_to_the_bank(team: Team) -> None:
    finance = await team.hire("finance")
    refund = await ask(team, await buy(team))
    (row,) = (await finance.call("GET", "/api/console/refunds")).json["items"]
    assert (row["id"], row["workspace"]["name"], row["email"]) == (refund, "Acme", "owner@example.com")
    claimed = (await act(finance, refund, "claim")).json
    assert (claimed["state"], claimed["lock"]["yours"]) == ("in_review", True)
    facts = (await finance.call("GET", f"/api/console/refunds/{refund}")).json["facts"]
    assert facts["most_refundable"] == {"credits": "50", "money": {"minor": 5000, "currency": "usd"}}
    assert (facts["payment_status"], facts["used"], facts["provider_cost"], facts["obstacle"]) == (
        "credited",
        "0",
        "0",
        None,
    )
    effect = (await act(finance, refund, "approve/preview", {"credits": "20"})).json
    assert effect["entries"] == [
        {"account": "available_paid", "amount": "-20"},
        {"account": "refund_pending", "amount": "20"},
    ]
    assert (effect["available_before"], effect["available_after"]) == ("50", "30")
    body = {"credits": "20", "amount_typed": "20.00", "message": "Here you are.", **REASON}
    assert (await act(finance, refund, "approve", body)).code == (403, "step_up_required")
    await finance.prove("refund.approve", refund)
    wrong = await act(finance, refund, "approve", {**body, "amount_typed": "2.00"})
    assert wrong.code == (400, "invalid_value")
    await finance.prove("refund.approve", refund)
    done = (await act(finance, refund, "approve", body)).json
    assert (done["state"], done["booked"], done["payout"], done["amount"]["minor"]) == (
        "approved",
        True,
        "manual",
        2000,
    )
    await finance.prove("refund.pay", refund)
    paid = (await act(finance, refund, "paid", {"payout_reference": "SEPA 42", **REASON})).json
    assert (paid["state"], paid["payout_reference"]) == ("paid", "SEPA 42")
    await prove_books(team)
    seen = (await team.owner.call("GET", f"/refunds/{refund}")).json
    assert [step["step"] for step in seen["timeline"]] == ["requested", "approved", "paid"]
    assert (seen["answer"], seen["amount"]["minor"]) == ("Here you are.", 2000)
    line = (await team.owner.call("GET", f"/ledger/lines/{seen['ledger_line']}")).json
    assert (line["kind"], line["amount"]) == ("refund", "-20")
    actions = [row["action"] for row in await team.query("SELECT action FROM audit_log ORDER BY seq")]
    assert actions[-3:] == ["refund.read", "refund.approve", "refund.pay"]
    assert (await finance.call("GET", "/api/console/refunds")).json["items"] == []
    assert len((await finance.call("GET", "/api/console/refunds?state=paid")).json["items"]) == 1


async def test_a_rejection_needs_words_for_the_customer(team: Team) -> None:
    finance = await team.hire("finance")
    refund = await ask(team, await buy(team))
    assert (await act(finance, refund, "reject", REASON)).status == 400
    rejected = (await act(finance, refund, "reject", {"message": "Spent already.", **REASON})).json
    assert (rejected["state"], rejected["answer"]) == ("rejected", "Spent already.")
    assert (await act(finance, refund, "reject", {"message": "Twice.", **REASON})).code == (409, "conflict")


async def test_a_list_goes_on_where_it_ended(team: Team) -> None:
    finance = await team.hire("finance")
    refunds = [await ask(team, await buy(team, "10")) for _ in range(3)]
    first = (await finance.call("GET", "/api/console/refunds?limit=2")).json
    second = (await finance.call("GET", f"/api/console/refunds?limit=2&cursor={first['next_cursor']}")).json
    assert [row["id"] for row in first["items"] + second["items"]] == refunds
    assert second["next_cursor"] is None


async def test_a_dispute_by_hand_is_entered_answered_and_lost(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    recharge = await buy(team, "50")
    rch = show("rch", recharge.recharge_id)
    body = {"recharge_id": rch, "state": "open", "amount_typed": "50.00", **REASON}
    await finance.prove("dispute.enter", rch)
    entered = await finance.call("POST", "/api/console/disputes", body)
    assert entered.status == 201, entered.json
    dispute = entered.json["id"]
    assert (entered.json["booked"], entered.json["clawed"], entered.json["froze"]) == ("opened", "50", True)
    assert entered.json["may"] == {
        "evidence_sent": True,
        "close": True,
        "put_aside": False,
        "write_off": False,
        "unfreeze": True,
    }
    (shown,) = (await team.owner.call("GET", "/disputes")).json
    assert (shown["state"], shown["clawed"]) == ("open", "50")
    assert shown["sentence"].startswith("The payer's bank has taken this payment back, so 50 Credits")
    sent = (await finance.call("POST", f"/api/console/disputes/{dispute}/evidence-sent", REASON)).json
    assert (sent["answer_owed"], sent["may"]["evidence_sent"]) == (False, False)
    await finance.prove("dispute.close", dispute)
    lost = (await finance.call("POST", f"/api/console/disputes/{dispute}/close", {"outcome": "lost", **REASON})).json
    assert (lost["state"], lost["booked"]) == ("lost", "lost")
    # Finance may not end a freeze; an owner does.
    assert (await finance.call("POST", f"/api/console/disputes/{dispute}/unfreeze", REASON)).code == (403, "forbidden")
    free = (await owner.call("POST", f"/api/console/disputes/{dispute}/unfreeze", REASON)).json
    assert (free["frozen"], free["flag"], free["may"]["unfreeze"]) == (None, "", False)
    await prove_books(team)


async def test_a_warning_of_which_nothing_came_is_put_aside(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await buy(team, "50", "checkout")
    async with transaction(team.pool) as connection:
        (payment,) = await lots.payments(connection, team.workspace_id, recharge.recharge_id)
        await applying.apply_warnings(connection, payment, [WarningFacts("issfr_1", "made", True)], actor=team.actor)
    (row,) = (await finance.call("GET", "/api/console/disputes")).json["items"]
    assert (row["state"], row["clawed"]) == ("warned", "0")
    for outcome, status in (("lost", 409), ("closed", 200), ("closed", 409)):
        await finance.prove("dispute.close", row["id"])
        body = {"outcome": outcome, **REASON}
        assert (await finance.call("POST", f"/api/console/disputes/{row['id']}/close", body)).status == status
    assert (await finance.call("GET", "/api/console/disputes")).json["items"] == []
    await prove_books(team)


async def test_a_debt_is_given_up_with_its_effect_shown_before(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await buy(team, "50", "checkout")
    async with transaction(team.pool) as connection:
        await ledger.adjust(
            connection,
            transfer_id=recharge.recharge_id,  # type: ignore[arg-type]
            workspace_id=team.workspace_id,
            amount=-30 * 10**9,  # type: ignore[arg-type]
            actor="test",
            reason="spent",
        )
        (payment,) = await lots.payments(connection, team.workspace_id, recharge.recharge_id)
        fact = DisputeFacts("dp_1", "lost", "fraudulent", 5000, "usd", 5000)
        await applying.apply_dispute_facts(connection, payment, [fact], freeze=True, actor=team.actor)
    (row,) = (await finance.call("GET", "/api/console/disputes?state=lost")).json["items"]
    dispute = row["id"]
    found = (await finance.call("GET", f"/api/console/disputes/{dispute}")).json
    assert (found["debt_now"], found["write_off_most"], found["may"]["close"]) == ("30", "30", False)
    preview = (await finance.call("POST", f"/api/console/disputes/{dispute}/write-off/preview", {"credits": "10"})).json
    assert (preview["debt_before"], preview["debt_after"]) == ("30", "20")
    await finance.prove("debt.write_off", dispute)
    done = (await finance.call("POST", f"/api/console/disputes/{dispute}/write-off", {"credits": "10", **REASON})).json
    assert (done["booked_now"], done["debt_now"], done["written_off"], done["write_off_most"]) == (
        True,
        "20",
        "10",
        "20",
    )
    await finance.prove("debt.write_off", dispute)
    much = await finance.call("POST", f"/api/console/disputes/{dispute}/write-off", {"credits": "20.01", **REASON})
    assert much.code == (400, "invalid_value")
    await prove_books(team)


async def test_nobody_decides_about_money_of_their_own(team: Team) -> None:
    finance, own = await team.hire("finance"), await team.hire("finance", "Own")
    recharge = await buy(team)
    refund = await ask(team, recharge, credits="20")
    await finance.prove("refund.approve", refund)
    body = {"credits": "20", "amount_typed": "20.00", "message": "Yes.", **REASON}
    assert (await act(finance, refund, "approve", body)).status == 200
    await finance.prove("refund.pay", refund)
    assert (await act(finance, refund, "paid", {"payout_reference": "SEPA 42", **REASON})).status == 200
    async with borrow(team.pool) as connection:
        await connection.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'billing')",
            team.workspace_id,
            own.user_id,
        )
    # The money is at the bank of their workspace: its Credits must not come back by their own word.
    for verb, more in (("return", {}), ("retry", {}), ("paid", {"payout_reference": "SEPA 43"})):
        await own.prove("refund.pay" if verb == "paid" else f"refund.{verb}", refund)
        assert (await act(own, refund, verb, {**more, **REASON})).code == (403, "forbidden"), verb
    rch = show("rch", recharge.recharge_id)
    await own.prove("dispute.enter", rch)
    entry = {"recharge_id": rch, "state": "open", "amount_typed": "50.00", **REASON}
    assert (await own.call("POST", "/api/console/disputes", entry)).code == (403, "forbidden")
    await finance.prove("dispute.enter", rch)
    dispute = (await finance.call("POST", "/api/console/disputes", entry)).json["id"]
    await own.prove("dispute.close", dispute)
    closing = await own.call("POST", f"/api/console/disputes/{dispute}/close", {"outcome": "won", **REASON})
    assert closing.code == (403, "forbidden")
    assert (await own.call("GET", f"/api/console/disputes/{dispute}")).json["may"]["close"] is False
    await prove_books(team)


async def test_much_that_is_said_to_be_won_needs_two_people(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    rch = show("rch", (await buy(team, "250")).recharge_id)
    await finance.prove("dispute.enter", rch)
    entry = {"recharge_id": rch, "state": "open", "amount_typed": "250.00", **REASON}
    dispute = (await finance.call("POST", "/api/console/disputes", entry)).json["id"]

    async def close(who: Browser) -> Answer:
        await who.prove("dispute.close", dispute)
        return await who.call("POST", f"/api/console/disputes/{dispute}/close", {"outcome": "won", **REASON})

    first = (await close(finance)).json
    assert (first["booked"], first["state"], first["first_approver"]["yours"]) == ("opened", "open", True)
    assert (await close(finance)).code == (409, "conflict")
    second = (await close(owner)).json
    assert (second["booked"], second["state"], second["first_approver"]) == ("won", "won", None)
    await prove_books(team)


async def test_a_freeze_for_another_reason_outlives_a_dispute(team: Team) -> None:
    finance, owner = await team.hire("finance"), await team.hire("owner")
    rch = show("rch", (await buy(team)).recharge_id)
    async with transaction(team.pool) as connection:
        await risk.freeze(connection, team.workspace_id, reason="sells keys", actor=team.actor)
    await finance.prove("dispute.enter", rch)
    entry = {"recharge_id": rch, "state": "open", "amount_typed": "50.00", **REASON}
    dispute = (await finance.call("POST", "/api/console/disputes", entry)).json
    assert (dispute["froze"], dispute["frozen"], dispute["may"]["unfreeze"]) == (False, "sells keys", False)
    refused = await owner.call("POST", f"/api/console/disputes/{dispute['id']}/unfreeze", REASON)
    assert refused.code == (409, "conflict")
    assert "sells keys" in refused.json["error"]["message"]


async def test_who_does_not_decide_sees_no_addresses(team: Team) -> None:
    finance, support = await team.hire("finance"), await team.hire("support")
    refund = await ask(team, await buy(team))
    for where in ("", f"/{refund}"):
        for who, email in ((finance, "owner@example.com"), (support, "o•••@example.com")):
            seen = (await who.call("GET", f"/api/console/refunds{where}")).json
            assert (seen if where else seen["items"][0])["email"] == email


async def test_evidence_names_account_order_use_and_terms_and_is_recorded(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await buy(team, "50", "checkout")
    async with transaction(team.pool) as connection:
        (payment,) = await lots.payments(connection, team.workspace_id, recharge.recharge_id)
        fact = DisputeFacts("dp_1", "open", "fraudulent", 5000, "usd", 5000)
        await applying.apply_dispute_facts(connection, payment, [fact], freeze=False, actor=team.actor)
    (row,) = (await finance.call("GET", "/api/console/disputes")).json["items"]
    pack = (await finance.call("GET", f"/api/console/disputes/{row['id']}/evidence.json")).json
    assert pack["account"]["email"] == "owner@example.com"
    assert pack["order"]["reference"] == recharge.reference
    assert pack["order"]["terms_version"] == recharge.terms_version
    assert [one["reference"] for one in pack["orders"]] == [recharge.reference]
    answer = await team.http.get(f"/api/console/disputes/{row['id']}/evidence.pdf", headers=finance.cookie)
    assert (answer.status_code, answer.headers["content-type"]) == (200, "application/pdf")
    assert answer.content.startswith(b"%PDF")
    exports = await team.query("SELECT subject FROM audit_log WHERE action = 'dispute.export'")
    assert [one["subject"] for one in exports] == [row["id"], row["id"]]
