"""Keep running requests alive, end those that must not go on, and resolve what a crash left open.

Three loops on every replica. They do not share a connection with admission, so none of them delays a request.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import timedelta

import asyncpg

from omna import errors
from omna.catalog.model import Rates
from omna.clock import monotonic
from omna.config import Gateway as GatewaySettings
from omna.db.pool import borrow
from omna.errors import OmnaError, ServiceUnavailable, frozen_sentence
from omna.gateway import metering
from omna.gateway.bill import Bill, Outcome
from omna.gateway.catalogue import Catalogue
from omna.gateway.journal import Settlement
from omna.gateway.model import Tokens, UsageRow
from omna.gateway.refusals import chat_not_allowed, stopped
from omna.gateway.settlement import Settlements
from omna.ids import new_id
from omna.observability.logs import get_logger
from omna.observability.metrics import Metrics

log = get_logger(__name__)

_RENEW = "SELECT state, note FROM gateway_renew($1, $2, $3, $4, $5) ORDER BY ord"

# A database that just came back says nothing about its clients: their streams may be alive and about to renew.
_EXPIRED = """SELECT r.workspace_id, r.request_id, r.amount, r.provider_amount, r.prompt_tokens, r.completion_tokens,
                     p.prompt, p.completion, p.cached, p.cache_write, p.reasoning, p.request,
                     p.audio_prompt, p.audio_completion, p.image_prompt, p.image_completion, p.image, p.second,
                     p.character,
                     t.cost_prompt, t.cost_completion, t.cost_cached, t.cost_cache_write, t.cost_reasoning,
                     t.cost_request, t.cost_audio_prompt, t.cost_audio_completion, t.cost_image_prompt,
                     t.cost_image_completion, t.cost_image, t.cost_second, t.cost_character,
                     extract(epoch FROM clock_timestamp() - r.started_at)::float8 AS age
              FROM holds AS h
              JOIN running_requests AS r ON r.workspace_id = h.workspace_id AND r.request_id = h.hold_id
              JOIN price_versions AS p USING (price_version_id)
              JOIN routes AS t USING (route_id)
              WHERE h.lease_until < clock_timestamp()
                AND pg_postmaster_start_time() < clock_timestamp() - $1::interval
              ORDER BY h.lease_until LIMIT $2"""


class Recovery:
    """The loops. `start` them after the journal was replayed; `close` them when nothing runs any more."""

    def __init__(
        self,
        pool: asyncpg.Pool,
        settings: GatewaySettings,
        settlements: Settlements,
        catalogue: Catalogue,
        metrics: Metrics,
    ) -> None:
        self._pool = pool
        self._settings = settings
        self._settlements = settlements
        self._catalogue = catalogue
        self._metrics = metrics
        self._lease = timedelta(seconds=settings.lease_seconds)
        self._tasks: list[asyncio.Task[None]] = []
        self._database_away_at = -settings.lease_seconds

    def start(self) -> None:
        loop = asyncio.get_running_loop()
        self._tasks = [
            loop.create_task(self._every(self._settings.checkpoint_seconds, self.checkpoint)),
            loop.create_task(self._every(self._settings.reaper_seconds, self.reap)),
        ]

    async def close(self) -> None:
        for task in self._tasks:
            task.cancel()
        await asyncio.gather(*self._tasks, return_exceptions=True)

    async def checkpoint(self) -> None:
        """Report the progress of all running requests and renew their leases; end those that may not go on."""
        bills = list(self._settlements.running.values())
        # In batches: a statement over thousands of leases would keep the database from everything else for a second.
        for start in range(0, len(bills), self._settings.batch_limit):
            await self._renew(bills[start : start + self._settings.batch_limit])

    async def _renew(self, bills: Sequence[Bill]) -> None:
        progress = [bill.progress() for bill in bills]
        async with borrow(self._pool) as connection:
            rows = await connection.fetch(
                _RENEW,
                [bill.ticket.call.request_id for bill in bills],
                [bill.ticket.workspace_id for bill in bills],
                [prompt for prompt, _ in progress],
                [completion for _, completion in progress],
                self._lease,
            )
        for bill, row in zip(bills, rows, strict=True):
            _end_if_told(bill, row["state"], row["note"])

    async def reap(self) -> int:
        """Resolve holds whose lease is over: charge the last checkpoint, give back the rest. Return how many."""
        if monotonic() - self._database_away_at < self._settings.lease_seconds:
            return 0
        async with borrow(self._pool) as connection:
            rows = await connection.fetch(_EXPIRED, self._lease, self._settings.batch_limit)
        mine = self._settlements.running
        orphans = [row for row in rows if row["request_id"] not in mine]
        if not orphans:
            return 0
        codes = await self._settlements.book_each([_orphan(row) for row in orphans], expired_only=True)
        for row, code in zip(orphans, codes, strict=True):
            if code in ("settled", "expired"):
                log.warning("hold_reaped", request_id=str(row["request_id"]), code=code)
                self._metrics.hold_reaped("settled" if code == "settled" else "released")
        return len(orphans)

    async def _every(self, seconds: float, act: Callable[[], Awaitable[object]]) -> None:
        while True:
            await asyncio.sleep(seconds)
            try:
                await act()
            except ServiceUnavailable:
                self._database_away_at = monotonic()
            except Exception:
                log.exception("recovery_failed", act=act.__name__)


def _end_if_told(bill: Bill, state: str, note: str | None) -> None:
    match state:
        case "running" | "lost" if state == "running" or bill.outcome is not None:
            return
        case "lost":
            # Somebody else resolved the hold: what is delivered from here on could not be charged.
            error: OmnaError = errors.ServiceUnavailable("This request was given up while the database was away.")
            bill.abort(Outcome.CUT, error)
        case "account_frozen":
            bill.abort(Outcome.FROZEN, errors.AccountFrozen(frozen_sentence("This workspace", note or "")))
        case "maker_frozen":
            error = errors.AccountFrozen(frozen_sentence("The account of whoever made this key", note or ""))
            bill.abort(Outcome.FROZEN, error)
        case "person_frozen":
            bill.abort(Outcome.FROZEN, errors.AccountFrozen(frozen_sentence("Your account", note or "")))
        case "chat_not_allowed":
            bill.abort(Outcome.FROZEN, chat_not_allowed())
        case "key_disabled":
            bill.abort(Outcome.FROZEN, errors.KeyDisabled())
        case "emergency_stop":
            bill.abort(Outcome.CUT, stopped(note or ""))


def _orphan(row: asyncpg.Record) -> Settlement:
    """Return the settlement of a request whose process is gone: its last checkpoint at its own price."""
    delivered = row["completion_tokens"]
    tokens = Tokens() if delivered is None else Tokens(prompt=row["prompt_tokens"], completion=delivered)
    names = Rates.__struct_fields__
    price = Rates(**{name: row[name] for name in names})
    costs = Rates(**{name: row[f"cost_{name}"] for name in names})
    charge = metering.NOTHING if delivered is None else metering.charge(tokens, price, most=row["amount"])
    usage = UsageRow(
        outcome=Outcome.CRASHED.value,
        unrounded=str(charge.unrounded),
        prompt_tokens=tokens.prompt,
        completion_tokens=tokens.completion,
        duration_ms=round(row["age"] * 1000),
        estimated=delivered is not None,
        error_code=errors.InternalError.code,
    )
    cost = 0 if delivered is None else metering.charge(tokens, costs, most=row["provider_amount"]).total
    return Settlement(row["request_id"], row["workspace_id"], new_id(), charge.total, cost, usage.encoded())
