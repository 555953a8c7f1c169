"""Chromium, a running Omna with its web app, and people who visit it."""

from collections.abc import AsyncIterator, Callable
from contextlib import AbstractAsyncContextManager
from dataclasses import asdict
from typing import Any

import pytest
from playwright.async_api import Browser, expect

from omna.db.embedded import EmbeddedServer
from tests.harness.browser import NODE_FOLDER, Visitor, chromium, visitor
from tests.harness.fixtures import SETTINGS, house, new_house
from tests.harness.installation import Installation
from tests.harness.looks import Look, looks_of
from tests.harness.node import install_packages
from tests.harness.people import People, people_of
from tests.harness.replica import Replica

__all__ = ["house"]

Visit = Callable[..., AbstractAsyncContextManager[Visitor]]

# Long enough for a busy machine, and shorter than the 15 s after which a page asks again by itself: what a page must
# know at once may not be learnt from that.
expect.set_options(timeout=10_000)


@pytest.fixture(scope="session")
async def browser() -> AsyncIterator[Browser]:
    await install_packages(NODE_FOLDER)
    async with chromium() as opened:
        yield opened


@pytest.fixture(scope="module")
async def house_of_look(
    look: Look, database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    """An installation of this file's own for each look: a `house` for journeys that change what belongs to all."""
    async with new_house(database_server, tmp_path_factory) as installation:
        yield installation


@pytest.fixture(scope="module")
async def site(house: Installation) -> AsyncIterator[Replica]:
    """Omna as people meet it: sign-up is open, newcomers get 5 Credits, one model answers, a pretended checkout."""
    await house.model("openrouter-free", upstream_model="ok")
    async with house.replica(SETTINGS | {"ACCOUNTS_STARTER_CREDITS": "5", "PAYMENTS_SANDBOX": "true"}) as running:
        yield running


@pytest.fixture(scope="module")
async def people(house: Installation) -> AsyncIterator[People]:
    async with people_of(house) as found:
        yield found


def pytest_generate_tests(metafunc: pytest.Metafunc) -> None:
    """Let every journey be gone in the looks of this run."""
    if "look" in metafunc.fixturenames:
        metafunc.parametrize("look", looks_of(metafunc.definition.nodeid.partition("::")[0]), ids=str, scope="module")


@pytest.fixture
def visit(browser: Browser, site: Replica, look: Look) -> Visit:
    """Open the site as somebody: `async with visit() as person`, in the look of the test where nothing else is said.

    `at` is another Omna than the usual one.
    """

    def come(at: Replica = site, **options: Any) -> AbstractAsyncContextManager[Visitor]:
        return visitor(browser, at.address, **(asdict(look) | options))

    return come
