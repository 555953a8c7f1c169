"""Call providers: one deadline, at most two attempts, and never another one after the first byte to the client."""

import asyncio
import random
from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import aclosing
from typing import Any, TypeVar

from omna.catalog.model import Route
from omna.clock import monotonic
from omna.config import Gateway as GatewaySettings
from omna.db.pool import borrow
from omna.errors import OmnaError, ProviderUnavailable
from omna.gateway import metering, routing
from omna.gateway.catalogue import Catalogue
from omna.gateway.faults import fault, may_retry
from omna.gateway.model import Ticket
from omna.ids import show
from omna.money import Nanocredits
from omna.observability.metrics import Metrics
from omna.providers.base import Call, Chunk, Completion, Failure, FailureKind, Provider, Timeouts

Answer = TypeVar("Answer")

#: Longest pause before the second attempt; the first may have hit a passing fault.
_JITTER_SECONDS = 0.025


class Upstream:
    """The providers of this process, as a request sees them."""

    def __init__(self, catalogue: Catalogue, settings: GatewaySettings, metrics: Metrics, pool: Any) -> None:
        self._catalogue = catalogue
        self._metrics = metrics
        self._pool = pool
        limits = (settings.connect_timeout, settings.first_byte_timeout, settings.progress_timeout)
        self._stream_timeouts = Timeouts(*limits, total=settings.total_timeout)
        # A whole answer is one event: it may take as long as the client waits.
        self._answer_timeouts = Timeouts(
            settings.connect_timeout, settings.answer_timeout, settings.answer_timeout, total=settings.answer_timeout
        )

    async def answer(self, ticket: Ticket) -> Completion:
        """Return the whole answer of the first route that gives one. Errors: what faults.fault() makes of a Failure."""

        async def call(provider: Provider, call: Call) -> Completion:
            return await provider.complete(call)

        return await self._attempt(ticket, self._answer_timeouts, call)

    async def stream(self, ticket: Ticket) -> AsyncIterator[Chunk]:
        """Yield the chunks of the first route that sends one; closing this closes the provider's connection.

        Errors  what faults.fault() makes of a Failure, before or after the first chunk
        """

        async def first(provider: Provider, call: Call) -> tuple[AsyncIterator[Chunk], Chunk | None]:
            chunks = provider.stream(call)
            try:
                return chunks, await anext(chunks, None)
            except BaseException:
                await chunks.aclose()  # type: ignore[attr-defined]
                raise

        began = monotonic()
        chunks, chunk = await self._attempt(ticket, self._stream_timeouts, first)
        try:
            async with aclosing(chunks):  # type: ignore[type-var]
                if chunk is not None:
                    yield chunk
                    async for chunk in chunks:
                        yield chunk
        except Failure as failure:
            raise fault(failure) from failure
        finally:
            self._metrics.upstream_took(ticket.route.provider.name, monotonic() - began)

    async def _attempt(
        self, ticket: Ticket, timeouts: Timeouts, ask: Callable[[Provider, Call], Awaitable[Answer]]
    ) -> Answer:
        last: OmnaError = ProviderUnavailable(retry_after=5)
        for number, route in enumerate(routing.plan(ticket.model, ticket.route)):
            if number:
                await asyncio.sleep(random.uniform(0, _JITTER_SECONDS))  # noqa: S311
                if route.route_id != ticket.route.route_id and not await self._reroute(ticket, route):
                    continue
            began = monotonic()
            try:
                return await ask(self._catalogue.adapter(route.provider), _call(ticket, route, timeouts))
            except Failure as failure:
                self._metrics.upstream_took(route.provider.name, monotonic() - began)
                ticket.attempts.append(_attempt_record(route, failure, monotonic() - began))
                last = fault(failure)
                last.__cause__ = failure
                more_routes = any(other.route_id != route.route_id for other in ticket.routes)
                if not may_retry(failure, other_route=more_routes):
                    break
                if failure.kind is FailureKind.TOTAL:
                    break
        raise last

    async def _reroute(self, ticket: Ticket, route: Route) -> bool:
        """Move the request to another provider, as far as its cap allows."""
        amount = metering.worst_case_at(route.costs, ticket.call.prompt_tokens, ticket.output_bound)
        async with borrow(self._pool) as connection:
            moved = await connection.fetchval(
                "SELECT gateway_reroute($1, $2, $3, $4, $5)",
                ticket.call.request_id,
                ticket.workspace_id,
                route.provider.provider_id,
                route.route_id,
                amount,
            )
        if moved != "rerouted":
            return False
        ticket.route, ticket.provider_amount = route, Nanocredits(amount)
        return True


def _call(ticket: Ticket, route: Route, timeouts: Timeouts) -> Call:
    return Call(
        body=ticket.call.body,
        model=route.upstream_model,
        max_tokens=ticket.upstream_bound,
        request_id=show("req", ticket.call.request_id),
        timeouts=timeouts,
    )


def _attempt_record(route: Route, failure: Failure, seconds: float) -> dict[str, Any]:
    return {
        "provider_name": route.provider.name,
        "status": failure.status,
        "kind": failure.kind.value,
        "latency": round(seconds * 1000),
    }
