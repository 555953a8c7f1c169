"""What models write, in a real browser (J17, J28, CH12–CH14, CH8): hostile text does nothing and asks for nothing; formulas,
code and diagrams are drawn; several models answer side by side."""

from decimal import Decimal

from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.chats import bring, conversation
from tests.harness.hostile import NAMES, TEXTS, WATCH, inert
from tests.harness.installation import Installation
from tests.harness.people import People, enter, program
from tests.harness.replica import Replica

NICE = """Of **course**:

```python
print("hello")
```

The root is \\(\\sqrt{x}\\). It costs $5 and $10.

```mermaid
graph TD
  A[Question] --> B[Answer]
```
"""


async def test_hostile_text_is_inert_and_diagrams_are_drawn_without_a_network(
    visit: Visit, house: Installation, site: Replica, people: People
) -> None:
    await house.model("writer", upstream_model="ok")
    ada = await people.arrive("Ada")
    title = NAMES[0]
    chat = await bring(site, ada, conversation([(text, text) for text in TEXTS], model="writer", title=title))
    nice = await bring(site, ada, conversation([("<b>Please</b>", NICE)], model="writer", title="Nice"))

    async with visit() as person:
        page = person.page
        await page.add_init_script(WATCH)
        await enter(person, ada, f"/app/w/{ada.workspace}/chat/{nice}")
        await expect(page.locator("math msqrt")).to_be_visible()
        await expect(page.get_by_text("It costs $5 and $10.")).to_be_visible()
        await expect(page.get_by_text("<b>", exact=True)).to_be_visible()
        await clean(person)
        await page.get_by_role("button", name="Show diagram").click()
        diagram = page.frame_locator("iframe[title=Diagram]")
        await expect(diagram.get_by_text("Question")).to_be_visible()
        assert await page.frames[-1].evaluate("origin") == "null"
        assert await inert(page) == []

        await page.goto(f"{person.origin}/app/w/{ada.workspace}/chat/{chat}")
        await expect(page.get_by_role("heading", level=1)).to_have_text(title)
        await read_through(page)
        for _ in range(await page.get_by_role("button", name="Show diagram").count()):
            # By itself: there are hundreds of stops of Tab between them.
            await page.get_by_role("button", name="Show diagram").first.evaluate("button => button.click()")
        await expect(page.locator("iframe[title=Diagram]").first).to_be_visible()
        await page.wait_for_timeout(1_500)
        for frame in page.frames:
            assert await frame.evaluate("window.hit") is None
        assert (
            await page.locator(
                "script:not([nonce]):not([src]), img:not([src^='/']), object, embed, base, form[action]"
            ).count()
            == 0
        )
        assert await inert(page) == []
        assert await person.overflow() <= 0
        # What a frame's own policy refuses is what it is for.
        person.problems[:] = [
            one for one in person.problems if "app/assets/" not in one and "default-src 'none'" not in one
        ]


async def read_through(page: Page) -> None:
    """Scroll from the end to the beginning, so that everything has been drawn."""
    for _ in range(200):
        await page.mouse.wheel(0, -3_000)
        await page.wait_for_timeout(20)
        if await page.evaluate("scrollY") == 0:
            return


async def test_several_models_answer_one_prompt_and_one_that_fails_leaves_the_others_alone(
    visit: Visit, house: Installation, site: Replica, people: People
) -> None:
    await house.model("swift", upstream_model="ok")
    await house.model("broken", upstream_model="status-503")
    await house.model("endless", upstream_model="long-4000-100")
    ada = await people.arrive("Ada")
    await people.give(ada.personal, "25")
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/chat/compare")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Compare models")
        await page.get_by_role("button", name="Choose models").click()
        search = page.get_by_role("textbox", name="Search models")
        await expect(search).to_be_focused()
        await expect(page.locator("[data-row]").filter(has_text="endless")).to_be_visible()
        for name in ("swift", "broken", "endless"):
            row = page.get_by_role("button", name=name, pressed=False).and_(page.locator("[data-row]"))
            if await row.count() == 1:
                await row.click()
        await page.keyboard.press("Escape")
        await expect(search).to_have_count(0)
        await page.get_by_label("Prompt").fill("Which of you is it?")
        await clean(person)
        await page.get_by_role("button", name="Send", exact=True).click()
        await expect((await column(page, "swift")).get_by_role("button", name="Continue with this one")).to_be_visible()
        await expect((await column(page, "broken")).get_by_role("button", name="Retry")).to_be_visible()
        await expect((await column(page, "endless")).get_by_text("tok tok tok")).to_be_visible()
        await clean(person)
        # It re-attaches, and each column stops by itself.
        await page.reload()
        endless = await column(page, "endless")
        await endless.get_by_role("button", name="Stop").click()
        await expect(endless.get_by_role("button", name="Continue with this one")).to_be_visible()
        # Three costs, one of them 0 (J17), and the same in usage.
        costs = [await cost(endless), await cost(await column(page, "swift"))]
        assert all(costs)
        await expect(await column(page, "broken")).to_contain_text("Charged 0.")
        async with program(site.address, session=ada.session) as api:
            rows = (await api.get(f"/api/workspaces/{ada.workspace}/usage/requests")).json()["items"]
        assert sorted(Decimal(row["cost"]) for row in rows) == sorted([*costs, Decimal(0)])
        await clean(person)
        await (await column(page, "swift")).get_by_role("button", name="Continue with this one").click()
        await expect(page).to_have_url(f"{person.origin}/app/w/{ada.workspace}/chat/{chat_of(page)}")
        await expect(page.get_by_text("Which of you is it?").first).to_be_visible()
        await clean(person)


async def column(page: Page, name: str) -> Locator:
    """Return the answer of a model: in a column of its own, or behind a tab, which is opened."""
    tab = page.get_by_role("tab", name=name)
    place = page.get_by_role("region", name=name)
    await expect(tab.or_(place).first).to_be_visible()
    if not await tab.is_visible():
        return place
    await tab.click()
    return page.get_by_role("tabpanel", name=name)


async def cost(place: Locator) -> Decimal:
    """Return what the answer of a column cost."""
    return Decimal(
        await place.get_by_role("button", name="What this answer cost").locator("data").get_attribute("value") or ""
    )


def chat_of(page: Page) -> str:
    return page.url.rpartition("/")[2]
