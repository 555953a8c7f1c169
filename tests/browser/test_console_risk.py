"""Rules and cases in the console: an owner tries a rule on the past before it counts, support decides, others read."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from playwright.async_api import expect

from omna.config import Secrets, Settings
from omna.worker.risk import watch_events
from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.misuse import HOUR, past_of
from tests.harness.people import PASSWORD, People, Somebody
from tests.harness.staff import hire, sign_in_staff


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """A rule that was changed judges all workspaces."""
    return house_of_look


async def disputed(house: Installation, people: People, somebody: Somebody, tmp_path: Path, times: int) -> None:
    """Let a bank warn of a payment of somebody's, and dispute some, hours ago."""
    async with past_of(house.url) as past:
        await past.event("fraud_warning", somebody.personal, past.now - timedelta(days=3))
        for number in range(times):
            await past.event("dispute_opened", somebody.personal, past.now - (number + 1) * 30 * HOUR)
    await watch_events(Settings(data=tmp_path, secrets=Secrets(master_key=house.master_key)))(people.desk.pool)


async def test_an_owner_tries_a_rule_before_it_counts(
    visit: Visit, house: Installation, people: People, tmp_path: Path
) -> None:
    ada = await people.arrive("Ada", password=PASSWORD)
    await disputed(house, people, ada, tmp_path, 1)
    owner = await hire(people, "owner", "Olga")
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/risk/rules")
        table = person.page.get_by_role("table", name="Rules")
        await expect(table.get_by_role("button", name="Edit Early fraud warning")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await table.get_by_role("button", name="Edit Disputed payments").click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Count", exact=True).fill("1")
        await dialog.get_by_label("Outcome", exact=True).select_option("freeze")
        await dialog.get_by_role("button", name="Dry run").click()
        await expect(dialog.get_by_role("status")).to_contain_text(
            "1 workspace would have been found, 1 times in all; 1 flagged already."
        )
        await expect(dialog.get_by_text("1 payments were disputed within 180 days (the rule: 1).")).to_be_visible()
        assert await person.axe() == []
        # What was tried is no longer what stands here.
        await dialog.get_by_label("Count", exact=True).fill("0")
        await expect(dialog.get_by_role("status")).to_be_hidden()
        await dialog.get_by_label("Reason", exact=True).fill("One dispute is enough.")
        await dialog.get_by_role("button", name="Save rule").click()
        await expect(dialog.get_by_text("A whole number from 1 to 100.").first).to_be_visible()
        await dialog.get_by_label("Count", exact=True).fill("1")
        await dialog.get_by_role("button", name="Save rule").click()
        await expect(dialog).to_be_hidden()
        row = table.get_by_role("row").filter(has_text="Disputed payments").first
        await expect(row).to_contain_text("Count: 1")
        await row.get_by_role("button", name="Switch off").click()
        await person.page.get_by_role("dialog").get_by_label("Reason", exact=True).fill("Not now.")
        await person.page.get_by_role("dialog").get_by_role("button", name="Switch off").click()
        await expect(row).to_contain_text("Off")
        await expect(row).to_contain_text("Version 3")
    versions = await people.house.connection.fetch(
        "SELECT version, outcome FROM risk_rules WHERE name = 'Disputed payments'"
    )
    assert sorted(tuple(row) for row in versions) == [(1, "review"), (2, "freeze"), (3, "freeze")]


async def test_support_decides_a_case_and_an_auditor_reads_it(
    visit: Visit, house: Installation, people: People, tmp_path: Path
) -> None:
    bob = await people.arrive("Bob", password=PASSWORD)
    await disputed(house, people, bob, tmp_path, 0)
    support, auditor = await hire(people, "support", "Sue"), await hire(people, "auditor", "Aurel")
    async with visit() as person:
        await sign_in_staff(person, support, "/console/risk")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Risk")
        queue = person.page.get_by_role("table", name="Risk")
        await expect(queue.get_by_text("The payer's bank warned that a payment may be fraud.").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await queue.get_by_role("link", name="Bob").click()
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Case of Bob's workspace")
        await expect(person.page.get_by_role("button", name="Ban")).to_have_count(0)
        await person.page.get_by_role("button", name="Take").click()
        await expect(person.page.get_by_role("button", name="Give back")).to_be_visible()
        await person.page.get_by_label("Note for staff").fill("Asked the bank.")
        await person.page.get_by_role("button", name="Add note").click()
        await expect(person.page.get_by_role("listitem").filter(has_text="Asked the bank.")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.get_by_role("button", name="Freeze", exact=True).click()
        dialog: Any = person.page.get_by_role("dialog")
        await dialog.get_by_label("Words to the customer").fill("We look at your payment.")
        await dialog.get_by_label("Reason", exact=True).fill("The bank is sure.")
        assert await person.axe() == []
        await dialog.get_by_role("button", name="Freeze", exact=True).click()
        await expect(dialog).to_be_hidden()
        await expect(person.page.get_by_text("We look at your payment.")).to_be_visible()
        await expect(person.page.get_by_role("button", name="Freeze", exact=True)).to_have_count(0)
        address = "/console" + person.page.url.partition("/console")[2]
    async with visit() as person:
        await sign_in_staff(person, auditor, address)
        await expect(person.page.get_by_text("The bank is sure.")).to_be_visible()
        for name in ("Take", "Clear", "Freeze", "Add note", "Trust"):
            await expect(person.page.get_by_role("button", name=name)).to_have_count(0)
        assert await person.axe() == []
        assert await person.overflow() <= 0
