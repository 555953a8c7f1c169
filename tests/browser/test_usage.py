"""Usage in the web app: filters in the address, a chart that leads to its requests, receipts and files to the last digit
(J21).
"""

import re
from collections.abc import Awaitable, Callable
from decimal import ROUND_CEILING, Decimal

import pytest
from playwright.async_api import Locator, Page, expect

from omna.catalog.model import rates
from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.looks import Look
from tests.harness.people import People, Somebody, enter
from tests.harness.replica import Replica
from tests.harness.sheets import amount, amounts, download, reach, rows_of
from tests.harness.wire import chat

COST = Decimal("0.00005")
NANO = Decimal("0.000000001")
#: The same at odd prices: 9 × 333.333333 + 4 × 777.777777 nanocredits, rounded up once.
ODD_COST = 6_112 * NANO

Ask = Callable[..., Awaitable[str]]


@pytest.fixture
async def ada(people: People) -> Somebody:
    """A person with 25 Credits."""
    somebody = await people.arrive("Ada")
    await people.give(somebody.personal, "25")
    return somebody


@pytest.fixture(scope="module")
async def odd(house: Installation, site: Replica) -> str:
    """A model whose prices leave parts of a nanocredit, and one that always fails."""
    await house.model("broken", upstream_model="500")
    return await house.model("odd-price", upstream_model="ok", prices=rates(333_333_333, 777_777_777))


@pytest.fixture
async def ask(house: Installation, site: Replica, ada: Somebody) -> Ask:
    """Make requests with a key of Ada's; returns the id of the last one."""
    _, key = await house.new_key(ada.personal)

    async def make(model: str = "openrouter-free", times: int = 1) -> str:
        answers = [await chat(site.port, key, model) for _ in range(times)]
        return answers[-1].request_id

    return make


def usage_of(somebody: Somebody, more: str = "") -> str:
    return f"/app/w/{somebody.workspace}/usage{more}"


def log_of(page: Page) -> Locator:
    return page.get_by_role("table", name="Requests").locator("tbody tr")


def spend_of(page: Page) -> Locator:
    """The card of what was spent."""
    return page.get_by_role("main").get_by_role("button").filter(has_text=re.compile("^Spent"))


async def test_usage_is_accessible_and_fits(visit: Visit, ada: Somebody, ask: Ask, odd: str) -> None:
    await ask()
    request = await ask(odd)
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(log_of(page)).to_have_count(2)
        await expect(page.get_by_test_id("usage-chart")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("switch", name="As a table").press("Space")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await enter(person, ada, usage_of(ada, f"/{request}"))
        await expect(page.get_by_role("table", name="What was charged")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_request_shows_within_two_seconds_with_its_line(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask()
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(log_of(page)).to_have_count(1)
        await ask()
        await expect(log_of(page)).to_have_count(2, timeout=2_500)
        assert await amount(log_of(page).first) == COST
        await log_of(page).first.get_by_role("link").click()
        await page.get_by_role("link", name="one line of the ledger").click()
        effect = page.get_by_role("region", name="What it did to the balance")
        await expect(effect).to_be_visible()
        assert await amounts(effect) == [Decimal(25) - COST, COST, Decimal(25) - 2 * COST]


async def test_receipt_multiplies_sums_and_rounds_up_once(visit: Visit, ada: Somebody, ask: Ask, odd: str) -> None:
    request = await ask(odd)
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada, f"/{request}"))
        table = page.get_by_role("table", name="What was charged")
        await expect(table).to_be_visible()
        costs = [Decimal(await cell.inner_text()) for cell in await table.locator("tbody code").all()]
        counts = [
            int(await row.get_by_role("cell").nth(1).inner_text()) for row in await table.locator("tbody tr").all()
        ]
        prices = await amounts(table.locator("tbody"))
        unrounded = Decimal(await table.locator("tfoot code").inner_text())
        charge = await amount(table.locator("tfoot"))
        assert costs == [count * price / 1_000_000 for count, price in zip(counts, prices, strict=True)]
        assert sum(costs) == unrounded
        assert unrounded % NANO != 0
        assert unrounded.quantize(NANO, ROUND_CEILING) == charge
        await page.get_by_role("link", name="one line of the ledger").click()
        effect = page.get_by_role("region", name="What it did to the balance")
        await expect(effect).to_be_visible()
        assert (await amounts(effect))[1] == charge
        await expect(page.get_by_text("Exactly the amount of this line")).to_be_visible()


async def test_filters_stand_in_the_address(visit: Visit, ada: Somebody, ask: Ask, odd: str) -> None:
    await ask(times=2)
    request = await ask(odd)
    await ask("broken")
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(log_of(page)).to_have_count(4)
        await page.get_by_role("combobox", name="Model").first.click()
        await page.get_by_role("option", name="odd-price").click()
        await expect(log_of(page)).to_have_count(1)
        await expect(page).to_have_url(re.compile(r"\?model=odd-price$"))
        await page.reload()
        await expect(log_of(page)).to_have_count(1)
        await page.get_by_role("button", name="Clear filters").click()
        await page.get_by_role("button", name=re.compile("^Failed requests")).click()
        await expect(page).to_have_url(re.compile("outcome=failed"))
        await expect(log_of(page)).to_have_count(1)
        await expect(log_of(page)).to_contain_text("broken")
        await page.get_by_role("button", name="Clear filters").click()
        await page.get_by_role("searchbox", name="Find a request id").fill(request)
        await expect(log_of(page)).to_have_count(1)
        await page.get_by_role("searchbox", name="Find a request id").fill("req_nonsense")
        await expect(page.get_by_text("No request matches")).to_be_visible()
        await page.go_back()


async def test_bar_of_the_chart_leads_to_its_requests(visit: Visit, look: Look, ada: Somebody, ask: Ask) -> None:
    await ask(times=2)
    # A bar is for who can point at it.
    async with visit(hands="pointer" if look.hands == "keyboard" else look.hands) as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(log_of(page)).to_have_count(2)
        bar = page.get_by_test_id("usage-chart").locator(".recharts-bar-rectangle path").last
        await bar.click()
        await expect(page).to_have_url(re.compile(r"from=[^&]+Z&to=[^&]+Z"))
        await expect(log_of(page)).to_have_count(2)
        address = page.url
    # The same time in the table is for everybody.
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await page.get_by_role("switch", name="As a table").press("Space")
        await page.get_by_role("table", name="Over time").get_by_role("button").first.click()
        await expect(page).to_have_url(address)
        # What was there before is pale until the answer is there.
        await expect(page.locator("[data-dimmed=true]")).to_have_count(0)
        await expect(log_of(page)).to_have_count(2)
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_zone_is_written_on_the_axis_and_switched(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask()
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(page.get_by_text("times in Europe/Berlin")).to_be_visible()
        await page.get_by_role("radiogroup", name="Time zone").get_by_text("UTC").click()
        await expect(page.get_by_text("times in UTC")).to_be_visible()
        await expect(page).to_have_url(re.compile(r"\?zone=UTC$"))
        await log_of(page).first.locator("time").hover()
        await expect(page.get_by_role("tooltip", include_hidden=True)).to_contain_text("UTC")


async def test_chart_table_card_file_and_ledger_say_the_same(visit: Visit, ada: Somebody, ask: Ask, odd: str) -> None:
    await ask(times=3)
    await ask(odd, times=2)
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(log_of(page)).to_have_count(5)
        spent = 3 * COST + 2 * ODD_COST
        # The cards are asked for again every 15 seconds.
        await expect(spend_of(page).locator("data")).to_have_attribute("value", str(spent), timeout=20_000)
        assert sum(await amounts(page.get_by_role("table", name="Requests"))) == spent
        await page.get_by_role("switch", name="As a table").press("Space")
        await expect(page.get_by_role("table", name="Over time")).to_be_visible()
        assert sum(await amounts(page.get_by_role("table", name="Over time"))) == spent
        await page.get_by_role("button", name="Export").click()
        name, content = await download(page, page.get_by_role("menuitem", name="CSV"))
        assert name.endswith(".csv")
        *rows, total = rows_of(content)
        assert len(rows) == 5
        assert sum(Decimal(row["cost"]) for row in rows) == Decimal(total["cost"]) == spent
        await enter(person, ada, f"/app/w/{ada.workspace}/ledger?kind=usage")
        listed = page.get_by_role("row", name="Sum of everything")
        await expect(listed).to_be_visible()
        assert await amount(listed) == -spent
        await enter(person, ada, usage_of(ada, "?model=odd-price"))
        await expect(log_of(page)).to_have_count(2)
        part = 2 * ODD_COST
        await expect(spend_of(page).locator("data")).to_have_attribute("value", str(part), timeout=20_000)
        await page.get_by_role("button", name="Export").click()
        _, content = await download(page, page.get_by_role("menuitem", name="CSV"))
        *rows, total = rows_of(content)
        assert {row["model"] for row in rows} == {"odd-price"}
        assert Decimal(total["cost"]) == part < spent


async def test_from_a_filter_to_the_ledger_by_keyboard_alone(visit: Visit, ada: Somebody, ask: Ask, odd: str) -> None:
    await ask()
    await ask(odd)
    async with visit() as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(log_of(page)).to_have_count(2)
        await reach(page, page.get_by_role("combobox", name="Model").first)
        await page.keyboard.press("ArrowDown")
        await expect(page.get_by_role("option", name="odd-price")).to_be_visible()
        while not await page.get_by_role("option", name="odd-price").get_attribute("data-combobox-selected"):
            await page.keyboard.press("ArrowDown")
        await page.keyboard.press("Enter")
        await page.keyboard.press("Escape")
        await expect(log_of(page)).to_have_count(1)
        await reach(page, log_of(page).get_by_role("link"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
        line = page.get_by_role("link", name="one line of the ledger")
        await expect(line).to_be_visible()
        await reach(page, line)
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Usage line")


async def test_without_requests_stands_how_to_make_one(visit: Visit, people: People) -> None:
    somebody = await people.arrive("Eve")
    async with visit() as person:
        await enter(person, somebody, usage_of(somebody))
        await expect(person.page.get_by_text("No request in the last 24 hours")).to_be_visible()
        await expect(person.page.get_by_role("main")).to_contain_text(f"{person.origin}/v1/chat/completions")
        assert await person.axe() == []


async def test_usage_speaks_chinese(visit: Visit, ada: Somebody, ask: Ask) -> None:
    request = await ask()
    async with visit(locale="zh-CN") as person:
        page = person.page
        await enter(person, ada, usage_of(ada))
        await expect(page.get_by_role("table", name="请求记录").locator("tbody tr")).to_have_count(1)
        assert not re.search("Requests|Tokens|Export|Status", await page.get_by_role("main").inner_text())
        assert await person.axe() == []
        await enter(person, ada, usage_of(ada, f"/{request}"))
        await expect(page.get_by_role("heading", level=1)).to_have_text("收据")
        assert await person.overflow() <= 0
