"""Models and prices in the console: a new price, announced and taken back; a model that is hidden and retires; a price
list taken over by rows; and what an auditor sees (J27; what a change does to calls is in tests/contract)."""

import json

import pytest
from playwright.async_api import expect

from omna.catalog.model import rates
from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, sign_in_staff


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Models and their prices are everybody's."""
    return house_of_look


async def test_owner_sets_prices_and_decides_what_becomes_of_a_model(
    visit: Visit, people: People, house: Installation
) -> None:
    for model in ("acme/small", "acme/next"):
        await house.model(model, costs=rates(10**9, 4 * 10**9))
    owner = await hire(people, "owner", "Olga")
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/models")
        page = person.page
        await expect(page.get_by_role("heading", level=1)).to_have_text("Models")
        row = page.get_by_role("row").filter(has_text="acme/small")
        await expect(row).to_contain_text("50.0 %")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await row.get_by_role("link", name="acme/small").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("acme/small")
        assert page.url.endswith("/console/models/acme~small")
        assert await person.axe() == []
        assert await person.overflow() <= 0

        await page.get_by_role("button", name="New price").click()
        dialog = page.get_by_role("dialog", name="New price of acme/small")
        await dialog.get_by_label("Completion", exact=True).fill("3")
        await dialog.get_by_role("button", name="Review").click()
        await expect(dialog.get_by_text("below its cost of 4").first).to_be_visible()
        assert await person.axe() == []
        await dialog.get_by_label("Completion", exact=True).fill("9")
        await dialog.get_by_label("Takes effect").fill("2099-01-31T00:00")
        await dialog.get_by_role("button", name="Review").click()
        await expect(dialog.get_by_text("within a year").first).to_be_visible()
        await dialog.get_by_label("Takes effect").fill("")
        await dialog.get_by_role("button", name="Review").click()
        await expect(dialog.get_by_text("Margin at main: acme/small")).to_be_visible()
        await dialog.get_by_label("Reason", exact=True).fill("They cost more")
        await dialog.get_by_label("Completion again").fill("90")
        await expect(dialog.get_by_role("button", name="Set price")).to_be_disabled()
        await dialog.get_by_label("Completion again").fill("9.00")
        assert await person.axe() == []
        await dialog.get_by_role("button", name="Set price").click()
        await confirm_step_up(person, people, owner)
        await expect(page.get_by_text("The price is set. Audit line")).to_be_visible()
        history = page.get_by_role("table", name="Price history")
        await expect(history.get_by_role("row").nth(1)).to_contain_text("Now")
        await expect(history.get_by_role("row").nth(2)).to_contain_text("Past")
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/models/acme~small")
        page = person.page
        await page.get_by_role("button", name="Retire").click()
        dialog = page.get_by_role("dialog", name="Retire acme/small")
        await dialog.get_by_label("Successor").fill("acme/next")
        await dialog.get_by_label("Retires at").fill("2099-01-31 00:00")
        await dialog.get_by_label("Reason").fill("There is a better one")
        await dialog.get_by_role("button", name="Retire").click()
        await expect(page.get_by_text("Will retire", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Hide").click()
        dialog = page.get_by_role("dialog", name="Hide acme/small")
        await dialog.get_by_label("Reason").fill("Nobody new")
        await dialog.get_by_role("button", name="Hide").click()
        await expect(page.get_by_text("Hidden", exact=True)).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.go("/console/models")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Models")
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_price_list_is_looked_at_chosen_and_written(visit: Visit, people: People) -> None:
    owner = await hire(people, "owner", "Otto")
    listed = [
        {"id": name, "pricing": {"prompt": price, "completion": price}}
        for name, price in (("new/one", "0.000001"), ("new/two", "0.000002"), ("bad/one", "-1"))
    ]
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/models/import")
        page = person.page
        await page.get_by_label("Provider").fill("main")
        await page.get_by_label("Percent on top").fill("20")
        await page.get_by_label("List as JSON").fill(json.dumps({"data": listed}))
        await page.get_by_role("button", name="Show differences").click()
        await expect(page.get_by_role("row").filter(has_text="bad/one")).to_contain_text("Refused")
        await page.get_by_label("new/two").uncheck()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Write one row").click()
        dialog = page.get_by_role("dialog", name="Take prices of main over")
        await dialog.get_by_label("Reason").fill("Their list of July")
        await dialog.get_by_role("button", name="Write one row").click()
        await confirm_step_up(person, people, owner)
        await expect(page.get_by_text("Audit line")).to_be_visible()
        await person.go("/console/models?q=new")
        await expect(page.get_by_role("row").filter(has_text="new/one")).to_contain_text("On sale")
        await expect(page.get_by_text("new/two")).to_have_count(0)


async def test_auditor_reads_and_support_has_no_such_page(visit: Visit, people: People, house: Installation) -> None:
    await house.model("read/only")
    auditor, support = await hire(people, "auditor", "Aude"), await hire(people, "support", "Sam")
    async with visit() as person:
        await sign_in_staff(person, auditor, "/console/models/read~only")
        page = person.page
        await expect(page.get_by_role("table", name="Routes")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        for name in ("New price", "Add route", "Retire", "Set cap"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
    async with visit() as person:
        await sign_in_staff(person, support, "/console/models")
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await expect((await person.rail()).get_by_role("link", name="Models")).to_have_count(0)
        await expect(person.page.get_by_role("table", name="Models")).to_have_count(0)
