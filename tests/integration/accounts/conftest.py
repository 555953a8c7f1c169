"""People, the desk they are signed in at, and a hasher that counts its work."""

import re
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.accounts.desk import Desk
from omna.accounts.model import Client, User
from omna.accounts.passwords import Passwords
from omna.audit.service import Actor
from omna.config import Settings
from omna.db.pool import transaction
from omna.vault.keyring import Keyring

PASSWORD = "correct horse battery"
CLIENT = Client("192.0.2.1", "Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0")


class CountingPasswords(Passwords):
    """Counts how often it worked, because that is what takes the time."""

    def __init__(self) -> None:
        super().__init__(threads=2)
        self.hashed = 0
        self.verified = 0

    async def hash(self, password: str) -> str:
        self.hashed += 1
        return await super().hash(password)

    async def verify(self, password_hash: str, password: str) -> bool:
        self.verified += 1
        return await super().verify(password_hash, password)


@pytest.fixture
async def passwords() -> AsyncIterator[CountingPasswords]:
    counting = CountingPasswords()
    yield counting
    counting.close()


@pytest.fixture
def desk(pool: asyncpg.Pool, keyring: Keyring, passwords: CountingPasswords, tmp_path: Path) -> Desk:
    return Desk(pool, keyring, passwords, Settings(data=tmp_path))


@pytest.fixture
async def ann(desk: Desk, actor: Actor, passwords: CountingPasswords) -> User:
    """ann@example.com, with a password."""
    async with transaction(desk.pool) as connection:
        user = await accounts.create_user(
            connection, "Ann@Example.com", actor=actor, name="Ann", password=PASSWORD, passwords=passwords
        )
    passwords.hashed = 0
    return user


async def links(desk: Desk, kind: str, to: str | None = None) -> list[str]:
    """Return the tokens in the mails of a kind, oldest first."""
    rows = await desk.pool.fetch(
        "SELECT text FROM mail_outbox WHERE kind = $1 AND ($2::text IS NULL OR recipient = $2) ORDER BY mail_id",
        kind,
        to,
    )
    return [match.group(1) for row in rows if (match := re.search(r"token=([\w~.-]+)", row["text"]))]


async def mails(desk: Desk, to: str | None = None) -> list[str]:
    """Return the kinds of the mails in the outbox, oldest first."""
    rows = await desk.pool.fetch(
        "SELECT kind FROM mail_outbox WHERE $1::text IS NULL OR recipient = $1 ORDER BY mail_id", to
    )
    return [row["kind"] for row in rows]


async def stretch_waits(desk: Desk) -> None:
    """Let a wait that has begun last until the test is over: a busy machine may need longer than a second for a step."""
    await desk.pool.execute(
        "UPDATE throttles SET blocked_until = blocked_until + interval '1 minute' WHERE blocked_until > last_at"
    )


async def end_waits(desk: Desk) -> None:
    """Let every wait be over, as if the time had passed."""
    await desk.pool.execute("UPDATE throttles SET blocked_until = now()")
