"""Promo codes, billing details, receipts, and the banner of a low balance, as customers meet them (J3, RC8)."""

import itertools
from decimal import Decimal
from uuid import UUID

import pytest
from playwright.async_api import Page, expect

from omna.ids import UserId, new_id
from omna.money import Nanocredits, parse_credits
from omna.payments.promos import service as promos
from tests.browser.conftest import Visit
from tests.harness import orders
from tests.harness.browser import clean
from tests.harness.installation import Installation
from tests.harness.papers import text_of
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica
from tests.harness.sheets import download
from tests.harness.staff import hire

_years = itertools.count(2026)


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Each look has an installation of its own: codes and thresholds are for all."""
    return house_of_look


async def new_code(people: People, name: str, amount: str = "5", *, most: int = 10) -> UUID:
    """Make a promo code whose Credits last 30 days."""
    connection = people.house.connection
    async with connection.transaction():
        code, _ = await promos.create(
            connection, name=name, amount=Nanocredits(parse_credits(amount)), valid_days=30, most=most,
            expires_at=None, note="", reason="a test", by=UserId(new_id()), actor=people.house.actor,
        )  # fmt: skip
    return code.code_id


def recharge_of(somebody: Somebody) -> str:
    return f"/app/w/{somebody.workspace}/recharge"


async def available(page: Page) -> Decimal:
    """Return what the top bar says."""
    return Decimal(await page.locator("header data").first.get_attribute("value") or "")


async def test_code_is_redeemed_once_and_says_so(visit: Visit, people: People) -> None:
    year = next(_years)
    await new_code(people, f"SPRING-{year}")
    ada = await people.arrive("Ada")
    async with visit() as person:
        await enter(person, ada, recharge_of(ada))
        page, card = person.page, person.page.get_by_role("region", name="Promo code")
        await card.get_by_role("button", name="Redeem").click()
        await expect(card.get_by_text("Type the code first.")).to_be_visible()
        await card.get_by_label("Promo code").fill("no such code")
        await card.get_by_role("button", name="Redeem").click()
        await expect(card.get_by_text("This code cannot be redeemed.")).to_be_visible()
        await card.get_by_label("Promo code").fill(f"spring {year}")
        await card.get_by_role("button", name="Redeem").click()
        await expect(card.get_by_role("status")).to_contain_text(f"SPRING-{year} added 5.00 Credits.")
        await expect(card.get_by_role("status")).to_contain_text("They can be spent until")
        await expect(page.locator("header data").first).to_have_attribute("value", "5")
        await clean(person)
        await card.get_by_label("Promo code").fill(f"SPRING-{year}")
        await card.get_by_role("button", name="Redeem").click()
        await expect(card.get_by_role("status")).to_contain_text("nothing was added now")
        assert await available(page) == 5
        await card.get_by_role("link", name="See the line in the ledger").click()
        await expect(page.get_by_text(f"promo code SPRING-{year}").first).to_be_visible()
        # The two refusals are answers of the API that a browser reports.
        person.problems[:] = [one for one in person.problems if "promo-codes/redeem" not in one]


async def test_receipt_bears_the_billing_details_of_its_order(visit: Visit, people: People, site: Replica) -> None:
    bea, finance = await people.arrive("Bea"), await hire(people, "finance", "Fiona")
    async with visit() as person:
        await enter(person, bea, recharge_of(bea))
        card = person.page.get_by_role("region", name="Billing details")
        await card.get_by_label("Name or company").fill("Bea GmbH")
        await card.get_by_label("Address").fill("Main St 1\n10115 Berlin")
        await card.get_by_label("Tax ID").fill("DE123")
        await card.get_by_label("E-mail for billing").fill("books")
        await card.get_by_role("button", name="Save billing details").click()
        await expect(card.get_by_text("Write an e-mail address")).to_be_visible()
        await card.get_by_label("E-mail for billing").fill("books@example.com")
        await card.get_by_role("button", name="Save billing details").click()
        await expect(person.page.get_by_text("The billing details are saved.")).to_be_visible()
        await clean(person)
    async with program(site.address, session=bea.session) as api:
        bought = await orders.order(api, bea.workspace)
        await orders.hand_in(api, bea.workspace, bought["id"])
        await orders.approve(people, site.address, finance, bought)
        await api.put(f"/api/workspaces/{bea.workspace}/billing-details", json={"name": "Another Name"})
    async with visit() as person:
        await enter(person, bea, f"/app/w/{bea.workspace}/orders/{bought['id']}")
        name, content = await download(person.page, person.page.get_by_role("link", name="Receipt"))
        assert name == f"omna-receipt-{bought['reference']}.pdf"
        text = text_of(content)
        for part in (bought["reference"], "Bea GmbH", "Main St 1", "DE123", "25.00 Credits", "25.00 USD"):
            assert part in text, part
        assert "Another Name" not in text


async def test_low_balance_is_said_once_for_each_level(visit: Visit, people: People) -> None:
    cleo = await people.arrive("Cleo")
    await people.give(cleo.personal, "8")
    await people.house.connection.execute(
        "UPDATE workspaces SET low_balance_threshold = $2 WHERE workspace_id = $1", cleo.personal, parse_credits("10")
    )
    async with visit() as person:
        await enter(person, cleo, f"/app/w/{cleo.workspace}")
        banner = person.page.get_by_role("status").filter(has_text="The balance is")
        await expect(banner).to_contain_text("running low: 8.00 Credits are available")
        await clean(person)
        await banner.get_by_role("button", name="Dismiss the notice about the balance").click()
        await expect(banner).to_have_count(0)
        await person.page.reload()
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(banner).to_have_count(0)
        await people.give(cleo.personal, "-6")
        await person.page.reload()
        await expect(banner).to_contain_text("nearly used up: 2.00 Credits are available")
        await banner.get_by_role("link", name="Recharge").click()
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Recharge")
        await people.give(cleo.personal, "20")
        await person.page.reload()
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(banner).to_have_count(0)
        await people.give(cleo.personal, "-14")
        await person.page.reload()
        await expect(banner).to_contain_text("running low: 8.00 Credits are available")


async def test_automatic_top_up_is_switched_on_bounded_and_forgotten(visit: Visit, people: People) -> None:
    dora = await people.arrive("Dora")
    async with visit() as person:
        await enter(person, dora, recharge_of(dora))
        page, card = person.page, person.page.get_by_role("region", name="Automatic top-up")
        # It needs a method that was kept; until then there is nothing to switch on.
        await expect(card).to_contain_text("No payment method is kept yet.")
        await expect(card.get_by_label("Top up automatically")).to_have_count(0)
        # As a checkout leaves it that kept the method.
        await people.house.connection.execute(
            "INSERT INTO auto_top_ups (workspace_id, threshold, credits, monthly_ceiling, processor, customer_id,"
            " saved_method, method_label, last_failure) VALUES ($1, $2, $2, $3, 'sandbox', 'cus', 'pm',"
            " 'Visa ending in 4242', 'card_declined')",
            dora.personal, parse_credits("10"), parse_credits("40"),
        )  # fmt: skip
        await page.reload()
        await expect(card).to_contain_text("The last payment failed: card declined. Automatic top-up is off.")
        await card.get_by_label("Top up automatically").check()
        await card.get_by_label("Buy each time").fill("25")
        await card.get_by_label("Most in a month").fill("20")
        await card.get_by_role("button", name="Save automatic top-up").click()
        await expect(card.get_by_text("The ceiling lets not even one order through.")).to_be_visible()
        await card.get_by_label("Most in a month").fill("100")
        await card.get_by_role("button", name="Save automatic top-up").click()
        await expect(page.get_by_text("Automatic top-up is on.")).to_be_visible()
        await expect(card).to_contain_text("0 of 100 Credits this month")
        await clean(person)
        await page.reload()
        await expect(card.get_by_label("Top up automatically")).to_be_checked()
        await card.get_by_role("button", name="Forget this method").click()
        await page.get_by_role("dialog").get_by_role("button", name="Forget method").click()
        await expect(page.get_by_text("The payment method is forgotten.")).to_be_visible()
        await expect(card).to_contain_text("No payment method is kept yet.")
