"""Reviews of recharges, as staff make them."""

import asyncio
from typing import Any

import pytest

from omna.accounts.service import StaffRole
from omna.db.pool import borrow, transaction
from omna.ids import new_id, show
from omna.ledger import service as ledger
from omna.payments.recharges import crediting
from omna.payments.recharges.model import Received
from tests.harness.recharges import order, upload
from tests.harness.team import Answer, Browser, Team

REASON = {"reason": "The bank says so"}


async def hand_in(team: Team, amount: str = "50", *, width: int = 8, by: Browser | None = None, **facts: Any) -> str:
    """Order Credits for the team, hand in a proof, and return the id of the order."""
    buyer = by or team.owner
    method = (await buyer.call("GET", "/recharge-options")).json["methods"][0]["id"]
    made = await buyer.call(
        "POST",
        "/recharges",
        {
            "client_token": f"token-{new_id()}",
            "channel": "manual",
            "credits": amount,
            "method_id": method,
            "accept_terms": True,
        },
    )
    recharge: str = made.json["id"]
    async with borrow(team.pool) as connection:
        proof = await upload(connection, team.workspace_id, buyer.user_id, width)
    body = {"upload_id": proof, "payer_reference": f"W{new_id()}"} | facts
    answer = await buyer.call("PUT", f"/recharges/{recharge}/proof", body)
    assert answer.status == 200, answer.json
    return recharge


async def approve(staff: Browser, recharge: str, typed: str = "50.00", **facts: Any) -> Answer:
    await staff.prove("recharge.approve", recharge)
    return await decide(staff, recharge, "approve", {"amount_minor_typed": typed, **REASON, **facts})


async def decide(staff: Browser, recharge: str, verb: str, body: Any = None) -> Answer:
    """Claim an order and decide about it."""
    claimed = await act(staff, recharge, "claim")
    return claimed if claimed.status != 200 else await act(staff, recharge, verb, body)


async def act(staff: Browser, recharge: str, verb: str, body: Any = None) -> Answer:
    return await staff.call("POST", f"/api/console/recharges/{recharge}/{verb}", body)


async def paid(team: Team) -> str:
    """Return what the team can spend, after a proof that the books are right."""
    async with borrow(team.pool) as connection:
        assert await ledger.verify(connection) == []
    available: str = (await team.owner.call("GET", "/recharge-options")).json["available"]
    return available


async def state_of(team: Team, recharge: str) -> str:
    state: str = (await team.owner.call("GET", f"/recharges/{recharge}")).json["state"]
    return state


async def test_an_order_goes_from_the_queue_to_the_ledger(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await hand_in(team, "100")
    (row,) = (await finance.call("GET", "/api/console/recharges")).json["items"]
    assert (row["id"], row["workspace"]["name"], row["email"]) == (recharge, "Acme", "owner@example.com")
    claimed = (await act(finance, recharge, "claim")).json
    assert (claimed["state"], claimed["lock"]["yours"]) == ("in_review", True)
    assert await state_of(team, recharge) == "in_review"
    body = {"amount_minor_typed": "100", **REASON}
    effect = (await act(finance, recharge, "approve/preview", body)).json
    assert effect["sentence"].startswith("100.00 USD received: 100 Credits and 5 promo Credits")
    assert (effect["available_before"], effect["available_after"], effect["needs_second_person"]) == ("0", "105", False)
    assert (await act(finance, recharge, "approve", body)).code == (403, "step_up_required")
    done = await approve(finance, recharge, "100")
    assert done.status == 200, done.json
    assert (done.json["state"], done.json["booked"], done.json["alone"]) == ("credited", True, False)
    assert await paid(team) == "105"
    seen = (await team.owner.call("GET", f"/recharges/{recharge}")).json
    assert [step["step"] for step in seen["timeline"]] == ["created", "submitted", "credited"]
    assert (seen["credits_received"], seen["may"]["refund"]) == ("105", True)
    line = (await team.owner.call("GET", f"/ledger/lines/{seen['ledger_line']}")).json
    assert (line["kind"], line["amount"]) == ("recharge", "100")
    subjects = [row["subject"] for row in await team.query("SELECT subject FROM mail_outbox ORDER BY mail_id")]
    assert subjects[-1] == "100 Credits added"
    assert (await finance.call("GET", "/api/console/recharges")).json["items"] == []
    # The name of a payment by hand is its order's, whichever act credits it: the index on it lets no second one in.
    (payment,) = await team.query("SELECT payment_id FROM payments WHERE processor = 'manual'")
    assert payment["payment_id"] == recharge
    (audited,) = await team.query("SELECT seq, actor, reason FROM audit_log WHERE action = 'recharge.approve'")
    assert (audited["seq"], audited["actor"]) == (done.json["audit_seq"], finance.id)


async def test_another_amount_than_the_order_is_refused(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await hand_in(team)
    for typed in ("5.00", "50.01", "fifty", "", "-50", "50,001"):
        assert (await approve(finance, recharge, typed)).code == (400, "invalid_value"), typed
    assert (await approve(finance, recharge, credits="500")).code == (400, "invalid_value")
    assert await paid(team) == "0"
    assert (await approve(finance, recharge, "50,00")).json["state"] == "credited"


async def test_nobody_approves_their_own_order(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await hand_in(team)
    async with borrow(team.pool) as connection:
        await connection.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'billing')",
            team.workspace_id,
            finance.user_id,
        )
    assert (await approve(finance, recharge)).code == (403, "forbidden")
    assert (await finance.call("GET", f"/api/console/recharges/{recharge}")).json["yours"] is True
    mine = await hand_in(team, by=finance)
    async with borrow(team.pool) as connection:
        await connection.execute("DELETE FROM members WHERE user_id = $1", finance.user_id)
    assert (await approve(finance, mine)).code == (403, "forbidden")
    assert await paid(team) == "0"


async def test_two_reviewers_at_once_give_one_outcome(team: Team) -> None:
    reviewers = [await team.hire("finance", name) for name in ("Dana", "Erin", "Finn", "Gail")]
    recharge = await hand_in(team)
    for one in reviewers:
        await one.prove("recharge.approve", recharge)
    message = {"message": "No money came.", **REASON}
    answers = await asyncio.gather(
        approve(reviewers[0], recharge),
        decide(reviewers[1], recharge, "reject", message),
        approve(reviewers[2], recharge),
        decide(reviewers[3], recharge, "reject", message),
    )
    won = [answer for answer in answers if answer.status == 200]
    assert len(won) == 1, [answer.json for answer in answers]
    assert {answer.code for answer in answers if answer.status != 200} == {(409, "conflict")}
    state = won[0].json["state"]
    late = await decide(reviewers[0], recharge, "reject", message)
    said = late.json["error"]["message"]
    assert any(f"was {state} by {name}" in said for name in ("Dana", "Erin", "Finn", "Gail")), said
    assert await state_of(team, recharge) == state
    assert await paid(team) == ("50" if state == "credited" else "0")


async def test_two_tabs_of_one_reviewer_give_one_outcome(team: Team) -> None:
    dana = await team.hire("finance", "Dana")
    recharge = await hand_in(team)
    await act(dana, recharge, "claim")
    await dana.prove("recharge.approve", recharge)
    answers = await asyncio.gather(
        act(dana, recharge, "approve", {"amount_minor_typed": "50", **REASON}),
        act(dana, recharge, "reject", {"message": "No money came.", **REASON}),
    )
    assert sorted(answer.status for answer in answers) == [200, 409]
    state = await state_of(team, recharge)
    assert state in ("credited", "rejected")
    assert await paid(team) == ("50" if state == "credited" else "0")


async def test_nobody_decides_about_what_they_have_not_seen(team: Team) -> None:
    dana = await team.hire("finance", "Dana")
    recharge = await hand_in(team)
    body = {"amount_minor_typed": "50", **REASON}
    await dana.prove("recharge.approve", recharge)
    assert (await act(dana, recharge, "approve", body)).code == (409, "conflict")
    await act(dana, recharge, "claim")
    await team.owner.call("PUT", f"/recharges/{recharge}/proof", {"payer_reference": "another"})
    refused = await act(dana, recharge, "approve", body)
    assert "look at it anew" in refused.json["error"]["message"]
    await act(dana, recharge, "claim")
    # Time alone takes nothing away, as long as nobody else comes.
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE recharges SET review_until = now()")
    assert (await act(dana, recharge, "approve", body)).json["state"] == "credited"


async def test_an_order_in_the_hands_of_somebody_is_left_alone(team: Team) -> None:
    dana, erin = await team.hire("finance", "Dana"), await team.hire("finance", "Erin")
    recharge = await hand_in(team)
    await act(dana, recharge, "claim")
    refused = await act(erin, recharge, "claim")
    assert refused.code == (409, "conflict")
    assert "In review by Dana" in refused.json["error"]["message"]
    assert (await approve(erin, recharge)).code == (409, "conflict")
    assert (await act(erin, recharge, "release")).json["lock"]["name"] == "Dana"
    await act(dana, recharge, "release")
    assert (await act(erin, recharge, "claim")).json["lock"]["yours"] is True
    async with borrow(team.pool) as connection:
        await connection.execute("UPDATE recharges SET review_until = now()")
    assert (await act(dana, recharge, "claim")).json["lock"]["yours"] is True


async def test_above_the_threshold_two_people_approve(team: Team) -> None:
    dana, erin = await team.hire("finance", "Dana"), await team.hire("owner", "Erin")
    recharge = await hand_in(team, "150")
    body = {"amount_minor_typed": "150", **REASON}
    assert (await act(dana, recharge, "approve/preview", body)).json["needs_second_person"] is True
    first = (await approve(dana, recharge, "150")).json
    assert (first["state"], first["booked"], first["first_approver"]["yours"]) == ("submitted", False, True)
    assert (await approve(dana, recharge, "150")).code == (409, "conflict")
    await act(dana, recharge, "release")
    assert await paid(team) == "0"
    assert (await act(erin, recharge, "approve/preview", body)).json["needs_second_person"] is False
    assert (await approve(erin, recharge, "1500")).code == (400, "invalid_value")
    second = (await approve(erin, recharge, "150")).json
    assert (second["state"], second["booked"], second["alone"]) == ("credited", True, False)
    assert await paid(team) == "150"


async def test_splitting_does_not_escape_the_second_person(team: Team) -> None:
    dana, erin = await team.hire("finance", "Dana"), await team.hire("owner", "Erin")
    for _ in range(2):
        assert (await approve(dana, await hand_in(team))).json["booked"] is True
    third = await hand_in(team)
    assert (await approve(dana, third)).json["booked"] is False
    # What two people approved weighs on neither of them.
    assert (await approve(erin, third)).json["booked"] is True
    assert (await approve(erin, await hand_in(team))).json["booked"] is True
    assert await paid(team) == "200"


async def test_a_single_approver_is_let_through_with_a_mark(team: Team) -> None:
    dana = await team.hire("finance", "Dana")
    await team.hire("support")
    recharge = await hand_in(team, "150")
    done = (await approve(dana, recharge, "150")).json
    assert (done["booked"], done["alone"]) == (True, True)
    (row,) = await team.query("SELECT after::text FROM audit_log WHERE action = 'recharge.approve'")
    assert '"without_second_person": true' in row["after"]


async def test_who_hands_in_something_new_is_looked_at_anew(team: Team) -> None:
    dana, erin = await team.hire("finance", "Dana"), await team.hire("owner", "Erin")
    recharge = await hand_in(team, "150")
    await approve(dana, recharge, "150")
    await team.owner.call("PUT", f"/recharges/{recharge}/proof", {"payer_reference": "another"})
    assert (await approve(erin, recharge, "150")).json["booked"] is False
    assert await paid(team) == "0"


async def test_rejected_asked_and_duplicate_are_told_to_the_customer(team: Team) -> None:
    finance = await team.hire("finance")
    asked = await hand_in(team)
    answer = await decide(finance, asked, "ask", {"question": "Which bank?", **REASON})
    assert (answer.json["state"], answer.json["question"]) == ("needs_information", "Which bank?")
    again = await team.owner.call("PUT", f"/recharges/{asked}/proof", {"payer_reference": "W1", "note": "Mine"})
    assert [step["step"] for step in again.json["timeline"]][-2:] == ["question", "answered"]
    rejected = await decide(finance, asked, "reject", {"message": "Nothing arrived.", **REASON})
    assert (rejected.json["state"], rejected.json["decided_by"]) == ("rejected", "Finance")
    first, second = await hand_in(team), await hand_in(team)
    doubled = await decide(finance, second, "duplicate", {"of": first, **REASON})
    assert doubled.json["state"] == "duplicate"
    seen = (await team.owner.call("GET", f"/recharges/{second}")).json
    assert seen["duplicate_of"]["id"] == first
    assert (await decide(finance, first, "duplicate", {"of": first, **REASON})).code == (400, "invalid_value")
    subjects = [row["subject"] for row in await team.query("SELECT subject FROM mail_outbox")]
    for words in ("A question about", "was not credited", "is a duplicate"):
        assert any(words in subject for subject in subjects), (words, subjects)
    assert await paid(team) == "0"


async def test_an_original_elsewhere_is_not_named_to_the_customer(team: Team) -> None:
    finance = await team.hire("finance")
    async with borrow(team.pool) as connection:
        theirs = await order(connection, team.stranger.personal, team.actor)
    mine = await hand_in(team)
    done = await decide(finance, mine, "duplicate", {"of": show("rch", theirs.recharge_id), **REASON})
    assert done.json["state"] == "duplicate"
    seen = (await team.owner.call("GET", f"/recharges/{mine}")).json
    assert seen["duplicate_of"] is None
    assert theirs.reference not in str(seen)


async def test_signs_of_a_payment_handed_in_twice_are_shown(team: Team) -> None:
    finance = await team.hire("finance")
    same = {"payer_reference": "WIRE 77-8", "paid_on": "2026-11-20"}
    first = await hand_in(team, **same)
    proof = await hand_in(team, "25")
    reference = await hand_in(team, width=9, payer_reference="wire 778")
    day = await hand_in(team, width=10, paid_on="2026-11-20")
    await hand_in(team, "25", width=11)
    seen = (await finance.call("GET", f"/api/console/recharges/{first}")).json
    assert [(one["kind"], one["recharge"]["id"]) for one in seen["warnings"]] == [
        ("same_proof", proof),
        ("same_reference", reference),
        ("same_amount_and_day", day),
    ]
    assert len(await team.query("SELECT 1 FROM audit_log WHERE action = 'recharge.read'")) == 1


async def test_staff_find_orders(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await hand_in(team, payer_reference="WIRE 77-8")
    other = await hand_in(team, width=9)
    await decide(finance, other, "reject", {"message": "No.", **REASON})
    reference = (await team.owner.call("GET", f"/recharges/{recharge}")).json["reference"]
    for query in (f"q={recharge}", f"q={reference.lower()}", "q=wire778", "q=Owner@Example.com", f"q={team.id}", ""):
        page = (await finance.call("GET", f"/api/console/recharges?{query}")).json
        assert [row["id"] for row in page["items"]] == [recharge], query
    for query, ids in (
        ("state=rejected", [other]),
        ("state=all", [other, recharge]),
        ("state=credited", []),
        ("state=flagged", []),
        ("q=nobody", []),
    ):
        page = (await finance.call("GET", f"/api/console/recharges?{query}")).json
        assert [row["id"] for row in page["items"]] == ids, query
    page = (await finance.call("GET", "/api/console/recharges?state=all&limit=1")).json
    rest = (await finance.call("GET", f"/api/console/recharges?state=all&limit=1&cursor={page['next_cursor']}")).json
    assert [row["id"] for row in rest["items"]] == [recharge]


async def test_who_does_not_decide_sees_no_personal_data(team: Team) -> None:
    await team.owner.call("PUT", "/billing-details", {"name": "Acme", "address": "1 Road", "tax_id": "T1", "email": ""})
    recharge = await hand_in(team)
    async with borrow(team.pool) as connection:
        # As a personal workspace is called whose person gave no name.
        await connection.execute("UPDATE workspaces SET name = 'owner@example.com'")
    for role, email, billing in (
        ("finance", "owner@example.com", ["Acme", "1 Road", "T1"]), ("support", "o•••@example.com", ["", "", ""]),
    ):  # fmt: skip
        staff = await team.hire(role)
        seen = (await staff.call("GET", f"/api/console/recharges/{recharge}")).json
        assert (seen["email"], seen["workspace"]["name"]) == (email, email)
        assert [seen["billing"][name] for name in ("name", "address", "tax_id")] == billing


async def test_money_that_does_not_fit_is_credited_in_proportion(team: Team) -> None:
    finance = await team.hire("finance")
    async with borrow(team.pool) as connection:
        made = await order(connection, team.workspace_id, team.actor, channel="checkout")
        recharge = show("rch", made.recharge_id)
        async with connection.transaction():
            await crediting.flag_for_review(
                connection,
                workspace_id=team.workspace_id,
                recharge_id=made.recharge_id,
                flag=crediting.AMOUNT_MISMATCH,
                received=Received("pi_1", 3333, "usd"),
                actor=team.actor,
            )
    (row,) = (await finance.call("GET", "/api/console/recharges")).json["items"]
    assert (row["id"], row["flag_note"]) == (recharge, "amount_mismatch")
    seen = (await finance.call("GET", f"/api/console/recharges/{recharge}")).json
    assert (seen["received"]["amount"]["minor"], seen["received"]["share"]) == (3333, "33.33")
    assert (await approve(finance, recharge, "100")).code == (400, "invalid_value")
    done = (await approve(finance, recharge, "33.33")).json
    assert (done["state"], done["payments"][0]["credits"]) == ("credited", "33.33")
    # The bonus belongs to the whole price.
    assert await paid(team) == "33.33"
    assert (await approve(finance, recharge, "33.33")).code == (409, "conflict")


async def test_money_that_was_rejected_is_not_flagged_again(team: Team) -> None:
    finance = await team.hire("finance")
    async with borrow(team.pool) as connection:
        made = await order(connection, team.workspace_id, team.actor, channel="checkout")
    recharge = show("rch", made.recharge_id)

    async def told() -> None:
        async with transaction(team.pool) as connection:
            await crediting.flag_for_review(
                connection,
                workspace_id=team.workspace_id,
                recharge_id=made.recharge_id,
                flag=crediting.CURRENCY_MISMATCH,
                received=Received("pi_1", 3333, "eur"),
                actor=team.actor,
            )

    await told()
    assert (await approve(finance, recharge, "33.33")).code == (400, "invalid_value")
    rejected = await decide(finance, recharge, "reject", {"message": "We send it back.", **REASON})
    assert rejected.json["state"] == "rejected"
    await told()
    assert await state_of(team, recharge) == "rejected"
    assert (await approve(finance, recharge, "33.33", credits="30")).code == (409, "conflict")
    assert await paid(team) == "0"


async def test_money_beside_what_was_credited_is_turned_down_and_the_order_stays(team: Team) -> None:
    finance = await team.hire("finance")
    recharge = await hand_in(team)
    assert (await approve(finance, recharge)).json["state"] == "credited"
    # As if its payment service had told of a second payment of another amount.
    received = '{"payment_id": "pi_2", "amount_minor": 700, "currency": "usd", "fingerprint": ""}'
    await team.query(f"UPDATE recharges SET received = '{received}', flag = 'amount_mismatch'")
    assert (await act(finance, recharge, "claim")).json["decidable"] is True
    turned = await act(finance, recharge, "reject", {"message": "We send it back.", **REASON})
    assert (turned.json["state"], turned.json["decidable"], turned.json["received"]) == ("credited", False, None)
    assert await paid(team) == "50"
    again = await act(finance, recharge, "reject", {"message": "Once more.", **REASON})
    assert again.code == (409, "conflict")


async def test_a_crash_before_the_commit_leaves_everything_as_it_was(team: Team, monkeypatch: Any) -> None:
    finance = await team.hire("finance")
    recharge = await hand_in(team)

    async def crash(*_: Any, **__: Any) -> None:
        raise RuntimeError

    monkeypatch.setattr(crediting.letters, "tell_of", crash)
    with pytest.raises(RuntimeError):
        await approve(finance, recharge)
    assert await state_of(team, recharge) == "in_review"
    assert await paid(team) == "0"
    monkeypatch.undo()
    assert (await approve(finance, recharge)).json["state"] == "credited"
    assert await paid(team) == "50"


async def test_owners_edit_the_ways_to_pay(team: Team) -> None:
    owner = await team.hire(StaffRole.OWNER, "Olga")
    body = {
        "name": "Alipay",
        "name_zh": "支付宝",
        "instructions": "Account: omna@example.com",
        "usual_hours": 4,
        "position": -1,
        **REASON,
    }
    made = await owner.call("POST", "/api/console/payment-methods", body)
    assert made.status == 201, made.json
    offered = (await team.owner.call("GET", "/recharge-options")).json["methods"]
    assert [method["name"] for method in offered] == ["Alipay", "Bank transfer"]
    path = f"/api/console/payment-methods/{made.json['id']}"
    assert (await owner.call("PATCH", path, {"usual_hours": 0, **REASON})).code == (400, "invalid_value")
    assert (await owner.call("PATCH", path, {"usual_hours": 4})).code == (400, "invalid_value")
    retired = await owner.call("PATCH", path, {"retired": True, **REASON})
    assert (retired.json["retired"], retired.json["name_zh"]) == (True, "支付宝")
    offered = (await team.owner.call("GET", "/recharge-options")).json["methods"]
    assert [method["name"] for method in offered] == ["Bank transfer"]
    listed = (await owner.call("GET", "/api/console/payment-methods")).json
    assert [(method["name"], method["retired"]) for method in listed] == [("Bank transfer", False), ("Alipay", True)]
    missing = await owner.call("PATCH", "/api/console/payment-methods/mth_" + "0" * 32, {"retired": True, **REASON})
    assert missing.code == (404, "not_found")
