"""Ask for a hold: where may it go, what may it cost, queue, verdict. From the ticket on, Credits are held."""

import random
from collections import Counter
from collections.abc import Awaitable, Callable, Iterable, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import asyncpg
import msgspec

from omna import errors
from omna.catalog.model import Model, PriceVersion, Route
from omna.clock import monotonic
from omna.config import Gateway as GatewaySettings
from omna.db.batcher import NaturalBatcher
from omna.db.link import Link
from omna.db.pool import borrow
from omna.errors import OmnaError
from omna.gateway import fitting, metering, routing
from omna.gateway.alternatives import Paused
from omna.gateway.bid import Bid, output_affordable
from omna.gateway.catalogue import Catalogue
from omna.gateway.health import Health
from omna.gateway.model import Call, Caller, Target, Ticket, Verdict
from omna.gateway.refusals import LONGEST_RETRY_AFTER, rate_of, refusal
from omna.ids import new_id
from omna.money import Nanocredits
from omna.observability.metrics import Metrics
from omna.risk import refusals

_ADMIT = """SELECT ord, verdict, workspace_id, key_id, day, limit_name, limit_amount, used, held, resets_at, note,
                   rpm, rpm_left, rpm_full_at, decided_at
            FROM gateway_admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                               $19)
            ORDER BY ord"""

#: How often a request is priced anew when the catalogue changes under it.
_TRIES = 4

#: What ends a running stream when it asks for more; anything else ends it with what was held.
_ENDING = (
    "emergency_stop",
    "invalid_api_key",
    "key_disabled",
    "key_orphaned",
    "account_frozen",
    "maker_frozen",
    "person_frozen",
    "chat_not_allowed",
    "email_not_verified",
    "awaiting_approval",
)

#: When a model has no provider that is switched on.
_NO_ROUTE_RETRY_AFTER = 30.0


class Demand(msgspec.Struct, frozen=True):
    """One position of an admission batch: a new request (transfer = request), or more for a running one."""

    request_id: UUID
    transfer_id: UUID
    caller: Caller
    model: Model
    price: PriceVersion
    route: Route
    amount: int
    provider_amount: int
    catalog: int
    catalog_until: datetime
    prompt_tokens: int
    streamed: bool


#: What to do with a hold whose caller left while it was made.
Abandon = Callable[[Demand, Verdict], None]


class Admission:
    """The queue of a process in front of gateway_admit()."""

    def __init__(
        self,
        link: Link,
        pool: asyncpg.Pool,
        catalogue: Catalogue,
        health: Health,
        settings: GatewaySettings,
        process_id: UUID,
        metrics: Metrics,
        abandon: Abandon,
    ) -> None:
        self._link = link
        self._pool = pool
        self._catalogue = catalogue
        self._health = health
        self._settings = settings
        self._process_id = process_id
        self._metrics = metrics
        self._abandon = abandon
        self._paused = Paused()
        self._lease = timedelta(seconds=settings.lease_seconds)
        self.batcher: NaturalBatcher[Demand, Verdict] = NaturalBatcher(
            self._flush, limit=settings.batch_limit, queue_limit=settings.queue_limit, orphan=self._give_back
        )

    async def admit(self, call: Call, caller: Caller) -> Ticket:
        """Hold what the call may cost, and return the ticket.

        Errors  ModelNotFound, UnsupportedEndpoint, UnsupportedParameter, ProviderUnavailable; a refusal of
                gateway_admit(); ServiceUnavailable, GatewayOverloaded
        """
        began = monotonic()
        try:
            ticket = await self._decide(call, caller, self.batcher.ask)
        except errors.EmergencyStop as error:
            refusals.note(error.metadata["scope"])
            raise
        self._metrics.admission_took(monotonic() - began)
        return ticket

    async def rehearse(self, call: Call, caller: Caller) -> Ticket:
        """Return the ticket `admit` would give now, and take nothing. Errors: those of `admit`."""
        return await self._decide(call, caller, self._undone)

    async def extend(self, ticket: Ticket, caller: Caller, output_tokens: int) -> bool:
        """Hold `output_tokens` more for a running stream; False when a limit does not allow it.

        Errors  AccountFrozen, KeyDisabled, EmergencyStop and the like when the stream must end now; ServiceUnavailable
        """
        call, model = ticket.call, ticket.model
        bound = min(ticket.output_bound + output_tokens * call.choices, ticket.upstream_bound * call.choices)
        more = metering.worst_case(call, model, ticket.price.rates, bound) - ticket.amount
        provider_more = metering.worst_case(call, model, ticket.route.costs, bound) - ticket.provider_amount
        demand = msgspec.structs.replace(
            _demand(ticket, caller), transfer_id=new_id(), amount=max(more, 0), provider_amount=max(provider_more, 0)
        )
        verdict = await self.batcher.ask(demand)
        match verdict["verdict"]:
            case "admitted":
                ticket.amount = Nanocredits(ticket.amount + demand.amount)
                ticket.provider_amount = Nanocredits(ticket.provider_amount + demand.provider_amount)
                ticket.output_bound = bound
                return True
            case name if name in _ENDING:
                raise refusal(verdict, ticket)
            case _:
                return False

    async def _decide(self, call: Call, caller: Caller, ask: Callable[[Demand], Awaitable[Verdict]]) -> Ticket:
        await self._know(call)
        bid = Bid(call, self._targets(call))
        tries = _TRIES
        while True:
            ticket = self._estimate(bid, caller)
            verdict = await ask(_demand(ticket, caller))
            if verdict["verdict"] == "admitted":
                return _confirmed(ticket, verdict)
            if verdict["verdict"] == "stale_catalog" and tries:
                tries -= 1
                await self._catalogue.reload()
                bid.targets = self._targets(call)
            elif not (bid.narrow(verdict) or bid.shrink(ticket, verdict)):
                raise self._refused(verdict, ticket)
            self._paused.note(verdict, ticket.model, ticket.route)

    def _refused(self, verdict: Verdict, ticket: Ticket) -> OmnaError:
        self._paused.note(verdict, ticket.model, ticket.route)
        alternative = None
        if verdict["verdict"] in ("model_cap", "provider_cap"):
            alternative = self._paused.alternative(
                ticket.call, ticket.model, self._catalogue.snapshot, verdict["decided_at"], self._health.is_open
            )
        return refusal(verdict, ticket, alternative)

    async def _know(self, call: Call) -> None:
        """Look again for a model that is not on sale as far as this process knows: it may be new."""
        for model_id in (call.model_id, *call.fallbacks):
            model = self._catalogue.model(model_id)
            if model is None or not model.routes:
                await self._catalogue.refresh()
                return

    def _targets(self, call: Call) -> Sequence[Target]:
        """Return where the call may go, best first; never empty."""
        models: list[tuple[str, Model]] = []
        unfit: OmnaError | None = None
        for model_id in (call.model_id, *call.fallbacks):
            model = self._catalogue.model(model_id)
            if model is None:
                reason: OmnaError | None = self._catalogue.snapshot.missing(model_id)
            else:
                reason = fitting.refusal(call, model)
                if reason is None:
                    models.append((model_id, model))
            unfit = unfit or reason
        if not models and unfit is not None:
            raise unfit
        health = self._health
        found = routing.targets(
            models, call.preferences, is_open=health.is_open, speed=health.speed, draw=random.random
        )
        if not found:
            raise self._unreachable(models)
        return found

    def _unreachable(self, models: Sequence[tuple[str, Model]]) -> OmnaError:
        waits = [self._health.seconds_until_probe(route) for _, model in models for route in model.routes]
        wait = min((wait for wait in waits if wait), default=_NO_ROUTE_RETRY_AFTER)
        return errors.ProviderUnavailable(retry_after=min(wait, LONGEST_RETRY_AFTER))

    def _estimate(self, bid: Bid, caller: Caller) -> Ticket:
        """Size the hold: the client's bound, or a step of a stream, or what `available` nanocredits pay for."""
        call, targets, available = bid.call, bid.targets, bid.available
        first = targets[0]
        upstream_bound = fitting.output_bound(call, first.model, self._settings.default_max_output_tokens)
        per_choice = upstream_bound
        if call.streamed and call.max_tokens is None:
            per_choice = min(per_choice, self._settings.stream_step_tokens)
        output_bound = per_choice * call.choices
        if available is not None:
            affordable = min(output_affordable(call, target, available) for target in targets)
            output_bound = max(1, min(output_bound, affordable // call.choices * call.choices))
            if not call.streamed:
                upstream_bound = max(1, output_bound // call.choices)
        amount = metering.worst_case(call, first.model, first.price.rates, output_bound)
        for other in targets[1:]:
            # What is held must cover the dearest model the request may end at.
            if other.price is not first.price:
                amount = max(amount, metering.worst_case(call, other.model, other.price.rates, output_bound))
        return Ticket(
            call=call,
            workspace_id=caller.workspace_id,  # type: ignore[arg-type]  # of a key's caller: the verdict tells
            key_id=None,
            day=None,  # type: ignore[arg-type]  # the database's day, with the verdict
            source=caller.source,
            asked=first.asked,
            model=first.model,
            price=first.price,
            route=first.route,
            others=tuple(targets[1:]),
            amount=amount,
            provider_amount=metering.worst_case(call, first.model, first.route.costs, output_bound),
            output_bound=output_bound,
            upstream_bound=upstream_bound,
            catalog=self._catalogue.snapshot.version,
            catalog_until=self._catalogue.valid_until,
        )

    async def _flush(self, demands: list[Demand]) -> Sequence[Verdict]:
        rows: Sequence[Verdict] = await self._link.call(_ADMIT, self._process_id, self._lease, *_columns(demands))
        self._metrics.batch_flushed("admission", len(rows))
        for verdict, count in Counter(row["verdict"] for row in rows).items():
            self._metrics.admission_decided(verdict, count)
        return rows

    async def _undone(self, demand: Demand) -> Verdict:
        """Let the database decide, and undo it: the answer is exact, and nothing was taken."""
        async with borrow(self._pool) as connection:
            transaction = connection.transaction()
            await transaction.start()
            try:
                row: Any = await connection.fetchrow(_ADMIT, self._process_id, self._lease, *_columns([demand]))
            finally:
                await transaction.rollback()
        verdict: Verdict = row
        return verdict

    def _give_back(self, demand: Demand, verdict: Verdict) -> None:
        """The caller left while its hold was made. An extension goes with its request's own settlement."""
        if verdict["verdict"] == "admitted" and demand.transfer_id == demand.request_id:
            self._abandon(demand, verdict)


def _demand(ticket: Ticket, caller: Caller) -> Demand:
    call = ticket.call
    return Demand(
        call.request_id,
        call.request_id,
        caller,
        ticket.model,
        ticket.price,
        ticket.route,
        ticket.amount,
        ticket.provider_amount,
        ticket.catalog,
        ticket.catalog_until,
        call.prompt_tokens,
        call.streamed,
    )


def _columns(demands: list[Demand]) -> Iterable[Sequence[Any]]:
    """Return what the demands say, one column for each parameter of gateway_admit()."""
    rows = [
        (
            d.request_id,
            d.transfer_id,
            d.caller.digest,
            d.caller.workspace_id,
            d.caller.source,
            d.model.model_id,
            d.route.provider.provider_id,
            d.route.provider.name,
            d.route.route_id,
            d.price.price_version_id,
            d.amount,
            d.provider_amount,
            d.catalog,
            d.catalog_until,
            d.prompt_tokens,
            d.streamed,
            d.caller.user_id,
        )
        for d in demands
    ]
    return zip(*rows, strict=True)


def _confirmed(ticket: Ticket, verdict: Verdict) -> Ticket:
    ticket.workspace_id = verdict["workspace_id"]
    ticket.key_id = verdict["key_id"]
    ticket.day = verdict["day"]
    ticket.rate = rate_of(verdict)
    return ticket
