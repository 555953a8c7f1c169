"""PURE: chat and text completions of OpenAI-compatible upstreams, in all their dialects, to Chunk and Completion.

One Normaliser serves one answer: chunks of a stream, or the single body of an answer that was not streamed (which is
one large chunk). Finish reasons are kept until the end: some upstreams send several, or tool calls after the first.
Source: docs/reference/normalisation.md
"""

from collections.abc import Iterable
from typing import Annotated, Any

import msgspec

from omna.providers.base import Choice, Chunk, Completion, Delta, Failure, FailureKind, ToolCall, Usage
from omna.providers.lenient import count, decode_object
from omna.providers.openai_errors import read_reason, reported
from omna.providers.openai_tools import Function, Piece, ToolCalls
from omna.providers.openai_usage import parse_usage
from omna.providers.sse import Event

FINISH_REASONS = {
    "stop": "stop",
    "length": "length",
    "tool_calls": "tool_calls",
    "content_filter": "content_filter",
    "function_call": "function_call",
    "end_turn": "stop",
    "stop_sequence": "stop",
    "eos": "stop",
    "max_tokens": "length",
    "model_length": "length",
    "tool_use": "tool_calls",
    "function_calls": "tool_calls",
    "safety": "content_filter",
    "recitation": "content_filter",
    "refusal": "content_filter",
}
"""Upstream reasons, in lower case, and what OpenAI calls them. Any other reason is a `stop`."""

#: Fields of a delta or message that pass through as they came.
PASSED_FIELDS = ("reasoning_details", "annotations", "audio", "images", "function_call")

_IGNORED_EVENTS = frozenset({b"ping", b"heartbeat", b"keepalive", b"keep-alive"})


class _Delta(msgspec.Struct, gc=False):
    content: str | None = None
    reasoning_content: str | None = None
    reasoning: str | None = None
    thinking: str | None = None
    refusal: str | None = None
    tool_calls: list[Piece] | None = None
    reasoning_details: Any = None
    annotations: Any = None
    audio: Any = None
    images: Any = None
    function_call: Any = None


class _Choice(msgspec.Struct, gc=False):
    index: Annotated[int, msgspec.Meta(ge=0, lt=10**9)] | None = None
    delta: _Delta | None = None
    message: _Delta | None = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    logprobs: Any = None
    error: Any = None
    #: what a choice of the completions endpoint has in place of a delta or message
    text: str | None = None


class _Body(msgspec.Struct, gc=False):
    choices: list[_Choice] | None = None
    usage: Any = None
    error: Any = None
    system_fingerprint: Any = None
    object: Any = None
    message: Any = None
    detail: Any = None


_decoder = msgspec.json.Decoder(_Body)


class _Progress:
    """How far one choice has come."""

    __slots__ = ("called", "finish_reason", "native", "tools")

    def __init__(self) -> None:
        self.tools: ToolCalls | None = None
        self.called = False  # in the form of `functions`, before there were tools
        self.finish_reason: str | None = None
        self.native: str | None = None

    @property
    def outcome(self) -> str:
        if self.tools and self.finish_reason in (None, "stop"):
            return "tool_calls"
        if self.finish_reason == "tool_calls" and not (self.tools or self.called):
            return "stop"  # a client would look for the calls
        return self.finish_reason or "stop"


class Normaliser:
    """Turns the events of one answer into chunks.

    Errors  Failure of kind REPORTED for an error inside the answer, MALFORMED for what fits no shape, TRUNCATED from
            `finish` when the answer never ended
    """

    __slots__ = ("_delivered", "_ended_by_usage", "_expected", "_progress", "done", "system_fingerprint")

    def __init__(self, choices: int = 1) -> None:
        self.done = False  # [DONE] was seen, or the answer was one whole body
        self.system_fingerprint: str | None = None
        self._expected = choices
        self._progress: dict[int, _Progress] = {}
        self._delivered = False
        self._ended_by_usage = False

    @property
    def finished(self) -> bool:
        """Whether every choice that was asked for has its finish reason: only usage and [DONE] can still come."""
        return len(self._progress) >= self._expected and self._all_finished

    @property
    def _all_finished(self) -> bool:
        return bool(self._progress) and all(progress.finish_reason for progress in self._progress.values())

    def take(self, event: Event) -> Chunk | None:
        """Return the chunk that one event of a stream stands for, or None when it says nothing."""
        if self.done:
            return None
        if event.name:
            if event.name == b"error":
                message, code = read_reason(event.data)
                raise Failure(FailureKind.REPORTED, message or "the provider reported an error", code=code)
            if event.name in _IGNORED_EVENTS:
                return None
        data = event.data
        if data[:1] != b"{":
            data = data.strip()
            if data == b"[DONE]":
                self.done = True
                return None
            if data in (b"", b"null"):
                return None
        return self._chunk(_decode(data))

    def take_whole(self, body: bytes) -> Chunk:
        """Return the one chunk of an answer that is a single JSON body."""
        chunk = self._chunk(_decode(body))
        if chunk is None or not self._progress:
            raise Failure(FailureKind.MALFORMED, "the answer has no choices")
        self.done = True
        return chunk

    def finish(self) -> Chunk:
        """Return the last chunk: what tool calls still owe, and the finish reason of every choice."""
        if not (self.done or self._ended_by_usage or self._all_finished):
            raise Failure(FailureKind.TRUNCATED, "the answer broke off")
        deltas = []
        for index, progress in sorted((self._progress or {0: _Progress()}).items()):
            last = Delta(index)
            if progress.tools is not None:
                last.tool_calls = progress.tools.finish() or None
            last.finish_reason = progress.outcome
            last.native_finish_reason = progress.native
            deltas.append(last)
        return Chunk(deltas)

    def _chunk(self, body: _Body) -> Chunk | None:
        if body.error:
            raise reported(body.error)
        deltas: list[Delta] = []
        if body.choices:
            for choice in body.choices:
                delta = self._delta(choice)
                if delta is not None:
                    deltas.append(delta)
            if deltas and not self._delivered:
                self._delivered = any(delta.delivers for delta in deltas)
        elif body.choices is None and body.usage is None:
            if body.object == "error" or body.message or body.detail:
                raise reported(body.message or body.detail)
            return None
        if body.system_fingerprint is not None and isinstance(body.system_fingerprint, str):
            self.system_fingerprint = body.system_fingerprint
        if body.usage is None:
            self._ended_by_usage = self._ended_by_usage and not deltas
            return Chunk(deltas)
        usage, invalid = parse_usage(body.usage)
        # Usage that comes alone closes an answer; usage beside text is only a running count.
        if (usage is not None or invalid) and not any(delta.delivers for delta in deltas):
            self._ended_by_usage = self._delivered or not body.choices
        elif deltas:
            self._ended_by_usage = False
        return Chunk(deltas, usage, invalid)

    def _delta(self, choice: _Choice) -> Delta | None:
        if choice.error:
            raise reported(choice.error)
        index = choice.index or 0
        progress = self._progress.get(index)
        begins = progress is None
        if progress is None:
            progress = self._progress[index] = _Progress()
        if choice.finish_reason:
            if choice.finish_reason == "error":
                raise reported("the provider ended the answer with an error")
            progress.finish_reason = FINISH_REASONS.get(choice.finish_reason.lower(), "stop")
            progress.native = choice.native_finish_reason or choice.finish_reason
        source = choice.delta or choice.message
        if source is None:
            if choice.text or choice.logprobs is not None:
                return Delta(index, choice.text or None, logprobs=choice.logprobs)
            return Delta(index) if begins else None

        delta = Delta(
            index,
            source.content or None,
            source.reasoning_content or source.reasoning or source.thinking or None,
            source.refusal or None,
            None,
            choice.logprobs,
        )
        if source.tool_calls:
            if progress.tools is None:
                progress.tools = ToolCalls()
            delta.tool_calls = progress.tools.take(source.tool_calls) or None
        delta.extra = _passed(source)
        progress.called = progress.called or source.function_call is not None
        return delta if begins or delta.delivers or delta.logprobs is not None else None


def collect(chunks: Iterable[Chunk], system_fingerprint: str | None) -> Completion:
    """Return the whole answer that a sequence of chunks, the finishing one included, adds up to."""
    parts: dict[int, list[Delta]] = {}
    usage: Usage | None = None
    invalid = False
    for chunk in chunks:
        for delta in chunk.deltas:
            parts.setdefault(delta.index, []).append(delta)
        if chunk.usage is not None or chunk.usage_invalid:
            usage, invalid = chunk.usage, chunk.usage_invalid
    choices = [_whole(index, deltas) for index, deltas in sorted(parts.items())]
    return Completion(choices, usage, invalid, system_fingerprint)


def _whole(index: int, deltas: list[Delta]) -> Choice:
    calls: dict[int, ToolCall] = {}
    extra: dict[str, Any] = {}
    logprobs: Any = None
    for delta in deltas:
        for piece in delta.tool_calls or ():
            call = calls.setdefault(piece.index, ToolCall(piece.index))
            call.id = call.id or piece.id
            call.name = call.name or piece.name
            call.arguments += piece.arguments
        for field, value in (delta.extra or {}).items():
            extra[field] = _joined(extra.get(field), value)
        if delta.logprobs is not None:
            logprobs = _joined(logprobs, delta.logprobs)
    last = deltas[-1]
    return Choice(
        index,
        last.finish_reason or "stop",
        last.native_finish_reason,
        "".join([delta.content for delta in deltas if delta.content]) or None,
        "".join([delta.reasoning for delta in deltas if delta.reasoning]) or None,
        "".join([delta.refusal for delta in deltas if delta.refusal]) or None,
        list(calls.values()) or None,
        logprobs,
        extra or None,
        last.stop_sequence,
    )


def _text_of(pieces: Iterable[str | None]) -> str | None:
    return "".join(piece for piece in pieces if piece) or None


def _joined(before: Any, value: Any) -> Any:
    """Return two successive values of one streamed field as one: lists and texts grow, objects grow field by field."""
    if isinstance(before, list) and isinstance(value, list):
        return before + value
    if isinstance(before, str) and isinstance(value, str):
        return before + value
    if isinstance(before, dict) and isinstance(value, dict):
        return before | {key: _joined(before.get(key), item) for key, item in value.items()}
    return before if value is None else value


def _passed(source: _Delta) -> dict[str, Any] | None:
    if (
        source.reasoning_details is None
        and source.annotations is None
        and source.audio is None
        and source.images is None
        and source.function_call is None
    ):
        return None
    return {field: value for field in PASSED_FIELDS if (value := getattr(source, field))} or None


def _decode(data: bytes) -> _Body:
    try:
        return _decoder.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return _shape(decode_object(data))


def _shape(value: dict[str, Any]) -> _Body:
    """Return the fields of a decoded body that have a usable form, and leave out the others."""
    choices = value.get("choices")
    if isinstance(choices, list):
        choices = [_shape_choice(choice) for choice in choices if isinstance(choice, dict)]
    return _Body(
        choices if isinstance(choices, list) else None,
        value.get("usage"),
        value.get("error"),
        value.get("system_fingerprint"),
        value.get("object"),
        value.get("message"),
        value.get("detail"),
    )


def _shape_choice(choice: dict[str, Any]) -> _Choice:
    return _Choice(
        count(choice.get("index")),
        _shape_delta(choice.get("delta")),
        _shape_delta(choice.get("message")),
        _string(choice.get("finish_reason")),
        _string(choice.get("native_finish_reason")),
        choice.get("logprobs"),
        choice.get("error"),
        _string(choice.get("text")),
    )


def _shape_delta(delta: Any) -> _Delta | None:
    if not isinstance(delta, dict):
        return None
    content, thought = _texts(delta.get("content"))
    calls = delta.get("tool_calls")
    if isinstance(calls, dict):
        calls = [calls]
    return _Delta(
        content,
        _texts(delta.get("reasoning_content"))[0] or thought,
        _texts(delta.get("reasoning"))[0],
        _texts(delta.get("thinking"))[0],
        _string(delta.get("refusal")),
        [_shape_call(call) for call in calls if isinstance(call, dict)] if isinstance(calls, list) else None,
        *(delta.get(field) for field in PASSED_FIELDS),
    )


def _shape_call(call: dict[str, Any]) -> Piece:
    function = call.get("function")
    if not isinstance(function, dict):
        function = call  # a flat call: name and arguments beside the id
    identifier = call.get("id")
    if isinstance(identifier, int) and not isinstance(identifier, bool):
        identifier = str(identifier)
    arguments = function.get("arguments")
    return Piece(count(call.get("index")), _string(identifier), Function(_string(function.get("name")), arguments))


def _texts(value: Any) -> tuple[str | None, str | None]:
    """Return (text, thinking) of a content that is a string, an object with text, or a list of parts."""
    if isinstance(value, str):
        return value, None
    if isinstance(value, dict):
        if value.get("type") in ("thinking", "reasoning"):
            inner = value.get("thinking") or value.get("reasoning") or value.get("text")
            return None, _texts(inner)[0]
        return _string(value.get("text")), None
    if isinstance(value, list):
        pairs = [_texts(part) for part in value]
        return _text_of(text for text, _ in pairs), _text_of(thought for _, thought in pairs)
    return None, None


def _string(value: Any) -> str | None:
    return value if isinstance(value, str) else None
