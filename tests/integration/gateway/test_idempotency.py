"""Idempotency-Key: the same request again, however often and whenever, is one answer and one charge."""

import asyncio
from typing import Any

import asyncpg
import pytest

from omna.gateway import idempotency
from omna.keys import service as keys
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation, Tenant
from tests.harness.replica import Replica
from tests.harness.wire import CHAT, HI, Answer, Connection, ServerClosed, ask

FULL = 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN


async def post(replica: Replica, tenant: Tenant, name: str, model: str = "ok", **fields: Any) -> Answer:
    body = {"model": model, "messages": HI} | fields
    return await ask(replica.port, "POST", CHAT, body, key=tenant.key, headers={"idempotency-key": name})


async def charges(house: Installation, tenant: Tenant) -> list[int]:
    return [row["charge"] for row in await house.requests(tenant)]


async def test_same_request_gets_the_same_answer_and_one_charge(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    first = await post(replica, tenant, "order-1")
    assert first.status == 200
    assert first.header("idempotent-replayed") is None
    for _ in range(3):
        again = await post(replica, tenant, "order-1")
        assert (again.status, again.body, again.request_id) == (200, first.body, first.request_id)
        assert again.header("idempotent-replayed") == "true"
        assert again.header("x-generation-id") == first.header("x-generation-id")
    other = await post(replica, tenant, "order-2")
    assert other.request_id != first.request_id
    assert await charges(house, tenant) == [FULL, FULL]
    await house.books_are_right()


async def test_other_body_other_endpoint_or_stream_with_the_same_key_is_refused(
    house: Installation, replica: Replica
) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    assert (await post(replica, tenant, "k")).status == 200
    assert (await post(replica, tenant, "k", temperature=1)).code == (400, "idempotency_key_mismatch")
    streamed = await post(replica, tenant, "fresh", stream=True)
    assert streamed.code == (400, "unsupported_parameter")
    for name in ("", "x" * 256, "caf\xe9"):
        assert (await post(replica, tenant, name)).code == (400, "invalid_value")
    assert await charges(house, tenant) == [FULL]


async def test_order_of_fields_makes_no_other_request(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    headers = {"idempotency-key": "k", "content-type": "application/json"}
    texts = (
        b'{"model":"ok","messages":[{"role":"user","content":"hi"}],"temperature":0}',
        b'{ "temperature" : 0, "messages":[{"content":"hi","role":"user"}], "model":"ok"}',
    )
    ids = {(await ask(replica.port, "POST", CHAT, text, key=tenant.key, headers=headers)).request_id for text in texts}
    assert len(ids) == 1


async def test_keys_of_others_are_unrelated(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    one, two = await house.new_tenant(), await house.new_tenant()
    first, second = await post(replica, one, "same"), await post(replica, two, "same", temperature=1)
    assert first.status == second.status == 200
    assert first.request_id != second.request_id
    assert await charges(house, one) == await charges(house, two) == [FULL]


async def test_failures_are_not_stored(house: Installation, replica: Replica) -> None:
    for model in ("refuse-500", "status-400", "ok"):
        await house.model(model)
    tenant = await house.new_tenant()
    assert (await post(replica, tenant, "a", "refuse-500")).status == 502
    assert (await post(replica, tenant, "b", "status-400")).status == 400
    poor = await house.new_tenant("0")
    assert (await post(replica, poor, "c")).status == 402
    await house.quiet()
    # Each name is free again, for another body too.
    assert (await post(replica, tenant, "a")).status == 200
    assert (await post(replica, tenant, "b")).status == 200
    assert (await post(replica, poor, "c", temperature=1)).status == 402
    assert sorted(await charges(house, tenant)) == [0, 0, FULL, FULL]


async def test_retry_while_it_runs_waits_and_then_hears_the_answer(house: Installation, replica: Replica) -> None:
    await house.model("ok-slow")
    await house.model("hang-before-headers")
    tenant = await house.new_tenant()
    async with Connection(replica.port) as first:
        pairs = {"idempotency-key": "k"}
        body = {"model": "hang-before-headers", "messages": HI}
        task = asyncio.create_task(first.post(CHAT, body, key=tenant.key, headers=pairs))
        await house.wait_for_running(1)
        answer = await post(replica, tenant, "k", "hang-before-headers")
        assert answer.code == (409, "idempotency_in_progress")
        assert answer.header("retry-after") == "1"
        assert (await post(replica, tenant, "k", "ok-slow")).code == (400, "idempotency_key_mismatch")
        first.close()
        with pytest.raises((ServerClosed, ConnectionError)):
            await task
    await house.quiet()
    assert await charges(house, tenant) == [0]


async def test_many_at_once_are_one_request(house: Installation, replica: Replica) -> None:
    await house.model("ok-slow")
    tenant = await house.new_tenant()

    async def insist() -> Answer:
        while (answer := await post(replica, tenant, "storm", "ok-slow")).status == 409:
            pass
        return answer

    answers = await asyncio.gather(*(insist() for _ in range(20)))
    assert {answer.status for answer in answers} == {200}
    assert len({answer.body for answer in answers}) == 1
    assert await charges(house, tenant) == [FULL]


async def test_gateway_that_dies_before_it_is_paid_leaves_the_key_free(house: Installation) -> None:
    await house.model("hang-before-headers")
    await house.model("ok")
    tenant = await house.new_tenant()
    async with house.replica(SETTINGS) as replica:
        async with Connection(replica.port) as client:
            body = {"model": "hang-before-headers", "messages": HI}
            task = asyncio.create_task(client.post(CHAT, body, key=tenant.key, headers={"idempotency-key": "k"}))
            await house.wait_for_running(1)
            killed = replica.kill_workers()
            with pytest.raises((ServerClosed, ConnectionError)):
                await task
        await replica.ready_again(killed)
        await house.quiet(60)
        assert (await post(replica, tenant, "k")).status == 200
    assert await charges(house, tenant) == [0, FULL]
    await house.books_are_right()


async def test_stored_answer_can_be_read_by_nobody_without_the_key(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    answer = await post(replica, tenant, "secret-name")
    stored: asyncpg.Record = await house.connection.fetchrow(
        "SELECT answer, name FROM idempotent_requests WHERE workspace_id = $1", tenant.workspace_id
    )
    assert b"quick" in answer.body
    assert b"quick" not in stored["answer"]
    assert b"secret-name" not in stored["name"]


async def test_key_that_may_not_be_used_hears_no_stored_answer(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    assert (await post(replica, tenant, "k")).status == 200
    async with house.connection.transaction():
        await keys.revoke(house.connection, tenant.workspace_id, tenant.key_id, reason="test", actor=house.actor)
    assert (await post(replica, tenant, "k")).code == (401, "invalid_api_key")


async def test_old_claims_are_forgotten_and_the_name_is_free(house: Installation, replica: Replica) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    first = await post(replica, tenant, "k")
    await house.connection.execute(
        "UPDATE idempotent_requests SET claimed_at = now() - interval '25 hours' WHERE workspace_id = $1",
        tenant.workspace_id,
    )
    second = await post(replica, tenant, "k", temperature=1)
    assert second.request_id != first.request_id
    await house.connection.execute("UPDATE idempotent_requests SET claimed_at = now() - interval '25 hours'")
    assert await idempotency.forget_old(house.connection) >= 1
    assert await house.connection.fetchval("SELECT count(*) FROM idempotent_requests") == 0
