"""What an endpoint that answers with text must know of its clients' JSON: the rest of a request is the same for all.

A dialect translates at the edge: a body to a Call, chunks to bytes, an answer to JSON. It decides nothing.
"""

from typing import Any, Protocol

import msgspec

from omna.errors import OmnaError
from omna.gateway.bill import Bill
from omna.gateway.model import Call, Ticket
from omna.ids import RequestId
from omna.providers.base import Chunk, Completion

Json = dict[str, Any]


class Head(msgspec.Struct, frozen=True):
    """What a call has that its body does not say.

    beta           the `anthropic-beta` header
    content_type   of the body, where it need not be JSON
    offers         ids of models to choose from, where a body need not name one
    """

    request_id: RequestId
    received_at: float
    beta: str | None = None
    content_type: str = ""
    offers: tuple[str, ...] = ()


class Encoder(Protocol):
    """Chunks → the bytes of one stream. PURE: what was said once is remembered, nothing else.

    Shape   `usage` is usage_body() of the receipt: token counts and cost in chat form
    """

    def encode(self, chunk: Chunk) -> bytes:
        """Return the events of a chunk, empty when it says nothing. Finish reasons are kept for `end`."""
        ...

    def end(self, bill: Bill, usage: Json) -> bytes:
        """Return the last events of a stream that is paid for."""
        ...

    def error(self, error: OmnaError, usage: Json | None) -> bytes:
        """Return the events that end a broken stream; usage as far as it was billed."""
        ...


class Dialect(Protocol):
    """One of the shapes in which clients ask for an answer."""

    #: What is sent when a stream has been silent for too long.
    heartbeat: bytes

    def parse(self, body: Json, head: Head) -> Call:
        """Return the call a body describes. Errors: InvalidRequest, each naming the field."""
        ...

    def answer_id(self, request_id: RequestId) -> str:
        """Return the id the answer carries in its body."""
        ...

    def encoder(self, ticket: Ticket, created: int) -> Encoder:
        """Return the encoder of one stream. The ticket is where it is answered; created: seconds since 1970."""
        ...

    def whole(self, ticket: Ticket, answer: Completion, usage: Json, created: int) -> Json:
        """Return an answer that was not streamed."""
        ...

    def error_body(self, error: OmnaError, request_id: RequestId) -> Json:
        """Return an error that is an answer with a status, its field under the name it has here."""
        ...
