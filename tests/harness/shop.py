"""A team that buys by the sandbox's checkout through /api, on a real database and without a server."""

from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from omna.config import Payments, Settings
from omna.db.pool import transaction
from omna.ids import new_id
from omna.payments.checkout import inbox, sandbox
from omna.payments.checkout.registry import Registry
from omna.vault.keyring import Keyring
from tests.harness.team import Browser, Team


class Shop(Team):
    """A team on an installation with the sandbox; `registry` is what its worker would have."""

    registry: Registry

    async def buy(self, amount: str = "10", *, by: Browser | None = None, save_method: bool = False) -> Any:
        """Order Credits by checkout; returns the order."""
        body = {
            "client_token": f"token-{new_id()}", "channel": "checkout", "credits": amount, "accept_terms": True,
            "save_method": save_method,
        }  # fmt: skip
        answer = await (by or self.owner).call("POST", "/recharges", body)
        assert answer.status == 201, answer.json
        return answer.json

    async def press(self, order: Any, button: Any, *, tell: bool = True) -> tuple[bytes, dict[str, str]]:
        """Press a button on the page of an order; without tell, nobody hears of it."""
        session = order["checkout_url"].rpartition("/")[2]
        async with transaction(self.pool) as connection:
            pressed = await sandbox.press(connection, session, button)
        running = self.registry.sandbox
        assert running is not None
        body, headers = running.deliver(pressed, button)
        if tell:
            await inbox.receive(self.registry, "sandbox", body, headers)
        return body, headers


@pytest.fixture
async def shop(pool: asyncpg.Pool, keyring: Keyring, tmp_path: Path) -> AsyncIterator[Shop]:
    settings = Settings(data=tmp_path, payments=Payments(sandbox=True))
    opened = Shop(pool, keyring, settings)
    opened.registry = Registry(settings, pool, keyring)
    await opened.open()
    yield opened
    await opened.http.aclose()
