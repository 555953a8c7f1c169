"""A limit admits what fits it exactly, and not a nanocredit more."""

from omna.money import format_credits, parse_credits
from tests.harness.installation import Installation
from tests.harness.wire import Connection


async def hold_of(client: Connection, house: Installation, **body: object) -> int:
    """Return what a request like the ones below holds."""
    await house.model("ok")
    tenant = await house.new_tenant()
    answer = await client.chat(tenant.key, "ok", **body)
    assert answer.status == 200, answer.body
    record = (await client.get(f"/v1/generation?id={answer.request_id}", key=tenant.key)).json["data"]
    return parse_credits(record["hold"])


async def test_spend_limit_of_a_key_is_exact(client: Connection, house: Installation) -> None:
    hold = await hold_of(client, house, max_tokens=4)
    fits = await house.new_tenant(spend_limit=hold, spend_period="day")
    assert (await client.chat(fits.key, "ok", max_tokens=4)).status == 200
    short = await house.new_tenant(spend_limit=hold - 1, spend_period="day")
    assert (await client.chat(short.key, "ok", max_tokens=4)).code == (402, "key_limit_exceeded")


async def test_daily_limit_of_a_workspace_is_exact(client: Connection, house: Installation) -> None:
    hold = await hold_of(client, house, max_tokens=4)
    for limit, expected in ((hold, 200), (hold - 1, 402)):
        tenant = await house.new_tenant()
        await house.connection.execute(
            "UPDATE workspaces SET daily_limit = $2 WHERE workspace_id = $1", tenant.workspace_id, limit
        )
        assert (await client.chat(tenant.key, "ok", max_tokens=4)).status == expected


async def test_balance_is_exact(client: Connection, house: Installation) -> None:
    hold = await hold_of(client, house, max_tokens=4)
    assert (await client.chat((await house.new_tenant(format_credits(hold))).key, "ok", max_tokens=4)).status == 200
    short = await house.new_tenant(format_credits(hold - 1))
    assert (await client.chat(short.key, "ok", max_tokens=4)).code == (402, "insufficient_credits")
