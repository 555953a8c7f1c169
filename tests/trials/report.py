"""A trial as Markdown."""

from collections import Counter, defaultdict

from omna.money import format_credits
from tests.trials.backup import Backup
from tests.trials.chaos import Chaos
from tests.trials.load import Load
from tests.trials.rolling import Rolling
from tests.trials.soak import Soak
from tests.trials.verdict import Verdict

#: What customers saw, in words.
_WORDS = {
    "complete": "answered in full",
    "left": "left by the customer",
    "broken": "ended by an error event in the stream",
    "cut": "connection ended in the middle",
    "unreachable": "no answer at all",
}


def of_chaos(chaos: Chaos) -> str:
    """Return what was done, what customers saw, and what the books say."""
    taken: dict[str, list[float]] = defaultdict(list)
    for act, _, seconds in chaos.done:
        taken[act.deed.value].append(seconds)
    lines = [
        "# Chaos",
        "",
        (
            f"Seed {chaos.seed}, {chaos.seconds:.0f} s, {len(chaos.done)} acts. Again: "
            f"`python -m tests.trials chaos --minutes {chaos.seconds / 60:.0f} --seed {chaos.seed}`."
        ),
        "",
        "| what happened | times | seconds until all was up again |",
        "|---|---|---|",
    ]
    lines += [
        f"| {deed} | {len(times)} | {min(times):.1f} … {max(times):.1f} |" for deed, times in sorted(taken.items())
    ]
    return "\n".join([*lines, "", *_of_customers(chaos.verdict.outcomes), "", *_of_books(chaos.verdict), ""])


def of_rolling(rolling: Rolling) -> str:
    """Return how replicas were restarted under streams, and what customers saw."""
    lines = [
        "# Rolling restart",
        "",
        (
            f"{len(rolling.restarts)} replicas, one after the other, under {rolling.streams} streams of a quarter of a minute"
            f" (never fewer than {rolling.fewest} were open). Again: `python -m tests.trials rolling --streams"
            f" {rolling.streams}`."
        ),
        "",
        "| replica | seconds to drain | seconds to be ready again |",
        "|---|---|---|",
    ]
    lines += [f"| {number} | {drain:.1f} | {back:.1f} |" for number, (drain, back) in enumerate(rolling.restarts, 1)]
    return "\n".join([*lines, "", *_of_customers(rolling.verdict.outcomes), "", *_of_books(rolling.verdict), ""])


def of_soak(soak: Soak) -> str:
    """Return how memory and descriptors went, and what the books say."""
    lines = [
        "# Soak",
        "",
        f"{soak.seconds / 3600:.2f} h in {len(soak.looks)} rounds, each judged at its end.",
        "",
        "| minute | memory of the largest gateway process, MiB | its descriptors | requests so far |",
        "|---|---|---|---|",
    ]
    lines += [
        f"| {look.at / 60:.0f} | {look.memory >> 20} | {look.descriptors} | {look.requests:,} |" for look in soak.looks
    ]
    return "\n".join([*lines, "", *_of_customers(soak.verdict.outcomes), "", *_of_books(soak.verdict), ""])


def of_load(load: Load) -> str:
    """Return how much was answered, and how fast."""
    lines = [
        "# Load",
        "",
        (
            f"{load.clients} clients, {load.replicas} replicas behind HAProxy, primary and synchronous standby, clients and"
            f" provider beside them: {load.requests:,} answers in {load.seconds:.0f} s, {load.requests / load.seconds:,.0f} a"
            f" second; p50 {load.p50 * 1000:.1f} ms, p99 {load.p99 * 1000:.1f} ms."
        ),
    ]
    return "\n".join([*lines, "", *_of_customers(load.verdict.outcomes), "", *_of_books(load.verdict), ""])


def of_backup(backup: Backup) -> str:
    """Return what a backup under load held."""
    lines = [
        "# Backup under load",
        "",
        (
            f"Taken in {backup.seconds:.1f} s while customers went on asking, and restored into another server. The backup holds"
            f" {backup.restored:,} requests: all {backup.before:,} that were settled before it began, none of the"
            f" {backup.after:,} that were settled after it ended, and of the {backup.during:,} in between those that its moment"
            " found settled. Each is what it is in the original; the restored ledger and audit log verify."
        ),
    ]
    return "\n".join([*lines, "", *_of_customers(backup.verdict.outcomes), "", *_of_books(backup.verdict), ""])


def _of_customers(outcomes: Counter[str]) -> list[str]:
    total = sum(outcomes.values())
    lines = [f"{total:,} requests:", "", "| what the customer saw | requests | |", "|---|---|---|"]
    for outcome, count in outcomes.most_common():
        words = _WORDS.get(outcome, f"refused with {outcome}")
        lines.append(f"| {words} | {count:,} | {count / total:.2%} |")
    return lines


def _of_books(verdict: Verdict) -> list[str]:
    lines = [
        (
            f"Charged: {verdict.charges:,} requests, {format_credits(verdict.charged)} Credits, each once and as its usage row"
            " says, and none more than its provider delivered. No hold is open, no settlement waits in a journal."
        ),
        (
            f"Charged less than the customer was told, because the gateway died first: {verdict.short}"
            f" ({format_credits(verdict.lost)} Credits, the operator's loss)."
        ),
        "`omna ledger verify` and `omna audit verify` pass.",
    ]
    if not verdict.problems:
        return lines
    return ["**Not passed:**", "", *(f"- {problem}" for problem in verdict.problems)]
