"""Every part is killed and stalled in turn under load."""

import asyncio
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.trials import deeds
from tests.trials.fleet import fleet
from tests.trials.schedule import Act, draw
from tests.trials.traffic import Crowd, put_on_sale
from tests.trials.verdict import Verdict, judge


@dataclass
class Chaos:
    """A run that is over. `done` holds each act, the second it began, and how long it took."""

    seed: int
    seconds: float
    verdict: Verdict
    done: list[tuple[Act, float, float]] = field(default_factory=list)


async def run(place: Path, *, seed: int, seconds: float, customers: int = 40) -> Chaos:
    """Load a fleet, do what the seed says, let it come to rest, and judge."""
    async with fleet(place) as all_of_it:
        await put_on_sale(all_of_it.house)
        tenant = await all_of_it.house.new_tenant("100000")
        # The verdict reads the books of this workspace.
        all_of_it.house.tenant = tenant
        crowd = Crowd(all_of_it.port, tenant.key, seed)
        asking = asyncio.create_task(crowd.run(customers))
        began = time.monotonic()
        done = []
        try:
            for act in draw(seed, seconds):
                await asyncio.sleep(max(0.0, began + act.at - time.monotonic()))
                at = time.monotonic() - began
                print(f"{at:6.1f} s  {act.deed.value}; so far {dict(crowd.outcomes())}", flush=True)
                await deeds.do(all_of_it, act)
                done.append((act, at, time.monotonic() - began - at))
            await asyncio.sleep(max(0.0, began + seconds - time.monotonic()))
        finally:
            crowd.stop()
            await asyncio.wait([asking], timeout=120)
        await asking
        # Somebody who left is still being heard of: their request settles after their connection is gone.
        return Chaos(seed, time.monotonic() - began, await judge(all_of_it.house, crowd.asked), done)
