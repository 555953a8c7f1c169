"""/api/workspaces/{workspace}/disputes: what banks took back, said honestly."""

from typing import Annotated

from omna.http.access import Can, Reading
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.http.values import MoneyOut
from omna.ids import show
from omna.ledger import service as ledger
from omna.payments.disputes import service
from omna.payments.disputes.schemas import DisputeRow
from omna.payments.disputes.shown import id_of, sentence_of
from omna.payments.schemas import RechargeLink

router = Router(prefix="/api/workspaces/{workspace}/disputes", tags=["disputes"])


@router.get("")
async def list_disputes(who: Annotated[Member, Can(Right.BILLING)], connection: Reading) -> list[DisputeRow]:
    """Return the disputes of payments of this workspace, newest first."""
    wallet = await ledger.wallet(connection, who.workspace_id)
    return [
        DisputeRow(
            id=id_of(one),
            state=one.state,
            recharge=RechargeLink(id=show("rch", one.recharge_id), reference=one.reference),
            amount=MoneyOut(minor=one.amount_minor, currency=one.currency),
            clawed=one.clawed,
            debt=-wallet.debt,
            opened_at=one.opened_at,
            closed_at=one.closed_at,
            sentence=sentence_of(one),
        )
        for one in await service.list_of(connection, who.workspace_id)
    ]
