"""Credits by hand in the console: proposed by one, approved by another, read by the customer; and a charge given back."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.people import People, enter, program
from tests.harness.replica import Replica
from tests.harness.staff import confirm_step_up, hire, prove, sign_in_staff
from tests.harness.wire import HI


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Whether there is a second approver depends on all staff."""
    return house_of_look


async def test_credits_are_adjusted_by_two_and_read_by_the_customer(visit: Visit, people: People) -> None:
    customer = await people.arrive("Ada")
    finance, workspace = await hire(people, "finance", "Fiona"), customer.workspace
    async with visit() as person:
        await sign_in_staff(person, finance, f"/console/credits?workspace={workspace}")
        page = person.page
        await expect(page.get_by_role("heading", level=1)).to_have_text("Credits")
        # There is nobody else yet.
        await expect(page.get_by_text("Four eyes are off: you are the only approver.")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        owner = await hire(people, "owner", "Olga")
        await page.reload()
        await page.get_by_role("button", name="Adjust Credits").click()
        dialog = page.get_by_role("dialog", name="Adjust Credits of")
        await expect(dialog.get_by_label("Can be spent until")).to_have_count(0)
        await dialog.get_by_text("Give promo Credits").click()
        await expect(dialog.get_by_label("Can be spent until")).to_be_visible()
        await dialog.get_by_text("Give", exact=True).click()
        await dialog.get_by_label("Credits", exact=True).fill("120.5")
        await expect(dialog.get_by_text("120.5 Credits are given.")).to_be_visible()
        await expect(dialog.get_by_text("a second person has to approve it")).to_be_visible()
        await dialog.get_by_label("Note for the customer").fill("Sorry for the outage")
        await dialog.get_by_label("Reason").fill("Ticket 12")
        assert await person.axe() == []
        assert await person.spills() == []
        await dialog.get_by_role("button", name="Adjust Credits").click()
        await confirm_step_up(person, people, finance)
        await expect(page.get_by_text("Proposed: a second person has to approve")).to_be_visible()
        row = page.get_by_role("row").filter(has_text="120.5")
        await expect(row).to_contain_text("Waits for approval")
        await row.get_by_role("link", name="Adjustment").first.click()
        await expect(page.get_by_text("another owner or finance member has to approve it")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
        proposal = page.url.rpartition("/")[2]
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/credits")
        page = person.page
        await expect(page.get_by_text("Waits for approval")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("link", name="Adjustment").first.click()
        await expect(page.get_by_text("Ticket 12")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Approve").click()
        dialog = page.get_by_role("dialog", name="Approve: Adjustment")
        await expect(dialog.get_by_text("Balance after")).to_be_visible()
        await dialog.get_by_label("Reason").fill("Agreed")
        await prove(people, owner, "credits.approve", f"{proposal} 120.5")
        await dialog.get_by_role("button", name="Approve").click()
        await expect(page.get_by_text("Approved and booked. Audit line")).to_be_visible()
        await expect(page.get_by_text("Booked", exact=True)).to_be_visible()
    async with visit() as person:
        await enter(person, customer, f"/app/w/{workspace}/ledger")
        row = person.page.get_by_role("row").filter(has_text="120.5")
        await expect(row.first).to_contain_text("Sorry for the outage")
        await expect(person.page.get_by_text("Ticket 12")).to_have_count(0)


async def test_a_charge_is_given_back(visit: Visit, people: People, site: Replica) -> None:
    customer = await people.arrive("Grace")
    finance, workspace = await hire(people, "finance", "Frank"), customer.workspace
    await people.give(customer.personal, "5")
    async with program(site.address, session=customer.session) as api:
        key = (await api.post(f"/api/workspaces/{workspace}/keys", json={"name": "ci"})).json()["secret"]
    answer = await site.ask("POST", "/v1/chat/completions", body={"model": "openrouter-free", "messages": HI}, key=key)
    assert answer.status == 200, answer.json
    async with visit() as person:
        await sign_in_staff(person, finance, "/console/credits/charge")
        page = person.page
        await expect(page.get_by_text("Which request?")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_label("Request ID").fill(answer.request_id)
        await page.get_by_label("Request ID").press("Enter")
        await expect(page.get_by_text("openrouter-free")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Give back").click()
        dialog = page.get_by_role("dialog", name="Give a charge back")
        await dialog.get_by_label("Note for the customer").fill("The answer was cut")
        await dialog.get_by_label("Reason").fill("Ticket 13")
        await dialog.get_by_role("button", name="Give back").click()
        await confirm_step_up(person, people, finance)
        await expect(page.get_by_text("The Credits are booked. Audit line")).to_be_visible()
        await expect(page.get_by_text("Given back by")).to_be_visible()
        await expect(page.get_by_role("button", name="Give back")).to_have_count(0)
