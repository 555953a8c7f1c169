"""PURE: the dialects in which upstreams stream tool calls, to one clean form.

Clean form of one call: a first piece with index, id and name and no arguments, then pieces with arguments only. Indexes
start at 0, rise by one and come in order; ids are unique. Source: docs/reference/normalisation.md
"""

import json
import secrets
from typing import Any

import msgspec

from omna.providers.base import ToolCall


class Function(msgspec.Struct, gc=False):
    """`arguments` is text, or in some dialects the object itself."""

    name: str | None = None
    arguments: Any = None


class Piece(msgspec.Struct, gc=False):
    """One entry of `tool_calls` as an upstream sends it."""

    index: int | None = None
    id: str | None = None
    function: Function | None = None


class _Call:
    """One call as far as it has come."""

    __slots__ = ("announced", "arguments", "name", "shown_id", "stated_id")

    def __init__(self, stated_id: str, shown_id: str) -> None:
        self.stated_id = stated_id
        self.shown_id = shown_id
        self.name = ""
        self.arguments: list[str] = []
        self.announced = False

    def contradicts(self, name: str, arguments: str) -> bool:
        """Whether a piece with this name and these arguments must belong to another call."""
        if not name or not self.name:
            return False
        # The same name again is a habit of some hosts, unless this call's arguments were already whole.
        return name != self.name or (bool(arguments.strip()) and self._is_complete())

    def _is_complete(self) -> bool:
        if not self.arguments or not self.arguments[-1].rstrip().endswith("}"):
            return False
        text = "".join(self.arguments)
        try:
            json.loads(text)
        except ValueError:
            return False
        return True


class ToolCalls:
    """The tool calls of one choice of one answer."""

    __slots__ = ("_by_stated_index", "_calls", "_shown_ids")

    def __init__(self) -> None:
        self._calls: list[_Call] = []
        self._by_stated_index: dict[int, _Call] = {}
        self._shown_ids: set[str] = set()

    def __bool__(self) -> bool:
        return any(call.announced for call in self._calls)

    def take(self, pieces: list[Piece]) -> list[ToolCall]:
        """Return the clean pieces that these upstream pieces amount to."""
        clean: list[ToolCall] = []
        for piece in pieces:
            function = piece.function
            name = (function.name if function else None) or ""
            arguments = _text(function.arguments) if function else ""
            if not (piece.id or name or arguments) and piece.index is None:
                continue
            call = self._find(piece.index, piece.id or "", name, arguments)
            if name and not call.name:
                call.name = name
            if arguments:
                call.arguments.append(arguments)
            clean.extend(self._announce(call) if not call.announced else self._continue(call, arguments))
        return clean

    def finish(self) -> list[ToolCall]:
        """Return what is still owed at the end: nameless calls, and `{}` for calls that never got arguments."""
        clean: list[ToolCall] = []
        for index, call in enumerate(self._calls):
            if not call.announced and (call.arguments or call.stated_id):
                call.announced = True
                clean.append(ToolCall(index, call.shown_id, call.name))
                clean.extend(self._continue(call, "".join(call.arguments)))
            if call.announced and not call.arguments:
                call.arguments.append("{}")
                clean.append(ToolCall(index, arguments="{}"))
        return clean

    def _announce(self, call: _Call) -> list[ToolCall]:
        # Without a name yet, the call waits: name and id go out once, together, before any argument. So do its
        # successors, because indexes must appear in order.
        clean: list[ToolCall] = []
        for index, waiting in enumerate(self._calls):
            if waiting.announced:
                continue
            if not waiting.name:
                break
            waiting.announced = True
            clean.append(ToolCall(index, waiting.shown_id, waiting.name))
            clean.extend(self._continue(waiting, "".join(waiting.arguments)))
        return clean

    def _continue(self, call: _Call, arguments: str) -> list[ToolCall]:
        return [ToolCall(self._calls.index(call), arguments=arguments)] if arguments else []

    def _find(self, index: int | None, stated_id: str, name: str, arguments: str) -> _Call:
        known = self._by_stated_index.get(index) if index is not None else (self._calls[-1] if self._calls else None)
        if known is None:
            return self._begin(index, stated_id)
        if known.contradicts(name, arguments):
            return self._begin(index, stated_id)
        if not stated_id or stated_id == known.stated_id:
            return known
        if not known.stated_id and not known.arguments:
            known.stated_id = stated_id  # the id came after the name
            return known
        # Another id under the same index, or under none: another call, new or seen before.
        seen = next((call for call in self._calls if call.stated_id == stated_id), None)
        return seen or self._begin(index, stated_id)

    def _begin(self, index: int | None, stated_id: str) -> _Call:
        shown = stated_id
        if not shown or shown in self._shown_ids:
            shown = f"call_{secrets.token_hex(12)}"
        self._shown_ids.add(shown)
        call = _Call(stated_id, shown)
        self._calls.append(call)
        if index is not None:
            self._by_stated_index[index] = call
        return call


def _text(arguments: Any) -> str:
    if arguments is None:
        return ""
    if isinstance(arguments, str):
        return arguments
    return msgspec.json.encode(arguments).decode()
