"""An order with everything that belongs to it: method, timeline, payments, refunds, disputes."""

from dataclasses import dataclass
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId
from omna.payments import steps
from omna.payments.recharges import methods, payment_store, store
from omna.payments.recharges.methods import Method
from omna.payments.recharges.model import Recharge
from omna.payments.steps import Step


@dataclass(frozen=True, slots=True)
class Detail:
    """An order and what belongs to it. repaid: what its payments repaid of a debt."""

    recharge: Recharge
    method: Method | None
    original: Recharge | None
    timeline: list[Step]
    payments: list[Record]
    refunds: list[Record]
    disputes: list[Record]
    repaid: int

    @property
    def transfer_id(self) -> UUID | None:
        """The booking of its first payment."""
        return self.payments[0]["payment_key"] if self.payments else None


async def detail(connection: Connection, recharge: Recharge) -> Detail:
    """Return everything that belongs to an order."""
    workspace_id, recharge_id = recharge.workspace_id, recharge.recharge_id
    payments = await payment_store.payments_of(connection, workspace_id, recharge_id)
    original = None
    if recharge.duplicate_of is not None:
        original = await store.get(connection, RechargeId(recharge.duplicate_of))
    return Detail(
        recharge=recharge,
        method=None if recharge.method_id is None else await methods.get(connection, recharge.method_id),
        original=original,
        timeline=await steps.of(connection, workspace_id, recharge_id),
        payments=payments,
        refunds=await payment_store.refunds_of(connection, workspace_id, recharge_id),
        disputes=await payment_store.disputes_of(connection, workspace_id, recharge_id),
        repaid=await payment_store.repaid(connection, workspace_id, [row["payment_key"] for row in payments]),
    )
