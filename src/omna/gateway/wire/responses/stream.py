"""PURE: chunks → the client's bytes of a Responses stream (docs/reference/responses.md)."""

from collections.abc import Iterable
from typing import Any

from omna.errors import OmnaError
from omna.gateway.bill import Bill, Outcome
from omna.gateway.model import Ticket
from omna.gateway.wire.responses.answer import Frame, incomplete_reason, new_output
from omna.gateway.wire.responses.items import Event
from omna.http.strict_json import dumps
from omna.providers.base import Chunk


class ResponsesStream:
    """The encoder of one stream: named events, numbered from 0 without gaps."""

    def __init__(self, ticket: Ticket, created: int) -> None:
        self._frame = Frame(ticket, created)
        self._output = new_output(ticket)
        self._number = 0

    def encode(self, chunk: Chunk) -> bytes:
        """Return the events of a chunk; before the first that gives something, those that begin the response."""
        content = b""
        for delta in chunk.deltas:
            if delta.index == 0 and delta.delivers:
                content += self._begin() + self._events(self._output.take(delta))
        return content

    def end(self, bill: Bill, usage: dict[str, Any]) -> bytes:
        """Return what ends the open item, and the one event that ends the response."""
        finish = bill.finishes.get(0)
        cut = bill.outcome is Outcome.EXHAUSTED or finish is None
        incomplete = incomplete_reason(None if cut or finish is None else finish.finish_reason)
        status = "completed" if incomplete is None else "incomplete"
        content = self._begin() + self._events(self._output.close(status))
        body = self._frame.body(status, self._output.items(), usage=usage, incomplete=incomplete)
        return content + self._event(f"response.{status}", {"response": body})

    def error(self, error: OmnaError, usage: dict[str, Any] | None) -> bytes:
        """Return the error, flat and nested because clients read one or the other, and the failed response."""
        said = {"code": error.code, "message": error.message, "param": rename_param(error)}
        body = self._frame.body("failed", self._output.items(), usage=usage, error=error)
        return (
            self._begin()
            + self._event("error", {**said, "error": {"type": error.type, **said}})
            + self._event("response.failed", {"response": body})
        )

    def _begin(self) -> bytes:
        if self._number:
            return b""
        body = {"response": self._frame.body("in_progress", [])}
        return self._event("response.created", body) + self._event("response.in_progress", body)

    def _events(self, events: Iterable[Event]) -> bytes:
        return b"".join([self._event(kind, fields) for kind, fields in events])

    def _event(self, kind: str, fields: dict[str, Any]) -> bytes:
        data = dumps({"type": kind, "sequence_number": self._number, **fields})
        self._number += 1
        return b"event: %b\ndata: %b\n\n" % (kind.encode(), data)


def rename_param(error: OmnaError) -> str | None:
    """Return the field an error is about, as this dialect calls it."""
    return "input" if error.param == "messages" else error.param
