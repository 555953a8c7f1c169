"""Freezes (J9) and emergency stops (J10) as staff set them and everybody sees them; announcements."""

import asyncio
import time

import httpx2
import pytest
from playwright.async_api import expect

from omna.risk import service as risk
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.installation import Installation
from tests.harness.people import People, enter
from tests.harness.replica import Replica
from tests.harness.staff import Employee, confirm_step_up, hire, sign_in_staff
from tests.harness.wire import chat

FIVE_SECONDS = 5_000


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Each look has an installation of its own: stops and freezes are felt by all."""
    return house_of_look


async def stop(person: Visitor, people: People, owner: Employee, scope: str, choose: str, message: str) -> None:
    """Stop something on the page that is open."""
    page = person.page
    await page.get_by_role("radio", name=choose, exact=True).check()
    await page.get_by_role("button", name="Stop service").click()
    dialog = page.get_by_role("dialog", name=f"Stop {scope}")
    await dialog.get_by_label("Public message").fill(message)
    await dialog.get_by_label("Reason").fill("drill")
    await dialog.get_by_label(f"Type {scope} to confirm").fill("something else")
    await dialog.get_by_role("button", name="Stop service").click()
    if scope == "recharge":
        await expect(dialog.get_by_text("as it stands there").first).to_be_visible()
    await dialog.get_by_label(f"Type {scope} to confirm").fill(scope)
    await dialog.get_by_role("button", name="Stop service").click()
    await confirm_step_up(person, people, owner)
    await expect(page.get_by_text("It is stopped. Audit line").last).to_be_visible()


async def test_emergency_stop_is_seen_by_everybody_and_ended_by_another_act(
    visit: Visit, people: People, site: Replica, house: Installation
) -> None:
    owner = await hire(people, "owner", "Olga")
    support = await hire(people, "support", "Susan")
    ada = await people.arrive("Ada")
    async with visit() as customer, visit() as person:
        await enter(customer, ada, f"/app/w/{ada.workspace}")
        await expect(customer.page.get_by_role("heading", level=1)).to_be_visible()
        await sign_in_staff(person, owner, "/console/stop")
        page = person.page
        await expect(page.get_by_role("heading", name="Nothing is stopped")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await stop(person, people, owner, "recharge", "Recharges", "The bank is closed.")
        seen = customer.page.get_by_role("alert").filter(has_text="Recharges are paused.")
        await expect(seen).to_contain_text("The bank is closed.", timeout=FIVE_SECONDS)
        assert (await chat(site.port, house.tenant.key, "openrouter-free")).status == 200
        await stop(person, people, owner, "all", "Everything: requests, recharges and sign-up", "Back at noon.")
        everything = customer.page.get_by_role("alert").filter(has_text="Everything is paused")
        await expect(everything).to_contain_text("Back at noon.", timeout=FIVE_SECONDS)
        await expect(seen).to_be_visible()
        assert await customer.axe() == []
        assert await customer.overflow() <= 0
        refused = await chat(site.port, house.tenant.key, "openrouter-free")
        assert refused.code == (503, "emergency_stop")
        assert "Back at noon." in refused.error["message"]
        assert "drill" not in refused.error["message"]
        await asyncio.sleep(2.1)  # what public pages remember
        async with httpx2.AsyncClient(base_url=site.address) as client:
            for path in ("/", "/sign-in"):
                text = (await client.get(path)).text
                assert "Omna is paused for now" in text
                assert "The bank is closed." in text
                assert "drill" not in text
        # Strangers read it where they look for it, without an account.
        await customer.go("/status")
        main = customer.page.get_by_role("main")
        await expect(main.get_by_text("Paused", exact=True)).to_have_count(4)
        await expect(main.get_by_text("Back at noon.")).to_be_visible()
        await expect(main.get_by_text("drill")).to_have_count(0)
        assert await customer.axe() == []
        # Support sees it and cannot end it.
        await sign_in_staff(customer, support, "/console/stop")
        await expect(customer.page.get_by_role("heading", name="Everything is stopped.")).to_be_visible()
        await expect(customer.page.get_by_role("button", name="Resume service")).to_have_count(0)
        await expect(customer.page.get_by_role("button", name="Stop service")).to_have_count(0)
        await enter(customer, ada, f"/app/w/{ada.workspace}/recharge")
        await expect(customer.page.get_by_role("heading", name="Recharges are paused")).to_be_visible()
        part = page.get_by_role("region", name="Everything is stopped.")
        await expect(part.get_by_text("1 request", exact=True)).to_be_visible()
        await part.get_by_role("button", name="Resume service").click()
        dialog = page.get_by_role("dialog", name="Resume all")
        await expect(dialog).to_contain_text("Meanwhile refused: 1 request.")
        await dialog.get_by_label("Reason").fill("over")
        await dialog.get_by_role("button", name="Resume service").click()
        await confirm_step_up(person, people, owner)
        await expect(customer.page.get_by_role("alert").filter(has_text="Everything is paused")).to_have_count(
            0, timeout=FIVE_SECONDS
        )
        assert (await chat(site.port, house.tenant.key, "openrouter-free")).status == 200
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await asyncio.sleep(2.1)
        await customer.go("/status")
        await expect(main.get_by_text("Paused", exact=True)).to_have_count(1)
        await expect(main.get_by_text("The bank is closed.")).to_be_visible()
    async with house.connection.transaction():
        await risk.resume(house.connection, "recharge", reason="over", actor=house.actor)
    await house.books_are_right()


async def test_a_frozen_person_is_told_at_once_and_can_read_and_ask(
    visit: Visit, people: People, site: Replica, house: Installation
) -> None:
    ada = await people.arrive("Ada")
    tenant = await house.new_tenant()
    hanging = await house.model(f"hang/{tenant.key_id.hex}", upstream_model="hang-mid-stream")
    await house.connection.execute(
        "UPDATE members SET user_id = $2 WHERE workspace_id = $1", tenant.workspace_id, ada.user_id
    )
    await house.connection.execute("UPDATE api_keys SET created_by = $2 WHERE key_id = $1", tenant.key_id, ada.user_id)
    async with visit() as person:
        await enter(person, ada, f"/app/w/{ada.workspace}/ledger")
        # It hangs until the gateway gives the provider up, so it begins when everything else is there.
        stream = asyncio.create_task(chat(site.port, tenant.key, hanging, stream=True))
        await house.wait_for_running(1)
        began = time.monotonic()
        async with house.connection.transaction():
            await risk.freeze_user(
                house.connection, ada.user_id, reason="stolen card", message="We look into a payment", actor=house.actor
            )
        assert (await chat(site.port, tenant.key, "openrouter-free")).code == (403, "account_frozen")
        answer = await stream
        assert time.monotonic() - began < 5
        assert b"We look into a payment" in answer.body
        await person.page.reload()
        banner = person.page.get_by_role("status").filter(has_text="Your account is frozen since")
        await expect(banner).to_contain_text("We look into a payment")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Ledger")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await banner.get_by_role("link", name="Support").click()
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        async with house.connection.transaction():
            await risk.unfreeze_user(house.connection, ada.user_id, actor=house.actor)
        assert (await chat(site.port, tenant.key, "openrouter-free")).status == 200
        await person.page.reload()
        await expect(person.page.get_by_role("heading", level=1)).to_be_visible()
        await expect(banner).to_have_count(0)


async def test_an_announcement_is_made_read_and_taken_away(visit: Visit, people: People, site: Replica) -> None:
    owner = await hire(people, "owner", "Otto")
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/announcements")
        page = person.page
        await page.get_by_role("button", name="New announcement").click()
        dialog = page.get_by_role("dialog", name="New announcement")
        await dialog.get_by_label("Text in English").fill("Maintenance on Sunday")
        await dialog.get_by_label("Text in Chinese").fill("周日维护")
        await dialog.get_by_label("Reason").fill("plan")
        await dialog.get_by_role("button", name="Announce").click()
        await expect(page.get_by_text("It is announced. Audit line")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await asyncio.sleep(2.1)  # what public pages remember
        async with httpx2.AsyncClient(base_url=site.address) as client:
            for language, text in (("en", "Maintenance on Sunday"), ("zh", "周日维护")):
                assert text in (await client.get("/sign-in", headers={"accept-language": language})).text
        await person.go(f"/app/w/{owner.somebody.workspace}")
        await expect(page.get_by_role("status").filter(has_text="Maintenance on Sunday")).to_be_visible()
        await person.go("/console/announcements")
        await page.get_by_role("button", name="Take away").click()
        dialog = page.get_by_role("dialog", name="Take the announcement away")
        await dialog.get_by_label("Reason").fill("over")
        await dialog.get_by_role("button", name="Take away").click()
        await expect(page.get_by_text("The announcement is gone. Audit line")).to_be_visible()
        await expect(page.get_by_text("Over", exact=True).first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
