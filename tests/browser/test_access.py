"""Arriving and signing in as people do it: in Chromium, with and without scripts, on a phone and at a desk."""

import asyncio
import itertools
import re

import pytest
from playwright.async_api import Route, expect

from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.installation import Installation

PASSWORD = "correct horse battery staple 9"
#: Every style is there when something was painted.
PAINTED = """async () => {
    await new Promise((done) => new PerformanceObserver(done).observe({ type: "paint", buffered: true }))
    await document.fonts.ready
}"""
_numbers = itertools.count(1)


async def link(house: Installation, address: str) -> str:
    """Return where the newest mail to an address leads."""
    text = await house.connection.fetchval(
        "SELECT text FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id DESC LIMIT 1", address
    )
    found = re.search(r"/[a-z-]+\?token=[\w.~-]+", text)
    assert found is not None
    return found[0]


async def sign_up(person: Visitor, address: str) -> None:
    await person.go("/sign-up")
    await person.page.get_by_label("Name").fill("Dora")
    await person.page.get_by_label("E-mail").fill(address)
    await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await person.page.get_by_label("I agree to the terms").check()
    await person.page.get_by_role("main").get_by_role("button", name="Create account").click()
    await person.page.get_by_role("heading", name="Check your mail").wait_for()


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
async def test_somebody_signs_up_proves_their_address_and_signs_in(
    visit: Visit, house: Installation, javascript: bool
) -> None:
    address = f"dora{next(_numbers)}@example.com"
    async with visit(javascript=javascript) as person:
        await sign_up(person, address)
        await person.go(await link(house, address))
        await person.page.get_by_role("button", name="Verify address").click()
        await person.page.get_by_text("Your address is verified").wait_for()
        await person.go("/sign-in?next=/terms")
        await person.page.get_by_label("E-mail").fill(address)
        await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await person.page.get_by_label("Password", exact=True).press("Enter")
        await expect(person.page).to_have_url(f"{person.origin}/terms")
        assert await person.overflow() <= 0


@pytest.mark.parametrize("place", ["/sign-in", "/sign-up", "/models"])
async def test_what_scripts_add_moves_nothing(visit: Visit, place: str) -> None:
    async with visit(size="phone", hands="finger") as person:
        page = person.page
        may_come = asyncio.Event()

        async def hold(route: Route) -> None:
            await may_come.wait()
            await route.continue_()

        await page.route("**/static/*.js*", hold)
        await page.goto(person.origin + place, wait_until="commit")
        await page.locator(".foot button").last.wait_for()
        await page.evaluate(PAINTED)
        before = await page.locator(".foot").bounding_box()
        added = page.locator("main button[hidden]")
        await added.first.wait_for(state="attached")
        may_come.set()
        await added.first.wait_for(state="detached")
        assert await added.count() == 0
        assert await page.locator(".foot").bounding_box() == before


async def test_browser_without_passkeys_is_offered_none(visit: Visit) -> None:
    async with visit() as person:
        await person.page.add_init_script("delete window.PublicKeyCredential")
        await person.go("/sign-in")
        await person.page.locator("#passkey").wait_for(state="detached")
        assert not await person.page.locator(".stack").is_visible()


async def test_passkey_that_cannot_be_offered_is_no_problem_of_the_person(visit: Visit) -> None:
    async with visit() as person:
        await person.page.add_init_script(
            """PublicKeyCredential.isConditionalMediationAvailable = async () => true
            navigator.credentials.get = async () => {
                console.log("asked")
                throw new DOMException("Nothing to offer", "NotSupportedError")
            }"""
        )
        async with person.page.expect_console_message(lambda message: message.text == "asked"):
            await person.go("/sign-in")
        assert await person.page.get_by_role("alert").count() == 0
        # Whoever asked is told.
        await person.page.get_by_role("button", name="Use a passkey").click()
        await person.page.get_by_role("alert").filter(has_text="The passkey did not work.").wait_for()


async def test_problems_are_listed_with_links_to_their_fields(visit: Visit) -> None:
    async with visit() as person:
        await person.go("/sign-up")
        await person.page.get_by_label("Name").fill("Dora")
        await person.page.get_by_role("main").get_by_role("button", name="Create account").click()
        alert = person.page.get_by_role("alert")
        await alert.get_by_role("link", name="Give your e-mail address.").click()
        assert await person.page.evaluate("document.activeElement.id") == "email"
        assert await person.page.get_by_label("Name").input_value() == "Dora"
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_phones_do_not_zoom_into_fields(visit: Visit) -> None:
    async with visit(size="phone", hands="finger") as person:
        await person.go("/sign-up")
        # They do with anything smaller.
        await expect(person.page.get_by_label("E-mail")).to_have_css("font-size", "16px")


async def test_a_password_can_be_seen_while_it_is_typed(visit: Visit) -> None:
    async with visit() as person:
        await person.go("/sign-in")
        password = person.page.get_by_label("Password", exact=True)
        await password.fill(PASSWORD)
        await person.page.get_by_role("button", name="Show password").click()
        assert await password.get_attribute("type") == "text"
        await person.page.get_by_role("button", name="Hide password").click()
        assert await password.get_attribute("type") == "password"
    async with visit(javascript=False) as person:
        await person.go("/sign-in")
        assert await person.page.get_by_role("button", name="Show password").count() == 0
        assert await person.page.get_by_role("button", name="Use a passkey").count() == 0


async def test_language_and_colours_are_chosen_in_the_footer(visit: Visit) -> None:
    # From light to dark.
    async with visit(scheme="light") as person:
        await person.go("/sign-in?next=/app/settings/profile")
        await person.page.get_by_role("button", name="Dark").click()
        await expect(person.page.locator("body")).to_have_css("background-color", "rgb(18, 18, 17)")
        await person.page.get_by_role("button", name="简体中文").click()
        await person.page.get_by_role("heading", name="登录").wait_for()
        assert "next=%2Fapp%2Fsettings%2Fprofile" in person.page.url
        await person.go("/")
        await person.page.get_by_role("heading", name="一个余额").wait_for()


async def test_an_address_where_nothing_is_keeps_the_frame(visit: Visit) -> None:
    async with visit() as person:
        answer = await person.go("/nothing-here")
        assert answer is not None
        assert answer.status == 404
        await person.page.get_by_role("link", name="To the start").wait_for()
        assert await person.axe() == []
        person.problems.clear()  # the answer that was asked for
