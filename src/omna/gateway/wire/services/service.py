"""What an endpoint whose answers are no text must know of its clients and providers, and what all of them share.

A service translates at the edge: a body to an order, a provider's answer to counts and to the client's bytes.
"""

from typing import Any, Protocol

import msgspec

from omna.gateway.model import Order, Reading, Receipt, Ticket
from omna.gateway.wire.dialect import Head
from omna.ids import RequestId, show
from omna.providers.base import Failure, FailureKind, Forwarded
from omna.providers.openai_errors import reported

JSON = "application/json"


class ServiceOrder(Order, Protocol):
    """An order that knows how its client wants the answer. PURE, made anew for every request."""

    def write(self, reading: Reading, ticket: Ticket, receipt: Receipt, created: int) -> bytes:
        """Return the answer as the client gets it; created: seconds since 1970."""
        ...


class Service(Protocol):
    """One endpoint."""

    #: What a model must offer, of catalog.model.ENDPOINTS.
    endpoint: str
    #: The field of its body that errors about the prompt are about.
    subject: str
    #: Whether an answer may be kept for an Idempotency-Key.
    replayable: bool
    #: Whether a body must name a model; without one, `Head.offers` has those to choose from.
    needs_model: bool

    def parse(self, body: bytes, head: Head) -> ServiceOrder:
        """Return the order a body describes. Errors: InvalidRequest, each naming the field."""
        ...

    def answer_id(self, request_id: RequestId) -> str:
        """Return the id the answer carries, in its body where that has one."""
        ...


def request_answer_id(request_id: RequestId) -> str:
    """Return the id of an answer whose body has none."""
    return show("req", request_id)


def json_content(body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
    """Return a JSON body for a provider, with its name of the model."""
    return msgspec.json.encode(body | {"model": upstream_model}), JSON


def json_answer(answer: Forwarded) -> dict[str, Any]:
    """Return the object that a provider answered. Errors: Failure for everything else, an error with status 200 too."""
    try:
        value = msgspec.json.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        raise malformed("the provider's answer is not JSON") from None
    if not isinstance(value, dict):
        raise malformed("the provider's answer is no object")
    if value.get("error"):
        raise reported(value["error"])
    return value


def malformed(reason: str) -> Failure:
    return Failure(FailureKind.MALFORMED, reason)


def count(value: Any, most: int = 100_000_000) -> int | None:
    """Return a count that a provider states, None for anything that is no whole number from 0 to `most`."""
    return value if type(value) is int and 0 <= value <= most else None
