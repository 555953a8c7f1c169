from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna.audit.service import Actor, by_actor
from omna.errors import AccountFrozen, InvalidApiKey, InvalidValue, KeyDisabled, NotFound
from omna.ids import WorkspaceId, new_id
from omna.keys import service as keys
from omna.keys.model import ApiKey, generate
from omna.risk import service as risk
from omna.workspaces.service import Workspace


async def issue(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor, **limits: object
) -> tuple[ApiKey, str]:
    async with connection.transaction():
        return await keys.issue(connection, workspace.workspace_id, "test", actor=actor, **limits)  # type: ignore[arg-type]


async def test_an_issued_key_is_recognised_with_its_limits(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    expires = datetime.now(UTC) + timedelta(days=1)
    key, text = await issue(
        connection,
        workspace,
        actor,
        rpm=60,
        spend_limit=5,
        spend_period="week",
        allowed_models=["b", "a"],
        expires_at=expires,
    )
    found = await keys.authenticate(connection, text)
    assert found == key
    assert (found.rpm, found.spend_limit, found.spend_period) == (60, 5, "week")
    assert found.allowed_models == ("a", "b")
    assert found.expires_at == expires


async def test_the_text_of_a_key_is_stored_nowhere(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    key, text = await issue(connection, workspace, actor)
    rows = await connection.fetch("SELECT k::text FROM api_keys AS k UNION ALL SELECT a::text FROM audit_log AS a")
    assert rows
    assert all(text not in row[0] and text[9:-4] not in row[0] for row in rows)
    assert text.startswith(key.prefix)
    assert text.endswith(key.last_four)


@pytest.mark.parametrize(
    "limits",
    [
        {"rpm": 0},
        {"rpm": -1},
        {"spend_limit": 5},
        {"spend_period": "day"},
        {"spend_limit": -1, "spend_period": "day"},
        {"spend_limit": 5, "spend_period": "year"},
        {"allowed_models": []},
        {"expires_at": datetime(2000, 1, 1, tzinfo=UTC)},
    ],
)
async def test_limits_that_make_no_sense_are_refused(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor, limits: dict[str, object]
) -> None:
    with pytest.raises(InvalidValue):
        await issue(connection, workspace, actor, **limits)
    assert not await keys.list_of(connection, workspace.workspace_id)


async def test_an_unknown_or_garbled_key_is_invalid(connection: asyncpg.Connection) -> None:
    for text in (generate(), "omna_xxx", "", "Bearer x"):
        with pytest.raises(InvalidApiKey):
            await keys.authenticate(connection, text)


async def test_a_revoked_key_is_invalid_for_ever(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    key, text = await issue(connection, workspace, actor)
    async with connection.transaction():
        await keys.revoke(connection, workspace.workspace_id, key.key_id, reason="leaked", actor=actor)
        await keys.revoke(connection, workspace.workspace_id, key.key_id, reason="again", actor=actor)
        await keys.enable(connection, workspace.workspace_id, key.key_id, reason="no", actor=actor)
    with pytest.raises(InvalidApiKey):
        await keys.authenticate(connection, text)
    acts = await by_actor(connection, actor.name, "key.revoke", datetime(2000, 1, 1, tzinfo=UTC))
    assert [act.reason for act in acts] == ["leaked"]


async def test_a_disabled_key_can_be_enabled_again(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    key, text = await issue(connection, workspace, actor)
    async with connection.transaction():
        await keys.disable(connection, workspace.workspace_id, key.key_id, reason="pause", actor=actor)
    with pytest.raises(KeyDisabled):
        await keys.authenticate(connection, text)
    async with connection.transaction():
        await keys.enable(connection, workspace.workspace_id, key.key_id, reason="go on", actor=actor)
    assert (await keys.authenticate(connection, text)).key_id == key.key_id


async def test_an_expired_key_is_invalid_by_the_clock_of_the_database(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    key, text = await issue(connection, workspace, actor, expires_at=datetime.now(UTC) + timedelta(days=1))
    await connection.execute("UPDATE api_keys SET expires_at = now() WHERE key_id = $1", key.key_id)
    with pytest.raises(InvalidApiKey):
        await keys.authenticate(connection, text)


async def test_a_key_of_a_frozen_workspace_is_told_why(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    _, text = await issue(connection, workspace, actor)
    async with connection.transaction():
        await risk.freeze(connection, workspace.workspace_id, reason="odd pattern", actor=actor)
    with pytest.raises(AccountFrozen, match="odd pattern"):
        await keys.authenticate(connection, text)


async def test_a_key_of_another_workspace_is_unknown(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    key, text = await issue(connection, workspace, actor)
    other = WorkspaceId(new_id())
    with pytest.raises(NotFound):
        await keys.get(connection, other, key.key_id)
    with pytest.raises(NotFound):
        async with connection.transaction():
            await keys.revoke(connection, other, key.key_id, reason="theirs", actor=actor)
    assert await keys.authenticate(connection, text)
