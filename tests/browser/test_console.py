"""The console: who finds it, how it opens and closes, and what staff do in it (J3, J4, J29)."""

import re

from playwright.async_api import expect

from omna.ids import show
from tests.browser.conftest import Visit
from tests.harness.people import PASSWORD, People, enter
from tests.harness.staff import confirm_step_up, fresh_code, hire, sign_in_staff


async def test_console_opens_with_a_proof_and_closes(visit: Visit, people: People) -> None:
    finance = await hire(people, "finance", "Fiona", opened=False)
    async with visit() as person:
        await enter(person, finance.somebody, "/app")
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await person.page.get_by_role("button", name="Account").click()
        await person.page.get_by_role("menuitem", name="Console").click()
        await expect(person.page).to_have_url(re.compile("/console"))
        await expect(person.page.get_by_text("The console is closed")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("button", name="Open console").click()
        await confirm_step_up(person, people, finance)
        await expect(person.page.get_by_text("The console is closed")).to_be_hidden()
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("button", name="Account").click()
        await person.page.get_by_role("menuitem", name="Close the console").click()
        await expect(person.page).to_have_url(re.compile("/app"))
        await person.go("/console")
        await expect(person.page.get_by_text("The console is closed")).to_be_visible()
    actions = await people.house.connection.fetch(
        "SELECT action FROM audit_log WHERE actor = $1 AND action LIKE 'console.%' ORDER BY seq",
        show("usr", finance.somebody.user_id),
    )
    assert [row["action"] for row in actions] == ["console.open", "console.close"]


async def test_without_a_second_factor_the_console_leads_to_the_settings(visit: Visit, people: People) -> None:
    owner = await hire(people, "owner", "Olga", opened=False)
    await people.house.connection.execute("DELETE FROM totp_factors WHERE user_id = $1", owner.somebody.user_id)
    async with visit() as person:
        await sign_in_staff(person, owner)
        await expect(person.page.get_by_text("The console needs a second factor")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("link", name="Go to security settings").click()
        await expect(person.page).to_have_url(re.compile("/app/settings/security"))


async def test_for_others_there_is_no_console(visit: Visit, people: People) -> None:
    ada = await people.arrive("Ada", password=PASSWORD)
    async with visit() as person:
        await person.go("/console/recharges")
        await expect(person.page).to_have_url(re.compile("/sign-in"))
        await enter(person, ada, "/console")
        await expect(person.page.get_by_role("heading", level=1)).not_to_contain_text("Console")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await enter(person, ada, "/app")
        await person.page.get_by_role("button", name="Account").click()
        await expect(person.page.get_by_role("menuitem", name="Settings")).to_be_visible()
        await expect(person.page.get_by_role("menuitem", name="Console")).to_have_count(0)
        person.problems[:] = [one for one in person.problems if one != "404 for /console"]


async def test_sign_in_leads_staff_back_to_the_console(visit: Visit, people: People) -> None:
    auditor = await hire(people, "auditor", "Audrey", opened=False)
    async with visit() as person:
        await person.go("/console")
        await person.page.get_by_label("E-mail").fill(auditor.somebody.email)
        await person.page.get_by_label("Password", exact=True).fill(auditor.password)
        await person.page.get_by_role("main").get_by_role("button", name="Sign in", exact=True).click()
        await person.page.get_by_label("Code").fill(await fresh_code(people, auditor))
        await person.page.get_by_role("main").get_by_role("button").first.click()
        await expect(person.page).to_have_url(re.compile("/console"))
        await expect(person.page.get_by_role("button", name="Open console")).to_be_visible()


async def test_console_nobody_touches_closes_by_itself(visit: Visit, people: People) -> None:
    finance = await hire(people, "finance")
    async with visit() as person:
        page = person.page
        await page.clock.install()
        await sign_in_staff(person, finance, "/console/recharges")
        await expect(page.get_by_role("heading", level=1, name="Recharges")).to_be_visible()
        await page.clock.fast_forward(14 * 60 * 1000 + 15_000)
        await expect(page.get_by_text("The console closes in a minute")).to_be_visible()
        await page.keyboard.press("Shift")
        await expect(page.get_by_text("The console closes in a minute")).to_be_hidden()
        await page.clock.fast_forward(15 * 60 * 1000 + 15_000)
        await expect(page.get_by_role("dialog", name="The console is closed")).to_be_visible()
        assert await person.axe() == []
        await page.get_by_role("button", name="Leave it closed").click()
        await expect(page.get_by_role("button", name="Open console")).to_be_visible()
        await expect((await person.rail()).get_by_role("link", name="Recharges")).to_have_count(0)


async def test_role_that_is_lost_ends_the_console_at_once(visit: Visit, people: People) -> None:
    support = await hire(people, "support")
    async with visit() as person:
        await sign_in_staff(person, support, "/console/recharges")
        await expect(person.page.get_by_role("heading", level=1, name="Recharges")).to_be_visible()
        await people.house.connection.execute(
            "UPDATE users SET staff_role = NULL WHERE user_id = $1", support.somebody.user_id
        )
        await (await person.rail()).get_by_role("link", name="Payments").click()
        await expect(person.page.get_by_role("alert").first).to_be_visible()
        await person.page.reload()
        await expect(person.page.get_by_text("There is nothing at this address")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        person.problems[:] = [one for one in person.problems if not one.startswith("404 for ")]
