"""What one request costs, counted instead of timed: Python calls, statements, what the database reads and writes.

A gateway runs in this process on uvloop, as it does in the field, in front of a real PostgreSQL; the provider is a
thread of its own that answers from bytes, so that it appears in no count and its answers always come in one piece.
"""

import asyncio
import cProfile
import json
import re
import socket
import threading
from collections import Counter
from collections.abc import Mapping
from pathlib import Path
from typing import Any, Self, cast

import msgspec

import omna
from omna.config import Gateway as GatewaySettings
from omna.config import Settings
from omna.db.pool import open_pool
from omna.gateway.gateway import Gateway
from omna.gateway.wire.routes import V1
from omna.observability.metrics import Metrics
from tests.harness.installation import Installation

#: Nothing runs beside the requests that are counted.
SETTINGS = GatewaySettings(checkpoint_seconds=3600, reaper_seconds=3600, free_rpm=0)

_OWN = f"{Path(omna.__file__).parent}/"
_TESTS = f"{Path(__file__).parents[1]}/"
_SITE = "/site-packages/"
_STATEMENT = "statement"
_TELL = "SELECT pg_stat_force_next_flush()"
_STATISTICS = """
SELECT relname, coalesce(seq_scan, 0) + coalesce(idx_scan, 0) AS scans, n_tup_ins + n_tup_upd + n_tup_del AS written
FROM pg_stat_user_tables WHERE schemaname = 'omna'"""


class Work(msgspec.Struct, forbid_unknown_fields=True):
    """What one request costs.

    calls       of functions, builtins included; a coroutine that goes on after it waited is one more
    own         those of Omna's functions
    statements  sent to the database
    scans       times the database looks into a table or an index; written: rows it inserts, updates and deletes
    functions   calls by function; of the language and of libraries by file
    """

    calls: int
    own: int
    statements: int
    scans: int
    written: int
    functions: dict[str, int]


class CannedUpstream:
    """A provider that answers each request with the same bytes: a whole answer, or a stream of ten words."""

    def __init__(self) -> None:
        self._listener = socket.create_server(("127.0.0.1", 0))
        self.base_url = f"http://127.0.0.1:{self._listener.getsockname()[1]}/v1"
        threading.Thread(target=self._serve, daemon=True).start()

    def close(self) -> None:
        self._listener.close()

    def _serve(self) -> None:
        while True:
            try:
                connection, _ = self._listener.accept()
            except OSError:
                return
            threading.Thread(target=_answer, args=(connection,), daemon=True).start()


class Workbench:
    """An installation, its gateway, and /v1 as an application; `count` says what a request costs."""

    def __init__(self, url: str, data: Path, upstream: CannedUpstream) -> None:
        self._house = Installation(url, data, cast(Any, upstream))
        self._url = url

    async def __aenter__(self) -> Self:
        await self._house.__aenter__()
        house = self._house
        # Every check of admission has work to do.
        tenant = await house.new_tenant(rpm=100_000, spend_limit=10**12, spend_period="day")
        self._key = tenant.key
        await house.model("canned")
        settings = Settings(data=house.data, gateway=SETTINGS)
        self._pool = await open_pool(self._url, settings.database)
        self._gateway = Gateway(self._url, settings, self._pool, house.keyring, Metrics(None))
        # Not started: what runs every few seconds would be in the counts of some requests.
        await self._gateway.catalogue.reload()
        self._v1 = V1(self._gateway, settings)
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._gateway.close()
        await self._pool.close()
        await self._house.__aexit__()

    async def count(self, *, stream: bool, warm_up: int = 20, repetitions: int = 40) -> Work:
        """Return the cheapest of many requests: whatever ran beside one is in its counts, and never in all of them."""
        body = _body(stream)
        for _ in range(warm_up):
            await self._ask(body)
        before = await self._tables()
        profiles = []
        for _ in range(repetitions):
            profile = cProfile.Profile()
            profile.enable()
            await self._ask(body)
            # The answer is there when the settlement is; what is left of the request runs in the next turns.
            for _ in range(3):
                await asyncio.sleep(0)
            profile.disable()
            profiles.append(_functions(profile))
        after = await self._tables()
        functions = min(profiles, key=lambda profile: profile.total())
        grown = {name: (scans - before[name][0], written - before[name][1]) for name, (scans, written) in after.items()}
        return Work(
            calls=functions.total(),
            own=sum(count for name, count in functions.items() if name.startswith("omna/")),
            statements=functions.pop(_STATEMENT),
            scans=round(sum(scans for scans, _ in grown.values()) / repetitions),
            written=round(sum(written for _, written in grown.values()) / repetitions),
            functions=dict(sorted(functions.items(), key=lambda item: (-item[1], item[0]))),
        )

    async def _ask(self, body: bytes) -> None:
        loop = asyncio.get_running_loop()
        asked: asyncio.Future[Any] = loop.create_future()
        asked.set_result({"type": "http.request", "body": body, "more_body": False})
        messages = iter((asked, loop.create_future()))  # the second: a client that stays
        status = 0
        content = b""

        async def send(message: Mapping[str, Any]) -> None:
            nonlocal status, content
            status = message.get("status", status)
            content += message.get("body", b"")

        scope = {
            "type": "http",
            "method": "POST",
            "path": "/v1/chat/completions",
            "query_string": b"",
            "headers": [
                (b"host", b"localhost"),
                (b"authorization", b"Bearer " + self._key.encode()),
                (b"content-type", b"application/json"),
                (b"content-length", b"%d" % len(body)),
                (b"accept", b"*/*"),
                (b"user-agent", b"work"),
            ],
        }
        await self._v1(scope, cast(Any, lambda: next(messages)), send)
        assert status == 200, content
        assert b"word" in content, content
        assert b'"cost"' in content, content

    async def _tables(self) -> dict[str, tuple[int, int]]:
        """Return how often each table was looked into and written, every connection asked for what it has not told."""
        for link in self._gateway._links:
            await link.call(_TELL)
        await self._house.connection.execute(_TELL)
        rows = await self._house.connection.fetch(_STATISTICS)
        return {row["relname"]: (row["scans"], row["written"]) for row in rows}


def _body(stream: bool) -> bytes:
    messages = [
        {"role": "system", "content": "You are a helpful assistant."},
        {"role": "user", "content": "Say a word, please."},
    ]
    fields: dict[str, Any] = {"model": "canned", "messages": messages, "temperature": 0.5, "max_tokens": 100}
    if stream:
        fields |= {"stream": True, "stream_options": {"include_usage": True}}
    return json.dumps(fields).encode()


def _functions(profile: cProfile.Profile) -> Counter[str]:
    counts: Counter[str] = Counter()
    for entry in cast(Any, profile).getstats():
        if name := _name(entry.code):
            counts[name] += entry.callcount
    return counts


def _name(code: Any) -> str | None:
    """Return the name under which a function is counted, None for those of the tests themselves."""
    if isinstance(code, str):
        return None if "_lsprof" in code else re.sub(r" at 0x[0-9a-f]+", "", code)
    file = code.co_filename
    if file.startswith(_OWN):
        return f"omna/{file.removeprefix(_OWN)}:{code.co_qualname}"
    if file.startswith(_TESTS):
        return None
    if _SITE in file:
        library = file.rpartition(_SITE)[2]
        # Asked once by every way to send a statement.
        return _STATEMENT if f"{library}:{code.co_name}" == "asyncpg/connection.py:_check_open" else library
    return f"python/{Path(file).name}"


def _answer(connection: socket.socket) -> None:
    """Answer the requests of one connection until it is closed."""
    with connection:
        received = b""
        while True:
            try:
                piece = connection.recv(65536)
            except OSError:
                return
            if not piece:
                return
            received += piece
            head, separator, body = received.partition(b"\r\n\r\n")
            if not separator:
                continue
            length = next(int(line[15:]) for line in head.lower().split(b"\r\n") if line.startswith(b"content-length:"))
            if len(body) >= length:
                connection.sendall(_STREAM if b'"stream":true' in body else _WHOLE)
                received = b""


def _http(content_type: str, content: bytes) -> bytes:
    return (
        f"HTTP/1.1 200 OK\r\ncontent-type: {content_type}\r\ncontent-length: {len(content)}\r\n\r\n".encode() + content
    )


def _chunk(choices: list[dict[str, Any]], **more: Any) -> str:
    chunk = {"id": "c", "object": "chat.completion.chunk", "created": 1, "model": "canned", "choices": choices, **more}
    return f"data: {json.dumps(chunk, separators=(',', ':'))}\n\n"


_WORDS = 10
_USAGE = {"prompt_tokens": 24, "completion_tokens": _WORDS, "total_tokens": 24 + _WORDS}
_MESSAGE = {"role": "assistant", "content": "word " * _WORDS}
_WHOLE = _http(
    "application/json",
    json.dumps(
        {
            "id": "c",
            "object": "chat.completion",
            "created": 1,
            "model": "canned",
            "choices": [{"index": 0, "message": _MESSAGE, "finish_reason": "stop"}],
            "usage": _USAGE,
        }
    ).encode(),
)
_STREAM = _http(
    "text/event-stream",
    "".join(
        [
            _chunk([{"index": 0, "delta": {"role": "assistant", "content": ""}, "finish_reason": None}]),
            *[_chunk([{"index": 0, "delta": {"content": "word "}, "finish_reason": None}])] * _WORDS,
            _chunk([{"index": 0, "delta": {}, "finish_reason": "stop"}]),
            _chunk([], usage=_USAGE),
            "data: [DONE]\n\n",
        ]
    ).encode(),
)
