"""A provider that costs next to nothing: answers encoded beforehand, one timer for all streams.

`python -m benchmarks.upstream` listens on a port of the system's choice and prints it. The model id chooses the answer:
`instant` is a whole answer at once, `stream-200-5` is 200 chunks, the first at once and then 5 a second.
"""

import asyncio
import json
import re
import signal
import socket
import sys
from functools import lru_cache
from typing import cast

import uvloop

from benchmarks.wire import TOKEN

TICK_SECONDS = 0.005
SLOTS = 512  # the wheel's horizon is SLOTS ticks, so the slowest pace is one chunk in 2.5 s
ANSWER_TOKENS = 12
PROMPT_TOKENS = 32

_CONTENT_LENGTH = re.compile(rb"\r\ncontent-length: *([0-9]+)", re.IGNORECASE)
# The bench writes the bodies it is asked with, so the first match is the field and never a message that quotes it.
_MODEL = re.compile(rb'"model" *: *"([^"]+)"')
_STREAM_MODEL = re.compile(rb"stream-([0-9]+)-([0-9]+)")
_NOT_FOUND = b"HTTP/1.1 404 Not Found\r\ncontent-type: application/json\r\ncontent-length: 2\r\n\r\n{}"
_STREAM_HEAD = (
    b"HTTP/1.1 200 OK\r\ncontent-type: text/event-stream; charset=utf-8\r\ntransfer-encoding: chunked\r\n\r\n"
)


class Script:
    """The bytes of one stream model: opening with the first word, each further word, the end; its pace in ticks."""

    __slots__ = ("chunks", "end", "opening", "ticks", "word")

    def __init__(self, model: str, chunks: int, per_second: int) -> None:
        self.chunks = chunks
        self.ticks = min(SLOTS - 1, max(1, round(1 / (per_second * TICK_SECONDS))))
        self.word = _event(model, [{"index": 0, "delta": {"content": TOKEN.decode()}, "finish_reason": None}])
        role = _event(model, [{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}])
        finish = _event(model, [{"index": 0, "delta": {}, "finish_reason": "stop"}])
        usage = _event(model, [], _usage(chunks))
        self.opening = _STREAM_HEAD + role + self.word
        self.end = finish + usage + _http_chunk(b"data: [DONE]\n\n") + b"0\r\n\r\n"


class Wheel:
    """Streams sorted by the tick their next word is due at. Ticks, not times, are added up: the pace never drifts."""

    def __init__(self, loop: asyncio.AbstractEventLoop) -> None:
        self._loop = loop
        self._slots: list[list[Connection]] = [[] for _ in range(SLOTS)]
        self._now = 0
        self._started = 0.0
        self._waiting = 0

    def add(self, connection: "Connection", ticks: int) -> None:
        if not self._waiting:
            self._now, self._started = 0, self._loop.time()
            self._loop.call_at(self._started + TICK_SECONDS, self._turn)
        self._waiting += 1
        # The current slot may be overdue on a busy machine; a newcomer's first interval counts from the real time.
        late = int((self._loop.time() - self._started) / TICK_SECONDS) - self._now
        self._slots[(self._now + min(max(late, 0) + ticks, SLOTS - 1)) % SLOTS].append(connection)

    def _turn(self) -> None:
        due = int((self._loop.time() - self._started) / TICK_SECONDS)
        while self._now < due:
            self._now += 1
            slot = self._now % SLOTS
            connections, self._slots[slot] = self._slots[slot], []
            for connection in connections:
                ticks = connection.say_word()
                if ticks:
                    self._slots[(self._now + ticks) % SLOTS].append(connection)
                else:
                    self._waiting -= 1
        if self._waiting:
            self._loop.call_at(self._started + (self._now + 1) * TICK_SECONDS, self._turn)


class Connection(asyncio.Protocol):
    """One keep-alive connection, one request at a time."""

    def __init__(self, wheel: Wheel) -> None:
        self._wheel = wheel
        self._transport: asyncio.Transport | None = None
        self._received = b""
        self._script: Script | None = None
        self._words_left = 0

    def connection_made(self, transport: asyncio.BaseTransport) -> None:
        # uvloop's transport has the interface without being a subclass.
        self._transport = cast(asyncio.Transport, transport)

    def connection_lost(self, exc: Exception | None) -> None:
        self._transport = None

    def data_received(self, data: bytes) -> None:
        received = self._received + data if self._received else data
        head_end = received.find(b"\r\n\r\n")
        if head_end < 0:
            self._received = received
            return
        length = _CONTENT_LENGTH.search(received, 0, head_end)
        if len(received) < head_end + 4 + (int(length[1]) if length else 0):
            self._received = received
            return
        self._received = b""
        self._answer(received, head_end)

    def _answer(self, request: bytes, head_end: int) -> None:
        transport = self._transport
        if transport is None:
            return
        model = _MODEL.search(request, head_end)
        script = find_script(model[1]) if model else None
        if model is None or not request.startswith(b"POST "):
            transport.write(_NOT_FOUND)
        elif script is None:
            transport.write(whole_answer(model[1]))
        else:
            transport.write(script.opening)
            self._script, self._words_left = script, script.chunks - 1
            self._wheel.add(self, script.ticks)

    def say_word(self) -> int:
        """Write the next word; return the ticks until the one after it, 0 when this stream is over."""
        script, transport = self._script, self._transport
        if script is None or transport is None:
            return 0
        self._words_left -= 1
        if self._words_left > 0:
            transport.write(script.word)
            return script.ticks
        transport.write(script.word + script.end if self._words_left == 0 else script.end)
        self._script = None
        return 0


@lru_cache(maxsize=64)
def find_script(model: bytes) -> Script | None:
    """Return the script of a stream model, None for every other model id."""
    match = _STREAM_MODEL.fullmatch(model)
    return Script(model.decode(), int(match[1]), int(match[2])) if match else None


@lru_cache(maxsize=64)
def whole_answer(model: bytes) -> bytes:
    """Return a non-stream answer of ANSWER_TOKENS words, headers included."""
    body = {
        "id": "chatcmpl-bench",
        "object": "chat.completion",
        "created": 1700000000,
        "model": model.decode(),
        "choices": [
            {
                "index": 0,
                "message": {"role": "assistant", "content": TOKEN.decode() * ANSWER_TOKENS},
                "finish_reason": "stop",
            }
        ],
        "usage": _usage(ANSWER_TOKENS),
    }
    content = json.dumps(body, separators=(",", ":")).encode()
    return b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: %d\r\n\r\n" % len(content) + content


def _usage(completion_tokens: int) -> dict[str, int]:
    return {
        "prompt_tokens": PROMPT_TOKENS,
        "completion_tokens": completion_tokens,
        "total_tokens": PROMPT_TOKENS + completion_tokens,
    }


def _event(model: str, choices: list[dict[str, object]], usage: dict[str, int] | None = None) -> bytes:
    chunk: dict[str, object] = {
        "id": "chatcmpl-bench",
        "object": "chat.completion.chunk",
        "created": 1700000000,
        "model": model,
        "choices": choices,
    }
    if usage:
        chunk["usage"] = usage
    return _http_chunk(b"data: " + json.dumps(chunk, separators=(",", ":")).encode() + b"\n\n")


def _http_chunk(content: bytes) -> bytes:
    return b"%x\r\n%b\r\n" % (len(content), content)


async def serve() -> None:
    """Listen until SIGTERM; the first line on standard output is the port."""
    loop = asyncio.get_running_loop()
    stopped = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stopped.set)
    listener = socket.create_server(("127.0.0.1", 0), backlog=4096)
    wheel = Wheel(loop)
    server = await loop.create_server(lambda: Connection(wheel), sock=listener)
    sys.stdout.write(f"{listener.getsockname()[1]}\n")
    sys.stdout.flush()
    await stopped.wait()
    server.close()


if __name__ == "__main__":
    uvloop.run(serve())
