"""PURE: Gemini's answers, streamed (`alt=sse`) or whole, to Chunk: the same interface as openai_chunks.Normaliser.

Every event is a GenerateContentResponse. The last of a candidate has its finish reason; then the stream simply ends.
Source: https://ai.google.dev/api/generate-content#GenerateContentResponse and docs/reference/normalisation.md
"""

import secrets
from typing import Any

import msgspec

from omna.providers.base import Chunk, Delta, Failure, FailureKind, ToolCall
from omna.providers.gemini_contents import SIGNATURE_FORMAT
from omna.providers.gemini_usage import parse_usage
from omna.providers.lenient import decode_leniently, fields, objects, text
from omna.providers.openai_errors import printable, read_reason, reported
from omna.providers.sse import Event

FINISH_REASONS = {
    "STOP": "stop",
    "MAX_TOKENS": "length",
    "SAFETY": "content_filter",
    "RECITATION": "content_filter",
    "BLOCKLIST": "content_filter",
    "PROHIBITED_CONTENT": "content_filter",
    "SPII": "content_filter",
    "MODEL_ARMOR": "content_filter",
    "IMAGE_SAFETY": "content_filter",
    "IMAGE_PROHIBITED_CONTENT": "content_filter",
    "IMAGE_RECITATION": "content_filter",
}
"""Gemini's reasons and what OpenAI calls them. Any other reason is a `stop`, but for those of BROKEN."""

#: Reasons that say that the model did not bring its answer to an end: an error, as `error` is elsewhere.
BROKEN = frozenset(
    {
        "MALFORMED_FUNCTION_CALL",
        "UNEXPECTED_TOOL_CALL",
        "TOO_MANY_TOOL_CALLS",
        "MALFORMED_RESPONSE",
        "MISSING_THOUGHT_SIGNATURE",
    }
)

_UNSAID = ("FINISH_REASON_UNSPECIFIED", "BLOCK_REASON_UNSPECIFIED", "BLOCKED_REASON_UNSPECIFIED")


class _Progress:
    """How far one candidate has come."""

    __slots__ = ("calls", "finish_reason", "ids", "images", "native", "signatures")

    def __init__(self) -> None:
        self.calls = 0
        self.images = 0
        self.signatures = 0
        self.ids: set[str] = set()
        self.finish_reason: str | None = None
        self.native: str | None = None

    @property
    def outcome(self) -> str:
        if self.calls and self.finish_reason in (None, "stop"):
            return "tool_calls"
        return self.finish_reason or "stop"


class Normaliser:
    """Turns the events of one answer into chunks.

    Errors  Failure of kind REPORTED for an error inside the answer, STATUS (400, `content_filter`) for a prompt that
            was blocked, MALFORMED for what fits no shape, TRUNCATED from `finish` when the answer never ended
    """

    __slots__ = ("_expected", "_progress", "done", "system_fingerprint")

    def __init__(self, choices: int = 1) -> None:
        self.done = False  # the answer was one whole body, or a proxy said [DONE]
        self.system_fingerprint: str | None = None
        self._expected = choices
        self._progress: dict[int, _Progress] = {}

    @property
    def finished(self) -> bool:
        """Whether every choice that was asked for has its finish reason: only the end can still come."""
        return len(self._progress) >= self._expected and self._all_finished

    @property
    def _all_finished(self) -> bool:
        return bool(self._progress) and all(progress.finish_reason for progress in self._progress.values())

    def take(self, event: Event) -> Chunk | None:
        """Return the chunk that one event of a stream stands for, or None when it says nothing."""
        if self.done:
            return None
        if event.name == b"error":
            message, code = read_reason(event.data)
            raise Failure(FailureKind.REPORTED, message or "the provider reported an error", code=code)
        data = event.data.strip()
        if data == b"[DONE]":
            self.done = True
            return None
        return None if data in (b"", b"null") else self._chunk(_decode(data))

    def take_whole(self, body: bytes) -> Chunk:
        """Return the one chunk of an answer that is a single JSON body: one response, or a stream's as a list."""
        chunk = self._chunk(_decode(body))
        if chunk is None or not self._progress:
            raise Failure(FailureKind.MALFORMED, "the answer has no candidates")
        self.done = True
        return chunk

    def finish(self) -> Chunk:
        """Return the last chunk, with the finish reason of every choice."""
        if not (self.done or self._all_finished):
            raise Failure(FailureKind.TRUNCATED, "the answer broke off")
        return Chunk(
            [
                Delta(index, finish_reason=progress.outcome, native_finish_reason=progress.native)
                for index, progress in sorted((self._progress or {0: _Progress()}).items())
            ]
        )

    def _chunk(self, answer: Any) -> Chunk | None:
        chunk = Chunk([])
        says = False
        for response in answer if isinstance(answer, list) else [answer]:
            if not isinstance(response, dict):
                raise Failure(FailureKind.MALFORMED, "the provider sent JSON that is not an object")
            if response.get("error"):
                raise reported(response["error"])
            candidates = objects(response.get("candidates"))
            if not candidates:
                _refuse_blocked(response.get("promptFeedback"))
            usage, invalid = parse_usage(response.get("usageMetadata"))
            if usage is not None or invalid:
                chunk.usage, chunk.usage_invalid = usage, invalid
            says = says or bool(candidates) or usage is not None or invalid
            chunk.deltas += [delta for candidate in candidates if (delta := self._delta(candidate)) is not None]
        return chunk if says else None

    def _delta(self, candidate: dict[str, Any]) -> Delta | None:
        index = candidate.get("index")
        index = index if type(index) is int and 0 <= index < 10**9 else 0
        begins = index not in self._progress
        progress = self._progress.setdefault(index, _Progress())
        reason = text(candidate.get("finishReason"))
        if reason is not None and reason not in _UNSAID:
            if reason in BROKEN:
                message = text(candidate.get("finishMessage")) or "the model failed to end its answer"
                raise Failure(FailureKind.REPORTED, printable(message), code=reason)
            progress.finish_reason = FINISH_REASONS.get(reason, "stop")
            progress.native = printable(reason)
        delta = Delta(index, logprobs=_logprobs(candidate.get("logprobsResult")))
        for part in objects(fields(candidate.get("content")).get("parts")):
            _add(delta, part, progress)
        return delta if begins or delta.delivers or delta.logprobs is not None else None


def _add(delta: Delta, part: dict[str, Any], progress: _Progress) -> None:
    """Add what one part says to the delta of its candidate."""
    identifier: str | None = None
    if said := text(part.get("text")):
        if part.get("thought") is True:
            delta.reasoning = (delta.reasoning or "") + said
        else:
            delta.content = (delta.content or "") + said
    call = part.get("functionCall")
    if isinstance(call, dict):
        identifier = _identifier(call.get("id"), progress)
        delta.tool_calls = [
            *(delta.tool_calls or ()),
            ToolCall(progress.calls, identifier, text(call.get("name")) or ""),
            ToolCall(progress.calls, arguments=_written(fields(call.get("args")))),
        ]
        progress.calls += 1
    blob = fields(part.get("inlineData"))
    kind, data = text(blob.get("mimeType")), text(blob.get("data"))
    if kind and data and kind.startswith("image/") and part.get("thought") is not True:
        image = {"type": "image_url", "image_url": {"url": f"data:{kind};base64,{data}"}, "index": progress.images}
        _extend(delta, "images", image)
        progress.images += 1
    if signature := text(part.get("thoughtSignature")):
        detail: dict[str, Any] = {"type": "reasoning.encrypted", "data": signature, "format": SIGNATURE_FORMAT}
        if identifier is not None:
            detail["id"] = identifier
        _extend(delta, "reasoning_details", {**detail, "index": progress.signatures})
        progress.signatures += 1


def _extend(delta: Delta, field: str, value: dict[str, Any]) -> None:
    delta.extra = delta.extra or {}
    delta.extra.setdefault(field, []).append(value)


def _identifier(stated: Any, progress: _Progress) -> str:
    """Return the id of a tool call: the stated one when it is new, else one of our own."""
    usable = isinstance(stated, str) and 0 < len(stated) <= 256 and stated not in progress.ids
    identifier: str = stated if usable else f"call_{secrets.token_hex(12)}"
    progress.ids.add(identifier)
    return identifier


def _refuse_blocked(feedback: Any) -> None:
    reason = text(fields(feedback).get("blockReason"))
    if reason is not None and reason not in _UNSAID:
        raise Failure(
            FailureKind.STATUS,
            f"The provider's content filter blocked this prompt ({printable(reason)}).",
            status=400,
            code="content_filter",
        )


def _logprobs(stated: Any) -> dict[str, Any] | None:
    """Return Gemini's logprobsResult in OpenAI's form: one entry per chosen token, with its alternatives."""
    result = fields(stated)
    steps = objects(result.get("topCandidates"))
    content = []
    for number, chosen in enumerate(objects(result.get("chosenCandidates"))):
        others = objects(steps[number].get("candidates")) if number < len(steps) else []
        content.append({**_token(chosen), "top_logprobs": [_token(other) for other in others]})
    return {"content": content, "refusal": None} if content else None


def _token(candidate: dict[str, Any]) -> dict[str, Any]:
    token, logprob = text(candidate.get("token")) or "", candidate.get("logProbability")
    return {
        "token": token,
        # Gemini leaves out a zero: that token was certain.
        "logprob": logprob if type(logprob) in (int, float) else 0.0,
        "bytes": list(token.encode()),
    }


def _decode(data: bytes) -> Any:
    try:
        return msgspec.json.decode(data)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return decode_leniently(data)


def _written(value: dict[str, Any]) -> str:
    try:
        return msgspec.json.encode(value).decode()
    except RecursionError:
        raise Failure(FailureKind.MALFORMED, "the provider sent JSON that is nested too deep") from None
