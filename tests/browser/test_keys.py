"""Keys in the web app (J19): made and shown once (K1, K3), limited (K2), listed (K4), stopped (K5), rotated (K6), reported (K7)."""

import re

import pytest
from playwright.async_api import Page, expect

from omna.http.principal import Role
from omna.ids import show
from tests.browser.conftest import Visit
from tests.harness.people import PASSWORD, People, Somebody, enter

SECRET = re.compile(r"^omna_[A-Za-z0-9_-]{40,}$")


@pytest.fixture
async def ada(people: People) -> Somebody:
    """A person with 25 Credits and a password."""
    somebody = await people.arrive("Ada", password=PASSWORD)
    await people.give(somebody.personal, "25")
    return somebody


def keys_of(somebody: Somebody) -> str:
    return f"/app/w/{somebody.workspace}/keys"


async def create(page: Page, name: str, **limits: str) -> str:
    """Make a key on the page and return it; the dialog that shows it stays open."""
    await page.get_by_role("button", name="Create key").first.click()
    dialog = page.get_by_role("dialog")
    await dialog.get_by_label("Name").fill(name)
    if limits:
        await dialog.get_by_role("button", name="Limits").click()
        for label, value in limits.items():
            await dialog.get_by_label(label.replace("_", " "), exact=True).fill(value)
    await dialog.get_by_role("button", name="Create key").click()
    return await shown(page)


async def shown(page: Page) -> str:
    secret = page.get_by_role("dialog").locator("code").first
    await expect(secret).to_have_text(SECRET)
    return await secret.inner_text()


async def put_away(page: Page) -> None:
    await page.get_by_label("I have stored it").check()
    await page.get_by_role("button", name="Done").click()
    await expect(page.get_by_role("dialog")).to_have_count(0)


async def call(page: Page, secret: str) -> int:
    """Return how a chat with a key ends, called from the page as its owner's program would."""
    status: int = await page.evaluate(
        """async (key) => (await fetch("/v1/chat/completions", {
            method: "POST", credentials: "omit",
            headers: {authorization: `Bearer ${key}`, "content-type": "application/json"},
            body: JSON.stringify({model: "openrouter-free", messages: [{role: "user", content: "Hi"}]}),
        })).status""",
        secret,
    )
    return status


async def test_key_is_shown_once_and_tried_at_once(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, keys_of(ada))
        await expect(page.get_by_text("No keys yet")).to_be_visible()
        secret = await create(page, "ci")
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("do not publish it")
        await expect(dialog).to_contain_text(f"export OPENAI_API_KEY={secret}")
        await dialog.get_by_role("tab", name="curl").click()
        await expect(dialog).to_contain_text(f"{person.origin}/v1/chat/completions")
        await dialog.get_by_role("button", name="Copy key").click()
        assert await page.evaluate("navigator.clipboard.readText()") == secret
        assert await person.axe() == []
        await page.keyboard.press("Escape")
        await page.mouse.click(5, 5)
        await expect(dialog).to_be_visible()

        await dialog.get_by_role("button", name="Test call").click()
        await expect(dialog).to_contain_text("The key works.")
        await expect(dialog).to_contain_text("The first request arrived", timeout=10_000)
        receipt = dialog.get_by_role("link", name="Open receipt")
        assert re.search(r"/usage/req_\w+$", await receipt.get_attribute("href") or "")
        await put_away(page)

        row = page.get_by_role("row", name="ci")
        await expect(row).to_contain_text("Active")
        await expect(row).to_contain_text("1 request")
        await page.reload()
        await expect(row).to_be_visible()
        assert secret not in await page.content()


async def test_key_without_a_spend_limit_asks_who_it_is(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"{keys_of(ada)}?create=1")
        dialog = page.get_by_role("dialog", name="Create an API key")
        await dialog.get_by_label("Name").fill("unlimited")
        await dialog.get_by_role("button", name="Limits").click()
        await dialog.get_by_label("Spend limit").fill("")
        await dialog.get_by_role("button", name="Create key").click()
        proof = page.get_by_role("dialog", name="Confirm that it is you")
        await proof.get_by_label("Password", exact=True).fill(PASSWORD)
        await proof.get_by_role("button", name="Confirm").click()
        await shown(page)
        await put_away(page)
        await expect(page.get_by_role("row", name="unlimited")).to_contain_text("No limit")


async def test_what_is_wrong_stands_beside_its_field(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"{keys_of(ada)}?create=1")
        dialog = page.get_by_role("dialog")
        await dialog.get_by_role("button", name="Limits").click()
        await dialog.get_by_label("Spend limit").fill("ten")
        await dialog.get_by_role("button", name="Create key").click()
        await expect(dialog).to_contain_text("Give it a name.")
        await expect(dialog).to_contain_text("Write an amount of Credits above 0")
        assert await person.axe() == []


async def test_limits_hold_for_the_next_call_and_a_rotated_key_overlaps(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, keys_of(ada))
        old = await create(page, "server", Requests_per_minute="2")
        assert [await call(page, old) for _ in range(3)] == [200, 200, 429]
        await put_away(page)
        await page.get_by_role("link", name="server").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("server")
        await expect(page.get_by_role("meter", name="Spend limit of server")).to_be_visible()
        await expect(page.get_by_role("main")).to_contain_text(re.compile(r"Resets .* at \d\d:\d\d .*\(00:00 UTC\)"))

        await page.get_by_role("button", name="Edit name and limits").click()
        await page.get_by_label("Requests per minute").fill("600")
        await page.get_by_role("button", name="Save changes").click()
        await expect(page.get_by_text("It holds from the next request on.")).to_be_visible()
        assert await call(page, old) == 200

        await page.get_by_role("button", name="Rotate key").click()
        await page.get_by_role("dialog").get_by_role("button", name="Rotate key").click()
        new = await shown(page)
        await put_away(page)
        await expect(page.get_by_role("main")).to_contain_text(re.compile(r"still works for (23|24) h"))
        assert [await call(page, old), await call(page, new)] == [200, 200]
        await page.get_by_role("link", name="Open the new key").click()

        await page.get_by_role("button", name="Disable key").click()
        await expect(page.get_by_text("The key is disabled.")).to_be_visible()
        assert await call(page, new) == 403
        await page.get_by_role("button", name="Enable key").click()
        await expect(page.get_by_text("The key works again.")).to_be_visible()
        assert await call(page, new) == 200

        await page.get_by_role("button", name="Delete key").click()
        dialog = page.get_by_role("dialog")
        await expect(dialog).to_contain_text("Last used")
        delete = dialog.get_by_role("button", name="Delete key")
        await expect(delete).to_be_disabled()
        assert await person.axe() == []
        await dialog.get_by_label("to confirm").fill("server")
        await delete.click()
        await expect(page).to_have_url(f"{person.origin}{keys_of(ada)}")
        assert await call(page, new) == 401


async def test_leaked_key_is_stopped_and_told(visit: Visit, ada: Somebody, people: People) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, keys_of(ada))
        secret = await create(page, "laptop")
        await put_away(page)
        await page.get_by_role("link", name="laptop").click()
        await page.get_by_role("button", name="Report as leaked").click()
        await page.get_by_role("dialog").get_by_role("button", name="Stop key and report").click()
        await expect(page.get_by_text("The key is stopped and the owners are told.")).to_be_visible()
        assert await call(page, secret) == 401
    assert "laptop" in await people.last_mail(ada.email)


async def test_list_is_searched_and_filtered_by_its_address(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, keys_of(ada))
        await create(page, "alpha")
        await put_away(page)
        await create(page, "beta")
        await put_away(page)
        await page.get_by_role("searchbox").fill("alp")
        await expect(page.get_by_role("row", name="beta")).to_have_count(0)
        await expect(page).to_have_url(f"{person.origin}{keys_of(ada)}?search=alp")
        await page.reload()
        await expect(page.get_by_role("searchbox")).to_have_value("alp")
        await expect(page.get_by_role("row", name="alpha")).to_be_visible()
        await page.get_by_role("searchbox").fill("gamma")
        await page.get_by_role("button", name="Clear filters").click()
        # Cards have no headers to sort by.
        sort = page.get_by_role("combobox", name="Sort")
        if await sort.is_visible():
            await sort.click()
            await page.get_by_role("option", name="By name").click()
        else:
            await page.get_by_role("columnheader", name="Name").get_by_role("button").click()
        await expect(page).to_have_url(f"{person.origin}{keys_of(ada)}?sort=name")
        await expect(page.get_by_role("row").nth(1)).to_contain_text("alpha")
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_management_key_is_shown_once_and_manages(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"{keys_of(ada)}?tab=management")
        await page.get_by_role("button", name="Create management key").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("terraform")
        await dialog.get_by_role("button", name="Create management key").click()
        proof = page.get_by_role("dialog", name="Confirm that it is you")
        await proof.get_by_label("Password", exact=True).fill(PASSWORD)
        await proof.get_by_role("button", name="Confirm").click()
        secret = await shown(page)
        assert secret.startswith("omna_mgmt_")
        await put_away(page)
        await expect(page.get_by_role("row", name="terraform")).to_contain_text("Admin")
        await page.get_by_role("button", name="Delete terraform").click()
        await page.get_by_role("dialog").get_by_label("to confirm").fill("terraform")
        await page.get_by_role("dialog").get_by_role("button", name="Delete management key").click()
        await expect(page.get_by_text("No management keys")).to_be_visible()


async def test_members_see_their_own_keys_and_no_management_keys(visit: Visit, people: People) -> None:
    owner, member = await people.arrive("Grace"), await people.arrive("Joan")
    team = await people.found_team(owner, "Engines")
    await people.join(team, owner, member, Role.MEMBER)
    async with visit() as person:
        await enter(person, member, f"/app/w/{show('ws', team)}/keys?tab=management")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Keys")
        await expect(person.page.get_by_role("tab")).to_have_count(0)


async def test_keys_are_accessible_and_fit(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, keys_of(ada))
        await create(page, "a-name-that-is-long-enough-to-need-a-second-line-on-a-phone")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await put_away(page)
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("link", name="a-name").click()
        await expect(page.get_by_role("heading", name="Limits")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
