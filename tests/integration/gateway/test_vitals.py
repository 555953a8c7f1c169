"""What processes see of providers reaches the database, a failed attempt before a fallback too, and is read together."""

from datetime import timedelta
from itertools import pairwise

from omna.catalog import service as catalog
from omna.config import Database
from omna.db.pool import open_pool
from omna.gateway import vitals
from omna.gateway.faults import Verdict
from omna.gateway.health import Health
from omna.gateway.reporting import Reporting, tally
from omna.ids import ProviderId, new_id
from tests.harness.installation import Installation, until
from tests.harness.replica import Replica
from tests.harness.wire import chat
from tests.upstream.server import Upstream


async def test_attempts_of_every_kind_are_seen(house: Installation, replica: Replica) -> None:
    key = house.tenant.key
    async with Upstream() as other:
        await house.add_provider("spare", other.base_url)
        await house.model("seen", upstream_model="refuse-500")
        await house.model("seen", upstream_model="ok", provider="spare")
        for streamed in (False, True):
            answer = await chat(replica.port, key, "seen", stream=streamed)
            assert answer.header("x-omna-provider") == "spare", answer.body
        await house.model("mistaken", upstream_model="status-400")
        assert (await chat(replica.port, key, "mistaken")).status == 400
        main = (await catalog.find_provider(house.connection, "main")).provider_id
        spare = (await catalog.find_provider(house.connection, "spare")).provider_id

        async def told() -> vitals.Vitals | None:
            found = await vitals.vitals(house.connection, spare, "hour")
            return found if found.whole.answered == 2 else None

        seen = await until(told, "no report came")
        assert sum(seen.whole.first) == 1, "only a stream has a first output"
        assert sum(seen.whole.total) == 2
        assert sum(counts.answered for _, counts in seen.points) == 2
        assert seen.whole.error_rate == 0
        failing = await vitals.vitals(house.connection, main, "day")
        assert (failing.whole.failed, failing.whole.refused, failing.whole.error_rate) == (2, 1, 1.0)
        assert set(failing.models) == {"refuse-500", "status-400"}
        lines = {(line.failure, line.status, line.times) for line in failing.failures}
        assert lines == {("status", 500, 2), ("invalid", 400, 1)}
        assert failing.breakers == []
        summary = await vitals.summaries(house.connection)
        assert summary[main].failed == 2
        assert summary[spare].latency("total", 0.95) is not None
        assert ProviderId(house.tenant.workspace_id) not in summary


async def test_breakers_of_processes_are_told_until_they_close(house: Installation) -> None:
    await house.model("shaky", upstream_model="ok")
    route = next(one for one in await catalog.list_models(house.connection) if one.model_id == "shaky").routes[0]
    provider = route.provider.provider_id
    moment = [0.0]
    pool = await open_pool(house.url, Database(), max_size=2)
    processes = []
    for _ in range(2):
        health = Health(lambda: moment[0], failures=1, cool_down=60, retry_burst=1)
        health.breaker(route).failed(0.0, Verdict.COUNTS)
        processes.append((health, Reporting(pool, tally(), health, new_id())))
    for _, reporting in processes:
        await reporting.turn()
    (line,) = (await vitals.breakers(house.connection))[provider]
    assert (line.upstream_model, line.state, line.processes) == ("ok", "open", 2)
    for health, reporting in processes:
        health.breaker(route).begin()
        health.breaker(route).succeeded(61.0, 0.1)
        await reporting.turn()
    assert await vitals.breakers(house.connection, provider) == {}
    await pool.close()


async def test_points_have_no_gaps_and_old_minutes_go(house: Installation) -> None:
    main = (await catalog.find_provider(house.connection, "main")).provider_id
    for days, model in ((0, "new"), (9, "old")):
        await house.connection.execute(
            """INSERT INTO provider_minutes (minute, provider_id, upstream_model, answered, failed, refused, first_output, total)
               VALUES (date_trunc('minute', now() - $3::interval), $1, $2, 1, 0, 0, $4, $4)""",
            main,
            model,
            timedelta(days=days),
            [0] * 25,
        )
    for span, count in (("hour", 31), ("day", 49)):
        points = (await vitals.vitals(house.connection, main, span)).points
        assert count - 1 <= len(points) <= count
        assert {after[0] - before[0] for before, after in pairwise(points)} == {vitals.SPANS[span][1]}
    assert await vitals.sweep(house.connection) == 1
