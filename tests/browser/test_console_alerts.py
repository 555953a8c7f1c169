"""Alerts in the console: seen by everybody there, acknowledged by support, delivered where an owner says."""

import pytest
from playwright.async_api import Locator, expect

from omna.alerts import service as alerts
from omna.worker.alerts import deliver
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.installation import Installation
from tests.harness.people import People
from tests.harness.staff import confirm_step_up, hire, prove, sign_in_staff
from tests.integration.alerts.receiver import Receiver

PAGE = "/console/alerts"


@pytest.fixture(scope="module")
def house(house_of_look: Installation) -> Installation:
    """Alerts and the webhook are everybody's."""
    return house_of_look


async def up(people: People, provider: str = "openai") -> None:
    async with people.house.connection.transaction():
        await alerts.raise_alert(
            people.house.connection,
            "provider.cap",
            provider,
            severity="critical",
            facts={"percent": 100, "cap": "10", "spent": "10", "held": "0"},
            message=f"The provider {provider} has used 100 % of its cap of this day",
        )


async def dialog(person: Visitor, button: str) -> Locator:
    await person.page.get_by_role("button", name=button, exact=True).first.click()
    return person.page.get_by_role("dialog")


async def test_owner_sets_a_webhook_tests_it_and_acknowledges(visit: Visit, people: People) -> None:
    owner = await hire(people, "owner", "Olga")
    await up(people)
    async with visit() as person, Receiver() as receiver:
        page = person.page
        await sign_in_staff(person, owner, PAGE)
        bell = page.get_by_role("link", name="alert that nobody has acknowledged")
        await expect(bell).to_have_text("1alert that nobody has acknowledged")
        await expect(page.get_by_role("link", name="Provider openai has used 100 % of its cap")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0

        await page.get_by_role("tab", name="Who is told").click()
        await expect(page.get_by_text(owner.somebody.email)).to_be_visible()
        form = await dialog(person, "Set webhook")
        await form.get_by_label("Address", exact=True).fill("https://169.254.169.254/latest")
        await form.get_by_label("Reason", exact=True).fill("Our pager")
        await form.get_by_role("button", name="Save").click()
        await confirm_step_up(person, people, owner)
        await expect(form.get_by_text("never allowed").first).to_be_visible()
        await form.get_by_label("Address", exact=True).fill(receiver.url)
        await form.get_by_text("Allow", exact=True).click()
        assert await person.axe() == []
        await form.get_by_role("button", name="Save").click()
        once = page.get_by_role("dialog").filter(has_text="Secret of the webhook")
        receiver.secret = (await once.locator("code").first.inner_text()).strip()
        assert receiver.secret.startswith("whsec_")
        await once.get_by_label("I have stored it").check()
        await once.get_by_role("button", name="Done", exact=True).click()
        await expect(page.get_by_text(receiver.url)).to_be_visible()

        form = await dialog(person, "Send a test")
        await form.get_by_label("Reason", exact=True).fill("Does it arrive?")
        await form.get_by_role("button", name="Send a test").click()
        await expect(form).to_be_hidden()
        await expect(page.get_by_text("Webhook: waits")).to_be_visible()
        await deliver(people.desk.pool, people.house.keyring)
        assert receiver.verified == [True]
        await expect(page.get_by_text("Webhook: delivered")).to_be_visible(timeout=15_000)
        assert await person.axe() == []
        assert await person.overflow() <= 0

        await page.get_by_role("tab", name="Protection").click()
        await page.get_by_label("Caps: warn at").fill("70")
        form = await dialog(person, "Save")
        await expect(form.get_by_text("Caps: warn at: 70")).to_be_visible()
        await form.get_by_label("Reason", exact=True).fill("Sooner")
        await prove(people, owner, "protection.change", "protection")
        await form.get_by_role("button", name="Save").click()
        await expect(form).to_be_hidden()
        await expect(page.get_by_label("Caps: warn at")).to_have_value("70")
        assert await person.axe() == []
        assert await person.overflow() <= 0

        await bell.click()
        await page.get_by_role("link", name="Provider openai has used 100 % of its cap").click()
        await expect(page.get_by_role("heading", level=1)).to_have_text(
            "Provider openai has used 100 % of its cap of this day"
        )
        form = await dialog(person, "Acknowledge")
        await form.get_by_label("Reason", exact=True).fill("Raising the cap")
        await form.get_by_role("button", name="Acknowledge").click()
        await expect(form).to_be_hidden()
        await expect(page.get_by_text("Acknowledged", exact=True)).to_be_visible()
        await expect(bell).to_be_hidden()
        assert await person.axe() == []
        assert await person.overflow() <= 0


async def test_support_sees_no_settings(visit: Visit, people: People) -> None:
    await up(people)
    await up(people, "anthropic")
    support = await hire(people, "support", "Sue")
    async with visit() as person:
        page = person.page
        await sign_in_staff(person, support, PAGE)
        await expect(page.get_by_role("tab", name="Protection")).to_be_visible()
        await expect(page.get_by_role("tab", name="Who is told")).to_be_hidden()
        await expect(page.get_by_role("link", name="that nobody has acknowledged")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("link", name="Provider openai has used 100 % of its cap").click()
        form = await dialog(person, "Call it over")
        await form.get_by_label("Reason", exact=True).fill("The cap was raised")
        await form.get_by_role("button", name="Call it over").click()
        await expect(form).to_be_hidden()
        await expect(page.get_by_text("Over", exact=True).first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await page.get_by_role("link", name="Alerts", exact=True).first.click()
        await page.get_by_role("tab", name="Protection").click()
        await expect(page.get_by_label("Caps: warn at")).not_to_be_editable()
        assert await person.axe() == []
        assert await person.overflow() <= 0
