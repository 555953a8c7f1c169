"""The load generator's process: an order as one JSON line on standard input, its result as one on standard output."""

import resource
import sys

import msgspec

from benchmarks.load.closed_loop import ClosedLoop, Throughput, run_closed_loop
from benchmarks.load.pairs import Added, Pairs, run_pairs
from benchmarks.load.streams import Streamed, Streams, run_streams

Order = ClosedLoop | Pairs | Streams
Result = Throughput | Added | Streamed

#: The line a streaming client writes when all its streams are open, before its result.
ALL_OPEN = "all open"


def main() -> None:
    """Carry out one order. A load that fails ends with a traceback and without a result."""
    _allow_many_files()
    order = msgspec.json.decode(sys.stdin.buffer.readline(), type=Order)
    result: Result
    match order:
        case ClosedLoop():
            result = run_closed_loop(order)
        case Pairs():
            result = run_pairs(order)
        case Streams():
            result = run_streams(order, lambda: _say(ALL_OPEN.encode()))
    _say(msgspec.json.encode(result))


def _say(line: bytes) -> None:
    sys.stdout.buffer.write(line + b"\n")
    sys.stdout.buffer.flush()


def _allow_many_files() -> None:
    _, hard = resource.getrlimit(resource.RLIMIT_NOFILE)
    resource.setrlimit(resource.RLIMIT_NOFILE, (hard, hard))


if __name__ == "__main__":
    main()
