"""Buying Credits by checkout in the web app, with the pretended payment service (J5)."""

import re

import pytest
from playwright.async_api import Page, expect

from omna.payments.checkout import sandbox
from omna.worker.books import verify_books
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor, clean
from tests.harness.installation import Installation
from tests.harness.people import People, Somebody, enter
from tests.harness.sheets import amount


@pytest.fixture
async def ada(people: People) -> Somebody:
    return await people.arrive("Ada")


async def to_payment(person: Visitor, somebody: Somebody) -> tuple[str, str]:
    """Order 25 Credits by checkout; return the order's address and the checkout, on whose page the person is then."""
    page = person.page
    await enter(person, somebody, f"/app/w/{somebody.workspace}/recharge")
    await page.get_by_role("radio", name="Pretended checkout").click()
    await page.get_by_label("I accept").check()
    await page.get_by_role("button", name="Recharge", exact=True).dblclick()
    await page.wait_for_url("**/sandbox/checkout/*")
    back = await page.get_by_role("link", name="Back to the order").get_attribute("href") or ""
    return re.sub(r"^https?://[^/]+|\?.*$", "", back), page.url.rpartition("/")[2]


async def press(page: Page, button: str) -> None:
    await page.get_by_role("button", name=button, exact=True).click()


async def test_checkout_pays_once_and_the_page_reads_the_order(
    visit: Visit, house: Installation, ada: Somebody
) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/recharge")
        await page.get_by_role("radio", name="Pretended checkout").click()
        await expect(page.get_by_text("Test mode: no real money")).to_have_count(2)
        address, _ = await to_payment(person, ada)
        await clean(person)
        await expect(page.get_by_text("Test mode: no money moves")).to_be_visible()
        await press(page, "Pay")
        await page.wait_for_url(f"**{address}*")
        await expect(page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()
        await expect(page.get_by_text("Test mode: no real money")).to_be_visible()
        # The address says nothing any more.
        await expect(page).to_have_url(re.compile(f"{address}$"))
        await clean(person)
        await page.get_by_role("link", name="See the ledger line").click()
        await expect(page.get_by_role("main").locator("data[value='25']").first).to_be_visible()
        # One order, in spite of the double click.
        await person.go(f"/app/w/{ada.workspace}/recharge")
        await expect(page.get_by_role("table", name="Orders").locator("tbody tr")).to_have_count(1)
        await clean(person)
    await verify_books(house.connection)


async def test_payment_on_its_way_is_said_and_arrives_by_itself(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        address, session = await to_payment(person, ada)
        await press(page, "Pay later")
        await page.wait_for_url(f"**{address}*")
        await expect(page.get_by_role("heading", name="Processing, safe to close this page")).to_be_visible()
        await expect(page.get_by_role("link", name="Receipt (PDF)")).to_have_count(0)
        await clean(person)
        bank = await person.context.new_page()
        await bank.goto(f"{person.origin}/sandbox/checkout/{session}")
        await press(bank, "Succeed")
        await expect(page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()


async def test_forged_return_address_credits_nothing(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        address, _ = await to_payment(person, ada)
        await person.go(f"{address}?returned=1&state=credited")
        await expect(page.get_by_role("heading", name="Unpaid", exact=True)).to_be_visible()
        await expect(page.get_by_text("nothing was credited")).to_be_visible()
        await clean(person)
        await expect(page.get_by_role("link", name="Continue to payment")).to_be_visible()
        assert await amount(page.locator("header").get_by_role("link", name="Available")) == 0


async def test_silent_payment_service_is_asked_on_return(visit: Visit, house: Installation, ada: Somebody) -> None:
    async with visit() as person:
        address, session = await to_payment(person, ada)
        # Somebody pays, and no delivery ever tells us.
        async with house.connection.transaction():
            await sandbox.press(house.connection, session, "pay")
        await person.go(f"{address}?returned=1")
        await expect(person.page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()


async def test_payment_after_the_end_is_credited_and_flagged(visit: Visit, house: Installation, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        address, session = await to_payment(person, ada)
        await house.connection.execute(
            "UPDATE recharges SET state = 'expired', expires_at = now() WHERE session_id = $1", session
        )
        await person.go(address)
        await expect(page.get_by_role("heading", name="Expired", exact=True)).to_be_visible()
        async with house.connection.transaction():
            await sandbox.press(house.connection, session, "pay")
        await page.reload()
        await press(page, "Check again")
        await expect(page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()
        await expect(page.get_by_text("after the order had expired").first).to_be_visible()
        await clean(person)
    await verify_books(house.connection)


async def test_failed_payment_is_tried_again_with_the_same_amount(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        address, _ = await to_payment(person, ada)
        await press(page, "Fail")
        await page.wait_for_url(f"**{address}*")
        await expect(page.get_by_role("heading", name="Payment failed")).to_be_visible()
        await clean(person)
        await page.get_by_role("link", name="Order the same amount again").click()
        await expect(page.get_by_role("radio", name="25.00 Credits")).to_be_checked()
        await expect(page.get_by_role("radio", name="Pretended checkout")).to_be_checked()
        await page.get_by_label("I accept").check()
        await press(page, "Recharge")
        await page.wait_for_url("**/sandbox/checkout/*")
        await person.go(f"/app/w/{ada.workspace}/recharge")
        await expect(page.get_by_role("table", name="Orders").locator("tbody tr")).to_have_count(2)
