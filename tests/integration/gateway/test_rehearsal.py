"""POST /v1/admission says what would happen, exactly, and takes nothing."""

from typing import Any

import pytest

from omna.money import parse_credits
from omna.risk import service as risk
from tests.harness.installation import Installation
from tests.harness.wire import HI, Answer, Connection

PATH = "/v1/admission"


async def rehearse(client: Connection, key: str | None, model: str = "ok", **fields: Any) -> Answer:
    return await client.post(PATH, {"model": model, "messages": HI} | fields, key=key)


async def test_it_names_the_hold_that_the_request_then_has(client: Connection, house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant()
    foreseen = (await rehearse(client, tenant.key, max_tokens=50)).json
    assert (foreseen["admitted"], foreseen["model"], foreseen["provider"]) == (True, "ok", "main")
    assert foreseen["max_output_tokens"] == 50
    answer = await client.chat(tenant.key, "ok", max_tokens=50)
    assert (await house.request(answer.request_id))["held"] == parse_credits(foreseen["hold"])


async def test_it_takes_neither_rate_nor_credits_nor_leaves_a_trace(client: Connection, house: Installation) -> None:
    await house.model("ok")
    tenant = await house.new_tenant(rpm=1)
    calls = len(house.upstream.journal)
    for _ in range(5):
        answer = await rehearse(client, tenant.key)
        assert answer.json["admitted"] is True
        # What the headers would say after the real one.
        assert answer.header("x-ratelimit-remaining-requests") == "0"
    assert await house.running() == 0
    assert await house.requests(tenant) == []
    assert (await house.wallet(tenant)).balance == parse_credits("100")
    assert len(house.upstream.journal) == calls
    assert (await client.chat(tenant.key, "ok")).status == 200
    refused = (await rehearse(client, tenant.key)).json
    assert (refused["admitted"], refused["status"], refused["error"]["code"]) == (False, 429, "rate_limit_exceeded")


async def test_it_says_which_limit_binds_with_its_numbers(client: Connection, house: Installation) -> None:
    await house.model("ok")
    poor = await house.new_tenant("0.00001")
    refused = (await rehearse(client, poor.key, max_tokens=4000)).json
    assert (refused["admitted"], refused["status"], refused["error"]["code"]) == (False, 402, "insufficient_credits")
    assert refused["error"]["metadata"]["available"] == "0.00001"
    tenant = await house.new_tenant()
    await house.connection.execute(
        "UPDATE members SET spend_limit = 10, spend_period = 'week' WHERE workspace_id = $1", tenant.workspace_id
    )
    await house.connection.execute(
        "UPDATE api_keys SET created_by = m.user_id FROM members AS m WHERE m.workspace_id = api_keys.workspace_id"
        " AND key_id = $1",
        tenant.key_id,
    )
    refused = (await rehearse(client, tenant.key, max_tokens=4)).json
    assert (refused["status"], refused["error"]["code"]) == (402, "member_limit_exceeded")
    assert refused["error"]["metadata"]["limit_name"] == "member_weekly"
    assert refused["error"]["metadata"]["scope"] == "member"
    async with house.connection.transaction():
        await risk.freeze(house.connection, poor.workspace_id, reason="test", actor=house.actor)
    assert (await rehearse(client, poor.key)).json["error"]["code"] == "account_frozen"


@pytest.mark.parametrize(
    ("model", "fields", "status", "code"),
    [("nowhere", {}, 404, "model_not_found"), ("ok", {"n": 0}, 400, "invalid_value"),
     ("ok", {"messages": []}, 400, "invalid_value")],
)  # fmt: skip
async def test_question_that_makes_no_sense_is_an_error(
    client: Connection, house: Installation, model: str, fields: dict[str, Any], status: int, code: str
) -> None:
    await house.model("ok")
    assert (await rehearse(client, house.tenant.key, model, **fields)).code == (status, code)
    assert (await rehearse(client, None, model, **fields)).code == (401, "invalid_api_key")
    assert (await client.get(PATH, key=house.tenant.key)).status == 405
