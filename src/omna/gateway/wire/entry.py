"""What every endpoint that costs something does at its door: who asks, with which body, and was it asked before."""

import asyncio
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

import msgspec

from omna import errors
from omna.clock import monotonic
from omna.db.pool import borrow
from omna.errors import Limit, OmnaError
from omna.gateway import idempotency
from omna.gateway.gateway import Gateway
from omna.gateway.idempotency import Claim, Replay
from omna.gateway.model import Call, Caller, Ticket
from omna.gateway.wire.errors import Headers
from omna.gateway.wire.exchange import Exchange, rate_headers
from omna.http.body import read_body
from omna.keys import model as keys
from omna.keys import service as key_service
from omna.keys.model import ApiKey

#: Errors that come from the request alone, before admission looked at its key; a stranger must hear 401 instead.
_BEFORE_ADMISSION = (
    errors.InvalidRequest,
    errors.ModelNotFound,
    errors.UnsupportedEndpoint,
    errors.ProviderUnavailable,
)


async def reader_of(exchange: Exchange, gateway: Gateway) -> ApiKey:
    """Return the key of a request that costs nothing; it uses up nothing of the key's own rate.

    Errors  InvalidApiKey, ConflictingCredentials, KeyInUrl, KeyDisabled, AccountFrozen, RateLimitExceeded
    """
    text = exchange.key()
    async with borrow(gateway.pool) as connection:
        key = await key_service.authenticate(connection, text)
    spend_free_request(gateway, text)
    return key


def spend_free_request(gateway: Gateway, key: str) -> None:
    """Count a request that costs nothing. Errors: RateLimitExceeded."""
    free = gateway.free_rate
    wait = free.wait(keys.digest(key), monotonic())
    if wait:
        remedy = "Wait, and keep the answer: lists and prices change seldom."
        limit = Limit("key_rpm", "key", "requests", free.per_minute, free.per_minute, remedy)
        raise errors.RateLimitExceeded(
            f"This key may make {free.per_minute} free requests a minute.", limit=limit, retry_after=wait
        )


async def caller_of(exchange: Exchange, gateway: Gateway) -> tuple[str, Caller]:
    """Return the API key of a request and the caller it stands for; whether it is good is for admission to say.

    Errors  EmergencyStop, which comes before any word about a key; InvalidApiKey, ConflictingCredentials, KeyInUrl
    """
    try:
        key = exchange.key()
    except OmnaError:
        await gateway.check_stop("api")
        raise
    return key, Caller("api", digest=keys.digest(key))


class CheckedDoor:
    """Lets no error of its block tell a stranger more than that the key is not good, or hide an emergency stop."""

    __slots__ = ("_gateway", "_key")

    def __init__(self, gateway: Gateway, key: str) -> None:
        self._gateway = gateway
        self._key = key

    async def __aenter__(self) -> None:
        pass

    async def __aexit__(self, kind: object, error: BaseException | None, trace: object) -> None:
        if isinstance(error, _BEFORE_ADMISSION):
            await self._gateway.check_door(self._key, "api")


async def body_of(exchange: Exchange, gateway: Gateway) -> bytes:
    """Return the decoded body. Errors: those of read_body()."""
    settings = gateway.settings
    return await read_body(exchange.receive, exchange.headers, limit=settings.body_limit, timeout=settings.body_timeout)


async def claim_of(
    exchange: Exchange, gateway: Gateway, key: str, fields: dict[str, Any], *, replayable: bool
) -> Claim | Replay | None:
    """Return what the Idempotency-Key of a request says, None without one.

    Errors  UnsupportedParameter for an answer that is not kept; InvalidValue; those of idempotency.claim()
    """
    name = exchange.header(b"idempotency-key")
    if name is None:
        return None
    idempotency.check_header(name)
    if not replayable:
        raise errors.UnsupportedParameter(
            "An Idempotency-Key works for whole answers in JSON: streams, sound and transcripts are not kept.",
            param=idempotency.HEADER,
        )
    request = exchange.scope["path"].encode() + b"\0" + msgspec.json.encode(fields, order="deterministic")
    return await idempotency.claim(gateway.pool, key, name, request, exchange.request_id)


async def admitted(gateway: Gateway, call: Call, caller: Caller, claim: Claim | None) -> Ticket:
    """Return the ticket of a call. The claim of a refused one is given back; a ticket's request speaks for its claim.

    Errors  those of Gateway.admit()
    """
    try:
        return await gateway.admit(call, caller)
    except BaseException:
        if claim is not None:
            await idempotency.give_back(gateway.pool, claim)
        raise


@contextmanager
def while_client_stays(exchange: Exchange) -> Iterator[None]:
    """End the block when the client goes away. Its body must have been read: all it can say now is goodbye."""
    work = asyncio.current_task()
    assert work is not None
    gone = exchange.watch(lambda watch: watch.cancelled() or work.cancel())
    try:
        yield
    except asyncio.CancelledError:
        if not gone.done():
            raise
        work.uncancel()
    finally:
        gone.cancel()


def ticket_headers(ticket: Ticket, answer_id: str) -> Headers:
    """Return the headers of an admitted request: its id, what serves it, how long Omna itself took."""
    headers = [
        (b"x-generation-id", answer_id.encode()),
        (b"x-omna-model", ticket.model.model_id.encode()),
        (b"x-omna-provider", ticket.route.provider.name.encode()),
    ]
    if ticket.upstream_seconds:  # not known yet when a provider is so slow that the status goes out before it speaks
        own = monotonic() - ticket.call.received_at - ticket.upstream_seconds
        headers.append((b"x-omna-overhead-ms", b"%.2f" % (own * 1000)))
    return headers + rate_headers(ticket.rate)
