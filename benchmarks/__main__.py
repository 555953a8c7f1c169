"""`python -m benchmarks`: run the measures, write the report. `python -m benchmarks profile`: where the time goes."""

import argparse
import datetime
import os
import shlex
import shutil
import signal
import sys
import tempfile
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

from benchmarks import litellm_proxy, omna
from benchmarks.bench import FIRST_TOKEN_MODEL, Bench
from benchmarks.machine import describe, describe_speed
from benchmarks.measures.dialects import measure_dialects
from benchmarks.measures.latency import measure_latency
from benchmarks.measures.ledger import measure_ledger
from benchmarks.measures.memory import measure_memory
from benchmarks.measures.rows import measure_rows
from benchmarks.measures.starting import measure_start
from benchmarks.measures.streaming import measure_streams
from benchmarks.measures.throughput import measure_throughput
from benchmarks.plan import FULL, QUICK, Plan
from benchmarks.processes import ProcessError, running
from benchmarks.profiling import profile
from benchmarks.report import Finding, Outcome, write_report

RESULTS = Path(__file__).parent / "results"
#: In this order; `start` is left out of a quick run, because it loads a real model twice.
MEASURES = ("latency", "dialects", "throughput", "streams", "memory", "rows", "ledger", "start")
QUICK_MEASURES = MEASURES[:-1]
COMPARED = {"latency", "throughput"}


def main(arguments: Sequence[str] | None = None) -> int:
    """Run what the command line asks for; return 0 when every measure that has a target was taken, 1 otherwise."""
    options = parse(arguments)
    signal.signal(signal.SIGTERM, lambda *_: sys.exit(143))
    plan = QUICK if options.quick else FULL
    started = time.monotonic()
    today = datetime.datetime.now(datetime.UTC).date().isoformat()
    notes: list[str] = []
    rival = "" if options.action == "profile" else find_rival(options, notes)
    with prepared(plan) as bench:
        command = shlex.join(["python", "-m", "benchmarks", *(sys.argv[1:] if arguments is None else arguments)])
        facts = [*describe(bench.directory), f"command: `{command}`"]
        if rival:
            facts.append(f"LiteLLM {rival}: one worker, no database, no spend log")
        if options.action == "profile":
            flame = RESULTS / f"{today}-flame{'-streams' if options.streams else ''}.svg" if options.flame else None
            outcomes = [profile(bench, streams=options.streams, flame=flame)]
        else:
            outcomes = measure(bench, choose(options), notes, with_rival=bool(rival))
    facts.append(f"afterwards: {describe_speed()}")
    facts.append(f"took {time.monotonic() - started:.0f} s")
    page = write_report(f"Performance, {today}", facts, outcomes, notes)
    sys.stdout.write(page)
    whole = options.action == "run" and not options.quick and not options.only
    output = options.output or (RESULTS / f"{today}.md" if whole else None)
    if output:
        output.parent.mkdir(parents=True, exist_ok=True)
        output.write_text(page, "utf-8")
    return 1 if notes else 0


def parse(arguments: Sequence[str] | None) -> argparse.Namespace:
    parser = argparse.ArgumentParser("python -m benchmarks", description=__doc__)
    parser.add_argument("action", nargs="?", choices=("run", "profile"), default="run")
    parser.add_argument("--quick", action="store_true", help="smaller loads, within a minute and a half")
    parser.add_argument(
        "--only", action="append", choices=MEASURES, metavar="NAME", help=f"one of {', '.join(MEASURES)}"
    )
    parser.add_argument("--no-litellm", action="store_true", help="leave out the comparison")
    parser.add_argument("--streams", action="store_true", help="profile: load with streams instead of whole answers")
    parser.add_argument("--flame", action="store_true", help="profile: draw results/DATE-flame.svg as well")
    parser.add_argument("--output", type=Path, help="write the report to this file (a whole run: results/DATE.md)")
    return parser.parse_args(arguments)


def choose(options: argparse.Namespace) -> tuple[str, ...]:
    """Return the measures to take, in their order."""
    if options.only:
        return tuple(name for name in MEASURES if name in options.only)
    return QUICK_MEASURES if options.quick else MEASURES


def find_rival(options: argparse.Namespace, notes: list[str]) -> str:
    """Return LiteLLM's version; nothing, and a note, when it is wanted and cannot be had."""
    if options.no_litellm or not COMPARED & set(choose(options)):
        return ""
    try:
        return litellm_proxy.version()
    except ProcessError as error:
        notes.append(f"not compared with LiteLLM: {error}")
        say(notes[-1])
        return ""


def measure(bench: Bench, names: Sequence[str], notes: list[str], *, with_rival: bool) -> list[Outcome]:
    """Take each measure; one that fails becomes a note and does not keep the others from being taken."""
    take: dict[str, Callable[[], Outcome]] = {
        "latency": lambda: measure_latency(bench, with_rival=with_rival),
        "dialects": lambda: measure_dialects(bench),
        "throughput": lambda: measure_throughput(bench, with_rival=with_rival),
        "streams": lambda: measure_streams(bench),
        "memory": lambda: measure_memory(bench),
        "rows": lambda: measure_rows(bench),
        "ledger": lambda: measure_ledger(bench),
        "start": lambda: measure_start(bench),
    }
    outcomes = []
    for name in names:
        started = time.monotonic()
        try:
            outcome = take[name]()
        except Exception as error:  # noqa: BLE001 - whatever one measure dies of, the others' numbers are kept
            outcome = Outcome([Finding(name, "", "not measured, see the notes", met=False)])
            notes.append(f"{name}: {type(error).__name__}: {str(error)[-1500:]}")
            say(notes[-1])
        outcomes.append(outcome)
        for finding in outcome.findings:
            say(f"{finding.measure}: {finding.measured} (target {finding.target or 'none'})")
        say(f"{name} took {time.monotonic() - started:.0f} s")
    return outcomes


@contextmanager
def prepared(plan: Plan) -> Iterator[Bench]:
    """Start the upstream and a new installation in a temporary directory; stop and remove both at the end."""
    directory = Path(tempfile.mkdtemp(prefix="omna-bench-"))
    models = [omna.INSTANT, FIRST_TOKEN_MODEL, plan.stream_model]
    try:
        command = [sys.executable, "-m", "benchmarks.upstream"]
        with running("the upstream", command, directory / "upstream.log") as upstream:
            port = int(upstream.read_line(10.0))
            with omna.installed(port, models, plan.workspaces, directory) as installation:
                yield Bench(plan, directory, upstream, port, installation)
    finally:
        if os.environ.get("OMNA_BENCH_KEEP"):
            say(f"logs and data are kept in {directory}")
        else:
            shutil.rmtree(directory, ignore_errors=True)


def say(line: str) -> None:
    """Tell the person who waits; the report alone goes to standard output."""
    sys.stderr.write(f"{line}\n")


if __name__ == "__main__":
    sys.exit(main())
