import asyncio

import pytest

from omna.accounts import reset, sessions, sign_in
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_in import Entered
from omna.db.pool import borrow
from omna.errors import BadCredentials, InvalidValue, LinkExpired, TooManyAttempts, Unauthenticated
from tests.integration.accounts.conftest import CLIENT, PASSWORD, links, mails

NEW = "another horse, another battery"


async def ask(desk: Desk, email: str = "ann@example.com") -> None:
    await reset.request(desk, email, CLIENT)


async def test_a_new_password_replaces_the_old_one_and_ends_every_session(desk: Desk, ann: User) -> None:
    entered = await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    assert isinstance(entered, Entered)
    await ask(desk)
    [token] = await links(desk, "reset_password")
    async with borrow(desk.pool) as connection:
        assert (await reset.look_up(connection, token)).user_id == ann.user_id
    await reset.reset(desk, token, NEW, CLIENT)
    async with borrow(desk.pool) as connection:
        with pytest.raises(Unauthenticated):
            await sessions.resolve(connection, entered.session_token, "192.0.2.1")
    assert await desk.pool.fetchval("SELECT count(*) FROM sessions") == 0
    assert (await mails(desk))[-1] == "password_changed"
    with pytest.raises(BadCredentials):
        await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    assert isinstance(await sign_in.with_password(desk, "ann@example.com", NEW, CLIENT), Entered)


async def test_a_link_works_once_whoever_is_faster(desk: Desk, ann: User) -> None:
    await ask(desk)
    [token] = await links(desk, "reset_password")
    outcomes = await asyncio.gather(
        *(reset.reset(desk, token, f"{NEW} {number}", CLIENT) for number in range(3)), return_exceptions=True
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, LinkExpired) for outcome in outcomes) == 2


async def test_a_link_lives_half_an_hour_and_only_its_digest_is_stored(desk: Desk, ann: User) -> None:
    await ask(desk)
    [token] = await links(desk, "reset_password")
    row = await desk.pool.fetchrow("SELECT *, ends_at - created_at AS life FROM mail_links")
    assert row["life"].total_seconds() == 1800
    assert token not in str(dict(row))
    await desk.pool.execute("UPDATE mail_links SET ends_at = now()")
    with pytest.raises(LinkExpired):
        await reset.reset(desk, token, NEW, CLIENT)


async def test_a_poor_password_leaves_the_link_unused(desk: Desk, ann: User) -> None:
    await ask(desk)
    [token] = await links(desk, "reset_password")
    with pytest.raises(InvalidValue):
        await reset.reset(desk, token, "too short", CLIENT)
    await reset.reset(desk, token, NEW, CLIENT)


async def test_a_changed_credential_voids_links_that_are_under_way(desk: Desk, ann: User) -> None:
    await ask(desk)
    await ask(desk)
    first, second = await links(desk, "reset_password")
    await reset.reset(desk, second, NEW, CLIENT)
    with pytest.raises(LinkExpired):
        await reset.reset(desk, first, NEW, CLIENT)


async def test_every_address_gets_the_same_answer(desk: Desk, ann: User) -> None:
    await ask(desk)
    await ask(desk, "nobody@example.com")
    await desk.pool.execute("UPDATE users SET disabled_at = now()")
    await ask(desk)
    assert await mails(desk, "ann@example.com") == ["reset_password"]
    assert await mails(desk, "nobody@example.com") == ["reset_unknown"]
    [token] = await links(desk, "reset_password")
    with pytest.raises(LinkExpired):
        await reset.reset(desk, token, NEW, CLIENT)
    for email in ("ann@example.com", "nobody@example.com", "nobody@example.com"):
        await ask(desk, email)
    for email in ("ann@example.com", "nobody@example.com"):
        with pytest.raises(TooManyAttempts):
            await ask(desk, email)


async def test_a_verification_link_is_no_reset_link(desk: Desk, ann: User) -> None:
    await ask(desk)
    [token] = await links(desk, "reset_password")
    await desk.pool.execute("UPDATE mail_links SET purpose = 'verify'")
    with pytest.raises(LinkExpired):
        await reset.reset(desk, token, NEW, CLIENT)


async def test_a_reset_ends_the_row_of_failures_and_forgets_known_browsers(desk: Desk, ann: User) -> None:
    entered = await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    assert isinstance(entered, Entered)
    with pytest.raises(BadCredentials):
        await sign_in.with_password(desk, "ann@example.com", NEW, CLIENT)
    await desk.pool.execute("UPDATE throttles SET tries = 100 WHERE subject LIKE 'sign-in:%'")
    await ask(desk)
    [token] = await links(desk, "reset_password")
    await reset.reset(desk, token, NEW, CLIENT)
    assert await desk.pool.fetchval("SELECT count(*) FROM known_devices") == 0
    assert isinstance(await sign_in.with_password(desk, "ann@example.com", NEW, Client("203.0.113.1")), Entered)


async def test_two_links_used_at_once_do_not_wait_for_each_other(desk: Desk, ann: User) -> None:
    await ask(desk)
    await ask(desk)
    outcomes = await asyncio.gather(
        *(reset.reset(desk, token, NEW, CLIENT) for token in await links(desk, "reset_password")),
        return_exceptions=True,
    )
    assert sum(outcome is None for outcome in outcomes) == 1
    assert sum(isinstance(outcome, LinkExpired) for outcome in outcomes) == 1


async def test_who_signed_up_with_a_strangers_address_keeps_no_way_in(desk: Desk, ann: User) -> None:
    for verified in (True, False):
        await desk.pool.execute("UPDATE users SET email_verified_at = CASE WHEN $1 THEN now() END", verified)
        await desk.pool.execute(
            "INSERT INTO totp_factors (user_id, secret, confirmed_at) VALUES ($1, 'sealed', now())"
            " ON CONFLICT DO NOTHING",
            ann.user_id,
        )
        await desk.pool.execute(
            "INSERT INTO identities (identity_id, user_id, issuer, subject) VALUES ($1, $1, 'https://x.example', 'x')"
            " ON CONFLICT DO NOTHING",
            ann.user_id,
        )
        await ask(desk)
        token = (await links(desk, "reset_password"))[-1]
        if not verified:
            with pytest.raises(InvalidValue):
                await reset.reset(desk, token, "k7!pQ9#xz", CLIENT)  # nothing will stand beside it
        await reset.reset(desk, token, NEW, CLIENT)
        left = await desk.pool.fetchrow("SELECT (SELECT count(*) FROM totp_factors), (SELECT count(*) FROM identities)")
        assert tuple(left) == ((1, 1) if verified else (0, 0))
