"""The same load for hours, with faults: what grows without bound shows, and every book is checked again and again."""

import asyncio
import os
import time
from dataclasses import dataclass, field
from pathlib import Path

from tests.trials import deeds
from tests.trials.fleet import Fleet, fleet
from tests.trials.schedule import Act, Deed
from tests.trials.traffic import Crowd, put_on_sale
from tests.trials.verdict import Verdict, judge

#: Seconds of load between two looks.
ROUND = 120.0
#: Rounds in which caches fill and pools open; growth is judged after them.
WARM_UP = 2
#: A gateway process may keep this much more at the end than after the warm-up.
MEMORY_GROWTH, DESCRIPTOR_GROWTH = 1.10, 20


@dataclass(frozen=True)
class Look:
    """What one round left: bytes and descriptors of the largest gateway process, requests so far."""

    at: float
    memory: int
    descriptors: int
    requests: int


@dataclass
class Soak:
    """A run that is over."""

    seconds: float
    looks: list[Look] = field(default_factory=list)
    verdict: Verdict = field(default_factory=Verdict)


async def run(place: Path, *, seconds: float, customers: int, seed: int) -> Soak:
    """Load a fleet in rounds; after each, let it come to rest and judge it. Faults of the network happen meanwhile."""
    soak = Soak(seconds)
    async with fleet(place) as all_of_it:
        await put_on_sale(all_of_it.house)
        tenant = await all_of_it.house.new_tenant("1000000")
        all_of_it.house.tenant = tenant
        began, number = time.monotonic(), 0
        while time.monotonic() - began < seconds and not soak.verdict.problems:
            number += 1
            crowd = Crowd(all_of_it.port, tenant.key, seed + number)
            asking = asyncio.create_task(crowd.run(customers))
            try:
                await asyncio.sleep(min(ROUND, seconds) / 2)
                for deed in (Deed.DROP_UPSTREAM, Deed.KILL_BACKEND):
                    await deeds.do(all_of_it, Act(0, deed, number))
                await asyncio.sleep(min(ROUND, seconds) / 2)
            finally:
                crowd.stop()
                await asyncio.wait([asking], timeout=120)
            await asking
            verdict = await judge(all_of_it.house, crowd.asked)
            soak.verdict = _together(soak.verdict, verdict)
            soak.looks.append(_look(all_of_it, time.monotonic() - began, sum(soak.verdict.outcomes.values())))
            print(soak.looks[-1], flush=True)
            # What was judged is not judged again.
            all_of_it.upstream.journal.clear()
    _judge_growth(soak)
    return soak


def _together(before: Verdict, now: Verdict) -> Verdict:
    """Return both verdicts as one; sums of the ledger are of all that was ever booked."""
    return Verdict(
        before.problems + now.problems,
        before.outcomes + now.outcomes,
        now.charged,
        now.charges,
        before.short + now.short,
        before.lost + now.lost,
    )


def _judge_growth(soak: Soak) -> None:
    looks = soak.looks[WARM_UP:]
    if len(looks) < 2:
        return
    first, last = looks[0], looks[-1]
    if last.memory > first.memory * MEMORY_GROWTH:
        soak.verdict.complain(f"memory grew from {first.memory >> 20} to {last.memory >> 20} MiB")
    if last.descriptors > first.descriptors + DESCRIPTOR_GROWTH:
        soak.verdict.complain(f"descriptors grew from {first.descriptors} to {last.descriptors}")


def _look(all_of_it: Fleet, at: float, requests: int) -> Look:
    processes = [pid for replica in all_of_it.replicas for pid in replica.worker_pids()]
    return Look(at, max(map(_memory, processes)), max(map(_descriptors, processes)), requests)


def _memory(pid: int) -> int:
    pages = int(Path(f"/proc/{pid}/statm").read_text().split()[1])
    return pages * os.sysconf("SC_PAGE_SIZE")


def _descriptors(pid: int) -> int:
    return len(os.listdir(f"/proc/{pid}/fd"))
