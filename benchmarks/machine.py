"""What the numbers were taken on, in terms that say nothing about whose machine it is."""

import os
import platform
import time
from pathlib import Path

from benchmarks.figures import quantile

FLUSHES = 200
PAGE = b"\0" * 8192
PIECES = 300
SQUARES = 20_000


def describe(directory: Path) -> list[str]:
    """Return a few facts: cores, memory, interpreter, how fast it is, and how long one durable write takes where the
    database lies.
    """
    memory = os.sysconf("SC_PAGE_SIZE") * os.sysconf("SC_PHYS_PAGES") / 2**30
    flushes = time_flushes(directory)
    cores = f"{len(os.sched_getaffinity(0))} cores ({platform.machine()}), {memory:.0f} GB memory"
    return [
        f"{cores}, {platform.system()}, {platform.python_implementation()} {platform.python_version()}",
        f"before: {describe_speed()}",
        f"one durable 8 KB write: {quantiles(flushes)}",
    ]


def describe_speed() -> str:
    """Return how long a fixed piece of work takes the interpreter: what makes reports of different hours comparable."""
    return f"{SQUARES:,} squares in the interpreter: {quantiles(time_pieces())}"


def quantiles(seconds: list[float]) -> str:
    p50, p99 = (quantile(seconds, share) * 1000 for share in (0.5, 0.99))
    return f"p50 {p50:.2f} ms, p99 {p99:.2f} ms"


def time_pieces() -> list[float]:
    """Return the seconds of PIECES pieces of work that touch neither memory nor kernel."""
    seconds = []
    for _ in range(PIECES):
        started = time.perf_counter()
        sum(number * number for number in range(SQUARES))
        seconds.append(time.perf_counter() - started)
    return seconds


def time_flushes(directory: Path) -> list[float]:
    """Return the seconds of FLUSHES appends of a page, each flushed to the disk, as every commit is."""
    path = directory / "flush"
    seconds = []
    descriptor = os.open(path, os.O_CREAT | os.O_WRONLY, 0o600)
    try:
        for _ in range(FLUSHES):
            started = time.perf_counter()
            os.write(descriptor, PAGE)
            os.fdatasync(descriptor)
            seconds.append(time.perf_counter() - started)
    finally:
        os.close(descriptor)
        path.unlink()
    return seconds
