"""PURE: deltas → output items, and the events that tell of them. One item is open at a time.

A provider may interleave the pieces of its tool calls. Clients of this dialect read item after item, so pieces that
belong to another item wait until the arguments of the open call are complete.
"""

from collections import deque
from collections.abc import Iterator
from typing import Any

from omna.gateway.wire.responses.history import REASONING_FORMAT
from omna.gateway.wire.responses.items import CallItem, Event, MessageItem, ReasoningItem
from omna.gateway.wire.responses.tools import Tools
from omna.providers.base import Delta, ToolCall

_Piece = tuple[str, Any]
_Item = ReasoningItem | MessageItem | CallItem


class Output:
    """The items of one response so far.

    digits     what makes its item ids unique: those of the request's own id
    encrypted  whether the provider's encrypted reasoning was asked for
    logprobs   whether probabilities of the text's tokens were asked for
    """

    def __init__(self, digits: str, tools: Tools, *, encrypted: bool, logprobs: bool) -> None:
        self._digits = digits
        self._tools = tools
        self._encrypted = encrypted
        self._logprobs = logprobs
        self._closed: list[dict[str, Any]] = []
        self._open: _Item | None = None
        self._complete_calls: set[int] = set()
        self._waiting: deque[_Piece] = deque()
        self._waiting_calls: dict[int, _WaitingCall] = {}
        #: What becomes of a call that another item pushes out before it is complete: only the end does that.
        self._status_of_cut = "completed"

    def take(self, delta: Delta) -> Iterator[Event]:
        """Yield the events of what a delta adds."""
        for piece in self._pieces(delta):
            if self._must_wait(piece):
                self._wait(piece)
                continue
            yield from self._apply(piece)
            while self._waiting and not self._is_blocked():
                yield from self._apply(self._next())

    def close(self, status: str) -> Iterator[Event]:
        """Yield the events that end the open item, and whatever waited for that. `status`: of what was cut off."""
        self._status_of_cut = status
        while self._waiting:
            yield from self._apply(self._next())
        if self._open is not None:
            yield from self._close(status)

    def items(self) -> list[dict[str, Any]]:
        """Return the items as they are, an open one as incomplete."""
        return [*self._closed, *([self._open.body("incomplete")] if self._open is not None else ())]

    def _pieces(self, delta: Delta) -> Iterator[_Piece]:
        if delta.reasoning:
            yield "reasoning", delta.reasoning
        if self._encrypted and delta.extra:
            for data in _encrypted(delta.extra.get("reasoning_details")):
                yield "encrypted", data
        if delta.content:
            yield "text", (delta.content, _logprobs(delta.logprobs) if self._logprobs else [])
        if delta.refusal:
            yield "refusal", delta.refusal
        for call in delta.tool_calls or ():
            if call.index not in self._complete_calls:
                yield "call", call

    def _is_blocked(self) -> bool:
        return isinstance(self._open, CallItem) and not self._open.is_complete()

    def _must_wait(self, piece: _Piece) -> bool:
        kind, value = piece
        if isinstance(self._open, CallItem) and kind == "call" and value.index == self._open.number:
            return False
        return bool(self._waiting) or self._is_blocked()

    def _wait(self, piece: _Piece) -> None:
        kind, value = piece
        if kind != "call":
            self._waiting.append(piece)
        elif value.index in self._waiting_calls:
            self._waiting_calls[value.index].add(value)
        else:
            self._waiting_calls[value.index] = _WaitingCall(value)
            self._waiting.append(("waiting", value.index))

    def _next(self) -> _Piece:
        kind, value = self._waiting.popleft()
        return ("call", self._waiting_calls.pop(value).whole()) if kind == "waiting" else (kind, value)

    def _apply(self, piece: _Piece) -> Iterator[Event]:
        kind, value = piece
        opened = self._open
        if kind == "reasoning":
            # The provider's encrypted form ends a thought: what comes after it is the next one.
            if not isinstance(opened, ReasoningItem) or opened.encrypted is not None:
                opened = ReasoningItem(*self._place("rs"))
                yield from self._begin(opened)
            yield from opened.add(value)
        elif kind == "encrypted":
            if not isinstance(opened, ReasoningItem) or opened.encrypted is not None:
                opened = ReasoningItem(*self._place("rs"))
                yield from self._begin(opened)
            opened.encrypted = value
        elif kind == "call":
            if not isinstance(opened, CallItem) or opened.number != value.index:
                opened = self._call_item(value)
                yield from self._begin(opened)
            yield from opened.add(value.arguments)
        else:
            if not isinstance(opened, MessageItem):
                opened = MessageItem(*self._place("msg"))
                yield from self._begin(opened)
            yield from opened.add_text(*value) if kind == "text" else opened.add_refusal(value)

    def _call_item(self, call: ToolCall) -> CallItem:
        tool = self._tools.called(call.name or "")
        prefix = "ctc" if tool is not None and tool.kind == "custom" else "fc"
        item_id, index = self._place(prefix)
        call_id = call.id or f"call_{item_id.removeprefix('fc_').removeprefix('ctc_')}"
        return CallItem(item_id, index, call.index, call_id, call.name or "", tool)

    def _place(self, prefix: str) -> tuple[str, int]:
        """Return id and index of the next item; the open one, if any, comes before it."""
        index = len(self._closed) + (self._open is not None)
        return f"{prefix}_{self._digits}{index:04x}", index

    def _begin(self, item: _Item) -> Iterator[Event]:
        if self._open is not None:
            yield from self._close(self._status_of_cut if self._is_blocked() else "completed")
        self._open = item
        yield "response.output_item.added", {"output_index": item.index, "item": item.body("in_progress")}

    def _close(self, status: str) -> Iterator[Event]:
        item = self._open
        assert item is not None
        if isinstance(item, CallItem):
            self._complete_calls.add(item.number)
        yield from item.end()
        body = item.body(status)
        self._open = None
        self._closed.append(body)
        yield "response.output_item.done", {"output_index": item.index, "item": body}


class _WaitingCall:
    """The pieces of a call whose turn has not come."""

    def __init__(self, first: ToolCall) -> None:
        self._first = first
        self._arguments = [first.arguments]

    def add(self, piece: ToolCall) -> None:
        self._arguments.append(piece.arguments)

    def whole(self) -> ToolCall:
        return ToolCall(self._first.index, self._first.id, self._first.name, "".join(self._arguments))


def _encrypted(details: Any) -> Iterator[str]:
    for entry in details if isinstance(details, list) else ():
        if (
            isinstance(entry, dict)
            and entry.get("type") == "reasoning.encrypted"
            and entry.get("format") == REASONING_FORMAT
            and isinstance(entry.get("data"), str)
        ):
            yield entry["data"]


def _logprobs(given: Any) -> list[dict[str, Any]]:
    """Return a chat delta's probabilities in this dialect's form; those of no usable form are left out."""
    found = []
    for entry in _entries(given.get("content") if isinstance(given, dict) else None):
        if (token := _token(entry)) is not None:
            others = (_token(other) for other in _entries(entry.get("top_logprobs")))
            found.append({**token, "top_logprobs": [other for other in others if other is not None]})
    return found


def _entries(given: Any) -> list[dict[str, Any]]:
    return [entry for entry in given if isinstance(entry, dict)] if isinstance(given, list) else []


def _token(entry: dict[str, Any]) -> dict[str, Any] | None:
    token, logprob, raw = entry.get("token"), entry.get("logprob"), entry.get("bytes")
    if not isinstance(token, str) or isinstance(logprob, bool) or not isinstance(logprob, (int, float)):
        return None
    is_bytes = isinstance(raw, list) and all(type(byte) is int and 0 <= byte < 256 for byte in raw)
    return {"token": token, "logprob": logprob, "bytes": raw if is_bytes else list(token.encode())}
