"""PURE: answers of OpenAI's Responses API, streamed or whole, to Chunk.

Only the chat form of an answer is kept: text, refusals, reasoning, function calls, annotations, usage and how it ended.
Output items that the chat form cannot say, calls of custom and built-in tools, come whole in `extra["response_items"]`.
Source  https://platform.openai.com/docs/api-reference/responses-streaming
"""

from typing import Any

from omna.providers.base import Chunk, Delta, Failure, FailureKind, Usage
from omna.providers.lenient import count, decode_object, fields, objects, text
from omna.providers.openai_errors import read_reason, reported
from omna.providers.openai_tools import Function, Piece, ToolCalls
from omna.providers.openai_usage import parse_usage
from omna.providers.sse import Event

REASONING_FORMAT = "openai-responses-v1"

#: Why an answer is incomplete, in OpenAI's words for chat completions.
_INCOMPLETE = {"max_output_tokens": "length", "max_tokens": "length", "content_filter": "content_filter"}
_CUSTOM_CALL = "custom_tool_call"


class ResponsesNormaliser:
    """Turns the events of one response, or its whole body, into chunks.

    Errors  Failure of kind REPORTED for `error`, `response.failed` and cancelled responses, MALFORMED for what fits no
            shape, TRUNCATED from `finish` when no end event came
    """

    __slots__ = (
        "_called", "_delivered", "_finish", "_native", "_reasoning_from", "_said", "_tools", "done",
        "system_fingerprint",
    )  # fmt: skip

    def __init__(self) -> None:
        self.done = False
        self.system_fingerprint: str | None = None
        self._tools = ToolCalls()
        self._called = False  # a tool that is no function was called
        self._finish: str | None = None
        self._native: str | None = None
        self._delivered = False
        # What already came piece by piece: (output index, what), so that a closing event does not repeat it.
        self._said: set[tuple[int, str]] = set()
        self._reasoning_from: dict[int, str] = {}

    @property
    def finished(self) -> bool:
        """Whether the end event came: nothing follows it."""
        return self._finish is not None

    def take(self, event: Event) -> Chunk | None:
        """Return the chunk that one event stands for, or None when it says nothing."""
        if self.done or event.data.strip() in (b"", b"null", b"[DONE]"):
            return None
        if event.name == b"error":
            message, code = read_reason(event.data)
            raise Failure(FailureKind.REPORTED, message or "the provider reported an error", code=code)
        body = decode_object(event.data)
        kind = body.get("type")
        if kind == "error" or (kind is None and body.get("error")):
            raise reported(body)
        if kind in ("response.completed", "response.incomplete", "response.failed", "response.cancelled"):
            return self._end(fields(body.get("response")))
        delta = self._delta(kind, body)
        if delta is None:
            return None
        self._delivered = self._delivered or delta.delivers
        return Chunk([delta])

    def take_whole(self, body: bytes) -> Chunk:
        """Return the one chunk of a response that was not streamed."""
        response = decode_object(body)
        if response.get("error"):
            raise reported(response["error"])
        if not isinstance(response.get("output"), list):
            raise Failure(FailureKind.MALFORMED, "the answer has no output")
        return self._end(response)

    def finish(self) -> Chunk:
        """Return the last chunk: what function calls still owe, and the finish reason."""
        if self._finish is None:
            raise Failure(FailureKind.TRUNCATED, "the answer broke off")
        owed = self._tools.finish() or None
        reason = self._finish
        if reason == "stop" and (self._tools or self._called):
            reason = "tool_calls"
        return Chunk([Delta(tool_calls=owed, finish_reason=reason, native_finish_reason=self._native)])

    def _delta(self, kind: Any, event: dict[str, Any]) -> Delta | None:
        match kind:
            case "response.output_text.delta":
                return self._text(event)
            case "response.function_call_arguments.delta":
                return self._arguments(event)
            case "response.reasoning_summary_text.delta" | "response.reasoning_text.delta":
                return self._reasoning(event)
            case "response.refusal.delta":
                return self._refusal(event)
            case "response.created":
                return Delta()
            case "response.reasoning_summary_part.added":
                return self._summary_part(event)
            case "response.output_text.annotation.added":
                return self._annotation(event)
            case "response.output_item.added":
                return self._item_added(event)
            case "response.output_item.done":
                return self._item(_output_index(event), fields(event.get("item")))
            case _:
                return None

    def _end(self, response: dict[str, Any]) -> Chunk:
        status = text(response.get("status")) or "completed"
        if status in ("failed", "cancelled"):
            raise reported(response.get("error") or f"the provider ended the answer as {status}")
        deltas: list[Delta] = []
        if not self._delivered:
            # A server that does not stream piece by piece, and a body that was not streamed at all.
            deltas.append(Delta())
            for index, item in enumerate(objects(response.get("output"))):
                delta = self._item(index, item)
                if delta is not None:
                    deltas.append(delta)
        reason = text(fields(response.get("incomplete_details")).get("reason"))
        self._native = reason or status
        self._finish = _INCOMPLETE.get(reason or "", "length") if status == "incomplete" else "stop"
        self.done = True
        usage, invalid = _usage(response.get("usage"))
        return Chunk(deltas, usage, invalid)

    def _text(self, event: dict[str, Any]) -> Delta | None:
        self._said.add((_output_index(event), "text"))
        logprobs = objects(event.get("logprobs"))
        return Delta(content=text(event.get("delta")), logprobs={"content": logprobs} if logprobs else None)

    def _refusal(self, event: dict[str, Any]) -> Delta | None:
        self._said.add((_output_index(event), "refusal"))
        return Delta(refusal=text(event.get("delta")))

    def _summary_part(self, event: dict[str, Any]) -> Delta | None:
        # Parts of a summary are paragraphs; as one text they need what separates them.
        index = _output_index(event)
        follows = bool(count(event.get("summary_index"))) and (index, "reasoning") in self._said
        return Delta(reasoning="\n\n") if follows else None

    def _reasoning(self, event: dict[str, Any]) -> Delta | None:
        # An item has a summary, its raw text, or both: the one that comes first is the one that is told.
        index, kind = _output_index(event), str(event.get("type"))
        if self._reasoning_from.setdefault(index, kind) != kind:
            return None
        self._said.add((index, "reasoning"))
        return Delta(reasoning=text(event.get("delta")))

    def _annotation(self, event: dict[str, Any]) -> Delta | None:
        self._said.add((_output_index(event), "annotations"))
        return _extra(annotations=_annotations([event.get("annotation")]))

    def _arguments(self, event: dict[str, Any]) -> Delta | None:
        index, arguments = _output_index(event), text(event.get("delta"))
        if arguments is None:
            return None
        self._said.add((index, "arguments"))
        pieces = self._tools.take([Piece(index, None, Function(None, arguments))])
        return Delta(tool_calls=pieces) if pieces else None

    def _item_added(self, event: dict[str, Any]) -> Delta | None:
        item = fields(event.get("item"))
        if item.get("type") != "function_call":
            return None
        pieces = self._tools.take([_call(_output_index(event), item, "")])
        return Delta(tool_calls=pieces) if pieces else None

    def _item(self, index: int, item: dict[str, Any]) -> Delta | None:
        """Return what a finished output item adds to the pieces of it that came before."""
        match item.get("type"):
            case "message":
                return self._message(index, item)
            case "reasoning":
                return self._reasoning_item(index, item)
            case "function_call":
                arguments = "" if (index, "arguments") in self._said else text(item.get("arguments")) or ""
                self._said.add((index, "arguments"))
                pieces = self._tools.take([_call(index, item, arguments)])
                return Delta(tool_calls=pieces) if pieces else None
            case str() as kind:
                self._called = self._called or kind == _CUSTOM_CALL
                return _extra(response_items=[item])
            case _:
                return None

    def _message(self, index: int, item: dict[str, Any]) -> Delta | None:
        parts = objects(item.get("content"))
        delta = Delta()
        if (index, "text") not in self._said:
            delta.content = _joined(parts, "output_text", "text")
            logprobs = [entry for part in parts for entry in objects(part.get("logprobs"))]
            delta.logprobs = {"content": logprobs} if logprobs else None
        if (index, "refusal") not in self._said:
            delta.refusal = _joined(parts, "refusal", "refusal")
        if (index, "annotations") not in self._said:
            found = _annotations([entry for part in parts for entry in objects(part.get("annotations"))])
            delta.extra = {"annotations": found} if found else None
        return delta if delta.delivers or delta.logprobs is not None else None

    def _reasoning_item(self, index: int, item: dict[str, Any]) -> Delta | None:
        delta = Delta()
        if (index, "reasoning") not in self._said:
            summary = [part["text"] for part in objects(item.get("summary")) if text(part.get("text"))]
            delta.reasoning = "\n\n".join(summary) or _joined(objects(item.get("content")), "reasoning_text", "text")
        sealed = text(item.get("encrypted_content"))
        if sealed is not None:
            entry = {"type": "reasoning.encrypted", "data": sealed, "format": REASONING_FORMAT, "index": index}
            identifier = text(item.get("id"))
            delta.extra = {"reasoning_details": [entry | ({"id": identifier} if identifier else {})]}
        return delta if delta.delivers else None


def _output_index(event: dict[str, Any]) -> int:
    return count(event.get("output_index")) or 0


def _call(index: int, item: dict[str, Any], arguments: str) -> Piece:
    identifier = text(item.get("call_id")) or text(item.get("id"))
    return Piece(index, identifier, Function(text(item.get("name")), arguments))


def _joined(parts: list[dict[str, Any]], kind: str, field: str) -> str | None:
    return "".join(text(part.get(field)) or "" for part in parts if part.get("type") == kind) or None


def _annotations(stated: list[Any]) -> list[dict[str, Any]]:
    """Return annotations as chat completions have them: a URL citation is an object of its own there."""
    return [
        {"type": "url_citation", "url_citation": {key: value for key, value in entry.items() if key != "type"}}
        if entry.get("type") == "url_citation"
        else entry
        for entry in objects(stated)
    ]


def _extra(**passed: list[dict[str, Any]]) -> Delta | None:
    kept = {field: value for field, value in passed.items() if value}
    return Delta(extra=kept) if kept else None


def _usage(stated: Any) -> tuple[Usage | None, bool]:
    if not isinstance(stated, dict):
        return parse_usage(stated)
    if stated.get("input_tokens") is None and stated.get("output_tokens") is None:
        return None, False
    return parse_usage(
        {
            "prompt_tokens": stated.get("input_tokens"),
            "completion_tokens": stated.get("output_tokens"),
            "prompt_tokens_details": stated.get("input_tokens_details"),
            "completion_tokens_details": stated.get("output_tokens_details"),
        }
    )
