"""Does the worker's memory stay where it was after hundreds of thousands of requests?"""

import time

from benchmarks.bench import Bench
from benchmarks.load.closed_loop import ClosedLoop
from benchmarks.processes import largest_member, memory_bytes
from benchmarks.report import Finding, Outcome, Table

TARGET_SHARE = 0.05


def measure_memory(bench: Bench) -> Outcome:
    """Send requests in blocks; after each, compare the worker's resident memory with that of the warmed-up worker."""
    plan = bench.plan
    with bench.omna() as (gateway, target):
        worker = largest_member(gateway.pid)
        # The first block belongs to the warm-up: caches, the allocator's arenas and the connection pools fill up.
        block = plan.memory_requests // plan.memory_blocks
        ends = time.monotonic() + plan.memory_seconds
        bench.load(ClosedLoop(target, plan.connections, plan.memory_seconds / 4, block))
        samples = [memory_bytes(worker)]
        answers = 0
        counts = [0]
        while answers < plan.memory_requests and (left := ends - time.monotonic()) > 0:
            answers += bench.load(ClosedLoop(target, plan.connections, left, block)).answers
            counts.append(answers)
            samples.append(memory_bytes(worker))
    change = max((abs(sample / samples[0] - 1) for sample in samples), default=0.0)
    complete = answers >= plan.memory_requests
    shown = f"{change * 100:.1f} % over {answers:,} requests ({samples[0] / 1e6:.1f} → {samples[-1] / 1e6:.1f} MB)"
    if not complete:
        shown += f"; the rest was not answered within {plan.memory_seconds:.0f} s"
    outcome = Outcome()
    outcome.findings = [
        Finding(f"memory over {plan.memory_requests:,} requests", "± 5 %", shown, complete and change <= TARGET_SHARE)
    ]
    rows = tuple((f"{count:,}", f"{sample / 1e6:.1f}") for count, sample in zip(counts, samples, strict=True))
    outcome.tables = [Table("Memory of the worker", ("requests", "resident MB"), rows)]
    return outcome
