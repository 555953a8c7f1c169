"""The dashboard: what an owner sees first, what support sees of it, and where each number leads."""

import re

from playwright.async_api import expect

from omna.risk import service as risk
from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.people import People
from tests.harness.replica import Replica
from tests.harness.staff import hire, sign_in_staff
from tests.harness.wire import HI


async def test_state_of_the_installation_is_on_one_page(
    visit: Visit, people: People, house: Installation, site: Replica
) -> None:
    body = {"model": "openrouter-free", "messages": HI}
    assert (await site.ask("POST", "/v1/chat/completions", body=body, key=house.tenant.key)).status == 200
    async with house.connection.transaction():
        await risk.cap_provider(house.connection, "main", 10**12, actor=house.actor)
    finance, owner = await hire(people, "finance", "Fiona"), await hire(people, "owner", "Olga")
    async with visit() as person:
        await sign_in_staff(person, finance, "/console")
        page = person.page
        await expect(page.get_by_role("heading", level=1)).to_have_text("Dashboard")
        figures = page.get_by_role("list", name="Key figures")
        await expect(figures).to_contain_text("Charged")
        await expect(figures).to_contain_text("Requests")
        await expect(page.get_by_role("table", name="By provider")).to_contain_text("main")
        await expect(page.get_by_role("table", name="By model")).to_contain_text("openrouter-free")
        await expect(page.get_by_role("meter", name="Daily cap of main")).to_be_visible()
        await expect(page.get_by_role("table", name="Proof of the records")).to_contain_text("Ledger")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_text("30 days").click()
        await expect(page).to_have_url(re.compile("days=30"))
        await page.get_by_label("As a table").first.check()
        await expect(page.get_by_role("table", name="Money by day").get_by_role("row")).to_have_count(31)
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("link", name="Recharges to review").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Recharges")
    async with house.connection.transaction():
        await risk.stop(house.connection, "chat", cut_streams=False, reason="Repairs", actor=house.actor)
    async with visit() as person:
        await sign_in_staff(person, owner, "/console")
        page = person.page
        await expect(page.get_by_text("chat: Repairs")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
    async with house.connection.transaction():
        await risk.resume(house.connection, "chat", reason="Done", actor=house.actor)


async def test_support_sees_no_money(visit: Visit, people: People) -> None:
    support = await hire(people, "support", "Sam")
    async with visit() as person:
        await sign_in_staff(person, support, "/console")
        page = person.page
        await expect(page.get_by_role("list", name="Key figures")).to_contain_text("Requests")
        await expect(page.get_by_text("Margin")).to_have_count(0)
        await expect(page.get_by_role("heading", name="Money by day")).to_have_count(0)
        await expect(page.get_by_role("link", name="Credits to approve")).to_have_count(0)
        assert await person.axe() == []
        assert await person.overflow() <= 0
