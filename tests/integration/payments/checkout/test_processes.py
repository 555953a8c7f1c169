"""The same with real processes: a gateway that takes orders and events, a worker that asks when nobody tells."""

import asyncio
import json
import os
import sys
from collections.abc import AsyncIterator, Mapping
from contextlib import asynccontextmanager
from pathlib import Path
from typing import Any

import httpx2
import pytest

from omna.db.embedded import EmbeddedServer
from omna.ids import new_id
from tests.harness.installation import Installation, fresh_database
from tests.harness.people import People, Somebody, people_of, program
from tests.stripe.account import KEY, SECRET
from tests.stripe.deliveries import signed
from tests.stripe.server import FakeStripe
from tests.upstream.server import Upstream

pytestmark = pytest.mark.slow

PATIENCE = 60.0


@pytest.fixture(scope="module")
async def house(
    database_server: EmbeddedServer, tmp_path_factory: pytest.TempPathFactory
) -> AsyncIterator[Installation]:
    async with (
        fresh_database(database_server) as url,
        Upstream() as upstream,
        Installation(url, tmp_path_factory.mktemp("payments"), upstream) as installation,
    ):
        yield installation


@pytest.fixture(scope="module")
async def people(house: Installation) -> AsyncIterator[People]:
    async with people_of(house) as here:
        yield here


@pytest.fixture
async def stripe() -> AsyncIterator[FakeStripe]:
    async with FakeStripe() as running:
        yield running


def settings_of(stripe: FakeStripe) -> dict[str, str]:
    return {
        "PAYMENTS_STRIPE_SECRET_KEY": KEY,
        "PAYMENTS_STRIPE_WEBHOOK_SECRET": SECRET,
        "PAYMENTS_STRIPE_URL": stripe.url,
        "PAYMENTS_POLL_SECONDS": "1",
    }


@asynccontextmanager
async def worker(house: Installation, settings: Mapping[str, str], data: Path) -> AsyncIterator[None]:
    """Run the jobs."""
    process = await asyncio.create_subprocess_exec(
        sys.executable, "-m", "omna.cli", "worker",
        stdin=asyncio.subprocess.DEVNULL, stdout=asyncio.subprocess.DEVNULL, stderr=asyncio.subprocess.DEVNULL,
        env={
            "PATH": os.environ["PATH"], "HOME": str(data), "OMNA_DATA": str(data),
            "OMNA_DATABASE_URL": house.url, "OMNA_SECRETS_MASTER_KEY": house.master_key,
            **{f"OMNA_{name}": value for name, value in settings.items()},
        },
    )  # fmt: skip
    try:
        yield
    finally:
        process.kill()
        await process.wait()


async def order(api: httpx2.AsyncClient, somebody: Somebody, channel: str = "checkout") -> Any:
    body = {"client_token": f"token-{new_id()}", "channel": channel, "credits": "10", "accept_terms": True}
    answer = await api.post(f"/api/workspaces/{somebody.workspace}/recharges", content=json.dumps(body))
    assert answer.status_code == 201, answer.text
    return answer.json()


async def state_of(house: Installation, made: Any) -> str:
    state: str = await house.connection.fetchval("SELECT state FROM recharges WHERE reference = $1", made["reference"])
    return state


async def test_event_at_the_gateway_credits_an_order(house: Installation, people: People, stripe: FakeStripe) -> None:
    somebody = await people.arrive()
    async with (
        house.replica(settings_of(stripe)) as replica,
        program(replica.address, session=somebody.session) as api,
        httpx2.AsyncClient(base_url=replica.address, verify=False) as outside,
    ):
        made = await order(api, somebody)
        [session] = stripe.account.sessions
        assert made["checkout_url"] == stripe.account.sessions[session]["url"]
        stripe.account.pay(session)
        body, headers = signed(stripe.account.events[-1])
        assert (await outside.post("/webhooks/stripe", content=body)).status_code == 400
        assert (await outside.post("/webhooks/sandbox", content=body, headers=headers)).status_code == 404
        assert await state_of(house, made) == "open"
        for _ in range(2):
            assert (await outside.post("/webhooks/stripe", content=body, headers=headers)).status_code == 200
        assert await state_of(house, made) == "credited"
        # A gateway that is killed after it booked and before it answered: the event comes again.
        await replica.kill()
        await replica.start()
        assert (await outside.post("/webhooks/stripe", content=body, headers=headers)).status_code == 200
    await house.books_are_right()


async def test_worker_credits_what_no_event_told_of(
    house: Installation, people: People, stripe: FakeStripe, tmp_path: Path
) -> None:
    somebody = await people.arrive()
    async with (
        house.replica(settings_of(stripe)) as replica,
        program(replica.address, session=somebody.session) as api,
    ):
        made = await order(api, somebody)
    [session] = stripe.account.sessions
    stripe.account.pay(session)
    async with worker(house, settings_of(stripe), tmp_path), asyncio.timeout(PATIENCE):
        while await state_of(house, made) != "credited":
            await asyncio.sleep(0.2)
    await house.books_are_right()


async def test_gateway_refuses_to_start_with_the_sandbox_in_public(house: Installation) -> None:
    replica = house.replica({"PAYMENTS_SANDBOX": "true", "SERVER_PUBLIC_URL": "https://omna.example.com"})
    with pytest.raises(AssertionError, match="localhost"):
        await replica.start()
    await replica.kill()
