"""Staff review recharges: approve, ask, reject, close as a duplicate, two at once, four eyes, roles (J3, J4, J23, J29)."""

import itertools
import re
from collections.abc import Awaitable, Callable
from typing import Any

import pytest
from playwright.async_api import expect

from omna.ids import show
from omna.ledger import service as ledger
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.people import People, Somebody, enter, program
from tests.harness.recharges import upload
from tests.harness.replica import Replica
from tests.harness.staff import Employee, confirm_step_up, hire, prove, sign_in_staff

_numbers = itertools.count(1)

Order = Callable[..., Awaitable[dict[str, Any]]]


@pytest.fixture
def order(site: Replica, people: People) -> Order:
    """Order Credits as somebody, pay by hand and hand in the proof: `await order(ada, "25", width=9)`."""

    async def make(customer: Somebody, amount: str, *, width: int | None = None, reference: str = "") -> dict[str, Any]:
        number = next(_numbers)
        here = f"/api/workspaces/{customer.workspace}"
        proof = await upload(people.house.connection, customer.personal, customer.user_id, width or 10 + number)
        async with program(site.address, session=customer.session) as api:
            options = (await api.get(f"{here}/recharge-options")).json()
            wish = {
                "client_token": f"token-{number:08}", "channel": "manual", "credits": amount,
                "method_id": options["methods"][0]["id"], "accept_terms": True,
            }  # fmt: skip
            made = await api.post(f"{here}/recharges", json=wish)
            assert made.status_code == 201, made.text
            body = {"upload_id": proof, "payer_reference": reference or f"TRANSFER {number}", "paid_on": "2026-01-15"}
            handed_in = await api.put(f"{here}/recharges/{made.json()['id']}/proof", json=body)
            assert handed_in.status_code == 200, handed_in.text
            found: dict[str, Any] = handed_in.json()
            return found

    return make


def total(order: dict[str, Any]) -> str:
    """Return what has to be paid as somebody types it."""
    minor = order["total"]["minor"]
    return f"{minor // 100}.{minor % 100:02}"


async def act(person: Visitor, verb: str, fields: dict[str, str], *, reason: str = "Checked at the bank") -> None:
    """Fill in the dialog that is open and send it."""
    dialog = person.page.get_by_role("dialog")
    for label, value in fields.items():
        await dialog.get_by_label(label).fill(value)
    await dialog.get_by_label("Reason").fill(reason)
    await dialog.get_by_role("button", name=verb, exact=True).click()


async def menu(person: Visitor, item: str) -> None:
    await person.page.get_by_role("button", name="More").click()
    await person.page.get_by_role("menuitem", name=item).click()


async def review(person: Visitor, employee: Employee, order: dict[str, Any]) -> None:
    """Open an order and take it in hand."""
    await sign_in_staff(person, employee, f"/console/recharges/{order['id']}")
    await person.page.get_by_role("button", name="Start review").click()
    await expect(person.page.get_by_role("button", name="Approve")).to_be_visible()


async def balance(people: People, customer: Somebody) -> str:
    async with people.desk.pool.acquire() as connection:
        return str((await ledger.wallet(connection, customer.personal)).available)


async def test_recharge_is_approved(visit: Visit, people: People, site: Replica, order: Order) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance", "Fiona")
    paid = await order(ada, "25")
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, finance, "/console/recharges")
        await page.get_by_role("link", name=paid["reference"]).click()
        await expect(page.get_by_role("heading", level=1)).to_contain_text(paid["reference"])
        await page.get_by_role("button", name="Show the file").click()
        await expect(page.get_by_role("img", name="Proof of payment")).to_be_visible()
        await page.get_by_role("button", name="Zoom in").click()
        await page.get_by_role("button", name="Rotate").click()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Start review").click()
        await page.get_by_role("button", name="Approve").click()
        dialog = page.get_by_role("dialog")
        await act(person, "Approve", {"Amount received": "1.00"})
        await confirm_step_up(person, people, finance)
        await expect(dialog.get_by_role("alert").first).to_be_visible()
        assert await balance(people, ada) == "0"
        await dialog.get_by_label("Amount received").fill(total(paid))
        await expect(dialog.get_by_text("Balance after")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        # The proof was for this act, which did not happen: it still counts.
        await dialog.get_by_role("button", name="Approve", exact=True).click()
        await expect(page.get_by_text(re.compile(r"is approved\. Audit line \d+"))).to_be_visible()
        await expect(page.get_by_text("Credited").first).to_be_visible()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)
    assert int(await balance(people, ada)) >= 25 * 10**9
    async with program(site.address, session=ada.session) as api:
        here = f"/api/workspaces/{ada.workspace}"
        found = (await api.get(f"{here}/recharges/{paid['id']}")).json()
        assert (found["state"], found["ledger_line"] is not None) == ("credited", True)
        receipt = await api.get(f"{here}/recharges/{paid['id']}/receipt.pdf")
        assert receipt.content.startswith(b"%PDF")
    read = await people.house.connection.fetch(
        "SELECT action FROM audit_log WHERE actor = $1 ORDER BY seq", show("usr", finance.somebody.user_id)
    )
    assert {"recharge.read", "upload.read", "recharge.approve"} <= {row["action"] for row in read}


async def test_customer_is_asked_and_answers_and_is_rejected(visit: Visit, people: People, order: Order) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance", "Fiona")
    paid = await order(ada, "20")
    async with visit() as person:
        await review(person, finance, paid)
        await menu(person, "Ask the customer")
        await act(person, "Ask", {"Question": "Which account did you pay from?"})
        await expect(person.page.get_by_text("Needs information").first).to_be_visible()
        await person.page.get_by_role("button", name="Start review").click()
        await person.page.get_by_role("button", name="Reject").click()
        await act(person, "Reject", {"Message to the customer": "Nothing arrived."})
        await expect(person.page.get_by_text("Rejected").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("link", name="Recharges", exact=True).first.click()
        await expect(person.page.get_by_role("link", name=paid["reference"])).to_have_count(0)
    assert "Nothing arrived." in await people.last_mail(ada.email)
    assert await balance(people, ada) == "0"


async def test_two_reviewers_at_once_have_one_outcome(visit: Visit, people: People, order: Order) -> None:
    ada = await people.arrive("Ada")
    first, second = await hire(people, "finance", "Fiona"), await hire(people, "owner", "Olga")
    paid = await order(ada, "20")
    async with visit() as one, visit() as other:
        await sign_in_staff(other, second, f"/console/recharges/{paid['id']}")
        await expect(other.page.get_by_role("button", name="Start review")).to_be_visible()
        await review(one, first, paid)
        await other.page.get_by_role("button", name="Start review").click()
        await expect(other.page.get_by_role("alert").first).to_be_visible()
        await other.page.reload()
        await expect(other.page.get_by_text("In review by Fiona")).to_be_visible()
        assert await other.axe() == []
        assert await other.overflow() <= 0
        await expect(other.page.get_by_role("button", name="Start review")).to_have_count(0)
        await menu(one, "Give back")
        await other.page.reload()
        await expect(other.page.get_by_role("button", name="Start review")).to_be_visible()


async def test_the_same_proof_again_is_closed_as_a_duplicate(visit: Visit, people: People, order: Order) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance", "Fiona")
    counts = await order(ada, "20", width=7, reference="TWICE")
    again = await order(ada, "20", width=7, reference="twice")
    async with visit() as person:
        page = person.page
        await review(person, finance, again)
        warnings = page.get_by_role("region", name="This may have been paid for before")
        await expect(warnings.get_by_role("link", name=counts["reference"]).first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await menu(person, "Duplicate of")
        await act(person, "Close as duplicate", {"The order that counts": counts["reference"]})
        await expect(page.get_by_text("Duplicate").first).to_be_visible()
        await expect(page.get_by_role("button", name="Approve")).to_have_count(0)


async def test_above_the_threshold_two_have_to_approve(visit: Visit, people: People, order: Order) -> None:
    ada = await people.arrive("Ada")
    first, second = await hire(people, "finance", "Fiona"), await hire(people, "finance", "Frank")
    paid = await order(ada, "150")
    for employee in (first, second):
        await prove(people, employee, "recharge.approve", paid["id"])
        async with visit() as person:
            await review(person, employee, paid)
            await person.page.keyboard.press("a")
            await person.page.get_by_label("Amount received").fill(total(paid))
            if employee is first:
                await expect(person.page.get_by_text("a second person has to approve it")).to_be_visible()
            await act(person, "Approve", {})
            if employee is first:
                await expect(person.page.get_by_text("somebody else has to approve it, too").first).to_be_visible()
                await expect(person.page.get_by_text("You have approved this")).to_be_visible()
                assert await person.axe() == []
                assert await person.overflow() <= 0
                assert await balance(people, ada) == "0"
                await expect(person.page.get_by_role("button", name="Approve")).to_have_count(0)
            else:
                await expect(person.page.get_by_text("Credited").first).to_be_visible()
    assert int(await balance(people, ada)) >= 150 * 10**9


async def test_what_the_customer_cancelled_meanwhile_is_not_approved(
    visit: Visit, people: People, site: Replica, order: Order
) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance", "Fiona")
    paid = await order(ada, "20")
    await prove(people, finance, "recharge.approve", paid["id"])
    async with visit() as person:
        await review(person, finance, paid)
        await person.page.get_by_role("button", name="Approve").click()
        async with program(site.address, session=ada.session) as api:
            answer = await api.post(f"/api/workspaces/{ada.workspace}/recharges/{paid['id']}/cancel")
            assert answer.status_code == 200, answer.text
        await act(person, "Approve", {"Amount received": total(paid)})
        await expect(person.page.get_by_role("dialog").get_by_role("alert").last).to_contain_text("cancelled")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await expect(person.page.get_by_text("Cancelled").first).to_be_attached()
    assert await balance(people, ada) == "0"


async def test_nobody_approves_an_order_of_their_own(visit: Visit, people: People, order: Order) -> None:
    finance = await hire(people, "finance", "Fiona")
    own = await order(finance.somebody, "20")
    async with visit() as person:
        await sign_in_staff(person, finance, f"/console/recharges/{own['id']}")
        await expect(person.page.get_by_text("somebody else has to approve it")).to_be_visible()
        await person.page.get_by_role("button", name="Start review").click()
        await expect(person.page.get_by_role("button", name="Reject")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await expect(person.page.get_by_role("button", name="Approve")).to_have_count(0)


async def test_what_was_typed_outlives_a_console_that_closed(visit: Visit, people: People, order: Order) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance", "Fiona")
    paid = await order(ada, "20")
    async with visit() as person:
        await review(person, finance, paid)
        await person.page.get_by_role("button", name="Reject").click()
        await people.house.connection.execute(
            "UPDATE sessions SET console_seen_at = now() - interval '16 minutes' WHERE session_id = $1",
            finance.session_id,
        )
        await act(person, "Reject", {"Message to the customer": "Nothing arrived in two weeks."})
        await (
            person.page.get_by_role("dialog", name="The console is closed")
            .get_by_role("button", name="Open console")
            .click()
        )
        await confirm_step_up(person, people, finance)
        await expect(person.page.get_by_text("Rejected").first).to_be_visible()
    assert "Nothing arrived in two weeks." in await people.last_mail(ada.email)


@pytest.mark.parametrize("role", ["support", "auditor"])
async def test_who_may_only_see_decides_nothing(
    visit: Visit, people: People, site: Replica, order: Order, role: str
) -> None:
    ada, employee = await people.arrive("Ada"), await hire(people, role)
    paid = await order(ada, "20")
    async with visit() as person:
        await sign_in_staff(person, employee, f"/console/recharges/{paid['id']}")
        await expect(person.page.get_by_text("What happened")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        for name in ("Start review", "Approve", "Reject", "More"):
            await expect(person.page.get_by_role("button", name=name, exact=True)).to_have_count(0)
        await person.page.keyboard.press("a")
        await expect(person.page.get_by_role("dialog")).to_have_count(0)
        await enter(person, ada, f"/console/recharges/{paid['id']}")
        await expect(person.page.get_by_text(paid["reference"])).to_have_count(0)
        person.problems.clear()
    async with program(site.address, session=employee.somebody.session) as api:
        body = {"amount_minor_typed": total(paid), "reason": "because"}
        refused = await api.post(f"/api/console/recharges/{paid['id']}/approve", json=body)
        assert (refused.status_code, refused.json()["error"]["code"]) == (403, "forbidden")


async def test_owner_changes_how_people_pay(visit: Visit, people: People) -> None:
    owner, finance = await hire(people, "owner", "Olga"), await hire(people, "finance", "Fiona")
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, owner, "/console/payments?tab=methods")
        await page.get_by_role("button", name="Add method").click()
        name = f"WeChat {next(_numbers)}"
        fields = {"Name in Chinese": "微信", "Instructions in Chinese": "扫码"}
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Name", exact=True).fill(name)
        await dialog.get_by_label("Instructions", exact=True).fill("Account: omna")
        assert await person.axe() == []
        await act(person, "Add method", fields, reason="Asked for")
        await expect(page.get_by_role("cell", name=f"{name} 微信", exact=True)).to_be_visible()
        await page.get_by_role("button", name=f"Switch off: {name}", exact=True).click()
        await act(person, "Switch off", {}, reason="Not any more")
        await expect(page.get_by_role("button", name=f"Switch on: {name}", exact=True)).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await sign_in_staff(person, finance, "/console/payments?tab=methods")
        await expect(page.get_by_role("cell", name=f"{name} 微信", exact=True)).to_be_visible()
        await expect(page.get_by_role("button", name="Add method")).to_have_count(0)
