"""What every adapter that speaks HTTP shares: requests out, answers in, within deadlines and bounds.

An adapter is an HttpProvider that says how it authenticates and makes an Outgoing of a Call: a URL, a body from a pure
translator, and a pure normaliser for the answer. Where it may connect to is in egress.py.
"""

import asyncio
from collections.abc import AsyncGenerator, Mapping
from datetime import UTC, datetime
from typing import Any, NamedTuple

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
    TCPConnector,
)
from yarl import URL

from omna.clock import Deadline
from omna.providers.base import (
    Call,
    Chunk,
    Completion,
    Endpoint,
    Failure,
    FailureKind,
    Forward,
    Forwarded,
    Timeouts,
)
from omna.providers.egress import Guard
from omna.providers.openai_chunks import collect
from omna.providers.openai_errors import Reason, parse_retry_after
from omna.providers.reading import MAX_BODY_BYTES, Normaliser, read_all, read_chunks, read_failure, read_head
from omna.providers.sse import EventReader, Oversized
from omna.providers.watch import MESSAGES, Watch

MAX_HEADER_BYTES = 32 << 10

#: Seconds an answer that is complete may take to say that it ends; the client has been served by then.
LINGER_SECONDS = 2.0

_JSON = {"Content-Type": "application/json"}


class Outgoing(NamedTuple):
    """One call as the wire wants it: `headers` are those of this call alone."""

    url: URL
    body: dict[str, Any]
    normaliser: Normaliser
    headers: Mapping[str, str] = _JSON


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


class HttpProvider:
    """One account at one host. Safe for any number of concurrent calls of one event loop.

    connections  the most calls at a time; one more fails as CROWDED, at once, and may go to another provider
    Errors       EgressRefused and ValueError at construction, for an endpoint that cannot be used
    """

    def __init__(self, endpoint: Endpoint, connections: int) -> None:
        self._guard = Guard(endpoint)
        self._secret = endpoint.secret or ""
        if self._secret and (not self._secret.isascii() or not self._secret.isprintable()):
            raise ValueError(f"the key of provider {endpoint.name} holds characters that no header can carry")
        self._headers = {"User-Agent": "omna", "Accept-Encoding": "identity"}
        if self._secret:
            self._headers |= self.authentication(self._secret)
        self._session: ClientSession | None = None
        self._closed = False
        self._timeout = ClientTimeout(total=None, connect=None, sock_connect=5.0, sock_read=None)
        self._bulkhead = Bulkhead(connections)

    def authentication(self, secret: str) -> dict[str, str]:
        """Return the headers that carry the key."""
        return {"Authorization": f"Bearer {secret}"}

    def prepare(self, call: Call, *, stream: bool) -> Outgoing:
        """Return the request that a call becomes.

        Errors  Failure of kind UNSUPPORTED for what this upstream cannot do
        """
        raise NotImplementedError

    def refused(self, failure: Failure) -> Failure:
        """Return what a refusal means; an adapter whose upstream uses a status for something else says so here."""
        return failure

    async def complete(self, call: Call) -> Completion:
        """Return the whole answer.

        Only connect and total bound it: an answer that is not streamed says nothing until it is written.
        """
        url, body, normaliser, headers = self.prepare(call, stream=False)
        accepting = {**headers, "Accept": "application/json"}
        if call.traceparent is not None:
            accepting["traceparent"] = call.traceparent
        answer, _ = await self._fetch(url, msgspec.json.encode(body), accepting, call.request_id, call.timeouts)
        try:
            chunks = read_chunks(answer, normaliser)
            chunks.append(normaliser.finish())
        except Failure as failure:
            raise self._redacted(failure) from None
        return collect(chunks, normaliser.system_fingerprint)

    async def stream(self, call: Call) -> AsyncGenerator[Chunk, None]:
        """Yield the chunks of an answer; an answer that was not streamed is one chunk and the finish."""
        loop = asyncio.get_running_loop()
        started = loop.time()
        timeouts = call.timeouts
        with self._bulkhead:
            url, body, normaliser, headers = self.prepare(call, stream=True)
            accepting = {**headers, "Accept": "text/event-stream"}
            if call.traceparent is not None:
                accepting["traceparent"] = call.traceparent
            try:
                with Deadline(started + min(timeouts.first_byte, timeouts.total)):
                    response = await self._post(
                        url, msgspec.json.encode(body), accepting, call.request_id, timeouts.connect
                    )
            except TimeoutError:
                kind = FailureKind.FIRST_BYTE if timeouts.first_byte <= timeouts.total else FailureKind.TOTAL
                raise Failure(kind, MESSAGES[kind]) from None
            watch = Watch(response, started, timeouts)
            complete = False
            try:
                content = response.content
                head = await read_head(content)
                if head[:1] in (b"{", b"["):
                    watch.expect(FailureKind.PROGRESS, timeouts.progress)
                    yield normaliser.take_whole(await read_all(content, head, watch, timeouts.progress))
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
            except Failure as failure:
                raise self._redacted(failure) from None
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
        """Pass a request on; an adapter that can do it says so by overriding this."""
        raise Failure(FailureKind.UNSUPPORTED, f"this provider has no {request.path}")

    async def close(self) -> None:
        self._closed = True
        if self._session is not None:
            await self._session.close()
        await self._guard.close()

    async def _fetch(
        self, url: URL, content: bytes, headers: Mapping[str, str], request_id: str, timeouts: Timeouts
    ) -> tuple[bytes, str]:
        """Return a whole answer and its content type, within `connect` and `total`.

        Errors  Failure
        """
        try:
            with self._bulkhead, Deadline(asyncio.get_running_loop().time() + timeouts.total):
                response = await self._post(url, content, headers, request_id, timeouts.connect)
                try:
                    body = await read_all(response.content)
                except BaseException:
                    response.close()
                    raise
        except TimeoutError:
            raise Failure(FailureKind.TOTAL, MESSAGES[FailureKind.TOTAL]) from None
        except (ClientError, OSError) as error:
            raise _broken(error) from None
        return body, response.headers.get("Content-Type", "")

    async def _post(
        self, url: URL, content: bytes, headers: Mapping[str, str], request_id: str, connect: float
    ) -> ClientResponse:
        """Send a request and return an answer worth reading: status 200, not compressed, not a page.

        Errors  Failure; TimeoutError is the caller's own deadline
        """
        if self._closed:
            raise Failure(FailureKind.CONNECT, "this provider was closed")
        try:
            response = await self._open_session().post(
                url,
                data=content,
                headers={**self._headers, **headers, "X-Request-Id": request_id},
                allow_redirects=False,
                timeout=self._timeout_for(connect),
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
            reason = await read_failure(response.content) if encoding in ("", "identity") else Reason("")
            failure = Failure(
                FailureKind.STATUS,
                reason.message,
                status=status,
                code=reason.code,
                retry_after=parse_retry_after(headers, datetime.now(UTC)),
            )
            raise self._redacted(self.refused(failure))
        if encoding not in ("", "identity"):
            raise Failure(FailureKind.MALFORMED, "the provider compressed its answer, unasked", status=status)
        if headers.get("Content-Type", "").lower().startswith("text/html"):
            raise Failure(FailureKind.MALFORMED, "the provider answered with an HTML page", status=status)
        if (response.content_length or 0) > MAX_BODY_BYTES:
            raise Failure(FailureKind.MALFORMED, "the provider's answer is too large", status=status)

    def _redacted(self, failure: Failure) -> Failure:
        """Return a failure whose words do not hold this provider's key, should the upstream have repeated it."""
        if not self._secret or self._secret not in f"{failure.message} {failure.code}":
            return failure
        return Failure(
            failure.kind,
            failure.message.replace(self._secret, "[key]"),
            status=failure.status,
            code=failure.code and failure.code.replace(self._secret, "[key]"),
            retry_after=failure.retry_after,
            param=failure.param,
        )

    def _timeout_for(self, connect: float) -> ClientTimeout:
        if self._timeout.sock_connect != connect:
            self._timeout = ClientTimeout(total=None, connect=None, sock_connect=connect, sock_read=None)
        return self._timeout

    def _open_session(self) -> ClientSession:
        # Made at the first call, because a session belongs to the event loop that runs then.
        if self._session is None:
            self._session = open_session(self._guard, self._timeout, max_field_size=MAX_HEADER_BYTES)
        return self._session


def open_session(guard: Guard, timeout: ClientTimeout, max_field_size: int = 8190) -> ClientSession:
    """Return a session that connects where the guard allows, keeps nothing of what a provider sets, and bounds headers.

    It follows redirects unless every call says `allow_redirects=False`. Whoever calls counts the connections.
    """
    return ClientSession(
        connector=TCPConnector(limit=0, limit_per_host=0, resolver=guard, socket_factory=guard.open_socket),
        cookie_jar=DummyCookieJar(),
        trust_env=False,
        auto_decompress=False,
        raise_for_status=False,
        timeout=timeout,
        max_line_size=8190,
        max_field_size=max_field_size,
        max_headers=100,
    )


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
