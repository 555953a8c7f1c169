"""Staff see what payment services said and what came of it, ask again, and put aside what failed (XP1, XP2)."""

import json
import re
from collections.abc import AsyncIterator
from typing import Any

import pytest
from playwright.async_api import expect

from omna.ids import new_id, show
from tests.browser.conftest import Visit
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation
from tests.harness.people import People, Somebody, enter, program
from tests.harness.replica import Replica
from tests.harness.staff import hire, sign_in_staff


@pytest.fixture(scope="module")
async def site(house: Installation) -> AsyncIterator[Replica]:
    """Omna with the pretended payment service."""
    async with house.replica(SETTINGS | {"PAYMENTS_SANDBOX": "true"}) as running:
        yield running


async def order(site: Replica, customer: Somebody, amount: str = "20") -> dict[str, Any]:
    """Order Credits by checkout and return the order."""
    async with program(site.address, session=customer.session) as api:
        wish = {
            "client_token": f"token-{new_id()}", "channel": "checkout", "credits": amount, "accept_terms": True,
        }  # fmt: skip
        made = await api.post(f"/api/workspaces/{customer.workspace}/recharges", json=wish)
        assert made.status_code == 201, made.text
        found: dict[str, Any] = made.json()
        return found


async def test_payment_is_followed_from_the_order_to_what_the_service_said(
    visit: Visit, people: People, site: Replica
) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance")
    paid = await order(site, ada)
    async with visit() as customer:
        await enter(customer, ada, paid["checkout_url"].removeprefix(site.address))
        await customer.page.get_by_role("button", name="Pay", exact=True).click()
        await expect(customer.page.get_by_text("Credited").first).to_be_visible()
        customer.problems.clear()
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, finance, "/console/payments")
        await page.get_by_role("link", name=paid["reference"]).click()
        await expect(page.get_by_text("Credited").first).to_be_visible()
        await expect(page.get_by_role("heading", name="Money received")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        events = page.get_by_role("table", name="Webhook events")
        await events.get_by_role("link").first.click()
        await expect(page.get_by_role("heading", name="Payload")).to_be_visible()
        await expect(page.get_by_text("Handled").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Resend").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("To be sure")
        await dialog.get_by_role("button", name="Resend").click()
        await expect(page.get_by_text(re.compile(r"handled again\. Audit line \d+"))).to_be_visible()
    async with program(site.address, session=ada.session) as api:
        found = (await api.get(f"/api/workspaces/{ada.workspace}/recharges/{paid['id']}")).json()
    assert found["state"] == "credited"


async def test_order_that_nothing_was_heard_of_is_asked_about(visit: Visit, people: People, site: Replica) -> None:
    ada, finance = await people.arrive("Ada"), await hire(people, "finance")
    waiting = await order(site, ada)
    async with visit() as person:
        await sign_in_staff(person, finance, f"/console/recharges/{waiting['id']}")
        await person.page.get_by_role("button", name="Reconcile now").click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("The customer says it is paid")
        await dialog.get_by_role("button", name="Reconcile now").click()
        await expect(person.page.get_by_text(re.compile(r"was asked about .* Audit line \d+"))).to_be_visible()
        await expect(person.page.get_by_text("Unpaid").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_what_failed_is_put_aside_and_what_was_forged_is_counted(
    visit: Visit, people: People, house: Installation, site: Replica
) -> None:
    finance, support = await hire(people, "finance"), await hire(people, "support")
    event = new_id()
    await house.connection.execute(
        "INSERT INTO payment_events (event_key, processor, external_id, kind, livemode, payload, state, error)"
        " VALUES ($1, 'sandbox', $2, 'payment.odd', false, $3::text::jsonb, 'failed', 'It could not be booked.')",
        event,
        f"evt-{event}",
        json.dumps({"id": "odd", "email": "ada@example.com"}),
    )
    async with program(site.address) as anybody:
        forged = await anybody.post(
            "/webhooks/sandbox", json={"id": "forged"}, headers={"x-omna-signature": "t=1,v1=0"}
        )
        assert forged.status_code == 400
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, finance, "/console/payments?tab=events&state=failed")
        refused = page.get_by_role("table", name="Turned away")
        await expect(refused.get_by_role("cell", name="sandbox").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("link", name="payment.odd").click()
        await expect(page.get_by_text("It could not be booked.")).to_be_visible()
        await page.get_by_role("button", name="Ignore").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason").fill("A test of the service")
        await dialog.get_by_role("button", name="Ignore").click()
        await expect(page.get_by_text("A test of the service")).to_be_visible()
        await page.get_by_role("link", name="Webhook events").click()
        await expect(page).to_have_url(re.compile("tab=events"))
        await sign_in_staff(person, support, f"/console/payments/{show('evt', event)}")
        await expect(page.get_by_role("heading", name="Payload")).to_be_visible()
        await expect(page.get_by_text("ada@example.com")).to_have_count(0)
        await expect(page.get_by_role("button", name="Resend")).to_have_count(0)
