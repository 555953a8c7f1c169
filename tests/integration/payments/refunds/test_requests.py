"""Asking for money back: what may be asked for, once, and what is refused with a sentence."""

import asyncio

import pytest

from omna.db.pool import borrow, transaction
from omna.errors import Conflict, InvalidValue, NotFound
from omna.ids import RechargeId, new_id, show
from omna.payments.recharges.crediting import ensure_credited
from omna.payments.refunds import service
from tests.harness.recharges import order
from tests.harness.team import Team
from tests.harness.till import Till, nano


async def test_unused_credits_can_be_asked_for_and_spent_ones_not(till: Till) -> None:
    bought = await till.buy("10")
    await till.spend("4")
    with pytest.raises(InvalidValue, match="At most 6 Credits"):
        await till.ask(bought, credits="6.01")
    refund = await till.ask(bought)
    assert (refund.state, refund.credits, refund.reference) == ("requested", nano("6"), bought.recharge.reference)
    # Nothing is booked before somebody decides.
    assert await till.sums() == ("6", "0", "0", "0")
    assert "Refund requested for recharge" in (await till.subjects())[-1]


async def test_oldest_credits_are_spent_first(till: Till) -> None:
    older, newer = await till.buy("10"), await till.buy("20")
    await till.spend("12")
    assert (await till.ask(newer)).credits == nano("18")
    with pytest.raises(Conflict, match="No Credits of this recharge are left"):
        await till.ask(older)


async def test_what_running_requests_hold_is_respected(till: Till) -> None:
    bought = await till.buy("10")
    hold = await till.hold("7")
    with pytest.raises(InvalidValue, match="At most 3 Credits"):
        await till.ask(bought, credits="5")
    more = await till.hold("3")
    with pytest.raises(Conflict, match="held by running requests"):
        await till.ask(bought)
    await till.settle(hold, "1")
    await till.settle(more, "0")
    assert (await till.ask(bought)).credits == nano("9")


async def test_the_same_wish_again_is_the_same_refund(till: Till) -> None:
    bought = await till.buy("10")
    first = await till.ask(bought, client_token="token-one")
    assert (await till.ask(bought, client_token="token-one")).refund_id == first.refund_id
    with pytest.raises(Conflict, match="used for another refund"):
        await till.ask(bought, client_token="token-one", reason="another")
    with pytest.raises(Conflict, match="There is a refund of recharge"):
        await till.ask(bought, client_token="token-two")
    async with till.work() as connection:
        await service.cancel(connection, till.workspace_id, first.refund_id, actor=till.customer)
    assert (await till.ask(bought, client_token="token-two")).refund_id != first.refund_id


async def test_ten_tabs_ask_once(till: Till) -> None:
    bought = await till.buy("10")

    async def ask(token: str) -> object:
        try:
            return (await till.ask(bought, client_token=token)).refund_id
        except Conflict:
            return None

    same = await asyncio.gather(*(ask("token-same") for _ in range(5)), *(ask(f"token-{n}ab") for n in range(5)))
    assert len({one for one in same if one}) == 1
    assert len(await till.refunds()) == 1


async def test_only_a_payment_made_twice_is_converted_and_names_another_order(till: Till) -> None:
    bought, other = await till.buy("10"), await till.buy("10")
    with pytest.raises(InvalidValue, match="Credits already"):
        await till.ask(bought, preference="convert")
    with pytest.raises(InvalidValue, match="Only a duplicate"):
        await till.ask(bought, other_recharge=other.recharge_id)
    with pytest.raises(InvalidValue, match="Name both orders"):
        await till.ask(bought, kind="duplicate")
    with pytest.raises(InvalidValue, match="one and the same"):
        await till.ask(bought, kind="duplicate", other_recharge=bought.recharge_id)
    refund = await till.ask(bought, kind="duplicate", preference="convert", other_recharge=other.recharge_id)
    assert (refund.kind, refund.other_reference) == ("duplicate", other.recharge.reference)


async def test_the_order_paid_in_vain_is_the_one_to_give_back(till: Till) -> None:
    bought, vain = await till.buy("10", "manual"), await till.ordered("10", "manual")
    with pytest.raises(Conflict, match="was not credited"):
        await till.ask(vain)
    with pytest.raises(Conflict, match="still being looked at"):
        await till.ask(vain, kind="duplicate", other_recharge=bought.recharge_id)
    async with transaction(till.pool) as connection:
        await connection.execute("UPDATE recharges SET state = 'duplicate' WHERE recharge_id = $1", vain.recharge_id)
    refund = await till.ask(bought, kind="duplicate", other_recharge=vain.recharge_id)
    assert (refund.recharge_id, refund.other_recharge) == (vain.recharge_id, bought.recharge_id)


async def test_a_disputed_payment_is_not_refunded(till: Till) -> None:
    bought = await till.buy("10")
    await till.tell_dispute(bought, "warned")
    refund = await till.ask(bought)
    async with till.work() as connection:
        await service.cancel(connection, till.workspace_id, refund.refund_id, actor=till.customer)
    await till.tell_dispute(bought, "open", bought.payment.amount_minor)
    with pytest.raises(Conflict, match="into dispute"):
        await till.ask(bought)


async def test_orders_of_others_do_not_exist(till: Till) -> None:
    async with borrow(till.pool) as connection:
        with pytest.raises(NotFound):
            await service.refundable(connection, till.workspace_id, RechargeId(new_id()), "unused")


async def test_a_customer_asks_through_api(team: Team) -> None:
    async with borrow(team.pool) as connection:
        recharge = await order(connection, team.workspace_id, team.actor, amount="100", channel="checkout")
    async with transaction(team.pool) as connection:
        await ensure_credited(
            connection,
            workspace_id=team.workspace_id,
            recharge_id=recharge.recharge_id,
            processor="sandbox",
            payment_id="pi_1",
            amount_minor=recharge.total_minor,
            currency=recharge.currency,
            credits=nano("100"),
            actor=team.actor,
            step_actor="processor",
        )
    rch = show("rch", recharge.recharge_id)
    facts = (await team.billing.call("GET", f"/recharges/{rch}/refundable")).json
    assert facts["most"] == {"credits": "100", "money": {"minor": 10000, "currency": "usd"}}
    assert (facts["used"], facts["promo_withdrawn"], facts["blocked"]) == ("0", "5", None)
    assert (facts["email"], facts["method"]) == ("billing@example.com", "sandbox")
    body = {"client_token": "token-0001", "recharge_id": rch, "kind": "unused", "credits": "40", "reason": "too many"}
    asked = await team.billing.call("POST", "/refunds", body)
    assert (asked.status, asked.json["state"], asked.json["credits"]) == (201, "requested", "40")
    again = await team.billing.call("POST", "/refunds", body)
    assert (again.status, again.json["id"]) == (200, asked.json["id"])
    rows = (await team.owner.call("GET", "/refunds")).json
    assert [row["id"] for row in rows] == [asked.json["id"]]
    blocked = (await team.owner.call("GET", f"/recharges/{rch}/refundable")).json["blocked"]
    assert blocked == "A refund of this recharge is running already."
    cancelled = await team.owner.call("POST", f"/refunds/{asked.json['id']}/cancel")
    assert (cancelled.json["state"], cancelled.json["may"]) == ("cancelled", {"cancel": False})
    assert [step["step"] for step in cancelled.json["timeline"]] == ["requested", "cancelled"]
    assert (await team.owner.call("POST", f"/refunds/{asked.json['id']}/cancel")).code == (409, "conflict")
    assert (await team.stranger.call("GET", f"/refunds/{asked.json['id']}")).status == 404
