"""Signing in by another service, with a browser that follows its links."""

from collections.abc import AsyncIterator
from dataclasses import replace
from urllib.parse import urlsplit

import asyncpg
import pytest
from starlette.applications import Starlette

from omna.accounts import service as accounts
from omna.accounts.desk import Desk
from omna.audit.service import Actor
from omna.config import Accounts, SignIn
from omna.db.pool import transaction
from omna.http.principal import RIGHTS, Member, Role
from omna.website.routes import routes
from omna.workspaces import invitations
from omna.workspaces import service as workspaces
from tests.harness.oidc import CLIENT_ID, CLIENT_SECRET, Fault, GitHub, OidcProvider, Someone
from tests.harness.pages import Browser, Page, leads_to
from tests.integration.website.conftest import PASSWORD, Mailbox


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[tuple[OidcProvider, GitHub]]:
    async with OidcProvider() as provider, GitHub() as github:
        yield provider, github


class House:
    """An installation that offers two services."""

    def __init__(self, desk: Desk, provider: OidcProvider, github: GitHub) -> None:
        self.desk = desk
        self.provider = provider
        self.github = github
        self.browsers: list[Browser] = []

    def browser(self, language: str = "en", **accounts_: str) -> Browser:
        settings = replace(
            self.desk.settings,
            accounts=Accounts(**accounts_),
            sign_in=SignIn(
                oidc_issuer=self.provider.url,
                oidc_name="Example",
                oidc_client_id=CLIENT_ID,
                oidc_client_secret=CLIENT_SECRET,
                github_url=self.github.url,
                github_client_id=CLIENT_ID,
                github_client_secret=CLIENT_SECRET,
                private_hosts=f"{self.provider.host}, {self.github.host}",
            ),
        )
        app = Starlette(routes=routes(settings))
        app.state.desk = replace(self.desk, settings=settings)
        self.browsers.append(Browser(app, language=language))
        return self.browsers[-1]

    async def go(self, browser: Browser, path: str = "/sign-in/oauth/oidc") -> Page:
        """Go to the service and come back."""
        server = self.github if "github" in path else self.provider
        answer = await server.consent(leads_to(await browser.open(path)))
        query = "&".join(f"{name}={value}" for name, value in answer.items())
        return await browser.open(f"{path.partition('?')[0]}/callback?{query}")


@pytest.fixture
async def house(desk: Desk, shared: tuple[OidcProvider, GitHub]) -> AsyncIterator[House]:
    provider, github = shared
    provider.faults.clear()
    provider.someone, github.someone = Someone(email="bea@example.com", name="Bea"), Someone("77", "bea@example.com")
    opened = House(desk, provider, github)
    yield opened
    for browser in opened.browsers:
        await browser.client.aclose()


async def test_the_sign_in_page_offers_what_is_configured(house: House) -> None:
    page = await house.browser().open("/sign-in?next=/app/w/x")
    assert [link for link in page.links if "oauth" in link] == [
        "/sign-in/oauth/github?next=%2Fapp%2Fw%2Fx",
        "/sign-in/oauth/oidc?next=%2Fapp%2Fw%2Fx",
    ]
    assert "Continue with Example" in page.text


@pytest.mark.parametrize("service", ["oidc", "github"])
async def test_somebody_new_agrees_and_goes_where_they_wanted(
    house: House, connection: asyncpg.Connection, service: str
) -> None:
    browser = house.browser(starter_credits="5")
    assert leads_to(await house.go(browser, f"/sign-in/oauth/{service}?next=/app/keys")) == "/sign-in/oauth/new"
    page = await browser.open("/sign-in/oauth/new")
    form = page.form("/sign-in/oauth/new")
    assert form.fields["email"] == "bea@example.com"
    assert (await browser.send(form, name="Bea")).status == 400, "without consent"
    assert await connection.fetchval("SELECT count(*) FROM users") == 0
    done = await browser.send(form, name="Bea", consent="yes")
    assert leads_to(done) == "/app/keys"
    assert "omna_session" in browser.client.cookies
    row = await connection.fetchrow("SELECT name, terms_version, email_verified_at FROM users")
    assert row["name"] == "Bea"
    assert row["terms_version"]
    assert row["email_verified_at"] is not None
    assert await connection.fetchval("SELECT pending IS NULL FROM workspaces WHERE kind = 'personal'")
    assert leads_to(await house.go(house.browser(), f"/sign-in/oauth/{service}?next=//evil.example")) == "/app"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_an_address_with_an_account_is_sent_to_its_settings(house: House, actor: Actor, language: str) -> None:
    async with transaction(house.desk.pool) as connection:
        await accounts.create_user(
            connection, "bea@example.com", actor=actor, password=PASSWORD, passwords=house.desk.passwords
        )
    page = await house.go(house.browser(language))
    assert page.status == 409
    assert "/sign-in?next=/app/settings/security" in page.links
    assert ("link the service" in page.text) is (language == "en")


async def test_an_unproven_address_is_asked_by_mail(house: House, mailbox: Mailbox) -> None:
    house.provider.someone.verified = False
    browser = house.browser()
    assert leads_to(await house.go(browser)) == "/sign-in/oauth/new"
    done = await browser.fill_in("/sign-in/oauth/new", name="Bea", consent="yes")
    assert leads_to(done) == "/verify-email"
    assert "omna_session" not in browser.client.cookies
    assert await mailbox.kinds("bea@example.com") == ["verify_email"]


async def test_by_invitation_only_the_page_says_so(house: House) -> None:
    browser = house.browser(sign_up="invite")
    assert leads_to(await house.go(browser)) == "/sign-in/oauth/new"
    page = await browser.open("/sign-in/oauth/new")
    assert "/request-access" in page.links
    assert not [form for form in page.forms if "oauth" in form.action]


@pytest.mark.parametrize("address", ["bea@example.com", "somebody@example.com"])
async def test_an_invitation_lets_its_address_in(
    house: House, actor: Actor, mailbox: Mailbox, connection: asyncpg.Connection, address: str
) -> None:
    async with transaction(house.desk.pool) as work:
        ann = await accounts.create_user(work, "ann@example.com", actor=actor, name="Ann")
        team = await workspaces.create_team(
            work, ann.user_id, "Acme", verified=True, risk=house.desk.settings.risk, actor=actor
        )
        owner = Member(team.workspace_id, ann.user_id, Role.OWNER, RIGHTS[Role.OWNER], None, None, "test")
        await invitations.invite(work, address, Role.MEMBER, by=owner, actor=actor)
    link = await mailbox.link(address)
    browser = house.browser(sign_up="invite")
    assert leads_to(await house.go(browser, f"/sign-in/oauth/oidc?next={link}")) == "/sign-in/oauth/new"
    page = await browser.open("/sign-in/oauth/new")
    if address != "bea@example.com":
        assert not [form for form in page.forms if "oauth" in form.action]
        return
    done = await browser.send(page.form("/sign-in/oauth/new"), name="Bea", consent="yes")
    assert leads_to(done) == link
    row = await connection.fetchrow("SELECT email_verified_at, approved_at FROM users WHERE name = 'Bea'")
    assert None not in row.values(), "the page of the invitation is where they accept"


async def test_a_lie_is_told_plainly_and_leads_back(house: House, connection: asyncpg.Connection) -> None:
    house.provider.faults.add(Fault.WRONG_NONCE)
    page = await house.go(house.browser())
    assert page.status == 403
    assert "/sign-in" in page.links
    assert await connection.fetchval("SELECT count(*) FROM users") == 0


async def test_a_callback_without_its_cookie_leads_nowhere(house: House) -> None:
    url = leads_to(await house.browser().open("/sign-in/oauth/oidc"))
    answer = await house.provider.consent(url)
    query = "&".join(f"{name}={value}" for name, value in answer.items())
    page = await house.browser().open(f"/sign-in/oauth/oidc/callback?{query}")
    assert page.status == 403


async def test_the_way_there_is_bound_to_the_configured_address(house: House) -> None:
    browser = house.browser()
    page = await browser.open("/sign-in/oauth/oidc")
    assert urlsplit(leads_to(page)).netloc == house.provider.host
    assert "redirect_uri=http%3A%2F%2Flocalhost%3A5108%2Fsign-in%2Foauth%2Foidc%2Fcallback" in leads_to(page)
    [cookie] = [one for one in page.answer.headers.get_list("set-cookie") if one.startswith("omna_oauth=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Max-Age=600" in cookie


async def test_another_site_cannot_start_a_sign_in(house: House) -> None:
    browser = house.browser()
    answer = await browser.client.get("/sign-in/oauth/oidc", headers={"sec-fetch-site": "cross-site"})
    assert answer.headers["location"] == "/sign-in"
    assert "omna_oauth" not in browser.client.cookies


@pytest.mark.parametrize("path", ["/sign-in/oauth/google", "/sign-in/oauth/nobody", "/sign-in/oauth/oidc/callback"])
async def test_what_leads_nowhere_says_so(house: House, path: str) -> None:
    assert (await house.browser().open(path)).status == 403


async def test_terms_cannot_be_agreed_to_for_somebody_else(house: House, connection: asyncpg.Connection) -> None:
    browser = house.browser()
    await house.go(browser)
    form = (await browser.open("/sign-in/oauth/new")).form("/sign-in/oauth/new")
    elsewhere = {"sec-fetch-site": "cross-site", "origin": "https://evil.example"}
    assert (await browser.send(form, elsewhere, name="Bea", consent="yes")).status == 403
    assert (await browser.send(form, name="Bea", consent="yes", form_token="x")).status == 403
    assert (await house.browser().open("/sign-in/oauth/new")).status == 403
    assert await connection.fetchval("SELECT count(*) FROM users") == 0


async def test_a_service_that_is_away_is_told(house: House, desk: Desk) -> None:
    async with OidcProvider() as gone:
        house.provider = gone
        browser = house.browser()
    page = await browser.open("/sign-in/oauth/oidc")
    assert page.status == 502
    assert "/sign-in" in page.links
