import asyncio

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.accounts import sessions
from omna.accounts.model import Client
from omna.accounts.passwords import Passwords
from omna.accounts.service import StaffRole
from omna.audit.service import Actor
from omna.errors import Conflict, GatewayOverloaded, InvalidValue, Unauthenticated

PASSWORD = "correct horse battery"


async def test_a_person_is_found_by_any_spelling_of_the_address(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        user = await accounts.create_user(connection, " Ann@Example.com ", actor=actor, name="Ann")
    assert await accounts.find_by_email(connection, "ann@EXAMPLE.com") == user
    assert user.email == "Ann@Example.com"
    assert await accounts.find_by_email(connection, "nobody@example.com") is None
    assert await accounts.find_by_email(connection, "not an address") is None


async def test_an_address_belongs_to_one_person(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        await accounts.create_user(connection, "ann@example.com", actor=actor)
    with pytest.raises(Conflict):
        async with connection.transaction():
            await accounts.create_user(connection, "ANN@example.com", actor=actor)
    with pytest.raises(InvalidValue):
        async with connection.transaction():
            await accounts.create_user(connection, "ann", actor=actor)
    assert await connection.fetchval("SELECT count(*) FROM users") == 1


async def test_a_password_is_kept_as_argon2id_and_verified(connection: asyncpg.Connection, actor: Actor) -> None:
    passwords = Passwords()
    async with connection.transaction():
        user = await accounts.create_user(
            connection, "ann@example.com", actor=actor, password=PASSWORD, passwords=passwords
        )
    stored = await connection.fetchval("SELECT password_hash FROM users")
    assert stored.startswith("$argon2id$v=19$m=47104,t=2,p=1$")
    assert await accounts.password_matches(connection, user, PASSWORD, passwords=passwords)
    assert not await accounts.password_matches(connection, user, PASSWORD + "x", passwords=passwords)
    assert not passwords.outdated(stored)
    passwords.close()


async def test_who_has_no_password_cannot_use_one(connection: asyncpg.Connection, actor: Actor) -> None:
    passwords = Passwords(threads=1)
    async with connection.transaction():
        user = await accounts.create_user(connection, "ann@example.com", actor=actor)
    assert not await accounts.password_matches(connection, user, "", passwords=passwords)
    async with connection.transaction():
        await accounts.set_password(connection, user, PASSWORD, passwords=passwords, actor=actor)
    assert await accounts.password_matches(connection, user, PASSWORD, passwords=passwords)
    passwords.close()


async def test_a_burst_beyond_the_queue_is_turned_away() -> None:
    passwords = Passwords(threads=1, queue=1)
    answers = await asyncio.gather(*(passwords.hash(PASSWORD) for _ in range(4)), return_exceptions=True)
    assert sum(isinstance(answer, GatewayOverloaded) for answer in answers) == 2
    assert sum(isinstance(answer, str) for answer in answers) == 2
    assert await passwords.verify(await passwords.hash(PASSWORD), PASSWORD)
    assert not await passwords.verify("not a hash", PASSWORD)
    passwords.close()


async def test_only_owners_and_finance_can_approve(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        for role in StaffRole:
            await accounts.create_user(connection, f"{role}@example.com", actor=actor, staff_role=role)
        await accounts.create_user(connection, "customer@example.com", actor=actor)
    assert await accounts.approvers(connection) == 2


async def test_who_is_disabled_is_out_at_once_and_can_come_back(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        user = await accounts.create_user(connection, "ann@example.com", actor=actor)
        started = await sessions.start(connection, user.user_id, "password", Client("192.0.2.1"))
        await accounts.disable(connection, user, reason="left", actor=actor)
        with pytest.raises(Unauthenticated):
            await sessions.resolve(connection, started.token, "192.0.2.1")
        with pytest.raises(Conflict):
            await accounts.disable(connection, user, reason="left", actor=actor)
        await accounts.enable(connection, user, actor=actor)
        with pytest.raises(Unauthenticated):
            await sessions.resolve(connection, started.token, "192.0.2.1")
        with pytest.raises(Conflict):
            await accounts.enable(connection, user, actor=actor)


async def test_the_last_staff_owner_stays(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        first = await accounts.create_user(connection, "a@example.com", actor=actor, staff_role=StaffRole.OWNER)
        with pytest.raises(Conflict):
            await accounts.disable(connection, first, reason="oops", actor=actor)
        second = await accounts.create_user(connection, "b@example.com", actor=actor, staff_role=StaffRole.OWNER)
        await accounts.disable(connection, first, reason="left", actor=actor)
        assert await accounts.approvers(connection) == 1
        with pytest.raises(Conflict):
            await accounts.disable(connection, second, reason="oops", actor=actor)
