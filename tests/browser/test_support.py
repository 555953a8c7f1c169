"""Support in the web app: from a receipt to an answer, and the queue that staff work on (J22, SU1–SU4, XS1)."""

from pathlib import Path

import pytest
from playwright.async_api import Locator, Page, expect

from omna.ids import show
from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.files import pdf, png
from tests.harness.installation import Installation
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica
from tests.harness.sheets import download
from tests.harness.staff import hire, sign_in_staff
from tests.harness.wire import chat

ASKED = {"category": "api_error", "subject": "It broke", "text": "See below."}


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Each look has an installation of its own: its queue is everybody's."""
    return house_of_look


@pytest.fixture
async def ada(people: People) -> Somebody:
    somebody = await people.arrive("Ada")
    await people.give(somebody.personal, "25")
    return somebody


async def test_failure_is_reported_from_its_receipt_answered_solved_and_opened_again(
    visit: Visit, house: Installation, site: Replica, people: People, ada: Somebody
) -> None:
    await house.model("broken-model", upstream_model="status-503")
    _, key = await house.new_key(ada.personal)
    answer = await chat(site.port, key, "broken-model")
    assert answer.status >= 500
    request = answer.request_id
    support = await hire(people, "support", "Sam")

    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/usage/{request}")
        await page.get_by_role("main").get_by_role("link", name="Report a problem").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("New request")
        await expect(page.get_by_label("Category")).to_have_value("api_error")
        # Answers come first; one may be enough.
        await page.get_by_text("Was I charged for a call that failed?").click()
        await expect(page.get_by_text("Not when nothing was delivered.")).to_be_visible()
        await expect(page.get_by_role("main").get_by_text(request)).to_be_visible()
        await expect(page.get_by_label("Tell us your browser")).to_be_checked()
        await clean(person)
        await page.get_by_role("button", name="Send request").click()
        await expect(page.get_by_text("Say what happened.")).to_be_visible()
        await page.get_by_label("Subject").fill("The model fails")
        await page.get_by_label("What happened?").fill("It answers 503.\nEvery time.")
        await page.get_by_role("button", name="Send request").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("The model fails")
        await expect(page.get_by_role("main").get_by_role("link", name=request)).to_be_visible()
        await expect(badge(page)).to_have_text("Open")
        await clean(person)
        ticket = page.url.rpartition("/")[2]
    assert "We have your request: The model fails" in await subjects(people, ada)

    async with visit() as person:
        page = person.page
        await sign_in_staff(person, support, "/console/support")
        await page.get_by_role("link", name="The model fails").click()
        await expect(page.get_by_role("main").get_by_text(request)).to_be_visible()
        await page.get_by_role("button", name="Take it").click()
        await expect(page.get_by_label("Whose it is")).to_have_value(show("usr", support.somebody.user_id))
        await page.get_by_text("Internal note", exact=True).first.click()
        await page.get_by_role("textbox", name="Internal note").fill("Upstream is known to be down: zebra.")
        await page.get_by_role("button", name="Save note").click()
        await expect(page.get_by_role("list", name="Messages").get_by_text("zebra")).to_be_visible()
        await page.get_by_text("Reply", exact=True).click()
        await page.get_by_role("textbox", name="Message").fill("It is our provider.\n\nYou were not charged.")
        await page.get_by_role("button", name="Send reply").click()
        await expect(badge(page)).to_have_text("Waiting for customer")
        await clean(person)
    mail = await people.last_mail(ada.email)
    assert "> It is our provider.\n>\n> You were not charged." in mail
    assert "zebra" not in mail
    assert f"/app/w/{ada.workspace}/support/{ticket}\n" in mail

    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/support")
        await clean(person)
        rail = await person.rail()
        await expect(rail.get_by_text("1 request with something new")).to_be_attached()
        await clean(person)
        await rail.get_by_role("link", name="Support").click()
        await page.get_by_role("main").get_by_role("link", name="The model fails").click()
        await expect(page.get_by_text("You were not charged.")).to_be_visible()
        await expect(page.get_by_text("zebra")).to_have_count(0)
        await expect(badge(page)).to_have_text("Waiting for you")
        await expect((await person.rail()).get_by_text("something new")).to_have_count(0)
        await page.keyboard.press("Escape")
        await page.get_by_role("button", name="Mark as solved").click()
        await expect(badge(page)).to_have_text("Solved")
        await page.get_by_role("textbox", name="Message").fill("It is back.")
        await page.get_by_role("button", name="Send message").click()
        await expect(badge(page)).to_have_text("Open")
        await expect(page.get_by_role("list", name="Messages").get_by_text("It is back.")).to_be_visible()
        await page.get_by_role("button", name="Mark as solved").click()
        await page.get_by_role("button", name="Reopen").click()
        await expect(badge(page)).to_have_text("Open")
        await clean(person)


async def test_request_about_money_carries_its_fields_and_files(
    visit: Visit, people: People, ada: Somebody, tmp_path: Path
) -> None:
    proof, page_in_pdf, log = tmp_path / "proof.png", tmp_path / "bill.pdf", tmp_path / "app.log"
    proof.write_bytes(png(64, 64))
    page_in_pdf.write_bytes(pdf(b"<html><script>alert(1)</script>"))
    log.write_text("a line")
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/support")
        await expect(page.get_by_text("You have not asked anything yet")).to_be_visible()
        await clean(person)
        # A question of the public site comes along (Q1).
        await person.go("/faq#faq-twice")
        await page.get_by_role("link", name="Ask support about this: I paid twice. What now?").click()
        await expect(page.get_by_label("Subject")).to_have_value("I paid twice. What now?")
        await page.get_by_label("Category").select_option("billing")
        await expect(page.get_by_label("Account e-mail")).to_have_value(ada.email)
        await page.get_by_label("Payment reference").fill("OM-77")
        await page.get_by_label("Amount").fill("25.00 USD")
        await page.get_by_label("What do you ask for, and why?").fill("A refund: paid twice.")
        await page.get_by_label("Subject").fill("Paid twice")
        await page.get_by_label("What happened?").fill("Twice.")
        await page.locator("input[type=file]").set_input_files([proof, page_in_pdf, log])
        files = page.get_by_role("list", name="Files")
        await expect(files.get_by_text("app.log.txt")).to_be_visible()
        await expect(files.get_by_text("bill.pdf: the PDF has a web page or a script inside")).to_be_visible()
        await clean(person)
        person.problems[:] = [one for one in person.problems if "415" not in one]
        await files.get_by_role("listitem").filter(has_text="the PDF has").get_by_role("button", name="Remove").click()
        await page.get_by_role("button", name="Send request").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Paid twice")
        await expect(page.get_by_text("OM-77")).to_be_visible()
        handed_in = page.get_by_role("link", name="proof.png")
        assert (await download(page, handed_in))[1] == png(64, 64)
        # A link like any other.
        back = await page.get_by_role("link", name="Your requests").evaluate("link => getComputedStyle(link).color")
        await expect(handed_in).to_have_css("color", back)
        await clean(person)


async def test_error_of_a_page_can_be_reported_and_what_goes_with_it_taken_away(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/usage/req_{'0' * 32}")
        await page.get_by_role("alert").get_by_role("link", name="Report a problem").click()
        await expect(page.get_by_text("What goes with it")).to_be_visible()
        await clean(person)
        await page.get_by_role("button", name="Remove").click()
        await expect(page.get_by_role("button", name="Remove")).to_have_count(0)
        await page.get_by_label("Tell us your browser").uncheck()
        await page.get_by_label("Category").select_option("other")
        await page.get_by_label("Subject").fill("Nothing there")
        await page.get_by_label("What happened?").fill("See.")
        await page.get_by_role("button", name="Send request").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Nothing there")
        await expect(page.get_by_text("req_")).to_have_count(0)
        await expect(page.get_by_text("Mozilla")).to_have_count(0)
        await clean(person)
        person.problems[:] = [one for one in person.problems if "404" not in one]


async def test_queue_has_views_search_and_one_owner_a_request(
    visit: Visit, site: Replica, people: People, ada: Somebody
) -> None:
    async with program(site.address, session=ada.session) as api:
        for subject in ("First", "Second"):
            answer = await api.post(f"/api/workspaces/{ada.workspace}/tickets", json=ASKED | {"subject": subject})
            assert answer.status_code == 201
    sam, finn = await hire(people, "support", "Sam"), await hire(people, "finance", "Finn")
    async with visit() as one, visit() as other:
        for person, employee in ((one, sam), (other, finn)):
            await sign_in_staff(person, employee, "/console/support")
            await person.page.get_by_role("link", name="Second").first.click()
            await expect(person.page.get_by_role("button", name="Take it")).to_be_visible()
        await one.page.get_by_role("button", name="Take it").click()
        await expect(one.page.get_by_role("button", name="Take it")).to_have_count(0)
        await other.page.get_by_role("button", name="Take it").click()
        await expect(other.page.get_by_role("alert")).to_contain_text("Sam's by now")
        other.problems[:] = [one for one in other.problems if "409" not in one]
        await clean(one)

        await one.page.get_by_label("Whose it is").select_option("Finn")
        dialog = one.page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("It is about money.")
        await clean(one)
        await dialog.get_by_role("button", name="Give").click()
        await expect(one.page.get_by_text("The request was given on.")).to_be_visible()

        await other.go("/console/support?view=mine")
        await expect(other.page.get_by_role("link", name="Second")).to_be_visible()
        await expect(other.page.get_by_role("link", name="First")).to_have_count(0)
        await clean(other)
        await other.page.get_by_role("link", name="Second").click()
        await other.page.get_by_role("button", name="Mark as solved").click()
        dialog = other.page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("Answered by telephone.")
        await dialog.get_by_role("button", name="Mark as solved").click()
        await expect(badge(other.page)).to_have_text("Solved")
        await other.go("/console/support")
        await other.page.get_by_label("Search by id").fill("Second")
        await expect(other.page.get_by_role("link", name="Second")).to_be_visible()
        await expect(other.page.get_by_role("link", name="First")).to_have_count(0)
    assert "Solved: Second" in await subjects(people, ada)


def badge(page: Page) -> Locator:
    """Return the state in the head of a request."""
    return page.get_by_role("main").locator(".mantine-Badge-label").first


async def subjects(people: People, somebody: Somebody) -> list[str]:
    rows = await people.house.connection.fetch(
        "SELECT subject FROM mail_outbox WHERE recipient = $1 ORDER BY mail_id", somebody.email
    )
    return [row["subject"] for row in rows]
