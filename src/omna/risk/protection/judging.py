"""PURE  What numbers mean: which caps are nearly used, who fails, what costs more than usual, and what to stop."""

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from statistics import median

from omna.risk.protection.thresholds import Thresholds

#: A cap counts as used up here, in percent: the request that would use the rest exactly never comes.
USED_UP = 99
#: An alert of a cap ends this much below its threshold, so that it does not come and go.
SLACK = 5
#: A model that makes this much of a provider's cost, in percent, is stopped alone.
MOST_OF_IT = 80


@dataclass(frozen=True, slots=True)
class CapUse:
    """What is used of a cap, in nanocredits. kind: of the alert; name: of the provider or model."""

    kind: str
    name: str
    cap: int
    spent: int
    held: int

    @property
    def percent(self) -> int:
        return 100 if self.cap == 0 else self.spent * 100 // self.cap

    @property
    def used_up(self) -> bool:
        return self.cap == 0 or (self.spent + self.held) * 100 >= self.cap * USED_UP


@dataclass(frozen=True, slots=True)
class Calls:
    """Calls of one model at one provider."""

    provider: str
    model: str
    calls: int
    failures: int


@dataclass(frozen=True, slots=True)
class ErrorFinding:
    """Who fails. model: None for a whole provider; scope: what a stop would stop, None where it would do harm."""

    provider: str
    model: str | None
    calls: int
    failures: int
    scope: str | None

    @property
    def percent(self) -> int:
        return self.failures * 100 // self.calls

    @property
    def subject(self) -> str:
        return self.provider if self.model is None else f"{self.model} @ {self.provider}"


@dataclass(frozen=True, slots=True)
class SpendFinding:
    """Who costs more than usual. provider: None for everything together; usual: for this time of day; nanocredits."""

    provider: str | None
    amount: int
    usual: int
    scope: str | None

    @property
    def times(self) -> int | None:
        """How many times the usual, in percent; None where nothing is usual."""
        return None if self.usual == 0 else self.amount * 100 // self.usual


def caps_in_use(uses: Iterable[CapUse], t: Thresholds) -> tuple[list[CapUse], list[CapUse]]:
    """Return the caps to tell of, and those of which an alert that is open stays so."""
    known = list(uses)
    told = [use for use in known if use.percent >= t.cap_warning or use.used_up]
    return told, [use for use in known if use in told or use.percent >= t.cap_warning - SLACK]


def failing(counts: Sequence[Calls], t: Thresholds) -> list[ErrorFinding]:
    """Return who fails, the smallest scope that explains it: a model at a provider, or a provider."""
    found = []
    by_provider: dict[str, list[Calls]] = {}
    for one in counts:
        by_provider.setdefault(one.provider, []).append(one)
    for provider, ones in sorted(by_provider.items()):
        calls, failures = sum(one.calls for one in ones), sum(one.failures for one in ones)
        bad = [one for one in ones if _is_bad(one.calls, one.failures, t)]
        if calls >= t.errors_floor and _is_bad(calls, failures, t) and len(ones) > 1 and len(bad) * 2 > len(ones):
            found.append(ErrorFinding(provider, None, calls, failures, f"provider:{provider}"))
            continue
        found += [
            ErrorFinding(provider, one.model, one.calls, one.failures, _scope_of(one, counts, t))
            for one in bad
            if one.calls >= t.errors_floor
        ]
    return found


def overspending(
    spent: Mapping[str, int],
    history: Mapping[str, Sequence[Sequence[int]]],
    by_model: Mapping[str, Mapping[str, int]],
    t: Thresholds,
) -> list[SpendFinding]:
    """Return which providers cost more than usual, and whether all of them together do.

    spent     cost within the window, by provider
    history   by provider, for the hours of this window: what each cost on each of the days before
    by_model  spent by model
    """
    found = []
    usual = {name: _usual(history.get(name, ()), t) for name in {*spent, *history}}
    total, expected = sum(spent.values()), sum(usual.values())
    if _is_much(total, expected, t):
        found.append(SpendFinding(None, total, expected, None))
    for name, amount in sorted(spent.items()):
        if _is_much(amount, usual[name], t):
            found.append(SpendFinding(name, amount, usual[name], _dearest(name, amount, by_model.get(name, {}))))
    return found


def _is_bad(calls: int, failures: int, t: Thresholds) -> bool:
    return calls > 0 and failures * 100 >= calls * t.errors_percent


def _scope_of(bad: Calls, counts: Sequence[Calls], t: Thresholds) -> str | None:
    # Another provider answers for this model: a stop would take that away, and the breaker avoids this one anyway.
    elsewhere = [one for one in counts if one.model == bad.model and one.provider != bad.provider and one.calls]
    if any(not _is_bad(one.calls, one.failures, t) for one in elsewhere):
        return None
    return f"model:{bad.model}"


def _usual(hours: Sequence[Sequence[int]], t: Thresholds) -> int:
    busiest = max((median(days) for days in hours if days), default=0)
    return int(busiest) * t.spend_minutes // 60


def _is_much(amount: int, usual: int, t: Thresholds) -> bool:
    return amount >= t.spend_floor and amount * 100 >= usual * t.spend_times


def _dearest(provider: str, amount: int, by_model: Mapping[str, int]) -> str:
    for model, cost in by_model.items():
        if cost * 100 >= amount * MOST_OF_IT:
            return f"model:{model}"
    return f"provider:{provider}"
