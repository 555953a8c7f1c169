"""PURE: answers of the Messages API, streamed or whole, to Chunk.

Events and blocks of unknown types say nothing here and are no error: the API gains new ones without notice.
Source  https://platform.claude.com/docs/en/build-with-claude/streaming
"""

from typing import Any

from omna.providers.anthropic_content import REASONING_FORMAT
from omna.providers.base import Chunk, Delta, Failure, FailureKind, ToolCall, Usage
from omna.providers.lenient import count, decode_object, fields, objects, text
from omna.providers.openai_errors import read_reason, reported
from omna.providers.openai_tools import Function, Piece, ToolCalls
from omna.providers.openai_usage import parse_usage
from omna.providers.sse import Event

STOP_REASONS = {
    "end_turn": "stop",
    "stop_sequence": "stop",
    "pause_turn": "stop",
    "tool_use": "tool_calls",
    "max_tokens": "length",
    "model_context_window_exceeded": "length",
    "refusal": "content_filter",
}
"""Why a message ended, and what OpenAI calls it. Any other reason is a `stop`."""

_COUNTS = ("input_tokens", "cache_read_input_tokens", "cache_creation_input_tokens", "output_tokens")


class MessagesNormaliser:
    """Turns the events of one message, or its whole body, into chunks.

    legacy  the caller offered `functions` and not tools: its one call is told in that way
    Errors  Failure of kind REPORTED for an error inside the answer, MALFORMED for what fits no shape, TRUNCATED from
            `finish` when neither a stop reason nor `message_stop` came
    """

    __slots__ = (
        "_ended", "_legacy", "_native", "_stop_sequence", "_tool_blocks", "_tools", "_usage", "done",
        "system_fingerprint",
    )  # fmt: skip

    def __init__(self, *, legacy: bool = False) -> None:
        self.done = False
        self.system_fingerprint: str | None = None
        self._legacy = legacy
        self._tools = ToolCalls()
        self._tool_blocks: set[int] = set()
        self._ended = False  # a reason to stop was given
        self._native: str | None = None
        self._stop_sequence: str | None = None
        self._usage: dict[str, Any] = {}

    @property
    def finished(self) -> bool:
        """Whether the reason to stop is known: only `message_stop` can still come."""
        return self._ended

    def take(self, event: Event) -> Chunk | None:
        """Return the chunk that one event stands for, or None when it says nothing."""
        if self.done or event.data.strip() in (b"", b"null", b"[DONE]"):
            return None
        if event.name == b"error":
            message, code = read_reason(event.data)
            raise Failure(FailureKind.REPORTED, message or "the provider reported an error", code=code)
        body = decode_object(event.data)
        delta: Delta | None = None
        match body.get("type"):
            case "content_block_delta":
                delta = self._piece(_index(body), fields(body.get("delta")))
            case "content_block_start":
                delta = self._block(_index(body), fields(body.get("content_block")))
            case "message_start":
                self._count(fields(body.get("message")).get("usage"))
                self._usage.pop("output_tokens", None)  # of what was to come: only the end can say that
                delta = Delta()
            case "message_delta":
                return self._end(fields(body.get("delta")), body.get("usage"))
            case "message_stop":
                self.done = True
            case "error":
                raise reported(body)
            case None if body.get("error"):
                raise reported(body)
        return Chunk([delta]) if delta is not None else None

    def take_whole(self, body: bytes) -> Chunk:
        """Return the one chunk of a message that was not streamed."""
        message = decode_object(body)
        if message.get("type") == "error" or (message.get("error") and "content" not in message):
            raise reported(message)
        if not isinstance(message.get("content"), list):
            raise Failure(FailureKind.MALFORMED, "the answer has no content")
        deltas = [Delta()]
        for index, block in enumerate(objects(message["content"])):
            delta = self._block(index, block)
            if delta is not None:
                deltas.append(delta)
        ended = self._end(message, message.get("usage"))
        self.done = True
        return Chunk(deltas, ended.usage, ended.usage_invalid)

    def finish(self) -> Chunk:
        """Return the last chunk: what tool calls still owe, and the reason to stop."""
        if not (self.done or self._ended):
            raise Failure(FailureKind.TRUNCATED, "the answer broke off")
        reason = STOP_REASONS.get(self._native or "", "stop")
        last = self._called(self._tools.finish()) or Delta()
        if reason in ("stop", "tool_calls"):
            # Calls finish an answer, whatever it says; without any, a client would look for them.
            reason = "tool_calls" if self._tools else "stop"
        last.finish_reason = "function_call" if self._legacy and reason == "tool_calls" else reason
        last.native_finish_reason = self._native
        last.stop_sequence = self._stop_sequence
        return Chunk([last])

    def _block(self, index: int, block: dict[str, Any]) -> Delta | None:
        """Return what a block says at its start, which of a message that was not streamed is everything."""
        match block.get("type"):
            case "text":
                said = text(block.get("text"))
                cited = _citations(objects(block.get("citations")))
                return Delta(content=said, extra=cited) if said or cited else None
            case "tool_use":
                self._tool_blocks.add(index)
                called = Function(text(block.get("name")), block.get("input") or None)
                return self._called(self._tools.take([Piece(index, text(block.get("id")), called)]))
            case "thinking":
                return _thought(index, text(block.get("thinking")), text(block.get("signature")))
            case "redacted_thinking":
                sealed = text(block.get("data"))
                entry = {"type": "reasoning.encrypted", "data": sealed, "format": REASONING_FORMAT, "index": index}
                return Delta(extra={"reasoning_details": [entry]}) if sealed else None
            case _:
                return None

    def _piece(self, index: int, delta: dict[str, Any]) -> Delta | None:
        match delta.get("type"):
            case "text_delta":
                said = text(delta.get("text"))
                return Delta(content=said) if said else None
            case "input_json_delta":
                part = text(delta.get("partial_json"))
                # Blocks of tools that the provider runs itself have input too; nobody is asked to act on it.
                if part is None or index not in self._tool_blocks:
                    return None
                return self._called(self._tools.take([Piece(index, None, Function(None, part))]))
            case "thinking_delta":
                return _thought(index, text(delta.get("thinking")), None)
            case "signature_delta":
                return _thought(index, None, text(delta.get("signature")))
            case "citations_delta":
                cited = _citations(objects([delta.get("citation")]))
                return Delta(extra=cited) if cited else None
            case _:
                return None

    def _called(self, pieces: list[ToolCall]) -> Delta | None:
        if not pieces:
            return None
        if not self._legacy:
            return Delta(tool_calls=pieces)
        call = {"arguments": "".join(piece.arguments for piece in pieces if piece.index == 0)}
        name = next((piece.name for piece in pieces if piece.index == 0 and piece.name), None)
        return Delta(extra={"function_call": call | ({"name": name} if name else {})})

    def _end(self, delta: dict[str, Any], usage: Any) -> Chunk:
        """Take the reason to stop and the usage that comes with it: earlier usage is a running count."""
        reason = text(delta.get("stop_reason"))
        if reason is not None:
            self._ended = True
            self._native = reason
            self._stop_sequence = text(delta.get("stop_sequence"))
        self._count(usage)
        stated, invalid = _usage(self._usage) if usage is not None else (None, False)
        return Chunk([], stated, invalid)

    def _count(self, usage: Any) -> None:
        for name, value in fields(usage).items():
            if value is not None and (name in _COUNTS or name == "output_tokens_details"):
                self._usage[name] = value


def _index(event: dict[str, Any]) -> int:
    return count(event.get("index")) or 0


def _thought(index: int, said: str | None, signature: str | None) -> Delta | None:
    if said is None and signature is None:
        return None
    entry: dict[str, Any] = {"type": "reasoning.text", "format": REASONING_FORMAT, "index": index}
    entries = []
    if said is not None:
        entries.append(entry | {"text": said})
    if signature is not None:
        entries.append(entry | {"signature": signature})
    return Delta(reasoning=said, extra={"reasoning_details": entries})


def _citations(stated: list[dict[str, Any]]) -> dict[str, Any] | None:
    """Return the citations of web pages as chat completions have them; the others name parts of the question."""
    pages = [
        {"type": "url_citation", "url_citation": {"url": entry["url"], "title": text(entry.get("title")) or ""}}
        for entry in stated
        if text(entry.get("url"))
    ]
    return {"annotations": pages} if pages else None


def _usage(counts: dict[str, Any]) -> tuple[Usage | None, bool]:
    """Return a message's usage: its `input_tokens` leave out what was read from or written to the cache."""
    if "output_tokens" not in counts:
        return None, bool(counts)
    parts = [counts.get(name, 0) for name in _COUNTS[:3]]
    if not all(type(part) is int and part >= 0 for part in parts):
        return None, True
    return parse_usage(
        {
            "prompt_tokens": sum(parts),
            "completion_tokens": counts["output_tokens"],
            "prompt_tokens_details": {"cached_tokens": parts[1], "cache_write_tokens": parts[2]},
            "completion_tokens_details": {
                "reasoning_tokens": fields(counts.get("output_tokens_details")).get("thinking_tokens")
            },
        }
    )
