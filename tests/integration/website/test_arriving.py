"""From a stranger to somebody who can spend Credits, by forms alone."""

import re
from dataclasses import replace
from pathlib import Path

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.accounts.desk import Desk
from omna.audit.service import Actor
from omna.ledger import service as ledger
from omna.membership import arrival, leaving
from omna.money import parse_credits
from omna.risk import service as risk
from omna.workspaces import service as workspaces
from tests.harness.pages import ORIGIN, OURS, leads_to
from tests.integration.website.conftest import PASSWORD, PERSON, Mailbox, Open


async def promo(connection: asyncpg.Connection, email: str = "bea@example.com") -> int:
    workspace = await workspaces.find(connection, email)
    return (await ledger.wallet(connection, workspace.workspace_id)).available_promo


async def pending(connection: asyncpg.Connection, email: str = "bea@example.com") -> str | None:
    return (await workspaces.find(connection, email)).pending


@pytest.mark.parametrize("language", ["en", "zh"])
async def test_sign_up_verify_and_sign_in_give_a_workspace_with_starter_credits(
    visit: Open, mailbox: Mailbox, connection: asyncpg.Connection, language: str
) -> None:
    browser = visit(language=language)
    assert leads_to(await browser.fill_in("/sign-up", **PERSON)) == "/verify-email"
    mailbox_page = await browser.open("/verify-email")
    assert "bea@example.com" in mailbox_page.text
    assert await pending(connection) == "verification"
    assert await promo(connection) == 0

    link = await mailbox.link("bea@example.com")
    assert link.startswith("/verify-email?token=")
    shown = await browser.open(link)
    assert shown.status == 200
    assert await pending(connection) == "verification", "looking at a link changes nothing"
    assert leads_to(await browser.send(shown.form("/verify-email"))) == "/sign-in?notice=verified"
    assert await pending(connection) is None
    assert await promo(connection) == parse_credits("5")
    # Rules may count the accounts that proved their address from one network.
    assert await connection.fetchval("SELECT array_agg(kind || ' ' || (marker <> '')) FROM risk_events") == [
        "sign_up true"
    ]

    page = await browser.open("/sign-in?notice=verified&next=/app/w/ws_1/keys")
    assert page.lang == {"en": "en", "zh": "zh-Hans"}[language]
    assert leads_to(await browser.send(page.form("/sign-in"), email="BEA@example.com", password=PASSWORD)) == (
        "/app/w/ws_1/keys"
    )
    assert leads_to(await browser.open("/sign-in?next=/app/settings/security")) == "/app/settings/security"
    assert leads_to(await browser.open("/sign-up")) == "/app"
    user = await accounts.find_by_email(connection, "bea@example.com")
    assert user is not None
    assert (user.language, user.terms_version) == (language, "2026-11")


async def test_who_signs_up_agrees_to_the_version_that_is_shown(
    visit: Open, connection: asyncpg.Connection, tmp_path: Path
) -> None:
    for name in ("terms", "refund-policy"):
        (tmp_path / "en").mkdir(exist_ok=True)
        facts = f"title: {name} of Acme\nlead: Ours.\nversion: acme-7\nsince: 2027-01-15"
        (tmp_path / "en" / f"{name}.md").write_text(f"---\n{facts}\n---\n\n## One\n\nBe kind.\n", "utf-8")
    browser = visit(legal=str(tmp_path))
    shown = await browser.open("/terms")
    assert "terms of Acme" in shown.text
    assert "Version acme-7, in force since 2027-01-15. It is published in English only." in shown.text
    assert leads_to(await browser.fill_in("/sign-up", **PERSON)) == "/verify-email"
    user = await accounts.find_by_email(connection, "bea@example.com")
    assert user is not None
    assert user.terms_version == "acme-7"


async def test_a_link_pressed_twice_grants_once(visit: Open, mailbox: Mailbox, connection: asyncpg.Connection) -> None:
    browser = visit()
    await browser.fill_in("/sign-up", **PERSON)
    shown = await browser.open(await mailbox.link("bea@example.com"))
    assert leads_to(await browser.send(shown.form("/verify-email")))
    again = await browser.send(shown.form("/verify-email"))
    assert again.status == 404
    assert "used before" in again.text
    assert await promo(connection) == parse_credits("5")


async def test_the_grant_of_a_person_has_one_id(desk: Desk, connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        user = await accounts.create_user(connection, "ann@example.com", actor=actor, name="Ann")
        await arrival.welcome(connection, desk, user, origin="192.0.2.1")
    async with connection.transaction():
        await arrival.settle_in(connection, desk, user.user_id, origin="192.0.2.1")
    assert await promo(connection, "ann@example.com") == parse_credits("5")
    assert arrival.starter_transfer(user.user_id) == arrival.starter_transfer(user.user_id)
    assert arrival.starter_transfer(user.user_id).version == 7


async def test_a_mailbox_brings_starter_credits_once_whatever_becomes_of_its_account(
    desk: Desk, connection: asyncpg.Connection, actor: Actor
) -> None:
    for email, granted in (("ann@example.com", "5"), ("ann+2@example.com", "0"), ("bob@example.com", "5")):
        async with connection.transaction():
            user = await accounts.create_user(connection, email, actor=actor, name="Ann")
            await arrival.welcome(connection, desk, user, origin="192.0.2.1")
        assert await promo(connection, email) == parse_credits(granted)
    async with connection.transaction():
        ann = await accounts.find_by_email(connection, "ann@example.com")
        assert ann is not None
        await leaving.leave(connection, ann.user_id, "ann@example.com", forfeit=True, actor=actor)
    async with connection.transaction():
        again = await accounts.create_user(connection, "ann@example.com", actor=actor, name="Ann")
        await arrival.welcome(connection, desk, again, origin="192.0.2.1")
    assert await promo(connection, "ann@example.com") == 0
    assert "ann" not in str(await connection.fetch("SELECT encode(digest, 'escape') FROM starter_addresses"))


async def test_known_and_unknown_addresses_are_answered_alike(visit: Open, mailbox: Mailbox) -> None:
    first = await visit().fill_in("/sign-up", **PERSON)
    stranger = visit(address="192.0.2.20")
    second = await stranger.fill_in("/sign-up", **(PERSON | {"name": "Mallory", "password": "another long phrase"}))
    assert (first.status, leads_to(first)) == (second.status, leads_to(second))
    assert set(first.answer.headers) == set(second.answer.headers)
    assert await mailbox.kinds("bea@example.com") == ["verify_email", "already_registered"]
    page = await stranger.open("/verify-email")
    assert "bea@example.com" in page.text


async def test_asking_for_the_mail_again_says_nothing_about_the_address(visit: Open, mailbox: Mailbox) -> None:
    person, stranger = visit(), visit(address="192.0.2.20")
    await person.fill_in("/sign-up", **PERSON)
    for browser in (person, stranger):
        await browser.open("/verify-email")
        value = "YmVhQGV4YW1wbGUuY29t" if browser is person else "bm9ib2R5QGV4YW1wbGUuY29t"
        browser.client.cookies.delete("omna_arrival")
        browser.client.cookies.set("omna_arrival", f"{value}.1", domain="localhost.local")
    answers = [await browser.fill_in("/verify-email", "/verify-email/resend") for browser in (person, stranger)]
    assert [leads_to(answer) for answer in answers] == ["/verify-email?notice=sent"] * 2
    assert await mailbox.kinds("nobody@example.com") == []
    too_soon = await person.fill_in("/verify-email", "/verify-email/resend")
    assert too_soon.status == 429
    assert 0 < int(too_soon.answer.headers["retry-after"]) <= 60
    assert re.search(r"possible in \d+ seconds", too_soon.text)
    assert too_soon.form("/preferences").fields["back"] == "/verify-email"


async def test_a_mistyped_address_is_corrected_by_its_person(
    visit: Open, mailbox: Mailbox, connection: asyncpg.Connection
) -> None:
    browser = visit()
    await browser.fill_in("/sign-up", **(PERSON | {"email": "bae@example.com"}))
    old_link = await mailbox.link("bae@example.com")
    await browser.fill_in("/sign-in", email="bae@example.com", password=PASSWORD)
    await connection.execute("UPDATE throttles SET blocked_until = now() WHERE subject LIKE 'verify:%'")
    wrong = await browser.fill_in("/verify-email", "/verify-email/address", email="bea@")
    assert wrong.status == 400
    assert "bea@" in wrong.form("/verify-email/address").fields["email"]
    corrected = await browser.fill_in("/verify-email", "/verify-email/address", email="bea@example.com")
    assert leads_to(corrected) == "/verify-email?notice=corrected"
    assert "bea@example.com" in (await browser.open("/verify-email")).text
    assert (await browser.open(old_link)).status == 404
    shown = await browser.open(await mailbox.link("bea@example.com"))
    assert leads_to(await browser.send(shown.form("/verify-email"))) == "/app"
    assert await promo(connection) == parse_credits("5")


async def test_sign_up_keeps_what_was_typed_except_the_password(visit: Open) -> None:
    page = await visit().fill_in("/sign-up", name="Bea", email="not an address", password="short", consent="yes")
    assert page.status == 400
    fields = page.form("/sign-up").fields
    assert (fields["name"], fields["email"], fields["password"]) == ("Bea", "not an address", "")
    assert fields["consent"] == "yes"
    assert "#email" in page.links
    assert page.attributes["email"]["aria-invalid"] == "true"
    assert "email-problem" in (page.attributes["email"]["aria-describedby"] or "")


@pytest.mark.parametrize("language", ["en", "zh"])
@pytest.mark.parametrize(
    ("field", "value"),
    [
        ("name", ""),
        ("email", ""),
        ("email", "no address"),
        ("password", ""),
        ("password", "too short"),
        ("password", "x" * 200),
        ("password", "aaaaaaaaaaaaaaaaaaaa"),
        ("password", "bea@example.com omna"),
        ("password", "abcdefabcdefabcdef"),
        ("password", "passwordpassword"),
        ("name", "B\x07ea"),
        ("password", "correct horse\x07 battery"),
        ("consent", "no"),
        ("name", "n" * 300),
    ],
)
async def test_every_refusal_names_its_field_in_the_visitors_language(
    visit: Open, connection: asyncpg.Connection, language: str, field: str, value: str
) -> None:
    page = await visit(language=language).fill_in("/sign-up", **(PERSON | {field: value}))
    assert page.status == 400
    assert f"#{field}" in page.links
    [problem] = re.findall(rf'<a href="#{field}">(.*?)</a>', page.answer.text)
    assert bool(re.search(r"[\u4e00-\u9fff]", problem)) is (language == "zh"), problem
    assert await accounts.find_by_email(connection, "bea@example.com") is None


async def test_approval_mode_waits_for_staff_and_tells_by_mail(
    visit: Open, mailbox: Mailbox, connection: asyncpg.Connection, actor: Actor
) -> None:
    browser = visit(sign_up="approval")
    assert "looks at each new account" in (await browser.open("/sign-up")).text
    await browser.fill_in("/sign-up", **PERSON)
    shown = await browser.open(await mailbox.link("bea@example.com"))
    await browser.send(shown.form("/verify-email"))
    assert await pending(connection) == "approval"
    assert leads_to(await browser.fill_in("/sign-in", email="bea@example.com", password=PASSWORD)) == "/app"
    user = await accounts.find_by_email(connection, "bea@example.com")
    assert user is not None
    async with connection.transaction():
        assert await arrival.approve(connection, user, actor=actor)
    assert await pending(connection) is None
    assert await mailbox.kinds("bea@example.com") == ["verify_email", "access_decision"]
    async with connection.transaction():
        assert not await arrival.approve(connection, user, actor=actor), "a second yes sends no second mail"


async def test_approval_before_the_proof_still_waits_for_the_proof(
    visit: Open, mailbox: Mailbox, connection: asyncpg.Connection, actor: Actor
) -> None:
    browser = visit(sign_up="approval")
    await browser.fill_in("/sign-up", **PERSON)
    link = await mailbox.link("bea@example.com")
    user = await accounts.find_by_email(connection, "bea@example.com")
    assert user is not None
    async with connection.transaction():
        await arrival.approve(connection, user, actor=actor)
    assert await pending(connection) == "verification"
    await browser.send((await browser.open(link)).form("/verify-email"))
    assert await pending(connection) is None


async def test_invite_mode_offers_to_ask_for_access(visit: Open, connection: asyncpg.Connection) -> None:
    browser = visit(sign_up="invite")
    page = await browser.open("/sign-up")
    assert "/request-access" in page.links
    assert [form.action for form in page.forms] == ["/preferences"]
    refused = await browser.client.post("/sign-up", data=PERSON, headers=OURS)
    assert refused.status_code == 403
    request = {"name": "Bea", "email": "bea@example.com", "message": "Translate letters."}
    assert leads_to(await browser.fill_in("/request-access", **request)) == "/request-access?notice=sent"
    assert leads_to(await browser.fill_in("/request-access", **(request | {"message": "More letters."})))
    rows = await connection.fetch("SELECT email, message FROM access_requests")
    assert [tuple(row) for row in rows] == [("bea@example.com", "More letters.")]
    missing = await browser.fill_in("/request-access", name="Bea", email="", message="")
    assert missing.status == 400
    assert {"#email", "#message"} <= set(missing.links)
    assert leads_to(await visit().open("/request-access")) == "/sign-up"


async def test_requests_for_access_are_limited(visit: Open) -> None:
    browser = visit(sign_up="invite")
    for number in range(5):
        await browser.fill_in("/request-access", name="B", email=f"b{number}@example.com", message="Hello")
    refused = await browser.fill_in("/request-access", name="B", email="b6@example.com", message="Hello")
    assert refused.status == 429
    assert int(refused.answer.headers["retry-after"]) > 0


@pytest.mark.parametrize("scope", ["signup", "all"])
async def test_an_emergency_stop_keeps_new_people_out(
    visit: Open, connection: asyncpg.Connection, actor: Actor, scope: str
) -> None:
    browser = visit()
    page = await browser.open("/sign-up")
    async with connection.transaction():
        await risk.stop(connection, scope, cut_streams=False, reason="flood", actor=actor)
    closed = await browser.open("/sign-up")
    assert closed.status == 503
    assert "paused" in closed.text
    assert (await browser.send(page.form("/sign-up"), **PERSON)).status == 503
    assert await accounts.find_by_email(connection, "bea@example.com") is None


async def test_without_starter_credits_nothing_is_promised_or_booked(
    visit: Open, mailbox: Mailbox, connection: asyncpg.Connection
) -> None:
    browser = visit(starter_credits="0")
    page = await browser.open("/sign-up")
    assert "Credits to begin with" not in page.text
    await browser.send(page.form("/sign-up"), **PERSON)
    await browser.send((await browser.open(await mailbox.link("bea@example.com"))).form("/verify-email"))
    assert await promo(connection) == 0
    assert await pending(connection) is None


async def test_pages_say_plainly_that_the_database_is_away(desk: Desk, visit: Open) -> None:
    browser = visit()
    desk.pool.terminate()
    page = await browser.open("/sign-up")
    assert page.status == 503
    assert "database" in page.text
    assert (await browser.open("/")).status == 200
    assert (await browser.open("/terms")).status == 200


def test_setup_of_these_tests_is_the_products_own(desk: Desk) -> None:
    assert replace(desk, settings=desk.settings).settings.server.public_url == ORIGIN
