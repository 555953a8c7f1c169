"""The chat: answers stream, survive whatever happens to the page, and cost once what they say (J1, J16)."""

import re
from decimal import Decimal

import pytest
from playwright.async_api import Locator, Page, expect

from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.chats import field, send
from tests.harness.installation import COMPLETION_TOKEN, Installation
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica

WORDS = 60
WHOLE = " ".join(["tok"] * WORDS)
GIVEN = Decimal(5)
PER_WORD = Decimal(COMPLETION_TOKEN) / 10**9


@pytest.fixture(scope="module")
async def models(house: Installation, site: Replica) -> None:
    """A model that takes three seconds to answer, and one that takes longer for its first word."""
    await house.model("slow", upstream_model=f"long-{WORDS}-20", name="Slow")
    await house.model("silent", upstream_model="slow-start", name="Silent")


@pytest.fixture
async def ada(people: People, models: None) -> Somebody:
    somebody = await people.arrive("Ada")
    await people.give(somebody.personal, str(GIVEN))
    return somebody


def answers(page: Page) -> Locator:
    return page.get_by_role("article", name="Answer of")


def cost(page: Page) -> Locator:
    """Return the footer of the last answer."""
    return answers(page).last.get_by_role("button", name="What this answer cost")


async def open_chat(person: Visitor, somebody: Somebody, model: str) -> Page:
    """Open a new chat by a link that names a model and says Hello."""
    await enter(person, somebody, f"/app/chat?model={model}&q=Hello")
    # A link fills the composer and never sends.
    await expect(field(person.page)).to_have_value("Hello")
    await expect(person.page.get_by_role("main").get_by_text(model.title(), exact=True).first).to_be_visible()
    return person.page


async def begun(page: Page) -> None:
    """Wait until the last answer has said something, and still goes on."""
    await expect(answers(page).last).to_contain_text("tok tok")
    await expect(page.get_by_role("button", name="Stop", exact=True)).to_be_visible()


async def spent(site: Replica, somebody: Somebody, *, requests: int) -> Decimal:
    """Return what the usage page says; balance and ledger say the same."""
    async with program(site.address, session=somebody.session) as api:
        here = f"/api/workspaces/{somebody.workspace}"
        rows = (await api.get(f"{here}/usage/requests")).json()["items"]
        lines = (await api.get(f"{here}/ledger/lines?group=none")).json()["items"]
    assert len(rows) == requests
    assert {row["source"] for row in rows} == {"chat"}
    assert sum(Decimal(line["amount"]) for line in lines) == GIVEN - sum(Decimal(row["cost"]) for row in rows)
    return sum((Decimal(row["cost"]) for row in rows), Decimal(0))


async def shown(place: Locator) -> Decimal:
    return Decimal(await place.locator("data").first.get_attribute("value") or "")


async def test_answer_survives_reload_and_second_tab_and_costs_once(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with visit() as person:
        page = await open_chat(person, ada, "slow")
        await expect(page.get_by_role("button", name="Explain")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await send(page)
        await begun(page)
        await expect(page).to_have_url(re.compile(r"/chat/chat_[0-9a-f]{32}$"))
        await page.reload()
        other = await person.context.new_page()
        await other.goto(page.url)
        for tab in (page, other):
            await expect(answers(tab)).to_contain_text(WHOLE)
            await expect(cost(tab)).to_be_visible()
        await other.close()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Hello")
        await cost(page).click()
        await expect(answers(page).get_by_role("link", name="Receipt")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        charge = await shown(cost(page))
        assert charge == await spent(site, ada, requests=1)
        # The top bar moved without a reload.
        await expect(page.get_by_role("banner").locator("data").first).to_have_attribute("value", str(GIVEN - charge))


async def test_stop_keeps_and_charges_what_arrived(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with visit() as person:
        page = await open_chat(person, ada, "slow")
        await send(page)
        await begun(page)
        await person.context.set_offline(True)
        await page.wait_for_timeout(1000)
        await person.context.set_offline(False)
        await expect(answers(page)).to_contain_text(WHOLE)
        await expect(cost(page)).to_be_visible()
        whole = await shown(cost(page))

        await field(page).fill("And?")
        await send(page)
        await begun(page)
        await page.get_by_role("button", name="Stop", exact=True).click()
        await expect(answers(page).last).to_contain_text("You stopped this answer.")
        await expect(cost(page)).to_be_visible()
        part = await shown(cost(page))
        assert 0 < part < whole + PER_WORD * WORDS
        assert await person.axe() == []
        assert await person.overflow() <= 0
        assert whole + part == await spent(site, ada, requests=2)
        # Beside it stands another try, and the first one stays.
        await page.get_by_role("button", name="Retry").click()
        await expect(answers(page).last).to_contain_text(WHOLE)
        await expect(cost(page)).to_be_visible()
        await answers(page).last.get_by_role("button", name="Alternative before").click()
        await expect(answers(page).last).to_contain_text("You stopped this answer.")
        await spent(site, ada, requests=3)


async def test_stop_before_the_first_word_is_free(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with visit() as person:
        page = await open_chat(person, ada, "silent")
        await send(page)
        await expect(answers(page)).to_contain_text("Waiting for the first words")
        await page.get_by_role("button", name="Stop", exact=True).click()
        await expect(answers(page)).to_contain_text("Nothing was delivered. Charged 0.")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        assert await spent(site, ada, requests=1) == 0


async def test_answer_outlives_the_server(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with visit() as person:
        page = await open_chat(person, ada, "slow")
        await send(page)
        await begun(page)
        await site.kill()
        await site.start()
        await expect(answers(page)).to_contain_text("The server ended", timeout=60_000)
        await spent(site, ada, requests=1)
        # Nothing is answered twice: a reload shows the same.
        await page.reload()
        await expect(answers(page)).to_contain_text("The server ended")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        person.problems.clear()
