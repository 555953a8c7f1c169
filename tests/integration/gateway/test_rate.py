"""Requests per minute: never more than the limit in any 60 s, and next to never fewer."""

import asyncio
import bisect
import time
from collections import Counter

from omna.ids import made_at
from tests.harness import depth
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation, Tenant
from tests.harness.replica import Replica
from tests.harness.wire import Connection, ask, chat

RPM = 60
WINDOW = 60.0


async def buckets(house: Installation, tenant: Tenant) -> int:
    """Return how many admitted requests the sliding window of a key counts."""
    count = await house.connection.fetchval(
        """SELECT coalesce(sum(bucket.admitted), 0)
           FROM key_rates, unnest(latest, admitted) AS bucket (latest, admitted)
           WHERE key_id = $1 AND bucket.latest > clock_timestamp() - interval '60 s'""",
        tenant.key_id,
    )
    return int(count)


async def test_at_once_exactly_the_limit_is_admitted(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant("10", rpm=RPM)
    answers = await asyncio.gather(*(chat(replica.port, tenant.key, "ok") for _ in range(100)))
    assert Counter(answer.status for answer in answers) == {200: RPM, 429: 40}
    lefts = sorted(int(answer.header("x-ratelimit-remaining-requests") or -1) for answer in answers)
    assert lefts == [0] * 40 + list(range(RPM))
    for answer in answers:
        assert answer.header("x-ratelimit-limit-requests") == str(RPM)
        if answer.status == 429:
            assert answer.code == (429, "rate_limit_exceeded")
            assert answer.header("x-should-retry") is None
            assert 1 <= int(answer.header("retry-after") or 0) <= 60
            assert 0 < int(answer.header("retry-after-ms") or 0) <= 60_000
            facts = answer.error["metadata"]
            assert (facts["limit_name"], facts["scope"], facts["unit"]) == ("key_rpm", "key", "requests")
            assert (facts["limit"], facts["used"]) == (RPM, RPM)
            assert facts["resets_at"].endswith("Z")
            assert facts["remedy"]
    # A refused request takes no slot, no hold and no line.
    assert await buckets(house, tenant) == RPM
    assert len(await house.requests(tenant)) == RPM
    await house.books_are_right()


async def test_four_workers_share_one_limit(house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant("10", rpm=RPM)
    async with house.replica(SETTINGS, workers=4) as replica:
        answers = await asyncio.gather(*(chat(replica.port, tenant.key, "ok") for _ in range(200)))
    assert Counter(answer.status for answer in answers) == {200: RPM, 429: 140}


async def test_request_at_the_hinted_moment_is_admitted(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant("10", rpm=3)
    await house.use_up_rate(tenant, 3, seconds_ago=58.7)
    async with Connection(replica.port) as client:
        refused = await client.chat(tenant.key, "ok")
        assert refused.status == 429
        hint = int(refused.header("retry-after-ms") or 0) / 1000
        assert 0 < hint < 1.3
        for _ in range(5):
            # Asking in vain does not push the moment away.
            again = await client.chat(tenant.key, "ok")
            assert int(again.header("retry-after-ms") or 0) / 1000 <= hint
        await asyncio.sleep(hint)
        assert (await client.chat(tenant.key, "ok")).status == 200
        assert (await client.chat(tenant.key, "ok")).status == 200
    assert await buckets(house, tenant) == 2


async def test_slots_come_back_as_their_buckets_end(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant("10", rpm=10)
    await house.use_up_rate(tenant, 9, seconds_ago=61)
    answers = await asyncio.gather(*(chat(replica.port, tenant.key, "ok") for _ in range(12)))
    assert Counter(answer.status for answer in answers) == {200: 10, 429: 2}


async def test_requests_refused_for_other_reasons_use_no_slot(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant("0.0001", rpm=5)
    async with Connection(replica.port) as client:
        assert (await client.chat(tenant.key, "ok", max_tokens=4000)).status == 402
        assert (await client.chat(tenant.key, "none")).status == 404
        assert (await client.chat(tenant.key, "ok", max_tokens=0)).status == 400
        assert await buckets(house, tenant) == 0
        # A request that failed upstream was admitted: its slot is used, its Credits are not.
        await house.model("refuse-500")
        failed = await client.chat(tenant.key, "refuse-500", max_tokens=4)
    assert failed.status == 502
    assert failed.header("x-ratelimit-remaining-requests") == "4"
    assert await buckets(house, tenant) == 1


@depth.full_only
async def test_eight_clients_for_130_seconds_stay_exact(house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant("10", rpm=RPM)
    admitted: list[float] = []
    refused = 0
    async with house.replica(SETTINGS, workers=2) as replica:
        # Prices, connections and statements are warm before the clock starts.
        assert (await chat(replica.port, house.tenant.key, "ok")).status == 200
        end = time.monotonic() + 130

        async def hammer() -> None:
            nonlocal refused
            while time.monotonic() < end:
                answer = await chat(replica.port, tenant.key, "ok")
                if answer.status == 200:
                    admitted.append(time.monotonic())
                    continue
                assert answer.status == 429
                refused += 1
                # Now at the hint, now too early: the limit must not care.
                hint = int(answer.header("retry-after-ms") or 0) / 1000
                await asyncio.sleep(max(0, min(hint, 0.2 if refused % 2 else hint, end - time.monotonic())))

        await asyncio.gather(*(hammer() for _ in range(8)))
    assert refused > 0
    rows = await house.requests(tenant)
    assert len(rows) == len(admitted) >= 118
    started = await house.connection.fetch(
        "SELECT booked_at FROM transfers WHERE workspace_id = $1 AND kind = 'hold' ORDER BY booked_at",
        tenant.workspace_id,
    )
    decided = [record["booked_at"].timestamp() for record in started]
    made = sorted(made_at(row["request_id"]).timestamp() for row in rows)
    assert busiest_window(decided) <= RPM
    # A client's clock stops after the answer and its id was made before the decision: both lag by a moment only.
    assert busiest_window(sorted(admitted), WINDOW - 0.5) <= RPM
    assert busiest_window(made, WINDOW - 0.5) <= RPM


def busiest_window(moments: list[float], width: float = WINDOW) -> int:
    """Return the most moments in any half-open window; `moments` are sorted."""
    return max(bisect.bisect_left(moments, moment + width) - index for index, moment in enumerate(moments))


async def test_free_requests_have_a_rate_of_their_own(house: Installation) -> None:
    tenant = await house.new_tenant(rpm=1)
    async with house.replica(SETTINGS | {"GATEWAY_FREE_RPM": "3"}) as replica:
        answers = [
            await ask(replica.port, "GET", path, key=tenant.key) for path in ("/v1/models", "/v1/key", "/v1/credits")
        ]
        assert [answer.status for answer in answers] == [200, 200, 200]
        refused = await ask(replica.port, "GET", "/v1/models", key=tenant.key)
        assert refused.code == (429, "rate_limit_exceeded")
        assert 1 <= int(refused.header("retry-after") or 0) <= 60
        # It is not the rate the key pays with.
        assert (await chat(replica.port, tenant.key, "ok")).status == 200
        assert (await ask(replica.port, "GET", "/v1/models", key=house.tenant.key)).status == 200
