"""gateway_admit() and the people behind keys and chats: what a member may spend, and who may have keys at all."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from pathlib import Path
from uuid import UUID

import asyncpg
import pytest

import omna.gateway
from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.errors import AccountFrozen, AwaitingApproval, EmailNotVerified, InvalidApiKey, KeyDisabled
from omna.gateway.model import UsageRow
from omna.ids import TransferId, UserId, new_id
from omna.keys import service as keys
from omna.keys.model import digest
from omna.ledger import service as ledger
from omna.ledger import statements
from omna.ledger.lines import Within
from omna.ledger.verification import LEDGER_INVARIANTS, findings, read_invariants
from omna.money import Nanocredits
from omna.risk import service as risk
from omna.workspaces import members
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace

INVARIANTS = LEDGER_INVARIANTS + read_invariants(Path(omna.gateway.__file__).with_name("verify.sql"))
FUTURE = datetime(2100, 1, 1, tzinfo=UTC)


class Desk:
    """A workspace with Credits, whose requests are admitted in batches as a gateway sends them."""

    def __init__(self, connection: asyncpg.Connection, workspace: Workspace, actor: Actor) -> None:
        self.connection = connection
        self.workspace = workspace
        self.actor = actor

    async def member(self, email: str, role: str = "member", limit: int | None = None, period: str = "day") -> UserId:
        async with self.connection.transaction():
            user = await accounts.create_user(self.connection, email, actor=self.actor)
        await self.connection.execute(
            "INSERT INTO members (workspace_id, user_id, role, spend_limit, spend_period) VALUES ($1, $2, $3, $4, $5)",
            self.workspace.workspace_id,
            user.user_id,
            role,
            limit,
            None if limit is None else period,
        )
        return user.user_id

    async def key(self, created_by: UserId | None, **options: object) -> str:
        async with self.connection.transaction():
            _, text = await keys.issue(
                self.connection,
                self.workspace.workspace_id,
                "test",
                actor=self.actor,
                created_by=created_by,
                **options,  # type: ignore[arg-type]
            )
        return text

    async def admit(self, *demands: tuple[str | UserId, int]) -> Sequence[asyncpg.Record]:
        """Ask for (key, or the person who chats; nanocredits) in one batch."""
        _, rows = await self.ask(*demands)
        return rows

    async def ask(self, *demands: tuple[str | UserId, int]) -> tuple[list[UUID], Sequence[asyncpg.Record]]:
        count = len(demands)
        version = await self.connection.fetchval("SELECT version FROM catalog_state")
        ids: list[UUID] = [new_id() for _ in demands]
        rows: Sequence[asyncpg.Record] = await self.connection.fetch(
            """SELECT verdict, limit_name, limit_amount, used, held, resets_at, note
               FROM gateway_admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18,
                                  $19)
               ORDER BY ord""",
            new_id(),
            timedelta(hours=1),
            ids,
            ids,
            [digest(who) if isinstance(who, str) else None for who, _ in demands],
            [None if isinstance(who, str) else self.workspace.workspace_id for who, _ in demands],
            ["api" if isinstance(who, str) else "chat" for who, _ in demands],
            ["small"] * count,
            [new_id()] * count,
            ["main"] * count,
            [new_id()] * count,
            [new_id()] * count,
            [amount for _, amount in demands],
            [0] * count,
            [version] * count,
            [FUTURE] * count,
            [1] * count,
            [False] * count,
            [None if isinstance(who, str) else who for who, _ in demands],
        )
        return ids, rows

    async def verdicts(self, *demands: tuple[str | UserId, int]) -> list[str]:
        return [row["verdict"] for row in await self.admit(*demands)]

    async def renew(self, request: UUID) -> str:
        state: str = await self.connection.fetchval(
            "SELECT state FROM gateway_renew($1, $2, $3, $4, $5)",
            [request],
            [self.workspace.workspace_id],
            [1],
            [1],
            timedelta(hours=1),
        )
        return state

    async def settle(self, request: UUID, charge: int) -> None:
        code = await self.connection.fetchval(
            "SELECT code FROM gateway_settle($1, $2, $3, $4, $5, $6::text[]::json[])",
            [request],
            [self.workspace.workspace_id],
            [new_id()],
            [charge],
            [0],
            [UsageRow(outcome="completed").encoded()],
        )
        assert code == "settled"

    async def books_are_right(self) -> None:
        assert await findings(self.connection, INVARIANTS) == []


@pytest.fixture
async def desk(connection: asyncpg.Connection, workspace: Workspace, actor: Actor) -> Desk:
    async with connection.transaction():
        await ledger.recharge(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=workspace.workspace_id,
            amount=Nanocredits(1_000),
            actor="test",
            reason="test",
        )
    return Desk(connection, workspace, actor)


async def test_two_keys_of_a_member_share_the_limit_within_one_batch(desk: Desk) -> None:
    bob = await desk.member("bob@example.com", limit=10)
    one, two = await desk.key(bob), await desk.key(bob)
    rows = await desk.admit((one, 4), (two, 4), (one, 3), (two, 2), (one, 1))
    assert [row["verdict"] for row in rows] == ["admitted", "admitted", "member_limit", "admitted", "member_limit"]
    refused = rows[2]
    assert (refused["limit_name"], refused["limit_amount"], refused["used"] + refused["held"]) == (
        "member_daily",
        10,
        8,
    )
    assert refused["resets_at"].hour == 0


async def test_limit_of_a_member_counts_earlier_batches_and_ended_keys(desk: Desk) -> None:
    bob = await desk.member("bob@example.com", limit=10, period="month")
    one, two = await desk.key(bob), await desk.key(bob)
    assert await desk.verdicts((one, 6)) == ["admitted"]
    await desk.connection.execute("UPDATE api_keys SET revoked_at = now() WHERE digest = $1", digest(one))
    (row,) = await desk.admit((two, 5))
    assert (row["verdict"], row["limit_name"], row["held"]) == ("member_limit", "member_monthly", 6)
    assert await desk.verdicts((two, 4)) == ["admitted"]


async def test_limits_of_two_members_are_apart(desk: Desk) -> None:
    bob, eve = await desk.member("bob@example.com", limit=5), await desk.member("eve@example.com", limit=5)
    one, two, free = await desk.key(bob), await desk.key(eve), await desk.key(desk.workspace.personal_user_id)
    assert await desk.verdicts((one, 5), (two, 5), (free, 50), (one, 1), (two, 1)) == [
        "admitted",
        "admitted",
        "admitted",
        "member_limit",
        "member_limit",
    ]


async def test_the_keys_own_limit_is_told_first(desk: Desk) -> None:
    bob = await desk.member("bob@example.com", limit=3)
    key = await desk.key(bob, spend_limit=2, spend_period="day")
    assert await desk.verdicts((key, 4), (key, 2), (await desk.key(bob), 2)) == [
        "key_limit",
        "admitted",
        "member_limit",
    ]


async def test_a_limit_over_the_life_of_a_key_never_resets(desk: Desk) -> None:
    key = await desk.key(None, spend_limit=5, spend_period="total")
    assert await desk.verdicts((key, 3)) == ["admitted"]
    (row,) = await desk.admit((key, 3))
    assert (row["verdict"], row["limit_name"], row["held"], row["resets_at"]) == ("key_limit", "key_total", 3, None)


async def test_a_key_of_nobody_here_is_refused(desk: Desk) -> None:
    bob, eve = await desk.member("bob@example.com"), await desk.member("eve@example.com", role="billing")
    gone, billing, operator = await desk.key(bob), await desk.key(eve), await desk.key(None)
    assert await desk.verdicts((gone, 1), (billing, 1), (operator, 1)) == ["admitted", "key_orphaned", "admitted"]
    await desk.connection.execute("DELETE FROM members WHERE user_id = $1", bob)
    assert await desk.verdicts((gone, 1), (operator, 1)) == ["key_orphaned", "admitted"]
    for text in (gone, billing):
        with pytest.raises(KeyDisabled):
            await keys.authenticate(desk.connection, text)


async def test_keys_of_a_frozen_person_are_refused_in_every_workspace(desk: Desk) -> None:
    bob, eve = await desk.member("bob@example.com"), await desk.member("eve@example.com")
    theirs, other, operator = await desk.key(bob), await desk.key(eve), await desk.key(None)
    async with desk.connection.transaction():
        await risk.freeze_user(desk.connection, bob, reason="odd pattern", actor=desk.actor)
    assert await desk.verdicts((theirs, 1), (other, 1), (operator, 1)) == ["maker_frozen", "admitted", "admitted"]
    with pytest.raises(AccountFrozen, match="odd pattern"):
        await keys.authenticate(desk.connection, theirs)
    # The workspace's own freeze is told first.
    async with desk.connection.transaction():
        await risk.freeze(desk.connection, desk.workspace.workspace_id, reason="all of it", actor=desk.actor)
    assert await desk.verdicts((theirs, 1), (operator, 1)) == ["account_frozen", "account_frozen"]
    async with desk.connection.transaction():
        await risk.unfreeze(desk.connection, desk.workspace.workspace_id, actor=desk.actor)
        await risk.unfreeze_user(desk.connection, bob, actor=desk.actor)
    assert await desk.verdicts((theirs, 1)) == ["admitted"]
    # In the personal workspace of a frozen person nothing runs, whoever made the key.
    ann = desk.workspace.personal_user_id
    assert ann is not None
    async with desk.connection.transaction():
        await risk.freeze_user(desk.connection, ann, reason="odd pattern", actor=desk.actor)
    assert await desk.verdicts((other, 1), (operator, 1)) == ["account_frozen", "account_frozen"]


async def test_nothing_is_spent_in_a_workspace_that_waits(desk: Desk) -> None:
    ann = desk.workspace.personal_user_id
    assert ann is not None
    key = await desk.key(ann)
    for pending, verdict, error in (
        ("verification", "email_not_verified", EmailNotVerified),
        ("approval", "awaiting_approval", AwaitingApproval),
    ):
        await workspaces.set_pending(desk.connection, ann, pending)
        assert await desk.verdicts((key, 1)) == [verdict]
        with pytest.raises(error):
            await keys.authenticate(desk.connection, key)
    await workspaces.set_pending(desk.connection, ann, None)
    assert await desk.verdicts((key, 1)) == ["admitted"]


async def test_a_deleted_workspace_admits_nothing(desk: Desk) -> None:
    key = await desk.key(None)
    await desk.connection.execute("UPDATE workspaces SET deleted_at = now()")
    assert await desk.verdicts((key, 1)) == ["invalid_api_key"]
    with pytest.raises(InvalidApiKey):
        await keys.authenticate(desk.connection, key)


async def test_keys_and_chats_of_a_member_share_the_limit_within_one_batch(desk: Desk) -> None:
    bob = await desk.member("bob@example.com", limit=10, period="month")
    key = await desk.key(bob)
    rows = await desk.admit((key, 4), (bob, 4), (key, 3), (bob, 3), (bob, 2), (key, 1))
    assert [row["verdict"] for row in rows] == [
        "admitted", "admitted", "member_limit", "member_limit", "admitted", "member_limit",
    ]  # fmt: skip
    refused = rows[3]
    assert (refused["limit_name"], refused["limit_amount"], refused["used"] + refused["held"]) == (
        "member_monthly", 10, 8,
    )  # fmt: skip
    # And a later batch counts both.
    assert await desk.verdicts((bob, 1), (key, 1)) == ["member_limit", "member_limit"]
    counted = await desk.connection.fetchrow("SELECT user_id, held, spent, requests FROM chat_spend")
    assert tuple(counted.values()) == (bob, 6, 0, 2)


async def test_what_a_chat_cost_is_counted_and_recorded_with_its_person(desk: Desk) -> None:
    bob = await desk.member("bob@example.com", limit=10)
    (request,), _ = await desk.ask((bob, 8))
    assert await desk.renew(request) == "running"
    await desk.settle(request, 3)
    row = await desk.connection.fetchrow("SELECT user_id, key_id, source, charge FROM requests")
    assert tuple(row.values()) == (bob, None, "chat", 3)
    counted = await desk.connection.fetchrow("SELECT held, spent FROM chat_spend")
    assert tuple(counted.values()) == (0, 3)
    (refused,) = await desk.admit((bob, 8))
    assert (refused["verdict"], refused["used"], refused["held"]) == ("member_limit", 3, 0)
    shown = next(
        row for row in await members.list_of(desk.connection, desk.workspace.workspace_id) if row.user_id == bob
    )
    assert (shown.spent_in_period, shown.spent_30_days) == (3, 3)
    lines = await statements.newest(desk.connection, desk.workspace.workspace_id, Within(), 5)
    assert [(e.first.source, e.first.key_name) for e in lines if e.line.kind == "usage"] == [("chat", None)]
    assert await desk.verdicts((await desk.key(bob), 7)) == ["admitted"]
    await desk.books_are_right()


async def test_who_may_not_chat_is_refused_and_their_answers_end(desk: Desk) -> None:
    """Each way of losing the right, and the words for a workspace that is gone."""
    connection = desk.connection
    bob = await desk.member("bob@example.com")
    stranger = await accounts_without_workspace(desk)
    assert await desk.verdicts((stranger, 1)) == ["chat_not_allowed"]
    (request,), _ = await desk.ask((bob, 1))
    for ends, begins in (
        ("UPDATE members SET role = 'billing' WHERE user_id = $1", "UPDATE members SET role = 'member' WHERE user_id = $1"),
        ("UPDATE users SET disabled_at = now() WHERE user_id = $1", "UPDATE users SET disabled_at = NULL WHERE user_id = $1"),
        ("DELETE FROM members WHERE user_id = $1", None),
    ):  # fmt: skip
        await connection.execute(ends, bob)
        assert await desk.verdicts((bob, 1)) == ["chat_not_allowed"], ends
        assert await desk.renew(request) == "chat_not_allowed", ends
        if begins is not None:
            await connection.execute(begins, bob)
            assert await desk.renew(request) == "running", begins
    await connection.execute("UPDATE workspaces SET deleted_at = now()")
    assert await desk.verdicts((bob, 1)) == ["invalid_api_key"]


async def test_a_frozen_person_does_not_chat(desk: Desk) -> None:
    bob, eve = await desk.member("bob@example.com"), await desk.member("eve@example.com")
    (request, other), _ = await desk.ask((bob, 1), (eve, 1))
    async with desk.connection.transaction():
        await risk.freeze_user(desk.connection, bob, reason="odd pattern", actor=desk.actor)
    refused, admitted = await desk.admit((bob, 1), (eve, 1))
    assert (refused["verdict"], refused["note"], admitted["verdict"]) == ("person_frozen", "odd pattern", "admitted")
    assert [await desk.renew(request), await desk.renew(other)] == ["person_frozen", "running"]
    async with desk.connection.transaction():
        await risk.unfreeze_user(desk.connection, bob, actor=desk.actor)
        await risk.freeze(desk.connection, desk.workspace.workspace_id, reason="all of it", actor=desk.actor)
    assert await desk.verdicts((bob, 1)) == ["account_frozen"]
    assert await desk.renew(request) == "account_frozen"


async def test_limits_stops_and_bounds_of_the_workspace_hold_for_chats(desk: Desk) -> None:
    connection, workspace_id = desk.connection, desk.workspace.workspace_id
    bob = await desk.member("bob@example.com")
    key = await desk.key(bob)
    async with connection.transaction():
        await risk.limit_daily(connection, workspace_id, Nanocredits(10), actor=desk.actor)
    assert await desk.verdicts((bob, 6), (key, 5), (bob, 5), (key, 4)) == [
        "admitted", "workspace_limit", "workspace_limit", "admitted",
    ]  # fmt: skip
    async with connection.transaction():
        await risk.limit_daily(connection, workspace_id, None, actor=desk.actor)
        await risk.limit_running(connection, workspace_id, 3, actor=desk.actor)
    assert await desk.verdicts((bob, 1), (bob, 1)) == ["admitted", "workspace_concurrency"]
    async with connection.transaction():
        await risk.limit_running(connection, workspace_id, None, actor=desk.actor)
    assert await desk.verdicts((bob, 2_000)) == ["balance"]
    for scope, chats, asks in (
        ("chat", "emergency_stop", "admitted"),
        ("api", "admitted", "emergency_stop"),
        ("all", "emergency_stop", "emergency_stop"),
    ):
        async with connection.transaction():
            await risk.stop(connection, scope, cut_streams=True, reason="drill", actor=desk.actor)
        assert await desk.verdicts((bob, 1), (key, 1)) == [chats, asks], scope
        async with connection.transaction():
            await risk.resume(connection, scope, reason="over", actor=desk.actor)
    async with connection.transaction():
        await workspaces.set_pending(connection, desk.workspace.personal_user_id, "verification")
    assert await desk.verdicts((bob, 1)) == ["email_not_verified"]


async def accounts_without_workspace(desk: Desk) -> UserId:
    async with desk.connection.transaction():
        return (await accounts.create_user(desk.connection, "stranger@example.com", actor=desk.actor)).user_id
