"""POST /v1/admission: would this chat request be admitted, what would be held, or which limit binds. Takes nothing."""

from typing import Any

from omna import errors
from omna.errors import OmnaError
from omna.gateway.gateway import Gateway
from omna.gateway.model import Ticket
from omna.gateway.wire.chat.request import parse_chat
from omna.gateway.wire.entry import CheckedDoor, body_of, caller_of, spend_free_request
from omna.gateway.wire.errors import error_body
from omna.gateway.wire.exchange import Exchange, rate_headers
from omna.http.strict_json import loads
from omna.ids import show
from omna.money import format_credits

#: What makes the question itself wrong; everything else is an answer to it.
_NO_QUESTION = (errors.InvalidRequest, errors.Unauthenticated, errors.NotFound)


class DryRun:
    """The endpoint."""

    def __init__(self, gateway: Gateway) -> None:
        self._gateway = gateway

    async def __call__(self, exchange: Exchange) -> None:
        gateway = self._gateway
        key, caller = await caller_of(exchange, gateway)
        spend_free_request(gateway, key)
        async with CheckedDoor(gateway, key):
            body = await body_of(exchange, gateway)
            with gateway.working_on(body):
                call = parse_chat(loads(body), exchange.request_id, exchange.received_at)
                try:
                    ticket = await gateway.rehearse(call, caller)
                except _NO_QUESTION:
                    raise
                except OmnaError as error:
                    await exchange.answer(200, _refused(error), rate_headers(error.rate))
                    return
        await exchange.answer(200, _admitted(ticket), rate_headers(ticket.rate))


def _admitted(ticket: Ticket) -> dict[str, Any]:
    """Return what a hold would be. Amounts are Credits; `output_tokens` is what the hold covers."""
    return {
        "admitted": True,
        "hold": format_credits(ticket.amount),
        "model": ticket.model.model_id,
        "provider": ticket.route.provider.name,
        "price_version": show("pv", ticket.price.price_version_id),
        "prompt_tokens": ticket.call.prompt_tokens,
        "output_tokens": ticket.output_bound,
        "max_output_tokens": ticket.upstream_bound,
        "error": None,
    }


def _refused(error: OmnaError) -> dict[str, Any]:
    return {"admitted": False, "hold": None, "status": error.status, **error_body(error)}
