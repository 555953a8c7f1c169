"""Providers in the console: what an owner changes and tries, what an auditor reads, and that others see no page."""

import pytest
from playwright.async_api import expect

from tests.browser.conftest import Visit
from tests.harness.installation import Installation
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, prove, sign_in_staff
from tests.harness.wire import chat

KEY = "sk-browser-key-that-is-long-enough-9Qz4"


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Providers are everybody's."""
    return house_of_look


async def test_owner_keeps_a_provider_auditor_reads_and_finance_has_no_page(
    visit: Visit, people: People, house: Installation
) -> None:
    owner, auditor, finance = [await hire(people, role) for role in ("owner", "auditor", "finance")]
    await house.model("seen", upstream_model="ok")
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, owner, "/console/providers")
        await expect(page.get_by_role("heading", level=1)).to_have_text("Providers")
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("button", name="Add provider").click()
        dialog = page.get_by_role("dialog", name="Add provider")
        await dialog.get_by_label("Name").fill("spare")
        await dialog.get_by_label("Address").fill("http://169.254.169.254/v1")
        await dialog.get_by_label("Key", exact=True).fill(KEY)
        await dialog.get_by_label("Reason").fill("A second account")
        await dialog.get_by_role("button", name="Add provider").click()
        await confirm_step_up(person, people, owner)
        await expect(dialog.get_by_text("need --allow-private").first).to_be_visible()
        assert await person.axe() == []
        await dialog.get_by_label("Address").fill(house.upstream.base_url)
        await dialog.get_by_label("Allow this exact host and port").check()
        # What was refused has used up no proof.
        await dialog.get_by_role("button", name="Add provider").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text("spare")
        await expect(page.get_by_text("Set, ends in …9Qz4")).to_be_visible()
        assert KEY not in await page.content()
        await house.model("seen", upstream_model="ok", provider="spare")

        await prove(people, owner, "provider.test", "main")
        await person.go("/console/providers/main")
        await page.get_by_role("button", name="Test call").click()
        dialog = page.get_by_role("dialog", name="Test call to main")
        await dialog.get_by_label("Reason").fill("Is it there?")
        await dialog.get_by_role("button", name="Make test call").click()
        result = page.get_by_role("dialog", name="Test call to main: result")
        await expect(result.get_by_text("Answered")).to_be_visible()
        await expect(result.get_by_text("Credits")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.keyboard.press("Escape")

        await page.get_by_role("button", name="Change caps").click()
        dialog = page.get_by_role("dialog", name="Caps of main")
        await dialog.get_by_label("Credits a day").fill("0.0000001")
        await dialog.get_by_label("Reason").fill("Enough for today")
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("The caps are set. Audit line")).to_be_visible()
        await expect(page.get_by_text("Cap reached")).to_be_visible()
    # The other route of the model goes on.
    answer = await chat(_port(person.origin), house.tenant.key, "seen")
    assert (answer.status, answer.header("x-omna-provider")) == (200, "spare")

    async with visit() as person:
        page = person.page
        await sign_in_staff(person, owner, "/console/providers/main")
        await page.get_by_role("button", name="Change caps").click()
        dialog = page.get_by_role("dialog", name="Caps of main")
        await dialog.get_by_label("Credits a day").fill("")
        await dialog.get_by_label("Reason").fill("Go on")
        await dialog.get_by_role("button", name="Save").click()
        await expect(page.get_by_text("Cap reached")).to_have_count(0)
        await page.get_by_role("button", name="Disable", exact=True).click()
        dialog = page.get_by_role("dialog", name="Disable main")
        await dialog.get_by_label("Reason").fill("It hangs")
        await dialog.get_by_role("button", name="Disable", exact=True).click()
        await expect(page.get_by_text("Off", exact=True).first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.go("/console/providers/spare")
        # What gateways saw is told within seconds, and the page asks again.
        await expect(page.get_by_test_id("plot-calls")).to_be_visible(timeout=30_000)
        assert await person.axe() == []
        assert await person.overflow() <= 0

    # A report is read with a key of its own, and compared at once.
    async with visit() as person:
        page = person.page
        await prove(people, owner, "provider.reporting_key", "spare")
        await sign_in_staff(person, owner, "/console/providers/spare")
        await page.get_by_role("button", name="Set reporting key").click()
        dialog = page.get_by_role("dialog", name="Reporting key of spare")
        await dialog.get_by_label("Report", exact=True).select_option("openai")
        await dialog.get_by_label("Reporting key", exact=True).fill("sk-report-good")
        await dialog.get_by_label("Reason").fill("Compare")
        assert await person.axe() == []
        await dialog.get_by_role("button", name="Save").click()
        await page.get_by_role("button", name="Reconcile now").click()
        dialog = page.get_by_role("dialog", name="Reconcile spare now")
        await dialog.get_by_label("Reason").fill("Now")
        await dialog.get_by_role("button", name="Reconcile now").click()
        days = page.get_by_role("table", name="Cost as they report it")
        await expect(days.get_by_text("Matches").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0

    async with visit() as person:
        page = person.page
        await sign_in_staff(person, auditor, "/console/providers/spare")
        await expect(page.get_by_role("heading", level=1)).to_have_text("spare")
        await expect(page.get_by_text("Set, ends in …9Qz4")).to_be_visible()
        for name in ("Test call", "Disable", "Replace key", "Change caps", "Change"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, finance, "/console/providers")
        await expect(page.get_by_role("heading", level=1)).to_be_visible()
        await expect((await person.rail()).get_by_role("link", name="Providers")).to_have_count(0)
        await expect(page.get_by_role("table")).to_have_count(0)


def _port(origin: str) -> int:
    return int(origin.rpartition(":")[2])
