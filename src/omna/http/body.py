"""The body of a request: bounded in bytes and in time, and decoded when it came compressed."""

import asyncio
import zlib
from collections.abc import Awaitable, Callable, Generator, Iterable, MutableMapping
from typing import Any, Protocol

import brotli
import zstandard

from omna.clock import Deadline
from omna.errors import InvalidContentEncoding, RequestTimeout, RequestTooLarge, UnsupportedContentEncoding

Receive = Callable[[], Awaitable[MutableMapping[str, Any]]]
Headers = Iterable[tuple[bytes, bytes]]

#: A client that sends at least this many bytes a second, after a grace, is slow and not an attack.
SLOWEST_BYTES_PER_SECOND = 1024
GRACE_SECONDS = 5.0

_IDENTITY = (b"", b"identity")
_STEP_BYTES = 64 << 10
#: zstd turns four bytes into a block of 128 KiB at most, so that this much input is at most 8 MiB of output.
_ZSTD_STEP_BYTES = 256
_ZSTD_WINDOW_BYTES = 8 << 20
#: The event loop gets a turn each time this much was decoded.
_TURN_BYTES = 1 << 20


class ClientGone(Exception):
    """The client closed the connection before its request was complete."""


async def read_body(receive: Receive, headers: Headers, *, limit: int, timeout: float) -> bytes:  # noqa: ASYNC109
    """Return the decoded body of a request.

    Shape   `headers` as in an ASGI scope: lower-case names
    Units   limit in bytes after decoding; timeout in seconds for the whole body
    Errors  RequestTooLarge, RequestTimeout, UnsupportedContentEncoding, InvalidContentEncoding, ClientGone
    """
    encoding = b""
    for name, value in headers:
        if name == b"content-encoding":
            encoding = encoding + b"," + value if encoding else value
        elif name == b"content-length" and len(value) < 20 and value.isdigit() and int(value) > limit:
            raise _too_large(limit)  # it cannot become smaller; the count below trusts no header
    codec = _codec(encoding)

    message = _Step(receive())
    if message.done:
        # Already here, as for nearly every request: no timer, no task.
        body = _piece(message.result)
        if message.result.get("more_body", False):
            body = await _read_rest(receive, body, limit, timeout)
    else:
        body = await _read_rest(receive, b"", limit, timeout, message)
    if len(body) > limit:
        raise _too_large(limit)
    return await _decode(codec, body, limit) if codec is not None else body


async def drain(receive: Receive, limit: int = 1 << 20) -> bool:
    """Drop what is left of a refused request; False when that is more than `limit`, and the connection must close."""
    dropped = 0
    while dropped <= limit:
        message = await receive()
        if message["type"] == "http.disconnect":
            return False
        dropped += len(message.get("body", b""))
        if not message.get("more_body", False):
            return True
    return False


class _Step:
    """The first step of an awaitable, taken at once. When it did not finish, awaiting this goes on where it stopped."""

    __slots__ = ("_first", "_rest", "done", "result")

    def __init__(self, awaitable: Awaitable[MutableMapping[str, Any]]) -> None:
        self._rest = awaitable.__await__()
        self.result: MutableMapping[str, Any] = {}
        try:
            self._first = next(self._rest)
            self.done = False
        except StopIteration as stop:
            self.result = stop.value
            self.done = True

    def __await__(self) -> Generator[Any, Any, MutableMapping[str, Any]]:
        # What the awaitable yielded (a future) must reach the task that runs us; what the task sends back goes in.
        try:
            yield self._first
        except BaseException as error:
            throw = getattr(self._rest, "throw", None)
            if throw is None:
                raise
            try:
                again = throw(error)
            except StopIteration as stop:
                result: MutableMapping[str, Any] = stop.value
                return result
            yield again
        return (yield from self._rest)


async def _read_rest(receive: Receive, body: bytes, limit: int, seconds: float, pending: _Step | None = None) -> bytes:
    loop = asyncio.get_running_loop()
    started = loop.time()
    pieces = [body]
    size = len(body)
    more = True
    try:
        with Deadline(started + min(seconds, GRACE_SECONDS)) as deadline:
            while more:
                if size > limit:
                    raise _too_large(limit)
                if pending is None:
                    slowest = GRACE_SECONDS + size / SLOWEST_BYTES_PER_SECOND
                    deadline.move(started + min(seconds, slowest))
                message = await (pending or receive())
                pending = None
                piece = _piece(message)
                size += len(piece)
                pieces.append(piece)
                more = message.get("more_body", False)
    except TimeoutError:
        raise RequestTimeout from None
    return b"".join(pieces)


def _piece(message: MutableMapping[str, Any]) -> bytes:
    if message["type"] == "http.disconnect":
        raise ClientGone
    piece: bytes = message.get("body", b"")
    return piece


def _too_large(limit: int) -> RequestTooLarge:
    return RequestTooLarge(f"The body is larger than {limit:,} bytes.")


class _Decoder(Protocol):
    """One layer of compression, taken off in bounded steps."""

    def step(self) -> bytes:
        """Return the next part of the output, at most a few MiB; empty only at the end.

        Errors  InvalidContentEncoding when the data is corrupt or ends too early
        """
        ...


async def _decode(codec: Callable[[bytes], _Decoder], body: bytes, limit: int) -> bytes:
    decoder = codec(body)
    parts: list[bytes] = []
    size = since_turn = 0
    while part := decoder.step():
        size += len(part)
        if size > limit:
            raise _too_large(limit)
        parts.append(part)
        since_turn += len(part)
        if since_turn > _TURN_BYTES:
            since_turn = 0
            await asyncio.sleep(0)
    return b"".join(parts)


class _Zlib:
    """gzip, of one or more members, and deflate, with its zlib header or (as some clients send it) without."""

    def __init__(self, data: bytes, window_bits: int, members: bool) -> None:
        self._data = data
        self._window_bits = window_bits
        self._members = members
        self._stream = zlib.decompressobj(window_bits)

    def step(self) -> bytes:
        while True:
            if self._stream.eof:
                if not self._data:
                    return b""
                if not self._members:
                    raise InvalidContentEncoding("The body goes on after the end of its compressed data.")
                self._stream = zlib.decompressobj(self._window_bits)
            try:
                part = self._stream.decompress(self._data, _STEP_BYTES)
            except zlib.error:
                raise InvalidContentEncoding("The compressed body is corrupt.") from None
            before = self._data
            self._data = self._stream.unused_data if self._stream.eof else self._stream.unconsumed_tail
            if part:
                return part
            if not self._stream.eof and (not self._data or len(self._data) == len(before)):
                raise InvalidContentEncoding("The compressed body ends too early.")


class _Brotli:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._stream = brotli.Decompressor()

    def step(self) -> bytes:
        while not self._stream.is_finished():
            try:
                part: bytes = self._stream.process(self._data, output_buffer_limit=_STEP_BYTES)
            except brotli.error:
                raise InvalidContentEncoding("The compressed body is corrupt.") from None
            self._data = b""
            if part:
                return part
            if not self._stream.is_finished() and self._stream.can_accept_more_data():
                raise InvalidContentEncoding("The compressed body ends too early.")
        return b""


class _Zstandard:
    def __init__(self, data: bytes) -> None:
        self._data = data
        self._position = 0
        self._context = zstandard.ZstdDecompressor(max_window_size=_ZSTD_WINDOW_BYTES)
        self._stream = self._context.decompressobj()

    def step(self) -> bytes:
        while True:
            if self._stream.eof:
                self._position -= len(self._stream.unused_data)
                if self._position >= len(self._data):
                    return b""
                self._stream = self._context.decompressobj()  # another frame
            if self._position >= len(self._data):
                raise InvalidContentEncoding("The compressed body ends too early.")
            piece = self._data[self._position : self._position + _ZSTD_STEP_BYTES]
            self._position += len(piece)
            try:
                part = self._stream.decompress(piece)
            except zstandard.ZstdError:
                raise InvalidContentEncoding("The compressed body is corrupt.") from None
            if part:
                return part


def _gzip(data: bytes) -> _Decoder:
    return _Zlib(data, 31, members=True)


def _deflate(data: bytes) -> _Decoder:
    # A zlib header is two bytes whose value is a multiple of 31 and whose low half names deflate.
    has_header = len(data) >= 2 and data[0] & 0x0F == 8 and (data[0] << 8 | data[1]) % 31 == 0
    return _Zlib(data, 15 if has_header else -15, members=False)


_CODECS: dict[bytes, Callable[[bytes], _Decoder]] = {
    b"gzip": _gzip,
    b"x-gzip": _gzip,
    b"deflate": _deflate,
    b"br": _Brotli,
    b"zstd": _Zstandard,
}


def _codec(encoding: bytes) -> Callable[[bytes], _Decoder] | None:
    if encoding in _IDENTITY:
        return None
    layers = [layer for item in encoding.split(b",") if (layer := item.strip().lower()) not in _IDENTITY]
    if not layers:
        return None
    codec = _CODECS.get(layers[0])
    if len(layers) > 1 or codec is None:
        raise UnsupportedContentEncoding
    return codec
