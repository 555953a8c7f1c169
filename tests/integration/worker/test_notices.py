"""Who is told of low balances and limits, and how often."""

from collections.abc import AsyncIterator
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.ids import TransferId, UserId, WorkspaceId, new_id
from omna.keys import service as keys
from omna.ledger import service as ledger
from omna.mail import service as mail
from omna.membership import notices
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.risk import service as risk
from omna.worker.notices import tell_limits, tell_low_balances
from omna.workspaces.service import Workspace

CREDIT = NANO_PER_CREDIT


@pytest.fixture
async def superuser(database_url: str) -> AsyncIterator[asyncpg.Connection]:
    """Somebody who may write what only requests write."""
    opened = await asyncpg.connect(database_url, server_settings={"search_path": "omna", "timezone": "UTC"})
    yield opened
    opened.terminate()


async def told(connection: asyncpg.Connection) -> list[tuple[str, str, str]]:
    """Return who was told what since the last look."""
    rows = await mail.newest(connection, limit=100)
    await connection.execute("DELETE FROM mail_outbox")
    return sorted((row.kind, row.recipient, row.subject) for row in rows)


async def recharge(connection: asyncpg.Connection, workspace: Workspace, amount: int) -> None:
    async with connection.transaction():
        names = {"transfer_id": TransferId(new_id()), "actor": "test", "reason": "test"}
        change = Nanocredits(amount * CREDIT)
        await ledger.adjust(connection, workspace_id=workspace.workspace_id, amount=change, **names)


async def set_threshold(connection: asyncpg.Connection, workspace: Workspace, amount: int | None) -> None:
    await connection.execute(
        "UPDATE workspaces SET low_balance_threshold = $2 WHERE workspace_id = $1",
        workspace.workspace_id,
        None if amount is None else amount * CREDIT,
    )


async def join(connection: asyncpg.Connection, workspace: Workspace, email: str, role: str, actor: Actor) -> UserId:
    async with connection.transaction():
        user = await accounts.create_user(connection, email, actor=actor, name=email.partition("@")[0], language="zh")
        await connection.execute(
            "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, $3)",
            workspace.workspace_id, user.user_id, role,
        )  # fmt: skip
    return user.user_id


async def test_a_low_balance_is_told_once_a_crossing(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    for email, role in (("bill@example.com", "billing"), ("adam@example.com", "admin"), ("mo@example.com", "member")):
        await join(connection, workspace, email, role, actor)
    await set_threshold(connection, workspace, 10)
    await recharge(connection, workspace, 20)
    await tell_low_balances(pool)
    assert await told(connection) == []

    await recharge(connection, workspace, -11)
    await tell_low_balances(pool)
    await tell_low_balances(pool)
    assert await told(connection) == [
        ("low_balance", "ann@example.com", "9 Credits left in “Ann”"),
        ("low_balance", "bill@example.com", "工作区“Ann”剩余 9 Credits"),
    ]
    # Back above the threshold, but not clear of it: the next request would be another crossing.
    for amount in (1, -1):
        await recharge(connection, workspace, amount)
        await tell_low_balances(pool)
    assert await told(connection) == []

    await recharge(connection, workspace, 2)
    await tell_low_balances(pool)
    await recharge(connection, workspace, -5)
    await tell_low_balances(pool)
    assert [kind for kind, _, _ in await told(connection)] == ["low_balance", "low_balance"]


async def test_what_running_requests_hold_is_not_gone(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace: Workspace
) -> None:
    await set_threshold(connection, workspace, 10)
    await recharge(connection, workspace, 20)
    async with connection.transaction():
        await ledger.hold(
            connection,
            hold_ids=[TransferId(new_id())],
            workspace_ids=[workspace.workspace_id],
            amounts=[Nanocredits(15 * CREDIT)],
            lease=timedelta(minutes=1),
        )
    await tell_low_balances(pool)
    assert await told(connection) == []


async def test_who_does_not_want_to_know_is_not_told(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace: Workspace
) -> None:
    await tell_low_balances(pool)
    assert await told(connection) == [], "without a threshold nobody is told"
    await set_threshold(connection, workspace, 10)
    await connection.execute("UPDATE users SET notifications = '{\"low_balance\": false}'")
    await tell_low_balances(pool)
    assert await told(connection) == []


@pytest.mark.parametrize("change", ["email_verified_at = NULL", "disabled_at = now()", "deleted_at = now()"])
async def test_who_cannot_be_written_to_is_not(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace: Workspace, change: str
) -> None:
    await set_threshold(connection, workspace, 10)
    await connection.execute(f"UPDATE users SET {change}")
    await tell_low_balances(pool)
    assert await told(connection) == []


async def test_a_key_limit_is_told_at_80_percent_and_when_it_is_used_up(
    pool: asyncpg.Pool,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace: Workspace,
    actor: Actor,
) -> None:
    maker = await join(connection, workspace, "mo@example.com", "member", actor)
    await join(connection, workspace, "adam@example.com", "admin", actor)
    key_id = await make_key(connection, workspace, actor, "week", created_by=maker)
    await spend(superuser, workspace, key_id, 79)
    await tell_limits(pool)
    assert await told(connection) == []
    await spend(superuser, workspace, key_id, 80)
    await tell_limits(pool)
    await tell_limits(pool)
    assert await told(connection) == [
        ("limit_reached", "ann@example.com", "80 % of the limit of key “ci” is used"),
        ("limit_reached", "mo@example.com", "密钥“ci”的限额已使用 80%"),
    ]
    # The request that would use the last Credit exactly never comes.
    await spend(superuser, workspace, key_id, 99)
    await tell_limits(pool)
    await tell_limits(pool)
    assert await told(connection) == [
        ("limit_reached", "ann@example.com", "The limit of key “ci” is used up"),
        ("limit_reached", "mo@example.com", "密钥“ci”的限额已用完"),
    ]


async def test_a_limit_that_jumps_to_its_end_is_told_once(
    pool: asyncpg.Pool,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace: Workspace,
    actor: Actor,
) -> None:
    for period in ("day", "total"):
        await spend(superuser, workspace, await make_key(connection, workspace, actor, period), 100)
    await tell_limits(pool)
    await tell_limits(pool)
    assert [subject for _, _, subject in await told(connection)] == ["The limit of key “ci” is used up"] * 2


async def test_a_limit_is_told_again_in_its_next_period_and_after_it_was_raised(
    pool: asyncpg.Pool,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace: Workspace,
    actor: Actor,
) -> None:
    daily = await make_key(connection, workspace, actor, "day")
    forever = await make_key(connection, workspace, actor, "total")
    for key_id in (daily, forever):
        await spend(superuser, workspace, key_id, 85)
    await tell_limits(pool)
    assert len(await told(connection)) == 2
    await connection.execute("UPDATE limit_notices SET period = period - interval '1 day' WHERE subject_id = $1", daily)
    await connection.execute("UPDATE api_keys SET spend_limit = spend_limit * 2 WHERE key_id = $1", forever)
    await tell_limits(pool)
    assert len(await told(connection)) == 1, "a new day of the one, nothing yet of the other"
    await spend(superuser, workspace, forever, 165)
    await tell_limits(pool)
    assert len(await told(connection)) == 1


async def test_the_daily_limit_of_a_workspace_is_told_to_who_may_raise_it(
    pool: asyncpg.Pool,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace: Workspace,
    actor: Actor,
) -> None:
    for email, role in (("adam@example.com", "admin"), ("mo@example.com", "member")):
        await join(connection, workspace, email, role, actor)
    await connection.execute("UPDATE workspaces SET daily_limit = $1", 100 * CREDIT)
    await superuser.execute(
        "INSERT INTO workspace_spend (workspace_id, day, spent) VALUES ($1, current_date, $2), ($1, current_date - 1, $2)",
        workspace.workspace_id,
        90 * CREDIT,
    )
    await tell_limits(pool)
    await tell_limits(pool)
    assert [(recipient, subject) for _, recipient, subject in await told(connection)] == [
        ("adam@example.com", "工作区“Ann”的限额已使用 80%"),
        ("ann@example.com", "80 % of the limit of workspace “Ann” is used"),
    ]


async def test_the_lower_daily_limit_counts_the_operators_or_the_teams_own(
    pool: asyncpg.Pool, connection: asyncpg.Connection, superuser: asyncpg.Connection, workspace: Workspace
) -> None:
    await connection.execute("UPDATE workspaces SET daily_limit = $1, own_daily_limit = $2", 100 * CREDIT, 10 * CREDIT)
    await superuser.execute(
        "INSERT INTO workspace_spend (workspace_id, day, spent) VALUES ($1, $2, $3)",
        workspace.workspace_id,
        datetime.now(UTC).date(),
        9 * CREDIT,
    )
    await tell_limits(pool)
    assert [subject for _, _, subject in await told(connection)] == ["80 % of the limit of workspace “Ann” is used"]


async def test_keys_that_do_not_work_are_not_spoken_of(
    pool: asyncpg.Pool,
    connection: asyncpg.Connection,
    superuser: asyncpg.Connection,
    workspace: Workspace,
    actor: Actor,
) -> None:
    for change in ("revoked_at = now()", "disabled_at = now()", "expires_at = now()"):
        key_id = await make_key(connection, workspace, actor, "day")
        await spend(superuser, workspace, key_id, 100)
        await connection.execute(f"UPDATE api_keys SET {change} WHERE key_id = $1", key_id)
    await tell_limits(pool)
    assert await told(connection) == []


async def test_a_freeze_and_its_end_are_told_to_who_answers_for_the_workspace(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    for email, role in (("bill@example.com", "billing"), ("mo@example.com", "member")):
        await join(connection, workspace, email, role, actor)
    # Like everything about safety, this cannot be switched off.
    await connection.execute("UPDATE users SET notifications = '{\"workspace_frozen\": false}'")
    async with connection.transaction():
        await risk.freeze(connection, workspace.workspace_id, reason="unusual spend", actor=actor)
        await notices.tell_freeze(connection, workspace.workspace_id)
    [row] = [one for one in await mail.newest(connection) if one.recipient == "ann@example.com"]
    assert "unusual spend" in (row.text or "")
    assert await told(connection) == [
        ("workspace_frozen", "ann@example.com", "Workspace “Ann” is frozen"),
        ("workspace_frozen", "bill@example.com", "工作区“Ann”已被冻结"),
    ]
    async with connection.transaction():
        await risk.unfreeze(connection, workspace.workspace_id, actor=actor)
        await notices.tell_freeze(connection, workspace.workspace_id)
    assert [subject for _, _, subject in await told(connection)] == ["Workspace “Ann” works again", "工作区“Ann”已恢复"]


async def make_key(
    connection: asyncpg.Connection,
    workspace: Workspace,
    actor: Actor,
    period: str,
    created_by: UserId | None = None,
) -> object:
    async with connection.transaction():
        key, _ = await keys.issue(
            connection,
            WorkspaceId(workspace.workspace_id),
            "ci",
            actor=actor,
            spend_limit=100 * CREDIT,
            spend_period=period,
            created_by=created_by,
        )
    return key.key_id


async def spend(superuser: asyncpg.Connection, workspace: Workspace, key_id: object, amount: int) -> None:
    """Set what a key has spent today."""
    await superuser.execute(
        "INSERT INTO key_spend (workspace_id, key_id, day, spent) VALUES ($1, $2, $3, $4)"
        " ON CONFLICT (workspace_id, key_id, day) DO UPDATE SET spent = excluded.spent",
        workspace.workspace_id,
        key_id,
        datetime.now(UTC).date(),
        amount * CREDIT,
    )
