"""Buying by checkout as a customer does it, and recharging by itself."""

import asyncio
from typing import Any

from omna.payments.checkout import topping_up
from omna.worker.books import verify_books
from tests.harness.shop import Shop, shop

__all__ = ["shop"]

TERMS = {"enabled": True, "threshold": "5", "credits": "20", "monthly_ceiling": "50"}


async def now_of(shop: Shop, order: Any) -> Any:
    return (await shop.owner.call("GET", f"/recharges/{order['id']}")).json


async def test_checkout_is_offered_and_opened_with_the_order(shop: Shop) -> None:
    options = (await shop.owner.call("GET", "/recharge-options")).json
    assert options["checkout"] == {"processor": "sandbox", "test_mode": True, "fee_percent": "0"}
    order = await shop.buy()
    assert (order["state"], order["test_mode"], order["processor"]) == ("open", True, "sandbox")
    assert order["checkout_url"].startswith("http://localhost:5108/sandbox/checkout/sbx_")
    [row] = (await shop.owner.call("GET", "/recharges")).json["items"]
    assert row["test_mode"] is True


async def test_return_page_shows_what_is_true(shop: Shop) -> None:
    order = await shop.buy()
    check = f"/recharges/{order['id']}/check"
    # A forged return address: nothing was paid.
    answer = await shop.owner.call("POST", f"{check}?status=paid&amount=1000&session=sbx_other")
    assert (answer.status, answer.json["state"]) == (200, "open")
    await shop.press(order, "pay", tell=False)
    # Asked again and again, it does not ask the service each time.
    assert (await shop.owner.call("POST", check)).json["state"] == "open"
    await asyncio.sleep(2.1)
    answer = await shop.owner.call("POST", check)
    assert (answer.json["state"], answer.json["credits_received"]) == ("credited", "10")
    assert answer.json["ledger_line"] is not None
    assert [step["step"] for step in answer.json["timeline"]] == ["created", "open", "credited"]
    assert (await shop.owner.call("POST", check)).json == answer.json
    async with shop.pool.acquire() as connection:
        assert await verify_books(connection) == []


async def test_same_token_is_the_same_order_and_page(shop: Shop) -> None:
    body = {"client_token": "token-1234", "channel": "checkout", "credits": "10", "accept_terms": True}
    first = await shop.owner.call("POST", "/recharges", body)
    again = await shop.owner.call("POST", "/recharges", body)
    assert (first.status, again.status) == (201, 200)
    assert first.json["id"] == again.json["id"]
    assert first.json["checkout_url"] == again.json["checkout_url"]


async def test_cancelled_order_cannot_be_paid_any_more(shop: Shop) -> None:
    order = await shop.buy()
    answer = await shop.owner.call("POST", f"/recharges/{order['id']}/cancel")
    assert (answer.json["state"], answer.json["checkout_url"]) == ("cancelled", None)
    state = await shop.pool.fetchval("SELECT state FROM sandbox_checkouts")
    assert state == "expired"


async def test_orders_of_others_are_not_asked_about(shop: Shop) -> None:
    order = await shop.buy()
    assert (await shop.stranger.call("POST", f"/recharges/{order['id']}/check")).status == 404
    assert (await shop.member.call("POST", f"/recharges/{order['id']}/check")).status == 403


async def test_order_by_hand_has_nobody_to_ask(shop: Shop) -> None:
    method = (await shop.owner.call("GET", "/recharge-options")).json["methods"][0]["id"]
    body = {
        "client_token": "token-1234", "channel": "manual", "credits": "10", "accept_terms": True, "method_id": method,
    }  # fmt: skip
    order = (await shop.owner.call("POST", "/recharges", body)).json
    answer = await shop.owner.call("POST", f"/recharges/{order['id']}/check")
    assert (answer.status, answer.json["state"]) == (200, "awaiting_proof")


async def test_auto_top_up_is_off_until_switched_on_with_a_kept_method(shop: Shop) -> None:
    nothing = (await shop.owner.call("GET", "/auto-top-up")).json
    assert (nothing["enabled"], nothing["saved_method"], nothing["available"]) == (False, None, True)
    assert (await shop.owner.call("PUT", "/auto-top-up", TERMS)).code == (409, "conflict")
    order = await shop.buy(save_method=True)
    await shop.press(order, "pay")
    kept = (await shop.owner.call("GET", "/auto-top-up")).json
    assert (kept["enabled"], kept["saved_method"]) == (False, {"label": "Test card ending in 4242"})
    answer = await shop.billing.call("PUT", "/auto-top-up", TERMS | {"threshold": "15"})
    assert answer.status == 200, answer.json
    assert (answer.json["enabled"], answer.json["threshold"], answer.json["spent_this_month"]) == (True, "15", "0")
    assert await topping_up.top_up_all(shop.registry) == 1
    after = (await shop.owner.call("GET", "/auto-top-up")).json
    assert (after["spent_this_month"], after["in_flight"], after["last_failure"]) == ("20", None, None)
    rows = (await shop.owner.call("GET", "/recharges")).json["items"]
    assert [(row["channel"], row["state"]) for row in rows] == [("top_up", "credited"), ("checkout", "credited")]
    gone = await shop.owner.call("DELETE", "/auto-top-up/saved-method")
    assert (gone.json["enabled"], gone.json["saved_method"]) == (False, None)
    async with shop.pool.acquire() as connection:
        assert await verify_books(connection) == []
        acts = await connection.fetch("SELECT action FROM audit_log WHERE action LIKE 'top_up.%' ORDER BY seq")
    assert [row["action"] for row in acts] == ["top_up.change", "top_up.forget_method"]


async def test_method_is_kept_only_by_wish(shop: Shop) -> None:
    await shop.press(await shop.buy(), "pay")
    assert (await shop.owner.call("GET", "/auto-top-up")).json["saved_method"] is None
