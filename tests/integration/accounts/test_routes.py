"""/api/account as a browser sees it."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable
from typing import Any

import httpx2
import pyotp
import pytest

from omna.accounts import sign_in, sign_up, verification
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_in import Entered
from omna.accounts.sign_up import SignUp
from omna.api import create_api
from omna.db.pool import Connection, transaction
from omna.http.application import set_pool
from tests.integration.accounts.conftest import CLIENT, PASSWORD, end_waits, links, mails, stretch_waits

ORIGIN = "http://localhost:5108"
OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}
NEW = "another horse, another battery"

Open = Callable[..., Awaitable[httpx2.AsyncClient]]


@pytest.fixture
async def browser(desk: Desk) -> AsyncIterator[Open]:
    """Opens a browser that is signed in."""
    api = create_api(desk.settings)
    set_pool(api, desk.pool, desk.keyring)
    api.state.desk = desk
    opened: list[httpx2.AsyncClient] = []

    async def sign_in_with(email: str = "ann@example.com", client: Client = CLIENT) -> httpx2.AsyncClient:
        entered = await sign_in.with_password(desk, email, PASSWORD, client)
        assert isinstance(entered, Entered)
        made = httpx2.AsyncClient(
            transport=httpx2.ASGITransport(api),
            base_url=ORIGIN,
            headers=OURS,
            cookies={"omna_session": entered.session_token},
        )
        opened.append(made)
        return made

    yield sign_in_with
    for client in opened:
        await client.aclose()


@pytest.fixture
async def ann_browser(browser: Open, ann: User) -> httpx2.AsyncClient:
    return await browser()


async def prove(client: httpx2.AsyncClient, action: str, target: str = "", **proof: Any) -> httpx2.Response:
    body = {"action": action, "target": target, **(proof or {"password": PASSWORD})}
    return await client.post("/api/account/step-up", json=body)


def code_of(answer: httpx2.Response) -> tuple[int, str]:
    return answer.status_code, answer.json()["error"]["code"]


async def test_the_profile_says_who_is_signed_in(ann_browser: httpx2.AsyncClient, ann: User) -> None:
    answer = await ann_browser.get("/api/account")
    assert answer.status_code == 200
    body = answer.json()
    assert body.pop("created_at").endswith("Z")
    assert body == {
        "id": f"usr_{ann.user_id.hex}",
        "email": "Ann@Example.com",
        "email_verified": True,
        "pending_email": None,
        "name": "Ann",
        "language": None,
        "theme": "system",
        "zone": None,
        "staff_role": None,
        "awaiting_approval": False,
        "has_password": True,
        "has_totp": False,
        "passkeys": 0,
        "recovery_codes_left": None,
        "notifications": {"key_created": True, "low_balance": True, "limit_reached": True},
        "verification_resend_at": None,
        "frozen": None,
    }


@pytest.mark.parametrize(
    ("method", "path"),
    [
        ("GET", ""),
        ("PATCH", ""),
        ("POST", "/step-up"),
        ("POST", "/password"),
        ("POST", "/email"),
        ("DELETE", "/email"),
        ("POST", "/verification"),
        ("GET", "/sessions"),
        ("DELETE", "/sessions"),
        ("DELETE", "/sessions/ses_00000000000000000000000000000000"),
        ("POST", "/totp"),
        ("POST", "/totp/confirmation"),
        ("DELETE", "/totp"),
        ("POST", "/recovery-codes"),
    ],
)
async def test_nothing_is_told_to_nobody(ann_browser: httpx2.AsyncClient, method: str, path: str) -> None:
    ann_browser.cookies.clear()
    answer = await ann_browser.request(method, f"/api/account{path}")
    assert code_of(answer) == (401, "unauthenticated")


async def test_a_profile_changes_field_by_field(ann_browser: httpx2.AsyncClient, desk: Desk) -> None:
    change = {"name": "Ann L.", "language": "zh", "zone": "Asia/Shanghai", "notifications": {"low_balance": False}}
    answer = await ann_browser.patch("/api/account", json=change)
    assert answer.status_code == 200
    answer = await ann_browser.patch("/api/account", json={"theme": "dark", "language": None})
    body = answer.json()
    assert (body["name"], body["language"], body["zone"], body["theme"]) == ("Ann L.", None, "Asia/Shanghai", "dark")
    assert body["notifications"]["low_balance"] is False
    rows = await desk.pool.fetch("SELECT after FROM audit_log WHERE action = 'user.profile' ORDER BY seq")
    assert [row["after"]["changed"] for row in rows] == [
        ["language", "name", "notifications", "zone"],
        ["language", "theme"],
    ]


@pytest.mark.parametrize(
    "change",
    [
        {"zone": "Mars/Olympus"},
        {"zone": "../../etc/passwd"},
        {"zone": ""},
        {"language": "fr"},
        {"theme": "pink"},
        {"name": "x" * 201},
        {"name": "a\u0000b"},
        {"notifications": {"password_changed": False}},
        {"staff_role": "owner"},
        {"email": "new@example.com"},
    ],
)
async def test_what_a_person_may_not_say_about_themselves(
    ann_browser: httpx2.AsyncClient, change: dict[str, Any]
) -> None:
    assert code_of(await ann_browser.patch("/api/account", json=change)) == (400, "invalid_value")


async def test_sessions_are_listed_and_ended_at_once(
    browser: Open, ann_browser: httpx2.AsyncClient, desk: Desk
) -> None:
    phone = await browser(client=Client("2001:db8::7", "Mozilla/5.0 (iPhone; …) Version/19.0 Safari/604.1"))
    rows = (await ann_browser.get("/api/account/sessions")).json()
    assert {(row["device"], row["address"], row["current"]) for row in rows} == {
        ("Firefox on Linux", "192.0.2.1", True),
        ("Safari on iPhone", "2001:db8::7", False),
    }
    [other] = [row["id"] for row in rows if not row["current"]]
    assert (await ann_browser.delete(f"/api/account/sessions/{other}")).status_code == 204
    assert code_of(await phone.get("/api/account")) == (401, "unauthenticated")
    assert code_of(await ann_browser.delete(f"/api/account/sessions/{other}")) == (404, "not_found")
    assert code_of(await ann_browser.delete("/api/account/sessions/ses_x")) == (404, "not_found")
    third = await browser()
    assert (await ann_browser.delete("/api/account/sessions")).status_code == 204
    assert (await third.get("/api/account")).status_code == 401
    assert (await ann_browser.get("/api/account")).status_code == 200


async def test_nobody_ends_a_session_of_somebody_else(
    browser: Open, ann_browser: httpx2.AsyncClient, bob: User
) -> None:
    bobs = await browser("bob@example.com")
    [row] = (await bobs.get("/api/account/sessions")).json()
    assert code_of(await ann_browser.delete(f"/api/account/sessions/{row['id']}")) == (404, "not_found")
    assert (await bobs.get("/api/account")).status_code == 200


async def test_a_session_ends_when_it_was_idle_and_when_it_is_old(ann_browser: httpx2.AsyncClient, desk: Desk) -> None:
    await desk.pool.execute("UPDATE sessions SET last_seen_at = now() - interval '11 hours 59 minutes'")
    assert (await ann_browser.get("/api/account")).status_code == 200
    seen = await desk.pool.fetchval("SELECT now() - last_seen_at FROM sessions")
    assert seen.total_seconds() < 10
    await desk.pool.execute("UPDATE sessions SET last_seen_at = now() - interval '12 hours 1 minute'")
    assert (await ann_browser.get("/api/account")).status_code == 401
    await desk.pool.execute("UPDATE sessions SET last_seen_at = now(), ends_at = now() - interval '1 second'")
    assert (await ann_browser.get("/api/account")).status_code == 401
    await desk.pool.execute("UPDATE sessions SET ends_at = now() + interval '1 day'")
    assert (await ann_browser.get("/api/account")).status_code == 200
    await desk.pool.execute("UPDATE users SET disabled_at = now()")
    assert (await ann_browser.get("/api/account")).status_code == 401


async def test_use_is_noted_once_a_minute(ann_browser: httpx2.AsyncClient, desk: Desk) -> None:
    await desk.pool.execute("UPDATE sessions SET last_seen_at = now() - interval '30 seconds'")
    before = await desk.pool.fetchval("SELECT last_seen_at FROM sessions")
    await ann_browser.get("/api/account")
    assert await desk.pool.fetchval("SELECT last_seen_at FROM sessions") == before


async def test_a_step_up_is_for_one_act_once(ann_browser: httpx2.AsyncClient) -> None:
    refused = await ann_browser.post("/api/account/password", json={"password": NEW})
    assert code_of(refused) == (403, "step_up_required")
    assert refused.json()["error"]["details"] == {
        "action": "account.password",
        "target": "",
        "methods": ["password"],
    }
    assert (await prove(ann_browser, "account.email")).status_code == 200
    assert (await prove(ann_browser, "account.password", "other")).status_code == 200
    refused = await ann_browser.post("/api/account/password", json={"password": NEW})
    assert code_of(refused) == (403, "step_up_required")
    assert (await prove(ann_browser, "account.password")).status_code == 200
    too_short = await ann_browser.post("/api/account/password", json={"password": "short"})
    assert code_of(too_short) == (400, "invalid_value")
    assert (await ann_browser.post("/api/account/password", json={"password": NEW})).status_code == 204
    refused = await ann_browser.post("/api/account/password", json={"password": NEW})
    assert code_of(refused) == (403, "step_up_required")


async def test_a_step_up_belongs_to_its_session_and_lasts_five_minutes(
    browser: Open, ann_browser: httpx2.AsyncClient, desk: Desk
) -> None:
    other = await browser()
    assert (await prove(other, "account.password")).status_code == 200
    assert (await ann_browser.post("/api/account/password", json={"password": NEW})).status_code == 403
    left = await desk.pool.fetchval("SELECT ends_at - now() FROM step_up_grants")
    assert left.total_seconds() == pytest.approx(300, abs=10)
    await desk.pool.execute("UPDATE step_up_grants SET ends_at = now()")
    assert (await other.post("/api/account/password", json={"password": NEW})).status_code == 403


async def test_two_acts_at_once_need_two_grants(ann_browser: httpx2.AsyncClient) -> None:
    await prove(ann_browser, "account.password")
    answers = await asyncio.gather(
        *(ann_browser.post("/api/account/password", json={"password": f"{NEW} {number}"}) for number in range(2))
    )
    assert sorted(answer.status_code for answer in answers) == [204, 403]


async def test_a_wrong_proof_is_counted_and_audited(ann_browser: httpx2.AsyncClient, desk: Desk) -> None:
    for _ in range(5):
        answer = await prove(ann_browser, "account.password", password="not the password")
        assert code_of(answer) == (403, "bad_credentials")
    await stretch_waits(desk)
    answer = await prove(ann_browser, "account.password")
    assert code_of(answer) == (429, "too_many_attempts")
    assert 31 <= int(answer.headers["retry-after"]) <= 61
    assert await desk.pool.fetchval("SELECT count(*) FROM audit_log WHERE action = 'user.step_up_fail'") == 5
    await end_waits(desk)
    assert (await prove(ann_browser, "account.password")).status_code == 200
    assert code_of(await prove(ann_browser, "account.password", code="123456")) == (400, "invalid_value")


async def test_a_changed_password_ends_the_other_sessions(
    browser: Open, ann_browser: httpx2.AsyncClient, desk: Desk
) -> None:
    other = await browser()
    await prove(ann_browser, "account.password")
    spaced = f" {NEW} "
    assert (await ann_browser.post("/api/account/password", json={"password": spaced})).status_code == 204
    assert (await other.get("/api/account")).status_code == 401
    assert (await ann_browser.get("/api/account")).status_code == 200
    assert "password_changed" in await mails(desk, "ann@example.com")
    assert isinstance(await sign_in.with_password(desk, "ann@example.com", spaced, CLIENT), Entered)


async def test_an_address_is_changed_with_a_step_up_and_counts_once_proven(
    ann_browser: httpx2.AsyncClient, desk: Desk
) -> None:
    change = {"email": "ann@new.example"}
    assert code_of(await ann_browser.post("/api/account/email", json=change)) == (403, "step_up_required")
    await prove(ann_browser, "account.email")
    body = (await ann_browser.post("/api/account/email", json=change)).json()
    assert (body["email"], body["pending_email"]) == ("Ann@Example.com", "ann@new.example")
    assert body["verification_resend_at"] is not None
    assert code_of(await ann_browser.post("/api/account/verification")) == (429, "too_many_attempts")
    await end_waits(desk)
    assert (await ann_browser.post("/api/account/verification")).status_code == 202
    assert len(await links(desk, "verify_email", "ann@new.example")) == 2
    body = (await ann_browser.request("DELETE", "/api/account/email")).json()
    assert (body["pending_email"], body["verification_resend_at"]) == (None, None)


async def test_an_authenticator_is_set_up_used_and_turned_off(ann_browser: httpx2.AsyncClient, desk: Desk) -> None:
    assert code_of(await ann_browser.post("/api/account/totp")) == (403, "step_up_required")
    await prove(ann_browser, "account.totp")
    setup = (await ann_browser.post("/api/account/totp")).json()
    app = pyotp.TOTP(setup["secret"])
    answer = await ann_browser.post("/api/account/totp/confirmation", json={"code": app.now()})
    recovery = answer.json()["codes"]
    assert len(recovery) == 10
    body = (await ann_browser.get("/api/account")).json()
    assert (body["has_totp"], body["recovery_codes_left"]) == (True, 10)

    refused = await ann_browser.post("/api/account/recovery-codes")
    assert refused.json()["error"]["details"]["methods"] == ["password", "totp"]
    assert code_of(await prove(ann_browser, "account.recovery_codes")) == (400, "invalid_value")
    wrong = await prove(ann_browser, "account.recovery_codes", password=PASSWORD, code="not-a-code")
    assert code_of(wrong) == (403, "bad_code")
    # A right code beside a wrong password is not used up.
    wrong = await prove(ann_browser, "account.recovery_codes", password="wrong", code=recovery[0])
    assert code_of(wrong) == (403, "bad_credentials")
    right = await prove(ann_browser, "account.recovery_codes", password=PASSWORD, code=recovery[0])
    assert right.status_code == 200
    fresh = (await ann_browser.post("/api/account/recovery-codes")).json()["codes"]
    assert not set(fresh) & set(recovery)

    await prove(ann_browser, "account.totp", password=PASSWORD, code=fresh[0])
    assert (await ann_browser.request("DELETE", "/api/account/totp")).status_code == 204
    body = (await ann_browser.get("/api/account")).json()
    assert (body["has_totp"], body["recovery_codes_left"]) == (False, None)


async def test_a_passkey_that_is_none_proves_nothing(ann_browser: httpx2.AsyncClient) -> None:
    answer = await prove(ann_browser, "account.password", passkey={"id": "x"})
    assert answer.status_code in (400, 403)
    assert (await ann_browser.post("/api/account/password", json={"password": NEW})).status_code == 403


@pytest.fixture
async def bob(desk: Desk) -> User:
    """bob@example.com, who signed up and has not proven the address."""

    async def arrive(connection: Connection, user: User) -> None:
        await verification.send(connection, desk, user, origin=CLIENT.origin)

    user = await sign_up.sign_up(desk, SignUp("bob@example.com", "Bob", PASSWORD, None, "1"), CLIENT, arrive)
    assert user is not None
    return user


async def test_who_is_not_verified_sees_it_and_corrects_the_address_without_a_step_up(
    browser: Open, bob: User, desk: Desk
) -> None:
    client = await browser("bob@example.com")
    body = (await client.get("/api/account")).json()
    assert body["email_verified"] is False
    assert body["verification_resend_at"] is not None
    await end_waits(desk)
    body = (await client.post("/api/account/email", json={"email": "robert@example.com"})).json()
    assert body["pending_email"] == "robert@example.com"
    [token] = await links(desk, "verify_email", "robert@example.com")
    async with transaction(desk.pool) as connection:
        await verification.verify(connection, desk, token, origin=CLIENT.origin)
    body = (await client.get("/api/account")).json()
    assert (body["email"], body["email_verified"]) == ("robert@example.com", True)


async def test_who_has_nothing_to_prove_with_needs_a_sign_in_of_this_moment(
    ann_browser: httpx2.AsyncClient, desk: Desk
) -> None:
    await desk.pool.execute("UPDATE users SET password_hash = NULL")
    assert (await ann_browser.post("/api/account/totp")).status_code == 200
    await desk.pool.execute("UPDATE sessions SET created_at = now() - interval '6 minutes'")
    refused = await ann_browser.post("/api/account/totp")
    assert code_of(refused) == (403, "step_up_required")
    assert refused.json()["error"]["details"]["methods"] == ["sign_in"]
