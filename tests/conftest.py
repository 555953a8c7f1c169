"""A real PostgreSQL for every test that asks for one: one server a run, one fresh database a test."""

import asyncio
import itertools
import os
import shutil
import tempfile
from collections.abc import AsyncIterator, Iterator
from pathlib import Path

import asyncpg
import pytest

from omna.config import Database
from omna.db.embedded import EmbeddedServer
from omna.db.migrate import migrate
from omna.db.pool import open_connection, open_pool

_numbers = itertools.count(1)

#: Memory, where the machine has a file system of it: thousands of databases are copied and dropped in a run.
_MEMORY = Path("/dev/shm")
#: What two servers at work may fill at the very most, with room to spare.
_MEMORY_NEEDED = 6 * 2**30


def _place_of_servers() -> Path | None:
    """Return where a server of tests keeps its files; None is the ordinary temporary directory."""
    if os.access(_MEMORY, os.W_OK | os.X_OK) and shutil.disk_usage(_MEMORY).free >= _MEMORY_NEEDED:
        return _MEMORY
    return None


@pytest.fixture(scope="session")
def database_server() -> Iterator[EmbeddedServer]:
    """A server with the migrated database `omna`, which is only ever copied."""
    # Nobody needs this data after a crash; chaos tests start durable servers of their own.
    # Beside pytest's own directories: as root the server has another user, and each run of pytest locks that one out.
    with (
        tempfile.TemporaryDirectory(prefix="omna-tests-", dir=_place_of_servers()) as place,
        EmbeddedServer(Path(place), durable=False) as server,
    ):
        asyncio.run(migrate(server.url()))
        yield server


@pytest.fixture
async def database_url(database_server: EmbeddedServer) -> AsyncIterator[str]:
    """The URL of a migrated database that belongs to this test alone; it signs in as the superuser."""
    name = f"test_{next(_numbers)}"
    administrator = await asyncpg.connect(database_server.url(database="postgres"))
    try:
        # File by file: for a database so small that is many times faster than through the log.
        await administrator.execute(f"CREATE DATABASE {name} TEMPLATE omna STRATEGY file_copy")
        yield database_server.url(database=name)
        await administrator.execute(f"DROP DATABASE {name} WITH (FORCE)")
    finally:
        await administrator.close()


@pytest.fixture
async def pool(database_url: str) -> AsyncIterator[asyncpg.Pool]:
    """A pool as the product opens it: role omna_runtime, schema omna."""
    opened = await open_pool(database_url, Database())
    yield opened
    # What a failed test left borrowed must not keep the run waiting.
    opened.terminate()


@pytest.fixture
async def connection(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """One connection as the product opens it: role omna_runtime, schema omna."""
    opened = await open_connection(database_url, Database())
    yield opened
    opened.terminate()
