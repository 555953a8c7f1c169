"""/api/workspaces/{workspace}: what of a recharge can come back, and asking for it."""

from typing import Annotated

from fastapi import Path, Query, Response

from omna.audit.acting import Act
from omna.http.access import Can, Reading, Work
from omna.http.addresses import id_in_address
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.http.values import MoneyOut
from omna.ids import RechargeId, RefundId
from omna.money import parse_credits
from omna.payments.refunds import people, schemas, service, shown

router = Router(prefix="/api/workspaces/{workspace}", tags=["refunds"])

#: What was paid stays refundable, whatever is frozen.
Billing = Annotated[Member, Can(Right.BILLING, while_frozen=True)]
RefundPath = Annotated[str, Path(description="The refund: `rfd_…`")]


@router.get("/recharges/{recharge}/refundable")
async def get_refundable(
    recharge: Annotated[str, Path(description="The recharge: `rch_…`")],
    who: Billing,
    connection: Reading,
    kind: Annotated[schemas.RefundKind, Query(description="Unused Credits, or a payment made twice.")] = "unused",
) -> schemas.Refundable:
    """What of a recharge can come back, and why not."""
    recharge_id = _recharge_id(recharge)
    stands = await service.refundable(connection, who.workspace_id, recharge_id, kind)
    blocked = stands.obstacle
    if await service.open_request(connection, who.workspace_id, recharge_id) is not None:
        blocked = "A refund of this recharge is running already."
    order = stands.order
    return schemas.Refundable(
        credited=stands.credited,
        used=stands.used,
        unused=stands.unused,
        refunded=stands.refunded,
        fee_not_returned=MoneyOut(minor=0 if kind == "duplicate" else stands.fee_kept_minor, currency=order.currency),
        most=schemas.MostRefundable(
            credits=stands.most.credits, money=MoneyOut(minor=stands.most.amount_minor, currency=order.currency)
        ),
        promo_withdrawn=stands.promo,
        credits_available=stands.wallet.available_paid,
        blocked=blocked,
        email=await people.email_of(connection, who.workspace_id, who.user_id),
        method=order.method or order.processor,
        reference=order.reference,
        note_decided_by_person=True,
    )


@router.post("/refunds", status_code=201, responses={200: {"description": "This refund was asked for before"}})
async def request_refund(
    body: schemas.RefundNew, who: Billing, connection: Work, act: Act, response: Response
) -> schemas.Refund:
    """Ask for a refund. The same `client_token` again answers 200 with the same refund."""
    wish = service.Wish(
        client_token=body.client_token,
        recharge_id=_recharge_id(body.recharge_id),
        kind=body.kind,
        preference=body.preference,
        reason=body.reason,
        credits=None if body.credits is None else parse_credits(body.credits),
        other_recharge=None if body.other_recharge is None else _recharge_id(body.other_recharge),
    )
    refund, new = await service.request(connection, wish, by=who, actor=act(who))
    if not new:
        response.status_code = 200
    return await shown.detail_of(connection, refund)


@router.get("/refunds")
async def list_refunds(who: Billing, connection: Reading) -> list[schemas.RefundRow]:
    """The refunds of this workspace, newest first."""
    return [shown.row_of(refund) for refund in await service.list_of(connection, who.workspace_id)]


@router.get("/refunds/{refund}")
async def get_refund(refund: RefundPath, who: Billing, connection: Reading) -> schemas.Refund:
    """One refund with its timeline."""
    return await shown.detail_of(connection, await service.get(connection, who.workspace_id, _refund_id(refund)))


@router.post("/refunds/{refund}/cancel")
async def cancel_refund(refund: RefundPath, who: Billing, connection: Work, act: Act) -> schemas.Refund:
    """Take a request back that nobody has decided about."""
    cancelled = await service.cancel(connection, who.workspace_id, _refund_id(refund), actor=act(who))
    return await shown.detail_of(connection, cancelled)


def _recharge_id(text: str) -> RechargeId:
    return RechargeId(id_in_address(text, "rch", "recharge"))


def _refund_id(text: str) -> RefundId:
    return RefundId(id_in_address(text, "rfd", "refund"))
