"""Things that money is about, for every address that names one: each in the state in which its acts do something."""

import re
from dataclasses import dataclass, replace
from typing import Any

import httpx2

from omna.db.pool import transaction
from omna.ids import new_id, parse, show
from omna.money import Nanocredits, parse_credits
from omna.payments.checkout import store
from omna.payments.promos import service as promos
from tests.harness import orders
from tests.harness.people import People, Somebody
from tests.harness.staff import Employee, prove

REASON = {"reason": "test"}

#: Acts whose bodies name an order or a way to pay.
_NAMING = (r"/console/disputes$", r"/duplicate$", r"/refunds$", r"/recharges$", r"/quote$", r"/proof$")

#: What each address needs its order to be; any other is credited.
_ORDERS = (
    (r"/recharges/\{recharge\}/(check|reconcile)$", "checkout"),
    (r"/recharges/\{recharge\}/(cancel|proof)$", "new"),
    (r"/console/recharges/\{recharge\}/(claim|release|approve|approve/preview|ask|reject|duplicate)$", "handed in"),
)


@dataclass(frozen=True)
class Counter:
    """Where things are bought and decided. customer: who may buy for the workspace; desk: staff, both signed in."""

    people: People
    address: str
    workspace: str
    customer: httpx2.AsyncClient
    desk: httpx2.AsyncClient
    employee: Employee

    async def act(self, path: str, body: dict[str, Any], action: str = "", target: str = "") -> dict[str, Any]:
        """Let the staff do something; with an action, after a step-up for it."""
        if action:
            await prove(self.people, self.employee, action, target)
        answer = await self.desk.post(f"/api/console/{path}", json=body)
        assert answer.status_code < 300, (path, answer.text)
        found: dict[str, Any] = answer.json()
        return found

    async def buy(self, state: str = "credited") -> dict[str, Any]:
        """Return an order: new, at the checkout, handed in or credited."""
        if state == "checkout":
            return await orders.order(self.customer, self.workspace, channel="checkout")
        bought = await orders.order(self.customer, self.workspace)
        if state != "new":
            await orders.hand_in(self.customer, self.workspace, bought["id"])
        if state == "credited":
            await orders.approve(self.people, self.address, self.employee, bought)
        elif state == "handed in":
            await self.act(f"recharges/{bought['id']}/claim", {})
        return bought

    async def refund(self, *, approved: bool = False) -> str:
        """Return a refund that somebody of the staff has taken; approved: its money is to be paid back by hand."""
        bought = await self.buy()
        body = {
            "client_token": f"tests-{new_id().hex}",
            "recharge_id": bought["id"],
            "kind": "unused",
            "reason": "not needed",
        }
        answer = await self.customer.post(f"/api/workspaces/{self.workspace}/refunds", json=body)
        assert answer.status_code == 201, answer.text
        refund: str = answer.json()["id"]
        await self.act(f"refunds/{refund}/claim", {})
        if approved:
            decision = {"amount_typed": "25.00", "payout": "manual"} | REASON
            await self.act(f"refunds/{refund}/approve", decision, "refund.approve", refund)
        return refund

    async def dispute(self, state: str = "open") -> str:
        """Return a dispute; from `open` on, its workspace is frozen."""
        bought = await self.buy()
        body = {"recharge_id": bought["id"], "state": state, "amount_typed": "25.00"} | REASON
        dispute: str = (await self.act("disputes", body, "dispute.enter", bought["id"]))["id"]
        return dispute

    async def event(self) -> str:
        """Return an event of the pretended payment service that failed."""
        bought = await self.buy("checkout")
        async with transaction(self.people.desk.pool) as connection:
            await store.put_event(
                connection,
                processor="sandbox",
                external_id=(name := f"evt_{new_id().hex}"),
                kind="checkout.paid",
                livemode=False,
                payload={"type": "checkout.paid"},
                state="failed",
                error="test",
                session_id=bought["checkout_url"].rpartition("/")[2],
                recharge_id=parse(bought["id"], "rch"),  # type: ignore[arg-type]
            )
            return show(
                "evt",
                await connection.fetchval("SELECT event_key FROM payment_events WHERE external_id = $1", name),
            )

    async def promo_code(self, maker: Somebody, most: int | None = None) -> tuple[str, str]:
        """Return the id and the text of a promo code: proposed, or to be redeemed when it ends after a few times."""
        async with transaction(self.people.desk.pool) as connection:
            made, _ = await promos.create(
                connection,
                name=None,
                amount=Nanocredits(parse_credits("5")),
                valid_days=30,
                most=most,
                expires_at=None,
                note="",
                reason="test",
                by=maker.user_id,
                actor=replace(self.people.house.actor, name=show("usr", maker.user_id)),
            )
        return show(promos.PREFIX, made.code_id), made.code

    async def method(self) -> str:
        """Return a way to pay by hand."""
        found: str = (await self.desk.get("/api/console/payment-methods")).json()[0]["id"]
        return found


async def money_names(counter: Counter, maker: Somebody, path: str = "") -> dict[str, str]:
    """Make what an address names; without one, everything, in states in which everything can be read."""
    names = {}
    if any(re.search(pattern, path) for pattern in _NAMING):
        names["other_recharge"] = (await counter.buy())["id"]
    if not path or "{method}" in path or path.endswith(("/recharges", "/quote")):
        names["method"] = await counter.method()
    if not path or "{code}" in path:
        names["code"], _ = await counter.promo_code(maker)
    if path.endswith("/redeem"):
        _, names["promo_code"] = await counter.promo_code(maker, most=3)
    if not path or "{event}" in path:
        names["event"] = await counter.event()
    if not path or "{recharge}" in path:
        wanted = next((state for pattern, state in _ORDERS if re.search(pattern, path)), "credited")
        names["recharge"] = (await counter.buy(wanted))["id"]
    if not path or "{refund}" in path:
        names["refund"] = await counter.refund(approved=path.endswith(("/paid", "/return", "/retry")))
    if not path or "{dispute}" in path:
        # It freezes the workspace, so it is the last.
        names["dispute"] = await counter.dispute("lost" if "/write-off" in path else "open")
    if not path:
        await counter.act(f"disputes/{names['dispute']}/unfreeze", REASON)
    return names
