import asyncio

import pytest

from omna.accounts import service as accounts
from omna.accounts import sessions, sign_in, sign_up, verification
from omna.accounts.desk import Desk
from omna.accounts.model import User
from omna.accounts.sign_in import Entered
from omna.accounts.sign_up import SignUp
from omna.accounts.verification import Verified
from omna.audit.service import Actor
from omna.db.pool import Connection, borrow, transaction
from omna.errors import InvalidValue, LinkExpired, TooManyAttempts, Unauthenticated
from omna.ids import SessionId
from tests.integration.accounts.conftest import CLIENT, PASSWORD, end_waits, links, mails

ORIGIN = "192.0.2.1"


@pytest.fixture
async def bob(desk: Desk) -> User:
    """bob@example.com, who signed up a moment ago."""

    async def arrive(connection: Connection, user: User) -> None:
        await verification.send(connection, desk, user, origin=ORIGIN)

    user = await sign_up.sign_up(desk, SignUp("bob@example.com", "Bob", PASSWORD, None, "1"), CLIENT, arrive)
    assert user is not None
    return user


async def verify(desk: Desk, token: str, session_id: SessionId | None = None) -> Verified:
    async with transaction(desk.pool) as connection:
        return await verification.verify(connection, desk, token, origin=ORIGIN, session_id=session_id)


async def change(desk: Desk, user: User, email: str) -> None:
    await end_waits(desk)
    async with transaction(desk.pool) as connection:
        await verification.change_email(connection, desk, user.user_id, email, origin=ORIGIN)


async def email_of(desk: Desk, user: User) -> str:
    async with borrow(desk.pool) as connection:
        return (await accounts.get(connection, user.user_id)).email


async def test_a_link_proves_the_address_once(desk: Desk, bob: User) -> None:
    [token] = await links(desk, "verify_email", "bob@example.com")
    async with borrow(desk.pool) as connection:
        preview = await verification.look_up(connection, token)
    assert (preview.user.user_id, preview.email, preview.changes) == (bob.user_id, "bob@example.com", False)
    done = await verify(desk, token)
    assert (done.user.verified, done.first, done.changed) == (True, True, False)
    with pytest.raises(LinkExpired):
        await verify(desk, token)
    async with borrow(desk.pool) as connection:
        with pytest.raises(LinkExpired):
            await verification.look_up(connection, token)


async def test_of_two_clicks_at_once_one_wins(desk: Desk, bob: User) -> None:
    [token] = await links(desk, "verify_email")
    outcomes = await asyncio.gather(*(verify(desk, token) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(outcome, Verified) for outcome in outcomes) == 1
    assert sum(isinstance(outcome, LinkExpired) for outcome in outcomes) == 3


async def test_two_links_of_one_person_are_first_once(desk: Desk, bob: User) -> None:
    await end_waits(desk)
    async with transaction(desk.pool) as connection:
        await verification.send(connection, desk, bob, origin=ORIGIN)
    outcomes = await asyncio.gather(
        *(verify(desk, token) for token in await links(desk, "verify_email")), return_exceptions=True
    )
    assert sum(isinstance(outcome, Verified) and outcome.first for outcome in outcomes) == 1


async def test_a_link_lives_for_a_day_and_only_its_digest_is_stored(desk: Desk, bob: User) -> None:
    [token] = await links(desk, "verify_email")
    row = await desk.pool.fetchrow("SELECT *, ends_at - created_at AS life FROM mail_links")
    assert row["life"].total_seconds() == 24 * 3600
    assert token not in str(dict(row))
    await desk.pool.execute("UPDATE mail_links SET ends_at = now()")
    with pytest.raises(LinkExpired):
        await verify(desk, token)


async def test_another_mail_can_be_had_after_a_minute_and_three_in_an_hour(desk: Desk, bob: User) -> None:
    async def again() -> None:
        async with transaction(desk.pool) as connection:
            await verification.send(connection, desk, bob, origin=ORIGIN)

    with pytest.raises(TooManyAttempts) as caught:
        await again()
    assert caught.value.retry_after == pytest.approx(60, abs=30)
    for _ in range(2):
        await end_waits(desk)
        await again()
    await end_waits(desk)
    with pytest.raises(TooManyAttempts) as caught:
        await again()
    assert caught.value.retry_after == pytest.approx(3600, abs=60)
    first, *_, last = await links(desk, "verify_email")
    assert first != last
    await verify(desk, first)
    with pytest.raises(LinkExpired):
        await verify(desk, last)


async def test_a_mistyped_address_is_corrected_before_it_is_proven(desk: Desk, bob: User) -> None:
    [wrong] = await links(desk, "verify_email", "bob@example.com")
    await change(desk, bob, "Robert@example.com")
    with pytest.raises(LinkExpired):
        await verify(desk, wrong)
    assert await email_of(desk, bob) == "bob@example.com"
    [right] = await links(desk, "verify_email", "robert@example.com")
    done = await verify(desk, right)
    assert (done.user.email, done.first, done.changed) == ("Robert@example.com", True, True)
    assert await mails(desk, "bob@example.com") == ["verify_email"]


async def test_a_new_address_counts_when_it_is_proven_and_the_old_one_is_told(desk: Desk, ann: User) -> None:
    await change(desk, ann, "ann@new.example")
    assert await email_of(desk, ann) == "Ann@Example.com"
    async with borrow(desk.pool) as connection:
        assert await verification.pending_email(connection, ann.user_id) == "ann@new.example"
    assert await mails(desk, "ann@example.com") == ["email_changing"]
    entered = await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    other = await sign_in.with_password(desk, "ann@example.com", PASSWORD, CLIENT)
    assert isinstance(entered, Entered)
    assert isinstance(other, Entered)
    [token] = await links(desk, "verify_email")
    done = await verify(desk, token, entered.session_id)
    assert (done.user.email, done.first, done.changed) == ("ann@new.example", False, True)
    assert (await mails(desk, "ann@example.com"))[-1] == "email_changed"
    async with borrow(desk.pool) as connection:
        await sessions.resolve(connection, entered.session_token, ORIGIN)
        with pytest.raises(Unauthenticated):
            await sessions.resolve(connection, other.session_token, ORIGIN)
        assert await verification.pending_email(connection, ann.user_id) is None
    assert isinstance(await sign_in.with_password(desk, "ann@new.example", PASSWORD, CLIENT), Entered)


async def test_nobody_learns_whose_address_it_is(desk: Desk, ann: User, bob: User) -> None:
    await change(desk, bob, "ann@example.com")
    async with borrow(desk.pool) as connection:
        assert await verification.pending_email(connection, bob.user_id) == "ann@example.com"
    assert await mails(desk, "ann@example.com") == ["already_registered"]
    assert await email_of(desk, bob) == "bob@example.com"


async def test_of_two_people_who_want_one_address_the_first_to_prove_it_gets_it(
    desk: Desk, ann: User, bob: User
) -> None:
    await change(desk, ann, "new@example.com")
    await change(desk, bob, "new@example.com")
    first, second = await links(desk, "verify_email", "new@example.com")
    await verify(desk, first)
    with pytest.raises(LinkExpired):
        await verify(desk, second)
    assert await email_of(desk, ann) == "new@example.com"


async def test_a_change_can_be_given_up_and_replaced(desk: Desk, ann: User) -> None:
    await change(desk, ann, "one@example.com")
    await change(desk, ann, "two@example.com")
    [one] = await links(desk, "verify_email", "one@example.com")
    [two] = await links(desk, "verify_email", "two@example.com")
    with pytest.raises(LinkExpired):
        await verify(desk, one)
    async with transaction(desk.pool) as connection:
        await verification.cancel_change(connection, desk, ann.user_id, origin=ORIGIN)
    with pytest.raises(LinkExpired):
        await verify(desk, two)


async def test_ones_own_address_is_no_change(desk: Desk, ann: User) -> None:
    with pytest.raises(InvalidValue):
        await change(desk, ann, "ANN@example.com")


async def test_operator_made_people_are_verified(desk: Desk, ann: User, actor: Actor) -> None:
    assert ann.verified
    assert ann.approved
    async with transaction(desk.pool) as connection:
        assert not await accounts.mark_verified(connection, ann.user_id, actor=actor)
