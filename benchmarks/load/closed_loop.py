"""Throughput: C connections, each sending its next request as soon as the answer to the last one is whole."""

import select
import socket
import time
from itertools import cycle, islice

import msgspec

from benchmarks.figures import quantile
from benchmarks.load.connections import READ_SIZE, LoadError, connect, excerpt
from benchmarks.wire import Target, encode_request, is_complete, is_sound

POLL_SECONDS = 1.0


class ClosedLoop(msgspec.Struct, frozen=True, tag=True):
    """Run for `seconds`, or until `requests` are answered when that comes first (0: no such end)."""

    target: Target
    connections: int
    seconds: float
    requests: int = 0


class Throughput(msgspec.Struct, frozen=True, tag=True):
    """`failures` are answers other than the upstream's; `first_failure` shows one. Times in seconds."""

    answers: int
    seconds: float
    failures: int
    first_failure: str
    p50_seconds: float
    p99_seconds: float
    client_cpu_seconds: float

    @property
    def per_second(self) -> float:
        return (self.answers - self.failures) / self.seconds


class Lane:
    """One connection, its request, and what has arrived of the answer."""

    __slots__ = ("received", "request", "sent_at", "socket")

    def __init__(self, connection: socket.socket, request: bytes) -> None:
        self.socket = connection
        self.request = request
        self.received = b""
        self.sent_at = 0.0


def run_closed_loop(order: ClosedLoop) -> Throughput:
    """Load the target. Errors: LoadError when a connection is closed or nothing is answered for a long time."""
    keys = islice(cycle(order.target.keys), order.connections)
    lanes: dict[int, Lane] = {}
    for key in keys:
        connection = connect(order.target)
        request = encode_request(order.target, key, order.target.model, stream=False)
        lanes[connection.fileno()] = Lane(connection, request)
    try:
        return _drive(lanes, order)
    finally:
        for lane in lanes.values():
            lane.socket.close()


def _drive(lanes: dict[int, Lane], order: ClosedLoop) -> Throughput:
    clock = time.perf_counter
    poll = select.epoll()
    latencies: list[float] = []
    failures, first_failure = 0, ""
    cpu_before, started = time.process_time(), clock()
    ends = started + order.seconds
    most = order.requests or 2**62
    sent = 0
    for number, lane in lanes.items():
        lane.socket.setblocking(False)
        poll.register(number, select.EPOLLIN)
        if sent < most:
            lane.sent_at = clock()
            lane.socket.send(lane.request)
            sent += 1
    waiting, idle = sent, 0.0
    while waiting:
        events = poll.poll(POLL_SECONDS)
        idle = 0.0 if events else idle + POLL_SECONDS
        if idle >= 30.0:
            raise LoadError(f"{waiting} requests were not answered within {idle:.0f} s")
        for number, _ in events:
            lane = lanes[number]
            data = lane.socket.recv(READ_SIZE)
            if lane.received:
                data, lane.received = lane.received + data, b""
            elif not data:
                raise LoadError("the server closed a connection between two answers")
            if not is_complete(data):
                lane.received = data
                continue
            now = clock()
            latencies.append(now - lane.sent_at)
            if not is_sound(data):
                failures += 1
                first_failure = first_failure or excerpt(data)
            if now < ends and sent < most:
                lane.sent_at = now
                lane.socket.send(lane.request)
                sent += 1
            else:
                waiting -= 1
    seconds = clock() - started
    poll.close()
    return Throughput(
        answers=len(latencies),
        seconds=seconds,
        failures=failures,
        first_failure=first_failure,
        p50_seconds=quantile(latencies, 0.5),
        p99_seconds=quantile(latencies, 0.99),
        client_cpu_seconds=time.process_time() - cpu_before,
    )
