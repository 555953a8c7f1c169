"""/api/workspaces/{workspace}/promo-codes."""

from typing import Annotated

from fastapi import Request

from omna.audit.acting import Act
from omna.config import Settings
from omna.db.pool import transaction
from omna.http.access import Can
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.ids import show
from omna.payments.promos import service
from omna.payments.promos.schemas import PromoCodeTyped, PromoRedeemed

router = Router(prefix="/api/workspaces/{workspace}", tags=["billing"])


@router.post("/promo-codes/redeem")
async def redeem_promo_code(
    body: PromoCodeTyped,
    http: Request,
    who: Annotated[Member, Can(Right.BILLING, Right.LEDGER, people_only=True)],
    act: Act,
) -> PromoRedeemed:
    """Redeem a promo code. A workspace redeems a code once: asked again, nothing is added."""
    settings: Settings = http.app.state.settings
    # A transaction of its own: a code that is refused counts, too.
    async with transaction(http.app.state.pool) as connection:
        await service.count_try(connection, who, settings.payments.promo_tries)
    async with transaction(http.app.state.pool) as connection:
        redeemed = await service.redeem(connection, body.code, by=who, actor=act(who))
    return PromoRedeemed(
        code=redeemed.code,
        credits=redeemed.credits,
        redeemed_at=redeemed.redeemed_at,
        expires_at=redeemed.expires_at,
        ledger_line=show("tr", redeemed.transfer_id),
        again=redeemed.again,
    )
