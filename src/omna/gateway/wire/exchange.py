"""One HTTP exchange under /v1: credentials in, headers and JSON out.

Raw ASGI: a framework's objects would cost each request more than admission does.
"""

import asyncio
from collections.abc import Awaitable, Callable, MutableMapping
from typing import Any, cast
from urllib.parse import unquote_to_bytes

from omna.clock import monotonic
from omna.errors import ConflictingCredentials, InvalidApiKey, KeyInUrl, OmnaError, RequestTimeout
from omna.gateway.model import Rate
from omna.gateway.wire.errors import Headers, error_body, error_headers
from omna.http.body import drain
from omna.http.strict_json import dumps
from omna.ids import RequestId, new_id, show
from omna.keys import model as keys

Scope = MutableMapping[str, Any]
Message = MutableMapping[str, Any]
Receive = Callable[[], Awaitable[Message]]
Send = Callable[[Message], Awaitable[None]]

#: A refused request's body is read and dropped for so long, to keep the connection.
_DRAIN_SECONDS = 2.0

#: Open to every origin, without credentials: keys travel in headers that scripts must set themselves.
CORS: Headers = [
    (b"access-control-allow-origin", b"*"),
    (
        b"access-control-expose-headers",
        (
            b"x-request-id, request-id, x-generation-id, openai-processing-ms, "
            b"retry-after, retry-after-ms, x-should-retry, "
            b"x-ratelimit-limit-requests, x-ratelimit-remaining-requests, x-ratelimit-reset-requests, "
            b"x-ratelimit-limit-tokens, x-ratelimit-remaining-tokens, x-ratelimit-reset-tokens, "
            b"x-omna-model, x-omna-provider, x-omna-overhead-ms, x-omna-cost, idempotent-replayed"
        ),
    ),
]


class Exchange:
    """A request and its answer. The id is made here, shown in every answer, and never taken from the client."""

    def __init__(self, scope: Scope, receive: Receive, send: Send) -> None:
        self.scope = scope
        self.headers: Headers = scope["headers"]
        self._receive = receive
        self.send = send
        self.request_id = RequestId(new_id())
        self.received_at = monotonic()
        self.started = False
        #: How errors read here: a dialect with an envelope of its own replaces it.
        self.error_body: Callable[[OmnaError, RequestId], Any] = _error_body
        #: The headers that show the id of the request.
        self.id_headers: tuple[bytes, ...] = (b"x-request-id",)
        #: Set when all of the body was read: what is left of an unread one is dropped before a refusal.
        self.body_read = scope["method"] != "POST"

    async def receive(self) -> Message:
        """Return the next message of the client, and take note of the last one of the body."""
        message = await self._receive()
        if not message.get("more_body", False):
            self.body_read = True
        return message

    def header(self, name: bytes) -> str | None:
        """Return a header's value, None without it; `name` in lower case."""
        for key, value in self.headers:
            if key == name:
                return value.decode("latin-1")
        return None

    def key(self) -> str:
        """Return the API key of the request, its shape and checksum proven.

        Errors  InvalidApiKey, ConflictingCredentials, KeyInUrl
        """
        found = set()
        for name, value in self.headers:
            if name == b"authorization":
                scheme, _, credential = value.strip().partition(b" ")
                if scheme.lower() == b"bearer":
                    found.add(credential.strip())
            elif name == b"x-api-key":
                found.add(value.strip())
        query = self.scope["query_string"]
        if query and b"omna_" in (unquote_to_bytes(query) if b"%" in query else query):
            raise KeyInUrl
        if len(found) > 1:
            raise ConflictingCredentials
        text = found.pop().decode("latin-1") if found else ""
        if not keys.well_formed(text):
            if keys.well_formed_management(text):
                raise InvalidApiKey("A management key opens /api, and nothing under /v1. Send an API key, `omna_…`.")
            raise InvalidApiKey
        return text

    def watch(self, act: Callable[["asyncio.Future[Message]"], object]) -> "asyncio.Future[Message]":
        """Call `act` when the client goes away. The body must have been read; cancel the future when all is sent."""
        message: Any = self._receive()
        # The server hands out a future of its own: waiting on it costs no task.
        future = message if hasattr(message, "add_done_callback") else asyncio.ensure_future(message)
        future.add_done_callback(act)
        return cast("asyncio.Future[Message]", future)

    async def answer(self, status: int, body: Any, headers: Headers | None = None) -> None:
        """Send a whole JSON answer."""
        await self.answer_bytes(status, dumps(body), headers)

    async def answer_bytes(
        self, status: int, content: bytes, headers: Headers | None = None, content_type: bytes = b"application/json"
    ) -> None:
        """Send a whole answer that is in bytes already."""
        described = [(b"content-type", content_type), (b"content-length", b"%d" % len(content))]
        await self.start(status, [*described, *(headers or ())])
        await self.send({"type": "http.response.body", "body": content, "more_body": False})

    async def replay(self, request_id: RequestId, answer_id: str, content: bytes) -> None:
        """Send the answer an earlier request got, under that request's id."""
        self.request_id = request_id
        headers = [(b"idempotent-replayed", b"true"), (b"x-generation-id", answer_id.encode())]
        await self.answer_bytes(200, content, headers)

    async def refuse(self, error: OmnaError, headers: Headers | None = None) -> None:
        """Send an error. The connection outlives it, unless the body is too much to read in vain."""
        headers = list(headers or rate_headers(error.rate))
        # A client that is too slow is not waited for again: its connection ends with the answer.
        if not self.body_read and not isinstance(error, RequestTimeout) and not await self._drop_body():
            headers.append((b"connection", b"close"))
        await self.answer(error.status, self.error_body(error, self.request_id), [*error_headers(error), *headers])

    async def _drop_body(self) -> bool:
        try:
            async with asyncio.timeout(_DRAIN_SECONDS):
                return await drain(self.receive)
        except TimeoutError:
            return False

    async def start(self, status: int, headers: Headers) -> None:
        """Send status and headers, those of every answer included."""
        self.started = True
        await self.send(
            {
                "type": "http.response.start",
                "status": status,
                "headers": [
                    *headers,
                    *[(name, show("req", self.request_id).encode()) for name in self.id_headers],
                    (b"openai-processing-ms", b"%d" % ((monotonic() - self.received_at) * 1000)),
                    *CORS,
                ],
            }
        )


def _error_body(error: OmnaError, request_id: RequestId) -> Any:
    return error_body(error)


def rate_headers(rate: Rate | None) -> Headers:
    """Return the x-ratelimit headers of a key with a limit; nothing without one."""
    if rate is None:
        return []
    milliseconds = max(0, round((rate.full_at - rate.decided_at).total_seconds() * 1000))
    return [
        (b"x-ratelimit-limit-requests", b"%d" % rate.limit),
        (b"x-ratelimit-remaining-requests", b"%d" % rate.left),
        (b"x-ratelimit-reset-requests", _duration(milliseconds).encode()),
    ]


def _duration(milliseconds: int) -> str:
    """Return a time as OpenAI writes it: 12ms, 1s, 6m0s."""
    if milliseconds < 1000:
        return f"{milliseconds}ms"
    seconds = -(-milliseconds // 1000)
    return f"{seconds}s" if seconds < 60 else f"{seconds // 60}m{seconds % 60}s"
