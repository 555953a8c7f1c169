"""Requests a second of 64 clients, with the load generator, the upstream and the database on the same cores."""

from contextlib import ExitStack
from dataclasses import dataclass

from benchmarks.bench import Bench, Meter
from benchmarks.figures import spread
from benchmarks.load.closed_loop import ClosedLoop, Throughput
from benchmarks.processes import Child
from benchmarks.report import Finding, Outcome, Table, milliseconds, show_spread
from benchmarks.wire import Target

TARGET_PER_SECOND = 4000
TARGET_RATIO = 50


@dataclass(frozen=True, slots=True)
class Round:
    """One round's throughput and the processor time of each process, in microseconds per answer."""

    result: Throughput
    cost: dict[str, float]


def measure_throughput(bench: Bench, *, with_rival: bool) -> Outcome:
    """Measure Omna and LiteLLM in turn; who goes first alternates."""
    ours: list[Round] = []
    theirs: list[Round] = []
    with ExitStack() as stack:
        gateway, target = stack.enter_context(bench.omna())
        database = {"database": bench.installation.postmaster}
        sides = [(ours, gateway, target, bench.plan.load_seconds, database)]
        if with_rival:
            proxy, proxy_target = stack.enter_context(bench.litellm())
            sides.append((theirs, proxy, proxy_target, bench.plan.rival_seconds, {}))
        for number in range(bench.plan.rounds):
            for rounds, child, where, seconds, others in sides if number % 2 == 0 else reversed(sides):
                rounds.append(_load(bench, child, where, seconds, others))
    outcome = Outcome()
    rates = spread([one.result.per_second for one in ours])
    clients = bench.plan.connections
    outcome.findings.append(
        Finding(
            f"throughput, {clients} clients, one worker",
            f"≥ {TARGET_PER_SECOND:,} requests/s",
            show_spread(rates, "{:,.0f}", " requests/s"),
            rates.median >= TARGET_PER_SECOND,
        )
    )
    rows = [_row("Omna", ours)]
    if theirs:
        rows.append(_row("LiteLLM", theirs))
        ratios = spread(
            [one.result.per_second / other.result.per_second for one, other in zip(ours, theirs, strict=True)]
        )
        finding = Finding(
            "throughput, times LiteLLM's",
            f"≥ {TARGET_RATIO} ×",
            show_spread(ratios, "{:.1f}", " ×"),
            ratios.median >= TARGET_RATIO,
        )
        outcome.findings.append(finding)
    columns = ("", "requests/s (low … high)", "p50", "p99", "gateway", "database", "upstream", "client", "rounds")
    note = (
        f"{clients} connections, each with one request in flight. The four columns after p99 are processor time in"
        " microseconds per request: what one request costs in each process, user and system together."
    )
    outcome.tables = [Table("Throughput", columns, tuple(rows), note)]
    return outcome


def _load(bench: Bench, server: Child, target: Target, seconds: float, others: dict[str, int]) -> Round:
    meter = Meter({"gateway": server.pid, "upstream": bench.upstream.pid, **others})
    result = bench.load(ClosedLoop(target, bench.plan.connections, seconds))
    cost = meter.microseconds_each(result.answers)
    return Round(result, cost | {"client": result.client_cpu_seconds * 1e6 / result.answers})


def _row(name: str, rounds: list[Round]) -> tuple[str, ...]:
    rates = spread([one.result.per_second for one in rounds])
    times = [
        milliseconds(spread([getattr(one.result, field) for one in rounds]).median)
        for field in ("p50_seconds", "p99_seconds")
    ]
    costs = []
    for process in ("gateway", "database", "upstream", "client"):
        known = [one.cost[process] for one in rounds if process in one.cost]
        costs.append(f"{spread(known).median:.0f} µs" if known else "–")
    return (name, show_spread(rates, "{:,.0f}"), *times, *costs, str(len(rounds)))
