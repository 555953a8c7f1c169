"""What every measure is given: the plan, the upstream, Omna's installation, and a way to carry out orders."""

import sys
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

import msgspec

from benchmarks import litellm_proxy, omna
from benchmarks.client import ALL_OPEN, Order, Result
from benchmarks.load.closed_loop import ClosedLoop, Throughput
from benchmarks.load.pairs import Added, Pairs
from benchmarks.load.streams import Streamed, Streams
from benchmarks.omna import Installation
from benchmarks.plan import Plan
from benchmarks.processes import Child, ProcessError, cpu_seconds, running
from benchmarks.wire import Target

MICROSECONDS = 1_000_000
FIRST_TOKEN_MODEL = "stream-4-200"  # the upstream's pace after the first word does not matter: it is kept short


@dataclass(frozen=True, slots=True)
class Bench:
    """The parts of a run that stay up from its beginning to its end."""

    plan: Plan
    directory: Path
    upstream: Child
    upstream_port: int
    installation: Installation

    def direct(self, model: str) -> Target:
        return Target("127.0.0.1", self.upstream_port, model)

    @contextmanager
    def omna(self) -> Iterator[tuple[Child, Target]]:
        """Run a fresh gateway, warmed up, for the length of a block."""
        with omna.serving(self.installation, self.directory) as (gateway, target):
            self.load(ClosedLoop(target, self.plan.connections, self.plan.warm_up_seconds))
            yield gateway, target

    @contextmanager
    def litellm(self) -> Iterator[tuple[Child, Target]]:
        """Run LiteLLM's proxy, warmed up, for the length of a block."""
        with litellm_proxy.serving(self.upstream_port, self.directory) as (proxy, target):
            self.load(ClosedLoop(target, self.plan.connections, self.plan.warm_up_seconds))
            yield proxy, target

    def load(self, order: ClosedLoop) -> Throughput:
        """Load a target. Errors: ProcessError when an answer was not the upstream's."""
        result = self._carry_out(order, order.seconds + 90.0)
        assert isinstance(result, Throughput)
        if result.failures:
            raise ProcessError(f"{result.failures} of {result.answers} answers were wrong: {result.first_failure}")
        return result

    def compare(self, order: Pairs) -> Added:
        result = self._carry_out(order, 60.0 + order.pairs * 0.5)
        assert isinstance(result, Added)
        return result

    def stream(self, order: Streams, sample: Callable[[bool], None]) -> Streamed:
        """Run streams; `sample` is called several times a second and told whether all of them are open."""
        seconds = order.opening_seconds + order.chunks / order.chunks_per_second
        result = self._carry_out(order, seconds + 90.0, sample)
        assert isinstance(result, Streamed)
        return result

    def _carry_out(self, order: Order, seconds: float, sample: Callable[[bool], None] | None = None) -> Result:
        command = [sys.executable, "-m", "benchmarks.client"]
        with running("the load generator", command, self.directory / "client.log") as client:
            client.say(msgspec.json.encode(order))
            if sample is None:
                line = client.read_line(seconds)
            else:
                line, all_open = "", False
                while not line:
                    sample(all_open)
                    line = client.poll_line(0.25)
                    if line == ALL_OPEN:
                        line, all_open = "", True
            # A client without samples says that all streams are open as well.
            result: Result = msgspec.json.decode(line if line != ALL_OPEN else client.read_line(seconds), type=Result)
            return result


class Meter:
    """Processor time of named process trees between two moments."""

    def __init__(self, processes: Mapping[str, int]) -> None:
        self._processes = processes
        self._before = {name: cpu_seconds(pid) for name, pid in processes.items()}

    def microseconds_each(self, count: int) -> dict[str, float]:
        """Return the processor time since the beginning, in microseconds per request."""
        spent = {name: cpu_seconds(pid) - self._before[name] for name, pid in self._processes.items()}
        return {name: seconds * MICROSECONDS / count for name, seconds in spent.items()}
