"""The server: HTTP/1.1 on plain asyncio, one scenario per request, a journal as oracle.

    async with Upstream() as upstream:
        upstream.base_url, upstream.journal

The path and the model id of the request name the scenario (scenarios.py, and anthropic_scenarios.py,
gemini_scenarios.py and endpoint_scenarios.py for what is not chat/completions). What arrived, what was sent and when
the peer left is in the journal, one Arrival per request in order of arrival.
"""

import asyncio
import json
import re
import socket
import struct
import time
from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any, cast

_GEMINI_PATH = re.compile(r"/v1beta/models/([^:]+):(\w+)(?:\?alt=sse)?")


class PeerLeft(Exception):
    """The client closed the connection."""


@dataclass
class Arrival:
    """One request: `outcome` is running, complete, peer_left or cut (by the scenario itself)."""

    connection: int
    path: str
    headers: dict[str, str]
    raw: bytes
    body: dict[str, Any]
    at: float
    bytes_sent: int = 0
    tokens_sent: int = 0
    outcome: str = "running"
    ended_at: float = 0.0
    ended: asyncio.Event = field(default_factory=asyncio.Event)

    @property
    def model(self) -> str:
        return self._gemini[1] if self._gemini else str(self.body.get("model"))

    @property
    def stream(self) -> bool:
        return self._gemini[2] == "streamGenerateContent" if self._gemini else self.body.get("stream") is True

    async def was_left(self, at: float) -> None:
        """Prove that the peer closed the connection within a second of a moment of time.monotonic()."""
        async with asyncio.timeout(5):
            await self.ended.wait()
        assert self.outcome == "peer_left"
        assert self.ended_at - at < 1

    @property
    def _gemini(self) -> re.Match[str] | None:
        """Gemini's dialect has model and method in the path."""
        return _GEMINI_PATH.fullmatch(self.path)

    @property
    def asks_usage(self) -> bool:
        options = self.body.get("stream_options")
        return isinstance(options, dict) and options.get("include_usage") is True


class Exchange:
    """A scenario's hand on one request: write, wait, cut."""

    def __init__(self, connection: "_Connection", arrival: Arrival) -> None:
        self.arrival = arrival
        self._connection = connection
        self._chunked = False

    def head(
        self,
        status: int = 200,
        content_type: str = "application/json",
        headers: tuple[str, ...] = (),
        length: int | None = None,
        until_close: bool = False,
    ) -> None:
        """Send status line and headers: chunked when there is no `length`, or ended by closing."""
        lines = [f"HTTP/1.1 {status} Scenario", f"content-type: {content_type}", *headers]
        if length is not None:
            lines.append(f"content-length: {length}")
        elif until_close:
            lines.append("connection: close")
        else:
            lines.append("transfer-encoding: chunked")
            self._chunked = True
        self.raw(("\r\n".join(lines) + "\r\n\r\n").encode("latin-1"))

    def write(self, data: bytes, tokens: int = 0) -> None:
        """Send a piece of the body, as one HTTP chunk of its own."""
        self.raw(b"%x\r\n%b\r\n" % (len(data), data) if self._chunked else data)
        self.arrival.tokens_sent += tokens

    def raw(self, data: bytes) -> None:
        if self._connection.gone.is_set():
            raise PeerLeft
        self._connection.transport.write(data)
        self.arrival.bytes_sent += len(data)

    def end(self) -> None:
        if self._chunked:
            self.raw(b"0\r\n\r\n")

    async def wait(self, seconds: float | None = None) -> None:
        """Wait; for ever when no time is given. Raises PeerLeft as soon as the client is gone."""
        try:
            async with asyncio.timeout(seconds):
                await self._connection.gone.wait()
        except TimeoutError:
            return
        raise PeerLeft

    async def flush(self) -> None:
        """Wait until the client has read enough for more to be sent."""
        await self._connection.writable.wait()
        if self._connection.gone.is_set():
            raise PeerLeft
        await asyncio.sleep(0)

    def cut(self, *, reset: bool) -> None:
        """Close the connection now, by FIN after what was written, or by RST."""
        self.arrival.outcome = "cut"
        transport = self._connection.transport
        if reset:
            sock = transport.get_extra_info("socket")
            sock.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("ii", 1, 0))
            transport.abort()
        else:
            transport.close()


Scenario = Callable[[Exchange], Awaitable[None]]


class _Connection(asyncio.Protocol):
    transport: asyncio.Transport

    def __init__(self, server: "Upstream") -> None:
        self._server = server
        self._buffer = b""
        self._task: asyncio.Task[None] | None = None
        self.gone = asyncio.Event()
        self.writable = asyncio.Event()
        self.writable.set()

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        self.transport = cast(asyncio.Transport, transport)
        self._server.connections += 1
        self.number = self._server.connections
        self._server.open.add(self)

    def connection_lost(self, error: Exception | None) -> None:
        self.gone.set()
        self.writable.set()
        self._server.open.discard(self)

    def pause_writing(self) -> None:
        self.writable.clear()

    def resume_writing(self) -> None:
        self.writable.set()

    def data_received(self, data: bytes) -> None:
        self._buffer += data
        if self._task is None:
            self._begin()

    def _begin(self) -> None:
        head, separator, rest = self._buffer.partition(b"\r\n\r\n")
        if not separator:
            return
        request_line, *lines = head.decode("latin-1").split("\r\n")
        headers = {name.lower(): value.strip() for name, _, value in (line.partition(":") for line in lines)}
        length = int(headers.get("content-length", "0"))
        if len(rest) < length:
            return
        self._buffer = rest[length:]
        body = _body(headers.get("content-type", ""), rest[:length])
        arrival = Arrival(self.number, request_line.split(" ")[1], headers, rest[:length], body, time.monotonic())
        self._server.journal.append(arrival)
        self._server.arrived.set()
        self._task = asyncio.get_running_loop().create_task(self._serve(arrival))

    async def _serve(self, arrival: Arrival) -> None:
        exchange = Exchange(self, arrival)
        try:
            await self._server.answer(exchange)
            if arrival.outcome == "running":
                arrival.outcome = "complete"
        except PeerLeft:
            arrival.outcome = "peer_left"
        finally:
            arrival.ended_at = time.monotonic()
            arrival.ended.set()
            self._task = None
        if self._buffer and not self.gone.is_set():
            self._begin()


def _body(content_type: str, raw: bytes) -> dict[str, Any]:
    """Return the fields of a JSON body or of a form, its file as bytes; nothing for anything else."""
    if content_type.startswith("multipart/form-data"):
        message = BytesParser(policy=HTTP).parsebytes(b"content-type: %b\r\n\r\n%b" % (content_type.encode(), raw))
        fields: dict[str, Any] = {}
        for part in message.iter_parts():
            content = part.get_payload(decode=True)
            name = str(part.get_param("name", header="content-disposition"))
            fields[name] = content if part.get_filename() else bytes(content).decode()
        return fields
    try:
        body = json.loads(raw) if raw else {}
    except ValueError:
        return {}
    return body if isinstance(body, dict) else {}


class Upstream:
    """One server. `journal` holds every request since the start; `connections` counts the TCP connections."""

    def __init__(self, scenario: Scenario | None = None) -> None:
        self.journal: list[Arrival] = []
        self.arrived = asyncio.Event()
        self.connections = 0
        self.open: set[_Connection] = set()
        self.port = 0
        #: What reports say that days cost (report_scenarios.py).
        self.reported: dict[str, str] = {}
        self._scenario = scenario

    @property
    def base_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1"

    @property
    def gemini_url(self) -> str:
        return f"http://127.0.0.1:{self.port}/v1beta"

    async def start(self, port: int = 0) -> None:
        loop = asyncio.get_running_loop()
        self._listener = await loop.create_server(lambda: _Connection(self), "127.0.0.1", port, backlog=4096)
        self.port = self._listener.sockets[0].getsockname()[1]

    async def stop(self) -> None:
        self._listener.close()
        for connection in list(self.open):
            connection.transport.abort()
        await self._listener.wait_closed()

    async def answer(self, exchange: Exchange) -> None:
        from tests.upstream import (
            anthropic_scenarios,
            endpoint_scenarios,
            gemini_scenarios,
            report_scenarios,
            scenarios,
        )

        path, model = exchange.arrival.path.partition("?")[0], exchange.arrival.model
        if self._scenario is not None:
            scenario = self._scenario
        elif path in report_scenarios.PATHS:
            scenario = report_scenarios.find(path, exchange.arrival.headers.get("authorization", ""), self.reported)
        elif path == "/v1/messages":
            scenario = anthropic_scenarios.find(model)
        elif path.startswith("/v1beta/"):
            scenario = gemini_scenarios.find(model)
        else:
            scenario = endpoint_scenarios.find(path, model) or scenarios.find(model)
        await scenario(exchange)

    async def next_arrival(self, seen: int = 0) -> Arrival:
        """Return the arrival number `seen`, waiting for it."""
        while len(self.journal) <= seen:
            self.arrived.clear()
            await self.arrived.wait()
        return self.journal[seen]

    def tokens_sent(self, model: str) -> int:
        return sum(arrival.tokens_sent for arrival in self.journal if arrival.model == model)

    async def __aenter__(self) -> "Upstream":
        await self.start()
        return self

    async def __aexit__(self, *_: object) -> None:
        await self.stop()
