"""A team for tests of /api."""

from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import pytest

from omna.config import Settings
from omna.vault.keyring import Keyring
from tests.harness.team import Team


@pytest.fixture
async def team(pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path) -> AsyncIterator[Team]:
    """A team workspace with people in every role, and a stranger."""
    opened = Team(pool, keyring, Settings(data=tmp_path))
    yield await opened.open()
    await opened.http.aclose()
