"""What many tests begin with, made by the services themselves."""

import secrets

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.config import Risk
from omna.vault.keyring import Keyring, Purpose
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace


@pytest.fixture
def keyring() -> Keyring:
    """A master key that no file holds."""
    return Keyring.from_text(secrets.token_hex(32))


@pytest.fixture
def actor(keyring: Keyring) -> Actor:
    """Who acts in a test."""
    return Actor("cli:tester", "test", keyring.derive(Purpose.AUDIT_CHAIN))


@pytest.fixture
async def workspace(connection: asyncpg.Connection, actor: Actor) -> Workspace:
    """The personal workspace of ann@example.com, with an empty wallet."""
    async with connection.transaction():
        user = await accounts.create_user(connection, "Ann@Example.com", actor=actor, name="Ann")
        return await workspaces.create_personal(connection, user.user_id, "Ann", risk=Risk(), actor=actor)
