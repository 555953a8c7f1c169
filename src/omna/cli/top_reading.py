"""One look at everything that `omna top` shows, and the same as JSON."""

import asyncio
import math
import urllib.error
import urllib.request
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from prometheus_client.parser import text_string_to_metric_families

from omna.catalog import service as catalog
from omna.cli.output import credits_or_none
from omna.clock import iso
from omna.db.pool import Connection
from omna.gateway import vitals
from omna.gateway.vitals import Counts
from omna.money import format_credits
from omna.risk import service as risk
from omna.worker import standing, traffic
from omna.worker.standing import Standing
from omna.worker.traffic import Traffic

_TIMEOUT_SECONDS = 2.0


@dataclass(frozen=True)
class ProviderLine:
    """A provider in the last hour, and its cap of today. state: closed, probing, open, off or stopped."""

    name: str
    state: str
    calls: int
    failures: int
    first_p95: int | None
    spent: int | None
    held: int | None
    cap: int | None


@dataclass(frozen=True)
class CapLine:
    """A model with a cap, at provider cost, today."""

    name: str
    spent: int
    held: int
    cap: int


@dataclass(frozen=True)
class Gateways:
    """What the metrics that were given say, added up. unread: addresses that did not answer."""

    queues: dict[str, float]
    journal: float
    pool: dict[str, float]
    memory: float
    unread: Sequence[str]


@dataclass(frozen=True)
class Reading:
    """Everything at one moment. journal: settlements in the journals of this machine's data directory."""

    now: Standing
    traffic: Traffic
    processes: dict[str, int]
    providers: Sequence[ProviderLine]
    caps: Sequence[CapLine]
    stops: Sequence[str]
    journal: int
    gateways: Gateways | None


async def look(connection: Connection, data: Path, metrics: Sequence[str] = ()) -> Reading:
    """Read everything once. Errors: ServiceUnavailable."""
    stops = [stop.scope for stop in await risk.stops(connection)]
    costs = await risk.model_costs(connection)
    return Reading(
        now=await standing.read(connection),
        traffic=await traffic.read(connection),
        processes=await traffic.processes(connection),
        providers=await _providers(connection, stops),
        caps=[
            CapLine(model.model_id, *costs.get(model.model_id, (0, 0)), model.daily_cap)
            for model in await catalog.list_models(connection)
            if model.daily_cap is not None
        ],
        stops=stops,
        journal=journalled(data),
        gateways=await asyncio.to_thread(_scrape, metrics) if metrics else None,
    )


async def _providers(connection: Connection, stops: Sequence[str]) -> list[ProviderLine]:
    counts, breakers = await vitals.summaries(connection), await vitals.breakers(connection)
    costs = await risk.provider_costs(connection)
    lines = []
    for provider in await catalog.list_providers(connection):
        seen = counts.get(provider.provider_id, Counts())
        states = {line.state for line in breakers.get(provider.provider_id, [])}
        spent, held = costs.get(provider.provider_id, (None, None))
        state = "open" if "open" in states else "probing" if states else "closed"
        if not provider.enabled:
            state = "off"
        elif f"provider:{provider.name}" in stops:
            state = "stopped"
        calls = seen.answered + seen.failed
        lines.append(
            ProviderLine(
                provider.name, state, calls, seen.failed, seen.latency("first", 0.95), spent, held, provider.daily_cap
            )
        )
    return lines


def journalled(data: Path) -> int:
    """Return how many settlements wait in the journals of a data directory."""
    count = 0
    for path in (data / "journal").glob("*.jsonl"):
        try:
            count += path.read_bytes().count(b"\n")
        except OSError:
            continue  # booked in this moment
    return count


def _scrape(addresses: Sequence[str]) -> Gateways:
    sums: dict[tuple[str, str], float] = {}
    unread = []
    for address in addresses:
        try:
            if not address.startswith(("http://", "https://")):
                raise ValueError(address)
            with urllib.request.urlopen(address, timeout=_TIMEOUT_SECONDS) as answer:  # noqa: S310  checked above
                text = answer.read().decode()
            for family in text_string_to_metric_families(text):
                for sample in family.samples:
                    key = sample.name, sample.labels.get("queue") or sample.labels.get("state") or ""
                    sums[key] = sums.get(key, 0.0) + sample.value
        except (OSError, ValueError, urllib.error.URLError):
            unread.append(address)
    return Gateways(
        queues={queue: value for (name, queue), value in sums.items() if name == "omna_queue_depth"},
        journal=sums.get(("omna_journal_depth", ""), 0.0),
        pool={state: value for (name, state), value in sums.items() if name == "omna_pool_connections"},
        memory=sums.get(("omna_process_memory_bytes", ""), 0.0),
        unread=unread,
    )


def as_json(reading: Reading) -> dict[str, Any]:
    """Return a look as JSON takes it: money as decimal strings, times in seconds."""
    now, passed = reading.now, reading.traffic
    return {
        "at": iso(now.at),
        "requests_per_second": round(passed.requests / traffic.SECONDS, 2),
        "outcomes": dict(passed.outcomes),
        "seconds": _percentiles(passed.total),
        "first_output_seconds": _percentiles(passed.first),
        "spent_per_minute": format_credits(passed.spent),
        "provider_cost_per_minute": format_credits(passed.cost),
        "holds": {
            "open": now.holds,
            "lapsed": now.lapsed,
            "oldest_seconds": round(now.oldest_hold, 1),
            "held": format_credits(now.held),
        },
        "ledger": {
            "unsealed": now.unsealed,
            "unsealed_seconds": round(now.unsealed_age, 1),
            "checked_seconds_ago": None if now.ledger_checked is None else math.floor(now.ledger_checked),
            "broken": now.ledger_broken,
        },
        "providers": [
            {
                "name": line.name,
                "state": line.state,
                "calls_per_hour": line.calls,
                "failures_per_hour": line.failures,
                "first_output_p95_ms": line.first_p95,
                "spent_today": credits_or_none(line.spent),
                "held_today": credits_or_none(line.held),
                "daily_cap": credits_or_none(line.cap),
            }
            for line in reading.providers
        ],
        "model_caps": [
            {
                "model": line.name,
                "spent_today": format_credits(line.spent),
                "held_today": format_credits(line.held),
                "daily_cap": format_credits(line.cap),
            }
            for line in reading.caps
        ],
        "stops": list(reading.stops),
        "alerts": [
            {"kind": kind, "severity": severity, "count": count}
            for (kind, severity), count in sorted(now.alerts.items())
        ],
        "processes": reading.processes,
        "jobs": {"known": now.jobs, "late": now.jobs_late, "failing": now.jobs_failing},
        "mails": {"waiting": now.mails_waiting, "late": now.mails_late, "given_up": now.mails_failed},
        "payment_events_failed": now.events_failed,
        "alert_deliveries_waiting": now.deliveries_waiting,
        "database": {
            "connections": now.connections,
            "most_connections": now.most_connections,
            "bytes": now.database_bytes,
            "standbys": now.standbys,
        },
        "journal": reading.journal,
        "gateways": None
        if reading.gateways is None
        else {
            "queues": reading.gateways.queues,
            "journal": reading.gateways.journal,
            "pool": reading.gateways.pool,
            "memory_bytes": reading.gateways.memory,
            "unread": list(reading.gateways.unread),
        },
    }


def _percentiles(values: tuple[float, float, float] | None) -> dict[str, float] | None:
    return (
        None if values is None else dict(zip(("p50", "p95", "p99"), (round(v / 1000, 4) for v in values), strict=True))
    )
