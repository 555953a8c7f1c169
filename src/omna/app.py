"""The composition root of a gateway process: settings, pool, gateway, routes. The only file that knows all."""

import asyncio
import contextlib
import gc
import os
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager
from pathlib import Path

import asyncpg
from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.accounts.desk import Desk
from omna.accounts.passwords import Passwords
from omna.api import create_api
from omna.chat.runs.runs import Runs
from omna.chat.sharing import service as sharing
from omna.config import Settings, load
from omna.db.pool import borrow, open_pool
from omna.errors import OmnaError, ServiceUnavailable
from omna.gateway.gateway import Gateway
from omna.gateway.wire.exchange import Receive, Scope, Send
from omna.gateway.wire.routes import V1, open_exchange
from omna.http.application import set_pool
from omna.observability.exposition import DIRECTORY_VARIABLE
from omna.observability.health import Answer, Phase, alive, ready
from omna.observability.logs import configure, get_logger
from omna.observability.metrics import Metrics
from omna.payments.checkout import webhook
from omna.payments.checkout.registry import Registry, check
from omna.processes import DRAIN_SIGNAL, be
from omna.vault import service as vault
from omna.website.routes import routes as website_routes

log = get_logger(__name__)

#: Between two attempts of a new worker to reach its database.
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0

#: Objects between two looks of the garbage collector at the young ones.
_GARBAGE_THRESHOLD = 50_000


class Omna:
    """One worker process: /v1 goes straight to the gateway, /api to FastAPI, everything else through Starlette."""

    def __init__(self, settings: Settings) -> None:
        """Errors: ConfigError."""
        check(settings)
        self._settings = settings
        self._phase = Phase.STARTING
        self._pool: asyncpg.Pool | None = None
        self._gateway: Gateway | None = None
        self._runs: Runs | None = None
        self._checkout: Registry | None = None
        self._v1: V1 | None = None
        self._passwords = Passwords()
        self._draining: asyncio.Task[None] | None = None
        self._hurry = asyncio.Event()
        self._opening: asyncio.Task[None] | None = None
        self._api = create_api(settings)
        self._pages = Starlette(
            routes=[
                Route("/healthz", self._healthz, methods=["GET"]),
                Route("/readyz", self._readyz, methods=["GET"]),
                *webhook.routes(),
                *website_routes(settings, sharing.find),
            ],
            lifespan=self._lifespan,
        )

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        # The raw path decides, never one that was put together from a Host header.
        if scope["type"] == "http" and (scope["path"].startswith("/v1/") or scope["path"] == "/v1"):
            if self._v1 is None:
                await open_exchange(scope, receive, send).refuse(ServiceUnavailable(retry_after=2))
            else:
                await self._v1(scope, receive, send)
        elif scope["type"] == "http" and scope["path"].startswith("/api/"):
            await self._api(scope, receive, send)
        else:
            await self._pages(scope, receive, send)

    @asynccontextmanager
    async def _lifespan(self, app: Starlette) -> AsyncIterator[None]:
        if not await self._open():
            # A worker that is born during a database outage waits for its end. Leaving would look like a crash loop to
            # the process above, which then ends the workers that still carry streams.
            self._opening = asyncio.get_running_loop().create_task(self._open_later())
        asyncio.get_running_loop().add_signal_handler(DRAIN_SIGNAL, self._begin_drain)
        # What is here now stays until the end, and requests leave next to no cycles behind: look for garbage seldom.
        gc.collect()
        gc.freeze()
        gc.set_threshold(_GARBAGE_THRESHOLD)
        try:
            yield
        finally:
            self._phase = Phase.DRAINING
            if self._opening is not None:
                self._opening.cancel()
            if self._gateway is not None and self._runs is not None:
                self._hurry.set()
                self._runs.drain()
                await self._gateway.drain()
                await self._runs.close()
                await self._gateway.close()
            if self._checkout is not None:
                await self._checkout.close()
            if self._pool is not None:
                await self._pool.close()
            self._passwords.close()

    async def _open(self) -> bool:
        """Make everything that needs the database; False when it is away."""
        settings = self._settings
        directory = os.environ.get(DIRECTORY_VARIABLE)
        pool: asyncpg.Pool | None = None
        try:
            pool = await open_pool(settings.database.url, settings.database)
            async with borrow(pool) as connection:
                keyring = await vault.open_keyring(connection, settings)
            metrics = Metrics(Path(directory) if directory else None)
            gateway = Gateway(settings.database.url, settings, pool, keyring, metrics)
            await gateway.start()
            runs = Runs(gateway, pool)
            runs.start()
        except ServiceUnavailable:
            log.warning("database_away")
            if pool is not None:
                pool.terminate()
            return False
        self._pool, self._gateway, self._runs = pool, gateway, runs
        set_pool(self._api, pool, keyring)
        self._api.state.runs = runs
        self._checkout = self._api.state.checkout = self._pages.state.checkout = Registry(settings, pool, keyring)
        # Pages and /api sign people in by the same means.
        self._api.state.desk = self._pages.state.desk = Desk(pool, keyring, self._passwords, settings)
        self._v1 = V1(gateway, settings)
        self._phase = Phase.SERVING
        return True

    async def _open_later(self) -> None:
        pause = _SHORTEST_PAUSE
        while not await self._open():
            await asyncio.sleep(pause)
            pause = min(pause * 2, _LONGEST_PAUSE)

    def _begin_drain(self) -> None:
        if self._draining is not None:
            self._hurry.set()
        elif self._gateway is not None and self._runs is not None:
            self._phase = Phase.DRAINING
            self._draining = asyncio.get_running_loop().create_task(self._drain(self._gateway, self._runs))

    async def _drain(self, gateway: Gateway, runs: Runs) -> None:
        """Say at once that traffic should go elsewhere, and refuse it only when those who send it can know."""
        with contextlib.suppress(TimeoutError):
            await asyncio.wait_for(self._hurry.wait(), self._settings.server.drain_notice_seconds)
        runs.drain()
        await gateway.drain()

    async def _healthz(self, request: Request) -> Response:
        return _response(alive())

    async def _readyz(self, request: Request) -> Response:
        return _response(ready(self._phase, database=await self._database_answers()))

    async def _database_answers(self) -> bool:
        if self._pool is None:
            return False
        try:
            async with borrow(self._pool) as connection:
                return await connection.fetchval("SELECT true FROM catalog_state") is True
        except OmnaError:
            return False


def create() -> Omna:
    """Return the application of a worker process; its settings come from the environment."""
    settings = load(os.environ)
    configure(settings.log)
    be("gateway")
    return Omna(settings)


def _response(answer: Answer) -> Response:
    return Response(answer.body, answer.status, media_type="application/json", headers={"cache-control": "no-store"})
