import asyncio
import secrets
from typing import Any

import asyncpg
import pytest

from omna.audit import service as audit
from omna.audit.service import Actor


async def write(connection: asyncpg.Connection, actor: Actor, count: int) -> None:
    for number in range(count):
        async with connection.transaction():
            await audit.record(
                connection,
                actor,
                "thing.change",
                f"thing {number}",
                reason="why é",
                after={"b": number, "a": [1, None]},
            )


async def forge(database_url: str, statement: str, *arguments: object) -> None:
    """Change the log as only the owner of the server could."""
    owner = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    try:
        await owner.execute("ALTER TABLE audit_log DISABLE TRIGGER audit_log_immutable")
        await owner.execute(statement, *arguments)
        await owner.execute("ALTER TABLE audit_log ENABLE ALWAYS TRIGGER audit_log_immutable")
    finally:
        await owner.close()


async def test_an_honest_log_verifies(connection: asyncpg.Connection, actor: Actor) -> None:
    await write(connection, actor, 5)
    assert await audit.verify(connection, [actor.key]) == []


async def test_concurrent_writers_leave_no_gap(pool: asyncpg.Pool, actor: Actor) -> None:
    async def one() -> None:
        async with pool.acquire() as connection:
            await write(connection, actor, 10)

    await asyncio.gather(*(one() for _ in range(6)))
    async with pool.acquire() as connection:
        assert await connection.fetchval("SELECT max(seq) FROM audit_log") == 60
        assert await audit.verify(connection, [actor.key]) == []


async def test_an_act_that_is_rolled_back_leaves_no_row(connection: asyncpg.Connection, actor: Actor) -> None:
    transaction = connection.transaction()
    await transaction.start()
    await audit.record(connection, actor, "thing.change", "thing")
    await transaction.rollback()
    await write(connection, actor, 2)
    assert await connection.fetchval("SELECT array_agg(seq ORDER BY seq) FROM audit_log") == [1, 2]


@pytest.mark.parametrize(
    ("statement", "row"),
    [
        ("UPDATE audit_log SET reason = 'other' WHERE seq = 3", 3),
        ("UPDATE audit_log SET at = at + interval '1 microsecond' WHERE seq = 3", 3),
        ('UPDATE audit_log SET after = \'{"a": [1, null], "b": 7}\' WHERE seq = 3', 3),
        ("UPDATE audit_log SET before = 'null' WHERE seq = 3", 3),
        ("DELETE FROM audit_log WHERE seq = 3", 3),
        ("DELETE FROM audit_log WHERE seq = 1", 1),
        (
            """INSERT INTO audit_log SELECT 6, at, actor, action, subject, reason, before, after, origin, mac
            FROM audit_log WHERE seq = 5""",
            6,
        ),
    ],
)
async def test_a_forged_row_is_found(
    connection: asyncpg.Connection, database_url: str, actor: Actor, statement: str, row: int
) -> None:
    await write(connection, actor, 5)
    await forge(database_url, statement)
    findings = await audit.verify(connection, [actor.key])
    assert findings
    assert findings[0].seq == row


async def test_the_application_cannot_change_the_log(connection: asyncpg.Connection, actor: Actor) -> None:
    await write(connection, actor, 1)
    for statement in ("UPDATE audit_log SET reason = ''", "DELETE FROM audit_log", "TRUNCATE audit_log"):
        with pytest.raises(asyncpg.InsufficientPrivilegeError):
            await connection.execute(statement)


async def test_the_owner_cannot_change_the_log_by_accident(
    connection: asyncpg.Connection, database_url: str, actor: Actor
) -> None:
    await write(connection, actor, 1)
    owner = await asyncpg.connect(database_url, server_settings={"search_path": "omna"})
    try:
        for statement in ("UPDATE audit_log SET reason = ''", "DELETE FROM audit_log", "TRUNCATE audit_log"):
            with pytest.raises(asyncpg.RestrictViolationError):
                await owner.execute(statement)
    finally:
        await owner.close()


async def test_an_old_key_seals_nothing_after_a_newer_one(connection: asyncpg.Connection, actor: Actor) -> None:
    new = Actor(actor.name, actor.origin, secrets.token_bytes(32))
    await write(connection, actor, 2)
    await write(connection, new, 2)
    assert await audit.verify(connection, [actor.key, new.key]) == []
    await write(connection, actor, 1)
    assert [finding.seq for finding in await audit.verify(connection, [actor.key, new.key])] == [5]


async def test_money_as_a_float_is_not_recorded(connection: asyncpg.Connection, actor: Actor) -> None:
    value: Any = {"amount": 0.1}
    with pytest.raises(TypeError):
        async with connection.transaction():
            await audit.record(connection, actor, "thing.change", "thing", after=value)
