"""Team and members in the web app (J11): invitations (TM2), roles (TM3), leaving (TM4), limits (TM5), transfer and deletion (TM6)."""

from dataclasses import dataclass

import pytest
from playwright.async_api import expect

from omna.http.principal import Role
from omna.ids import show
from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.people import PASSWORD, People, Somebody, enter


@dataclass(frozen=True, slots=True)
class Engines:
    """A team workspace with somebody in every role."""

    home: str
    owner: Somebody
    admin: Somebody
    billing: Somebody
    member: Somebody


@pytest.fixture
async def engines(people: People) -> Engines:
    owner = await people.arrive("Ada", password=PASSWORD)
    admin, billing, member = await people.arrive("Charles"), await people.arrive("Mary"), await people.arrive("Joan")
    team = await people.found_team(owner, "Engines")
    await people.join(team, owner, admin, Role.ADMIN)
    await people.join(team, owner, billing, Role.BILLING)
    await people.join(team, owner, member, Role.MEMBER)
    await people.give(team, "20")
    return Engines(f"/app/w/{show('ws', team)}", owner, admin, billing, member)


async def test_invitation_is_sent_sent_again_and_revoked(visit: Visit, engines: Engines, people: People) -> None:
    email = f"new.{engines.owner.email}"
    async with visit() as person:
        page = person.page
        await enter(person, engines.owner, f"{engines.home}/team")
        await page.get_by_role("button", name="Invite member").click()
        dialog = page.get_by_role("dialog", name="Invite a member")
        await dialog.get_by_label("E-mail address").fill("nobody")
        await dialog.get_by_role("button", name="Send invitation").click()
        await expect(dialog).to_contain_text("Write an e-mail address")
        await clean(person)
        await dialog.get_by_label("E-mail address").fill(email)
        await dialog.get_by_label("Spend limit").fill("5")
        await dialog.get_by_role("button", name="Send invitation").click()
        row = page.get_by_role("row", name=email)
        await expect(row).to_contain_text("Invited by Ada")
        assert "/invite/" in await people.last_mail(email)
        await row.get_by_role("button", name="Revoke").click()
        await page.get_by_role("dialog").get_by_role("button", name="Revoke invitation").click()
        await expect(page.get_by_text("Nobody is invited at the moment")).to_be_visible()
        await clean(person)


async def test_what_a_role_may_not_do_is_not_drawn(visit: Visit, engines: Engines) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, engines.member, f"{engines.home}/team")
        await expect(page.get_by_role("row", name="Ada")).to_be_visible()
        for name in ("Invite member", "Change", "Remove", "Save changes", "Transfer ownership", "Delete workspace"):
            await expect(page.get_by_role("button", name=name)).to_have_count(0)
        await expect(page.get_by_role("button", name="Leave workspace")).to_be_visible()
        await expect(page.get_by_text(engines.owner.email)).to_have_count(0)
        await clean(person)
    async with visit() as person:
        await enter(person, engines.billing, f"{engines.home}/keys")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Page not found")
    async with visit() as person:
        page = person.page
        await enter(person, engines.admin, f"{engines.home}/team")
        await expect(page.get_by_role("row", name="Joan").get_by_role("button", name="Change")).to_be_visible()
        await expect(page.get_by_role("row", name="Ada").get_by_role("button")).to_have_count(0)
        await expect(page.get_by_role("button", name="Delete workspace")).to_have_count(0)
        await clean(person)


async def test_role_and_limit_are_changed(visit: Visit, engines: Engines) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, engines.owner, f"{engines.home}/team")
        row = page.get_by_role("row", name="Joan")
        await row.get_by_role("button", name="Change").click()
        dialog = page.get_by_role("dialog", name="Role and limit of Joan")
        await dialog.get_by_label("Admin").check()
        await dialog.get_by_label("Spend limit").fill("12.5")
        await clean(person)
        await dialog.get_by_role("button", name="Save changes").click()
        await expect(row).to_contain_text("Admin")
        await expect(row.get_by_role("meter")).to_be_visible()
        # The focus is back where it was.
        await expect(row.get_by_role("button", name="Change")).to_be_focused()


async def test_removed_member_hands_over_keys_and_is_out(visit: Visit, engines: Engines) -> None:
    async with visit() as theirs:
        await enter(theirs, engines.member, f"{engines.home}/keys?create=1")
        dialog = theirs.page.get_by_role("dialog")
        await dialog.get_by_label("Name").fill("joans-job")
        await dialog.get_by_role("button", name="Create key").click()
        await theirs.page.get_by_label("I have stored it").check()
        await theirs.page.get_by_role("button", name="Done").click()
        async with visit() as person:
            page = person.page
            await enter(person, engines.owner, f"{engines.home}/team")
            await page.get_by_role("row", name="Joan").get_by_role("button", name="Remove").click()
            removal = page.get_by_role("dialog", name="Remove Joan")
            await removal.get_by_label("Hand them over").check()
            await clean(person)
            await removal.get_by_role("button", name="Remove member").click()
            await expect(page.get_by_role("row", name="Joan")).to_have_count(0)
            await person.go(f"{engines.home}/keys")
            await expect(page.get_by_role("row", name="joans-job")).to_contain_text("Ada")
            await clean(person)
        await theirs.page.reload()
        await expect(theirs.page.get_by_role("heading", level=1)).to_have_text("Page not found")


async def test_daily_limit_is_set_and_shown(visit: Visit, engines: Engines) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, engines.admin, f"{engines.home}/team")
        await page.get_by_label("Daily spend limit").fill("3")
        await page.get_by_label("Low-balance mail").fill("1")
        await page.get_by_role("button", name="Save changes").click()
        await expect(page.get_by_text("The settings are saved.")).to_be_visible()
        await expect(page.get_by_role("meter", name="Spent today")).to_be_visible()
        await page.reload()
        await expect(page.get_by_label("Daily spend limit")).to_have_value("3")
        await clean(person)


async def test_ownership_moves_and_the_workspace_is_deleted(visit: Visit, engines: Engines) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, engines.owner, f"{engines.home}/team")
        await expect(page.get_by_text("You are the last owner.")).to_be_visible()
        await page.get_by_role("button", name="Delete workspace").click()
        dialog = page.get_by_role("dialog", name="Delete Engines")
        await expect(dialog.locator("data[value='20']").first).to_be_visible()
        await clean(person)
        await dialog.get_by_label("Give up").check()
        await dialog.get_by_label("to confirm").fill("Engines")
        await dialog.get_by_role("button", name="Delete workspace").click()
        proof = page.get_by_role("dialog", name="Confirm that it is you")
        await proof.get_by_label("Password", exact=True).fill(PASSWORD)
        await proof.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_text("Engines is deleted.")).to_be_visible()
        await expect((await person.rail()).get_by_role("button", name="Switch workspace")).not_to_contain_text(
            "Engines"
        )
        assert engines.home not in page.url


async def test_last_owner_transfers_and_leaves(visit: Visit, engines: Engines) -> None:
    async with visit() as person:
        page = person.page
        await enter(person, engines.owner, f"{engines.home}/team")
        await page.get_by_role("button", name="Transfer ownership").click()
        dialog = page.get_by_role("dialog", name="Transfer Engines")
        await clean(person)
        await dialog.get_by_label("to confirm").fill("Engines")
        await dialog.get_by_role("button", name="Transfer ownership").click()
        proof = page.get_by_role("dialog", name="Confirm that it is you")
        await proof.get_by_label("Password", exact=True).fill(PASSWORD)
        await proof.get_by_role("button", name="Confirm").click()
        await expect(page.get_by_role("row", name="Charles")).to_contain_text("Owner")
        await clean(person)
        await page.get_by_role("button", name="Leave workspace").click()
        await page.get_by_role("dialog").get_by_role("button", name="Leave workspace").click()
        await expect(page.get_by_text("You left Engines.")).to_be_visible()
        assert engines.home not in page.url
