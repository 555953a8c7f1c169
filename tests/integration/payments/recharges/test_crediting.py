import asyncio
from typing import Any

import asyncpg
import pytest

from omna.audit.service import Actor
from omna.errors import Conflict, NotFound
from omna.ids import TransferId, WorkspaceId, new_id
from omna.ledger import service as ledger
from omna.money import NANO_PER_CREDIT, Nanocredits
from omna.payments import steps
from omna.payments.recharges import crediting, service
from omna.payments.recharges.crediting import Credited, Replayed
from omna.payments.recharges.model import Received, Recharge
from omna.workspaces.service import Workspace
from tests.harness.recharges import order


async def pay(
    connection: asyncpg.Connection, recharge: Recharge, actor: Actor, payment_id: str = "pi_1", **how: Any
) -> Credited | Replayed:
    facts: dict[str, Any] = {
        "workspace_id": recharge.workspace_id,
        "recharge_id": recharge.recharge_id,
        "processor": "sandbox",
        "payment_id": payment_id,
        "amount_minor": recharge.total_minor,
        "currency": recharge.currency,
        "credits": recharge.credits,
        "actor": actor,
        "step_actor": "processor",
    }
    async with connection.transaction():
        return await crediting.ensure_credited(connection, **(facts | how))


async def available(connection: asyncpg.Connection, workspace: Workspace) -> tuple[int, int]:
    wallet = await ledger.wallet(connection, workspace.workspace_id)
    assert await ledger.verify(connection) == []
    return wallet.available_paid // NANO_PER_CREDIT, wallet.available_promo // NANO_PER_CREDIT


async def now_of(connection: asyncpg.Connection, recharge: Recharge) -> Recharge:
    return await service.get(connection, recharge.workspace_id, recharge.recharge_id)


async def test_a_payment_is_credited_once_with_its_bonus(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    recharge = await order(connection, workspace.workspace_id, actor, channel="checkout")
    first = await pay(connection, recharge, actor)
    assert isinstance(first, Credited)
    for _ in range(3):
        again = await pay(connection, recharge, actor)
        assert isinstance(again, Replayed)
        assert again.payment_key == first.payment_key
    assert await available(connection, workspace) == (100, 5)
    after = await now_of(connection, recharge)
    assert (after.state, after.flag, after.credited_at is not None) == ("credited", "", True)
    told = [step.step for step in await steps.of(connection, workspace.workspace_id, recharge.recharge_id)]
    assert told == ["created", "credited"]
    line = await ledger.history(connection, workspace.workspace_id)
    assert {one.transfer_id for one in line if one.kind == "recharge"} == {first.payment_key}
    assert await connection.fetchval("SELECT subject FROM mail_outbox") == "100 Credits added"


@pytest.mark.parametrize("state", ["expired", "cancelled", "failed"])
async def test_late_money_is_credited_and_flagged(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor, state: str
) -> None:
    recharge = await order(connection, workspace.workspace_id, actor, amount="10", channel="checkout")
    await connection.execute("UPDATE recharges SET state = $1", state)
    await pay(connection, recharge, actor)
    after = await now_of(connection, recharge)
    assert (after.state, after.flag) == ("credited", "late_payment")
    assert await available(connection, workspace) == (10, 0)


async def test_money_that_comes_twice_is_credited_twice_and_flagged(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    recharge = await order(connection, workspace.workspace_id, actor, channel="checkout")
    await pay(connection, recharge, actor)
    await pay(connection, recharge, actor, "pi_2")
    assert (await now_of(connection, recharge)).flag == "paid_twice"
    # The bonus belongs to the order, not to each payment.
    assert await available(connection, workspace) == (200, 5)


async def test_a_payment_belongs_to_one_order(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    one = await order(connection, workspace.workspace_id, actor, channel="checkout")
    other = await order(connection, workspace.workspace_id, actor, channel="checkout")
    await pay(connection, one, actor)
    with pytest.raises(Conflict):
        await pay(connection, other, actor)
    with pytest.raises(NotFound):
        await pay(connection, one, actor, "pi_2", workspace_id=WorkspaceId(new_id()))
    assert (await now_of(connection, other)).state == "created"
    assert await available(connection, workspace) == (100, 5)


async def test_one_payment_told_by_many_at_once_is_credited_once(
    pool: asyncpg.Pool, connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    recharge = await order(connection, workspace.workspace_id, actor, channel="checkout")

    async def told() -> Credited | Replayed:
        async with pool.acquire() as mine:
            return await pay(mine, recharge, actor)

    results = await asyncio.gather(*(told() for _ in range(8)))
    assert sum(isinstance(result, Credited) for result in results) == 1
    assert await available(connection, workspace) == (100, 5)


async def test_what_is_rolled_back_never_was(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    recharge = await order(connection, workspace.workspace_id, actor, channel="checkout")
    with pytest.raises(RuntimeError):
        async with connection.transaction():
            await pay(connection, recharge, actor)
            raise RuntimeError
    assert (await now_of(connection, recharge)).state == "created"
    assert isinstance(await pay(connection, recharge, actor), Credited)
    assert await available(connection, workspace) == (100, 5)


async def test_debt_is_repaid_first(connection: asyncpg.Connection, workspace: Workspace, actor: Actor) -> None:
    async with connection.transaction():
        await ledger.open_chargeback(
            connection,
            transfer_id=TransferId(new_id()),
            workspace_id=workspace.workspace_id,
            amount=Nanocredits(4 * NANO_PER_CREDIT),
            actor="test",
            reason="test",
        )
    recharge = await order(connection, workspace.workspace_id, actor, amount="10", channel="checkout")
    await pay(connection, recharge, actor)
    assert await available(connection, workspace) == (6, 0)


async def test_money_that_does_not_fit_waits_for_a_person(
    connection: asyncpg.Connection, workspace: Workspace, actor: Actor
) -> None:
    recharge = await order(connection, workspace.workspace_id, actor, channel="checkout")
    received = Received("pi_1", 5000, "usd")
    for _ in range(2):
        async with connection.transaction():
            await crediting.flag_for_review(
                connection,
                workspace_id=recharge.workspace_id,
                recharge_id=recharge.recharge_id,
                flag=crediting.AMOUNT_MISMATCH,
                received=received,
                actor=actor,
            )
    after = await now_of(connection, recharge)
    assert (after.state, after.flag, after.received) == ("submitted", "amount_mismatch", received)
    assert await available(connection, workspace) == (0, 0)
    told = await steps.of(connection, workspace.workspace_id, recharge.recharge_id)
    assert [(step.step, step.note) for step in told] == [("created", ""), ("amount_mismatch", "50.00 USD")]
