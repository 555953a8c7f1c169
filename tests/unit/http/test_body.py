"""Request bodies: every encoding, every way to be too large, too slow, broken or gone."""

import asyncio
import gzip
import tracemalloc
import zlib
from collections.abc import Callable
from typing import Any

import brotli
import pytest
import zstandard

from omna.errors import InvalidContentEncoding, RequestTimeout, RequestTooLarge, UnsupportedContentEncoding
from omna.http import body as body_module
from omna.http.body import ClientGone, drain, read_body

LIMIT = 1 << 20
TEXT = b'{"model":"m","messages":[{"role":"user","content":"' + b"hello " * 2000 + b'"}]}'


def raw_deflate(data: bytes) -> bytes:
    compressor = zlib.compressobj(wbits=-15)
    return compressor.compress(data) + compressor.flush()


ENCODERS: dict[bytes, Callable[[bytes], bytes]] = {
    b"gzip": gzip.compress,
    b"deflate": zlib.compress,
    b"br": brotli.compress,
    b"zstd": zstandard.compress,
}


def client(*pieces: bytes, then: dict[str, Any] | None = None) -> Callable[[], Any]:
    """Return an ASGI `receive` that has the pieces ready, then `then`, then nothing for ever."""
    messages = [{"type": "http.request", "body": piece, "more_body": True} for piece in pieces]
    if then is None:
        messages[-1]["more_body"] = False
    else:
        messages.append(then)
    queue = iter(messages)

    async def receive() -> dict[str, Any]:
        for message in queue:
            return message
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    return receive


async def read(receive: Any, encoding: bytes | None = None, *, limit: int = LIMIT, timeout: float = 5) -> bytes:
    headers = [(b"content-type", b"application/json")]
    if encoding is not None:
        headers.append((b"content-encoding", encoding))
    return await read_body(receive, headers, limit=limit, timeout=timeout)


async def test_body_in_one_message_is_returned_as_it_is() -> None:
    assert await read(client(TEXT)) is TEXT


def test_body_in_one_message_needs_no_event_loop() -> None:
    coroutine = read(client(TEXT))
    with pytest.raises(StopIteration) as stop:
        coroutine.send(None)  # a timer or a task would fail here: there is no loop
    assert stop.value.value == TEXT


async def test_body_in_many_messages_is_joined() -> None:
    assert await read(client(*(TEXT[i : i + 100] for i in range(0, len(TEXT), 100)))) == TEXT


async def test_body_that_comes_later_is_awaited() -> None:
    loop = asyncio.get_running_loop()
    arriving = loop.create_future()
    loop.call_soon(arriving.set_result, {"type": "http.request", "body": TEXT, "more_body": False})
    assert await read(lambda: arriving) == TEXT


async def test_failure_of_the_server_while_waiting_is_passed_on() -> None:
    loop = asyncio.get_running_loop()
    arriving = loop.create_future()
    loop.call_soon(arriving.set_exception, OSError("broken"))
    with pytest.raises(OSError, match="broken"):
        await read(lambda: arriving)


@pytest.mark.parametrize("encoding", [None, b"identity", b"", b"Identity"])
async def test_empty_body_is_empty(encoding: bytes | None) -> None:
    assert await read(client(b""), encoding) == b""


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_each_encoding_is_decoded(encoding: bytes) -> None:
    assert await read(client(ENCODERS[encoding](TEXT)), encoding) == TEXT
    assert await read(client(ENCODERS[encoding](TEXT)), b" " + encoding.upper() + b" , identity") == TEXT


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_empty_content_in_each_encoding_is_empty(encoding: bytes) -> None:
    assert await read(client(ENCODERS[encoding](b"")), encoding) == b""


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_each_encoding_in_small_messages_is_decoded(encoding: bytes) -> None:
    data = ENCODERS[encoding](TEXT)
    assert await read(client(*(data[i : i + 7] for i in range(0, len(data), 7))), encoding) == TEXT


async def test_deflate_without_zlib_header_is_decoded() -> None:
    assert await read(client(raw_deflate(TEXT)), b"deflate") == TEXT


async def test_several_gzip_members_and_zstd_frames_are_one_body() -> None:
    assert await read(client(gzip.compress(b"one ") + gzip.compress(b"two")), b"gzip") == b"one two"
    assert await read(client(zstandard.compress(b"one ") + zstandard.compress(b"two")), b"zstd") == b"one two"


async def test_zstd_without_content_size_is_decoded() -> None:
    compressor = zstandard.ZstdCompressor(write_content_size=False)
    assert await read(client(compressor.compress(TEXT)), b"zstd") == TEXT


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_every_truncation_is_refused(encoding: bytes) -> None:
    data = ENCODERS[encoding](TEXT)
    for end in range(len(data)):
        with pytest.raises(InvalidContentEncoding):
            await read(client(data[:end]), encoding)


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_garbage_is_refused(encoding: bytes) -> None:
    with pytest.raises(InvalidContentEncoding):
        await read(client(b"\xfe\xfd this was never compressed"), encoding)


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_garbage_after_the_end_is_refused(encoding: bytes) -> None:
    with pytest.raises(InvalidContentEncoding):
        await read(client(ENCODERS[encoding](TEXT) + b"garbage"), encoding)


@pytest.mark.parametrize("encoding", [b"compress", b"gzip, gzip", b"gzip,br", b"aws-chunked", b"utf-8"])
async def test_unknown_or_double_encoding_is_unsupported(encoding: bytes) -> None:
    with pytest.raises(UnsupportedContentEncoding):
        await read(client(TEXT), encoding)


async def test_two_encoding_headers_are_two_layers() -> None:
    headers = [(b"content-encoding", b"gzip"), (b"content-encoding", b"br")]
    with pytest.raises(UnsupportedContentEncoding):
        await read_body(client(TEXT), headers, limit=LIMIT, timeout=5)


async def test_body_at_the_limit_is_accepted_and_one_byte_more_is_refused() -> None:
    assert len(await read(client(b"x" * LIMIT))) == LIMIT
    with pytest.raises(RequestTooLarge, match=r"1,048,576"):
        await read(client(b"x" * (LIMIT + 1)))


async def test_announced_length_over_the_limit_is_refused_before_reading() -> None:
    async def receive() -> dict[str, Any]:
        raise AssertionError("nothing had to be read")

    with pytest.raises(RequestTooLarge):
        await read_body(receive, [(b"content-length", b"99999999")], limit=LIMIT, timeout=5)


async def test_announced_length_is_not_trusted() -> None:
    with pytest.raises(RequestTooLarge):
        await read_body(client(b"x" * (LIMIT + 1)), [(b"content-length", b"5")], limit=LIMIT, timeout=5)


async def test_endless_body_is_refused_at_the_limit() -> None:
    sent = 0

    async def receive() -> dict[str, Any]:
        nonlocal sent
        sent += 65536
        return {"type": "http.request", "body": b"x" * 65536, "more_body": True}

    with pytest.raises(RequestTooLarge):
        await read(receive)
    assert sent <= LIMIT + 2 * 65536


@pytest.mark.parametrize("encoding", ENCODERS)
async def test_bomb_is_refused_with_flat_memory(encoding: bytes) -> None:
    bomb = ENCODERS[encoding](b"\0" * (200 << 20))
    tracemalloc.start()
    with pytest.raises(RequestTooLarge):
        await read(client(bomb), encoding)
    _, peak = tracemalloc.get_traced_memory()
    tracemalloc.stop()
    assert peak < LIMIT + (20 << 20)


async def test_silent_client_is_timed_out() -> None:
    async def receive() -> dict[str, Any]:
        await asyncio.Event().wait()
        raise AssertionError("unreachable")

    with pytest.raises(RequestTimeout):
        await read(receive, timeout=0.02)


async def test_client_that_stops_midway_is_timed_out() -> None:
    with pytest.raises(RequestTimeout):
        await read(client(b"half", then={"type": "http.request", "body": b"x", "more_body": True}), timeout=0.02)


async def test_client_below_the_slowest_rate_is_timed_out_before_the_deadline(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(body_module, "GRACE_SECONDS", 0.05)

    async def receive() -> dict[str, Any]:
        await asyncio.sleep(0.01)
        return {"type": "http.request", "body": b"x", "more_body": True}

    loop = asyncio.get_running_loop()
    started = loop.time()
    with pytest.raises(RequestTimeout):
        await read(receive, timeout=30)
    assert loop.time() - started < 5


async def test_cancellation_while_waiting_stays_a_cancellation() -> None:
    task = asyncio.ensure_future(read(client(b"half", then={"type": "http.request", "body": b"", "more_body": True})))
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task


async def test_client_that_leaves_is_gone() -> None:
    gone = {"type": "http.disconnect"}
    with pytest.raises(ClientGone):
        await read(client(b"half", then=gone))

    async def receive() -> dict[str, Any]:
        return gone

    with pytest.raises(ClientGone):
        await read(receive)


async def test_small_rest_is_drained_and_a_large_one_is_not() -> None:
    assert await drain(client(b"x" * 1000, b"x"))
    assert not await drain(client(*[b"x" * 65536] * 40))
    assert not await drain(client(b"x", then={"type": "http.disconnect"}))
