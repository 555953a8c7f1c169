"""Buying Credits by hand in the web app: amount, reference, proof, review, ledger, receipt (J3); orders that go otherwise (J4)."""

import re

import pytest
from playwright.async_api import Page, expect

from omna.worker.books import verify_books
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor, clean
from tests.harness.files import pdf, png
from tests.harness.installation import Installation
from tests.harness.orders import approve, decide, hand_in, order
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica
from tests.harness.sheets import download
from tests.harness.staff import Employee, hire

ENGLISH = {
    "locale": "en-GB", "method": "Bank transfer", "own": "Other amount", "amount": "Credits to buy", "accept": "I accept", "buy": "Recharge",
    "pay": "Pay, then hand in the proof", "exact": "Copy Exact amount", "file": "File",
    "number": "Transaction number of your bank", "submit": "Submit for review", "submitted": "Submitted for review",
    "credited": "Credited", "line": "See the ledger line", "receipt": "Receipt (PDF)", "orders": "Orders",
    "mail": "Credits: 30",
}  # fmt: skip
CHINESE = {
    "locale": "zh-CN", "method": "银行转账", "own": "其他金额", "amount": "购买的 Credits", "accept": "我接受", "buy": "充值",
    "pay": "请付款，然后提交凭证", "exact": "复制准确金额", "file": "文件", "number": "银行交易编号",
    "submit": "提交审核", "submitted": "已提交审核", "credited": "已到账", "line": "查看账本记录",
    "receipt": "收据 (PDF)", "orders": "订单", "mail": "Credits: 30",
}  # fmt: skip


@pytest.fixture
async def ada(people: People) -> Somebody:
    return await people.arrive("Ada")


@pytest.fixture(scope="module")
async def finance(people: People) -> Employee:
    return await hire(people, "finance")


def recharge_of(somebody: Somebody) -> str:
    return f"/app/w/{somebody.workspace}/recharge"


def order_of(page: Page) -> str:
    """Return the id of the order that a page shows."""
    return page.url.rpartition("/")[2].partition("?")[0]


async def buy(person: Visitor, somebody: Somebody) -> str:
    """Order what is offered first, and return the id of the order."""
    page = person.page
    await enter(person, somebody, recharge_of(somebody))
    await page.get_by_role("radio", name="Bank transfer").click()
    await page.get_by_label("I accept").check()
    await page.get_by_role("button", name="Recharge", exact=True).click()
    await page.wait_for_url("**/orders/rch_*")
    return order_of(page)


async def test_a_browser_that_forbids_storage_buys_too(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        await person.page.add_init_script("""
            const forbid = { get: () => { throw new DOMException("forbidden", "SecurityError"); } };
            Object.defineProperties(window, { localStorage: forbid, sessionStorage: forbid });
        """)
        await buy(person, ada)
        await clean(person)


@pytest.mark.parametrize("words", [ENGLISH, CHINESE], ids=["English", "Chinese"])
async def test_credits_are_bought_by_hand(
    visit: Visit, house: Installation, people: People, site: Replica, ada: Somebody, finance: Employee,
    words: dict[str, str],
) -> None:  # fmt: skip
    async with visit(locale=words["locale"]) as person:
        page = person.page
        await enter(person, ada, recharge_of(ada))
        # Everything before paying; the box of the terms is not ticked in advance.
        await page.get_by_role("radio", name=words["method"]).click()
        await page.get_by_role("radio", name=words["own"]).click()
        await page.get_by_label(words["amount"]).fill("30")
        box = page.get_by_role("region").filter(has=page.get_by_role("checkbox"))
        await expect(box.locator("data[value='30.00']")).to_have_count(2)
        await expect(box.locator("data[value='30']")).to_have_count(2)
        terms = page.get_by_label(words["accept"])
        await expect(terms).not_to_be_checked()
        await expect(box.locator("a[href='/terms'], a[href='/refund-policy']")).to_have_count(2)
        await page.get_by_role("button", name=words["buy"], exact=True).click()
        await expect(page).to_have_url(re.compile("/recharge$"))
        await clean(person)
        await terms.check()
        await page.get_by_role("button", name=words["buy"], exact=True).click()
        # The order: exact amount, reference, account.
        await expect(page.get_by_role("heading", name=words["pay"])).to_be_visible()
        bought = order_of(page)
        await page.get_by_role("button", name=words["exact"]).click()
        assert await page.evaluate("navigator.clipboard.readText()") == "30.00"
        # What a control says of itself when pointed at is part of the page, too.
        await page.get_by_role("button", name=words["exact"]).hover()
        await expect(page.get_by_role("tooltip", include_hidden=True)).to_be_visible()
        await clean(person)
        await page.get_by_label(words["file"], exact=True).set_input_files(
            {"name": "transfer.png", "mimeType": "image/png", "buffer": png(64, 64)}
        )
        await expect(page.get_by_role("img", name="transfer.png")).to_be_visible()
        # What was typed is there after a reload.
        await page.get_by_label(words["number"]).fill(f"bank {bought[-6:]}")
        await page.reload()
        await expect(page.get_by_label(words["number"])).to_have_value(f"bank {bought[-6:]}")
        await page.get_by_role("button", name=words["submit"]).click()
        await expect(page.get_by_role("heading", name=words["submitted"])).to_be_visible()
        await clean(person)
        # Staff approve; the page follows by itself.
        await approve(people, site.address, finance, {"id": bought, "total": {"minor": 3000}})
        await expect(page.get_by_role("heading", name=words["credited"], exact=True)).to_be_visible()
        await expect(page.locator("header data[value='30']")).to_be_visible()
        await clean(person)
        name, content = await download(page, page.get_by_role("link", name=words["receipt"]))
        assert name.endswith(".pdf")
        assert content.startswith(b"%PDF-")
        await page.get_by_role("link", name=words["line"]).click()
        await expect(page.get_by_role("main").locator("data[value='30']").first).to_be_visible()
        await expect(page.get_by_role("link", name=bought)).to_be_visible()
        await person.go(recharge_of(ada))
        await expect(page.get_by_role("table", name=words["orders"]).locator("tbody tr")).to_have_count(1)
        await clean(person)
    assert words["mail"] in await people.last_mail(ada.email)
    found = await house.connection.fetchval(
        "SELECT count(*) FROM transfers WHERE workspace_id = $1 AND kind = 'recharge'", ada.personal
    )
    assert found == 1
    await verify_books(house.connection)


async def test_twice_is_once(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, recharge_of(ada))
        await page.get_by_role("radio", name="Bank transfer").click()
        await page.get_by_label("I accept").check()
        await page.get_by_role("button", name="Recharge", exact=True).dblclick()
        await page.wait_for_url("**/orders/rch_*")
        first = order_of(page)
        # Back, and a second tab, with the same wish.
        await page.go_back()
        await expect(page.get_by_text("You already have an open order for exactly this")).to_be_visible()
        other = await person.context.new_page()
        await other.goto(person.origin + recharge_of(ada))
        await other.get_by_role("radio", name="Bank transfer").click()
        for tab in (page, other):
            await tab.get_by_label("I accept").check()
            await tab.get_by_role("button", name="Recharge", exact=True).click()
            await tab.wait_for_url("**/orders/rch_*")
            assert order_of(tab) == first
        await other.close()
        # Another one is made when it is meant.
        await person.go(recharge_of(ada))
        await page.get_by_role("button", name="Make another one").click()
        await page.get_by_label("I accept").check()
        await page.get_by_role("button", name="Recharge", exact=True).click()
        await page.wait_for_url("**/orders/rch_*")
        assert order_of(page) != first
        await person.go(recharge_of(ada))
        await expect(page.get_by_role("table", name="Orders").locator("tbody tr")).to_have_count(2)
        await clean(person)


async def test_amount_has_bounds_that_are_said_on_leaving(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, recharge_of(ada))
        await page.get_by_role("radio", name="Other amount").click()
        amount = page.get_by_label("Credits to buy")
        for typed, said in (("1", "At least 5 Credits"), ("1000.01", "At most 1000 Credits"), ("ten", "such as 12.50")):
            await amount.fill(typed)
            await amount.blur()
            await expect(page.get_by_text(said)).to_be_visible()
        await page.get_by_label("I accept").check()
        await page.get_by_role("button", name="Recharge", exact=True).click()
        await expect(page).to_have_url(re.compile("/recharge$"))
        await clean(person)
        await amount.fill("12.5")
        await expect(page.get_by_text("such as 12.50")).to_have_count(0)


async def test_wrong_files_are_refused_and_the_rest_is_kept(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await buy(person, ada)
        number = page.get_by_label("Transaction number of your bank")
        await number.fill("77001")
        place = page.get_by_label("File", exact=True)
        # Before the page knows what is taken, the server would answer, in other words.
        await expect(page.get_by_text("PNG, JPEG, WebP, PDF, up to")).to_be_visible()
        await place.set_input_files({"name": "page.html", "mimeType": "text/html", "buffer": b"<script>"})
        await expect(page.get_by_text("page.html is of another kind")).to_be_visible()
        # Named and typed as a PDF, and none: the server looks inside.
        await place.set_input_files(
            {"name": "bill.pdf", "mimeType": "application/pdf", "buffer": b"<html>" + b" " * 90}
        )
        await expect(page.get_by_role("main").get_by_role("alert").filter(has_text=re.compile("\\w"))).to_have_count(1)
        await clean(person)
        await expect(number).to_have_value("77001")
        person.problems[:] = [one for one in person.problems if not one.startswith("415 ")]
        await place.set_input_files({"name": "bill.pdf", "mimeType": "application/pdf", "buffer": pdf()})
        await expect(page.get_by_text("bill.pdf")).to_be_visible()
        await page.get_by_role("button", name="Submit for review").click()
        await expect(page.get_by_role("heading", name="Submitted for review")).to_be_visible()


async def test_file_is_taken_before_the_rules_for_files_are_known(visit: Visit, site: Replica, ada: Somebody) -> None:
    async with program(site.address, session=ada.session) as api:
        made = await order(api, ada.workspace)
    async with visit() as person:
        page = person.page
        # On a slow network the form is there first.
        await page.route("**/recharge-options", lambda route: None)
        await enter(person, ada, f"/app/w/{ada.workspace}/orders/{made['id']}")
        await page.get_by_label("File", exact=True).set_input_files(
            {"name": "transfer.png", "mimeType": "image/png", "buffer": png(64, 65)}
        )
        await expect(page.get_by_role("img", name="transfer.png")).to_be_visible()
        await clean(person)
        await page.unroute_all(behavior="ignoreErrors")


async def test_question_is_answered_and_a_rejection_gives_its_reason(
    visit: Visit, site: Replica, ada: Somebody, finance: Employee
) -> None:
    async with visit() as person:
        page = person.page
        async with program(site.address, session=ada.session) as api:
            asked = await hand_in(api, ada.workspace, (await order(api, ada.workspace, "10"))["id"])
        await enter(person, ada, f"/app/w/{ada.workspace}/orders/{asked['id']}")
        await expect(page.get_by_role("heading", name="Submitted for review")).to_be_visible()
        act = f"recharges/{asked['id']}"
        await decide(site.address, finance, f"{act}/claim", {})
        await expect(page.get_by_role("heading", name="In review")).to_be_visible()
        await decide(site.address, finance, f"{act}/ask", {"question": "Which bank was it?", "reason": "Not ours"})
        await expect(page.get_by_role("heading", name="We need something from you")).to_be_visible()
        await expect(page.get_by_role("blockquote")).to_contain_text("Which bank was it?")
        await page.get_by_label("Your answer").fill("The one at the corner")
        await clean(person)
        await page.get_by_role("button", name="Submit for review").click()
        await expect(page.get_by_role("heading", name="Submitted for review")).to_be_visible()
        await expect(page.get_by_text("The one at the corner")).to_be_visible()
        body = {"message": "Nothing arrived on our account.", "reason": "No such transfer"}
        await decide(site.address, finance, f"{act}/claim", {})
        await decide(site.address, finance, f"{act}/reject", body)
        await expect(page.get_by_role("heading", name="Rejected")).to_be_visible()
        await expect(page.get_by_role("blockquote")).to_contain_text("Nothing arrived on our account.")
        await expect(page.get_by_text("No such transfer")).to_have_count(0)
        steps = page.get_by_role("list", name="Timeline").get_by_role("listitem")
        await expect(steps).to_have_count(5)
        await clean(person)
        # The same again is a new order.
        await page.get_by_role("link", name="Order the same amount again").click()
        await expect(page.get_by_role("radio", name="10.00 Credits")).to_be_checked()


async def test_duplicate_is_named_and_an_order_can_be_cancelled(
    visit: Visit, people: People, site: Replica, ada: Somebody, finance: Employee
) -> None:
    async with visit() as person:
        page = person.page
        async with program(site.address, session=ada.session) as api:
            first = await hand_in(api, ada.workspace, (await order(api, ada.workspace))["id"])
            second = await hand_in(api, ada.workspace, (await order(api, ada.workspace))["id"])
        await approve(people, site.address, finance, first)
        await decide(site.address, finance, f"recharges/{second['id']}/claim", {})
        await decide(site.address, finance, f"recharges/{second['id']}/duplicate", {"of": first["id"], "reason": "Same transfer"})  # fmt: skip
        await enter(person, ada, f"/app/w/{ada.workspace}/orders/{second['id']}")
        await expect(page.get_by_role("heading", name="Marked as a duplicate")).to_be_visible()
        await page.get_by_role("link", name=first["reference"]).first.click()
        await expect(page.get_by_role("heading", name="Credited", exact=True)).to_be_visible()
        await buy(person, ada)
        await page.get_by_role("button", name="Cancel order").click()
        dialog = page.get_by_role("dialog", name="Cancel order")
        await expect(dialog).to_contain_text("Nothing was charged")
        await clean(person)
        await dialog.get_by_role("button", name="Cancel order").click()
        await expect(page.get_by_role("heading", name="Cancelled")).to_be_visible()
        await expect(page.get_by_role("button", name="Submit for review")).to_have_count(0)
        await clean(person)


async def test_overview_shows_orders_and_requests_that_wait(
    visit: Visit, people: People, site: Replica, ada: Somebody
) -> None:
    async with program(site.address, session=ada.session) as api:
        waiting = await order(api, ada.workspace, "10")
        ticket = {"category": "other", "subject": "A question", "text": "How do I pay?"}
        asked = (await api.post(f"/api/workspaces/{ada.workspace}/tickets", json=ticket)).json()
    answer = {"text": "By transfer. From which country?"}
    await decide(site.address, await hire(people, "support"), f"tickets/{asked['id']}/messages", answer)
    async with visit() as person:
        await enter(person, ada, f"/app/w/{ada.workspace}")
        section = person.page.get_by_role("region", name="Waiting for you")
        await expect(section.get_by_role("link", name="A question")).to_be_visible()
        await clean(person)
        await section.get_by_role("link", name=waiting["reference"]).click()
        await expect(person.page.get_by_role("heading", name="Pay, then hand in the proof")).to_be_visible()
