import dataclasses
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.accounts.service import StaffRole
from omna.audit import service as audit
from omna.audit.service import Actor
from omna.errors import Forbidden, InsufficientCredits, InvalidValue
from omna.ids import TransferId, new_id
from omna.ledger import service as ledger
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.risk import manual
from omna.risk.manual import ManualCredits
from omna.workspaces.service import Workspace


async def give(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor, number: int, **how: object
) -> ManualCredits:
    async with connection.transaction():
        return await manual.give_credits(
            connection,
            workspace.workspace_id,
            Nanocredits(number * NANO_PER_CREDIT),
            reason="test",
            actor=actor,
            **how,  # type: ignore[arg-type]
        )


async def add_staff(connection: asyncpg.Connection, actor: Actor, *roles: StaffRole) -> None:
    async with connection.transaction():
        for number, role in enumerate(roles):
            await accounts.create_user(connection, f"{role}{number}@example.com", actor=actor, staff_role=role)


async def test_credits_are_given_and_taken(connection: asyncpg.Connection, workspace: Workspace, actor: Actor) -> None:
    await give(connection, workspace, actor, 10)
    await give(connection, workspace, actor, -4)
    await give(connection, workspace, actor, 5, promo=True, expires_at=datetime.now(UTC) + timedelta(days=1))
    wallet = await ledger.wallet(connection, workspace.workspace_id)
    assert (wallet.available_paid, wallet.available_promo) == (6 * NANO_PER_CREDIT, 5 * NANO_PER_CREDIT)
    assert await ledger.verify(connection) == []


async def test_more_than_is_there_is_not_taken(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    with pytest.raises(InsufficientCredits):
        await give(connection, workspace, actor, -1)
    assert not await audit.by_actor(connection, actor.name, manual.ACTION, datetime(2000, 1, 1, tzinfo=UTC))


async def test_what_makes_no_sense_is_refused(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    past, later = datetime(2000, 1, 1, tzinfo=UTC), datetime.now(UTC) + timedelta(days=1)
    for number, how in (
        (0, {}),
        (-1, {"promo": True}),
        (1, {"expires_at": later}),
        (1, {"promo": True, "expires_at": past}),
    ):
        with pytest.raises(InvalidValue):
            await give(connection, workspace, actor, number, **how)
    assert (await ledger.wallet(connection, workspace.workspace_id)).balance == 0


async def test_the_same_gift_twice_is_booked_and_audited_once(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    transfer = TransferId(new_id())
    for _ in range(2):
        await give(connection, workspace, actor, 10, transfer_id=transfer)
    assert (await ledger.wallet(connection, workspace.workspace_id)).balance == 10 * NANO_PER_CREDIT
    assert len(await audit.by_actor(connection, actor.name, manual.ACTION, datetime(2000, 1, 1, tzinfo=UTC))) == 1


async def test_a_single_owner_is_let_through_with_a_mark(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    await add_staff(connection, actor, StaffRole.OWNER, StaffRole.SUPPORT, StaffRole.AUDITOR)
    assert not (await give(connection, workspace, actor, 100)).alone
    assert (await give(connection, workspace, actor, 1)).alone
    (_, marked) = await audit.by_actor(connection, actor.name, manual.ACTION, datetime(2000, 1, 1, tzinfo=UTC))
    assert marked.after is not None
    assert '"without_second_person": true' in marked.after


async def test_with_a_second_approver_large_gifts_are_refused_and_splitting_does_not_help(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    await add_staff(connection, actor, StaffRole.OWNER, StaffRole.FINANCE)
    with pytest.raises(Forbidden, match="second person"):
        await give(connection, workspace, actor, 101)
    await give(connection, workspace, actor, 60)
    await give(connection, workspace, actor, -40)
    with pytest.raises(Forbidden):
        await give(connection, workspace, actor, 1)
    other = dataclasses.replace(actor, name="cli:other")
    await give(connection, workspace, other, 100)
    assert (await ledger.wallet(connection, workspace.workspace_id)).balance == 120 * NANO_PER_CREDIT
