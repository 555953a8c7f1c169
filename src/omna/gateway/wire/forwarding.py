"""The endpoints whose answers are no text: embeddings, images, speech, transcripts, moderation.

One request from its headers to its last byte, by the same stages as an answer in text. What a service is asked and how
it answers is its file in services/.
"""

from typing import Any

from omna.clock import now
from omna.errors import OmnaError
from omna.gateway import idempotency
from omna.gateway.gateway import Gateway
from omna.gateway.idempotency import Claim, Replay
from omna.gateway.model import Reading, Receipt, Ticket
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.entry import (
    CheckedDoor,
    admitted,
    body_of,
    caller_of,
    claim_of,
    ticket_headers,
    while_client_stays,
)
from omna.gateway.wire.errors import error_body
from omna.gateway.wire.exchange import Exchange
from omna.gateway.wire.services.service import Service, ServiceOrder
from omna.gateway.wire.wishes import MOST_FALLBACKS
from omna.ids import RequestId
from omna.money import format_credits


class Forwarding:
    """The endpoint of one service."""

    def __init__(self, gateway: Gateway, service: Service) -> None:
        self._gateway = gateway
        self._service = service

    async def __call__(self, exchange: Exchange) -> None:
        gateway, service = self._gateway, self._service
        exchange.error_body = self._error_body
        key, caller = await caller_of(exchange, gateway)
        async with CheckedDoor(gateway, key):
            body = await body_of(exchange, gateway)
            with gateway.working_on(body):
                order = service.parse(body, await self._head(exchange))
                claim = await claim_of(exchange, gateway, key, order.call.body, replayable=service.replayable)
                if isinstance(claim, Replay):
                    await exchange.replay(claim.request_id, service.answer_id(claim.request_id), claim.content)
                    return
                ticket = await admitted(gateway, order.call, caller, claim)
                with while_client_stays(exchange):
                    await self._answer(exchange, order, ticket, claim)

    async def _answer(self, exchange: Exchange, order: ServiceOrder, ticket: Ticket, claim: Claim | None) -> None:
        content_type = ""

        async def write(reading: Reading, receipt: Receipt) -> bytes:
            nonlocal content_type
            content_type = reading.content_type
            content = order.write(reading, ticket, receipt, int(now().timestamp()))
            if claim is not None:
                await idempotency.keep(self._gateway.pool, claim, content)
            return content

        answer_id = self._service.answer_id(ticket.call.request_id)
        try:
            content = await self._gateway.pipeline.forward(ticket, order, write)
        except OmnaError as error:
            await exchange.refuse(error, ticket_headers(ticket, answer_id))
            return
        assert ticket.receipt is not None, "an answer is paid for"
        # Sound has no room for it, and the other answers say the same.
        cost = (b"x-omna-cost", format_credits(ticket.receipt.charge.total).encode())
        headers = [cost, *ticket_headers(ticket, answer_id)]
        await exchange.answer_bytes(200, content, headers, content_type.encode())

    async def _head(self, exchange: Exchange) -> Head:
        return Head(
            exchange.request_id,
            exchange.received_at,
            content_type=exchange.header(b"content-type") or "",
            offers=() if self._service.needs_model else await self._offers(),
        )

    async def _offers(self) -> tuple[str, ...]:
        """Return the models a body that names none may mean; looked for again where there is none: it may be new."""
        return self._known_offers() or (self._known_offers() if await self._gateway.catalogue.refresh() else ())

    def _known_offers(self) -> tuple[str, ...]:
        models = self._gateway.catalogue.snapshot.models.values()
        offering = sorted(
            model.model_id for model in models if self._service.endpoint in model.endpoints and not model.hidden
        )
        return tuple(offering[: MOST_FALLBACKS + 1])

    def _error_body(self, error: OmnaError, request_id: RequestId) -> dict[str, Any]:
        body = error_body(error)
        if error.param == "messages":
            body["error"]["param"] = self._service.subject
        return body
