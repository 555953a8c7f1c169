import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.config import Risk
from omna.errors import AwaitingApproval, Conflict, EmailNotVerified, InvalidValue, NotFound
from omna.ids import UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.workspaces import service as workspaces
from omna.workspaces.service import MOST_TEAMS, Workspace


async def test_a_personal_workspace_has_its_owner_and_an_empty_wallet(
    connection: asyncpg.Connection, workspace: Workspace
) -> None:
    wallet = await ledger.wallet(connection, workspace.workspace_id)
    assert wallet.balance == 0
    member = await connection.fetchrow("SELECT user_id, role FROM members")
    assert member is not None
    assert (member["user_id"], member["role"]) == (workspace.personal_user_id, "owner")


async def test_the_default_daily_limit_is_the_settings(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        user = await accounts.create_user(connection, "bob@example.com", actor=actor)
        made = await workspaces.create_personal(
            connection, user.user_id, "Bob", risk=Risk(default_daily_limit="2.5"), actor=actor
        )
    assert made.daily_limit == 2_500_000_000


async def test_a_workspace_is_found_by_id_and_by_address(connection: asyncpg.Connection, workspace: Workspace) -> None:
    for text in (
        show("ws", workspace.workspace_id),
        str(workspace.workspace_id),
        workspace.workspace_id.hex,
        " ANN@example.com ",
    ):
        assert await workspaces.find(connection, text) == workspace


async def test_other_texts_find_nothing(connection: asyncpg.Connection, workspace: Workspace) -> None:
    for text in (show("ws", new_id()), "nobody@example.com"):
        with pytest.raises(NotFound):
            await workspaces.find(connection, text)
    for text in ("", "ann", show("key", workspace.workspace_id), "@"):
        with pytest.raises(InvalidValue):
            await workspaces.find(connection, text)


async def test_a_personal_workspace_may_wait_for_its_person(connection: asyncpg.Connection, actor: Actor) -> None:
    async with connection.transaction():
        user = await accounts.create_user(connection, "bob@example.com", actor=actor)
        made = await workspaces.create_personal(
            connection, user.user_id, "Bob", risk=Risk(), actor=actor, pending="verification"
        )
        assert made.pending == "verification"
        await workspaces.set_pending(connection, user.user_id, None)
    assert (await workspaces.get(connection, made.workspace_id)).pending is None


async def test_a_person_owns_a_team_with_a_balance_of_its_own(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    ann = workspace.personal_user_id
    assert ann is not None
    async with connection.transaction():
        made = await workspaces.create_team(connection, ann, "  Acme  Labs ", verified=True, risk=Risk(), actor=actor)
    assert (made.kind, made.name, made.personal_user_id) == ("team", "Acme Labs", None)
    listed = await workspaces.list_of_person(connection, ann)
    assert [(one.workspace.name, one.role, one.balance, one.members) for one in listed] == [
        ("Ann", "owner", 0, 1),
        ("Acme Labs", "owner", 0, 1),
    ]
    assert await workspaces.owned_alone(connection, ann) == [made]


async def test_a_team_needs_a_verified_person_and_a_name(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    ann = workspace.personal_user_id
    assert ann is not None
    async with connection.transaction():
        with pytest.raises(EmailNotVerified):
            await workspaces.create_team(connection, ann, "Acme", verified=False, risk=Risk(), actor=actor)
        for name in ("", "  ", "x" * 101):
            with pytest.raises(InvalidValue):
                await workspaces.create_team(connection, ann, name, verified=True, risk=Risk(), actor=actor)


async def test_who_waits_for_approval_makes_no_team(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    ann = workspace.personal_user_id
    assert ann is not None
    await workspaces.set_pending(connection, ann, "approval")
    async with connection.transaction():
        with pytest.raises(AwaitingApproval):
            await workspaces.create_team(connection, ann, "Acme", verified=True, risk=Risk(), actor=actor)


async def test_a_person_owns_a_bounded_number_of_teams(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    ann = workspace.personal_user_id
    assert ann is not None
    async with connection.transaction():
        for number in range(MOST_TEAMS):
            await workspaces.create_team(connection, ann, f"Team {number}", verified=True, risk=Risk(), actor=actor)
        with pytest.raises(Conflict):
            await workspaces.create_team(connection, ann, "One more", verified=True, risk=Risk(), actor=actor)


async def test_a_workspace_gets_another_name(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    async with connection.transaction():
        renamed = await workspaces.rename(connection, workspace.workspace_id, "Ann's own", actor=actor)
    assert renamed.name == "Ann's own"
    row = await connection.fetchrow("SELECT before, after FROM audit_log WHERE action = 'workspace.rename'")
    assert row is not None
    assert (row["before"], row["after"]) == ({"name": "Ann"}, {"name": "Ann's own"})


async def test_only_members_have_a_role(connection: asyncpg.Connection, workspace: Workspace) -> None:
    ann = workspace.personal_user_id
    assert ann is not None
    assert await workspaces.role_of(connection, workspace.workspace_id, ann) == "owner"
    assert await workspaces.role_of(connection, workspace.workspace_id, UserId(new_id())) is None
    assert await workspaces.role_of(connection, WorkspaceId(new_id()), ann) is None
