"""Refunds from the customer's wish to Stripe and back: paid out once, whatever is lost, and given back when they fail."""

import itertools
from collections.abc import AsyncIterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from omna.config import Settings
from omna.ids import new_id
from omna.payments.checkout import inbox
from omna.payments.checkout.registry import Registry
from omna.payments.refunds import payout
from omna.vault.keyring import Keyring
from omna.worker.books import verify_books
from tests.harness.team import Browser, Team
from tests.stripe.account import Thing
from tests.stripe.deliveries import signed
from tests.stripe.server import FakeStripe
from tests.stripe.till import STRIPE

REASON = {"reason": "The customer is right"}


class Counter(Team):
    """A team that pays by Stripe, and staff who give money back."""

    registry: Registry
    stripe: FakeStripe
    finance: Browser

    async def bought(self) -> tuple[str, str]:
        """Buy 10 Credits; returns the order and its payment."""
        body = {"client_token": f"token-{new_id()}", "channel": "checkout", "credits": "10", "accept_terms": True}
        order = (await self.owner.call("POST", "/recharges", body)).json
        [session] = [one for one, it in self.stripe.account.sessions.items() if it["url"] == order["checkout_url"]]
        intent = self.stripe.account.pay(session)["id"]
        await self.hear(*self.stripe.account.events)
        return order["id"], intent

    async def hear(self, *events: Thing) -> None:
        for event in events:
            assert await inbox.receive(self.registry, "stripe", *signed(event)) is inbox.Outcome.DONE

    async def approved(self, order: str, amount: str = "4") -> str:
        """Ask for a refund and have it approved; returns its id."""
        body = {"client_token": f"token-{new_id()}", "recharge_id": order, "kind": "unused", "reason": "too many"}
        refund: str = (await self.owner.call("POST", "/refunds", body)).json["id"]
        await self.finance.call("POST", f"/api/console/refunds/{refund}/claim")
        await self.finance.prove("refund.approve", refund)
        answer = await self.finance.call(
            "POST", f"/api/console/refunds/{refund}/approve",
            {"credits": amount, "amount_typed": f"{amount}.00", "payout": "processor", **REASON},
        )  # fmt: skip
        assert answer.status == 200, answer.json
        return refund

    async def pay_out(self) -> None:
        await self.pool.execute("UPDATE refunds SET next_try_at = now() - interval '1 s' WHERE state = 'approved'")
        await payout.pay_out(self.pool, self.registry.processors, actor=self.registry.actor)

    async def stands(self, refund: str) -> tuple[str, str]:
        """Return the state of a refund, and what the team can spend. The books are right."""
        async with self.pool.acquire() as connection:
            assert await verify_books(connection) == []
        state = (await self.owner.call("GET", f"/refunds/{refund}")).json["state"]
        return state, (await self.owner.call("GET", "/recharge-options")).json["available"]


@pytest.fixture
async def counter(pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path, stripe: FakeStripe) -> AsyncIterator[Counter]:
    settings = Settings(data=tmp_path, payments=replace(STRIPE, stripe_url=stripe.url))
    opened = Counter(pool, keyring, settings)
    opened.registry, opened.stripe = Registry(settings, pool, keyring), stripe
    opened.http._transport.app.state.checkout = opened.registry  # type: ignore[attr-defined]
    await opened.open()
    opened.finance = await opened.hire("finance")
    yield opened
    await opened.registry.close()
    await opened.http.aclose()


async def test_approved_refund_is_paid_by_stripe(counter: Counter) -> None:
    order, intent = await counter.bought()
    refund = await counter.approved(order)
    assert await counter.stands(refund) == ("approved", "6")
    await counter.pay_out()
    [made] = counter.stripe.account.refunds.values()
    assert (made["amount"], made["payment_intent"]) == (400, intent)
    assert await counter.stands(refund) == ("paid", "6")
    await counter.hear(*counter.stripe.account.events)
    assert await counter.stands(refund) == ("paid", "6")


async def test_lost_answer_pays_once(counter: Counter) -> None:
    order, _ = await counter.bought()
    refund = await counter.approved(order)
    counter.stripe.answers_to_lose = 2
    await counter.pay_out()
    counter.stripe.keys.clear()
    await counter.pay_out()
    assert len(counter.stripe.account.refunds) == 1
    assert await counter.stands(refund) == ("paid", "6")


async def test_events_may_tell_of_it_before_its_answer(counter: Counter) -> None:
    order, _ = await counter.bought()
    refund = await counter.approved(order)
    counter.stripe.answers_to_lose = 2
    await counter.pay_out()
    await counter.hear(*counter.stripe.account.events)
    assert await counter.stands(refund) == ("paid", "6")
    await counter.pay_out()
    assert len(counter.stripe.account.refunds) == 1
    # It is ours, and not one more that was made in the dashboard.
    assert len((await counter.owner.call("GET", "/refunds")).json) == 1


async def test_late_failure_gives_the_credits_back_once(counter: Counter) -> None:
    order, _ = await counter.bought()
    refund = await counter.approved(order)
    await counter.pay_out()
    [made] = counter.stripe.account.refunds
    counter.stripe.account.fail_refund(made)
    ends = []
    told = [one for one in counter.stripe.account.events if "refund" in one["type"]]
    for number, line in enumerate(itertools.permutations(told)):
        for event in line:
            await counter.hear({**event, "id": f"{event['id']}_{number}"})
        ends.append(await counter.stands(refund))
    assert set(ends) == {("failed", "10")}


async def test_refund_in_the_dashboard_takes_credits_back(counter: Counter) -> None:
    _, intent = await counter.bought()
    counter.stripe.account.give_back(intent, 300)
    await counter.hear(*counter.stripe.account.events)
    rows: Any = (await counter.owner.call("GET", "/refunds")).json
    rows = rows["items"] if isinstance(rows, dict) else rows
    assert [(row["state"], row["amount"]["minor"]) for row in rows] == [("paid", 300)]
    assert await counter.stands(rows[0]["id"]) == ("paid", "7")


async def test_service_that_is_away_is_asked_again(counter: Counter) -> None:
    order, _ = await counter.bought()
    refund = await counter.approved(order)
    counter.stripe.down = True
    await counter.pay_out()
    assert await counter.stands(refund) == ("approved", "6")
    counter.stripe.down = False
    await counter.pay_out()
    assert await counter.stands(refund) == ("paid", "6")
