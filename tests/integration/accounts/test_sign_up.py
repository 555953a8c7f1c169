import asyncio
from dataclasses import replace

import pytest

from omna.accounts import service as accounts
from omna.accounts import sign_in, sign_up
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.sign_in import Entered
from omna.accounts.sign_up import SignUp
from omna.config import Accounts
from omna.db.pool import Connection, borrow
from omna.errors import InvalidValue, SignUpClosed, TooManyAttempts
from tests.integration.accounts.conftest import CLIENT, PASSWORD, CountingPasswords, mails

FORM = SignUp("Bob@Example.com", " Bob ", PASSWORD, "zh", "2026-11")


class Arrivals:
    """What a caller does in the transaction of a new person."""

    def __init__(self) -> None:
        self.users: list[User] = []

    async def __call__(self, connection: Connection, user: User) -> None:
        assert connection.is_in_transaction()
        self.users.append(user)


def in_mode(desk: Desk, mode: str) -> Desk:
    return replace(desk, settings=replace(desk.settings, accounts=Accounts(sign_up=mode)))


async def test_a_new_person_can_sign_in_and_is_not_verified(desk: Desk) -> None:
    arrivals = Arrivals()
    await sign_up.sign_up(desk, FORM, CLIENT, arrivals)
    [user] = arrivals.users
    assert (user.email, user.name, user.language, user.terms_version) == ("Bob@Example.com", "Bob", "zh", "2026-11")
    assert (user.verified, user.approved) == (False, True)
    assert isinstance(await sign_in.with_password(desk, FORM.email, PASSWORD, CLIENT), Entered)
    row = await desk.pool.fetchrow("SELECT actor, after FROM audit_log WHERE action = 'user.sign_up'")
    assert row["actor"] == f"usr_{user.user_id.hex}"
    assert row["after"]["terms_version"] == "2026-11"


async def test_a_known_address_is_told_by_mail_alone_after_the_same_work(
    desk: Desk, ann: User, passwords: CountingPasswords
) -> None:
    arrivals = Arrivals()
    await sign_up.sign_up(desk, FORM, CLIENT, arrivals)
    assert (passwords.hashed, passwords.verified) == (1, 0)
    assert await sign_up.sign_up(desk, replace(FORM, email="ANN@example.com"), CLIENT, arrivals) is None
    assert (passwords.hashed, passwords.verified) == (2, 0)
    assert [user.name for user in arrivals.users] == ["Bob"]
    assert await mails(desk, "ann@example.com") == ["already_registered"]
    async with borrow(desk.pool) as connection:
        assert await accounts.get(connection, ann.user_id) == ann


async def test_nothing_stays_when_the_rest_of_the_arrival_fails(desk: Desk) -> None:
    async def fail(connection: Connection, user: User) -> None:
        raise RuntimeError("no workspace today")

    with pytest.raises(RuntimeError):
        await sign_up.sign_up(desk, FORM, CLIENT, fail)
    assert await desk.pool.fetchval("SELECT count(*) FROM users") == 0


@pytest.mark.parametrize(
    ("mode", "invited", "verified", "approved"),
    [
        ("open", False, False, True),
        ("approval", False, False, False),
        ("approval", True, True, True),
        ("invite", True, True, True),
    ],
)
async def test_the_mode_decides_what_a_new_person_waits_for(
    desk: Desk, mode: str, invited: bool, verified: bool, approved: bool
) -> None:
    user = await sign_up.sign_up(in_mode(desk, mode), replace(FORM, invited=invited), CLIENT, Arrivals())
    assert user is not None
    assert (user.verified, user.approved) == (verified, approved)


async def test_by_invitation_means_nobody_else(desk: Desk, passwords: CountingPasswords) -> None:
    with pytest.raises(SignUpClosed):
        await sign_up.sign_up(in_mode(desk, "invite"), FORM, CLIENT, Arrivals())
    assert passwords.hashed == 0


@pytest.mark.parametrize(
    ("wrong", "field"),
    [
        ({"email": "bob"}, "email"),
        ({"name": "x" * 201}, "name"),
        ({"name": "Bob\x00"}, "name"),
        ({"password": "too short"}, "password"),
    ],
)
async def test_what_is_wrong_is_named_before_any_work(
    desk: Desk, passwords: CountingPasswords, wrong: dict[str, str], field: str
) -> None:
    with pytest.raises(InvalidValue) as caught:
        await sign_up.sign_up(desk, replace(FORM, **wrong), CLIENT, Arrivals())
    assert caught.value.param == field
    assert passwords.hashed == 0


async def test_sign_ups_are_limited_per_address_and_per_network(desk: Desk) -> None:
    for number in range(5):
        await sign_up.sign_up(desk, FORM, Client(f"192.0.2.{number}"), Arrivals())
    with pytest.raises(TooManyAttempts) as caught:
        await sign_up.sign_up(desk, FORM, Client("192.0.2.99"), Arrivals())
    assert caught.value.retry_after == pytest.approx(3600, abs=60)
    await desk.pool.execute("UPDATE throttles SET tries = 30 WHERE subject = 'sign-up-network:192.0.2.1'")
    await sign_up.sign_up(desk, replace(FORM, email="c@example.com"), Client("192.0.2.2"), Arrivals())
    with pytest.raises(TooManyAttempts):
        await sign_up.sign_up(desk, replace(FORM, email="d@example.com"), Client("192.0.2.1"), Arrivals())
    await desk.pool.execute("UPDATE throttles SET began_at = now() - interval '1 hour'")
    await sign_up.sign_up(desk, replace(FORM, email="d@example.com"), Client("192.0.2.1"), Arrivals())


async def test_who_waits_is_approved_once(desk: Desk) -> None:
    user = await sign_up.sign_up(in_mode(desk, "approval"), FORM, CLIENT, Arrivals())
    assert user is not None
    async with borrow(desk.pool) as connection, connection.transaction():
        actor = desk.actor("cli:tester", "")
        assert await accounts.approve(connection, user.user_id, actor=actor)
        assert not await accounts.approve(connection, user.user_id, actor=actor)
        assert (await accounts.get(connection, user.user_id)).approved


async def test_of_two_sign_ups_at_once_one_makes_the_person(desk: Desk) -> None:
    arrivals = Arrivals()
    await asyncio.gather(*(sign_up.sign_up(desk, FORM, CLIENT, arrivals) for _ in range(3)))
    assert len(arrivals.users) == 1
    assert await desk.pool.fetchval("SELECT count(*) FROM users") == 1
    # One an hour is enough; two that ask in the same moment may both be told.
    assert set(await mails(desk, "bob@example.com")) == {"already_registered"}
