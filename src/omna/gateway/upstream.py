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
from omna.gateway import fitting, metering, routing
from omna.gateway.catalogue import Catalogue
from omna.gateway.faults import fault, may_retry, needs_operator, verdict
from omna.gateway.health import Health
from omna.gateway.model import Order, Reading, Target, Ticket
from omna.gateway.tally import Tally
from omna.ids import show
from omna.money import Nanocredits
from omna.observability.logs import get_logger
from omna.observability.metrics import Metrics
from omna.providers.base import Call, Chunk, Completion, Failure, FailureKind, Forward, Provider, Timeouts

log = get_logger(__name__)

Answer = TypeVar("Answer")

#: Longest pause before the second attempt; the first may have hit a passing fault.
_JITTER_SECONDS = 0.025


class Upstream:
    """The providers of this process, as a request sees them."""

    def __init__(
        self,
        catalogue: Catalogue,
        health: Health,
        tally: Tally,
        settings: GatewaySettings,
        metrics: Metrics,
        pool: Any,
    ) -> None:
        self._catalogue = catalogue
        self._health = health
        self._tally = tally
        self._metrics = metrics
        self._pool = pool
        self._default_output = settings.default_max_output_tokens
        limits = (settings.connect_timeout, settings.first_byte_timeout, settings.progress_timeout)
        self._stream_timeouts = Timeouts(*limits, total=settings.total_timeout)
        # A whole answer is one event: it may take as long as the client waits.
        self._answer_timeouts = Timeouts(
            settings.connect_timeout, settings.answer_timeout, settings.answer_timeout, total=settings.answer_timeout
        )

    async def answer(self, ticket: Ticket) -> Completion:
        """Return the whole answer of the first route that gives one. Errors: what faults.fault() makes of a Failure."""

        async def call(provider: Provider) -> Completion:
            return await provider.complete(_call(ticket, self._answer_timeouts))

        return await self.attempt(ticket, call)

    async def forward(self, ticket: Ticket, order: Order) -> Reading:
        """Return the answer of the first route that gives one which can be read. Errors: those of `answer`."""

        async def send(provider: Provider) -> Reading:
            body = fitting.fitted(order.call.body, ticket.model)
            content, content_type = order.content(body, ticket.route.upstream_model)
            answer = await provider.forward(
                Forward(
                    path=order.path,
                    content=content,
                    content_type=content_type,
                    request_id=show("req", order.call.request_id),
                    timeouts=self._answer_timeouts,
                    traceparent=None if ticket.trace is None else ticket.trace.traceparent(),
                )
            )
            return order.read(answer, ticket)

        return await self.attempt(ticket, send)

    async def stream(self, ticket: Ticket) -> AsyncIterator[Chunk]:
        """Yield the chunks of the first route that says something; closing this closes the provider's connection.

        Errors  what faults.fault() makes of a Failure, before or after the first chunk
        """
        began = asked_at = monotonic()

        async def first(provider: Provider) -> tuple[AsyncIterator[Chunk], list[Chunk]]:
            nonlocal asked_at
            asked_at = monotonic()
            chunks = provider.stream(_call(ticket, self._stream_timeouts))
            try:
                return chunks, await _opening(chunks)
            except BaseException:
                await chunks.aclose()  # type: ignore[attr-defined]
                raise

        chunks, opening = await self.attempt(ticket, first, whole=False)
        to_first, ended = monotonic() - asked_at, None
        failed = False
        try:
            async with aclosing(chunks):  # type: ignore[type-var]
                for chunk in opening:
                    yield chunk
                async for chunk in chunks:
                    yield chunk
            ended = monotonic() - asked_at
        except Failure as failure:
            failed = True
            # No other attempt follows, but the route broke all the same.
            self._failed(ticket.route, failure)
            raise fault(failure) from failure
        finally:
            self._metrics.upstream_took(ticket.route.provider.name, monotonic() - began)
            if not failed:
                self._tally.answered(ticket.route, to_first, ended)

    async def attempt(
        self, ticket: Ticket, ask: Callable[[Provider], Awaitable[Answer]], *, whole: bool = True
    ) -> Answer:
        """Return what the first target that answers says; the ticket is then where that was.

        whole   the answer is complete; of one that has only begun the caller counts the end

        Errors  what faults.fault() makes of the last Failure
        """
        last: OmnaError = ProviderUnavailable(retry_after=5)
        began = monotonic()
        here = Target(ticket.asked, ticket.model, ticket.price, ticket.route)
        made = 0
        for target in routing.attempts(here, ticket.others):
            if made and not self._health.budget(target.route).spend():
                break
            if made and not await self._moved(ticket, target):
                continue  # a cap or a stop came between: the route behind it may still answer
            made += 1
            route = target.route
            breaker = self._health.breaker(route)
            breaker.begin()
            self._health.budget(route).earn()
            trace = ticket.trace
            if trace is not None:
                trace.attempt(ticket, route)
            asked_at = monotonic()
            try:
                answer = await ask(self._catalogue.adapter(route.provider))
            except Failure as failure:
                took = monotonic() - asked_at
                self._metrics.upstream_took(route.provider.name, took)
                self._failed(route, failure)
                if trace is not None:
                    trace.failed(failure)
                ticket.attempts.append(_attempt_record(route, failure, took))
                last = fault(failure)
                last.__cause__ = failure
                if made == routing.MOST_ATTEMPTS or failure.kind is FailureKind.TOTAL:
                    break
                if not may_retry(failure, other_route=bool(ticket.others)):
                    break
            except BaseException:
                breaker.neither(monotonic())
                raise
            else:
                now = monotonic()
                breaker.succeeded(now, now - asked_at)
                if whole:
                    self._tally.answered(route, None, now - asked_at)
                return answer
            finally:
                ticket.upstream_seconds = monotonic() - began
        raise last

    async def _moved(self, ticket: Ticket, target: Target) -> bool:
        """Bring the request to a target, after a moment, as far as its caps and the stops allow."""
        await asyncio.sleep(random.uniform(0, _JITTER_SECONDS))  # noqa: S311
        return target.route.route_id == ticket.route.route_id or await self._reroute(ticket, target)

    async def _reroute(self, ticket: Ticket, target: Target) -> bool:
        """Move the request to another route, of its model or of the next one it named."""
        route = target.route
        call = ticket.call
        per_choice = fitting.output_bound(call, target.model, self._default_output)
        bound = min(ticket.output_bound, per_choice * call.choices)
        amount = metering.worst_case(call, target.model, route.costs, bound)
        async with borrow(self._pool) as connection:
            moved = await connection.fetchval(
                "SELECT gateway_reroute($1, $2, $3, $4, $5, $6, $7)",
                call.request_id,
                ticket.workspace_id,
                target.model.model_id,
                target.price.price_version_id,
                route.provider.provider_id,
                route.route_id,
                amount,
            )
        if moved != "rerouted":
            return False
        ticket.asked, ticket.model, ticket.price, ticket.route = target.asked, target.model, target.price, route
        ticket.provider_amount = Nanocredits(amount)
        ticket.output_bound = bound
        ticket.upstream_bound = min(ticket.upstream_bound, per_choice)
        return True

    def _failed(self, route: Route, failure: Failure) -> None:
        self._tally.failed(route, failure)
        self._metrics.provider_failed(route.provider.name, failure.kind.value)
        opened = self._health.breaker(route).failed(monotonic(), verdict(failure), failure.retry_after)
        if opened:
            # Said once per outage: the breaker is open from here on.
            facts = {"provider": route.provider.name, "model": route.upstream_model, "kind": failure.kind.value}
            act = log.error if needs_operator(failure) else log.warning
            act("provider_unhealthy", status=failure.status, code=failure.code, **facts)


async def _opening(chunks: AsyncIterator[Chunk]) -> list[Chunk]:
    """Return the first chunk that says something to the client, behind the last usage stated before it.

    Until then another route can answer instead: a role, or the start of a message, is nothing that anybody was sent.
    """
    usage: list[Chunk] = []
    async for chunk in chunks:
        if any(delta.delivers or delta.logprobs is not None or delta.finish_reason for delta in chunk.deltas):
            return [*usage, chunk]
        if chunk.usage is not None or chunk.usage_invalid:
            usage = [chunk]
    return usage


def _call(ticket: Ticket, timeouts: Timeouts) -> Call:
    call, model = ticket.call, ticket.model
    return Call(
        body=fitting.fitted(call.body, model),
        model=ticket.route.upstream_model,
        max_tokens=ticket.upstream_bound,
        request_id=show("req", call.request_id),
        timeouts=timeouts,
        dialect=call.dialect,
        native=None if call.native is None else fitting.fitted(call.native, model),
        beta=call.beta,
        traceparent=None if ticket.trace is None else ticket.trace.traceparent(),
    )


def _attempt_record(route: Route, failure: Failure, seconds: float) -> dict[str, Any]:
    return {
        "provider_name": route.provider.name,
        "status": failure.status,
        "kind": failure.kind.value,
        "latency": round(seconds * 1000),
    }
