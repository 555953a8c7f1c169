"""A till, and a team that asks through /api."""

import asyncpg
import pytest

from omna.vault.keyring import Keyring
from tests.harness.team_fixtures import team
from tests.harness.till import Till

__all__ = ["team"]


@pytest.fixture
async def till(pool: asyncpg.Pool, keyring: Keyring) -> Till:
    """A workspace that buys, and the staff who decide."""
    return await Till(pool, keyring).open()
