"""Added latency of one client: the whole answer, and the first token of a stream. LiteLLM beside it, in turn."""

from contextlib import ExitStack

from benchmarks.bench import FIRST_TOKEN_MODEL, Bench
from benchmarks.figures import spread
from benchmarks.load.pairs import Added, Pairs
from benchmarks.omna import INSTANT
from benchmarks.report import Finding, Outcome, Table, milliseconds, show_spread
from benchmarks.wire import Target

TARGET_P50_SECONDS = 0.0025
TARGET_P99_SECONDS = 0.010


def measure_latency(bench: Bench, *, with_rival: bool) -> Outcome:
    """Measure rounds of pairs: direct and through Omna, then direct and through LiteLLM."""
    answers: list[Added] = []
    first_tokens: list[Added] = []
    rival: list[Added] = []
    with ExitStack() as stack:
        _, target = stack.enter_context(bench.omna())
        proxy = stack.enter_context(bench.litellm())[1] if with_rival else None
        stream = Target(target.host, target.port, bench.installation.model(FIRST_TOKEN_MODEL), target.keys)
        for _ in range(bench.plan.rounds):
            answers.append(bench.compare(Pairs(bench.direct(INSTANT), target, bench.plan.pairs)))
            if proxy:
                rival.append(bench.compare(Pairs(bench.direct(INSTANT), proxy, bench.plan.rival_pairs)))
            order = Pairs(bench.direct(FIRST_TOKEN_MODEL), stream, bench.plan.pairs // 2, stream=True)
            first_tokens.append(bench.compare(order))
    outcome = Outcome()
    p50, p99 = (spread([getattr(one, name) for one in answers]) for name in ("added_p50", "added_p99"))
    first = spread([one.added_p50 for one in first_tokens])
    outcome.findings = [
        Finding(
            "added latency, one client, p50", "≤ 2.5 ms", milliseconds(p50.median), p50.median <= TARGET_P50_SECONDS
        ),
        Finding(
            "added latency, one client, p99", "≤ 10 ms", milliseconds(p99.median), p99.median <= TARGET_P99_SECONDS
        ),
        Finding(
            "added time to first token, p50", "≤ 2.5 ms", milliseconds(first.median), first.median <= TARGET_P50_SECONDS
        ),
    ]
    rows = [_row("Omna, whole answer", answers), _row("Omna, first token", first_tokens)]
    if rival:
        rows.append(_row("LiteLLM, whole answer", rival))
        ratios = spread([theirs.added_p50 / ours.added_p50 for ours, theirs in zip(answers, rival, strict=True)])
        shown = f"{show_spread(ratios, '{:.1f}')} × Omna's"
        outcome.findings.append(Finding("LiteLLM's added latency, p50", "", shown))
    columns = ("", "direct p50", "through p50", "added p50 (low … high)", "added p99 (low … high)", "rounds")
    note = "One request in flight. Milliseconds; the median round, and the lowest and highest of all rounds."
    outcome.tables = [Table("Added latency", columns, tuple(rows), note)]
    return outcome


def _row(name: str, rounds: list[Added]) -> tuple[str, ...]:
    def show(field: str, *, whole: bool) -> str:
        values = spread([getattr(one, field) * 1000 for one in rounds])
        return show_spread(values) if whole else f"{values.median:.2f}"

    shown = [show("direct_p50", whole=False), show("through_p50", whole=False)]
    return (name, *shown, show("added_p50", whole=True), show("added_p99", whole=True), str(len(rounds)))
