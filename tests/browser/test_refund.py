"""Money back, in the web app: the unused part of an order (J6), and a payment that was made twice (J7)."""

import asyncio
from dataclasses import replace
from decimal import Decimal

import pytest
from playwright.async_api import Route, expect

from omna.config import Payments
from omna.worker.books import verify_books
from omna.worker.payments import Checkout, pay_refunds
from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.installation import Installation
from tests.harness.orders import approve, decide, hand_in, order
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica
from tests.harness.sheets import amounts
from tests.harness.staff import Employee, hire, prove
from tests.harness.wire import chat

WHY = {"reason": "Looked at"}


@pytest.fixture
async def ada(people: People) -> Somebody:
    return await people.arrive("Ada")


@pytest.fixture(scope="module")
async def finance(people: People) -> Employee:
    return await hire(people, "finance")


async def bought(people: People, site: Replica, somebody: Somebody, finance: Employee, amount: str = "25") -> str:
    """Return the id of an order that is credited."""
    async with program(site.address, session=somebody.session) as api:
        made = await order(api, somebody.workspace, amount)
        await hand_in(api, somebody.workspace, made["id"])
    await approve(people, site.address, finance, made)
    return str(made["id"])


async def pay_out(house: Installation, people: People) -> None:
    """Do the turn of the job that asks payment services for refunds."""
    settings = replace(house.settings, payments=Payments(sandbox=True))
    await pay_refunds(Checkout(settings))(people.desk.pool)


async def test_unused_part_comes_back(
    visit: Visit, house: Installation, people: People, site: Replica, ada: Somebody, finance: Employee
) -> None:
    recharge = await bought(people, site, ada, finance)
    _, key = await house.new_key(ada.personal)
    assert (await chat(site.port, key, "openrouter-free")).status == 200
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/orders/{recharge}")
        await page.get_by_role("link", name="Request refund").click()
        # Only what was not spent is offered; address, method, reference and amount are filled in.
        sums = page.get_by_role("region", name="What can come back")
        await expect(sums.locator("data").last).to_be_visible()
        spent = Decimal("0.00005")
        found = await amounts(sums)
        assert found == [25, 25, spent, 25 - spent, 25 - spent, Decimal("24.99")]
        filled = page.get_by_role("region", name="Sent with it")
        await expect(filled).to_contain_text(ada.email)
        await expect(filled).to_contain_text("Bank transfer")
        await expect(page.get_by_text("Asking here is quicker than a chargeback")).to_be_visible()
        await page.get_by_role("button", name="Request refund").click()
        await expect(page.get_by_text("Write a reason.")).to_be_visible()
        await page.get_by_label("Credits to give back").fill("25")
        await expect(page.get_by_text("This is more than can come back.")).to_be_visible()
        await clean(person)
        await page.get_by_label("Credits to give back").fill("20")
        await page.get_by_label("Reason").fill("We bought too many.")
        await page.get_by_role("button", name="Request refund").click()
        await expect(page.get_by_role("heading", name="Requested", exact=True)).to_be_visible()
        refund = page.url.rpartition("/")[2]
        await clean(person)
        # A part of it is approved, to be sent by hand.
        await prove(people, finance, "refund.approve", refund)
        terms = {"credits": "15", "amount_typed": "15.00", "payout": "manual", "message": "The rest was a gift.", **WHY}
        await decide(site.address, finance, f"refunds/{refund}/approve", terms)
        await expect(page.get_by_role("heading", name="Approved", exact=True)).to_be_visible()
        await expect(page.get_by_role("blockquote")).to_contain_text("The rest was a gift.")
        await page.get_by_role("link", name="See the ledger line").click()
        await expect(page.get_by_role("link", name=refund)).to_be_visible()
        await person.go(f"/app/w/{ada.workspace}/ledger")
        await expect(page.get_by_text("Refund pending").locator("xpath=..").locator("data[value='15']")).to_be_visible()
        await prove(people, finance, "refund.pay", refund)
        await decide(site.address, finance, f"refunds/{refund}/paid", {"payout_reference": "OUT-1", **WHY})
        await person.go(f"/app/w/{ada.workspace}/refunds/{refund}")
        await expect(page.get_by_role("heading", name="Refunded", exact=True)).to_be_visible()
        await expect(page.get_by_role("list", name="Timeline").get_by_role("listitem").last).to_contain_text("Refunded")
        await clean(person)
    await verify_books(house.connection)


async def test_request_is_rejected_with_a_reason_or_taken_back(
    visit: Visit, people: People, site: Replica, ada: Somebody, finance: Employee
) -> None:
    recharge = await bought(people, site, ada, finance)
    async with visit() as person:
        page = person.page
        for end in ("rejected", "cancelled"):
            await enter(person, ada, f"/app/w/{ada.workspace}/orders/{recharge}/refund")
            await page.get_by_label("Reason").fill("I changed my mind.")
            await page.get_by_role("button", name="Request refund").click()
            await expect(page.get_by_role("heading", name="Requested", exact=True)).to_be_visible()
            if end == "rejected":
                body = {"message": "The policy does not allow it.", **WHY}
                await decide(site.address, finance, f"refunds/{page.url.rpartition('/')[2]}/reject", body)
                await expect(page.get_by_role("heading", name="Rejected", exact=True)).to_be_visible()
                await expect(page.get_by_role("blockquote")).to_contain_text("The policy does not allow it.")
            else:
                # A second request beside it is not possible.
                other = await person.context.new_page()
                await other.goto(f"{person.origin}/app/w/{ada.workspace}/orders/{recharge}/refund")
                await expect(other.get_by_text("is running already")).to_be_visible()
                await expect(other.get_by_role("button", name="Request refund")).to_be_disabled()
                await other.close()
                await page.get_by_role("button", name="Cancel request").click()
                await page.get_by_role("dialog").get_by_role("button", name="Cancel request").click()
                await expect(page.get_by_role("heading", name="Cancelled", exact=True)).to_be_visible()
        await page.get_by_role("link", name="Order").first.click()
        await expect(page.get_by_role("link", name="Refund of")).to_have_count(2)
        await clean(person)


async def test_request_waits_for_what_may_come_back(
    visit: Visit, people: People, site: Replica, ada: Somebody, finance: Employee
) -> None:
    recharge = await bought(people, site, ada, finance)
    asked: asyncio.Future[Route] = asyncio.get_running_loop().create_future()
    async with visit() as person:
        page = person.page
        await page.route("**/refundable?*", lambda route: asked.set_result(route), times=1)
        await enter(person, ada, f"/app/w/{ada.workspace}/orders/{recharge}/refund")
        await page.get_by_label("Reason").fill("Not needed.")
        # A press that did nothing would look like one that was not felt.
        await expect(page.get_by_role("button", name="Request refund")).to_be_disabled()
        await (await asked).continue_()
        await page.get_by_role("button", name="Request refund").click()
        await expect(page.get_by_role("heading", name="Requested", exact=True)).to_be_visible()


async def test_payout_that_fails_gives_the_credits_back(
    visit: Visit, house: Installation, people: People, site: Replica, ada: Somebody, finance: Employee
) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/recharge")
        await page.get_by_role("radio", name="Pretended checkout").click()
        await page.get_by_label("I accept").check()
        await page.get_by_role("button", name="Recharge", exact=True).click()
        await page.wait_for_url("**/sandbox/checkout/*")
        checkout = page.url
        await page.get_by_role("button", name="Pay", exact=True).click()
        await expect(page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()
        await page.get_by_role("link", name="Request refund").click()
        await page.get_by_label("Reason").fill("Not needed.")
        await page.get_by_role("button", name="Request refund").click()
        await expect(page.get_by_role("heading", name="Requested", exact=True)).to_be_visible()
        refund = page.url.rpartition("/")[2]
        await prove(people, finance, "refund.approve", refund)
        await decide(site.address, finance, f"refunds/{refund}/approve", {"amount_typed": "25.00", **WHY})
        # The payment service is asked by a job; later it takes its word back.
        await pay_out(house, people)
        await expect(page.get_by_role("heading", name="Refunded", exact=True)).to_be_visible()
        bank = await person.context.new_page()
        await bank.goto(checkout)
        # A page that is closed while it goes on to the next one may never say that it is closed.
        async with bank.expect_navigation():
            await bank.get_by_role("button", name="Let the last refund fail").click()
        await page.reload()
        await expect(page.get_by_role("heading", name="The payout failed")).to_be_visible()
        await clean(person)
        await person.go(f"/app/w/{ada.workspace}/ledger")
        await expect(page.locator("header data[value='25']")).to_be_visible()
    await verify_books(house.connection)


@pytest.mark.parametrize("wish", ["Convert into Credits", "Refund"])
async def test_payment_made_twice_ends_as_the_customer_chose(
    visit: Visit, house: Installation, people: People, site: Replica, ada: Somebody, finance: Employee, wish: str
) -> None:
    first, second = await bought(people, site, ada, finance), await bought(people, site, ada, finance)
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/orders/{second}/refund")
        await page.get_by_label("Paid twice").check()
        await page.get_by_role("combobox", name="The order that counts").click()
        await page.get_by_role("option").first.click()
        await page.get_by_role("radio", name=wish, exact=True).check()
        await page.get_by_label("Reason").fill("The bank sent it twice.")
        await clean(person)
        await page.get_by_role("button", name="Request refund").click()
        await expect(page.get_by_role("heading", name="Requested", exact=True)).to_be_visible()
        refund = page.url.rpartition("/")[2]
        if wish == "Refund":
            await prove(people, finance, "refund.approve", refund)
            terms = {"amount_typed": "25.00", "payout": "manual", **WHY}
            await decide(site.address, finance, f"refunds/{refund}/approve", terms)
            await prove(people, finance, "refund.pay", refund)
            await decide(site.address, finance, f"refunds/{refund}/paid", {"payout_reference": "OUT-2", **WHY})
            left, ended = "25", "Refunded"
        else:
            await prove(people, finance, "refund.convert", refund)
            await decide(site.address, finance, f"refunds/{refund}/convert", WHY)
            left, ended = "50", "Converted into Credits"
        await expect(page.get_by_role("heading", name=ended, exact=True)).to_be_visible()
        await expect(page.locator(f"header data[value='{left}']")).to_be_visible()
        # The outcome stands on both orders.
        for recharge in (first, second):
            await person.go(f"/app/w/{ada.workspace}/orders/{recharge}")
            await expect(page.get_by_role("list", name="Timeline")).to_contain_text(ended)
            await clean(person)
    await verify_books(house.connection)
