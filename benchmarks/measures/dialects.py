"""What a dialect costs on top of chat, and routing on top of one route: pairs of two requests to the same gateway."""

from dataclasses import replace

from benchmarks.bench import Bench
from benchmarks.figures import spread
from benchmarks.load.pairs import Added, Pairs
from benchmarks.omna import INSTANT
from benchmarks.report import Finding, Outcome, Table, milliseconds, show_spread

TARGET_SECONDS = 0.0003


def measure_dialects(bench: Bench) -> Outcome:
    """Measure rounds of pairs: a chat, and the same question in another dialect, or with wishes that need routing."""
    with bench.omna() as (_, chat):
        wishes = {"models": [bench.installation.model(INSTANT)], "provider": {"order": ["bench"], "sort": "price"}}
        others = {
            "responses": replace(chat, api="responses"),
            "messages": replace(chat, api="messages"),
            "chat with fallbacks and preferences": replace(chat, wishes=wishes),
        }
        rounds: dict[str, list[Added]] = {name: [] for name in others}
        for _ in range(bench.plan.rounds):
            for name, target in others.items():
                rounds[name].append(bench.compare(Pairs(chat, target, bench.plan.pairs)))
    outcome = Outcome()
    rows = []
    for name, taken in rounds.items():
        added = spread([one.added_p50 for one in taken])
        outcome.findings.append(
            Finding(
                f"{name}: added to a chat, p50", "≤ 0.3 ms", milliseconds(added.median), added.median <= TARGET_SECONDS
            )
        )
        chat_p50 = spread([one.direct_p50 * 1000 for one in taken])
        shown = spread([one.added_p50 * 1000 for one in taken])
        rows.append((name, f"{chat_p50.median:.2f}", show_spread(shown), str(len(taken))))
    note = "One request in flight, whole answers. Milliseconds; the median round, and the lowest and highest."
    outcome.tables = [
        Table("Dialects and routing", ("", "chat p50", "added p50 (low … high)", "rounds"), tuple(rows), note)
    ]
    return outcome
