import asyncio
from dataclasses import replace
from typing import Any

import asyncpg
import pytest

from omna.accounts import sessions, sign_in
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_in import Entered
from omna.db.pool import transaction
from omna.errors import BadCredentials, OmnaError, TooManyAttempts, Unauthenticated
from tests.integration.accounts.conftest import CLIENT, PASSWORD, CountingPasswords, end_waits, stretch_waits

WRONG = "incorrect horse battery"


async def enter(desk: Desk, client: Client = CLIENT, password: str = PASSWORD) -> Entered:
    entered = await sign_in.with_password(desk, "ann@example.com", password, client)
    assert isinstance(entered, Entered)
    return entered


async def fail(desk: Desk, email: str = "ann@example.com", client: Client = CLIENT) -> OmnaError:
    with pytest.raises(OmnaError) as caught:
        await sign_in.with_password(desk, email, WRONG, client)
    return caught.value


async def test_a_password_opens_a_session_whose_token_is_not_stored(desk: Desk, ann: User) -> None:
    entered = await enter(desk)
    async with transaction(desk.pool) as connection:
        person = await sessions.resolve(connection, entered.session_token, "192.0.2.1")
    assert (person.user_id, person.session_id, person.verified) == (ann.user_id, entered.session_id, True)
    row = await desk.pool.fetchrow("SELECT * FROM sessions")
    assert entered.session_token.encode() not in row["token_digest"]
    assert len(entered.session_token) >= 43


async def test_every_sign_in_has_a_token_of_its_own(desk: Desk, ann: User) -> None:
    first, second = await enter(desk), await enter(desk)
    assert first.session_token != second.session_token
    assert first.session_id != second.session_id


@pytest.mark.parametrize(
    "case", ["unknown", "wrong", "disabled", "deleted", "without a password", "no address", "long"]
)
async def test_every_failure_says_the_same_after_the_same_work(
    desk: Desk, ann: User, passwords: CountingPasswords, case: str
) -> None:
    email, password = "ann@example.com", PASSWORD
    match case:
        case "unknown":
            email = "bob@example.com"
        case "wrong":
            password = WRONG
        case "disabled":
            await desk.pool.execute("UPDATE users SET disabled_at = now()")
        case "deleted":
            await desk.pool.execute("UPDATE users SET deleted_at = now()")
        case "without a password":
            await desk.pool.execute("UPDATE users SET password_hash = NULL")
        case "no address":
            email = "ann\x00"
        case "long":
            password = "x" * 100_000
    with pytest.raises(BadCredentials) as caught:
        await sign_in.with_password(desk, email, password, CLIENT)
    assert (caught.value.message, caught.value.param) == (BadCredentials.__doc__, None)
    assert (passwords.verified, passwords.hashed) == (1, 0)
    assert await desk.pool.fetchval("SELECT count(*) FROM sessions") == 0
    assert await desk.pool.fetchval("SELECT count(*) FROM audit_log WHERE action = 'user.sign_in_fail'") == 1


async def test_a_failure_is_audited_without_what_was_typed(desk: Desk, ann: User) -> None:
    await fail(desk, email="my password by mistake")
    row = await desk.pool.fetchrow("SELECT * FROM audit_log WHERE action = 'user.sign_in_fail'")
    assert (row["subject"], row["origin"]) == ("unknown", "192.0.2.1")
    assert "mistake" not in str(dict(row))


async def test_the_fifth_failure_brings_a_wait_that_doubles_up_to_a_quarter_of_an_hour(desk: Desk, ann: User) -> None:
    waits = []
    for _ in range(16):
        assert isinstance(await fail(desk), BadCredentials)
        waits.append(
            await desk.pool.fetchval(
                "SELECT round(extract(epoch FROM max(blocked_until - last_at)))::int FROM throttles"
            )
        )
        # Shorter ones may be over by now.
        if waits[-1] >= 16:
            refused = await fail(desk)
            assert isinstance(refused, TooManyAttempts)
            assert 0 <= waits[-1] - refused.retry_after < 16
        await end_waits(desk)
    assert waits == [0, 0, 0, 0, 1, 2, 4, 8, 16, 32, 64, 128, 256, 512, 900, 900]


async def test_unknown_addresses_wait_just_the_same(desk: Desk) -> None:
    for _ in range(5):
        await fail(desk, email="nobody@example.com")
    await stretch_waits(desk)
    assert isinstance(await fail(desk, email="nobody@example.com"), TooManyAttempts)


async def test_a_refused_try_costs_no_hash_and_does_not_lengthen_the_wait(
    desk: Desk, ann: User, passwords: CountingPasswords
) -> None:
    for _ in range(5):
        await fail(desk)
    await stretch_waits(desk)
    for _ in range(3):
        await fail(desk)
    assert passwords.verified == 5
    assert await desk.pool.fetchval("SELECT max(tries) FROM throttles") == 5


async def test_many_tries_at_once_are_counted_before_they_are_judged(
    desk: Desk, ann: User, passwords: CountingPasswords
) -> None:
    async def attempt() -> OmnaError:
        return await fail(desk)

    errors = await asyncio.gather(*(attempt() for _ in range(12)))
    assert sum(isinstance(error, BadCredentials) for error in errors) == 5
    assert passwords.verified == 5


async def test_failures_from_one_network_count_together_whichever_the_account(desk: Desk, ann: User) -> None:
    for number in range(5):
        await fail(desk, email=f"user{number}@example.com", client=replace(CLIENT, origin=f"2001:db8::{number}"))
    await stretch_waits(desk)
    refused = await fail(desk, email="other@example.com", client=replace(CLIENT, origin="2001:db8::ffff"))
    assert isinstance(refused, TooManyAttempts)
    assert isinstance(await fail(desk, client=replace(CLIENT, origin="2001:db8:0:1::1")), BadCredentials)


async def test_success_ends_the_row_of_an_account_but_not_of_the_network(desk: Desk, ann: User) -> None:
    for _ in range(4):
        await fail(desk)
    await enter(desk)
    rows = await desk.pool.fetch("SELECT subject, tries FROM throttles")
    assert {row["subject"].partition(":")[0]: row["tries"] for row in rows} == {"sign-in-network": 4}


async def test_strangers_cannot_keep_the_owner_out_of_a_known_browser(desk: Desk, ann: User) -> None:
    entered = await enter(desk)
    known = replace(CLIENT, device=entered.device_cookie)
    for number in range(9):
        await fail(desk, client=Client(f"198.51.100.{number}"))
        await end_waits(desk)
    await fail(desk, client=Client("198.51.100.99"))
    assert isinstance(await fail(desk, client=Client("203.0.113.9")), TooManyAttempts)
    await enter(desk, client=known)


async def test_after_a_hundred_failures_only_a_known_browser_is_let_in(desk: Desk, ann: User) -> None:
    entered = await enter(desk)
    await fail(desk)
    await desk.pool.execute("UPDATE throttles SET tries = 100, blocked_until = now() WHERE subject LIKE 'sign-in:%'")
    for password in (PASSWORD, WRONG):
        with pytest.raises(TooManyAttempts, match="by mail"):
            await sign_in.with_password(desk, "ann@example.com", password, Client("203.0.113.9"))
    await enter(desk, client=replace(CLIENT, device=entered.device_cookie))
    await enter(desk, client=Client("203.0.113.9"))


async def test_a_device_cookie_is_good_for_its_person_and_its_signature_alone(
    desk: Desk, ann: User, connection: asyncpg.Connection
) -> None:
    entered = await enter(desk)
    forged = ("0" if entered.device_cookie[0] != "0" else "1") + entered.device_cookie[1:]
    for cookie in (forged, "", "x.y", entered.device_cookie + "x", "é"):
        await enter(desk, client=replace(CLIENT, device=cookie))
    notices = await connection.fetch("SELECT kind FROM mail_outbox WHERE kind = 'new_device'")
    assert len(notices) == 5


async def test_only_an_unknown_browser_is_news(desk: Desk, ann: User, connection: asyncpg.Connection) -> None:
    async def mails() -> int:
        count: int = await connection.fetchval("SELECT count(*) FROM mail_outbox WHERE kind = 'new_device'")
        return count

    first = await enter(desk)
    assert await mails() == 0
    again = await enter(desk, client=replace(CLIENT, device=first.device_cookie))
    assert again.device_cookie == first.device_cookie
    assert await mails() == 0
    await enter(desk)
    assert await mails() == 1


async def test_a_password_is_hashed_again_when_the_parameters_rise(
    desk: Desk, ann: User, passwords: CountingPasswords, monkeypatch: pytest.MonkeyPatch
) -> None:
    before = await desk.pool.fetchval("SELECT password_hash FROM users")
    monkeypatch.setattr(passwords, "outdated", lambda password_hash: password_hash == before)
    await enter(desk)
    after = await desk.pool.fetchval("SELECT password_hash FROM users")
    assert after != before
    await enter(desk)
    assert await desk.pool.fetchval("SELECT password_hash FROM users") == after


async def test_an_account_that_is_disabled_during_the_check_stays_out(desk: Desk, ann: User) -> None:
    passwords: Any = desk.passwords
    verify = passwords.verify

    async def slow(password_hash: str, password: str) -> bool:
        await desk.pool.execute("UPDATE users SET disabled_at = now()")
        return await verify(password_hash, password)

    passwords.verify = slow
    with pytest.raises(BadCredentials):
        await enter(desk)


async def test_a_sign_in_is_audited_with_its_session(desk: Desk, ann: User) -> None:
    entered = await enter(desk)
    row = await desk.pool.fetchrow("SELECT * FROM audit_log WHERE action = 'user.sign_in'")
    assert row["actor"] == f"usr_{ann.user_id.hex}"
    assert row["after"]["session"] == f"ses_{entered.session_id.hex}"


async def test_nobody_is_behind_an_unknown_token(desk: Desk) -> None:
    async with transaction(desk.pool) as connection:
        for token in ("", "x", "y" * 10_000, "\ud800"):
            with pytest.raises(Unauthenticated):
                await sessions.resolve(connection, token, "192.0.2.1")
