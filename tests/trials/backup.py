"""A backup is taken under load and restored elsewhere: it lacks what came after it, and nothing else."""

import asyncio
from dataclasses import dataclass, replace
from pathlib import Path

import asyncpg

from tests.harness.installation import Installation
from tests.trials.fleet import Fleet, fleet
from tests.trials.pair import Node
from tests.trials.traffic import Crowd, put_on_sale
from tests.trials.verdict import Verdict, judge


@dataclass
class Backup:
    """A run that is over: requests before, after and in the backup."""

    before: int
    during: int
    after: int
    restored: int
    seconds: float
    verdict: Verdict


async def run(place: Path, *, seconds: float, customers: int) -> Backup:
    """Ask for a while, back up meanwhile, ask on; restore into another server and compare."""
    elsewhere = Node(place / "elsewhere", "restored")
    async with fleet(place) as all_of_it:
        await put_on_sale(all_of_it.house)
        tenant = await all_of_it.house.new_tenant("100000")
        all_of_it.house.tenant = tenant
        crowd = Crowd(all_of_it.port, tenant.key, 1)
        asking = asyncio.create_task(crowd.run(customers))
        file = place / "omna.backup"
        try:
            await asyncio.sleep(seconds)
            settled_before = await _settled(all_of_it.house)
            began = asyncio.get_running_loop().time()
            taken = await all_of_it.house.omna("backup", str(file))
            took = asyncio.get_running_loop().time() - began
            assert taken.code == 0, taken.error
            settled_meanwhile = await _settled(all_of_it.house)
            await asyncio.sleep(seconds)
        finally:
            crowd.stop()
            await asyncio.wait([asking], timeout=120)
        await asking
        verdict = await judge(all_of_it.house, crowd.asked)
        settled_at_last = await _settled(all_of_it.house)
        try:
            restored = await _restore(all_of_it, elsewhere, file, verdict)
        finally:
            elsewhere.stop()
    if missing := settled_before.keys() - restored.keys():
        verdict.complain(f"{len(missing)} requests from before the backup are not in it")
    if strange := restored.keys() - settled_meanwhile.keys():
        verdict.complain(f"{len(strange)} requests in the backup were not settled when it ended")
    if other := [one for one in restored if restored[one] != settled_at_last.get(one)]:
        verdict.complain(f"{len(other)} requests are others in the backup")
    return Backup(
        len(settled_before),
        len(settled_meanwhile) - len(settled_before),
        len(settled_at_last) - len(settled_meanwhile),
        len(restored),
        took,
        verdict,
    )


async def _settled(house: Installation) -> dict[object, tuple[int, str]]:
    rows = await house.connection.fetch("SELECT request_id, charge, outcome FROM requests")
    return {row["request_id"]: (row["charge"], row["outcome"]) for row in rows}


async def _restore(all_of_it: Fleet, elsewhere: Node, file: Path, verdict: Verdict) -> dict[object, tuple[int, str]]:
    """Restore into a new server, check the books there, and return the requests it holds."""
    await asyncio.to_thread(elsewhere.initialize)
    elsewhere.start()
    await elsewhere.answers()
    await elsewhere.ask("CREATE DATABASE omna")
    house = Installation(elsewhere.url(), all_of_it.house.data, all_of_it.upstream)
    house.master_key = all_of_it.house.master_key
    house.settings = replace(house.settings, secrets=all_of_it.house.settings.secrets)
    for command in (("restore", str(file)), ("ledger", "verify"), ("audit", "verify")):
        result = await house.omna(*command)
        if result.code != 0:
            verdict.complain(f"restored, omna {command[0]}: {result.output} {result.error}")
    connection = await asyncpg.connect(elsewhere.url())
    try:
        rows = await connection.fetch("SELECT request_id, charge, outcome FROM omna.requests")
        # Every Credit that is missing from the balance was charged for one of these requests or is held by one that ran.
        wrong = await connection.fetchval(
            """SELECT (SELECT sum(charge) FROM omna.requests)
                   - (SELECT coalesce(sum(e.amount), 0) FROM omna.entries AS e WHERE e.account = 'revenue')"""
        )
        if wrong:
            verdict.complain(f"restored, charges and revenue differ by {wrong}")
    finally:
        await connection.close()
    return {row["request_id"]: (row["charge"], row["outcome"]) for row in rows}
