"""The audit log in the console: found by filters, exported, proven, and broken by one byte."""

import asyncio
import re
from pathlib import Path
from typing import Any

import asyncpg
import pytest
from playwright.async_api import expect

from omna.worker.audit import check_asked
from tests.browser.conftest import Visit
from tests.harness.installation import Installation, until
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, sign_in_staff


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """What a superuser broke stays broken."""
    return house_of_look


async def forge(url: str, statement: str) -> None:
    """Change what nobody may change, as a superuser who switches off what stands in the way."""
    superuser = await asyncpg.connect(url, server_settings={"search_path": "omna"})
    try:
        await superuser.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_log_immutable")
        await superuser.execute(statement)
        await superuser.execute("ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_immutable")
    finally:
        await superuser.close()


async def work(people: People) -> None:
    """Do what was asked for, as a worker would, as soon as it was."""

    async def asked() -> bool | None:
        return await people.desk.pool.fetchval("SELECT true FROM check_requests")

    await until(asked, "nobody asked for a check")
    await check_asked(people.house.settings)(people.desk.pool)


async def test_an_auditor_reads_exports_and_sees_what_a_superuser_did(visit: Visit, people: People) -> None:
    house: Installation = people.house
    auditor = await hire(people, "auditor", "Audrey")
    await people.found_team(await people.arrive("Ada"))
    async with visit() as person:
        page: Any = person.page
        await sign_in_staff(person, auditor, "/console/audit?action=workspace.create")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Audit log")
        table = page.get_by_role("table", name="Audit log")
        await expect(table.get_by_role("link", name="workspace.create").first).to_be_visible()
        await table.locator("summary").first.click()
        await expect(table.locator("dt").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0

        # Another filter, and it stands in the address.
        action = page.get_by_role("search").locator("input[value='workspace.create']")
        await action.fill("console")
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("action=console(&|$)"))
        await expect(table.get_by_role("link", name="workspace.create")).to_have_count(0)
        await page.get_by_role("button", name="Clear filters").click()

        # The proof.
        proof = page.get_by_role("region", name="Proof of the audit log")
        await expect(proof.get_by_text("Not checked yet")).to_be_visible()
        await proof.get_by_role("button", name="Verify now").click()
        await expect(proof.get_by_text("A worker is checking")).to_be_visible()
        await work(people)
        await expect(proof.get_by_text("Verified", exact=True)).to_be_visible()

        # An export, with a step-up, on record with a link in its toast.
        await page.get_by_role("button", name="Export CSV").click()
        dialog = page.get_by_role("dialog")
        await dialog.get_by_label("Reason", exact=True).fill("Yearly audit")
        async with page.expect_download() as started:
            await dialog.get_by_role("button", name="Export CSV").click()
            await confirm_step_up(person, people, auditor)
        text = await asyncio.to_thread(Path(await (await started.value).path()).read_text)
        assert text.startswith("seq,time,actor,action,")
        assert "workspace.create" in text
        toast = page.get_by_role("status").filter(has_text="The file is on its way")
        await toast.get_by_role("link").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(re.compile("^Audit line "))
        await expect(page.get_by_text("audit.export", exact=True).first).to_be_visible()
        await expect(page.get_by_text("Yearly audit")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0

    await forge(house.url, "UPDATE audit_log SET reason = reason || 'x' WHERE seq = 3")
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, auditor, "/console/audit")
        proof = page.get_by_role("region", name="Proof of the audit log")
        await proof.get_by_role("button", name="Verify now").click()
        await expect(proof.get_by_text("A worker is checking")).to_be_visible()
        await work(people)
        alert = proof.get_by_role("alert")
        await expect(alert).to_contain_text("1 thing does not fit.")
        await expect(alert).to_contain_text("Row 3: the seal does not fit")
        await expect(alert).to_contain_text("Last found whole: ")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await alert.get_by_role("link", name="3").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("Audit line 3")
        assert await person.overflow() <= 0
