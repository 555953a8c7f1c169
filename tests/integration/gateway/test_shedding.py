"""A process that has too much to do says so at once, and goes on with what costs nothing."""

from omna.money import parse_credits
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation, until
from tests.harness.replica import Replica
from tests.harness.wire import CHAT, HI, Answer, Connection, ask, chat


async def test_late_process_sheds_new_generations_and_nothing_else(house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant(rpm=50)
    # Every beat is late by this measure: the second one in a row makes the process late.
    async with house.replica(SETTINGS | {"GATEWAY_SHED_LAG_SECONDS": "-1"}) as replica:

        async def shed() -> Answer | None:
            answer = await chat(replica.port, tenant.key, "ok")
            return answer if answer.status == 503 else None

        refused = await until(shed, "nothing is shed")
        assert refused.code == (503, "gateway_overloaded")
        assert 1 <= int(refused.header("retry-after") or 0) <= 60
        for path, body in (("/v1/responses", {"input": "hi"}), ("/v1/messages", {"messages": HI, "max_tokens": 5})):
            answer = await ask(replica.port, "POST", path, {"model": "ok"} | body, key=tenant.key)
            assert answer.status == 503
            assert answer.json["error"]["code"] == "gateway_overloaded"
        for path in ("/v1/models", "/v1/key", "/v1/credits"):
            assert (await ask(replica.port, "GET", path, key=tenant.key)).status == 200
        assert (await ask(replica.port, "GET", "/healthz")).status == 200
    await house.books_are_right()


async def test_bodies_at_work_are_bounded_in_all(house: Installation) -> None:
    await house.model("ok")
    await house.model("hang-mid-stream")
    async with house.replica(SETTINGS | {"GATEWAY_BODY_MEMORY": "3000"}) as replica, Connection(replica.port) as first:
        message = [{"role": "user", "content": "x" * 2000}]
        stream = await first.stream(house.tenant.key, "hang-mid-stream", messages=message)
        await stream.read_until(b"fox")
        refused = await ask(replica.port, "POST", CHAT, {"model": "ok", "messages": message}, key=house.tenant.key)
        assert refused.code == (503, "gateway_overloaded")
        assert (await chat(replica.port, house.tenant.key, "ok")).status == 200
        first.close()

        async def served() -> bool | None:
            answer = await ask(replica.port, "POST", CHAT, {"model": "ok", "messages": message}, key=house.tenant.key)
            return True if answer.status == 200 else None

        await until(served, "the memory of a request that ended is not given back")
    await house.books_are_right()


async def test_headers_beyond_their_bound_are_refused_before_anything_is_done(
    house: Installation, replica: Replica
) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    body = {"model": "ok", "messages": HI}
    # The server's buffer is 32 KiB, and what it has read beside it may be as much again.
    for headers in ([("x-large", "x" * 70_000)], [(f"x-{number}", "1") for number in range(200)]):
        answer = await ask(replica.port, "POST", CHAT, body, key=tenant.key, headers=headers)
        assert answer.status == 431
    assert await house.requests(tenant) == []
    assert (await house.wallet(tenant)).balance == parse_credits("100")
    assert (await chat(replica.port, tenant.key, "ok")).status == 200
