"""Sockets to a server under load, and one blocking exchange on them."""

import socket

from benchmarks.wire import Target, is_complete

ANSWER_TIMEOUT_SECONDS = 60.0
READ_SIZE = 1 << 16


class LoadError(Exception):
    """The server under load closed a connection or gave an answer the upstream never gave."""


def connect(target: Target) -> socket.socket:
    """Return a connected socket that sends small writes at once."""
    connection = socket.create_connection((target.host, target.port), timeout=ANSWER_TIMEOUT_SECONDS)
    connection.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)
    return connection


def exchange(connection: socket.socket, request: bytes) -> bytes:
    """Send one request and return its whole answer, blocking."""
    connection.sendall(request)
    answer = connection.recv(READ_SIZE)
    while not is_complete(answer):
        more = connection.recv(READ_SIZE)
        if not more:
            raise LoadError(f"the connection was closed within an answer: {excerpt(answer)}")
        answer += more
    return answer


def excerpt(answer: bytes) -> str:
    """Return the beginning of an answer for an error message."""
    return answer[:600].decode("utf-8", "replace")
