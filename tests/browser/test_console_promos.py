"""Promo codes in the console: made, approved by somebody else, retired; with what is wrong said beside its field."""

from playwright.async_api import expect

from omna.ids import new_id
from tests.browser.conftest import Visit
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, prove, sign_in_staff


async def test_code_is_made_approved_by_a_second_person_and_retired(visit: Visit, people: People) -> None:
    finance = await hire(people, "finance", "Fiona")
    owner = await hire(people, "owner", "Olga")
    code = f"SPRING-{new_id().hex[-6:].upper()}"
    async with visit() as person:
        await sign_in_staff(person, finance, "/console/promo-codes")
        page = person.page
        await expect(page.get_by_role("heading", level=1)).to_have_text("Promo codes")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Create promo code").click()
        dialog = page.get_by_role("dialog", name="Create promo code")
        await dialog.get_by_label("Code", exact=True).fill(code.lower())
        await dialog.get_by_label("Credits each").fill("5")
        await dialog.get_by_label("Redemptions in all").fill("many")
        await dialog.get_by_label("Reason").fill("For the fair")
        await dialog.get_by_role("button", name="Create promo code").click()
        await expect(dialog.get_by_text("Write a whole number, or nothing.").first).to_be_visible()
        assert await person.axe() == []
        await dialog.get_by_label("Redemptions in all").fill("")
        await dialog.get_by_label("Ends").fill("2099-01-31")
        await dialog.get_by_role("button", name="Create promo code").click()
        await confirm_step_up(person, people, finance)
        await expect(page.get_by_text("The promo code is made. Audit line")).to_be_visible()
        row = page.get_by_role("row").filter(has_text=code)
        await expect(row).to_contain_text("Waits for approval")
        await expect(row).to_contain_text("Jan 31, 2099")
        await row.get_by_role("link", name=code).click()
        await expect(page.get_by_text("another owner or finance member has to approve it")).to_be_visible()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
        code_id = page.url.rpartition("/")[2]
    async with visit() as person:
        await prove(people, owner, "promo_code.approve", code_id)
        await sign_in_staff(person, owner, f"/console/promo-codes/{code_id}")
        page = person.page
        await expect(page.get_by_role("heading", name=code)).to_be_visible()
        await expect(page.get_by_text("Nobody has redeemed it yet")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Approve").click()
        dialog = page.get_by_role("dialog", name=f"Approve promo code {code}")
        await dialog.get_by_label("Reason").fill("Agreed")
        await dialog.get_by_role("button", name="Approve").click()
        await expect(page.get_by_text("The promo code is live. Audit line")).to_be_visible()
        await expect(page.get_by_text("Live", exact=True)).to_be_visible()
        await page.get_by_role("button", name="Retire").click()
        dialog = page.get_by_role("dialog", name=f"Retire promo code {code}")
        await dialog.get_by_label("Reason").fill("Over")
        await dialog.get_by_role("button", name="Retire").click()
        await expect(page.get_by_text("Retired", exact=True).first).to_be_visible()
        await person.go("/console/promo-codes")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Promo codes")
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_support_has_no_promo_codes(visit: Visit, people: People) -> None:
    support = await hire(people, "support", "Susan")
    async with visit() as person:
        await sign_in_staff(person, support, "/console/promo-codes")
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await expect((await person.rail()).get_by_role("link", name="Promo codes")).to_have_count(0)
        await expect(person.page.get_by_role("button", name="Create promo code")).to_have_count(0)
        assert await person.axe() == []
        assert await person.overflow() <= 0
