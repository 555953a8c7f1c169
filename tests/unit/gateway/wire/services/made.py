"""Orders and answers to test services with."""

import json
from typing import Any

from hypothesis import strategies as st

from omna.catalog.model import Rates, rates
from omna.errors import InvalidRequest, OmnaError
from omna.gateway import metering
from omna.gateway.model import Reading, Receipt, Ticket
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.services.service import Service, ServiceOrder
from omna.ids import RequestId
from omna.providers.base import Failure, Forwarded
from tests.unit.gateway import made

REQUEST = RequestId(made.REQUEST)
FREE = rates(0, 0)

#: JSON of any shape, with the names that services look for among its keys.
names = st.sampled_from(
    ["model", "input", "prompt", "n", "size", "quality", "user", "speed", "voice", "encoding_format", "dimensions",
     "stream", "data", "usage", "index", "embedding", "results", "flagged", "error", "text", "duration", "seconds",
     "type", "input_tokens", "output_tokens", "prompt_tokens", "total_tokens", "input_token_details", "audio_tokens",
     "input_tokens_details", "output_tokens_details", "image_tokens", "b64_json", "url", "created"],
)  # fmt: skip
anything: st.SearchStrategy[Any] = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats(allow_nan=False, allow_infinity=False) | st.text(max_size=20),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(names, inner, max_size=5),
    max_leaves=12,
)
objects = st.dictionaries(names, anything, max_size=6)


def parsed(service: Service, body: Any, **head: Any) -> Any:
    """Return the order of a body: bytes as they are, or a value as JSON."""
    content = body if isinstance(body, bytes) else json.dumps(body).encode()
    return service.parse(content, Head(REQUEST, 0.0, **head))


def refused(service: Service, body: Any, **head: Any) -> tuple[str, str | None]:
    """Return code and field of the refusal of a body."""
    try:
        parsed(service, body, **head)
    except OmnaError as error:
        return error.code, error.param
    raise AssertionError("the body was accepted")


def parsed_or_refused(service: Service, body: Any, **head: Any) -> Any:
    """Return the order of a body, None for one that is the client's mistake; nothing else may come."""
    try:
        return parsed(service, body, **head)
    except InvalidRequest:
        return None


def ticket_for(order: ServiceOrder, of: Rates = FREE, *, costs: Rates = FREE) -> Ticket:
    """Return the ticket of an admitted order at a price."""
    call = order.call
    assert call.max_tokens is not None
    ticket = made.ticket(of, bound=call.max_tokens)
    ticket.call = call
    ticket.output_bound = call.max_tokens * call.choices
    ticket.route = made.route(costs=costs)
    return ticket


def answered(value: Any, content_type: str = "application/json") -> Forwarded:
    return Forwarded(value if isinstance(value, bytes) else json.dumps(value).encode(), content_type)


def written(order: ServiceOrder, reading: Reading, ticket: Ticket) -> Any:
    """Return the JSON a client gets."""
    return json.loads(order.write(reading, ticket, receipt_of(reading, ticket), 7))


def receipt_of(reading: Reading, ticket: Ticket) -> Receipt:
    charge = metering.charge(reading.tokens, ticket.price.rates)
    return Receipt(reading.tokens, charge, ticket.price, reading.estimated)


def read_or_fail(order: ServiceOrder, answer: Forwarded, ticket: Ticket) -> Reading | None:
    """Return a reading that can be written, None for an answer that is a provider's failure; nothing else may come."""
    try:
        reading = order.read(answer, ticket)
    except Failure:
        return None
    assert isinstance(order.write(reading, ticket, receipt_of(reading, ticket), 7), bytes)
    return reading
