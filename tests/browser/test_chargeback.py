"""A payment that the payer's bank takes back, in the web app: frozen, owed, won, given back, unfrozen by hand (J8)."""

import pytest
from playwright.async_api import Page, expect

from omna.ids import TransferId, new_id, show
from omna.ledger import service as ledger
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.worker.books import verify_books
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor, clean
from tests.harness.installation import Installation
from tests.harness.orders import decide
from tests.harness.people import People, Somebody, enter
from tests.harness.replica import Replica
from tests.harness.staff import hire


@pytest.fixture
async def ada(people: People) -> Somebody:
    return await people.arrive("Ada")


async def pay(person: Visitor, somebody: Somebody, amount_wanted: str) -> tuple[str, Page]:
    """Buy Credits by checkout; return the order's address, and the page on which its bank acts."""
    page = person.page
    await enter(person, somebody, f"/app/w/{somebody.workspace}/recharge?credits={amount_wanted}&method=checkout")
    await page.get_by_label("I accept").check()
    await page.get_by_role("button", name="Recharge", exact=True).click()
    await page.wait_for_url("**/sandbox/checkout/*")
    bank = await person.context.new_page()
    await bank.goto(page.url)
    await page.get_by_role("button", name="Pay", exact=True).click()
    await expect(page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()
    await bank.reload()
    return page.url, bank


async def spend(house: Installation, somebody: Somebody, whole: int) -> None:
    """Take Credits off a balance, as if they had been used."""
    async with house.connection.transaction():
        await ledger.adjust(
            house.connection, transfer_id=TransferId(new_id()), workspace_id=somebody.personal,
            amount=Nanocredits(-whole * NANO_PER_CREDIT), actor=house.actor.name, reason="used",
        )  # fmt: skip


async def unfreeze(house: Installation, people: People, site: Replica, somebody: Somebody) -> None:
    """Let support end the freeze: nothing does that by itself."""
    support = await hire(people, "support")
    dispute = await house.connection.fetchval(
        "SELECT dispute_id FROM disputes WHERE workspace_id = $1", somebody.personal
    )
    await decide(site.address, support, f"disputes/{show('dsp', dispute)}/unfreeze", {"reason": "It was looked at"})


async def test_dispute_freezes_and_owes_until_it_is_won(
    visit: Visit, house: Installation, people: People, site: Replica, ada: Somebody
) -> None:
    async with visit() as person:
        page = person.page
        address, bank = await pay(person, ada, "25")
        await spend(house, ada, 20)
        await bank.get_by_role("button", name="Dispute", exact=True).click()
        await expect(page.get_by_role("region", name="Disputed payment")).to_be_visible(timeout=30_000)
        section = page.get_by_role("region", name="Disputed payment")
        await expect(section.locator("data[value='25']").first).to_be_visible()
        await expect(section.locator("data[value='20']").first).to_be_visible()
        await expect(section).to_contain_text("The next recharge repays them first")
        await expect(page.get_by_role("status").filter(has_text="This workspace is frozen")).to_be_visible()
        await clean(person)
        assert "taken back the payment of a recharge" in await people.last_mail(ada.email)
        await person.go(f"/app/w/{ada.workspace}/recharge")
        await expect(page.get_by_role("region", name="This workspace is frozen")).to_be_visible()
        await expect(page.get_by_role("button", name="Recharge", exact=True)).to_have_count(0)
        await clean(person)
        await person.go(f"/app/w/{ada.workspace}/ledger")
        await expect(page.get_by_text("Repaid first by the next recharge").first).to_be_visible()
        # Won: what was taken comes back; the freeze stays until a person ends it.
        await bank.reload()
        await bank.get_by_role("button", name="Win", exact=True).click()
        await page.goto(address)
        section = page.get_by_role("region", name="Disputed payment")
        await expect(section).to_contain_text("Won")
        await expect(section).to_contain_text("The workspace is still frozen")
        await expect(page.locator("header data[value='5']")).to_be_visible()
        await unfreeze(house, people, site, ada)
        await page.reload()
        await expect(section).to_be_visible()
        await expect(page.get_by_text("This workspace is frozen")).to_have_count(0)
        await clean(person)
    await verify_books(house.connection)


async def test_lost_dispute_is_repaid_by_the_next_recharge(
    visit: Visit, house: Installation, people: People, site: Replica, ada: Somebody
) -> None:
    async with visit() as person:
        page = person.page
        address, bank = await pay(person, ada, "25")
        await spend(house, ada, 20)
        for button in ("Dispute", "Lose"):
            await bank.get_by_role("button", name=button, exact=True).click()
        await expect(bank.get_by_role("status")).to_contain_text("Dispute lost")
        await page.goto(address)
        await expect(page.get_by_role("heading", name="Reversed", exact=True)).to_be_visible()
        await expect(page.get_by_role("region", name="Disputed payment")).to_contain_text("Lost")
        await clean(person)
        await unfreeze(house, people, site, ada)
        # What is owed is deducted in the open, before anything is paid.
        await person.go(f"/app/w/{ada.workspace}/recharge?credits=50&method=checkout")
        box = page.get_by_role("region", name="What it comes to")
        await expect(box).to_contain_text("Owed, repaid first")
        await expect(box.locator("data[value='30']").first).to_be_visible()
        await clean(person)
        _, bank = await pay(person, ada, "50")
        await expect(page.get_by_text("Owed, repaid first")).to_be_visible()
        await expect(page.locator("header data[value='30']")).to_be_visible()
        await clean(person)
    await verify_books(house.connection)
