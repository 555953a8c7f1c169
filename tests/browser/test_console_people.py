"""Staff find people and workspaces in the console and act on them; owners decide who may come in (XG2, XU1, XU2, XU4, XY2)."""

import re
from typing import Any

from playwright.async_api import expect

from omna.accounts import policy
from omna.config import Accounts
from omna.ids import new_id, show
from omna.keys import service as keys
from tests.browser.conftest import Visit
from tests.harness.browser import Visitor
from tests.harness.people import PASSWORD, People, Somebody, program
from tests.harness.staff import hire, prove, sign_in_staff


async def find(person: Visitor, text: str) -> Any:
    """Type into the box that finds anything, and return its dialog."""
    dialog = person.page.get_by_role("dialog", name="Find anything")
    await dialog.get_by_role("searchbox").fill(text)
    await dialog.get_by_role("searchbox").press("Enter")
    return dialog


async def do(person: Visitor, button: str, reason: str = "They asked by phone", **fields: str) -> None:
    """Press a button of the page, fill its dialog, and do it."""
    await person.page.get_by_role("button", name=button, exact=True).click()
    dialog = person.page.get_by_role("dialog")
    for label, value in fields.items():
        await dialog.get_by_label(label.replace("_", " ")).fill(value)
    await dialog.get_by_label("Reason", exact=True).fill(reason)
    assert await person.axe() == []
    await dialog.get_by_role("button", name=button, exact=True).click()
    await expect(dialog).to_be_hidden()


async def make_key(people: People, somebody: Somebody) -> str:
    async with people.house.connection.transaction():
        _, text = await keys.issue(
            people.house.connection, somebody.personal, "laptop", actor=people.house.actor, created_by=somebody.user_id
        )
    return text


async def test_an_owner_finds_a_person_and_acts_on_them(visit: Visit, people: People) -> None:
    ada = await people.arrive("Ada", password=PASSWORD)
    owner = await hire(people, "owner", "Olga")
    text = await make_key(people, ada)
    user = show("usr", ada.user_id)
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/users")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Users")
        await expect(person.page.get_by_role("link", name=ada.email)).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        await person.page.keyboard.press("/")
        dialog = await find(person, text)
        await expect(dialog.get_by_text("This was a whole key.")).to_be_visible()
        await expect(dialog.get_by_role("link", name=re.compile("laptop"))).to_be_visible()
        assert await person.axe() == []
        await find(person, ada.email)
        await expect(dialog.get_by_role("link", name=re.compile(ada.email))).to_be_visible()
        await dialog.get_by_role("searchbox").press("ArrowDown")
        await person.page.keyboard.press("Enter")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text(ada.email)
        await expect(dialog).to_be_hidden()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        assert await person.spills() == []
        await prove(people, owner, "staff.role", user)
        await do(person, "Change role")
        await expect(person.page.get_by_text("Support", exact=True).last).to_be_visible()
        await do(person, "Sign out everywhere")
        await expect(person.page.get_by_text("Nowhere")).to_be_visible()
        await do(person, "Freeze", Words_to_the_customer="We look into it.")
        await expect(person.page.get_by_text("We look into it.")).to_be_visible()
        await do(person, "Unfreeze")
        await expect(person.page.get_by_role("button", name="Freeze", exact=True)).to_be_visible()
        await do(person, "Disable")
        await expect(person.page.get_by_role("button", name="Enable", exact=True)).to_be_visible()
    async with program(person.origin, session=ada.session) as browser:
        assert (await browser.get("/api/account")).status_code == 401


async def test_support_sees_a_workspace_masked_and_freezes_it(visit: Visit, people: People) -> None:
    ada = await people.arrive("Ada", password=PASSWORD)
    support = await hire(people, "support", "Sam")
    await people.give(ada.personal, "12.5")
    await make_key(people, ada)
    workspace = show("ws", ada.personal)
    async with visit() as person:
        await sign_in_staff(person, support, f"/console/workspaces?q={ada.email}")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Workspaces")
        await expect(person.page.get_by_text(re.compile("a•••@example.com"))).to_be_visible()
        assert await person.overflow() <= 0
        await person.page.get_by_role("link", name="Ada's workspace").click()
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Ada's workspace")
        await expect(person.page.locator("data[value='12.5']").first).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        assert await person.spills() == []
        for absent in ("Adjust Credits", "Lines about it"):
            await expect(person.page.get_by_text(absent)).to_have_count(0)
        await do(person, "Change limits", Daily_limit="5", Requests_at_a_time="2")
        await expect(person.page.get_by_text("No limit")).to_have_count(1)
        await do(person, "Freeze", Words_to_the_customer="A payment is being checked.")
        await expect(person.page.get_by_text("A payment is being checked.")).to_be_visible()
        await do(person, "Unfreeze")
        await person.page.get_by_role("button", name=re.compile("Revoke.*laptop")).click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label(re.compile("Somebody else may have it")).check()
        await dialog.get_by_label("Reason", exact=True).fill("Seen in a public repository")
        await dialog.get_by_role("button", name="Revoke", exact=True).click()
        await expect(dialog).to_be_hidden()
        await person.go(f"/console/users/{show('usr', ada.user_id)}")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("a•••@example.com")
        for absent in ("Change role", "Disable", "Reset second factor"):
            await expect(person.page.get_by_role("button", name=absent)).to_have_count(0)
        assert ada.email not in await person.page.content()
        await person.page.get_by_role("button", name="Find anything").click()
        dialog = await find(person, ada.email)
        await expect(dialog.get_by_role("link", name=re.compile("a•••@example.com"))).to_be_visible()
        assert await person.overflow() <= 0
        await person.go("/console/access")
        await expect(person.page.get_by_role("heading", level=1)).not_to_have_text("Access")
    rows = await people.house.connection.fetch("SELECT action FROM audit_log WHERE subject = $1", workspace)
    assert {"workspace.read", "workspace.limit", "workspace.freeze"} <= {row["action"] for row in rows}


async def test_an_owner_decides_who_comes_in(visit: Visit, people: People) -> None:
    connection = people.house.connection
    owner = await hire(people, "owner", "Olga")
    waiting, stranger_email = await people.arrive("Wanda"), f"eve-{new_id().hex[-12:]}@example.net"
    await connection.execute("UPDATE users SET approved_at = NULL WHERE user_id = $1", waiting.user_id)
    await connection.execute(
        "INSERT INTO access_requests (access_request_id, email, email_normalized, name, message)"
        " VALUES ($1, $2, $2, 'Eve', 'Please let me in')",
        new_id(),
        stranger_email,
    )
    async with visit() as person:
        await sign_in_staff(person, owner, "/console/access")
        await expect(person.page.get_by_role("heading", level=1)).to_have_text("Access")
        await expect(person.page.get_by_text("Please let me in")).to_be_visible()
        assert await person.axe() == []
        assert await person.overflow() <= 0
        for button, email in (
            (re.compile(f"Approve.*{waiting.email}"), waiting.email),
            (re.compile(f"Invite.*{stranger_email}"), stranger_email),
        ):
            await person.page.get_by_role("button", name=button).click()
            dialog = person.page.get_by_role("dialog")
            await dialog.get_by_label("Reason", exact=True).fill("Known to us")
            await dialog.get_by_role("button", name=re.compile("^(Approve|Invite)$")).click()
            await expect(dialog).to_be_hidden()
            assert email in await person.page.content()
        assert "/join/" in await people.last_mail(stranger_email)
        await prove(people, owner, "access.policy", "access")
        await person.page.get_by_role("button", name="Change sign-up").click()
        dialog = person.page.get_by_role("dialog")
        await dialog.get_by_label("Who may make an account").select_option("invite")
        await dialog.get_by_label("Reason", exact=True).fill("Costs are being tuned")
        assert await person.axe() == []
        await dialog.get_by_role("button", name="Save").click()
        await expect(dialog).to_be_hidden()
        await expect(person.page.get_by_text("decided in the console")).to_be_visible()
        link = (await people.last_mail(stranger_email)).rpartition("/join/")[2].split()[0]
    async with visit() as stranger:
        await stranger.go("/sign-up")
        await expect(stranger.page.get_by_role("heading", level=1)).to_have_text("By invitation")
        await stranger.go(f"/join/{link}")
        assert await stranger.axe() == []
        assert await stranger.overflow() <= 0
        await stranger.page.get_by_label("Name").fill("Eve")
        await stranger.page.get_by_label("Password", exact=True).fill(PASSWORD)
        await stranger.page.get_by_label(re.compile("I agree")).check()
        await stranger.page.get_by_role("button", name="Create account").click()
        await stranger.page.wait_for_url(re.compile("/app"))
    async with connection.transaction():
        await policy.decide(
            connection,
            Accounts(),
            sign_up=None,
            starter_credits=None,
            reason="after the test",
            actor=people.house.actor,
        )
