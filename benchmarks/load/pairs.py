"""Added latency: one request directly to the upstream, the same through the gateway, in turn, and their difference.

Two requests of a pair run within milliseconds of one another, so what else the machine does hits both alike.
"""

import socket
import time

import msgspec

from benchmarks.figures import quantile
from benchmarks.load.connections import READ_SIZE, LoadError, connect, excerpt, exchange
from benchmarks.wire import TOKEN, Target, encode_request, ends_stream, is_sound, is_sound_stream

WARM_UP_PAIRS = 20


class Pairs(msgspec.Struct, frozen=True, tag=True):
    """`stream`: the time to the first token counts instead of the time to the whole answer."""

    direct: Target
    through: Target
    pairs: int
    stream: bool = False


class Added(msgspec.Struct, frozen=True, tag=True):
    """Seconds. `added` is the difference within a pair, not the difference of two quantiles."""

    direct_p50: float
    direct_p99: float
    through_p50: float
    through_p99: float
    added_p50: float
    added_p99: float


def run_pairs(order: Pairs) -> Added:
    """Measure `pairs` pairs after a short warm-up. Errors: LoadError when any answer is not the upstream's."""
    measure = _time_first_token if order.stream else _time_answer
    sides = [
        (connect(target), encode_request(target, target.keys[0], target.model, stream=order.stream))
        for target in (order.direct, order.through)
    ]
    direct, through = [], []
    try:
        for number in range(WARM_UP_PAIRS + order.pairs):
            # Who goes first alternates: the second of a pair finds warmer caches.
            first = number % 2
            seconds = [0.0, 0.0]
            for side in (first, 1 - first):
                seconds[side] = measure(*sides[side])
            if number >= WARM_UP_PAIRS:
                direct.append(seconds[0])
                through.append(seconds[1])
    finally:
        for connection, _ in sides:
            connection.close()
    added = [after - before for before, after in zip(direct, through, strict=True)]
    return Added(
        direct_p50=quantile(direct, 0.5),
        direct_p99=quantile(direct, 0.99),
        through_p50=quantile(through, 0.5),
        through_p99=quantile(through, 0.99),
        added_p50=quantile(added, 0.5),
        added_p99=quantile(added, 0.99),
    )


def _time_answer(connection: socket.socket, request: bytes) -> float:
    started = time.perf_counter()
    answer = exchange(connection, request)
    seconds = time.perf_counter() - started
    if not is_sound(answer):
        raise LoadError(f"an answer is not the upstream's: {excerpt(answer)}")
    return seconds


def _time_first_token(connection: socket.socket, request: bytes) -> float:
    started = time.perf_counter()
    connection.sendall(request)
    answer, seconds = b"", 0.0
    while not ends_stream(answer):
        data = connection.recv(READ_SIZE)
        if not data:
            raise LoadError(f"the connection was closed within a stream: {excerpt(answer)}")
        answer += data
        if not seconds and TOKEN in answer:
            seconds = time.perf_counter() - started
        if answer.startswith(b"HTTP/1.1 ") and not answer.startswith(b"HTTP/1.1 200 "):
            raise LoadError(f"a stream was refused: {excerpt(answer)}")
    if not seconds or not is_sound_stream(answer) or b"data: [DONE]" not in answer:
        raise LoadError(f"a stream is not the upstream's: {excerpt(answer)}")
    return seconds
