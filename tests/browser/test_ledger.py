"""The ledger in the web app: a header that adds up, lines that chain, files that say the same, new lines by themselves
(J21).
"""

import re
from collections.abc import Awaitable, Callable
from datetime import UTC, datetime, timedelta
from decimal import Decimal

import pytest
from playwright.async_api import Locator, Page, expect

from omna.http.principal import Role
from omna.ids import TransferId, new_id, show
from omna.ledger import service as ledger
from omna.ledger.model import Finding
from omna.money import Nanocredits, parse_credits
from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.people import People, Somebody, enter
from tests.harness.replica import Replica
from tests.harness.sheets import amount, amounts, download, reach, rows_of
from tests.harness.wire import chat

#: One answer of the model `ok`: 9 tokens in, 4 out, at the prices of the harness.
COST = Decimal("0.00005")

Ask = Callable[..., Awaitable[None]]


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Each look has an installation of its own: when its books were verified is said to all."""
    return house_of_look


@pytest.fixture
async def ada(people: People) -> Somebody:
    """A person with 25 Credits."""
    somebody = await people.arrive("Ada")
    await people.give(somebody.personal, "25")
    return somebody


@pytest.fixture
async def ask(house: Installation, site: Replica, ada: Somebody) -> Ask:
    """Make requests with a key of Ada's."""
    _, key = await house.new_key(ada.personal)

    async def make(times: int = 1) -> None:
        for _ in range(times):
            assert (await chat(site.port, key, "openrouter-free")).status == 200

    return make


def ledger_of(somebody: Somebody, more: str = "") -> str:
    return f"/app/w/{somebody.workspace}/ledger{more}"


def lines_of(page: Page) -> Locator:
    return page.get_by_role("table", name="Lines").locator("tbody tr")


async def header(page: Page) -> dict[str, Decimal]:
    """Return the figures of the header by their names."""
    found: list[list[str]] = await page.get_by_role("region", name="Where the workspace stands").evaluate(
        """region => [...region.querySelectorAll("data")].flatMap(data => {
            const name = data.closest("div").querySelector("span, dt");
            return name && name.closest("div").querySelector("data") === data ? [[name.textContent, data.value]] : [];
        })"""
    )
    figures: dict[str, Decimal] = {}
    for name, value in found:
        figures.setdefault(name, Decimal(value))
    return figures


async def test_ledger_is_accessible_and_fits(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(2)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        await expect(page).to_have_title("Ledger · Ada's workspace")
        await expect(lines_of(page)).to_have_count(2)
        assert await person.axe() == []
        await page.get_by_role("button", name="2 requests").click()
        await page.get_by_role("button", name="Why held?").click()
        await page.get_by_role("button", name="What this means").click()
        await expect(lines_of(page)).to_have_count(5)
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.locator("tr[data-mark=part]").first.get_by_role("link", name="openrouter-free").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Receipt")
        await page.get_by_role("link", name="one line of the ledger").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Usage line")
        await expect(page.get_by_text("Exactly the amount of this line")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_header_is_a_sum_and_says_what_is_held(visit: Visit, house: Installation, ada: Somebody) -> None:
    async with house.connection.transaction():
        await ledger.grant_promo(
            house.connection, transfer_id=TransferId(new_id()), workspace_id=ada.personal, amount=Nanocredits(10**9),
            expires_at=datetime.now(UTC) + timedelta(days=30), actor="test", reason="Welcome",
        )  # fmt: skip
    hold = TransferId(new_id())
    await ledger.hold(
        house.connection, hold_ids=[hold], workspace_ids=[ada.personal],
        amounts=[Nanocredits(parse_credits("1.25"))], lease=timedelta(minutes=5),
    )  # fmt: skip
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        why = page.get_by_role("button", name="Why held?")
        await expect(why).to_have_attribute("aria-expanded", "false")
        figures = await header(page)
        assert figures["Balance"] - figures["Held"] == figures["Available"] == Decimal("24.75")
        assert figures["Paid"] + figures["Promo"] == figures["Available"]
        assert figures["Refund pending"] == figures["Owed"] == 0
        await expect(page.get_by_text("US$24.75")).to_be_visible()
        await why.click()
        held = page.get_by_role("table", name="Why held?").locator("tbody tr")
        await expect(held).to_have_count(1)
        await expect(held.get_by_role("link")).to_have_text(show("req", hold))
        assert await amount(held) == Decimal("1.25")
        assert await person.axe() == []


async def test_request_adds_its_line_within_two_seconds_where_one_reads(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(12)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada, "?group=none"))
        await expect(lines_of(page)).to_have_count(13)
        read = page.get_by_role("heading", name="Monthly statements")
        await read.scroll_into_view_if_needed()
        place = await read.bounding_box()
        await ask()
        await expect(lines_of(page)).to_have_count(14, timeout=2_000)
        said = page.get_by_role("main").get_by_role("status").filter(has_text="New in the ledger")
        await expect(said).to_have_text("New in the ledger: Usage −0.00005 Credits, balance 24.99935.")
        moved = await read.bounding_box()
        assert place is not None
        assert moved is not None
        assert abs(moved["y"] - place["y"]) < 2
        newest = await amounts(lines_of(page).first)
        assert newest == [-COST, Decimal(25) - 13 * COST]
        standing = page.get_by_role("region", name="Where the workspace stands")
        await expect(standing.locator(f"data[value='{newest[1]}']").first).to_be_visible()
        assert (await header(page))["Balance"] == newest[1]


async def test_every_balance_is_the_one_before_plus_the_amount(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(3)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada, "?group=none"))
        await expect(lines_of(page)).to_have_count(4)
        pairs = [await amounts(line) for line in await lines_of(page).all()]
        for (change, after), (_, before) in zip(pairs, [*pairs[1:], [Decimal(0), Decimal(0)]], strict=True):
            assert before + change == after
        await expect(page.get_by_text("4 lines added up here in your browser")).to_be_visible()
        assert await amount(page.get_by_role("row", name="Sum of everything")) == pairs[0][1]


async def test_hour_opens_to_requests_that_sum_to_it_by_keyboard(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(3)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        opener = page.get_by_role("button", name=re.compile(r"^\d requests?$")).first
        await expect(opener).to_be_visible()
        await reach(page, opener)
        line = await amounts(lines_of(page).first)
        await page.keyboard.press("Enter")
        await expect(opener).to_have_attribute("aria-expanded", "true")
        parts = page.locator("tr[data-mark=part]")
        await expect(parts).to_have_count(3)
        assert sum([(await amounts(part))[0] for part in await parts.all()]) == line[0] == -3 * COST
        assert await amount(page.locator("tr[data-mark=sum]")) == line[0]
        await expect(page.get_by_role("img", name="Equals the line")).to_be_visible()
        await reach(page, parts.first.get_by_role("link", name="Open this line"))
        await page.keyboard.press("Enter")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Usage line")


async def test_filters_group_and_zone_stand_in_the_address(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(2)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        await expect(lines_of(page)).to_have_count(2)
        await page.get_by_role("radiogroup", name="Usage as").get_by_text("Each request").click()
        await expect(lines_of(page)).to_have_count(3)
        await page.get_by_role("combobox", name="Type").click()
        await page.get_by_role("option", name="Adjustment").click()
        await expect(lines_of(page)).to_have_count(1)
        await page.get_by_role("radiogroup", name="Time zone").get_by_text("UTC").click()
        await expect(page.get_by_role("columnheader", name="Time (UTC)")).to_be_visible()
        await page.get_by_role("radiogroup", name="Period").get_by_text("30 days").click()
        await expect(page).to_have_url(re.compile(r"\?group=none&kind=adjustment&zone=UTC&range=30d$"))
        await page.reload()
        await expect(lines_of(page)).to_have_count(1)
        await expect(page.get_by_role("radio", name="30 days")).to_be_checked()
        await enter(person, ada, ledger_of(ada, "?kind=refund"))
        await expect(page.get_by_text("No line matches")).to_be_visible()
        await page.get_by_role("button", name="Clear filters").last.click()
        await expect(lines_of(page)).to_have_count(2)


async def test_export_is_what_is_filtered_and_sums_to_the_balance(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(3)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        await expect(lines_of(page)).to_have_count(2)
        balance = (await header(page))["Balance"]
        name, content = await download(page, page.get_by_role("link", name="Export CSV"))
        assert name == "omna-ledger.csv"
        *lines, total = rows_of(content)
        assert len(lines) == 4
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(total["amount"]) == balance
        assert Decimal(lines[-1]["balance_after"]) == balance
        await enter(person, ada, ledger_of(ada, "?kind=usage&range=7d"))
        await expect(lines_of(page)).to_have_count(1)
        listed = await amount(page.get_by_role("row", name="Sum of everything"))
        _, content = await download(page, page.get_by_role("link", name="Export CSV"))
        *lines, total = rows_of(content)
        assert {line["kind"] for line in lines} == {"usage"}
        assert sum(Decimal(line["amount"]) for line in lines) == Decimal(total["amount"]) == listed == -3 * COST


async def test_statement_opens_adds_and_closes(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask(2)
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        month = page.get_by_role("table", name="Monthly statements").locator("tbody tr").first
        await expect(month).to_be_visible()
        opening, change, closing = await amounts(month)
        assert opening + change == closing == Decimal(25) - 2 * COST
        name, content = await download(page, month.get_by_role("link", name="CSV"))
        assert re.fullmatch(r"omna-statement-20\d\d-\d\d\.csv", name)
        first, *lines, last = rows_of(content)
        assert Decimal(first["balance_after"] or first["amount"]) == opening
        assert opening + sum(Decimal(line["amount"]) for line in lines) == closing
        assert Decimal(last["balance_after"] or last["amount"]) == closing
        name, content = await download(page, month.get_by_role("link", name="PDF"))
        assert name.endswith(".pdf")
        assert content.startswith(b"%PDF-")
        assert len(content) > 5_000


async def test_correction_and_corrected_line_lead_to_each_other(
    visit: Visit, house: Installation, ada: Somebody
) -> None:
    wrong = TransferId(new_id())
    async with house.connection.transaction():
        for transfer, change, reason, corrects in (
            (wrong, "-2.5", "Counted twice", None),
            (TransferId(new_id()), "2.5", "Was counted once only", wrong),
        ):
            await ledger.adjust(
                house.connection, transfer_id=transfer, workspace_id=ada.personal,
                amount=Nanocredits(parse_credits(change)), actor="test", reason=reason, corrects=corrects,
            )  # fmt: skip
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        await expect(lines_of(page).nth(1)).to_contain_text("Reversed")
        await lines_of(page).nth(1).get_by_role("link", name="a later line").click()
        await expect(page.get_by_text("Was counted once only")).to_be_visible()
        effect = page.get_by_role("region", name="What it did to the balance")
        await expect(effect.locator("data")).to_have_count(3)
        assert await amounts(effect) == [Decimal("22.5"), Decimal("2.5"), Decimal(25)]
        await page.get_by_role("link", name="an earlier line").click()
        await expect(page.get_by_text("Counted twice", exact=True)).to_be_visible()
        assert show("tr", wrong) in page.url
        await expect(effect.locator("data")).to_have_count(3)
        assert await amounts(effect) == [Decimal(25), Decimal("2.5"), Decimal("22.5")]
        await expect(page.get_by_role("main").get_by_text("Reversed")).to_be_visible()


async def test_books_say_when_they_were_verified(visit: Visit, house: Installation, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        await expect(page.get_by_text("have not been verified yet")).to_be_visible()
        await ledger.note_check(house.connection, [])
        await expect(page.get_by_text("Books verified at")).to_be_visible()
        await page.get_by_role("button", name="What this means").click()
        await expect(page.get_by_text("every transfer adds up to zero")).to_be_visible()
        await ledger.note_check(house.connection, [Finding("chain_holds", "it holds", "block 1", "it does not")])
        await expect(page.get_by_text("found something that does not add up")).to_be_visible()
        assert await person.axe() == []


async def test_empty_ledger_says_why_and_is_not_there_for_who_may_not_read_it(visit: Visit, people: People) -> None:
    owner, member = await people.arrive("Olga"), await people.arrive("Max")
    team = await people.found_team(owner)
    await people.join(team, owner, member, Role.MEMBER)
    async with visit() as person:
        await enter(person, owner, ledger_of(owner))
        await expect(person.page.get_by_text("No balance change yet")).to_be_visible()
        assert await person.axe() == []
    async with visit() as person:
        await enter(person, member, f"/app/w/{show('ws', team)}/ledger")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Page not found")
        await expect(person.page.get_by_role("link", name="Ledger")).to_have_count(0)


async def test_ledger_speaks_chinese(visit: Visit, ada: Somebody, ask: Ask) -> None:
    await ask()
    async with visit(locale="zh-CN") as person:
        page = person.page
        await enter(person, ada, ledger_of(ada))
        await expect(page.get_by_role("heading", level=1)).to_have_text("账本")
        await expect(page.get_by_role("table", name="明细").locator("tbody tr").first).to_contain_text("用量")
        await page.get_by_role("button", name="这意味着什么").click()
        assert not re.search("Balance|Held|Lines|Settled", await page.get_by_role("main").inner_text())
        assert await person.axe() == []
        assert await person.overflow() <= 0
