"""Staff decide about refunds and disputes in the console, while customers see the same (J6, J8)."""

import re
from typing import Any

from playwright.async_api import expect

from omna.http.principal import RIGHTS, Member, Role
from omna.ids import RechargeId, show
from omna.money import Nanocredits
from omna.payments.checkout.processor import DisputeFacts
from omna.payments.disputes import applying
from omna.payments.recharges.crediting import ensure_credited
from omna.payments.refunds import lots, service
from omna.payments.refunds.model import Order
from tests.browser.conftest import Visit
from tests.harness.people import PASSWORD, People, Somebody, enter
from tests.harness.recharges import order
from tests.harness.staff import hire, prove, sign_in_staff


async def buy(people: People, somebody: Somebody, amount: str, channel: Any = "manual") -> Order:
    """Let somebody's workspace buy Credits and be credited."""
    connection = people.house.connection
    recharge = await order(connection, somebody.personal, people.house.actor, amount=amount, channel=channel)
    async with connection.transaction():
        await ensure_credited(
            connection,
            workspace_id=somebody.personal,
            recharge_id=recharge.recharge_id,
            processor="manual" if channel == "manual" else "sandbox",
            payment_id=show("rch", recharge.recharge_id),
            amount_minor=recharge.total_minor,
            currency=recharge.currency,
            credits=Nanocredits(recharge.credits),
            actor=people.house.actor,
            step_actor="processor",
        )
    found = await lots.order(connection, somebody.personal, recharge.recharge_id)
    assert found is not None
    return found


async def ask(people: People, somebody: Somebody, recharge_id: RechargeId) -> str:
    by = Member(somebody.personal, somebody.user_id, Role.OWNER, RIGHTS[Role.OWNER], None, None, "127.0.0.1")
    wish = service.Wish(f"token-{recharge_id.hex}", recharge_id, "unused", "refund", "too many")
    async with people.house.connection.transaction():
        refund, _ = await service.request(people.house.connection, wish, by=by, actor=people.house.actor)
    return show("rfd", refund.refund_id)


async def test_a_part_is_approved_and_paid_by_hand(visit: Visit, people: People) -> None:
    ada = await people.arrive("Ada", password=PASSWORD)
    finance = await hire(people, "finance", "Fiona")
    bought = await buy(people, ada, "50")
    refund = await ask(people, ada, bought.recharge_id)
    async with visit() as person:
        await sign_in_staff(person, finance, "/console/refunds")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Refunds")
        await person.page.get_by_role("link", name=bought.reference).click()
        await expect(person.page.get_by_role("heading", level=1)).to_have_text(f"Refund for {bought.reference}")
        await expect(person.page.get_by_text("Provider cost of it")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await prove(people, finance, "refund.approve", refund)
        await person.page.get_by_role("button", name="Approve", exact=True).click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Credits to give back").fill("20")
        await expect(dialog.get_by_text("20.00 USD go back for 20 Credits")).to_be_visible()
        await dialog.get_by_label("Amount that goes back").fill("20")
        await dialog.get_by_label("Words to the customer").fill("Here you are.")
        await dialog.get_by_label("Reason", exact=True).fill("Bought by mistake")
        assert await person.axe() == []
        await dialog.get_by_role("button", name="Approve", exact=True).click()
        await expect(dialog).to_be_hidden()
        await prove(people, finance, "refund.pay", refund)
        await person.page.get_by_role("button", name="Mark as paid").click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Reference of the payment").fill("SEPA 7")
        await dialog.get_by_label("Reason", exact=True).fill("Sent today")
        await dialog.get_by_role("button", name="Mark as paid").click()
        await expect(dialog).to_be_hidden()
        await expect(person.page.get_by_text("Refunded", exact=True).first).to_be_visible()
    async with visit() as person:
        await enter(person, ada, f"/app/w/{ada.workspace}/refunds/{refund}")
        await expect(person.page.get_by_text("Here you are.").first).to_be_visible()
        await expect(person.page.get_by_text("Refunded").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_a_dispute_is_answered_and_its_workspace_unfrozen(visit: Visit, people: People) -> None:
    bob = await people.arrive("Bob")
    owner = await hire(people, "owner", "Olga")
    bought = await buy(people, bob, "50", "checkout")
    connection = people.house.connection
    (payment,) = await lots.payments(connection, bob.personal, bought.recharge_id)
    async with connection.transaction():
        fact = DisputeFacts(
            f"dp_{bought.reference}", "open", "fraudulent", payment.amount_minor, payment.currency, payment.amount_minor
        )
        await applying.apply_dispute_facts(connection, payment, [fact], freeze=True, actor=people.house.actor)
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/disputes")
        await expect(person.page.get_by_text("Answer owed").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("link", name=bought.reference).click()
        await expect(person.page.get_by_text(re.compile("taken back by the payer's bank"))).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("button", name="Mark as answered").click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Reason", exact=True).fill("Evidence sent")
        await dialog.get_by_role("button", name="Mark as answered").click()
        await expect(dialog).to_be_hidden()
        await expect(person.page.get_by_text("Bank answered")).to_be_visible()
        await person.page.get_by_role("button", name="Unfreeze").click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Reason", exact=True).fill("The customer explained it")
        await dialog.get_by_role("button", name="Unfreeze").click()
        await expect(dialog).to_be_hidden()
        await expect(person.page.get_by_role("button", name="Unfreeze")).to_have_count(0)
