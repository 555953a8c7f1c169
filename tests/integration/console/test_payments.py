"""Payments and events as staff see them: what came, what failed, asking again."""

from typing import Any

import pytest

from omna.payments.checkout import applying, inbox
from omna.payments.checkout.inbox import Outcome
from omna.worker.books import verify_books
from tests.harness.shop import Shop, shop

__all__ = ["shop"]

EVENTS = "/api/console/payment-events"
REASON = {"reason": "The customer says it was paid"}


async def failed_event(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> tuple[Any, str]:
    """Return an order that was paid, and the event of it that failed."""
    order = await shop.buy()
    delivery = await shop.press(order, "pay", tell=False)

    async def broken(*_: object, **__: object) -> None:
        raise RuntimeError("bad day")

    with monkeypatch.context() as patch:
        patch.setattr(applying, "apply", broken)
        assert await inbox.receive(shop.registry, "sandbox", *delivery) is Outcome.FAILED
    staff = await shop.hire("auditor")
    [row] = (await staff.call("GET", f"{EVENTS}?state=failed")).json["items"]
    assert (row["kind"], row["recharge_id"], row["attempts"]) == ("checkout.paid", order["id"], 1)
    return order, row["id"]


async def test_failed_event_is_resent(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    order, event = await failed_event(shop, monkeypatch)
    staff = await shop.hire("finance")
    for _ in range(2):
        answer = await staff.call("POST", f"{EVENTS}/{event}/resend", REASON)
        assert (answer.status, answer.json["state"], answer.json["error"]) == (200, "handled", "")
    assert answer.json["attempts"] == 3
    assert (await shop.owner.call("GET", f"/recharges/{order['id']}")).json["state"] == "credited"
    [payment] = (await staff.call("GET", "/api/console/payments")).json["items"]
    assert payment["recharge"]["id"] == order["id"]
    assert (payment["amount"], payment["credits"], payment["disputed"]) == (
        {"minor": 1000, "currency": "usd"},
        "10",
        False,
    )
    async with shop.pool.acquire() as connection:
        row = await connection.fetchrow("SELECT action, reason FROM audit_log WHERE seq = $1", answer.json["audit_seq"])
        assert await verify_books(connection) == []
    assert row is not None
    assert tuple(row) == ("payment_event.resend", REASON["reason"])


async def test_failed_event_is_put_aside(shop: Shop, monkeypatch: pytest.MonkeyPatch) -> None:
    _, event = await failed_event(shop, monkeypatch)
    staff = await shop.hire("finance")
    assert (await staff.call("POST", f"{EVENTS}/{event}/ignore", {"reason": " "})).status == 400
    answer = await staff.call("POST", f"{EVENTS}/{event}/ignore", REASON)
    assert (answer.json["state"], answer.json["note"]) == ("ignored", REASON["reason"])
    assert (await staff.call("POST", f"{EVENTS}/{event}/ignore", REASON)).code == (409, "conflict")


async def test_order_is_reconciled_now(shop: Shop) -> None:
    order = await shop.buy()
    await shop.press(order, "pay", tell=False)
    staff = await shop.hire("finance")
    answer = await staff.call("POST", f"/api/console/recharges/{order['id']}/reconcile", REASON)
    assert (answer.status, answer.json["state"]) == (200, "credited")
    assert answer.json["payments"][0]["credits"] == "10"
    assert isinstance(answer.json["audit_seq"], int)


async def test_order_by_hand_is_not_reconciled(shop: Shop) -> None:
    method = (await shop.owner.call("GET", "/recharge-options")).json["methods"][0]["id"]
    body = {
        "client_token": "token-1234", "channel": "manual", "credits": "10", "accept_terms": True, "method_id": method,
    }  # fmt: skip
    order = (await shop.owner.call("POST", "/recharges", body)).json
    staff = await shop.hire("finance")
    answer = await staff.call("POST", f"/api/console/recharges/{order['id']}/reconcile", REASON)
    assert answer.code == (409, "conflict")


async def test_refused_deliveries_are_counted(shop: Shop) -> None:
    for _ in range(3):
        await inbox.receive(shop.registry, "sandbox", b"{}", {})
    await inbox.receive(shop.registry, "stripe", b"{}", {})
    staff = await shop.hire("support")
    rows = (await staff.call("GET", f"{EVENTS}/refused")).json
    assert {(row["processor"], row["cause"], row["count"]) for row in rows} == {
        ("sandbox", "unsigned", 3),
        ("stripe", "no_secret", 1),
    }


async def test_payload_hides_people_from_who_does_not_decide(shop: Shop) -> None:
    order = await shop.buy()
    await shop.press(order, "pay")
    await shop.pool.execute(
        "UPDATE payment_events SET payload = payload || $1",
        {"data": {"object": {"customer_details": {"email": "ann@example.com"}, "id": "cs_1"}}},
    )
    auditor, finance = await shop.hire("auditor"), await shop.hire("finance")
    [row] = (await auditor.call("GET", f"{EVENTS}?q={order['reference']}")).json["items"]
    seen = (await auditor.call("GET", f"{EVENTS}/{row['id']}")).json["payload"]["data"]["object"]
    assert seen == {"customer_details": "[hidden]", "id": "cs_1"}
    seen = (await finance.call("GET", f"{EVENTS}/{row['id']}")).json["payload"]["data"]["object"]
    assert seen["customer_details"] == {"email": "ann@example.com"}
    reads = await shop.pool.fetchval("SELECT count(*) FROM audit_log WHERE action = 'payment_event.read'")
    assert reads == 2


@pytest.mark.parametrize("q", ["", "nothing-like-it", "evt_" + "0" * 32, "%", "' OR 1=1"])
async def test_lists_take_any_words(shop: Shop, q: str) -> None:
    staff = await shop.hire("support")
    for path in (EVENTS, "/api/console/payments"):
        answer = await staff.call("GET", path, params={"q": q})
        assert (answer.status, answer.json["items"]) == (200, [])


async def test_lists_have_pages(shop: Shop) -> None:
    orders = [await shop.buy() for _ in range(3)]
    for order in orders:
        await shop.press(order, "pay")
    staff = await shop.hire("support")
    for path in (EVENTS, "/api/console/payments"):
        first = (await staff.call("GET", path, params={"limit": 2})).json
        second = (await staff.call("GET", path, params={"limit": 2, "cursor": first["next_cursor"]})).json
        assert [len(first["items"]), len(second["items"])] == [2, 1]
        assert second["next_cursor"] is None
        assert (await staff.call("GET", path, params={"cursor": "nonsense"})).status == 400
