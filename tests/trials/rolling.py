"""Every replica is restarted in turn while streams run: nobody may notice."""

import asyncio
import time
from dataclasses import dataclass
from pathlib import Path

from tests.trials.fleet import PATIENT, fleet
from tests.trials.traffic import Crowd
from tests.trials.verdict import Verdict, judge

#: Thirty words at two a second: a quarter of a minute.
STREAM = "long-30-2"
#: Seconds over which streams begin, so that they do not all end at once.
RAMP = 15.0
#: Seconds in which a proxy notices that a replica drains, with room for a busy machine.
NOTICE = 8


@dataclass
class Rolling:
    """A run that is over. `restarts` holds, for each replica, the seconds it took to drain and to be back."""

    streams: int
    fewest: int
    restarts: list[tuple[float, float]]
    verdict: Verdict


async def run(place: Path, *, streams: int, replicas: int = 3) -> Rolling:
    """Keep so many streams open, restart each replica with a drain, and judge: all must be complete."""
    settings = PATIENT | {"SERVER_DRAIN_SECONDS": "60", "SERVER_DRAIN_NOTICE_SECONDS": str(NOTICE)}
    async with fleet(place, replicas=replicas, settings=settings) as all_of_it:
        await all_of_it.house.model(STREAM)
        tenant = await all_of_it.house.new_tenant("100000")
        all_of_it.house.tenant = tenant
        crowd = Crowd(all_of_it.port, tenant.key, 1)
        going = True

        async def customer(number: int) -> None:
            await asyncio.sleep(RAMP * number / streams)
            while going:
                await crowd.ask(STREAM, stream=True)

        customers = [asyncio.create_task(customer(number)) for number in range(streams)]
        await asyncio.sleep(RAMP)
        fewest, restarts = crowd.running, []
        for replica in all_of_it.replicas:
            began = time.monotonic()
            replica.terminate()
            await replica.ended(180)
            drained = time.monotonic()
            await replica.start()
            restarts.append((drained - began, time.monotonic() - drained))
            fewest = min(fewest, crowd.running)
            print(f"restarted after {drained - began:.1f} s; so far {dict(crowd.outcomes())}", flush=True)
            # The proxy gives it traffic again before the next one goes.
            await asyncio.sleep(NOTICE)
        going = False
        await asyncio.gather(*customers)
        verdict = await judge(all_of_it.house, crowd.asked)
        if unlike := {outcome: count for outcome, count in verdict.outcomes.items() if outcome != "complete"}:
            words = sorted({asked.words for asked in crowd.asked if asked.words})[:5]
            verdict.complain(f"somebody noticed: {unlike} {words}")
        return Rolling(streams, fewest, restarts, verdict)
