"""An HTTP/1.1 client that hides nothing: one TCP connection, raw headers, bodies as the bytes that came.

async with Connection(port) as connection:
    answer = await connection.post("/v1/chat/completions", {"model": …}, key=key)
    async for piece in (await connection.open("POST", …)).pieces(): …
"""

import asyncio
import json
from collections.abc import AsyncIterator, Mapping, Sequence
from dataclasses import dataclass, field
from typing import Any, Self

from tests.harness.streams import lint

CHAT = "/v1/chat/completions"
HI = [{"role": "user", "content": "hi"}]

#: Longer than anything here takes; a server that hangs must fail a test and not the run.
PATIENCE_SECONDS = 60.0


class ServerClosed(Exception):
    """The server closed the connection before the answer was complete."""


@dataclass
class Answer:
    """A status line and headers, and the body as far as it was read."""

    status: int
    headers: list[tuple[str, str]]
    body: bytes = b""
    _connection: "Connection | None" = field(default=None, repr=False)
    #: Path and body of the request: a stream is read by the rules of its endpoint.
    _asked: tuple[str, Any] | None = None

    def header(self, name: str) -> str | None:
        """Return the one value of a header, None without it; twice is an error of the server."""
        values = [value for key, value in self.headers if key == name]
        assert len(values) < 2, f"{name} was sent {len(values)} times"
        return values[0] if values else None

    @property
    def request_id(self) -> str:
        value = self.header("x-request-id")
        assert value is not None
        return value

    @property
    def json(self) -> Any:
        assert self.header("content-type") == "application/json", (self.header("content-type"), self.body[:200])
        return json.loads(self.body)

    @property
    def error(self) -> dict[str, Any]:
        """Return the error of an answer in OpenAI's envelope."""
        envelope = self.json
        assert set(envelope) == {"error"}
        error: dict[str, Any] = envelope["error"]
        assert {"message", "type", "param", "code"} <= set(error)
        assert isinstance(error["code"], str)
        assert error["code"]
        return error

    @property
    def code(self) -> tuple[int, str]:
        return self.status, self.error["code"]

    async def pieces(self) -> AsyncIterator[bytes]:
        """Yield the body piece by piece as it arrives; it is kept too. A stream that came to its end must be clean."""
        assert self._connection is not None
        async for piece in self._connection._pieces(self):
            self.body += piece
            yield piece
        # Who sends the request by hand reads its stream by hand.
        if self._asked is not None and (self.header("content-type") or "").startswith("text/event-stream"):
            lint(*self._asked, self.body)

    async def read(self) -> Self:
        async for _ in self.pieces():
            pass
        return self

    async def read_until(self, text: bytes) -> Self:
        """Read until the body holds a text."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            async for _ in self.pieces():
                if text in self.body:
                    return self
        raise AssertionError(f"the body ended without {text!r}: {self.body!r}")


class Connection:
    """One TCP connection to 127.0.0.1."""

    def __init__(self, port: int) -> None:
        self.port = port

    async def __aenter__(self) -> Self:
        self.reader, self.writer = await asyncio.open_connection("127.0.0.1", self.port, limit=1 << 24)
        return self

    async def __aexit__(self, *_: object) -> None:
        self.close()

    def close(self) -> None:
        """Close at once: what the server still sends is answered with a reset."""
        self.writer.transport.abort()

    async def send(self, method: str, path: str, headers: list[tuple[str, str]], body: bytes | None = None) -> None:
        lines = [f"{method} {path} HTTP/1.1", "host: gateway.test"]
        lines += [f"{name}: {value}" for name, value in headers]
        if body is not None and not any(name in ("content-length", "transfer-encoding") for name, _ in headers):
            lines.append(f"content-length: {len(body)}")
        self.writer.write(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1") + (body or b""))
        await self.writer.drain()

    async def open(
        self,
        method: str,
        path: str,
        body: Any = None,
        *,
        key: str | None = None,
        headers: Mapping[str, str] | Sequence[tuple[str, str]] = (),
    ) -> Answer:
        """Send a request and return its answer as soon as the headers are here. `body` is JSON, or bytes as they are."""
        pairs = list(headers.items()) if isinstance(headers, Mapping) else list(headers)
        if key is not None:
            pairs.append(("authorization", f"Bearer {key}"))
        content = body if isinstance(body, bytes) or body is None else json.dumps(body).encode()
        if content is not None and not isinstance(body, bytes):
            pairs.append(("content-type", "application/json"))
        await self.send(method, path, pairs, content)
        answer = await self.head(method)
        answer._asked = (path, body)
        return answer

    async def head(self, method: str = "POST") -> Answer:
        """Read status line and headers."""
        try:
            async with asyncio.timeout(PATIENCE_SECONDS):
                block = await self.reader.readuntil(b"\r\n\r\n")
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ServerClosed from error
        status_line, *lines = block[:-4].decode("latin-1").split("\r\n")
        headers = [(name.lower(), value.strip()) for name, _, value in (line.partition(":") for line in lines)]
        answer = Answer(int(status_line.split(" ")[1]), headers, _connection=self)
        self._bodiless = method == "HEAD" or answer.status in (204, 304)
        return answer

    async def request(self, method: str, path: str, body: Any = None, **options: Any) -> Answer:
        """Send a request and read the whole answer."""
        async with asyncio.timeout(PATIENCE_SECONDS):
            return await (await self.open(method, path, body, **options)).read()

    async def get(self, path: str, **options: Any) -> Answer:
        return await self.request("GET", path, **options)

    async def post(self, path: str, body: Any, **options: Any) -> Answer:
        return await self.request("POST", path, body, **options)

    async def chat(self, key: str | None, model: str, **fields: Any) -> Answer:
        """Ask for a chat answer and read all of it."""
        return await self.post(CHAT, {"model": model, "messages": HI} | fields, key=key)

    async def stream(self, key: str | None, model: str, **fields: Any) -> Answer:
        """Ask for a chat stream and return it when the headers are here."""
        return await self.open("POST", CHAT, {"model": model, "messages": HI, "stream": True} | fields, key=key)

    async def _pieces(self, answer: Answer) -> AsyncIterator[bytes]:
        if self._bodiless:
            return
        try:
            if answer.header("transfer-encoding") == "chunked":
                while size := int(await self.reader.readuntil(b"\r\n"), 16):
                    # Whole with its line end: a reader may pause between two pieces and go on later.
                    yield (await self.reader.readexactly(size + 2))[:-2]
                await self.reader.readexactly(2)
            elif (length := answer.header("content-length")) is not None:
                if int(length):
                    yield await self.reader.readexactly(int(length))
            else:
                while piece := await self.reader.read(1 << 16):
                    yield piece
        except (asyncio.IncompleteReadError, ConnectionError) as error:
            raise ServerClosed from error


async def ask(port: int, method: str, path: str, body: Any = None, **options: Any) -> Answer:
    """One request on a connection of its own."""
    async with Connection(port) as connection:
        return await connection.request(method, path, body, **options)


async def chat(port: int, key: str | None, model: str, **fields: Any) -> Answer:
    """One chat call on a connection of its own, streamed when `stream=True` is among the fields."""
    async with Connection(port) as connection:
        return await connection.chat(key, model, **fields)
