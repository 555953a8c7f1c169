"""PURE: chunks → the client's bytes of a chat stream. The rules are those of docs/reference/streaming.md."""

from collections.abc import Iterable, Iterator
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
        return b"".join(self._events(chunk.deltas))

    def end(self, bill: Bill, usage: dict[str, Any]) -> bytes:
        """Return the last events of a paid stream: a finish per choice, the usage when asked for, [DONE]."""
        events = []
        for index in sorted(self._started | set(bill.finishes) or {0}):
            events += self._role(index)
            finish = bill.finishes.get(index)
            exhausted = bill.outcome is Outcome.EXHAUSTED or finish is None
            reason = "length" if exhausted or finish is None else finish.finish_reason
            choice: dict[str, Any] = {"index": index, "delta": {}, "logprobs": None, "finish_reason": reason}
            if not exhausted and finish is not None and finish.native_finish_reason is not None:
                choice["native_finish_reason"] = finish.native_finish_reason
            if exhausted:
                choice["native_finish_reason"] = "credits_exhausted" if bill.last_step else "max_tokens"
            events.append(self._event(choice))
        if self._include_usage:
            events.append(self._head + b'],"usage":' + dumps(usage) + b"}\n\n")
        events.append(DONE)
        return b"".join(events)

    def error(self, error: OmnaError, usage: dict[str, Any] | None) -> bytes:
        """Return the event that ends a broken stream, and [DONE]: no choices, so it can never look like an answer."""
        return b"data: " + dumps(error_body(error)) + b"\n\n" + DONE

    def _events(self, deltas: Iterable[Delta]) -> Iterator[bytes]:
        for delta in deltas:
            if not delta.delivers and delta.logprobs is None:
                continue
            yield from self._role(delta.index)
            fields = _fields(delta)
            first, *calls = _tool_steps(delta.tool_calls) if delta.tool_calls else (None,)
            if first is not None:
                fields["tool_calls"] = [first]
            yield self._event(
                {"index": delta.index, "delta": fields, "logprobs": delta.logprobs, "finish_reason": None}
            )
            for call in calls:
                yield self._event(
                    {"index": delta.index, "delta": {"tool_calls": [call]}, "logprobs": None, "finish_reason": None}
                )

    def _role(self, index: int) -> list[bytes]:
        if index in self._started:
            return []
        self._started.add(index)
        delta = {"role": "assistant", "content": ""}
        return [self._event({"index": index, "delta": delta, "logprobs": None, "finish_reason": None})]

    def _event(self, choice: dict[str, Any]) -> bytes:
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
