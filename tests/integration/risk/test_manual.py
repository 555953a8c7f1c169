import dataclasses
from datetime import UTC, datetime, timedelta

import asyncpg
import pytest

from omna.accounts import service as accounts
from omna.accounts.service import StaffRole
from omna.audit import service as audit
from omna.audit.service import Actor
from omna.errors import InsufficientCredits, InvalidValue
from omna.ledger import service as ledger
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.risk import manual
from omna.risk.proposals.model import Proposal
from omna.workspaces.service import Workspace


async def give(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor, number: int, **how: object
) -> Proposal:
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


async def test_a_single_owner_is_let_through_with_a_mark(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    await add_staff(connection, actor, StaffRole.OWNER, StaffRole.SUPPORT, StaffRole.AUDITOR)
    assert not (await give(connection, workspace, actor, 100)).alone
    assert (await give(connection, workspace, actor, 1)).alone
    (_, marked) = await audit.by_actor(connection, actor.name, manual.ACTION, datetime(2000, 1, 1, tzinfo=UTC))
    assert marked.after is not None
    assert '"without_second_person": true' in marked.after


async def test_with_a_second_approver_large_gifts_wait_and_splitting_does_not_help(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    await add_staff(connection, actor, StaffRole.OWNER, StaffRole.FINANCE)
    assert (await give(connection, workspace, actor, 101)).state == "open"
    assert (await give(connection, workspace, actor, 60)).state == "booked"
    assert (await give(connection, workspace, actor, -40)).state == "booked"
    assert (await give(connection, workspace, actor, 1)).state == "open"
    other = dataclasses.replace(actor, name="cli:other")
    assert (await give(connection, workspace, other, 100)).state == "booked"
    assert (await ledger.wallet(connection, workspace.workspace_id)).balance == 120 * NANO_PER_CREDIT


async def test_customer_reads_the_note_and_staff_the_reason(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    await give(connection, workspace, actor, 1, note="Thank you for waiting")
    await give(connection, workspace, actor, 1)
    lines = await ledger.history(connection, workspace.workspace_id)
    assert [line.reason for line in lines] == ["test", "Thank you for waiting"]
    for entry in await audit.by_actor(connection, actor.name, manual.ACTION, datetime(2000, 1, 1, tzinfo=UTC)):
        assert entry.reason == "test"
