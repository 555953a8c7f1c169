"""Fixtures of tests that speak to a running gateway; a conftest.py imports the ones it offers."""

from collections.abc import AsyncIterator
from contextlib import asynccontextmanager

import pytest

from omna.db.embedded import EmbeddedServer
from tests.harness.installation import Installation, fresh_database
from tests.harness.replica import Replica
from tests.harness.wire import Connection
from tests.upstream.server import Upstream

__all__ = ["client", "house", "key", "replica"]

#: Short enough for tests to see them happen, long enough for a busy machine.
SETTINGS = {
    "GATEWAY_COMMIT_SECONDS": "1.5",
    "GATEWAY_HEARTBEAT_SECONDS": "1.5",
    "GATEWAY_FIRST_BYTE_TIMEOUT": "4",
    "GATEWAY_PROGRESS_TIMEOUT": "2",
    "GATEWAY_ANSWER_TIMEOUT": "4",
    "GATEWAY_CHECKPOINT_SECONDS": "1",
    "GATEWAY_REAPER_SECONDS": "1",
    "GATEWAY_LEASE_SECONDS": "6",
    "GATEWAY_BODY_TIMEOUT": "2",
    "GATEWAY_BODY_LIMIT": "262144",
    # A scenario that fails is asked again and again; tests of the breaker switch it on.
    "GATEWAY_BREAKER_COOL_DOWN": "0",
    "GATEWAY_RETRY_BURST": "10000",
    "GATEWAY_FREE_RPM": "0",
    "SERVER_DRAIN_SECONDS": "2",
}


@asynccontextmanager
async def new_house(
    database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """Lend an installation: a database, an upstream, a workspace with 100 Credits."""
    async with (
        fresh_database(database_server) as url,
        Upstream() as upstream,
        Installation(url, tmp_path_factory.mktemp("house"), upstream) as installation,
    ):
        yield installation


@pytest.fixture(scope="module")
async def house(
    database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """An installation of this file's own."""
    async with new_house(database_server, tmp_path_factory) as installation:
        yield installation


@pytest.fixture(scope="module")
async def replica(house: Installation) -> AsyncIterator[Replica]:
    """One running gateway."""
    async with house.replica(SETTINGS) as running:
        yield running


@pytest.fixture
def key(house: Installation) -> str:
    return house.tenant.key


@pytest.fixture
async def client(replica: Replica) -> AsyncIterator[Connection]:
    """One TCP connection to the gateway."""
    async with Connection(replica.port) as connection:
        yield connection
