"""The frame of the web app: who gets in, where it leads, what it remembers, and that everybody can use it."""

import re
import secrets
from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from omna.accounts import service as accounts
from omna.config import Risk
from omna.ids import WorkspaceId, show
from omna.money import Nanocredits, parse_credits
from omna.risk import manual
from omna.workspaces import service as workspaces
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.installation import Installation

PASSWORD = "correct horse battery staple"


@dataclass(frozen=True, slots=True)
class Account:
    """Somebody who can sign in."""

    email: str
    workspace_id: WorkspaceId

    @property
    def home(self) -> str:
        return f"/app/w/{show('ws', self.workspace_id)}"


@pytest.fixture
async def ada(house: Installation) -> Account:
    """A person with 25 Credits."""
    email = f"ada.{secrets.token_hex(4)}@example.com"
    passwords = accounts.Passwords(threads=1)
    try:
        async with house.connection.transaction():
            user = await accounts.create_user(
                house.connection, email, actor=house.actor, name="Ada", password=PASSWORD, passwords=passwords
            )
            space = await workspaces.create_personal(
                house.connection, user.user_id, "Ada", risk=Risk(), actor=house.actor
            )
            await manual.give_credits(
                house.connection, space.workspace_id, Nanocredits(parse_credits("25")), reason="test",
                actor=house.actor, promo=False,
            )  # fmt: skip
    finally:
        passwords.close()
    return Account(email, space.workspace_id)


async def sign_in(person: Visitor, account: Account, wanted: str) -> None:
    """Open a page of the app as a stranger, sign in, and arrive there."""
    await person.go(wanted)
    await expect(person.page).to_have_url(f"{person.origin}/sign-in?next={wanted.replace('/', '%2F')}")
    await person.page.get_by_label("E-mail").fill(account.email)
    await person.page.get_by_label("Password", exact=True).fill(PASSWORD)
    await person.page.get_by_role("button", name="Sign in", exact=True).click()
    # The short addresses go on to the last workspace.
    await expect(person.page).to_have_url(re.compile(re.escape(person.origin) + r"/app/(w|settings)/"))


async def test_overview_shows_what_is_there_and_ticks_first_steps(
    visit: Visit, house: Installation, ada: Account
) -> None:
    async with visit() as person:
        await sign_in(person, ada, "/app")
        page = person.page
        await expect(page).to_have_title("Overview · Ada")
        figures = page.get_by_role("main")
        await expect(figures.get_by_role("link", name="Available").locator("data").first).to_have_attribute(
            "value", "25"
        )
        await expect(page.get_by_role("heading", name="First steps")).to_be_visible()
        await expect(page.get_by_text("1 of 3 done")).to_be_visible()
        await expect(page.get_by_role("table", name="Latest ledger lines")).to_contain_text("+25.00")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await house.new_key(ada.workspace_id)
        await expect(page.get_by_text("2 of 3 done")).to_be_visible(timeout=15_000)


async def test_models_page_is_accessible_and_fits(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/models")
        await expect(person.page).to_have_title("Models · Ada")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Models")
        await expect(person.page.get_by_role("row", name="openrouter-free")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("button", name="Use in code").click()
        await expect(person.page.get_by_role("dialog")).to_contain_text(f"{person.origin}/v1/chat/completions")
        assert await person.axe() == []


async def test_filters_stand_in_the_address(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/models")
        await person.page.get_by_role("searchbox").fill("nothing like it")
        await expect(person.page.get_by_text("No model fits")).to_be_visible()
        await expect(person.page).to_have_url(f"{person.origin}{ada.home}/models?q=nothing+like+it")
        await person.page.reload()
        await expect(person.page.get_by_role("searchbox")).to_have_value("nothing like it")
        await person.page.get_by_role("button", name="Clear filters").click()
        await expect(person.page.get_by_role("row", name="openrouter-free")).to_be_visible()


async def test_balance_is_in_the_top_bar_and_leads_to_the_ledger(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/models")
        balance = person.page.get_by_role("banner").get_by_role("link", name="Available")
        await expect(balance.locator("data")).to_have_attribute("value", "25")
        assert await balance.get_attribute("href") == f"{ada.home}/ledger"


async def test_short_address_leads_to_the_last_workspace(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, "/app/models")
        await expect(person.page).to_have_url(f"{person.origin}{ada.home}/models")


async def test_team_workspace_is_made_and_switched_to(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/models")
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await person.rail()
        await person.page.get_by_role("button", name="Switch workspace").click()
        await person.page.get_by_role("menuitem", name="New team workspace").click()
        await person.page.get_by_role("dialog").get_by_label("Name").fill("Engines")
        assert await person.axe() == []
        await person.page.get_by_role("button", name="Create workspace").click()
        await expect(person.page.get_by_role("banner").locator("data")).to_have_attribute("value", "0")
        await person.rail()
        await expect(person.page.get_by_role("button", name="Switch workspace")).to_contain_text("Engines")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        assert ada.home not in person.page.url


async def test_address_of_a_strange_workspace_is_not_found_inside_the_frame(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, "/app/w/ws_00000000000000000000000000/models")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Page not found")
        await person.rail()
        await expect(person.page.get_by_role("navigation", name="Workspace")).to_be_visible()
        assert await person.axe() == []


async def test_commands_and_shortcuts_work_by_keyboard_alone(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/team")
        page = person.page
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await page.keyboard.press("Control+k")
        await expect(page.get_by_role("dialog", name="Search")).to_be_visible()
        assert await person.axe() == []
        await page.keyboard.type("models")
        await expect(page.get_by_role("dialog", name="Search").get_by_role("button", name="Models")).to_be_visible()
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(f"{person.origin}{ada.home}/models")
        await page.keyboard.press("Control+/")
        await expect(page.get_by_role("dialog", name="Keyboard shortcuts")).to_be_visible()
        await page.keyboard.press("Escape")
        await expect(page.get_by_role("dialog")).to_have_count(0)


async def test_theme_and_language_hold_here_and_on_the_public_pages(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/models")
        page = person.page
        await page.get_by_role("button", name="Account").click()
        await page.get_by_role("menuitemradio", name="Dark").click()
        await page.get_by_role("menuitemradio", name="简体中文").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("模型")
        await page.reload()
        await expect(page.get_by_role("heading", level=1)).to_have_text("模型")
        html = page.locator("html")
        await expect(html).to_have_attribute("lang", "zh-Hans")
        await expect(html).to_have_attribute("data-mantine-color-scheme", "dark")
        assert await person.axe() == []
        await person.go("/")
        await expect(html).to_have_attribute("lang", "zh-Hans")
        await expect(html).to_have_attribute("data-mantine-color-scheme", "dark")


async def test_whoever_signs_out_is_out(visit: Visit, ada: Account) -> None:
    async with visit() as person:
        await sign_in(person, ada, f"{ada.home}/models")
        await person.page.get_by_role("button", name="Account").click()
        await person.page.get_by_role("menuitem", name="Sign out").click()
        await expect(person.page).to_have_url(f"{person.origin}/sign-in?notice=signed_out")
        await person.go(f"{ada.home}/models")
        assert "/sign-in?next=" in person.page.url
