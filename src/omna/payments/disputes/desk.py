"""A dispute as staff see it, with the workspace, its debt and its timeline."""

from dataclasses import dataclass

from omna.db.pool import Connection
from omna.errors import NotFound
from omna.ids import DisputeId, RechargeId, UserId
from omna.ledger import service as ledger
from omna.payments import steps
from omna.payments.disputes import service, store
from omna.payments.disputes.model import Dispute
from omna.payments.refunds import lots
from omna.payments.refunds.model import Order
from omna.payments.steps import Step
from omna.workspaces import service as workspaces


@dataclass(frozen=True, slots=True)
class File:
    """Everything about a dispute. debt: what its workspace owes now; own: whoever reads it must not decide."""

    dispute: Dispute
    workspace_name: str
    frozen: str | None
    debt: int
    write_off_most: int
    first_approver: str | None
    timeline: list[Step]
    own: bool


async def file(connection: Connection, dispute_id: DisputeId, reader: UserId) -> File:
    """Return everything about a dispute. Errors: NotFound."""
    dispute = await service.find(connection, dispute_id)
    names = await workspaces.names(connection, [dispute.workspace_id])
    frozen, _ = await store.frozen_of(connection, dispute.workspace_id)
    wallet = await ledger.wallet(connection, dispute.workspace_id)
    lost = dispute.booked == "lost"
    return File(
        dispute=dispute,
        workspace_name=names[dispute.workspace_id],
        frozen=frozen,
        debt=-wallet.debt,
        write_off_most=max(0, min(-wallet.debt, dispute.clawed - dispute.written_off)) if lost else 0,
        first_approver=await store.name_of(connection, dispute.first_approver),
        timeline=await steps.of(connection, dispute.workspace_id, dispute.dispute_id),
        own=await workspaces.belongs(connection, dispute.workspace_id, reader),
    )


async def order_of(connection: Connection, recharge_id: RechargeId) -> Order:
    """Return an order of any workspace. Errors: NotFound."""
    workspace_id = await store.workspace_of(connection, recharge_id)
    order = None if workspace_id is None else await lots.order(connection, workspace_id, recharge_id)
    if order is None:
        raise NotFound("There is no such recharge.")
    return order
