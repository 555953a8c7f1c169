"""Passkeys over /api, with an authenticator in software."""

from collections.abc import AsyncIterator
from typing import Any

import asyncpg
import httpx2
import pytest

from omna.accounts import passkeys, sign_in, step_up
from omna.accounts import service as accounts
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.accounts.sign_in import SecondStep
from omna.api import create_api
from omna.audit.service import Actor
from omna.db.pool import borrow, transaction
from omna.errors import InvalidValue, PasskeyRefused, StepUpRequired
from omna.http.application import set_pool
from tests.harness.authenticator import Authenticator
from tests.integration.accounts.browsing import ORIGIN, Browser, refusal
from tests.integration.accounts.conftest import CLIENT, PASSWORD


class KeyHolder(Browser):
    """A browser that adds and uses passkeys."""

    async def add(self, name: str = "Laptop") -> dict[str, Any]:
        await self.permit("passkey.add")
        options = (await self.send("POST", "/api/account/passkeys/options")).json()["options"]
        answer = await self.send(
            "POST", "/api/account/passkeys", {"name": name, "credential": self.device.create(options)}
        )
        assert answer.status_code == 201, answer.text
        added: dict[str, Any] = answer.json()
        return added

    async def options(self, **body: Any) -> dict[str, Any]:
        answer = await self.send("POST", "/api/access/passkey/options", body or None)
        assert answer.status_code == 200, answer.text
        options: dict[str, Any] = answer.json()["options"]
        return options

    async def enter(self, credential: Any, **more: Any) -> httpx2.Response:
        return await self.send("POST", "/api/access/passkey", {"credential": credential, **more})


@pytest.fixture
async def client(pool: asyncpg.Pool, desk: Desk) -> AsyncIterator[httpx2.AsyncClient]:
    api = create_api(desk.settings)
    set_pool(api, pool)
    api.state.desk = desk
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as opened:
        yield opened


@pytest.fixture
async def browser(client: httpx2.AsyncClient, desk: Desk, ann: User) -> KeyHolder:
    opened = KeyHolder(client, desk)
    await opened.sign_in_as(ann)
    return opened


async def mails(connection: asyncpg.Connection) -> list[str]:
    return [row["kind"] for row in await connection.fetch("SELECT kind FROM mail_outbox ORDER BY mail_id")]


async def acts(connection: asyncpg.Connection) -> list[str]:
    return [row["action"] for row in await connection.fetch("SELECT action FROM audit_log ORDER BY seq")]


async def test_a_passkey_is_added_listed_renamed_and_removed(
    browser: KeyHolder, connection: asyncpg.Connection
) -> None:
    added = await browser.add()
    assert (added["name"], added["synced"], added["last_used_at"]) == ("Laptop", False, None)
    assert (await browser.send("GET", "/api/account/passkeys")).json() == [added]
    address = f"/api/account/passkeys/{added['id']}"
    renamed = await browser.send("PATCH", address, {"name": " Phone "})
    assert renamed.json()["name"] == "Phone"
    assert refusal(await browser.send("DELETE", address)) == (403, "step_up_required")
    await browser.permit("passkey.remove", added["id"])
    assert (await browser.send("DELETE", address)).status_code == 204
    assert (await browser.send("GET", "/api/account/passkeys")).json() == []
    assert (await acts(connection))[-3:] == ["passkey.add", "passkey.rename", "passkey.remove"]
    assert await mails(connection) == ["second_factor_changed", "second_factor_changed"]


async def test_adding_needs_a_fresh_proof(browser: KeyHolder) -> None:
    answer = await browser.send("POST", "/api/account/passkeys/options")
    assert refusal(answer) == (403, "step_up_required")
    assert answer.json()["error"]["details"]["action"] == "passkey.add"


async def test_a_new_passkey_ends_other_sessions(browser: KeyHolder, client: httpx2.AsyncClient, ann: User) -> None:
    other = KeyHolder(client, browser.desk)
    await other.sign_in_as(ann)
    await browser.add()
    assert (await other.send("GET", "/api/account/passkeys")).status_code == 401
    assert (await browser.send("GET", "/api/account/passkeys")).status_code == 200


async def test_a_passkey_signs_in_without_a_password(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    await browser.add()
    browser.cookies.clear()
    options = await browser.options()
    assert options["userVerification"] == "required"
    assert options.get("allowCredentials", []) == []
    answer = await browser.enter(browser.device.get(options), next="/app/w/x?y=1")
    assert answer.json() == {"next": "/app/w/x?y=1"}
    assert browser.cookies["omna_passkey"] == ""
    listed = await browser.send("GET", "/api/account/passkeys")
    assert listed.status_code == 200
    assert listed.json()[0]["last_used_at"] is not None
    assert await connection.fetchval("SELECT method FROM sessions ORDER BY created_at DESC LIMIT 1") == "passkey"
    again = await browser.options()
    assert (await browser.enter(browser.device.get(again), next="//evil.example")).json() == {"next": "/app"}


async def test_two_tabs_can_wait_for_a_passkey(browser: KeyHolder) -> None:
    await browser.add()
    browser.cookies.clear()
    first, second = await browser.options(), await browser.options()
    held = dict(browser.cookies)
    assert (await browser.enter(browser.device.get(first))).status_code == 200
    browser.cookies = held
    assert (await browser.enter(browser.device.get(second))).status_code == 200


async def test_an_answer_counts_once(browser: KeyHolder) -> None:
    await browser.add()
    browser.cookies.clear()
    answer = browser.device.get(await browser.options())
    held = dict(browser.cookies)
    assert (await browser.enter(answer)).status_code == 200
    browser.cookies = held
    assert refusal(await browser.enter(answer)) == (403, "passkey_refused")


async def test_a_wrong_answer_uses_its_challenge_up(browser: KeyHolder) -> None:
    await browser.add()
    browser.cookies.clear()
    options = await browser.options()
    assert refusal(await browser.enter(browser.device.get(options, rp_id="evil.example"))) == (403, "passkey_refused")
    assert refusal(await browser.enter(browser.device.get(options))) == (403, "passkey_refused")


async def test_an_answer_to_the_challenge_of_another_browser_is_refused(
    browser: KeyHolder, client: httpx2.AsyncClient
) -> None:
    await browser.add()
    browser.cookies.clear()
    other = KeyHolder(client, browser.desk)
    answer = browser.device.get(await browser.options())
    assert refusal(await other.enter(answer)) == (403, "passkey_refused")
    await other.options()
    assert refusal(await other.enter(answer)) == (403, "passkey_refused")
    assert (await browser.enter(answer)).status_code == 200, "what others tried took nothing from the owner"


async def test_a_challenge_ends(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    await browser.add()
    browser.cookies.clear()
    options = await browser.options()
    await connection.execute("UPDATE passkey_challenges SET expires_at = now()")
    assert refusal(await browser.enter(browser.device.get(options))) == (403, "passkey_refused")
    await connection.execute("UPDATE passkey_challenges SET expires_at = now() - interval '1 second'")
    await browser.options()
    assert await connection.fetchval("SELECT count(*) FROM passkey_challenges") == 1


@pytest.mark.parametrize("fault", ["origin", "verified", "present"])
async def test_password_less_sign_in_needs_the_right_page_and_the_owner(browser: KeyHolder, fault: str) -> None:
    await browser.add()
    browser.cookies.clear()
    setattr(browser.device, fault, "https://evil.example" if fault == "origin" else False)
    assert refusal(await browser.enter(browser.device.get(await browser.options()))) == (403, "passkey_refused")
    assert "omna_session" not in browser.cookies


@pytest.mark.parametrize("counter", [1, 2])
async def test_a_counter_that_goes_back_is_refused_and_told(
    browser: KeyHolder, connection: asyncpg.Connection, counter: int
) -> None:
    await browser.add()
    browser.cookies.clear()
    assert (await browser.enter(browser.device.get(await browser.options(), counter=2))).status_code == 200
    browser.cookies.clear()
    answer = browser.device.get(await browser.options(), counter=counter)
    assert refusal(await browser.enter(answer)) == (403, "passkey_refused")
    assert await connection.fetchval("SELECT sign_count FROM passkeys") == 2
    assert (await acts(connection))[-2:] == ["passkey.counter", "passkey.fail"]
    assert (await mails(connection))[-1] == "passkey_refused"


async def test_a_stranger_cannot_raise_the_alarm(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    await browser.add()
    browser.cookies.clear()
    assert (await browser.enter(browser.device.get(await browser.options(), counter=9))).status_code == 200
    stranger = Authenticator()
    stranger.create({"rp": {"id": "localhost"}, "user": {"id": ""}, "challenge": ""})
    answer = browser.device.get(await browser.options(), counter=1, signer=stranger.keys[0].private)
    assert refusal(await browser.enter(answer)) == (403, "passkey_refused")
    assert "passkey.counter" not in await acts(connection)


async def test_failures_are_written_down_and_counted(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    await browser.add()
    browser.cookies.clear()
    answer = browser.device.get(await browser.options(), rp_id="evil.example")
    for _ in range(60):
        assert refusal(await browser.enter(answer)) == (403, "passkey_refused")
    assert (await acts(connection)).count("passkey.fail") == 60
    assert refusal(await browser.enter(answer)) == (429, "too_many_attempts")
    assert (await acts(connection)).count("passkey.fail") == 60


async def test_keys_that_do_not_count_are_welcome(browser: KeyHolder) -> None:
    browser.device.counting, browser.device.backed_up = False, True
    assert (await browser.add())["synced"] is True
    for _ in range(2):
        browser.cookies.clear()
        assert (await browser.enter(browser.device.get(await browser.options()))).status_code == 200


async def test_a_key_of_somebody_else_proves_nothing_for_another_handle(browser: KeyHolder) -> None:
    await browser.add()
    browser.cookies.clear()
    options = await browser.options()
    answer = browser.device.get(options, user_handle=b"x" * 16)
    assert refusal(await browser.enter(answer)) == (403, "passkey_refused")


async def test_a_disabled_person_stays_out(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    await browser.add()
    browser.cookies.clear()
    await connection.execute("UPDATE users SET disabled_at = now()")
    assert refusal(await browser.enter(browser.device.get(await browser.options()))) == (403, "passkey_refused")


async def test_a_key_is_known_once(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    await browser.add()
    await browser.permit("passkey.add")
    options = (await browser.send("POST", "/api/account/passkeys/options")).json()["options"]
    assert len(options["excludeCredentials"]) == 1
    credential = browser.device.create(options)
    await connection.execute("UPDATE passkeys SET credential_id = $1", browser.device.keys[-1].credential_id)
    answer = await browser.send("POST", "/api/account/passkeys", {"name": "Again", "credential": credential})
    assert refusal(answer) == (409, "conflict")


async def test_a_creation_counts_once_and_for_its_session(
    browser: KeyHolder, client: httpx2.AsyncClient, ann: User
) -> None:
    await browser.permit("passkey.add")
    options = (await browser.send("POST", "/api/account/passkeys/options")).json()["options"]
    body = {"name": "Laptop", "credential": browser.device.create(options)}
    other = KeyHolder(client, browser.desk)
    await other.sign_in_as(ann)
    assert refusal(await other.send("POST", "/api/account/passkeys", body)) == (403, "passkey_refused")
    assert (await browser.send("POST", "/api/account/passkeys", body)).status_code == 201
    assert refusal(await browser.send("POST", "/api/account/passkeys", body)) == (403, "passkey_refused")


@pytest.mark.parametrize("name", ["", "  ", "x" * 101])
async def test_a_name_is_a_name(browser: KeyHolder, name: str) -> None:
    added = await browser.add()
    answer = await browser.send("PATCH", f"/api/account/passkeys/{added['id']}", {"name": name})
    assert refusal(answer) == (400, "invalid_value")


async def test_the_last_way_in_stays(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    first, second = await browser.add("First"), await browser.add("Second")
    await connection.execute("UPDATE users SET password_hash = NULL")
    await browser.permit("passkey.remove", first["id"])
    assert (await browser.send("DELETE", f"/api/account/passkeys/{first['id']}")).status_code == 204
    await browser.permit("passkey.remove", second["id"])
    answer = await browser.send("DELETE", f"/api/account/passkeys/{second['id']}")
    assert refusal(answer) == (409, "last_way_in")
    assert len((await browser.send("GET", "/api/account/passkeys")).json()) == 1


async def test_a_key_of_an_old_domain_is_no_way_in(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    first, _ = await browser.add("First"), await browser.add("Second")
    await connection.execute("UPDATE users SET password_hash = NULL")
    await connection.execute("UPDATE passkeys SET rp_id = 'old.example' WHERE name = 'Second'")
    await browser.permit("passkey.remove", first["id"])
    answer = await browser.send("DELETE", f"/api/account/passkeys/{first['id']}")
    assert refusal(answer) == (409, "last_way_in")


async def test_another_persons_passkey_is_not_there(
    browser: KeyHolder, client: httpx2.AsyncClient, desk: Desk, actor: Actor
) -> None:
    added = await browser.add()
    async with transaction(desk.pool) as connection:
        bob = await accounts.create_user(connection, "bob@example.com", actor=actor, name="Bob")
    other = KeyHolder(client, desk)
    await other.sign_in_as(bob)
    address = f"/api/account/passkeys/{added['id']}"
    assert (await other.send("PATCH", address, {"name": "Mine"})).status_code == 404
    await other.permit("passkey.remove", added["id"])
    assert (await other.send("DELETE", address)).status_code == 404
    assert (await other.send("GET", "/api/account/passkeys")).json() == []
    assert (await other.send("PATCH", "/api/account/passkeys/nonsense", {"name": "x"})).status_code == 404


async def _password(browser: KeyHolder, connection: asyncpg.Connection) -> Any:
    """The first step, by password, of somebody with an authenticator app."""
    answer = await sign_in.with_password(browser.desk, "ann@example.com", PASSWORD, CLIENT)
    if isinstance(answer, SecondStep):
        browser.cookies = {"omna_challenge": answer.token}
    return answer


async def test_a_passkey_is_a_second_step(browser: KeyHolder, connection: asyncpg.Connection, ann: User) -> None:
    await browser.add()
    await connection.execute(
        "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, 'sealed', now())", ann.user_id
    )
    step = await _password(browser, connection)
    assert step.methods == ("totp", "passkey")
    options = await browser.options(second_step=True)
    assert [item["id"] for item in options["allowCredentials"]]
    browser.device.verified = False
    assert (await browser.enter(browser.device.get(options))).status_code == 200
    assert browser.cookies["omna_challenge"] == ""
    assert (await browser.send("GET", "/api/account/passkeys")).status_code == 200


async def test_a_second_step_is_for_the_person_of_the_first(
    browser: KeyHolder, client: httpx2.AsyncClient, connection: asyncpg.Connection, ann: User, desk: Desk, actor: Actor
) -> None:
    async with transaction(desk.pool) as work:
        bob = await accounts.create_user(work, "bob@example.com", actor=actor, name="Bob")
    other = KeyHolder(client, desk)
    await other.sign_in_as(bob)
    await other.add()
    await browser.add()
    await connection.execute(
        "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, 'sealed', now())", ann.user_id
    )
    await _password(browser, connection)
    options = await browser.options(second_step=True)
    answer = other.device.get(options, key=other.device.keys[0])
    assert refusal(await browser.enter(answer)) == (403, "passkey_refused")


async def test_without_an_open_second_step_there_is_none(browser: KeyHolder) -> None:
    await browser.add()
    browser.cookies = {}
    answer = await browser.send("POST", "/api/access/passkey/options", {"second_step": True})
    assert answer.status_code in (401, 403, 410)


async def test_staff_with_a_passkey_needs_it_beside_the_password(
    browser: KeyHolder, connection: asyncpg.Connection, ann: User
) -> None:
    await browser.add()
    assert not isinstance(await _password(browser, connection), SecondStep)
    await connection.execute("UPDATE users SET staff_role = 'owner'")
    step = await _password(browser, connection)
    assert step.methods == ("passkey",)
    options = await browser.options(second_step=True)
    assert options["userVerification"] == "required"
    browser.device.verified = False
    assert refusal(await browser.enter(browser.device.get(options))) == (403, "passkey_refused")
    browser.device.verified = True
    assert (await browser.enter(browser.device.get(await browser.options(second_step=True)))).status_code == 200


async def test_a_passkey_proves_that_it_is_still_the_person(browser: KeyHolder, ann: User) -> None:
    await browser.add()
    who = await browser.sign_in_as(ann)
    options = (await browser.send("POST", "/api/account/step-up/options")).json()["options"]
    assert options["userVerification"] == "required"
    async with borrow(browser.desk.pool) as connection:
        assert await step_up.methods(connection, ann.user_id) == ["password", "passkey"]
    await passkeys.prove(browser.desk, who, browser.device.get(options))
    with pytest.raises(StepUpRequired):
        async with transaction(browser.desk.pool) as connection:
            await step_up.use(connection, who.session_id, "key.create_unlimited", "")


async def test_a_passkey_permits_one_act_once(browser: KeyHolder, ann: User) -> None:
    added = await browser.add()
    address = f"/api/account/passkeys/{added['id']}"
    options = (await browser.send("POST", "/api/account/step-up/options")).json()["options"]
    proof = {"action": "passkey.remove", "target": added["id"], "passkey": browser.device.get(options)}
    assert (await browser.send("POST", "/api/account/step-up", proof)).status_code == 200
    assert refusal(await browser.send("POST", "/api/account/step-up", proof)) == (403, "passkey_refused")
    assert (await browser.send("DELETE", address)).status_code == 204
    assert refusal(await browser.send("DELETE", address)) == (403, "step_up_required")


async def test_nothing_typed_stands_in_for_a_passkey(
    browser: KeyHolder, connection: asyncpg.Connection, ann: User
) -> None:
    await browser.add()
    who = await browser.sign_in_as(ann)
    await connection.execute("UPDATE users SET password_hash = NULL")
    assert await step_up.methods(connection, ann.user_id) == ["passkey"]
    for typed in ({}, {"password": ""}, {"password": PASSWORD}, {"code": "123456"}):
        with pytest.raises(InvalidValue):
            await step_up.prove(browser.desk, who, "account.email", "", **typed)


async def test_a_sign_in_challenge_is_no_step_up(browser: KeyHolder, ann: User) -> None:
    await browser.add()
    who = await browser.sign_in_as(ann)
    answer = browser.device.get(await browser.options())
    with pytest.raises(PasskeyRefused):
        await passkeys.prove(browser.desk, who, answer)


async def test_challenges_for_strangers_are_bounded(browser: KeyHolder, connection: asyncpg.Connection) -> None:
    assert (await browser.send("POST", "/api/access/passkey/options")).status_code == 200
    await connection.execute("UPDATE throttles SET tries = 300 WHERE subject LIKE 'passkey-options-network:%'")
    assert (await browser.send("POST", "/api/access/passkey/options")).status_code == 429
