"""PURE: chunks → the client's bytes of a chat stream. The rules are those of docs/reference/streaming.md."""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.bill import Bill, Outcome
from omna.gateway.wire.errors import error_body
from omna.http.strict_json import dumps
from omna.providers.base import Chunk, Delta, ToolCall

HEARTBEAT = b": omna processing\n\n"
DONE = b"data: [DONE]\n\n"


class ChatStream:
    """The encoder of one stream: what was already said once (roles, tool calls) is not said again."""

    def __init__(self, response_id: str, model: str, created: int, include_usage: bool) -> None:
        head = dumps({"id": response_id, "object": "chat.completion.chunk", "created": created, "model": model})
        self._head = b"data: " + head[:-1] + b',"choices":['
        self._tail = b'],"usage":null}\n\n' if include_usage else b"]}\n\n"
        self._include_usage = include_usage
        self._started: set[int] = set()

    def encode(self, chunk: Chunk) -> bytes:
        """Return the events of a chunk: each choice's role before its first delta, finish reasons kept for `end`."""
        events = []
        for delta in chunk.deltas:
            if not delta.delivers and delta.logprobs is None:
                continue
            if delta.index not in self._started:
                events.append(self._role(delta.index))
            fields = _fields(delta)
            first, *calls = _tool_steps(delta.tool_calls) if delta.tool_calls else (None,)
            if first is not None:
                fields["tool_calls"] = [first]
            events.append(self._piece(delta.index, fields, delta.logprobs))
            if calls:
                events += [self._piece(delta.index, {"tool_calls": [call]}) for call in calls]
        return b"".join(events)

    def end(self, bill: Bill, usage: dict[str, Any]) -> bytes:
        """Return the last events of a paid stream: a finish per choice, the usage when asked for, [DONE]."""
        events = []
        for index in sorted(self._started | set(bill.finishes) or {0}):
            if index not in self._started:
                events.append(self._role(index))
            finish = bill.finishes.get(index)
            exhausted = bill.outcome is Outcome.EXHAUSTED or finish is None
            reason = "length" if exhausted or finish is None else finish.finish_reason
            choice: dict[str, Any] = {"index": index, "delta": {}, "logprobs": None, "finish_reason": reason}
            if not exhausted and finish is not None and finish.native_finish_reason is not None:
                choice["native_finish_reason"] = finish.native_finish_reason
            if exhausted:
                choice["native_finish_reason"] = "credits_exhausted" if bill.last_step else "max_tokens"
            events.append(self._head + dumps(choice) + self._tail)
        if self._include_usage:
            events.append(self._head + b'],"usage":' + dumps(usage) + b"}\n\n")
        events.append(DONE)
        return b"".join(events)

    def error(self, error: OmnaError, usage: dict[str, Any] | None) -> bytes:
        """Return the event that ends a broken stream, and [DONE]: no choices, so it can never look like an answer."""
        return b"data: " + dumps(error_body(error)) + b"\n\n" + DONE

    def _role(self, index: int) -> bytes:
        self._started.add(index)
        return self._piece(index, {"role": "assistant", "content": ""})

    def _piece(self, index: int, delta: dict[str, Any], logprobs: Any = None) -> bytes:
        choice = {"index": index, "delta": delta, "logprobs": logprobs, "finish_reason": None}
        return self._head + dumps(choice) + self._tail


def _fields(delta: Delta) -> dict[str, Any]:
    fields: dict[str, Any] = {}
    if delta.content:
        fields["content"] = delta.content
    if delta.reasoning:
        # Some clients read one of the names, some the other; those that know both do not repeat it.
        fields["reasoning_content"] = fields["reasoning"] = delta.reasoning
    if delta.refusal:
        fields["refusal"] = delta.refusal
    if delta.extra:
        fields.update(delta.extra)
    return fields


def _tool_steps(calls: list[ToolCall]) -> list[dict[str, Any]]:
    """Return a first step (id, type, name, empty arguments) for a new call, and a second one for its arguments."""
    steps: list[dict[str, Any]] = []
    for call in calls:
        if call.id is not None:
            function = {"name": call.name or "", "arguments": ""}
            steps.append({"index": call.index, "id": call.id, "type": "function", "function": function})
        if call.arguments:
            steps.append({"index": call.index, "function": {"arguments": call.arguments}})
    return steps
