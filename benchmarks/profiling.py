"""Where the gateway's worker spends its time: sampled from outside for ten seconds of load, with nothing built in."""

import re
import subprocess
from collections import Counter
from dataclasses import dataclass
from pathlib import Path

from benchmarks.bench import Bench
from benchmarks.flame import draw
from benchmarks.load.closed_loop import ClosedLoop
from benchmarks.load.streams import Streams
from benchmarks.plan import CHUNKS_PER_SECOND
from benchmarks.processes import ProcessError, largest_member, running
from benchmarks.report import Outcome, Table
from benchmarks.throwaway import prepare
from benchmarks.wire import Target

SECONDS = 10
SAMPLES_PER_SECOND = 250
SHOWN = 40

#: The sampler saw a thread of the worker busy and no Python function on its stack.
NO_FRAME = "outside Python"

_LINE = re.compile(r":[0-9]+\)$")


@dataclass(frozen=True, slots=True)
class Profile:
    """Samples by function: `own` while it ran itself, `total` with everything it called; `stacks`: outermost first."""

    samples: int
    own: Counter[str]
    total: Counter[str]
    stacks: Counter[tuple[str, ...]]


def profile(bench: Bench, *, streams: bool, flame: Path | None = None) -> Outcome:
    """Load a fresh gateway and sample its worker; `flame` is the file a flame graph is drawn into.

    Errors  ProcessError when the sampler may not look into it
    """
    plan = bench.plan
    spy = prepare("py-spy", "py-spy") / "py-spy"
    stacks = bench.directory / "stacks.txt"
    with bench.omna() as (gateway, target):
        command = [str(spy), "record", "--pid", str(largest_member(gateway.pid)), "--duration", str(SECONDS)]
        command += ["--rate", str(SAMPLES_PER_SECOND), "--format", "raw", "--output", str(stacks), "--nonblocking"]
        with running("py-spy", command, bench.directory / "py-spy.log") as sampler:
            if streams:
                model = bench.installation.model(plan.stream_model)
                where = Target(target.host, target.port, model, target.keys)
                order = Streams(where, plan.streams, plan.stream_chunks, CHUNKS_PER_SECOND, plan.opening_seconds)
                result = bench.stream(order, lambda _: None)
                load = f"{plan.streams:,} streams at {CHUNKS_PER_SECOND} chunks/s, {result.words:,} words"
            else:
                rate = bench.load(ClosedLoop(target, plan.connections, SECONDS + 1.0)).per_second
                load = f"{plan.connections} clients, {rate:,.0f} requests/s while sampled"
            try:
                sampler.wait(SECONDS)
            except subprocess.TimeoutExpired:
                raise ProcessError(f"py-spy does not end\n{sampler.log_tail()}") from None
            if not stacks.exists():
                raise ProcessError(f"py-spy took no samples; it may need more rights\n{sampler.log_tail()}")
    found = read_stacks(stacks)
    if flame is not None:
        flame.write_text(draw(found.stacks, f"{flame.stem}: {load}"), "utf-8")
    return _show(found, load)


def read_stacks(path: Path) -> Profile:
    """Return the profile in a file of lines `outermost;…;innermost count`."""
    own: Counter[str] = Counter()
    total: Counter[str] = Counter()
    stacks: Counter[tuple[str, ...]] = Counter()
    for line in path.read_text("utf-8").splitlines():
        stack, _, count = line.rpartition(" ")
        if not count.isdigit():
            continue  # the sampler does not stop the worker, so it may read a name that is being changed: half a line
        frames = [_LINE.sub(")", frame) for frame in stack.split(";")] if stack else [NO_FRAME]
        own[frames[-1]] += int(count)
        stacks[tuple(frames)] += int(count)
        # A function that calls itself is in a stack more than once, and counts once.
        for frame in set(frames):
            total[frame] += int(count)
    return Profile(sum(own.values()), own, total, stacks)


def _show(found: Profile, load: str) -> Outcome:
    tables = []
    for heading, counted in (("By their own time", found.own), ("With what they call", found.total)):
        rows = tuple(
            (f"{count / found.samples * 100:.1f} %", f"`{name}`") for name, count in counted.most_common(SHOWN)
        )
        note = f"{load}; {found.samples:,} samples of the worker, {SAMPLES_PER_SECOND} a second, waiting not counted."
        tables.append(Table(heading, ("share", "function"), rows, note))
    return Outcome(tables=tables)
