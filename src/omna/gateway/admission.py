"""Ask for a hold: estimate, queue, verdict. From the ticket on, Credits are held."""

from collections import Counter
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime, timedelta
from typing import Any
from uuid import UUID

import msgspec

from omna import errors
from omna.catalog.model import Model, Rates, Route
from omna.clock import monotonic
from omna.config import Gateway as GatewaySettings
from omna.db.batcher import NaturalBatcher
from omna.db.link import Link
from omna.gateway import metering
from omna.gateway.catalogue import Catalogue
from omna.gateway.model import Call, Caller, Ticket
from omna.gateway.refusals import rate_of, refusal
from omna.ids import new_id
from omna.money import Nanocredits
from omna.observability.metrics import Metrics

_ADMIT = """SELECT ord, verdict, workspace_id, key_id, day, limit_name, limit_amount, used, held, resets_at, note,
                   rpm, rpm_left, rpm_full_at, decided_at
            FROM gateway_admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
            ORDER BY ord"""

#: How often a request is priced anew when the catalogue changes under it, or sized anew when the balance does.
_TRIES = 4


class Demand(msgspec.Struct, frozen=True):
    """One position of an admission batch: a new request (transfer = request), or more for a running one."""

    request_id: UUID
    transfer_id: UUID
    caller: Caller
    model: Model
    route: Route
    amount: int
    provider_amount: int
    catalog: int
    catalog_until: datetime
    prompt_tokens: int
    streamed: bool


Verdict = Mapping[str, Any]

#: What to do with a hold whose caller left while it was made.
Abandon = Callable[[Demand, Verdict], None]


class Admission:
    """The queue of a process in front of gateway_admit()."""

    def __init__(
        self,
        link: Link,
        catalogue: Catalogue,
        settings: GatewaySettings,
        process_id: UUID,
        metrics: Metrics,
        abandon: Abandon,
    ) -> None:
        self._link = link
        self._catalogue = catalogue
        self._settings = settings
        self._process_id = process_id
        self._metrics = metrics
        self._abandon = abandon
        self._lease = timedelta(seconds=settings.lease_seconds)
        self.batcher: NaturalBatcher[Demand, Verdict] = NaturalBatcher(
            self._flush, limit=settings.batch_limit, queue_limit=settings.queue_limit, orphan=self._give_back
        )

    async def admit(self, call: Call, caller: Caller) -> Ticket:
        """Hold what the call may cost, and return the ticket.

        Errors  ModelNotFound, UnsupportedParameter; a refusal of gateway_admit(); ServiceUnavailable, GatewayOverloaded
        """
        began = monotonic()
        available: int | None = None
        await self._know(call.model_id)
        for _ in range(_TRIES):
            ticket = self._estimate(call, caller, available)
            verdict = await self.batcher.ask(self._demand(ticket, caller, call.request_id))
            match verdict["verdict"]:
                case "admitted":
                    self._metrics.admission_took(monotonic() - began)
                    return _confirmed(ticket, verdict)
                case "stale_catalog":
                    await self._catalogue.reload()
                case "balance" | "key_limit" | "workspace_limit" | "model_cap" | "provider_cap" if _may_shrink(
                    call, ticket, verdict, available
                ):
                    available = _affordable(ticket, verdict)
                case _:
                    raise refusal(verdict, ticket)
        raise refusal(verdict, ticket)

    async def extend(self, ticket: Ticket, caller: Caller, output_tokens: int) -> bool:
        """Hold `output_tokens` more for a running stream; False when a limit does not allow it.

        Errors  AccountFrozen, KeyDisabled, EmergencyStop when the stream must end now; ServiceUnavailable
        """
        most = ticket.upstream_bound * ticket.call.choices
        bound = min(ticket.output_bound + output_tokens * ticket.call.choices, most)
        more = _cost(ticket, ticket.price.rates, bound) - ticket.amount
        provider_more = _cost(ticket, ticket.route.costs, bound) - ticket.provider_amount
        demand = Demand(
            ticket.call.request_id,
            new_id(),
            caller,
            ticket.model,
            ticket.route,
            max(more, 0),
            max(provider_more, 0),
            0,
            self._catalogue.valid_until,
            ticket.call.prompt_tokens,
            True,
        )
        verdict = await self.batcher.ask(demand)
        match verdict["verdict"]:
            case "admitted":
                ticket.amount = Nanocredits(ticket.amount + demand.amount)
                ticket.provider_amount = Nanocredits(ticket.provider_amount + demand.provider_amount)
                ticket.output_bound = bound
                return True
            case "account_frozen" | "key_disabled" | "emergency_stop" | "invalid_api_key":
                raise refusal(verdict, ticket)
            case _:
                return False

    async def _know(self, model_id: str) -> None:
        """Look again for a model that is not on sale as far as this process knows: it may be new."""
        model = self._catalogue.model(model_id)
        if model is None or not model.routes:
            await self._catalogue.refresh()

    def _estimate(self, call: Call, caller: Caller, available: int | None) -> Ticket:
        """Size the hold: the client's bound, or a step of a stream, or what `available` nanocredits pay for."""
        model = self._catalogue.model(call.model_id)
        if model is None or model.price is None:
            raise errors.ModelNotFound(
                f"There is no model {call.model_id!r}. GET /v1/models lists yours.", param="model"
            )
        if not model.routes:
            raise errors.ProviderUnavailable(retry_after=30)
        upstream_bound = model.max_output_tokens or model.context_length or self._settings.default_max_output_tokens
        if call.max_tokens is not None:
            upstream_bound = min(upstream_bound, call.max_tokens)
        per_choice = upstream_bound
        if call.streamed and call.max_tokens is None:
            per_choice = min(per_choice, self._settings.stream_step_tokens)
        output_bound = per_choice * call.choices
        if available is not None:
            affordable = metering.output_affordable(model.price, call.prompt_tokens, available)
            output_bound = max(1, min(output_bound, affordable // call.choices * call.choices))
            if not call.streamed:
                upstream_bound = max(1, output_bound // call.choices)
        ticket = Ticket(
            call=call,
            workspace_id=caller.workspace_id,  # type: ignore[arg-type]  # of a key's caller: the verdict tells
            key_id=None,
            day=None,  # type: ignore[arg-type]  # the database's day, with the verdict
            source=caller.source,
            model=model,
            price=model.price,
            routes=model.routes,
            route=model.routes[0],
            amount=Nanocredits(0),
            provider_amount=Nanocredits(0),
            output_bound=output_bound,
            upstream_bound=upstream_bound,
        )
        ticket.amount = _cost(ticket, model.price.rates, output_bound)
        ticket.provider_amount = _cost(ticket, ticket.route.costs, output_bound)
        return ticket

    def _demand(self, ticket: Ticket, caller: Caller, request_id: UUID) -> Demand:
        return Demand(
            request_id,
            request_id,
            caller,
            ticket.model,
            ticket.route,
            ticket.amount,
            ticket.provider_amount,
            self._catalogue.snapshot.version,
            self._catalogue.valid_until,
            ticket.call.prompt_tokens,
            ticket.call.streamed,
        )

    async def _flush(self, demands: list[Demand]) -> Sequence[Verdict]:
        rows: Sequence[Verdict] = await self._link.call(_ADMIT, self._process_id, self._lease, *_columns(demands))
        self._metrics.batch_flushed("admission", len(rows))
        for verdict, count in Counter(row["verdict"] for row in rows).items():
            self._metrics.admission_decided(verdict, count)
        return rows

    def _give_back(self, demand: Demand, verdict: Verdict) -> None:
        """The caller left while its hold was made. An extension goes with its request's own settlement."""
        if verdict["verdict"] == "admitted" and demand.transfer_id == demand.request_id:
            self._abandon(demand, verdict)


def _columns(demands: list[Demand]) -> tuple[list[Any], ...]:
    return (
        [d.request_id for d in demands],
        [d.transfer_id for d in demands],
        [d.caller.digest for d in demands],
        [d.caller.workspace_id for d in demands],
        [d.caller.source for d in demands],
        [d.model.model_id for d in demands],
        [d.route.provider.provider_id for d in demands],
        [d.route.provider.name for d in demands],
        [d.route.route_id for d in demands],
        [d.model.price.price_version_id for d in demands if d.model.price is not None],
        [d.amount for d in demands],
        [d.provider_amount for d in demands],
        [d.catalog for d in demands],
        [d.catalog_until for d in demands],
        [d.prompt_tokens for d in demands],
        [d.streamed for d in demands],
    )


def _cost(ticket: Ticket, rates: Rates, output_tokens: int) -> Nanocredits:
    return metering.worst_case_at(rates, ticket.call.prompt_tokens, output_tokens)


def _may_shrink(call: Call, ticket: Ticket, verdict: Verdict, available: int | None) -> bool:
    """A client that named no bound gets the answer its balance affords, once it affords a token."""
    if call.max_tokens is not None:
        return False
    affordable = _affordable(ticket, verdict)
    if available is not None and affordable >= available:
        return False
    price = ticket.price
    return metering.output_affordable(price, call.prompt_tokens, affordable) >= call.choices


def _affordable(ticket: Ticket, verdict: Verdict) -> int:
    """Return the nanocredits a limit leaves; a cap counts provider cost, which is scaled to the price held."""
    left = int(verdict["limit_amount"] - verdict["used"] - verdict["held"])
    if verdict["verdict"] in ("model_cap", "provider_cap") and ticket.provider_amount:
        left = left * ticket.amount // ticket.provider_amount
    return max(0, min(left, ticket.amount - 1))


def _confirmed(ticket: Ticket, verdict: Verdict) -> Ticket:
    ticket.workspace_id = verdict["workspace_id"]
    ticket.key_id = verdict["key_id"]
    ticket.day = verdict["day"]
    ticket.rate = rate_of(verdict)
    return ticket
