"""Thousands of streams at once: is every word delivered on time, and what memory does one stream cost?"""

from benchmarks.bench import Bench, Meter
from benchmarks.figures import spread
from benchmarks.load.streams import STALL_SECONDS, Streamed, Streams
from benchmarks.plan import CHUNKS_PER_SECOND
from benchmarks.processes import largest_member, memory_bytes
from benchmarks.report import Finding, Outcome, Table, milliseconds
from benchmarks.wire import Target

TARGET_BYTES = 60_000


def measure_streams(bench: Bench) -> Outcome:
    """Run the streams straight from the upstream, which measures the machine, then through a fresh gateway."""
    plan = bench.plan
    size = (plan.streams, plan.stream_chunks, CHUNKS_PER_SECOND, plan.opening_seconds)
    short = (plan.streams, min(plan.stream_chunks, 50), CHUNKS_PER_SECOND, plan.opening_seconds)
    direct_model = f"stream-{short[1]}-{CHUNKS_PER_SECOND}"
    direct = bench.stream(Streams(bench.direct(direct_model), *short), lambda _: None)
    with bench.omna() as (gateway, target):
        worker = largest_member(gateway.pid)
        before = memory_bytes(worker)
        during: list[int] = []
        meter = Meter(
            {"gateway": gateway.pid, "database": bench.installation.postmaster, "upstream": bench.upstream.pid}
        )
        stream_target = Target(target.host, target.port, bench.installation.model(plan.stream_model), target.keys)
        order = Streams(stream_target, *size)
        through = bench.stream(order, lambda all_open: during.append(memory_bytes(worker)) if all_open else None)
        costs = meter.microseconds_each(through.words)
    each = (spread(during).median - before) / plan.streams if during else None
    whole = through.whole == through.streams
    outcome = Outcome()
    name = f"{plan.streams:,} streams at {CHUNKS_PER_SECOND} chunks/s"
    delivered = f"{through.whole:,} of {through.streams:,}"
    stalls = f"{through.stalls:,} of {through.words:,} gaps; longest {milliseconds(through.gap_longest)}"
    outcome.findings = [
        Finding(f"{name}: whole streams", "all", delivered, whole),
        Finding(f"{name}: stalls over {STALL_SECONDS * 1000:.0f} ms", "none", stalls, whole and not through.stalls),
        Finding(
            f"{name}: memory a stream",
            "≤ 60 KB",
            "not measured: they were never all open" if each is None else f"{each / 1000:.1f} KB",
            each is not None and each <= TARGET_BYTES,
        ),
    ]
    rows = (_row("direct", direct), _row("through Omna", through))
    columns = ("", "streams", "words", "first word p50", "p99", "gap p50", "gap p99", "longest gap", "stalls")
    spent = ", ".join(f"{process} {value:.0f}" for process, value in costs.items())
    spent += f", client {through.client_cpu_seconds * 1e6 / through.words:.0f}"
    pace = 1000 // CHUNKS_PER_SECOND
    note = (
        f"Opened evenly over {plan.opening_seconds:.0f} s, each {plan.stream_seconds} s long; the upstream sends a word"
        f" every {pace} ms, so a stall is a word {STALL_SECONDS * 1000 - pace:.0f} ms late or more."
        f" Processor time in microseconds per word: {spent}. Memory: the worker's resident set with all streams open,"
        f" less the warmed-up worker's {before / 1e6:.0f} MB, per stream."
    )
    if not whole:
        note += f" First failure: `{through.first_failure[:300]!r}`."
    outcome.tables = [Table("Concurrent streams", columns, rows, note)]
    return outcome


def _row(name: str, result: Streamed) -> tuple[str, ...]:
    times = (result.first_word_p50, result.first_word_p99, result.gap_p50, result.gap_p99, result.gap_longest)
    return (name, f"{result.streams:,}", f"{result.words:,}", *map(milliseconds, times), f"{result.stalls:,}")
