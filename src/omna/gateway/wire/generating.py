"""The endpoints that answer with text, whole and streamed: one flow for every dialect."""

import asyncio
from contextlib import aclosing

from omna import errors
from omna.clock import now
from omna.errors import OmnaError
from omna.gateway.gateway import Gateway
from omna.gateway.model import Caller, Ticket
from omna.gateway.pulse import Beating
from omna.gateway.wire.dialect import Dialect, Encoder, Head
from omna.gateway.wire.errors import Headers
from omna.gateway.wire.exchange import Exchange, rate_headers
from omna.gateway.wire.usage import usage_body
from omna.http.body import read_body
from omna.http.strict_json import loads
from omna.ids import show
from omna.keys import model as keys
from omna.observability.logs import get_logger

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
        ticket, caller = await self._admit(exchange)
        # The body is read: the next thing the connection can say is that the client went away.
        work = asyncio.current_task()
        assert work is not None
        gone = exchange.watch(lambda watch: watch.cancelled() or work.cancel())
        try:
            if ticket.call.streamed:
                await self._stream(exchange, ticket, caller)
            else:
                await self._answer(exchange, ticket)
        except asyncio.CancelledError:
            if not gone.done():
                raise
            work.uncancel()
        finally:
            gone.cancel()

    async def _admit(self, exchange: Exchange) -> tuple[Ticket, Caller]:
        try:
            key = exchange.key()
        except OmnaError:
            await self._gateway.check_stop("api")
            raise
        settings = self._gateway.settings
        caller = Caller("api", digest=keys.digest(key))
        try:
            body = await read_body(
                exchange.receive, exchange.headers, limit=settings.body_limit, timeout=settings.body_timeout
            )
            call = self._dialect.parse(
                loads(body), Head(exchange.request_id, exchange.received_at, exchange.header(b"anthropic-beta"))
            )
            return await self._gateway.admit(call, caller), caller
        except (errors.InvalidRequest, errors.ModelNotFound) as error:
            # Admission never saw this request, so its key was not looked up; a stranger must hear 401 first.
            await self._gateway.check_door(key, "api")
            raise error

    async def _answer(self, exchange: Exchange, ticket: Ticket) -> None:
        headers = self._headers(ticket)
        try:
            answer, _, receipt = await self._gateway.pipeline.answer(ticket)
        except OmnaError as error:
            await exchange.refuse(error, headers)
            return
        body = self._dialect.whole(ticket, answer, usage_body(receipt), int(now().timestamp()))
        await exchange.answer(200, body, headers)

    async def _stream(self, exchange: Exchange, ticket: Ticket, caller: Caller) -> None:
        stream = self._dialect.encoder(ticket, int(now().timestamp()))
        wire = StreamWire(exchange, [*_STREAM_HEADERS, *self._headers(ticket)], stream)
        try:
            with self._gateway.pulse.beating(wire):
                async with aclosing(self._gateway.pipeline.run(ticket, caller)) as run:  # type: ignore[type-var]
                    async for item in run:
                        if isinstance(item, tuple):
                            await wire.send_last(stream.end(item[0], usage_body(item[1])))
                        elif content := stream.encode(item):
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
            await wire.send_last(wire.encoder.error(error, usage))
        else:
            await wire.exchange.refuse(error, wire.headers[len(_STREAM_HEADERS) :])

    def _headers(self, ticket: Ticket) -> Headers:
        return [
            (b"x-generation-id", self._dialect.answer_id(ticket.call.request_id).encode()),
            *rate_headers(ticket.rate),
        ]


class StreamWire(Beating):
    """The client's side of a stream: headers are held back until there is something to say."""

    def __init__(self, exchange: Exchange, headers: Headers, encoder: Encoder) -> None:
        super().__init__(exchange.received_at)
        self.exchange = exchange
        self.headers = headers
        self.encoder = encoder

    async def send(self, content: bytes) -> None:
        self.sending()
        if not self.exchange.started:
            await self.exchange.start(200, self.headers)
        await self.exchange.send({"type": "http.response.body", "body": content, "more_body": True})
        self.sent()

    async def send_last(self, content: bytes) -> None:
        self.sending()
        if not self.exchange.started:
            await self.exchange.start(200, self.headers)
        await self.exchange.send({"type": "http.response.body", "body": content, "more_body": False})
        self.sent()

    async def heartbeat(self) -> None:
        await self.send(self.encoder.heartbeat)
