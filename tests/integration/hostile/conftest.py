"""A team whose people give everything a hostile name."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from omna.accounts.desk import Desk
from omna.accounts.passwords import Passwords
from omna.config import Settings
from omna.vault.keyring import Keyring
from tests.harness.team import Team


@pytest.fixture
async def team(pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path) -> AsyncIterator[Team]:
    """A team, whose people can change their accounts, too."""
    settings, passwords = Settings(data=tmp_path), Passwords(threads=1)
    opened = await Team(pool, keyring, settings).open()
    opened.api.state.desk = Desk(pool, keyring, passwords, settings)
    yield opened
    await opened.http.aclose()
    passwords.close()
