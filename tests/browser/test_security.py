"""Settings and security in the web app: profile (ST1), password and address (ST2), authenticator app (J12, ST3),
passkeys (J13, ST4), sessions (ST5), notifications (ST6), one's own data (ST7)."""

import re
from pathlib import Path

import pyotp
import pytest
from playwright.async_api import Page, expect

from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.people import PASSWORD, People, Somebody, enter

SECURITY = "/app/settings/security"


@pytest.fixture
async def ada(people: People) -> Somebody:
    return await people.arrive("Ada", password=PASSWORD)


async def confirm(page: Page) -> None:
    """Answer the question who it is, with the password."""
    proof = page.get_by_role("dialog", name="Confirm that it is you")
    await proof.get_by_label("Password", exact=True).fill(PASSWORD)
    await proof.get_by_role("button", name="Confirm").click()
    await expect(proof).to_have_count(0)


async def sign_in(person: Visitor, somebody: Somebody, password: str = PASSWORD) -> None:
    await person.go("/sign-in?next=%2Fapp%2Fsettings%2Fsecurity")
    await person.page.get_by_label("E-mail").fill(somebody.email)
    await person.page.get_by_label("Password", exact=True).fill(password)
    await person.page.get_by_role("button", name="Sign in", exact=True).click()


async def sign_out(page: Page) -> None:
    await page.get_by_role("button", name="Account").click()
    await page.get_by_role("menuitem", name="Sign out").click()
    await expect(page).to_have_url(re.compile("/sign-in"))


async def test_totp_is_on_after_a_right_code_and_recovery_codes_work_once(
    visit: Visit, ada: Somebody, people: People, tmp_path: Path
) -> None:
    other = await people.sign_in(ada.user_id)
    async with visit() as person:
        page = person.page
        await enter(person, ada, SECURITY)
        await page.get_by_role("button", name="Turn on").click()
        await confirm(page)
        dialog = page.get_by_role("dialog", name="Set up the authenticator app")
        await expect(dialog.get_by_role("img", name="QR code")).to_be_visible()
        secret = (await dialog.locator("code").inner_text()).replace(" ", "")
        assert await person.axe() == []
        turn_on = dialog.get_by_role("button", name="Turn on")
        wrong = f"{(int(pyotp.TOTP(secret).now()) + 1) % 1_000_000:06}"
        await dialog.get_by_label("Code from the app").fill(wrong)
        await turn_on.click()
        await expect(dialog.get_by_role("alert")).to_be_visible()
        await dialog.get_by_label("Code from the app").fill(pyotp.TOTP(secret).now())
        await turn_on.click()

        codes = page.get_by_role("dialog", name="Recovery codes")
        await expect(codes.get_by_role("listitem")).to_have_count(10)
        assert await person.axe() == []
        await page.keyboard.press("Escape")
        await expect(codes).to_be_visible()
        async with page.expect_download() as download:
            await codes.get_by_role("link", name="Download").click()
        await (await download.value).save_as(tmp_path / "codes.txt")
        recovery = await codes.get_by_role("listitem").first.inner_text()
        assert recovery in (tmp_path / "codes.txt").read_text("utf-8")
        await codes.get_by_label("I saved them").check()
        await codes.get_by_role("button", name="Done").click()
        await expect(page.get_by_text("10 recovery codes left.")).to_be_visible()

        async with visit() as elsewhere:
            await elsewhere.context.add_cookies([{"name": "omna_session", "value": other, "url": elsewhere.origin}])
            await elsewhere.go(SECURITY)
            await expect(elsewhere.page).to_have_url(re.compile("/sign-in"))

        await sign_out(page)
        await sign_in(person, ada)
        await expect(page).to_have_url(re.compile("/sign-in/verify"))
        await page.get_by_label(re.compile("code", re.IGNORECASE)).first.fill(recovery)
        await page.get_by_role("button", name=re.compile("Sign in|Continue|Verify")).first.click()
        await expect(page.get_by_text("9 recovery codes left.")).to_be_visible()

        await page.get_by_role("button", name="New recovery codes").click()
        proof = page.get_by_role("dialog", name="Confirm that it is you")
        await proof.get_by_label("Password", exact=True).fill(PASSWORD)
        # A recovery code that was used is refused; the next one of the list is not.
        await proof.get_by_label("Code").fill(recovery)
        await proof.get_by_role("button", name="Confirm").click()
        await expect(proof.get_by_role("alert")).to_be_visible()
        second = (tmp_path / "codes.txt").read_text("utf-8").split(recovery)[1].split()[0]
        await proof.get_by_label("Code").fill(second)
        await proof.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("dialog", name="Recovery codes").get_by_role("listitem")).to_have_count(10)


async def test_passkey_signs_in_without_a_password_and_is_renamed_and_removed(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        device = await person.authenticator()
        await enter(person, ada, SECURITY)
        await page.get_by_role("button", name="Add passkey").click()
        dialog = page.get_by_role("dialog", name="Add a passkey")
        assert await person.axe() == []
        await dialog.get_by_label("Name").fill("Laptop")
        await dialog.get_by_role("button", name="Add passkey").click()
        await confirm(page)
        await expect(page.get_by_text("Passkey “Laptop” is added.")).to_be_visible()
        assert len(await device.credentials()) == 1
        row = page.get_by_role("listitem").filter(has_text="Laptop")
        await expect(row).to_contain_text("never used")

        await person.context.clear_cookies()
        # The device answers by itself as soon as the page asks which passkeys there are.
        await person.go("/sign-in?next=%2Fapp%2Fsettings%2Fsecurity")
        await expect(page).to_have_url(f"{person.origin}{SECURITY}")
        await expect(row).to_contain_text("last used")

        await row.get_by_role("button", name="Rename Laptop").click()
        await page.get_by_role("dialog").get_by_label("Name").fill("Work laptop")
        await page.get_by_role("dialog").get_by_role("button", name="Rename passkey").click()
        await expect(page.get_by_role("listitem").filter(has_text="Work laptop")).to_be_visible()

        await page.get_by_role("button", name="Remove Work laptop").click()
        await page.get_by_role("dialog").get_by_role("button", name="Remove passkey").click()
        proof = page.get_by_role("dialog", name="Confirm that it is you")
        await proof.get_by_role("button", name="Use passkey").click()
        await expect(page.get_by_text("No passkey yet.")).to_be_visible()


async def test_session_that_is_ended_elsewhere_is_dead(visit: Visit, ada: Somebody, people: People) -> None:
    other = await people.sign_in(ada.user_id)
    async with visit() as person, visit() as elsewhere:
        page = person.page
        await elsewhere.context.add_cookies([{"name": "omna_session", "value": other, "url": elsewhere.origin}])
        await elsewhere.go("/app/settings/profile")
        await expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Profile")
        await enter(person, ada, "/app/settings/sessions")
        await expect(page.get_by_text("This device")).to_be_visible()
        assert await person.axe() == []
        await page.get_by_role("button", name="End Unknown device").click()
        await expect(page.get_by_text("The session is ended.")).to_be_visible()
        await elsewhere.page.get_by_label("Name").fill("Somebody else")
        await elsewhere.page.get_by_role("button", name="Save name").click()
        await expect(elsewhere.page).to_have_url(re.compile("/sign-in"))


async def test_password_change_ends_the_others_and_holds(visit: Visit, ada: Somebody, people: People) -> None:
    other = await people.sign_in(ada.user_id)
    new = "a quite different horse staple"
    async with visit() as person:
        page = person.page
        await enter(person, ada, SECURITY)
        await page.get_by_role("button", name="Change password").click()
        dialog = page.get_by_role("dialog", name="Change password")
        await dialog.get_by_label("New password").fill("short")
        await dialog.get_by_role("button", name="Change password").click()
        await expect(dialog).to_contain_text("It needs at least 15 characters.")
        await dialog.get_by_label("New password").fill(new)
        await dialog.get_by_role("button", name="Change password").click()
        await confirm(page)
        await expect(page.get_by_text("The password is changed")).to_be_visible()
        async with visit() as elsewhere:
            await elsewhere.context.add_cookies([{"name": "omna_session", "value": other, "url": elsewhere.origin}])
            await elsewhere.go(SECURITY)
            await expect(elsewhere.page).to_have_url(re.compile("/sign-in"))
            await sign_in(elsewhere, ada, new)
            await expect(elsewhere.page.get_by_role("heading", level=1)).to_have_text("Security")


async def test_new_address_counts_only_when_it_is_verified(visit: Visit, ada: Somebody, people: People) -> None:
    new = f"new.{ada.email}"
    async with visit() as person:
        page = person.page
        await enter(person, ada, SECURITY)
        await page.get_by_role("button", name="Change address").click()
        await page.get_by_role("dialog").get_by_label("New e-mail address").fill(new)
        await page.get_by_role("dialog").get_by_role("button", name="Send link").click()
        await confirm(page)
        await expect(page.get_by_text(f"Waiting for {new} to be verified.")).to_be_visible()
        assert "/verify-email?token=" in await people.last_mail(new)
        assert await person.axe() == []
        await page.get_by_role("button", name="Keep the old address").click()
        await expect(page.get_by_text(f"Waiting for {new}")).to_have_count(0)


async def test_profile_applies_at_once(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, "/app/settings/profile")
        await page.get_by_label("Name").fill("Ada Lovelace")
        await page.get_by_role("button", name="Save name").click()
        await expect(page.get_by_text("Saved.")).to_be_visible()
        await page.get_by_text("Dark", exact=True).click()
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")
        await page.get_by_role("combobox", name="Time zone").or_(page.get_by_label("Time zone")).first.fill("Tokyo")
        await page.get_by_role("option", name="Asia/Tokyo").click()
        await page.reload()
        await expect(page.get_by_label("Name")).to_have_value("Ada Lovelace")
        await expect(page.get_by_label("Time zone").first).to_have_value("Asia/Tokyo")
        await expect(page.locator("html")).to_have_attribute("data-mantine-color-scheme", "dark")


async def test_mails_are_chosen_and_security_stays_on(visit: Visit, ada: Somebody) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, ada, "/app/settings/notifications")
        switch = page.get_by_role("switch", name="Low balance")
        await expect(switch).to_be_checked()
        # The state is the server's word, which takes a moment.
        await switch.click(force=True)
        await expect(page.get_by_text("Saved.")).to_be_visible()
        await page.reload()
        await expect(switch).not_to_be_checked()
        await expect(page.get_by_role("heading", name="Always on")).to_be_visible()


async def test_data_are_exported_and_the_account_is_deleted(visit: Visit, ada: Somebody, people: People) -> None:
    await people.give(ada.personal, "7")
    async with visit() as person:
        page = person.page
        await enter(person, ada, "/app/settings/data")
        await page.get_by_role("button", name="Prepare export").click()
        await confirm(page)
        async with page.expect_download() as download:
            await page.get_by_role("link", name="Download archive").click()
        assert (await download.value).suggested_filename.endswith(".zip")

        await page.get_by_role("button", name="Delete account").click()
        dialog = page.get_by_role("dialog", name="Delete account")
        await expect(dialog.locator("data[value='7']").first).to_be_visible()
        delete = dialog.get_by_role("button", name="Delete account")
        await dialog.get_by_label("to confirm").fill(ada.email)
        await expect(delete).to_be_disabled()
        await dialog.get_by_label("Give up").check()
        assert await person.axe() == []
        await delete.click()
        await confirm(page)
        await expect(page).to_have_url(f"{person.origin}/")
        await sign_in(person, ada)
        await expect(page).to_have_url(re.compile("/sign-in"))
