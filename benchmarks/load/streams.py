"""Concurrent streams: every word counted, every gap between two words timed."""

import select
import socket
import time
from collections.abc import Callable

import msgspec

from benchmarks.figures import quantile
from benchmarks.load.connections import READ_SIZE, LoadError, connect, excerpt
from benchmarks.wire import TOKEN, Target, encode_request, ends_stream, is_sound_stream

STALL_SECONDS = 0.25
SILENCE_SECONDS = 30.0
_KEPT = len(TOKEN) - 1
_TAIL = 64  # holds the last event, the `[DONE]` and the closing chunk


class Streams(msgspec.Struct, frozen=True, tag=True):
    """Open `streams` streams evenly over `opening_seconds`; each has `chunks` words at `chunks_per_second`."""

    target: Target
    streams: int
    chunks: int
    chunks_per_second: int
    opening_seconds: float


class Streamed(msgspec.Struct, frozen=True, tag=True):
    """Seconds. `whole` streams had a 200, every word, and `[DONE]` at the end; a stall is a gap over STALL_SECONDS."""

    streams: int
    whole: int
    words: int
    seconds: float
    first_failure: str
    first_word_p50: float
    first_word_p99: float
    gap_p50: float
    gap_p99: float
    gap_longest: float
    stalls: int
    client_cpu_seconds: float


class Stream:
    """One stream as its client sees it."""

    __slots__ = ("first_word", "head", "last_at", "sent_at", "socket", "tail", "words")

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self.socket = connection
        self.head = b""
        self.tail = b""
        self.words = 0
        self.first_word = self.last_at = 0.0
        self.sent_at = time.perf_counter()
        connection.send(request)
        connection.setblocking(False)

    def take(self, data: bytes, now: float) -> float:
        """Count the words in what has arrived; return the seconds since the last one, 0 for the first or none."""
        # A word may be split between two reads; what is kept is shorter than a word, so none is counted twice.
        words = (self.tail[-_KEPT:] + data).count(TOKEN)
        self.tail = (self.tail + data)[-_TAIL:]
        if not self.words:
            self.head += data
        if not words:
            return 0.0
        gap = now - self.last_at if self.words else 0.0
        self.first_word = self.first_word or now - self.sent_at
        self.words += words
        self.last_at = now
        return gap

    def is_whole(self, chunks: int) -> bool:
        return self.words == chunks and is_sound_stream(self.head) and b"data: [DONE]" in self.tail


def run_streams(order: Streams, on_all_open: Callable[[], None]) -> Streamed:
    """Run every stream to its end; `on_all_open` is called once, when each has had its first word."""
    requests = [encode_request(order.target, key, order.target.model, stream=True) for key in order.target.keys]
    poll = select.epoll()
    running: dict[int, Stream] = {}
    finished: list[Stream] = []
    gaps: list[float] = []
    speaking = 0
    cpu_before, started = time.process_time(), time.perf_counter()
    heard_at = started
    while running or len(finished) < order.streams:
        opened = len(running) + len(finished)
        for number in range(opened, _due(order, time.perf_counter() - started)):
            stream = Stream(connect(order.target), requests[number % len(requests)])
            running[stream.socket.fileno()] = stream
            poll.register(stream.socket.fileno(), select.EPOLLIN)
        for descriptor, _ in poll.poll(0.002 if opened < order.streams else 0.5):
            stream = running[descriptor]
            data = _receive(stream.socket)
            now = heard_at = time.perf_counter()
            was_silent = not stream.words
            if gap := stream.take(data, now):
                gaps.append(gap)
            elif was_silent and stream.words:
                speaking += 1
                if speaking == order.streams:
                    on_all_open()
            if not data or ends_stream(stream.tail):
                poll.unregister(descriptor)
                stream.socket.close()
                finished.append(running.pop(descriptor))
        if time.perf_counter() - heard_at > SILENCE_SECONDS:
            raise LoadError(f"{len(running)} streams said nothing for {SILENCE_SECONDS:.0f} s")
    seconds, cpu_seconds = time.perf_counter() - started, time.process_time() - cpu_before
    poll.close()
    return _sum_up(order, finished, gaps, seconds, cpu_seconds)


def _due(order: Streams, seconds: float) -> int:
    """Return how many streams should be open this long after the start."""
    if seconds >= order.opening_seconds:
        return order.streams
    return int(seconds / order.opening_seconds * order.streams)


def _receive(connection: socket.socket) -> bytes:
    """Return what has arrived; nothing, as at an orderly end, when the server broke the connection."""
    try:
        return connection.recv(READ_SIZE)
    except ConnectionError:
        return b""


def _sum_up(order: Streams, finished: list[Stream], gaps: list[float], seconds: float, cpu_seconds: float) -> Streamed:
    broken = [stream for stream in finished if not stream.is_whole(order.chunks)]
    spoke = [stream.first_word for stream in finished if stream.words]
    if not spoke or not gaps:
        raise LoadError(f"no stream spoke: {excerpt(broken[0].head)}")
    return Streamed(
        streams=len(finished),
        whole=len(finished) - len(broken),
        words=sum(stream.words for stream in finished),
        seconds=seconds,
        first_failure=f"{excerpt(broken[0].head)} … {broken[0].words} words … {broken[0].tail!r}" if broken else "",
        first_word_p50=quantile(spoke, 0.5),
        first_word_p99=quantile(spoke, 0.99),
        gap_p50=quantile(gaps, 0.5),
        gap_p99=quantile(gaps, 0.99),
        gap_longest=max(gaps),
        stalls=sum(gap > STALL_SECONDS for gap in gaps),
        client_cpu_seconds=cpu_seconds,
    )
