"""POST /v1/chat/completions, whole and streamed."""

import asyncio
from contextlib import aclosing
from typing import Any

from omna import errors
from omna.clock import now
from omna.errors import OmnaError
from omna.gateway.gateway import Gateway
from omna.gateway.model import Caller, Receipt, Ticket
from omna.gateway.pulse import Beating
from omna.gateway.streaming import HEARTBEAT, ChatStream, error_event
from omna.gateway.wire.chat_request import parse_chat
from omna.gateway.wire.errors import Headers, error_body
from omna.gateway.wire.exchange import Exchange, rate_headers
from omna.gateway.wire.usage import usage_body
from omna.http.body import read_body
from omna.http.strict_json import loads
from omna.ids import completion_id, show
from omna.keys import model as keys
from omna.observability.logs import get_logger
from omna.providers.base import Choice, Completion

log = get_logger(__name__)

_STREAM_HEADERS: Headers = [
    (b"content-type", b"text/event-stream; charset=utf-8"),
    (b"cache-control", b"no-cache, no-transform"),
    (b"x-accel-buffering", b"no"),
]


class ChatCompletions:
    """The endpoint."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

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
            call = parse_chat(loads(body), exchange.request_id, exchange.received_at)
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
        await exchange.answer(200, completion_body(ticket, answer, receipt), headers)

    async def _stream(self, exchange: Exchange, ticket: Ticket, caller: Caller) -> None:
        stream = ChatStream(
            completion_id(ticket.call.request_id),
            ticket.call.model_id,
            int(now().timestamp()),
            ticket.call.include_usage,
        )
        wire = StreamWire(exchange, [*_STREAM_HEADERS, *self._headers(ticket)])
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
            await self._break_off(wire, ticket.aborted)
        except OmnaError as error:
            await self._break_off(wire, error)
        except Exception:
            log.exception("request failed", request_id=show("req", exchange.request_id))
            await self._break_off(wire, errors.InternalError())

    async def _break_off(self, wire: "StreamWire", error: OmnaError) -> None:
        """Before the first byte an error is an answer with a status; after it, the last event."""
        if wire.exchange.started:
            await wire.send_last(error_event(error_body(error)))
        else:
            await wire.exchange.refuse(error, wire.headers[len(_STREAM_HEADERS) :])

    def _headers(self, ticket: Ticket) -> Headers:
        return [
            (b"x-generation-id", completion_id(ticket.call.request_id).encode()),
            *rate_headers(ticket.rate),
        ]


class StreamWire(Beating):
    """The client's side of a stream: headers are held back until there is something to say."""

    def __init__(self, exchange: Exchange, headers: Headers) -> None:
        super().__init__(exchange.received_at)
        self.exchange = exchange
        self.headers = headers

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
        await self.send(HEARTBEAT)


def completion_body(ticket: Ticket, answer: Completion, receipt: Receipt) -> dict[str, Any]:
    """Return a whole answer in OpenAI's shape."""
    body: dict[str, Any] = {
        "id": completion_id(ticket.call.request_id),
        "object": "chat.completion",
        "created": int(now().timestamp()),
        "model": ticket.call.model_id,
        "choices": [_choice_body(choice) for choice in answer.choices],
        "usage": usage_body(receipt),
    }
    if answer.system_fingerprint is not None:
        body["system_fingerprint"] = answer.system_fingerprint
    return body


def _choice_body(choice: Choice) -> dict[str, Any]:
    message: dict[str, Any] = {
        "role": "assistant",
        "content": choice.content if choice.content or not choice.tool_calls else None,
        "refusal": choice.refusal,
        "annotations": [],
    }
    if message["content"] is None and not choice.tool_calls:
        message["content"] = ""
    if choice.reasoning:
        message["reasoning_content"] = message["reasoning"] = choice.reasoning
    if choice.tool_calls:
        message["tool_calls"] = [
            {"id": call.id, "type": "function", "function": {"name": call.name, "arguments": call.arguments or "{}"}}
            for call in choice.tool_calls
        ]
    if choice.extra:
        message |= choice.extra
    body = {
        "index": choice.index,
        "message": message,
        "logprobs": choice.logprobs,
        "finish_reason": choice.finish_reason,
    }
    if choice.native_finish_reason is not None:
        body["native_finish_reason"] = choice.native_finish_reason
    return body
