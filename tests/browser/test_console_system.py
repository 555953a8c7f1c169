"""System in the console: health, jobs, outbox and settings, for owners and auditors."""

import re
from typing import Any

import pytest
from playwright.async_api import expect

from omna.db.pool import transaction
from omna.ids import show
from omna.jobs import runs
from omna.mail import service as mail
from omna.mail.service import Kind
from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, sign_in_staff


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Jobs in trouble and drills are everybody's."""
    return house_of_look


async def test_an_owner_sees_how_it_fares_and_sends_a_mail_again(visit: Visit, people: People) -> None:
    owner, pool = await hire(people, "owner", "Olga"), people.desk.pool
    for name in ("mail-send", "ledger-seal"):
        await pool.execute(
            "INSERT INTO pgqueuer_schedules (expression, entrypoint, next_run) VALUES ('* * * * *', $1, now())", name
        )
    await runs.note_failure(pool, "mail-send", RuntimeError("the mail server is on fire"))
    async with transaction(pool) as connection:
        token = "t" * 43
        mail_id = await mail.enqueue(
            connection, Kind.RESET_PASSWORD, "ann@example.com", "en", {"name": "Ann", "token": token}
        )
        await mail.keep_all(connection)
    assert mail_id is not None
    async with visit() as person:
        page: Any = person.page
        await sign_in_staff(person, owner, "/console/system")
        await expect(page.get_by_role("heading", level=1)).to_have_text("System")
        await expect(page.get_by_text("1 job in trouble")).to_be_visible()
        await expect(page.get_by_role("region", name="Versions").get_by_text("PostgreSQL")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Note a restore drill").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("What was restored").fill("Backup of Monday, on a laptop")
        await dialog.get_by_label("Reason", exact=True).fill("Monthly drill")
        await dialog.get_by_role("button", name="Note a restore drill").click()
        await expect(page.get_by_text("Backup of Monday, on a laptop")).to_be_visible()

        await page.get_by_role("tab", name="Mail").click()
        await page.get_by_label("State").select_option("kept")
        row = page.get_by_role("row").filter(has_text="ann@example.com")
        await row.get_by_role("link").click()
        await confirm_step_up(person, people, owner)
        await expect(page.get_by_text(re.compile(f"/reset.*{token}|{token}"))).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Send again").click()
        await dialog.get_by_label("Reason", exact=True).fill("The server was away")
        await dialog.get_by_role("button", name="Send again").click()
        await expect(page.get_by_text("The mail waits to be sent.")).to_be_visible()
    assert [
        entry["action"]
        for entry in await people.house.connection.fetch(
            "SELECT action FROM audit_log WHERE subject = $1 ORDER BY seq", show("mail", mail_id)
        )
    ] == ["mail.read", "mail.resend"]


async def test_an_auditor_reads(visit: Visit, people: People) -> None:
    auditor = await hire(people, "auditor", "Audrey")
    async with visit() as person:
        page: Any = person.page
        await sign_in_staff(person, auditor, "/console/system?tab=settings")
        await expect(page.get_by_text("OMNA_SERVER_PORT", exact=True)).to_be_visible()
        await expect(page.get_by_text("OMNA_SECRETS_MASTER_KEY", exact=True)).to_be_visible()
        await expect(page.get_by_text(people.house.master_key)).to_have_count(0)
        assert await person.axe() == []
        assert await person.overflow() <= 0
        for tab in ("Jobs", "Mail", "Health"):
            await page.get_by_role("tab", name=tab).click()
            await expect(page.get_by_role("tabpanel")).not_to_be_empty()
            await page.wait_for_load_state("networkidle")
            assert await person.overflow() <= 0
        await expect(page.get_by_role("region", name="Database")).to_be_visible()
        await expect(page.get_by_role("button", name="Note a restore drill")).to_have_count(0)
        assert await person.axe() == []
        assert await person.overflow() <= 0
