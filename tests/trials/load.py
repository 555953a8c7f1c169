"""As many requests as an installation of several replicas takes, with everything on."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path
from statistics import quantiles

from tests.trials.fleet import fleet
from tests.trials.traffic import Crowd, put_on_sale
from tests.trials.verdict import Verdict, judge


@dataclass
class Load:
    """A run that is over; `p50` and `p99` are seconds of a whole answer, the load balancer included."""

    clients: int
    replicas: int
    seconds: float
    requests: int
    p50: float
    p99: float
    verdict: Verdict


async def run(place: Path, *, clients: int, replicas: int, seconds: float) -> Load:
    """Let each client ask again as soon as it was answered."""
    async with fleet(place, replicas=replicas) as all_of_it:
        await put_on_sale(all_of_it.house)
        tenant = await all_of_it.house.new_tenant("1000000")
        all_of_it.house.tenant = tenant
        crowd = Crowd(all_of_it.port, tenant.key, 1)
        await crowd.ask("quick", stream=False)
        crowd.asked.clear()
        ends = time.monotonic() + seconds

        async def client() -> None:
            while time.monotonic() < ends:
                await crowd.ask("quick", stream=False)

        began = time.monotonic()
        await asyncio.gather(*(client() for _ in range(clients)))
        took = time.monotonic() - began
        verdict = await judge(all_of_it.house, crowd.asked)
        if unlike := {outcome: count for outcome, count in verdict.outcomes.items() if outcome != "complete"}:
            verdict.complain(f"not everything was answered: {unlike}")
        cuts = quantiles([asked.took for asked in crowd.asked], n=100)
        return Load(clients, replicas, took, len(crowd.asked), cuts[49], cuts[98], verdict)
