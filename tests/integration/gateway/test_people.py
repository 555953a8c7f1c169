"""Keys and the people behind them, at a running gateway: what changes among members holds for the next request."""

from omna.accounts import service as accounts
from omna.config import Risk
from omna.http.principal import RIGHTS, Member, Role
from omna.ids import SessionId, UserId, new_id
from omna.keys.model import generate_management
from omna.membership import team
from omna.workspaces import members
from omna.workspaces import service as workspaces
from omna.workspaces.members import SpendLimit
from tests.harness.installation import Installation
from tests.harness.wire import Connection


async def test_a_management_key_is_told_what_it_opens(client: Connection, house: Installation) -> None:
    await house.model("ok")
    answer = await client.chat(generate_management(), "ok")
    assert answer.code == (401, "invalid_api_key")
    assert "/api" in answer.json["error"]["message"]


async def test_limit_role_and_removal_hold_for_the_next_request(client: Connection, house: Installation) -> None:
    await house.model("ok")
    connection, actor = house.connection, house.actor
    people: list[UserId] = []
    async with connection.transaction():
        for name in ("olga", "mia"):
            user = await accounts.create_user(connection, f"{name}@people.example", actor=actor, name=name)
            people.append(user.user_id)
        olga, mia = people
        made = await workspaces.create_team(connection, olga, "Team", verified=True, risk=Risk(), actor=actor)
    await connection.execute(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'member')", made.workspace_id, mia
    )
    by = Member(made.workspace_id, olga, Role.OWNER, RIGHTS[Role.OWNER], SessionId(new_id()), None, "192.0.2.1")
    _, key = await house.new_key(made.workspace_id, created_by=mia)
    assert (await client.chat(key, "ok", max_tokens=4)).code == (402, "insufficient_credits")
    await house.omna("credit", f"ws_{made.workspace_id.hex}", "5", "--reason", "test")
    assert (await client.chat(key, "ok", max_tokens=4)).status == 200

    async with connection.transaction():
        await members.limit_spend(connection, mia, SpendLimit(1, "day"), by=by, actor=actor)
    refused = await client.chat(key, "ok", max_tokens=4)
    assert refused.code == (402, "member_limit_exceeded")
    assert refused.json["error"]["metadata"]["limit_name"] == "member_daily"
    async with connection.transaction():
        await members.limit_spend(connection, mia, None, by=by, actor=actor)
    assert (await client.chat(key, "ok", max_tokens=4)).status == 200

    async with connection.transaction():
        await accounts.disable(connection, await accounts.get(connection, mia), reason="test", actor=actor)
    for answer in (await client.chat(key, "ok", max_tokens=4), await client.get("/v1/key", key=key)):
        assert answer.code == (403, "key_disabled")
    async with connection.transaction():
        await accounts.enable(connection, await accounts.get(connection, mia), actor=actor)
    assert (await client.chat(key, "ok", max_tokens=4)).status == 200

    async with connection.transaction():
        await team.change_role(connection, mia, Role.BILLING, "hand_over", by=by, actor=actor)
    assert (await client.chat(key, "ok", max_tokens=4)).status == 200  # it is the owner's now
    _, second = await house.new_key(made.workspace_id, created_by=mia)
    assert (await client.chat(second, "ok", max_tokens=4)).code == (403, "key_disabled")
    async with connection.transaction():
        await members.change_role(connection, mia, Role.MEMBER, by=by, actor=actor)
    assert (await client.chat(second, "ok", max_tokens=4)).status == 200
    async with connection.transaction():
        await team.remove(connection, mia, "stop", by=by, actor=actor)
    assert (await client.chat(second, "ok", max_tokens=4)).code == (401, "invalid_api_key")
    used = await connection.fetchval("SELECT count(*) FROM key_spend WHERE last_used_at IS NOT NULL")
    assert used >= 2
    await house.books_are_right()
