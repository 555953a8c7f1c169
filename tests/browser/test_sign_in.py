"""Ways in and out of an account, on its pages: password, second step, reset, controlled access, and all of it without
scripts (J14, J15, J26). What the settings of security do is in test_security.py.
"""

import itertools
import re
import time
from collections.abc import AsyncIterator

import pytest
from playwright.async_api import expect

from omna.http.principal import Role
from omna.ids import show
from omna.website.locales import en, zh
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation
from tests.harness.people import PASSWORD, People, Somebody, enter
from tests.harness.replica import Replica
from tests.harness.tour import turn_on_totp

NEW_PASSWORD = "a stapled battery of horses 7"
PROFILE = "/app/settings/profile"

_numbers = itertools.count(1)


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Each look has an installation of its own: tries are counted by address."""
    return house_of_look


def new_address() -> str:
    return f"new{next(_numbers)}.person@example.com"


@pytest.fixture
async def ada(people: People) -> Somebody:
    return await people.arrive("Ada", password=PASSWORD)


async def fill_in(person: Visitor, email: str, password: str, say: dict[str, str] = en.TEXTS) -> None:
    """Send the form of the sign-in page that is open."""
    await person.page.get_by_label(say["sign_up.email"]).fill(email)
    await person.page.get_by_label(say["sign_up.password"], exact=True).fill(password)
    await person.page.get_by_role("main").get_by_role("button", name=say["sign_in.submit"], exact=True).click()


async def sign_up(person: Visitor, email: str, say: dict[str, str] = en.TEXTS) -> None:
    """Send the form of the sign-up page that is open."""
    page = person.page
    await page.get_by_label(say["sign_up.name"]).fill("Dora")
    await page.get_by_label(say["sign_up.email"]).fill(email)
    await page.get_by_label(say["sign_up.password"], exact=True).fill(PASSWORD)
    await page.get_by_role("checkbox").check()
    await page.get_by_role("main").get_by_role("button", name=say["sign_up.submit"]).click()
    await expect(page.get_by_role("heading", level=1)).to_have_text(say["check_mail.title"])


async def link(people: People, email: str, path: str) -> str:
    """Return where the newest mail to an address leads."""
    found = re.search(rf"{path}[\w.~?=/-]+", await people.last_mail(email))
    assert found is not None
    return found[0]


async def test_sign_in_leads_where_somebody_wanted_to_go_and_nowhere_else(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        await person.go(PROFILE)
        await expect(person.page).to_have_url(re.compile("/sign-in"))
        await fill_in(person, ada.email, PASSWORD)
        await expect(person.page).to_have_url(person.origin + PROFILE)
    for elsewhere in ("https://example.org/", "//example.org/", "/\\example.org"):
        async with visit() as person:
            await person.go(f"/sign-in?next={elsewhere}")
            await fill_in(person, ada.email, PASSWORD)
            await expect(person.page).to_have_url(re.compile(re.escape(person.origin) + "/app"))


async def test_wrong_password_and_unknown_address_look_alike(visit: Visit, ada: Somebody) -> None:
    told = []
    async with visit() as person:
        for email in (ada.email, "nobody@example.com"):
            await person.go("/sign-in")
            await fill_in(person, email, "a wrong one of the same length")
            alert = person.page.get_by_role("alert").filter(has_text=re.compile("."))
            await expect(alert).to_contain_text(en.TEXTS["error.bad_credentials"])
            told.append(await alert.inner_text())
            assert await person.page.get_by_label("E-mail").input_value() == email
            assert await person.page.get_by_label("Password", exact=True).input_value() == ""
            assert await person.axe() == []
    assert told[0] == told[1]


@pytest.mark.parametrize(
    ("javascript", "locale"), [(True, "en-GB"), (False, "zh-CN")], ids=["scripts", "no scripts, zh"]
)
async def test_second_step_takes_a_recovery_code_once(
    visit: Visit, house: Installation, people: People, ada: Somebody, javascript: bool, locale: str
) -> None:
    say = zh.TEXTS if locale == "zh-CN" else en.TEXTS
    _, used, recovery = await turn_on_totp(house, people, ada)
    async with visit(javascript=javascript, locale=locale) as person:
        page = person.page
        await person.go("/sign-in?next=/terms")
        await fill_in(person, ada.email, PASSWORD, say)
        await expect(page.get_by_role("heading", level=1)).to_have_text(say["second.title"])
        # The code that turned it on was used then.
        await page.get_by_label(say["second.code"], exact=True).fill(used)
        await page.get_by_role("button", name=say["second.submit"]).first.click()
        await expect(page.get_by_role("main")).to_contain_text(say["error.bad_code"])
        await page.get_by_text(say["second.recovery"], exact=True).click()
        await page.get_by_label(say["second.recovery_code"], exact=True).fill(recovery[0])
        await page.get_by_label(say["second.recovery_code"], exact=True).press("Enter")
        await expect(page).to_have_url(f"{person.origin}/terms")
    async with visit(javascript=javascript, locale=locale) as person:
        await person.go("/sign-in")
        await fill_in(person, ada.email, PASSWORD, say)
        await person.page.get_by_text(say["second.recovery"], exact=True).click()
        await person.page.get_by_label(say["second.recovery_code"], exact=True).fill(recovery[0])
        await person.page.get_by_label(say["second.recovery_code"], exact=True).press("Enter")
        await expect(person.page.get_by_role("main")).to_contain_text(say["error.bad_code"])


async def test_code_of_the_app_signs_in(visit: Visit, house: Installation, people: People, ada: Somebody) -> None:
    app, _, _ = await turn_on_totp(house, people, ada)
    # Codes work once: the next one is taken half a minute ahead of its time, as far as clocks may differ.
    ahead = app.at(int(time.time()) + app.interval)
    async with visit(javascript=False) as person:
        await person.go(f"/sign-in?next={PROFILE}")
        await fill_in(person, ada.email, PASSWORD)
        await person.page.get_by_label("Code", exact=True).fill(ahead)
        await person.page.get_by_label("Code", exact=True).press("Enter")
        await expect(person.page).to_have_url(person.origin + PROFILE)


@pytest.mark.parametrize("javascript", [True, False], ids=["scripts", "no scripts"])
async def test_reset_ends_every_session_and_tells_by_mail(
    visit: Visit, people: People, ada: Somebody, javascript: bool
) -> None:
    shown = []
    async with visit() as elsewhere, visit(javascript=javascript) as person:
        await enter(elsewhere, ada, PROFILE)
        await expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Profile")
        page = person.page
        for email in ("nobody@example.com", ada.email):
            await person.go("/reset")
            await page.get_by_label("E-mail").fill(email)
            await page.get_by_role("button", name="Send link").click()
            await expect(page.get_by_role("heading", level=1)).to_have_text("Check your mail")
            shown.append((page.url, await page.get_by_role("main").inner_text()))
        assert shown[0] == shown[1]
        target = await link(people, ada.email, "/reset")
        await person.go(target)
        await page.get_by_label("New password", exact=True).fill(NEW_PASSWORD)
        await page.get_by_role("button", name="Change password").click()
        await expect(page.get_by_role("status")).to_contain_text("every session ended")
        assert "password" in (await people.last_mail(ada.email)).lower()
        # Whoever was signed in is out at the next act.
        await elsewhere.page.get_by_role("link", name="Sessions").click()
        await expect(elsewhere.page).to_have_url(re.compile("/sign-in"))
        await fill_in(person, ada.email, NEW_PASSWORD)
        await expect(page).to_have_url(re.compile("/app"))
        await person.go(target)
        await expect(page.get_by_role("main")).to_contain_text(en.TEXTS["reset.dead_link"])
        person.problems.clear()


async def test_session_that_was_signed_out_is_dead_in_every_tab(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        await enter(person, ada, PROFILE)
        tab = await person.context.new_page()
        await tab.goto(person.origin + PROFILE)
        await tab.get_by_role("button", name="Account").click()
        await tab.get_by_role("menuitem", name="Sign out").click()
        await expect(tab).to_have_url(re.compile("/sign-in"))
        await person.page.get_by_role("link", name="Sessions").click()
        await expect(person.page).to_have_url(re.compile("/sign-in"))


# ── controlled access ────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.fixture(scope="module")
async def by_approval(house: Installation, site: Replica) -> AsyncIterator[Replica]:
    async with house.replica(SETTINGS | {"ACCOUNTS_SIGN_UP": "approval", "ACCOUNTS_STARTER_CREDITS": "5"}) as running:
        yield running


@pytest.fixture(scope="module")
async def by_invitation(house: Installation, site: Replica) -> AsyncIterator[Replica]:
    async with house.replica(SETTINGS | {"ACCOUNTS_SIGN_UP": "invite"}) as running:
        yield running


async def test_newcomer_waits_for_approval_and_hears_of_it(
    visit: Visit, by_approval: Replica, house: Installation, people: People
) -> None:
    email = new_address()
    async with visit(by_approval) as person:
        page = person.page
        await person.go("/sign-up")
        await sign_up(person, email)
        await person.go(await link(people, email, "/verify-email"))
        await page.get_by_role("button", name="Verify address").click()
        await fill_in(person, email, PASSWORD)
        await expect(page).to_have_url(re.compile("/app/w/ws_"))
        home = page.url.rstrip("/")
        await expect(page.get_by_role("main")).to_be_visible()
        await person.go(f"{home.removeprefix(person.origin)}/keys")
        await expect(page.get_by_text("This workspace is not open yet")).to_be_visible()
        await expect(page.get_by_role("button", name="Create key")).to_be_disabled()
        assert await person.axe() == []
        decided = await house.omna("user", "approve", email)
        assert decided.code == 0, decided.error
        assert "everything is open to you" in await people.last_mail(email)
        await page.reload()
        await expect(page.get_by_role("button", name="Create key").first).to_be_enabled()
        await expect(page.get_by_role("banner").locator("data")).to_have_attribute("value", "5")


async def test_by_invitation_strangers_ask_and_guests_come_in(
    visit: Visit, by_invitation: Replica, people: People, ada: Somebody
) -> None:
    team, guest = await people.found_team(ada, "Engines"), new_address()
    await people.invite(team, ada, guest, Role.MEMBER)
    async with visit(by_invitation) as person:
        page = person.page
        await person.go("/")
        await expect(page.get_by_role("link", name="Request access").first).to_be_visible()
        await person.go("/sign-up")
        await expect(page.get_by_role("heading", level=1)).to_have_text(en.TEXTS["sign_up.invite_title"])
        await expect(page.get_by_label("Password", exact=True)).to_have_count(0)
        await page.get_by_role("main").get_by_role("link", name="Request access").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Request access")
        await page.get_by_label("Name").fill("Stranger")
        await page.get_by_label("E-mail").fill(new_address())
        await page.get_by_label("What do you want to use Omna for?").fill("Research")
        await page.get_by_role("button", name="Send request").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(en.TEXTS["request.sent_title"])

        await person.go(await link(people, guest, "/invite/"))
        await expect(page.get_by_role("heading", level=1)).to_have_text("Join Engines")
        assert await person.axe() == []
        await page.get_by_label("Name").fill("Guest")
        await page.get_by_label("Password", exact=True).fill(PASSWORD)
        await page.get_by_role("checkbox").check()
        await page.get_by_role("button", name=en.TEXTS["invite.join"]).click()
        await expect(page).to_have_url(re.compile(f"/app/w/{show('ws', team)}"))


# ── without scripts ──────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("locale", ["en-GB", "zh-CN"])
async def test_account_is_made_and_opened_without_scripts(visit: Visit, people: People, locale: str) -> None:
    say, email = (zh.TEXTS if locale == "zh-CN" else en.TEXTS), new_address()
    async with visit(javascript=False, locale=locale) as person:
        page = person.page
        await person.go("/sign-up")
        await sign_up(person, email, say)
        await person.go(await link(people, email, "/verify-email"))
        await page.get_by_role("button", name=say["verify.submit"]).click()
        await expect(page.get_by_role("status")).to_contain_text(say["sign_in.notice.verified"])
        await fill_in(person, email, PASSWORD, say)
        await expect(page).to_have_url(re.compile("/app"))
        # The app says what it needs.
        await expect(page.locator("noscript")).not_to_be_empty()
