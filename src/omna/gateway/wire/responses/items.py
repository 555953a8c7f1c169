"""PURE: the output items of a response while they grow: each tells in events what it gained."""

import json
import re
from collections.abc import Iterator
from typing import Any

from omna.gateway.wire.responses.tools import Tool

Json = dict[str, Any]
#: The type of an event and its fields, those of every event left out.
Event = tuple[str, Json]

_STRUCTURE = re.compile(r'\\.?|["{}\[\]]', re.DOTALL)


class ReasoningItem:
    """A thought: its text as a summary of one part, and the provider's encrypted form of it."""

    def __init__(self, item_id: str, index: int) -> None:
        self.index = index
        self.encrypted: str | None = None
        self._at: Json = {"item_id": item_id, "output_index": index, "summary_index": 0}
        self._text: list[str] = []

    def add(self, text: str) -> Iterator[Event]:
        if not self._text:
            yield "response.reasoning_summary_part.added", {**self._at, "part": {"type": "summary_text", "text": ""}}
        self._text.append(text)
        yield "response.reasoning_summary_text.delta", {**self._at, "delta": text}

    def end(self) -> Iterator[Event]:
        for part in self._summary():
            yield "response.reasoning_summary_text.done", {**self._at, "text": part["text"]}
            yield "response.reasoning_summary_part.done", {**self._at, "part": part}

    def body(self, status: str) -> Json:
        item: Json = {"id": self._at["item_id"], "type": "reasoning", "status": status, "summary": self._summary()}
        if self.encrypted is not None:
            item["encrypted_content"] = self.encrypted
        return item

    def _summary(self) -> list[Json]:
        return [{"type": "summary_text", "text": "".join(self._text)}] if self._text else []


class MessageItem:
    """A message: parts of text and refusal, of which the last one grows."""

    def __init__(self, item_id: str, index: int) -> None:
        self.index = index
        self._id = item_id
        self._parts: list[Json] = []
        self._kind: str | None = None
        self._pieces: list[str] = []
        self._logprobs: list[Json] = []

    def add_text(self, text: str, logprobs: list[Json]) -> Iterator[Event]:
        yield from self._turn_to("output_text")
        self._pieces.append(text)
        self._logprobs += logprobs
        yield "response.output_text.delta", {**self._at, "delta": text, "logprobs": logprobs}

    def add_refusal(self, text: str) -> Iterator[Event]:
        yield from self._turn_to("refusal")
        self._pieces.append(text)
        yield "response.refusal.delta", {**self._at, "delta": text}

    def end(self) -> Iterator[Event]:
        part = self._part()
        if part is None:
            return
        if self._kind == "refusal":
            yield "response.refusal.done", {**self._at, "refusal": part["refusal"]}
        else:
            yield (
                "response.output_text.done",
                {**self._at, "text": part["text"], "logprobs": part["logprobs"]},
            )
        yield "response.content_part.done", {**self._at, "part": part}
        self._parts.append(part)
        self._kind = None

    def body(self, status: str) -> Json:
        part = self._part()
        content = self._parts if part is None else [*self._parts, part]
        return {"id": self._id, "type": "message", "status": status, "role": "assistant", "content": [*content]}

    @property
    def _at(self) -> Json:
        return {"item_id": self._id, "output_index": self.index, "content_index": len(self._parts)}

    def _turn_to(self, kind: str) -> Iterator[Event]:
        if self._kind == kind:
            return
        yield from self.end()
        self._kind, self._pieces, self._logprobs = kind, [], []
        yield "response.content_part.added", {**self._at, "part": self._part()}

    def _part(self) -> Json | None:
        if self._kind is None:
            return None
        text = "".join(self._pieces)
        if self._kind == "refusal":
            return {"type": "refusal", "refusal": text}
        return {"type": "output_text", "text": text, "annotations": [], "logprobs": [*self._logprobs]}


class CallItem:
    """A call of a function, or of a custom tool, whose input comes at once: in chat form it is wrapped in JSON.

    number  which of the answer's calls it is
    """

    def __init__(self, item_id: str, index: int, number: int, call_id: str, name: str, tool: Tool | None) -> None:
        self.index = index
        self.number = number
        self._id = item_id
        self._call_id = call_id
        self._name = name if tool is None else tool.name
        self._namespace = None if tool is None else tool.namespace
        self._is_custom = tool is not None and tool.kind == "custom"
        self._arguments: list[str] = []
        self._scan = _Scan()

    def add(self, arguments: str) -> Iterator[Event]:
        if not arguments:
            return
        self._arguments.append(arguments)
        if not self._is_custom:
            yield "response.function_call_arguments.delta", {**self._at, "delta": arguments}

    def is_complete(self) -> bool:
        """Whether the arguments are one whole JSON object, or free text, which nobody is known to interleave."""
        if self._is_custom and self._arguments and not self._arguments[0].lstrip().startswith("{"):
            return True
        return self._scan.ends(self._arguments)

    def end(self) -> Iterator[Event]:
        said = "".join(self._arguments)
        if not self._is_custom:
            done = {**self._at, "name": self._name, "arguments": said}
            yield "response.function_call_arguments.done", done
            return
        text = _custom_input(said)
        if text:
            yield "response.custom_tool_call_input.delta", {**self._at, "delta": text}
        yield "response.custom_tool_call_input.done", {**self._at, "input": text}

    def body(self, status: str) -> Json:
        said = "" if status == "in_progress" else "".join(self._arguments)
        kind, field = ("custom_tool_call", "input") if self._is_custom else ("function_call", "arguments")
        item = {
            "id": self._id,
            "type": kind,
            "status": status,
            "call_id": self._call_id,
            "name": self._name,
            field: _custom_input(said) if self._is_custom else said,
        }
        return item if self._namespace is None else item | {"namespace": self._namespace}

    @property
    def _at(self) -> Json:
        return {"item_id": self._id, "output_index": self.index}


class _Scan:
    """Finds the end of a JSON object in pieces of text, each looked at once."""

    def __init__(self) -> None:
        self._seen = 0
        self._depth = 0
        self._in_string = False
        self._half_escape = False
        self._ended = False

    def ends(self, pieces: list[str]) -> bool:
        for number in range(self._seen, len(pieces)):
            self._read(pieces[number])
        self._seen = len(pieces)
        return self._ended

    def _read(self, text: str) -> None:
        start = 1 if self._half_escape else 0
        self._half_escape = False
        for match in _STRUCTURE.finditer(text, start):
            mark = match[0]
            if mark[0] == "\\":
                self._half_escape = len(mark) == 1
            elif mark == '"':
                self._in_string = not self._in_string
            elif not self._in_string:
                self._depth += 1 if mark in "{[" else -1
                self._ended = self._ended or self._depth == 0


def _custom_input(arguments: str) -> str:
    """Return the text a custom tool was called with: as it came, or out of the object that chat form wraps it in."""
    try:
        value = json.loads(arguments)
    except (ValueError, RecursionError):
        return arguments
    if isinstance(value, dict) and set(value) == {"input"} and isinstance(value["input"], str):
        return str(value["input"])
    return arguments
