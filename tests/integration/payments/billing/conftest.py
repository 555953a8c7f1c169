"""A team whose people use /api, staff, and a connection that may do anything."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from tests.harness.team_fixtures import team

__all__ = ["superuser", "team"]


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """A connection that the runtime role does not bind."""
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()
