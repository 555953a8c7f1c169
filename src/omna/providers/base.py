"""What every provider adapter speaks: one call in, normalised chunks or one completion out, failures by kind.

An adapter translates and never decides: it does not retry, does not price, does not know workspaces. It normalises what
the upstream sends to the forms below (docs/reference/normalisation.md), so that nothing behind it meets a dialect.
"""

from collections.abc import AsyncIterator
from enum import StrEnum
from typing import Any, Literal, Protocol

import msgspec

#: The shapes a request for an answer can come in; `body` of a Call always has the first one, or is a completions body.
Dialect = Literal["chat", "completions", "responses", "messages"]


class Endpoint(msgspec.Struct, frozen=True):
    """Where a provider listens and how to authenticate there. `allow_private` admits exactly this host and port."""

    name: str
    base_url: str
    secret: str | None = None
    allow_private: bool = False


class Timeouts(msgspec.Struct, frozen=True):
    """Deadlines of one upstream call, in seconds. `progress` is fed by content events only, never by comments.

    An answer that is not streamed says nothing before it is whole: only `connect` and `total` bound it.
    """

    connect: float = 5.0
    first_byte: float = 60.0
    progress: float = 60.0
    total: float = 900.0


class Call(msgspec.Struct, frozen=True):
    """One request to one upstream, already bounded by the gateway.

    body        in chat form, unknown fields included; of `completions` the body of that endpoint, which has no other
                form. `model`, `stream`, `stream_options` and the output bound are the adapter's
    model       the name the upstream knows
    max_tokens  the output bound that was paid for; the upstream is never allowed more
    request_id  sent along as x-request-id
    dialect     what the client spoke
    native      the body as the client sent it, when that was another form than chat: an adapter whose upstream speaks
                that dialect sends this one, fields it does not know included, and every other adapter sends `body`
    beta        the client's `anthropic-beta` header, for upstreams that know it
    traceparent the span of this call, for an upstream of the operator's own
    """

    body: dict[str, Any]
    model: str
    max_tokens: int
    request_id: str
    timeouts: Timeouts
    dialect: Dialect = "chat"
    native: dict[str, Any] | None = None
    beta: str | None = None
    traceparent: str | None = None


class Forward(msgspec.Struct, frozen=True, kw_only=True):
    """A request that is passed on as it is, for endpoints whose answers are no text: embeddings, images, audio.

    path     below the base URL, for example `embeddings`
    content  the body, with the upstream's name of the model in it
    """

    path: str
    content: bytes
    content_type: str
    request_id: str
    timeouts: Timeouts
    traceparent: str | None = None


class Forwarded(msgspec.Struct, frozen=True):
    """What came back with status 200, to its end."""

    content: bytes
    content_type: str


class Usage(msgspec.Struct, frozen=True):
    """Token counts as the provider states them, all >= 0: cached, cache_write, audio_prompt and image_prompt ⊂ prompt;
    reasoning, audio_completion and image_completion ⊂ completion.
    """

    prompt: int
    completion: int
    cached: int = 0
    cache_write: int = 0
    reasoning: int = 0
    audio_prompt: int = 0
    audio_completion: int = 0
    image_prompt: int = 0
    image_completion: int = 0


class ToolCall(msgspec.Struct):
    """A piece of a tool call: `id` and `name` come once, with the first piece; arguments are concatenated JSON text."""

    index: int
    id: str | None = None
    name: str | None = None
    arguments: str = ""


class Delta(msgspec.Struct):
    """What one choice gained. `finish_reason` is one of OpenAI's values and comes once per choice, last."""

    index: int = 0
    content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    logprobs: Any = None
    finish_reason: str | None = None
    native_finish_reason: str | None = None
    #: which of the caller's stop sequences ended the choice, where the upstream says so
    stop_sequence: str | None = None
    #: fields passed through as they came, for example `reasoning_details`, `annotations`, `audio`.
    #: `reasoning_details` is a list of `{"type": "reasoning.text", "text"?, "signature"?, "format", "index"}` and
    #: `{"type": "reasoning.encrypted", "data", "id"?, "format", "index"}`; `format` is "anthropic-claude-v1",
    #: "openai-responses-v1", "google-gemini-v1" or what the upstream said. Its text is in `reasoning` as well.
    extra: dict[str, Any] | None = None

    @property
    def delivers(self) -> bool:
        """Whether this gives the client something it pays for."""
        return bool(self.content or self.reasoning or self.refusal or self.tool_calls or self.extra)


class Chunk(msgspec.Struct):
    """One upstream event. `usage` is the latest statement; `usage_invalid`: one came that cannot be believed."""

    deltas: list[Delta]
    usage: Usage | None = None
    usage_invalid: bool = False


class Choice(msgspec.Struct):
    """One finished choice of a non-stream answer."""

    index: int
    finish_reason: str
    native_finish_reason: str | None = None
    content: str | None = None
    reasoning: str | None = None
    refusal: str | None = None
    tool_calls: list[ToolCall] | None = None
    logprobs: Any = None
    extra: dict[str, Any] | None = None
    stop_sequence: str | None = None

    @property
    def delivers(self) -> bool:
        return bool(self.content or self.reasoning or self.refusal or self.tool_calls or self.extra)


class Completion(msgspec.Struct):
    """A whole non-stream answer. `service_tier`, `system_fingerprint`: strings as they came, or absent."""

    choices: list[Choice]
    usage: Usage | None = None
    usage_invalid: bool = False
    system_fingerprint: str | None = None


class FailureKind(StrEnum):
    """Why an upstream call failed; gateway/faults.py turns it into retry, fallback and the client's error."""

    UNSUPPORTED = "unsupported"  # this upstream has no such endpoint or parameter (`param`): nothing was sent
    CROWDED = "crowded"  # this process has too many calls at the provider already: nothing was sent
    CONNECT = "connect"  # DNS, refused, TLS, connect time-out: the request was not sent
    RESET = "reset"  # the connection broke after the request was sent, before the answer was complete
    STATUS = "status"  # an HTTP status that is not 200; see `status`
    MALFORMED = "malformed"  # HTML, garbage, compressed, oversized, redirect, or an answer that fits no shape
    REPORTED = "reported"  # 200 with an error object, an error event, or finish_reason "error"
    TRUNCATED = "truncated"  # the stream ended without a finish and without [DONE]
    FIRST_BYTE = "first_byte"  # no first event in time
    PROGRESS = "progress"  # no content event in time
    TOTAL = "total"  # the whole call took too long


class Failure(Exception):
    """An upstream call failed.

    status       the HTTP status, when there was an answer
    code         the upstream's own error code or type, when it gave one
    message      the upstream's reason, safe to show for a client's mistake only (never for 401, 402, 403)
    retry_after  seconds, as the upstream hinted
    param        of UNSUPPORTED: the field of the caller's body that this upstream cannot take
    """

    def __init__(
        self,
        kind: FailureKind,
        message: str = "",
        *,
        status: int | None = None,
        code: str | None = None,
        retry_after: float | None = None,
        param: str | None = None,
    ) -> None:
        self.kind = kind
        self.status = status
        self.code = code
        self.message = message
        self.retry_after = retry_after
        self.param = param
        super().__init__(f"{kind}: {status or ''} {message}".strip())


class Provider(Protocol):
    """One upstream account. Instances are shared by all requests of a process and hold the connection pool."""

    async def complete(self, call: Call) -> Completion:
        """Return the whole answer. Raises Failure. Cancelling it closes the upstream connection."""
        ...

    def stream(self, call: Call) -> AsyncIterator[Chunk]:
        """Yield chunks as they arrive. Raises Failure; closing the iterator closes the upstream connection.

        Every choice that the upstream finished has exactly one Delta with a finish_reason by the time this ends.
        """
        ...

    async def forward(self, request: Forward) -> Forwarded:
        """Pass a request on and return the whole answer. Raises Failure; UNSUPPORTED when this upstream has no such."""
        ...

    async def close(self) -> None:
        """Close the pool; calls in progress fail."""
        ...
