"""The gateway of one process: its stages, composed, and their life from start to drain."""

import asyncio
import random
from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

import asyncpg

from omna import errors
from omna.clock import monotonic
from omna.config import Settings
from omna.db.link import Link
from omna.db.pool import borrow
from omna.errors import GatewayOverloaded, OmnaError
from omna.gateway import reporting
from omna.gateway.admission import Admission, Demand
from omna.gateway.alert_count import AlertCount
from omna.gateway.bill import Outcome
from omna.gateway.catalogue import Catalogue
from omna.gateway.free_rate import FreeRate
from omna.gateway.health import Health
from omna.gateway.model import Call, Caller, Ticket, Verdict
from omna.gateway.occupancy import Occupancy
from omna.gateway.pipeline import Pipeline
from omna.gateway.pulse import Pulse
from omna.gateway.recovery import Recovery
from omna.gateway.refusals import stopped
from omna.gateway.settlement import Settlements
from omna.gateway.tracing import tracing
from omna.gateway.upstream import Upstream
from omna.ids import new_id
from omna.keys import service as keys
from omna.observability.logs import get_logger
from omna.observability.metrics import Metrics
from omna.risk import refusals
from omna.risk.refusals import Refusals
from omna.vault.keyring import Keyring

log = get_logger(__name__)

_STOP = "SELECT scope || E'\\n' || message FROM stops WHERE scope IN ('all', $1) ORDER BY scope = 'all' DESC LIMIT 1"

#: What a cut stream may take to tell its client and settle.
_CUT_SECONDS = 5.0


class Gateway:
    """What the /v1 endpoints work with."""

    def __init__(self, url: str, settings: Settings, pool: asyncpg.Pool, keyring: Keyring, metrics: Metrics) -> None:
        self.settings = settings.gateway
        self.pool = pool
        self.process_id: UUID = new_id()
        self.draining = False
        self.free_rate = FreeRate(self.settings.free_rpm)
        self._body_bytes = 0
        self._reading_stop: dict[str, asyncio.Task[str | None]] = {}
        self._drain_seconds = settings.server.drain_seconds
        self._links = Link(url, settings.database), Link(url, settings.database)
        self.catalogue = Catalogue(pool, keyring, self.settings.provider_connections)
        self.settlements = Settlements(
            self._links[1], self.settings, settings.data / "journal", self.process_id, metrics
        )
        health = Health(
            monotonic, self.settings.breaker_failures, self.settings.breaker_cool_down, self.settings.retry_burst
        )
        self._admission = Admission(
            self._links[0], pool, self.catalogue, health, self.settings, self.process_id, metrics, self._abandon
        )
        seen = reporting.tally()
        self.reporting = reporting.Reporting(pool, seen, health, self.process_id)
        upstream = Upstream(self.catalogue, health, seen, self.settings, metrics, pool)
        self.tracing = tracing(settings.tracing)
        self.pipeline = Pipeline(
            self._admission, upstream, self.settlements, self.settings.stream_step_tokens, self.tracing
        )
        self.pulse = Pulse(self.settings, metrics)
        self._recovery = Recovery(pool, self.settings, self.settlements, self.catalogue, metrics)
        self._refusals = Refusals(pool)
        self._alerts = AlertCount(pool, metrics)
        self._occupancy = Occupancy(
            pool, {"admission": self._admission.batcher, "settlement": self.settlements.batcher}, metrics
        )

    async def start(self) -> None:
        """Read the catalogue, book what dead processes left, then look after what runs."""
        await self.catalogue.reload()
        await self.settlements.recover()
        self._recovery.start()
        self.reporting.start()
        self._refusals.start()
        self._alerts.start()
        self._occupancy.start()
        self.pulse.start()

    async def admit(self, call: Call, caller: Caller) -> Ticket:
        """Hold Credits for a call. One of the chat comes from in_process.py, which says how to go on.

        Errors  those of admission; GatewayOverloaded while this process shuts down, or is late with what it has
        """
        if self.draining:
            raise GatewayOverloaded("This gateway is shutting down; try again.", retry_after=1)
        if self.pulse.is_late:
            raise GatewayOverloaded("This gateway is busy; try again.", retry_after=random.uniform(1, 3))  # noqa: S311
        return await self.pipeline.admit(call, caller)

    async def rehearse(self, call: Call, caller: Caller) -> Ticket:
        """Return what `admit` would give now, and take nothing. Errors: those of admission."""
        return await self._admission.rehearse(call, caller)

    @contextmanager
    def working_on(self, body: bytes) -> Iterator[None]:
        """Count the memory of a request body for as long as it is worked on. Errors: GatewayOverloaded."""
        if self._body_bytes + len(body) > self.settings.body_memory:
            raise GatewayOverloaded("Too many large requests are running; try again.", retry_after=2)
        self._body_bytes += len(body)
        try:
            yield
        finally:
            self._body_bytes -= len(body)

    async def check_door(self, key: str, scope: str) -> None:
        """Raise what comes before any fault of a body: an emergency stop, a key that is not good.

        Errors  EmergencyStop, InvalidApiKey, KeyDisabled, AccountFrozen, ServiceUnavailable
        """
        async with borrow(self.pool) as connection:
            _refuse_stopped(await connection.fetchval(_STOP, scope))
            await keys.authenticate(connection, key)

    async def check_stop(self, scope: str) -> None:
        """Raise an emergency stop, if one is in force: it comes before any word about a key.

        For requests that are refused in any case, so a flood of them must cost nothing: those that ask at the same
        time share one read, and without a database there is no stop to tell of.
        Errors  EmergencyStop
        """
        if scope not in self._reading_stop:
            self._reading_stop[scope] = asyncio.get_running_loop().create_task(self._read_stop(scope))
        _refuse_stopped(await asyncio.shield(self._reading_stop[scope]))

    async def _read_stop(self, scope: str) -> str | None:
        try:
            async with borrow(self.pool) as connection:
                found: str | None = await connection.fetchval(_STOP, scope)
                return found
        except errors.ServiceUnavailable:
            return None
        finally:
            del self._reading_stop[scope]

    async def drain(self) -> None:
        """Stop admitting, let running requests end, cut the rest, book everything. Safe to call twice."""
        self.draining = True
        running = self.settlements.running
        await self.settlements.idle(self._drain_seconds)
        for bill in list(running.values()):
            bill.abort(Outcome.CUT, _cut_by_drain())
        await self.settlements.idle(_CUT_SECONDS)
        await self._admission.batcher.drained()
        await self.settlements.drained()

    async def close(self) -> None:
        """Drain, then let go of everything."""
        await self.drain()
        await self.pulse.close()
        await self._recovery.close()
        await self.reporting.close()
        await self._refusals.close()
        await self._alerts.close()
        await self._occupancy.close()
        await self.settlements.close()
        await self.catalogue.close()
        for link in self._links:
            await link.close()
        if self.tracing is not None:
            await asyncio.to_thread(self.tracing.close)

    def _abandon(self, demand: Demand, verdict: Verdict) -> None:
        self.settlements.abandon(demand, verdict)


def _refuse_stopped(note: str | None) -> None:
    if note is not None:
        error = stopped(note)
        refusals.note(error.metadata["scope"])
        raise error


def _cut_by_drain() -> OmnaError:
    return GatewayOverloaded("This gateway is shutting down; what was delivered is charged.")
