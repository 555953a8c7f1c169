"""The endpoints that answer with text, whole and streamed: one flow for every dialect."""

import asyncio
from contextlib import aclosing
from functools import cached_property

from omna import errors
from omna.clock import now
from omna.errors import OmnaError
from omna.gateway import idempotency
from omna.gateway.gateway import Gateway
from omna.gateway.idempotency import Claim, Replay
from omna.gateway.model import Caller, Receipt, Ticket
from omna.gateway.pulse import Beating
from omna.gateway.wire.dialect import Dialect, Encoder, Head
from omna.gateway.wire.entry import (
    CheckedDoor,
    admitted,
    body_of,
    caller_of,
    claim_of,
    ticket_headers,
    while_client_stays,
)
from omna.gateway.wire.errors import Headers
from omna.gateway.wire.exchange import Exchange
from omna.gateway.wire.usage import usage_body
from omna.http.strict_json import dumps, loads
from omna.ids import show
from omna.observability.logs import get_logger
from omna.providers.base import Completion

log = get_logger(__name__)

_STREAM_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class Generating:
    """The endpoint of one dialect."""

    def __init__(self, gateway: Gateway, dialect: Dialect) -> None:
        self._gateway = gateway
        self._dialect = dialect

    async def __call__(self, exchange: Exchange) -> None:
        gateway = self._gateway
        exchange.error_body = self._dialect.error_body
        key, caller = await caller_of(exchange, gateway)
        async with CheckedDoor(gateway, key):
            body = await body_of(exchange, gateway)
            with gateway.working_on(body):
                fields = loads(body)
                call = self._dialect.parse(
                    fields, Head(exchange.request_id, exchange.received_at, exchange.header(b"anthropic-beta"))
                )
                claim = await claim_of(exchange, gateway, key, fields, replayable=not call.streamed)
                if isinstance(claim, Replay):
                    await exchange.replay(claim.request_id, self._dialect.answer_id(claim.request_id), claim.content)
                    return
                ticket = await admitted(gateway, call, caller, claim)
                with while_client_stays(exchange):
                    if call.streamed:
                        await self._stream(exchange, ticket, caller)
                    else:
                        await self._answer(exchange, ticket, claim)

    async def _answer(self, exchange: Exchange, ticket: Ticket, claim: Claim | None) -> None:
        async def write(answer: Completion, receipt: Receipt) -> bytes:
            content = dumps(self._dialect.whole(ticket, answer, usage_body(receipt), int(now().timestamp())))
            if claim is not None:
                await idempotency.keep(self._gateway.pool, claim, content)
            return content

        answer_id = self._dialect.answer_id(ticket.call.request_id)
        try:
            content = await self._gateway.pipeline.answer(ticket, write)
        except OmnaError as error:
            await exchange.refuse(error, ticket_headers(ticket, answer_id))
            return
        await exchange.answer_bytes(200, content, ticket_headers(ticket, answer_id))

    async def _stream(self, exchange: Exchange, ticket: Ticket, caller: Caller) -> None:
        wire = StreamWire(exchange, self._dialect, ticket)
        try:
            with self._gateway.pulse.beating(wire):
                async with aclosing(self._gateway.pipeline.run(ticket, caller)) as run:  # type: ignore[type-var]
                    async for item in run:
                        if isinstance(item, tuple):
                            await wire.send(wire.encoder.end(item[0], usage_body(item[1])), last=True)
                        elif content := wire.encoder.encode(item):
                            await wire.send(content)
        except asyncio.CancelledError:
            if ticket.aborted is None:
                raise
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            await self._break_off(wire, ticket, ticket.aborted)
        except OmnaError as error:
            await self._break_off(wire, ticket, error)
        except Exception:
            log.exception("request failed", request_id=show("req", exchange.request_id))
            await self._break_off(wire, ticket, errors.InternalError())

    async def _break_off(self, wire: "StreamWire", ticket: Ticket, error: OmnaError) -> None:
        """Before the first byte an error is an answer with a status; after it, the last event."""
        if wire.exchange.started:
            usage = None if ticket.receipt is None else usage_body(ticket.receipt)
            await wire.send(wire.encoder.error(error, usage), last=True)
        else:
            await wire.exchange.refuse(error, wire.headers())


class StreamWire(Beating):
    """The client's side of a stream: headers are held back until there is something to say."""

    def __init__(self, exchange: Exchange, dialect: Dialect, ticket: Ticket) -> None:
        super().__init__(exchange.received_at)
        self.exchange = exchange
        self._dialect = dialect
        self._ticket = ticket

    @cached_property
    def encoder(self) -> Encoder:
        """Made when there is something to encode: only then it is known which model answers."""
        return self._dialect.encoder(self._ticket, int(now().timestamp()))

    def headers(self) -> Headers:
        return ticket_headers(self._ticket, self._dialect.answer_id(self._ticket.call.request_id))

    async def send(self, content: bytes, *, last: bool = False) -> None:
        self.sending()
        if not self.exchange.started:
            await self.exchange.start(200, [*_STREAM_HEADERS, *self.headers()])
        await self.exchange.send({"type": "http.response.body", "body": content, "more_body": not last})
        self.sent()

    async def heartbeat(self) -> None:
        await self.send(self._dialect.heartbeat)
