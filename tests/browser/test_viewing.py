"""An owner sees the app as a customer does, in one tab, and works as themselves in another."""

from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, sign_in_staff


async def test_owner_sees_what_the_customer_sees_and_changes_nothing(visit: Visit, people: People) -> None:
    customer = await people.arrive("Ada")
    await people.give(customer.personal, "7.5")
    owner = await hire(people, "owner", "Olga")
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, owner, f"/console/users/usr_{customer.user_id.hex}")
        await page.get_by_role("button", name="View as").click()
        dialog = page.get_by_role("dialog", name="See the app as Ada does")
        await dialog.get_by_label("Reason").fill("Ticket 12")
        await clean(person)
        await dialog.get_by_role("button", name="View as").click()
        await confirm_step_up(person, people, owner)
        banner = page.get_by_role("status").filter(has_text="Read-only: Olga sees the app as Ada")
        await expect(banner).to_be_visible()
        await expect(page.get_by_role("link", name="7.5").first).to_be_visible()
        await clean(person)
        inside = page.url
        assert "/console/view/vw_" in inside
        await expect(page.get_by_role("button", name="Account")).to_have_count(0)
        # A reload stays in it, and so does a link.
        await (await person.rail()).get_by_role("link", name="Ledger").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Ledger")
        await page.reload()
        await expect(banner).to_be_visible()
        await page.get_by_role("link", name="CSV").first.click()
        await expect(page.get_by_text("Files and exports are no part of a viewing.")).to_be_visible()
        await (await person.rail()).get_by_role("link", name="Keys").click()
        await page.get_by_role("button", name="Create key").first.click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("mine")
        await dialog.get_by_role("button", name="Create key").click()
        await expect(dialog.get_by_text("Nothing can be changed or downloaded here")).to_be_visible()
        await clean(person)
        # Another tab is the owner's own, and changes what is theirs.
        other = await person.context.new_page()
        await other.goto(f"{person.origin}/app/settings/profile")
        await expect(other.get_by_label("Name")).to_have_value("Olga")
        await expect(other.get_by_role("alert")).to_have_count(0)
        await other.close()
        await page.keyboard.press("Escape")
        await banner.get_by_role("button", name="End").click()
        await page.wait_for_url("**/console/users/usr_*")
        await person.go(inside.removeprefix(person.origin))
        await page.wait_for_url("**/console")
