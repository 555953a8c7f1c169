"""Payment services for tests: a fake Stripe, the sandbox."""

from collections.abc import AsyncIterator

import asyncpg
import pytest

from omna.audit.service import Actor
from omna.vault.keyring import Keyring
from omna.workspaces.service import Workspace
from tests.stripe.server import FakeStripe
from tests.stripe.till import SANDBOX, Till, make_till


@pytest.fixture
async def stripe() -> AsyncIterator[FakeStripe]:
    async with FakeStripe() as running:
        yield running


@pytest.fixture
async def till(
    stripe: FakeStripe, pool: asyncpg.Pool, keyring: Keyring, workspace: Workspace, actor: Actor
) -> AsyncIterator[Till]:
    """Stripe in test mode."""
    made = make_till(stripe, pool, keyring, workspace.workspace_id, actor)
    yield made
    await made.registry.close()


@pytest.fixture
def sandbox(stripe: FakeStripe, pool: asyncpg.Pool, keyring: Keyring, workspace: Workspace, actor: Actor) -> Till:
    """The sandbox."""
    return make_till(stripe, pool, keyring, workspace.workspace_id, actor, SANDBOX)
