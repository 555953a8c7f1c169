"""The numbers a gateway process reports to Prometheus; exposition.py serves them.

What is true of the installation as a whole is read by a worker, once, and stands in standing.py.
"""

import os
from bisect import bisect_left
from pathlib import Path

from prometheus_client import CollectorRegistry, Counter, Gauge, Histogram, values

from omna.observability.exposition import DIRECTORY_VARIABLE
from omna.observability.process import ProcessGauges

# Few buckets: the library walks them one by one, and the hot path pays for every step.
_SECONDS_FAST = (0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.1, 0.5, 2.0)
_SECONDS_SLOW = (0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0, 15.0, 60.0, 300.0, 900.0)
_SIZES = (1, 2, 4, 8, 16, 32, 64, 128, 256)


class Metrics:
    """The numbers one process reports. Made for the hot path: under a microsecond, no await, no error.

    What is counted is handed to the library by `flush`, because its own counters write to a file each time.

    Labels must come from small fixed sets: a model or provider of the catalogue (`unknown` when there is none), an
    error code, a verdict. A label taken from a request would let any client fill the memory.
    """

    def __init__(self, directory: Path | None = None) -> None:
        """Report through files in `directory`, so that all processes add up; without one, in this process alone."""
        if directory is not None:
            # The library reads both at its first import. Set here, the order of imports does not matter.
            os.environ[DIRECTORY_VARIABLE] = str(directory)
            # Asking the system for the process id at each count costs more than counting. No process that reports ever
            # forks: workers are started anew.
            process_id = os.getpid()
            values.ValueClass = values.MultiProcessValue(lambda: process_id)
        self.registry = registry = CollectorRegistry()
        self._requests = Counter(
            "omna_requests",
            "Requests by model, outcome (completed, exhausted, client_left, frozen, cut or an error code) and source",
            ["model", "outcome", "source"],
            registry=registry,
        )
        self._admissions = Counter("omna_admissions", "Admission decisions by verdict", ["verdict"], registry=registry)
        self._reaped = Counter(
            "omna_reaper_resolutions", "Holds resolved after their lease ended", ["result"], registry=registry
        )
        self._batches = Histogram(
            "omna_batch_size",
            "Requests decided or booked by one database call",
            ["queue"],
            buckets=_SIZES,
            registry=registry,
        )
        self._admission = Histogram(
            "omna_admission_seconds", "From asking for a hold to the verdict", buckets=_SECONDS_FAST, registry=registry
        )
        self._settlement = Histogram(
            "omna_settlement_seconds",
            "From the end of an answer to its booking",
            buckets=_SECONDS_FAST,
            registry=registry,
        )
        self._upstream = Histogram(
            "omna_upstream_seconds", "One upstream call", ["provider"], buckets=_SECONDS_SLOW, registry=registry
        )
        self._first_token = Histogram(
            "omna_first_token_seconds",
            "From the request to the first output",
            ["model"],
            buckets=_SECONDS_SLOW,
            registry=registry,
        )
        self._running = Gauge(
            "omna_running_requests", "Requests with an open hold", registry=registry, multiprocess_mode="livesum"
        )
        self._journal = Gauge(
            "omna_journal_depth", "Settlements waiting on local disk", registry=registry, multiprocess_mode="livesum"
        )
        self._alerts = Gauge(
            "omna_alerts_open",
            "Alerts that nobody has acknowledged, by severity",
            ["severity"],
            registry=registry,
            multiprocess_mode="livemostrecent",
        )
        self._failures = Counter(
            "omna_provider_failures",
            "Upstream calls that failed, by how: a status, a broken connection, silence, ...",
            ["provider", "kind"],
            registry=registry,
        )
        self._queues = Gauge(
            "omna_queue_depth",
            "Requests that wait for the next database call, by queue (admission, settlement)",
            ["queue"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self._connections = Gauge(
            "omna_pool_connections",
            "Connections of the pools of gateway processes by state: busy, idle, and free to be opened",
            ["state"],
            registry=registry,
            multiprocess_mode="livesum",
        )
        self.process = ProcessGauges(registry)
        # Counted here since the last flush.
        self._running_now = 0
        self._counts: dict[tuple[Counter, tuple[str, ...]], int] = {}
        self._tallies: dict[tuple[Histogram, tuple[str, ...]], Tally] = {}

    def request_ended(self, model: str, outcome: str, source: str) -> None:
        """Count a finished request."""
        self._count(self._requests, (model, outcome, source))

    def admission_decided(self, verdict: str, count: int = 1) -> None:
        """Count `count` decisions with the same verdict."""
        self._count(self._admissions, (verdict,), count)

    def batch_flushed(self, queue: str, size: int) -> None:
        """Record how many requests one database call carried; queue is `admission` or `settlement`."""
        self._observe(self._batches, size, (queue,))

    def admission_took(self, seconds: float) -> None:
        """Record the wait for a verdict."""
        self._observe(self._admission, seconds)

    def settlement_took(self, seconds: float) -> None:
        """Record the wait for a booking."""
        self._observe(self._settlement, seconds)

    def upstream_took(self, provider: str, seconds: float) -> None:
        """Record the length of one upstream call."""
        self._observe(self._upstream, seconds, (provider,))

    def first_token_took(self, model: str, seconds: float) -> None:
        """Record the time from the request to its first output."""
        self._observe(self._first_token, seconds, (model,))

    def provider_failed(self, provider: str, kind: str) -> None:
        """Count an upstream call that failed."""
        self._count(self._failures, (provider, kind))

    def queue_is(self, queue: str, depth: int) -> None:
        """State how many requests wait in a queue of this process."""
        self._queues.labels(queue).set(depth)

    def pool_is(self, *, busy: int, idle: int, free: int) -> None:
        """State how the pool of this process is used; free: connections it may still open."""
        for state, count in (("busy", busy), ("idle", idle), ("free", free)):
            self._connections.labels(state).set(count)

    def running_changed(self, by: int) -> None:
        """Count a request in (1) or out (-1)."""
        self._running_now += by

    def journal_is(self, depth: int) -> None:
        """State how many settlements wait in the local journal of this process."""
        self._journal.set(depth)

    def alerts_are(self, severity: str, count: int) -> None:
        """State how many alerts of a severity nobody has acknowledged; every process sees the same ones."""
        self._alerts.labels(severity).set(count)

    def hold_reaped(self, result: str) -> None:
        """Count a hold the reaper resolved: `settled` or `released`."""
        self._count(self._reaped, (result,))

    def flush(self) -> None:
        """Hand over what was counted since the last time. Call it every second or so, and at the end."""
        for (counter, labels), count in self._counts.items():
            counter.labels(*labels).inc(count)
        self._counts.clear()
        for (histogram, labels), tally in self._tallies.items():
            tally.hand_over(histogram.labels(*labels) if labels else histogram)
        self._running.set(self._running_now)

    def _count(self, counter: Counter, labels: tuple[str, ...], by: int = 1) -> None:
        key = (counter, labels)
        self._counts[key] = self._counts.get(key, 0) + by

    def _observe(self, histogram: Histogram, value: float, labels: tuple[str, ...] = ()) -> None:
        key = (histogram, labels)
        tally = self._tallies.get(key)
        if tally is None:
            tally = self._tallies[key] = Tally(histogram)
        tally.add(value)


class Tally:
    """Observations of one histogram since the last flush: adding one costs a bisection, not two writes to a file."""

    __slots__ = ("_bounds", "_counts", "_sum")

    def __init__(self, histogram: Histogram) -> None:
        self._bounds = histogram._upper_bounds
        self._counts = [0] * len(self._bounds)
        self._sum = 0.0

    def add(self, value: float) -> None:
        self._counts[bisect_left(self._bounds, value)] += 1
        self._sum += value

    def hand_over(self, child: Histogram) -> None:
        """Add everything to a histogram of the library, which has no public way to add many at once."""
        for place, count in enumerate(self._counts):
            if count:
                child._buckets[place].inc(count)
                self._counts[place] = 0
        if self._sum:
            child._sum.inc(self._sum)
            self._sum = 0.0
