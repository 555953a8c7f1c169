"""PURE: chunks → the events of a Messages stream.

One block is open at a time. A provider may send the pieces of several tool calls in turns: what began later waits until
the arguments of the call before it are whole, or until the end.
"""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.bill import Bill, Outcome
from omna.gateway.model import Ticket
from omna.gateway.wire.messages.answer import message_body, stop_of, usage_counts
from omna.gateway.wire.messages.content import Content
from omna.gateway.wire.messages.errors import error_body
from omna.http.strict_json import dumps
from omna.providers.base import Chunk, Usage

Json = dict[str, Any]

HEARTBEAT = b'event: ping\ndata: {"type": "ping"}\n\n'


class MessagesStream:
    """The encoder of one stream."""

    def __init__(self, ticket: Ticket) -> None:
        self._ticket = ticket
        self._content = Content()
        self._usage: Usage | None = None
        self._started = False
        #: The block to write next, and whether its start was written.
        self._number = 0
        self._open = False

    def encode(self, chunk: Chunk) -> bytes:
        """Return the events of a chunk. Nothing is said before the model said something."""
        if chunk.usage is not None:
            self._usage = chunk.usage
        for delta in chunk.deltas:
            # Messages knows one choice, and a request cannot ask for more.
            if delta.index == 0:
                self._content.take(delta)
        return b"".join(self._events(last=False))

    def end(self, bill: Bill, usage: Json) -> bytes:
        """Return the last events of a paid stream: what waited, why it ended and what it cost."""
        finish = None if bill.outcome is Outcome.EXHAUSTED else bill.finishes.get(0)
        reason, sequence = stop_of(finish, self._content)
        delta = {"stop_reason": reason, "stop_sequence": sequence, "stop_details": None, "container": None}
        return b"".join(
            [
                *self._events(last=True),
                *self._start(),
                _event("message_delta", delta=delta, usage=usage_counts(usage)),
                _event("message_stop"),
            ]
        )

    def error(self, error: OmnaError, usage: Json | None) -> bytes:
        """Return the event that ends a broken stream: no message_stop follows."""
        return b"event: error\ndata: " + dumps(error_body(error, self._ticket.call.request_id)) + b"\n\n"

    def _events(self, *, last: bool) -> list[bytes]:
        events: list[bytes] = []
        blocks = self._content.blocks
        while self._number < len(blocks):
            block, number = blocks[self._number], self._number
            if not self._open:
                events += self._start()
                events.append(_event("content_block_start", index=number, content_block=block.start()))
                self._open = True
            events += [_event("content_block_delta", index=number, delta=delta) for delta in block.deltas()]
            if not last and (number == len(blocks) - 1 or not block.over):
                break
            events.append(_event("content_block_stop", index=number))
            self._number += 1
            self._open = False
        return events

    def _start(self) -> list[bytes]:
        if self._started:
            return []
        self._started = True
        return [_event("message_start", message=message_body(self._ticket, [], None, None, self._first_usage()))]

    def _first_usage(self) -> Json:
        """Return the usage that is known at the start: the provider's statement of the prompt, or our count."""
        usage = self._usage or Usage(self._ticket.call.prompt_tokens, 0)
        return {
            "input_tokens": max(0, usage.prompt - usage.cached - usage.cache_write),
            "cache_creation_input_tokens": usage.cache_write,
            "cache_read_input_tokens": usage.cached,
            "output_tokens": 0,
            "output_tokens_details": None,
            "server_tool_use": None,
            "cost": None,
            "cost_details": None,
        }


def _event(name: str, **fields: Any) -> bytes:
    return b"event: " + name.encode() + b"\ndata: " + dumps({"type": name, **fields}) + b"\n\n"
