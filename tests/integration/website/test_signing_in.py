"""Sign-in, its second step, reset and sign-out, by forms alone."""

import re
import time

import asyncpg
import pyotp
import pytest

from omna.accounts import service as accounts
from omna.accounts import sessions, totp
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.audit.service import Actor
from omna.config import SignIn
from omna.db.pool import borrow, transaction
from omna.website.pages.sign_in import providers
from omna.workspaces import service as workspaces
from tests.harness.pages import Browser, Page, leads_to
from tests.integration.website.conftest import PASSWORD, Mailbox, Open


@pytest.fixture
async def ann(desk: Desk, actor: Actor) -> User:
    async with transaction(desk.pool) as connection:
        user = await accounts.create_user(
            connection, "ann@example.com", actor=actor, name="Ann", password=PASSWORD, passwords=desk.passwords
        )
        await workspaces.create_personal(connection, user.user_id, "Ann", risk=desk.settings.risk, actor=actor)
    return user


async def sign_in(browser: Browser, password: str = PASSWORD, path: str = "/sign-in") -> Page:
    return await browser.fill_in(path, "/sign-in", email="ann@example.com", password=password)


def cookies(page: Page) -> dict[str, str]:
    return {cookie.partition("=")[0]: cookie for cookie in page.answer.headers.get_list("set-cookie")}


async def test_session_and_device_are_cookies_no_script_reads(visit: Open, ann: User) -> None:
    page = await sign_in(visit())
    assert leads_to(page) == "/app"
    given = cookies(page)
    for name in ("omna_session", "omna_device"):
        assert "HttpOnly" in given[name]
        assert "SameSite=Lax" in given[name]
    assert page.answer.headers["cache-control"] == "no-store"


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_every_failure_is_answered_alike(
    visit: Open, ann: User, connection: asyncpg.Connection, language: str
) -> None:
    answers = []
    for email, password in (("ann@example.com", "wrong password here"), ("nobody@example.com", PASSWORD), ("?", "x")):
        page = await visit(language=language).fill_in("/sign-in", email=email, password=password)
        assert page.form("/sign-in").fields["email"] == email
        assert page.form("/sign-in").fields["password"] == ""
        answers.append((page.status, re.findall(r'<div class="summary".*?</div>', page.answer.text, re.DOTALL)))
        assert "omna_session" not in cookies(page)
    assert answers[0] == answers[1] == answers[2]
    assert answers[0][0] in (401, 403)


async def test_too_many_tries_show_the_wait(visit: Open, ann: User) -> None:
    browser = visit()
    for _ in range(5):
        await sign_in(browser, "wrong password here")
    refused = await sign_in(browser)
    assert refused.status == 429
    assert int(refused.answer.headers["retry-after"]) >= 1
    assert re.search(r"possible in 1 second|possible in \d+ seconds", refused.text)


@pytest.mark.parametrize(
    "wanted", ["https://evil.example", "//evil.example", "/\\evil.example", "/\t/evil.example", "javascript:alert(1)"]
)
async def test_sign_in_leads_only_to_this_site(visit: Open, ann: User, wanted: str) -> None:
    browser = visit()
    page = await browser.client.get("/sign-in", params={"next": wanted})
    form = Page(page).form("/sign-in")
    assert form.fields["next"] == ""
    answer = await browser.send(form, email="ann@example.com", password=PASSWORD, next=wanted)
    assert leads_to(answer) == "/app"


@pytest.mark.parametrize(
    "headers",
    [
        {"sec-fetch-site": "cross-site"},
        {"sec-fetch-site": "same-site"},
        {"origin": "https://evil.example"},
        {},
    ],
)
async def test_forms_of_other_sites_are_refused(visit: Open, ann: User, headers: dict[str, str]) -> None:
    browser = visit()
    form = (await browser.open("/sign-in")).form("/sign-in")
    page = await browser.send(form, headers, email="ann@example.com", password=PASSWORD)
    assert page.status == 403
    assert "omna_session" not in cookies(page)


@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/reset"])
async def test_forms_without_the_token_of_their_page_are_refused_and_kept(visit: Open, path: str) -> None:
    browser = visit()
    form = (await browser.open(path)).form(path)
    page = await browser.send(form, form_token="x" * 43, email="ann@example.com", password=PASSWORD)
    assert page.status == 403
    assert page.form(path).fields["email"] == "ann@example.com"
    assert PASSWORD not in page.answer.text
    foreign = (await visit().open(path)).form(path)
    assert (await browser.send(foreign, email="ann@example.com", password=PASSWORD)).status == 403


async def test_sign_in_follows_the_choices_of_the_person(
    visit: Open, ann: User, connection: asyncpg.Connection
) -> None:
    await connection.execute("UPDATE users SET language = 'zh', theme = 'dark' WHERE user_id = $1", ann.user_id)
    browser = visit()
    given = cookies(await sign_in(browser))
    assert given["omna_language"].startswith("omna_language=zh;")
    assert given["omna_theme"].startswith("omna_theme=dark;")
    page = await browser.open("/terms")
    assert page.lang == "zh-Hans"
    assert 'data-mantine-color-scheme="dark"' in page.answer.text


async def test_choices_of_the_footer_are_kept_with_the_person(
    visit: Open, ann: User, connection: asyncpg.Connection
) -> None:
    browser = visit()
    await sign_in(browser)
    page = await browser.open("/terms")
    assert leads_to(await browser.send(page.form("/preferences"), language="zh")) == "/terms"
    assert leads_to(await browser.send(page.form("/preferences"), theme="dark")) == "/terms"
    user = await accounts.get(connection, ann.user_id)
    assert (user.language, user.theme) == ("zh", "dark")


async def test_sign_out_ends_the_session_on_the_server(visit: Open, ann: User, connection: asyncpg.Connection) -> None:
    browser = visit()
    await sign_in(browser)
    token = browser.client.cookies["omna_session"]
    answer = Page(await browser.client.post("/sign-out", headers={"sec-fetch-site": "same-origin"}))
    assert leads_to(answer) == "/sign-in?notice=signed_out"
    assert "Max-Age=0" in cookies(answer)["omna_session"]
    browser.client.cookies.set("omna_session", token, domain="localhost.local")
    assert (await browser.open("/sign-in")).status == 200
    refused = await browser.client.post("/sign-out", headers={"sec-fetch-site": "cross-site"})
    assert refused.status_code == 403
    assert (await browser.client.get("/sign-out")).status_code == 404


async def test_signing_in_again_ends_the_session_that_the_browser_had(
    visit: Open, ann: User, connection: asyncpg.Connection
) -> None:
    browser = visit()
    await sign_in(browser)
    token = browser.client.cookies["omna_session"]
    browser.client.cookies.delete("omna_session")
    page = await browser.open("/sign-in")
    browser.client.cookies.set("omna_session", token, domain="localhost.local")
    assert leads_to(await browser.send(page.form("/sign-in"), email="ann@example.com", password=PASSWORD)) == "/app"
    assert await connection.fetchval("SELECT count(*) FROM sessions WHERE user_id = $1", ann.user_id) == 1


async def test_reset_chooses_a_new_password_and_ends_sessions(visit: Open, ann: User, mailbox: Mailbox) -> None:
    signed_in, browser = visit(), visit(address="192.0.2.20")
    await sign_in(signed_in)
    known = await browser.fill_in("/reset", email="ann@example.com")
    unknown = await browser.fill_in("/reset", email="nobody@example.com")
    assert leads_to(known) == leads_to(unknown) == "/reset?notice=sent"
    assert "If there is an account" in (await browser.open("/reset?notice=sent")).text
    link = await mailbox.link("ann@example.com")
    assert link.startswith("/reset?token=")
    refused = await browser.fill_in(link, "/reset", password="short")
    assert refused.status == 400
    assert "#password" in refused.links
    assert refused.form("/reset").fields["email"] == "ann@example.com"
    assert (
        leads_to(await browser.fill_in(link, "/reset", password="a quite different phrase")) == "/sign-in?notice=reset"
    )
    assert (await signed_in.open("/sign-in")).status == 200
    assert (await browser.open(link)).status == 404
    assert leads_to(await sign_in(browser, "a quite different phrase")) == "/app"


async def with_totp(desk: Desk, browser: Browser) -> tuple[pyotp.TOTP, list[str]]:
    """Give a person who is signed in a second factor, by the services."""
    async with borrow(desk.pool) as connection:
        person = await sessions.resolve(connection, browser.client.cookies["omna_session"], "192.0.2.10")
    async with transaction(desk.pool) as connection:
        setup = await totp.begin(connection, desk, person)
    device = pyotp.TOTP(setup.secret)
    return device, await totp.confirm(desk, person, device.now())


def next_code(device: pyotp.TOTP) -> str:
    """Return the code after the one that was used: codes count once, one step ahead is allowed."""
    return device.at(int(time.time()) + 30)


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_a_code_finishes_a_sign_in_without_scripts(visit: Open, desk: Desk, ann: User, language: str) -> None:
    owner = visit()
    await sign_in(owner)
    device, _ = await with_totp(desk, owner)

    browser = visit(language=language)
    page = await sign_in(browser, path="/sign-in?next=/app/w/ws_1/usage")
    assert leads_to(page) == "/sign-in/verify?next=%2Fapp%2Fw%2Fws_1%2Fusage"
    assert "omna_session" not in cookies(page)
    step = await browser.open(leads_to(page))
    assert step.attributes["code"]["autocomplete"] == "one-time-code"
    wrong = await browser.send(step.form("/sign-in/verify"), code="000000")
    assert wrong.status in (401, 403)
    assert "#code" in wrong.links
    assert "4" in wrong.text
    done = await browser.send(step.form("/sign-in/verify"), code=next_code(device))
    assert leads_to(done) == "/app/w/ws_1/usage"
    assert "HttpOnly" in cookies(done)["omna_session"]
    assert "Max-Age=0" in cookies(done)["omna_challenge"]


async def test_a_recovery_code_finishes_a_sign_in_once(visit: Open, desk: Desk, ann: User) -> None:
    owner = visit()
    await sign_in(owner)
    _, recovery = await with_totp(desk, owner)
    for expected in (303, None):
        browser = visit(address="192.0.2.30")
        await sign_in(browser)
        form = (await browser.open("/sign-in/verify")).forms[1]
        assert "recovery_code" in form.names
        answer = await browser.send(form, recovery_code=recovery[0])
        assert answer.status == expected if expected else answer.status in (401, 403)
        if not expected:
            assert "#recovery_code" in answer.links


async def test_the_second_step_ends_after_five_tries(visit: Open, desk: Desk, ann: User) -> None:
    owner = visit()
    await sign_in(owner)
    device, _ = await with_totp(desk, owner)
    browser = visit()
    await sign_in(browser)
    form = (await browser.open("/sign-in/verify")).form("/sign-in/verify")
    for _ in range(4):
        assert (await browser.send(form, code="000000")).status in (401, 403)
    over = await browser.send(form, code="000000")
    assert leads_to(over) == "/sign-in?notice=over"
    assert leads_to(await browser.send(form, code=next_code(device))) == "/sign-in?notice=over"


async def test_the_second_step_begins_with_a_password(visit: Open) -> None:
    assert leads_to(await visit().open("/sign-in/verify?next=/app")) == "/sign-in?notice=over&next=%2Fapp"


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize("path", ["/sign-in", "/sign-up", "/reset", "/verify-email", "/request-access"])
async def test_pages_are_whole_and_never_stored(visit: Open, path: str, language: str) -> None:
    page = await visit(language=language, sign_up="open" if path == "/sign-up" else "invite").open(path)
    assert page.status == 200
    assert page.lang == {"en": "en", "zh": "zh-Hans"}[language]
    assert page.answer.headers["cache-control"] == "no-store"
    policy = page.answer.headers["content-security-policy"]
    assert "script-src 'self' 'nonce-" in policy
    assert "unsafe-inline" not in policy.partition("style-src-attr")[0]
    assert page.tags.count("h1") == page.tags.count("main") == 1
    assert len(page.ids) == len(set(page.ids))
    for form in page.forms:
        assert form.method == "post"
        for name in form.names:
            assert name in page.labels or name in {"form_token", "next", "token", "back"}


async def test_other_services_are_offered_where_they_are_set_up(desk: Desk) -> None:
    settings = SignIn(github_client_id="id", github_client_secret="secret", google_client_id="id")
    assert providers(settings, "/app/a?b=c") == [("GitHub", "/sign-in/oauth/github?next=%2Fapp%2Fa%3Fb%3Dc")]
