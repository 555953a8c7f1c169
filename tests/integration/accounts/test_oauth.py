"""Going to another service and coming back as somebody."""

from collections.abc import AsyncIterator
from dataclasses import dataclass, replace
from typing import Any

import asyncpg
import httpx2
import pytest

from omna.accounts import oauth
from omna.accounts import service as accounts
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.accounts.oauth import Back, In, Linked, New, Services
from omna.accounts.sign_in import Entered, SecondStep
from omna.accounts.sweeping import sweep
from omna.api import create_api
from omna.audit.service import Actor
from omna.config import Accounts, SignIn
from omna.db.pool import Connection, borrow, transaction
from omna.errors import (
    AddressHasAccount,
    Conflict,
    OmnaError,
    ServiceSignInRefused,
    SignUpClosed,
    TooManyAttempts,
)
from omna.http.application import set_pool
from omna.http.principal import Person
from tests.harness.oidc import CLIENT_ID, CLIENT_SECRET, Fault, OidcProvider, Someone
from tests.integration.accounts.browsing import ORIGIN, Browser, refusal
from tests.integration.accounts.conftest import CLIENT


@dataclass
class World:
    """An installation that offers one service."""

    desk: Desk
    services: Services
    provider: OidcProvider

    async def leave(self, browser: str = "browser", linking: Person | None = None, wanted: str = "/app") -> str:
        service = self.services.named("oidc")
        metadata = await self.services.metadata(service)
        async with transaction(self.desk.pool) as connection:
            return await oauth.begin(
                connection, self.desk, service, metadata, browser, wanted, CLIENT.origin, linking=linking
            )

    async def come_back(self, url: str, browser: str | None = "browser", who: Person | None = None, **more: Any) -> Any:
        answer = await self.provider.consent(url)
        back = Back(answer["state"], answer["code"], "", answer.get("iss"))
        return await oauth.finish(self.desk, self.services, "oidc", replace(back, **more), browser, CLIENT, who)

    async def visit(self, **more: Any) -> Any:
        return await self.come_back(await self.leave(), **more)

    async def settle(self, new: New, *, name: str = "Ann", invited: bool = False) -> Any:
        async def then(connection: Connection, user: User) -> None:
            assert connection.is_in_transaction()

        return await oauth.settle(
            self.desk,
            new.token,
            name=name,
            language="en",
            terms_version="2026-11",
            invited=invited,
            client=CLIENT,
            then=then,
        )

    async def link(self, browser: Browser, user: User) -> Person:
        who = await browser.sign_in_as(user)
        assert await self.come_back(await self.leave(linking=who), who=who) == Linked("/app")
        return who


@pytest.fixture(scope="module")
async def shared() -> AsyncIterator[OidcProvider]:
    async with OidcProvider() as running:
        yield running


@pytest.fixture
def world(desk: Desk, shared: OidcProvider) -> World:
    shared.faults.clear()
    shared.someone = Someone()
    sign_in = SignIn(
        oidc_issuer=shared.url,
        oidc_name="Example",
        oidc_client_id=CLIENT_ID,
        oidc_client_secret=CLIENT_SECRET,
        private_hosts=shared.host,
    )
    desk = replace(desk, settings=replace(desk.settings, sign_in=sign_in))
    return World(desk, Services(sign_in), shared)


@pytest.fixture
async def browser(world: World, pool: asyncpg.Pool) -> AsyncIterator[Browser]:
    api = create_api(world.desk.settings)
    set_pool(api, pool)
    api.state.desk = world.desk
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as client:
        yield Browser(client, world.desk)


async def acts(connection: asyncpg.Connection) -> list[str]:
    return [row["action"] for row in await connection.fetch("SELECT action FROM audit_log ORDER BY seq")]


async def test_somebody_new_agrees_and_is_in(world: World, connection: asyncpg.Connection) -> None:
    new = await world.visit()
    assert isinstance(new, New)
    async with borrow(world.desk.pool) as reading:
        arrival = await oauth.look_up_arrival(reading, new.token)
    assert (arrival.claims.email, arrival.claims.name) == ("ann@example.com", "Ann")
    assert await connection.fetchval("SELECT count(*) FROM users") == 0, "nobody is made before they agree"
    _, outcome = await world.settle(new)
    assert isinstance(outcome, Entered)
    user = await accounts.get(connection, outcome.user_id)
    assert (user.verified, user.approved, user.has_password, user.terms_version) == (True, True, False, "2026-11")
    assert await acts(connection) == ["user.sign_up", "user.sign_in"]
    again = await world.visit()
    assert isinstance(again, In)
    assert isinstance(again.outcome, Entered)
    assert again.outcome.user_id == user.user_id
    assert await connection.fetchval("SELECT method FROM sessions ORDER BY created_at DESC LIMIT 1") == "oidc"


async def test_an_arrival_counts_once(world: World) -> None:
    new = await world.visit()
    await world.settle(new)
    with pytest.raises(ServiceSignInRefused):
        await world.settle(new)
    with pytest.raises(ServiceSignInRefused):
        await world.settle(New("another"))


async def test_who_changes_the_address_at_the_service_stays_the_same_person(
    world: World, connection: asyncpg.Connection
) -> None:
    _, outcome = await world.settle(await world.visit())
    world.provider.someone.email = "married@example.com"
    again = await world.visit()
    assert isinstance(again, In)
    assert isinstance(again.outcome, Entered)
    assert again.outcome.user_id == outcome.user_id


async def test_who_gets_the_address_of_somebody_else_does_not_get_the_account(world: World) -> None:
    await world.settle(await world.visit())
    world.provider.someone.subject = "5678"
    with pytest.raises(AddressHasAccount):
        await world.visit()


async def test_an_address_with_an_account_is_not_linked_by_itself(
    world: World, ann: User, connection: asyncpg.Connection
) -> None:
    with pytest.raises(AddressHasAccount):
        await world.visit()
    assert await connection.fetchval("SELECT count(*) FROM identities") == 0
    assert (await acts(connection))[-1] == "user.sign_in_fail"


@pytest.mark.parametrize("known", [True, False])
async def test_an_address_that_nobody_vouches_for_is_proven_by_mail(
    world: World, actor: Actor, connection: asyncpg.Connection, known: bool
) -> None:
    if known:
        async with transaction(world.desk.pool) as work:
            await accounts.create_user(work, "ann@example.com", actor=actor, name="Ann")
    world.provider.someone.verified = None
    new = await world.visit()
    assert isinstance(new, New), "whether the address has an account is not told"
    _, outcome = await world.settle(new)
    assert outcome is None, "nor is it afterwards"
    user = await accounts.find_by_email(connection, "ann@example.com")
    assert user is not None
    assert user.verified is known
    assert await connection.fetchval("SELECT count(*) FROM identities") == (0 if known else 1)


async def test_without_an_address_there_is_no_account(world: World) -> None:
    world.provider.someone.email = ""
    with pytest.raises(ServiceSignInRefused, match="no address"):
        await world.visit()


@pytest.mark.parametrize(
    ("mode", "invited", "approved"),
    [("open", False, True), ("approval", False, False), ("approval", True, True), ("invite", True, True)],
)
async def test_new_people_come_in_by_the_mode_of_the_installation(
    world: World, connection: asyncpg.Connection, mode: str, invited: bool, approved: bool
) -> None:
    world.desk = replace(world.desk, settings=replace(world.desk.settings, accounts=Accounts(sign_up=mode)))
    _, outcome = await world.settle(await world.visit(), invited=invited)
    assert (await accounts.get(connection, outcome.user_id)).approved is approved


async def test_by_invitation_only_means_by_invitation_only(world: World, connection: asyncpg.Connection) -> None:
    world.desk = replace(world.desk, settings=replace(world.desk.settings, accounts=Accounts(sign_up="invite")))
    new = await world.visit()
    with pytest.raises(SignUpClosed):
        await world.settle(new)
    assert await connection.fetchval("SELECT count(*) FROM users") == 0


async def test_an_unproven_address_is_no_invited_one(world: World) -> None:
    world.desk = replace(world.desk, settings=replace(world.desk.settings, accounts=Accounts(sign_up="invite")))
    world.provider.someone.verified = False
    with pytest.raises(SignUpClosed):
        await world.settle(await world.visit(), invited=True)


async def test_a_service_does_not_stand_in_for_the_second_factor(
    world: World, browser: Browser, ann: User, connection: asyncpg.Connection
) -> None:
    await world.link(browser, ann)
    await connection.execute(
        "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, 'sealed', now())", ann.user_id
    )
    again = await world.visit()
    assert isinstance(again, In)
    assert isinstance(again.outcome, SecondStep)


async def test_who_is_disabled_stays_out(
    world: World, browser: Browser, ann: User, connection: asyncpg.Connection
) -> None:
    await world.link(browser, ann)
    await connection.execute("UPDATE users SET disabled_at = now()")
    with pytest.raises(ServiceSignInRefused):
        await world.visit()


async def test_a_journey_counts_once(world: World) -> None:
    url = await world.leave()
    await world.come_back(url)
    with pytest.raises(ServiceSignInRefused):
        await world.come_back(url)


async def test_a_journey_that_failed_is_over(world: World) -> None:
    url = await world.leave()
    world.provider.faults.add(Fault.WRONG_NONCE)
    with pytest.raises(ServiceSignInRefused):
        await world.come_back(url)
    world.provider.faults.clear()
    with pytest.raises(ServiceSignInRefused):
        await world.come_back(url)


@pytest.mark.parametrize("browser_", [None, "", "another"])
async def test_another_browser_cannot_come_back(world: World, browser_: str | None) -> None:
    url = await world.leave()
    asked = len(world.provider.requests)
    with pytest.raises(ServiceSignInRefused):
        await world.come_back(url, browser_)
    assert world.provider.requests[asked:] == ["GET /authorize"], "the code was not even asked about"
    assert isinstance(await world.come_back(url), New), "and the owner still can"


@pytest.mark.parametrize("state", ["", "another", "x" * 10_000, "\ud800"])
async def test_another_state_leads_nowhere(world: World, state: str) -> None:
    with pytest.raises(ServiceSignInRefused):
        await world.visit(state=state)


async def test_a_journey_to_one_service_does_not_end_at_another(world: World) -> None:
    url = await world.leave()
    answer = await world.provider.consent(url)
    with pytest.raises(ServiceSignInRefused):
        await oauth.finish(
            world.desk,
            world.services,
            "github",
            Back(answer["state"], answer["code"], "", None),
            "browser",
            CLIENT,
            None,
        )


async def test_a_journey_ends_after_ten_minutes(world: World, connection: asyncpg.Connection) -> None:
    url = await world.leave()
    await connection.execute("UPDATE oauth_journeys SET expires_at = now()")
    with pytest.raises(ServiceSignInRefused):
        await world.come_back(url)


async def test_what_nobody_came_back_for_is_swept(world: World, connection: asyncpg.Connection) -> None:
    await world.visit()
    await world.leave()
    assert await sweep(connection) == 0
    await connection.execute("UPDATE oauth_journeys SET expires_at = now() - interval '1 second'")
    await connection.execute("UPDATE oauth_arrivals SET expires_at = now() - interval '1 second'")
    assert await sweep(connection) == 2


@pytest.mark.parametrize("fault", [{"error": "access_denied"}, {"code": ""}, {"issuer": "https://evil.example"}])
async def test_what_is_no_yes_is_a_no(world: World, connection: asyncpg.Connection, fault: dict[str, str]) -> None:
    with pytest.raises(ServiceSignInRefused):
        await world.visit(**fault)
    row = await connection.fetchrow("SELECT action, reason FROM audit_log ORDER BY seq DESC LIMIT 1")
    assert (row["action"], row["reason"]) == ("user.sign_in_fail", "oidc: service_sign_in_refused")


async def test_journeys_of_a_network_are_counted(world: World) -> None:
    for _ in range(60):
        await world.leave()
    with pytest.raises(TooManyAttempts):
        await world.leave()


async def test_its_owner_links_a_service_and_unlinks_it(
    world: World, browser: Browser, ann: User, connection: asyncpg.Connection
) -> None:
    await browser.sign_in_as(ann)
    listed = (await browser.send("GET", "/api/account/identities")).json()
    assert listed == {"linked": [], "available": [{"provider": "oidc", "label": "Example"}]}
    refused = await browser.send("POST", "/api/account/identities", {"provider": "oidc"})
    assert refusal(refused) == (403, "step_up_required")
    assert refused.json()["error"]["details"]["target"] == "oidc"
    await browser.permit("identity.link", "oidc")
    url = (await browser.send("POST", "/api/account/identities", {"provider": "oidc"})).json()["url"]
    world.provider.someone = Someone("77", "other@example.com")
    who = await browser.person()
    outcome = await world.come_back(url, browser.cookies["omna_oauth"], who)
    assert outcome == Linked("/app/settings/security")
    [linked] = (await browser.send("GET", "/api/account/identities")).json()["linked"]
    assert (linked["provider"], linked["label"], linked["email"]) == ("oidc", "Example", "other@example.com")
    again = await world.visit()
    assert again.outcome.user_id == ann.user_id
    address = f"/api/account/identities/{linked['id']}"
    assert refusal(await browser.send("DELETE", address)) == (403, "step_up_required")
    await browser.permit("identity.unlink", linked["id"])
    assert (await browser.send("DELETE", address)).status_code == 204
    assert (await browser.send("GET", "/api/account/identities")).json()["linked"] == []
    assert [act for act in await acts(connection) if "identity" in act] == ["identity.link", "identity.unlink"]
    changes = await connection.fetchval("SELECT count(*) FROM mail_outbox WHERE kind = 'second_factor_changed'")
    assert changes == 2


async def test_linking_ends_with_the_session_that_began_it(world: World, browser: Browser, ann: User) -> None:
    who = await browser.sign_in_as(ann)
    other = await browser.sign_in_as(ann)
    for back in (None, other):
        with pytest.raises(ServiceSignInRefused):
            await world.come_back(await world.leave(linking=who), who=back)


async def test_an_identity_belongs_to_one_account(
    world: World, browser: Browser, ann: User, actor: Actor, connection: asyncpg.Connection
) -> None:
    await world.link(browser, ann)
    async with transaction(world.desk.pool) as work:
        bob = await accounts.create_user(work, "bob@example.com", actor=actor, name="Bob")
    who = await browser.sign_in_as(bob)
    with pytest.raises(Conflict):
        await world.come_back(await world.leave(linking=who), who=who)
    assert await connection.fetchval("SELECT user_id FROM identities") == ann.user_id


async def test_the_last_way_in_stays(world: World, browser: Browser, ann: User, connection: asyncpg.Connection) -> None:
    await world.link(browser, ann)
    await connection.execute("UPDATE users SET password_hash = NULL")
    [linked] = (await browser.send("GET", "/api/account/identities")).json()["linked"]
    await browser.permit("identity.unlink", linked["id"])
    answer = await browser.send("DELETE", f"/api/account/identities/{linked['id']}")
    assert refusal(answer) == (409, "last_way_in")


async def test_somebody_elses_identity_is_not_there(world: World, browser: Browser, ann: User, actor: Actor) -> None:
    await world.link(browser, ann)
    [linked] = (await browser.send("GET", "/api/account/identities")).json()["linked"]
    async with transaction(world.desk.pool) as work:
        bob = await accounts.create_user(work, "bob@example.com", actor=actor, name="Bob")
    await browser.sign_in_as(bob)
    assert (await browser.send("GET", "/api/account/identities")).json()["linked"] == []
    await browser.permit("identity.unlink", linked["id"])
    assert (await browser.send("DELETE", f"/api/account/identities/{linked['id']}")).status_code == 404


async def test_a_service_that_is_not_offered_cannot_be_linked(browser: Browser, ann: User) -> None:
    await browser.sign_in_as(ann)
    answer = await browser.send("POST", "/api/account/identities", {"provider": "google"})
    assert refusal(answer) == (403, "service_sign_in_refused")


async def test_nothing_of_the_services_tokens_is_kept(
    world: World, connection: asyncpg.Connection, caplog: pytest.LogCaptureFixture
) -> None:
    world.provider.faults.add(Fault.WRONG_AUDIENCE)
    with pytest.raises(OmnaError):
        await world.visit()
    world.provider.faults.clear()
    await world.settle(await world.visit())
    tables = await connection.fetch(
        "SELECT table_name FROM information_schema.tables WHERE table_schema = 'omna' AND table_type = 'BASE TABLE'"
    )
    for table in tables:
        for row in await connection.fetch(f"SELECT t::text AS text FROM {table['table_name']} AS t"):
            assert "eyJ" not in row["text"]
    assert "eyJ" not in caplog.text
