"""/api/workspaces/{workspace}: billing details, and the receipt of a recharge."""

from dataclasses import asdict
from typing import Annotated, Literal

from fastapi import Path, Query, Request
from starlette.responses import Response

from omna.audit.acting import Act
from omna.config import Settings
from omna.db.pool import borrow
from omna.errors import NotFound
from omna.http.access import Can, Reading, Work
from omna.http.downloads import downloads
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import RechargeId, parse
from omna.payments.billing import service
from omna.payments.billing.model import BillingDetails
from omna.payments.billing.receipt_file import receipt_pdf
from omna.payments.billing.schemas import BillingDetailsBody, BillingDetailsChange

router = Router(prefix="/api/workspaces/{workspace}", tags=["billing"])

Cashier = Annotated[Member, Can(Right.BILLING)]


@router.get("/billing-details")
async def get_billing_details(who: Cashier, connection: Reading) -> BillingDetailsBody:
    """What stands on the receipts of orders to come."""
    return BillingDetailsBody(**asdict(await service.details(connection, who.workspace_id)))


@router.put("/billing-details")
async def change_billing_details(
    body: BillingDetailsChange, who: Cashier, connection: Work, act: Act
) -> BillingDetailsBody:
    """Replace the billing details. Receipts of earlier orders stay as they are."""
    wanted = BillingDetails(body.name, body.address, body.tax_id, body.email)
    return BillingDetailsBody(**asdict(await service.change(connection, wanted, by=who, actor=act(who))))


@router.get("/recharges/{recharge}/receipt.pdf", response_class=Response, responses=downloads("application/pdf"))
async def recharge_receipt(
    http: Request,
    recharge: Annotated[str, Path(description="The recharge: `rch_…`")],
    who: Cashier,
    language: Annotated[Literal["en", "zh"], Query(description="Chinese needs a Chinese font on the server.")] = "en",
) -> Response:
    """Download the receipt of a recharge, once its Credits were added."""
    try:
        recharge_id = RechargeId(parse(recharge, "rch"))
    except ValueError:
        raise NotFound("There is no such recharge.") from None
    # No connection is held while a PDF waits for its turn.
    async with borrow(http.app.state.pool) as connection:
        said = await service.receipt(connection, who.workspace_id, recharge_id, language)
    settings: Settings = http.app.state.settings
    pdf = await receipt_pdf(said, settings.accounts.operator_name, settings.credits.usd_per_credit, language)
    name = f"omna-receipt-{said.reference}.pdf"
    return Response(
        pdf, media_type="application/pdf", headers={"content-disposition": f'attachment; filename="{name}"'}
    )
