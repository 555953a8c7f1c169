"""The adapter for every host that serves `chat/completions` in OpenAI's format: requests out, bytes in.

Transport only. What the bytes mean is in openai_chunks.py, what failures say in openai_errors.py, what hosts want
differently in openai_habits.py, where they may be in egress.py.
"""

import asyncio
from collections.abc import AsyncGenerator
from datetime import UTC, datetime

import msgspec
from aiohttp import (
    ClientConnectorError,
    ClientError,
    ClientOSError,
    ClientPayloadError,
    ClientResponse,
    ClientSession,
    ClientTimeout,
    ConnectionTimeoutError,
    DummyCookieJar,
    InvalidURL,
    ServerDisconnectedError,
    StreamReader,
    TCPConnector,
)
from yarl import URL

from omna.clock import Deadline
from omna.providers.base import Call, Chunk, Completion, Endpoint, Failure, FailureKind, Forward, Forwarded
from omna.providers.egress import Guard
from omna.providers.openai_chunks import Normaliser, collect
from omna.providers.openai_errors import Reason, parse_retry_after, read_reason
from omna.providers.openai_habits import COMMON, Habits, request_body
from omna.providers.sse import EventReader, Oversized
from omna.providers.watch import MESSAGES, Watch

MAX_JSON_BYTES = 64 << 20
MAX_REASON_BYTES = 64 << 10
MAX_HEADER_BYTES = 32 << 10

#: Seconds for the body of a failed answer: the status says most, its reason is not worth a long wait.
REASON_SECONDS = 5.0
#: Seconds an answer that is complete may take to say [DONE] or to end; the client has been served by then.
LINGER_SECONDS = 2.0

_BLANKS = b" \t\r\n\xef\xbb\xbf"


class Bulkhead:
    """Counts calls in flight and refuses the one too many: for less than a connection pool's own accounts cost."""

    __slots__ = ("_in_flight", "_most")

    def __init__(self, most: int) -> None:
        self._most = most
        self._in_flight = 0

    def __enter__(self) -> None:
        if self._in_flight >= self._most:
            raise Failure(FailureKind.CROWDED, "too many calls to this provider are running")
        self._in_flight += 1

    def __exit__(self, *exc: object) -> None:
        self._in_flight -= 1


class OpenAIProvider:
    """One account at one host. Safe for any number of concurrent calls of one event loop.

    connections  the most calls at a time; one more fails as CROWDED, at once, and may go to another provider
    Errors       EgressRefused and ValueError at construction, for an endpoint that cannot be used
    """

    def __init__(self, endpoint: Endpoint, connections: int, habits: Habits = COMMON) -> None:
        self._guard = Guard(endpoint)
        self._url = URL(f"{self._guard.url}/chat/completions")
        self._habits = habits
        self._secret = endpoint.secret or ""
        self._headers = {
            "User-Agent": "omna",
            "Accept-Encoding": "identity",
            "Content-Type": "application/json",
        }
        if self._secret:
            if not self._secret.isascii() or not self._secret.isprintable():
                raise ValueError(f"the key of provider {endpoint.name} holds characters that no header can carry")
            self._headers["Authorization"] = f"Bearer {self._secret}"
        self._session: ClientSession | None = None
        self._closed = False
        self._timeout = ClientTimeout(total=None, connect=None, sock_connect=5.0, sock_read=None)
        self._bulkhead = Bulkhead(connections)

    async def complete(self, call: Call) -> Completion:
        """Return the whole answer.

        Only connect and total bound it: an answer that is not streamed says nothing until it is written.
        """
        loop = asyncio.get_running_loop()
        try:
            with self._bulkhead, Deadline(loop.time() + call.timeouts.total):
                response = await self._post(call, stream=False)
                try:
                    body = await _read_all(response.content)
                except BaseException:
                    response.close()
                    raise
        except TimeoutError:
            raise Failure(FailureKind.TOTAL, MESSAGES[FailureKind.TOTAL]) from None
        except (ClientError, OSError) as error:
            raise _broken(error) from None
        normaliser = Normaliser(_choices(call))
        chunks = _read_chunks(body, normaliser)
        chunks.append(normaliser.finish())
        return collect(chunks, normaliser.system_fingerprint)

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of an answer; an answer that was not streamed is one chunk and the finish."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        timeouts = call.timeouts
        with self._bulkhead:
            try:
                with Deadline(started + min(timeouts.first_byte, timeouts.total)):
                    response = await self._post(call, stream=True)
            except TimeoutError:
                kind = FailureKind.FIRST_BYTE if timeouts.first_byte <= timeouts.total else FailureKind.TOTAL
                raise Failure(kind, MESSAGES[kind]) from None
            watch = Watch(response, started, timeouts)
            complete = False
            try:
                normaliser = Normaliser(_choices(call))
                content = response.content
                head = await _read_head(content)
                if head[:1] in (b"{", b"["):
                    watch.expect(FailureKind.PROGRESS, timeouts.progress)
                    yield normaliser.take_whole(await _read_all(content, head, watch, timeouts.progress))
                else:
                    reader = EventReader()
                    piece = head
                    begun = False
                    while True:
                        delivers = False
                        watch.pause()
                        for event in reader.feed(piece) if piece else reader.finish():
                            chunk = normaliser.take(event)
                            if chunk is not None:
                                yield chunk
                                delivers = delivers or not begun or any(delta.delivers for delta in chunk.deltas)
                                begun = True
                        if not piece or normaliser.done:
                            break
                        if normaliser.finished:
                            watch.expect(FailureKind.PROGRESS, LINGER_SECONDS)
                        elif delivers:
                            watch.expect(FailureKind.PROGRESS, timeouts.progress)
                        else:
                            watch.resume()
                        try:
                            piece = await content.readany()
                        except (ClientError, OSError):
                            if not normaliser.finished:
                                raise
                            break  # the answer is whole; how its connection ends changes nothing
                    if head and not begun and not normaliser.done:
                        raise Failure(FailureKind.MALFORMED, "the provider sent neither JSON nor events")
                complete = True
                yield normaliser.finish()
            except (ClientError, OSError) as error:
                raise watch.failure() or _broken(error) from None
            except Oversized as error:
                complete = False
                raise Failure(FailureKind.MALFORMED, f"the provider sent too much: {error}") from None
            finally:
                watch.stop()
                if not complete:
                    response.close()
                elif not response.content.at_eof():
                    # The end of the body is usually in flight: the connection goes back to the pool when it comes,
                    # without anybody waiting for it, and is closed when it does not.
                    loop.call_later(LINGER_SECONDS, response.close)

    async def forward(self, request: Forward) -> Forwarded:
        raise Failure(FailureKind.UNSUPPORTED, "this provider only answers chats so far")

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()
        await self._guard.close()

    async def _post(self, call: Call, *, stream: bool) -> ClientResponse:
        """Send the request and return an answer worth reading: status 200, not compressed, not a page.

        Errors  Failure; TimeoutError is the caller's own deadline
        """
        if self._closed:
            raise Failure(FailureKind.CONNECT, "this provider was closed")
        try:
            response = await self._open_session().post(
                self._url,
                data=msgspec.json.encode(request_body(call, self._habits, stream=stream)),
                headers={
                    **self._headers,
                    "Accept": "text/event-stream" if stream else "application/json",
                    "X-Request-Id": call.request_id,
                },
                allow_redirects=False,
                timeout=self._timeout_for(call.timeouts.connect),
            )
        except (ClientConnectorError, ConnectionTimeoutError, InvalidURL) as error:
            raise Failure(FailureKind.CONNECT, _without_url(error)) from None
        except TimeoutError:
            raise
        except (ClientError, OSError) as error:
            raise _broken(error) from None
        try:
            await self._refuse_unusable(response)
        except BaseException:
            response.close()
            raise
        return response

    async def _refuse_unusable(self, response: ClientResponse) -> None:
        status = response.status
        headers = response.headers
        encoding = headers.get("Content-Encoding", "identity").strip().lower()
        if 300 <= status < 400:
            raise Failure(FailureKind.MALFORMED, "the provider answered with a redirect", status=status)
        if status != 200:
            reason = await _read_reason(response.content) if encoding in ("", "identity") else Reason("")
            raise Failure(
                FailureKind.STATUS,
                self._redacted(reason.message),
                status=status,
                code=reason.code,
                retry_after=parse_retry_after(headers, datetime.now(UTC)),
            )
        if encoding not in ("", "identity"):
            raise Failure(FailureKind.MALFORMED, "the provider compressed its answer, unasked", status=status)
        if headers.get("Content-Type", "").lower().startswith("text/html"):
            raise Failure(FailureKind.MALFORMED, "the provider answered with an HTML page", status=status)
        if (response.content_length or 0) > MAX_JSON_BYTES:
            raise Failure(FailureKind.MALFORMED, "the provider's answer is too large", status=status)

    def _redacted(self, message: str) -> str:
        return message.replace(self._secret, "[key]") if self._secret else message

    def _timeout_for(self, connect: float) -> ClientTimeout:
        if self._timeout.sock_connect != connect:
            self._timeout = ClientTimeout(total=None, connect=None, sock_connect=connect, sock_read=None)
        return self._timeout

    def _open_session(self) -> ClientSession:
        # Made at the first call, because a session belongs to the event loop that runs then.
        if self._session is None:
            self._session = ClientSession(
                connector=TCPConnector(
                    limit=0,  # the bulkhead counts
                    limit_per_host=0,
                    resolver=self._guard,
                    socket_factory=self._guard.open_socket,
                ),
                cookie_jar=DummyCookieJar(),
                trust_env=False,
                auto_decompress=False,
                raise_for_status=False,
                timeout=self._timeout,
                max_line_size=8190,
                max_field_size=MAX_HEADER_BYTES,
                max_headers=100,
            )
        return self._session


async def _read_head(content: StreamReader) -> bytes:
    """Return the first bytes of an answer from its first significant one on; empty when it has none.

    Errors  Failure when the answer is markup
    """
    seen = 0
    while piece := await content.readany():
        seen += len(piece)
        head = piece.lstrip(_BLANKS)
        if head[:1] == b"<":
            raise Failure(FailureKind.MALFORMED, "the provider answered with a page")
        if head or seen > MAX_REASON_BYTES:
            return head
    return b""


async def _read_all(
    content: StreamReader, head: bytes = b"", watch: Watch | None = None, progress: float = 0.0
) -> bytes:
    """Return a body to its end.

    Errors  Failure when it is larger than MAX_JSON_BYTES
    """
    pieces = [head]
    size = len(head)
    while piece := await content.readany():
        size += len(piece)
        if size > MAX_JSON_BYTES:
            raise Failure(FailureKind.MALFORMED, "the provider's answer is too large")
        pieces.append(piece)
        if watch is not None:
            watch.expect(FailureKind.PROGRESS, progress)
    return b"".join(pieces)


async def _read_reason(content: StreamReader) -> Reason:
    body = b""
    try:
        async with asyncio.timeout(REASON_SECONDS):
            while len(body) < MAX_REASON_BYTES and (piece := await content.readany()):
                body += piece
    except (ClientError, OSError, TimeoutError):
        pass  # what came of it is enough: the status is the failure
    return read_reason(body[:MAX_REASON_BYTES])


def _read_chunks(body: bytes, normaliser: Normaliser) -> list[Chunk]:
    """Return the chunks of a body that was asked for as JSON: one, or the many of a server that only streams."""
    head = body[:64].lstrip(_BLANKS)
    if head[:1] in (b"{", b"["):
        return [normaliser.take_whole(body.lstrip(_BLANKS))]
    if head[:1] == b"<":
        raise Failure(FailureKind.MALFORMED, "the provider answered with a page")
    reader = EventReader()
    try:
        events = reader.feed(body) + reader.finish()
    except Oversized as error:
        raise Failure(FailureKind.MALFORMED, f"the provider sent too much: {error}") from None
    if not events:
        raise Failure(FailureKind.MALFORMED, "the provider sent neither JSON nor events")
    return [chunk for event in events if (chunk := normaliser.take(event)) is not None]


def _choices(call: Call) -> int:
    n = call.body.get("n")
    return n if type(n) is int and n > 0 else 1


def _broken(error: BaseException) -> Failure:
    if isinstance(error, ClientPayloadError | ServerDisconnectedError | ClientOSError | OSError):
        return Failure(FailureKind.RESET, "the connection to the provider broke")
    return Failure(FailureKind.MALFORMED, "the provider did not answer in HTTP")


def _without_url(error: BaseException) -> str:
    # aiohttp's own text names host, port and TLS options; the operator knows the provider by its name.
    cause = getattr(error, "os_error", None) or error.__cause__
    if isinstance(error, ConnectionTimeoutError):
        return "no connection to the provider in time"
    return f"no connection to the provider: {cause or type(error).__name__}"
