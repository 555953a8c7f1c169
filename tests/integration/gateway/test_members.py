"""gateway_admit() and the people behind keys: what a member may spend, and who may have keys at all."""

from collections.abc import Sequence
from datetime import UTC, datetime, timedelta
from uuid import UUID

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.audit.service import Actor
from omna.errors import AccountFrozen, AwaitingApproval, EmailNotVerified, InvalidApiKey, KeyDisabled
from omna.ids import TransferId, UserId, new_id
from omna.keys import service as keys
from omna.keys.model import digest
from omna.ledger import service as ledger
from omna.money import Nanocredits
from omna.risk import service as risk
from omna.workspaces import service as workspaces
from omna.workspaces.service import Workspace

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

    async def admit(self, *demands: tuple[str, int]) -> Sequence[asyncpg.Record]:
        """Ask for (key, nanocredits) in one batch."""
        count = len(demands)
        version = await self.connection.fetchval("SELECT version FROM catalog_state")
        ids: list[UUID] = [new_id() for _ in demands]
        rows: Sequence[asyncpg.Record] = await self.connection.fetch(
            """SELECT verdict, limit_name, limit_amount, used, held, resets_at
               FROM gateway_admit($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, $14, $15, $16, $17, $18)
               ORDER BY ord""",
            new_id(),
            timedelta(hours=1),
            ids,
            ids,
            [digest(text) for text, _ in demands],
            [None] * count,
            ["api"] * count,
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
        )
        return rows

    async def verdicts(self, *demands: tuple[str, int]) -> list[str]:
        return [row["verdict"] for row in await self.admit(*demands)]


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
