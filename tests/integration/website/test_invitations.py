"""An invitation, shown to whoever has the link and accepted by whom it is for."""

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.audit.service import Actor
from omna.db.pool import transaction
from omna.http.principal import RIGHTS, Member, Role
from omna.ids import show
from omna.ledger import service as ledger
from omna.membership import arrival
from omna.money import parse_credits
from omna.risk import service as risk
from omna.workspaces import invitations
from omna.workspaces import service as workspaces
from omna.workspaces.model import SpendLimit, Workspace
from tests.harness.pages import leads_to
from tests.integration.website.conftest import PASSWORD, Mailbox, Open

NEW = {"name": "Bea", "password": PASSWORD, "consent": "yes"}


async def make(desk: Desk, actor: Actor, name: str, *, verified: bool = True) -> User:
    async with transaction(desk.pool) as connection:
        user = await accounts.create_user(
            connection,
            f"{name.lower()}@example.com",
            actor=actor,
            name=name,
            password=PASSWORD,
            passwords=desk.passwords,
        )
        if not verified:
            await connection.execute("UPDATE users SET email_verified_at = NULL WHERE user_id = $1", user.user_id)
            user = await accounts.get(connection, user.user_id)
        await arrival.welcome(connection, desk, user, origin="192.0.2.1")
    return user


@pytest.fixture
async def ann(desk: Desk, actor: Actor) -> User:
    return await make(desk, actor, "Ann")


@pytest.fixture
async def team(desk: Desk, actor: Actor, ann: User) -> Workspace:
    async with transaction(desk.pool) as connection:
        return await workspaces.create_team(
            connection, ann.user_id, "Kestrel", verified=True, risk=desk.settings.risk, actor=actor
        )


@pytest.fixture
async def link(desk: Desk, actor: Actor, ann: User, team: Workspace, mailbox: Mailbox) -> str:
    """The link to bea@example.com: a member of Kestrel with 3 Credits a day."""
    by = Member(team.workspace_id, ann.user_id, Role.OWNER, RIGHTS[Role.OWNER], None, None, "192.0.2.1")
    async with transaction(desk.pool) as connection:
        limit = SpendLimit(parse_credits("3"), "day")
        await invitations.invite(connection, "bea@example.com", Role.MEMBER, limit, by=by, actor=actor)
    return await mailbox.link("bea@example.com")


async def role(connection: asyncpg.Connection, team: Workspace, email: str = "bea@example.com") -> str | None:
    user = await accounts.find_by_email(connection, email)
    assert user is not None
    return await workspaces.role_of(connection, team.workspace_id, user.user_id)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_new_person_makes_an_account_for_the_invited_address_and_is_in(
    visit: Open, link: str, team: Workspace, connection: asyncpg.Connection, language: str
) -> None:
    browser = visit(language=language, sign_up="invite")
    page = await browser.open(link)
    for word in ("Kestrel", "Ann", "bea@example.com", "3 Credits"):
        assert word in page.text
    assert "readonly" in page.attributes["email"]
    # What the form says about the address does not count.
    done = await browser.send(page.form(link), **NEW, email="mallory@example.com")
    assert leads_to(done) == f"/app/w/{show('ws', team.workspace_id)}"
    assert leads_to(await browser.open("/sign-in")) == "/app", "they are signed in"
    assert await role(connection, team) == Role.MEMBER
    bea = await accounts.find_by_email(connection, "bea@example.com")
    assert bea is not None
    assert (bea.verified, bea.approved) == (True, True)
    personal = await workspaces.find(connection, "bea@example.com")
    assert personal.pending is None
    assert (await ledger.wallet(connection, personal.workspace_id)).available_promo == parse_credits("5")
    assert (await browser.open(link)).status == 404
    assert await accounts.find_by_email(connection, "mallory@example.com") is None


async def test_somebody_with_an_account_signs_in_and_accepts(
    visit: Open, desk: Desk, actor: Actor, link: str, team: Workspace, connection: asyncpg.Connection
) -> None:
    await make(desk, actor, "Bea", verified=False)
    browser = visit()
    page = await browser.open(link)
    sign_in = next(one for one in page.links if one.startswith("/sign-in?next="))
    assert leads_to(await browser.fill_in(sign_in, "/sign-in", email="bea@example.com", password=PASSWORD)) == link
    assert leads_to(await browser.fill_in(link)) == f"/app/w/{show('ws', team.workspace_id)}"
    assert await role(connection, team) == Role.MEMBER
    personal = await workspaces.find(connection, "bea@example.com")
    assert personal.pending is None, "the mail of the invitation has proven the address"
    assert (await ledger.wallet(connection, personal.workspace_id)).available_promo == parse_credits("5")


async def test_somebody_else_is_told_for_whom_it_is(
    visit: Open, desk: Desk, actor: Actor, link: str, team: Workspace, connection: asyncpg.Connection
) -> None:
    await make(desk, actor, "Cid")
    browser = visit()
    await browser.fill_in("/sign-in", email="cid@example.com", password=PASSWORD)
    page = await browser.open(link)
    assert "is for bea@example.com" in page.text
    assert [form.action for form in page.forms] == ["/sign-out", "/preferences"]
    form = page.form("/sign-out")
    form.action = link
    refused = await browser.send(form)
    assert refused.status == 403
    assert await role(connection, team, "cid@example.com") is None
    assert leads_to(await browser.send((await browser.open(link)).form("/sign-out"))) == link


async def test_a_link_that_leads_nowhere_says_so(visit: Open) -> None:
    for language in ("en", "zh"):
        page = await visit(language=language).open("/invite/unknown")
        assert page.status == 404
        assert ("7 days" in page.text) is (language == "en")


async def test_an_invitation_opens_no_door_that_is_stopped(
    visit: Open, link: str, actor: Actor, connection: asyncpg.Connection
) -> None:
    browser = visit()
    page = await browser.open(link)
    async with connection.transaction():
        await risk.stop(connection, "signup", cut_streams=False, reason="flood", actor=actor)
    assert (await browser.send(page.form(link), **NEW)).status == 503
    assert await accounts.find_by_email(connection, "bea@example.com") is None


async def test_a_refused_form_keeps_the_invitation_open(visit: Open, link: str, team: Workspace) -> None:
    browser = visit()
    refused = await browser.fill_in(link, name="", password="short", consent="no")
    assert refused.status == 400
    assert {"#name", "#consent"} <= set(refused.links)
    refused = await browser.fill_in(link, **(NEW | {"password": "short"}))
    assert "#password" in refused.links
    assert (await browser.fill_in(link, **NEW, form_token="x")).status == 403
    assert leads_to(await browser.fill_in(link, **NEW)).startswith("/app/w/")
