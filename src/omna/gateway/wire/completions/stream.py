"""PURE: chunks → the client's bytes of a completions stream. The rules are those of docs/reference/streaming.md."""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.bill import Bill, Outcome
from omna.gateway.model import Ticket
from omna.gateway.wire.chat.stream import DONE
from omna.gateway.wire.completions.answer import choice_body, echo_of, finish_reason, head
from omna.gateway.wire.errors import error_body
from omna.http.strict_json import dumps
from omna.providers.base import Chunk


class CompletionsStream:
    """The encoder of one stream: the prompt, when it is echoed, is said once per choice."""

    def __init__(self, ticket: Ticket, created: int) -> None:
        self._ticket = ticket
        self._include_usage = ticket.call.include_usage
        self._head = b"data: " + dumps(head(ticket, created))[:-1] + b',"choices":['
        self._tail = b'],"usage":null}\n\n' if self._include_usage else b"]}\n\n"
        self._started: set[int] = set()

    def encode(self, chunk: Chunk) -> bytes:
        """Return the events of a chunk; finish reasons are kept for `end`."""
        content = b""
        for delta in chunk.deltas:
            if delta.content or delta.logprobs is not None:
                content += self._start(delta.index)
                content += self._event(choice_body(delta.index, delta.content or "", delta.logprobs, None))
        return content

    def end(self, bill: Bill, usage: dict[str, Any]) -> bytes:
        """Return the last events of a paid stream: a finish per choice, the usage when asked for, [DONE]."""
        events = []
        for index in sorted(self._started | set(bill.finishes) or {0}):
            events.append(self._start(index))
            finish = bill.finishes.get(index)
            native: str | None
            if bill.outcome is Outcome.EXHAUSTED or finish is None:
                reason, native = "length", "credits_exhausted" if bill.last_step else "max_tokens"
            else:
                reason, native = finish_reason(finish.finish_reason or "stop"), finish.native_finish_reason
            events.append(self._event(choice_body(index, "", None, reason, native)))
        if self._include_usage:
            events.append(self._head + b'],"usage":' + dumps(usage) + b"}\n\n")
        events.append(DONE)
        return b"".join(events)

    def error(self, error: OmnaError, usage: dict[str, Any] | None) -> bytes:
        """Return the event that ends a broken stream, and [DONE]."""
        return b"data: " + dumps(error_body(error)) + b"\n\n" + DONE

    def _start(self, index: int) -> bytes:
        if index in self._started:
            return b""
        self._started.add(index)
        echo = echo_of(self._ticket, index)
        return self._event(choice_body(index, echo, None, None)) if echo else b""

    def _event(self, choice: dict[str, Any]) -> bytes:
        return self._head + dumps(choice) + self._tail
