"""/api/console/promo-codes: codes that give promo Credits."""

from datetime import datetime
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path
from pydantic import Field

from omna.audit.acting import Act
from omna.errors import InvalidValue
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.paging import Cursor, Limit, Page, cut, decode_id
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.http.values import Acted, Amount, AmountIn, Input, Moment, Output, Reason, Text, Whole
from omna.ids import show
from omna.money import parse_credits
from omna.payments.promos import service
from omna.payments.promos.model import PromoCode, RedemptionRow, State

router = Router(prefix="/api/console/promo-codes", tags=["console"])

Cashier = Annotated[Person, StaffCan(StaffRight.MONEY)]
CodePath = Annotated[str, Path(description="The promo code: `prc_…`")]


class PromoCodeRow(Output):
    """A promo code."""

    id: str
    code: str
    state: State
    credits: Amount = Field(description="Of each redemption.")
    valid_days: int | None = Field(description="Days the Credits can be spent; null is for ever.")
    most: int | None = Field(description="Redemptions in all; null is any number.")
    redeemed: int
    expires_at: Moment | None
    note: str
    created_by: str
    created_at: Moment
    retired_at: Moment | None
    yours: bool = Field(description="You made it: while it is proposed, somebody else has to approve it.")


class PromoCodeActed(PromoCodeRow, Acted):
    """A promo code after an act."""


class PromoCodeNew(Input):
    """A promo code that is to be."""

    code: Annotated[Text, Field(max_length=32)] | None = Field(None, description="Without one, a code is made up.")
    credits: AmountIn
    valid_days: Annotated[Whole, Field(ge=1, le=3650)] | None = None
    most: Annotated[Whole, Field(ge=1, le=1_000_000)] | None = None
    expires_at: datetime | None = None
    note: Annotated[Text, Field(max_length=service.LONGEST_NOTE)] = ""
    reason: Reason


class PromoCodeReason(Input):
    """Why."""

    reason: Reason


class PromoRedemptionRow(Output):
    """A workspace that redeemed a code."""

    workspace: str
    workspace_name: str
    redeemed_by: str | None
    redeemed_at: Moment
    transfer: str


@router.get("")
async def list_promo_codes(
    who: Cashier, connection: Reading, limit: Limit = 50, cursor: Cursor = None
) -> Page[PromoCodeRow]:
    """Promo codes, newest first."""
    found = await service.page(connection, decode_id(cursor), limit + 1)
    codes, following = cut(found, limit, lambda code: (code.code_id.hex,))
    return Page(items=[PromoCodeRow(**_facts(code, who)) for code in codes], next_cursor=following)


@router.post("", status_code=201)
async def create_promo_code(
    body: PromoCodeNew, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> PromoCodeActed:
    """Make a promo code. What it can give away in all may need a second person; until then it is proposed only."""
    if body.expires_at is not None and body.expires_at.tzinfo is None:
        raise InvalidValue("Say in which zone: for example `2030-01-31T00:00:00Z`.", param="expires_at")
    await confirm(connection, who, "promo_code.create", body.code or "")
    code, seq = await service.create(
        connection,
        name=body.code,
        amount=parse_credits(body.credits),
        valid_days=body.valid_days,
        most=body.most,
        expires_at=body.expires_at,
        note=body.note,
        reason=body.reason,
        by=who.user_id,
        actor=act(who),
    )
    return PromoCodeActed(**_facts(code, who), audit_seq=seq)


@router.get("/{code}")
async def get_promo_code(code: CodePath, who: Cashier, connection: Reading) -> PromoCodeRow:
    """One promo code."""
    return PromoCodeRow(**_facts(await service.get(connection, _code_id(code)), who))


@router.post("/{code}/approve")
async def approve_promo_code(
    code: CodePath, body: PromoCodeReason, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> PromoCodeActed:
    """Approve what somebody else proposed; from now on it can be redeemed."""
    code_id = _code_id(code)
    await confirm(connection, who, "promo_code.approve", show(service.PREFIX, code_id))
    approved, seq = await service.approve(connection, code_id, reason=body.reason, by=who.user_id, actor=act(who))
    return PromoCodeActed(**_facts(approved, who), audit_seq=seq)


@router.post("/{code}/retire")
async def retire_promo_code(
    code: CodePath, body: PromoCodeReason, who: Cashier, connection: Work, act: Act
) -> PromoCodeActed:
    """End a code for good. What was redeemed stays."""
    retired, seq = await service.retire(connection, _code_id(code), reason=body.reason, actor=act(who))
    return PromoCodeActed(**_facts(retired, who), audit_seq=seq)


@router.get("/{code}/redemptions")
async def list_promo_redemptions(
    code: CodePath, who: Cashier, connection: Reading, limit: Limit = 50, cursor: Cursor = None
) -> Page[PromoRedemptionRow]:
    """Workspaces that redeemed a code, newest first."""
    found = await service.redemptions(connection, _code_id(code), decode_id(cursor), limit + 1)
    rows, following = cut(found, limit, lambda row: (row.transfer_id.hex,))
    return Page(items=[_redemption(row) for row in rows], next_cursor=following)


def _facts(code: PromoCode, who: Person) -> dict[str, Any]:
    return {
        "id": show(service.PREFIX, code.code_id),
        "code": code.code,
        "state": code.state,
        "credits": code.credits,
        "valid_days": code.valid_days,
        "most": code.most,
        "redeemed": code.redeemed,
        "expires_at": code.expires_at,
        "note": code.note,
        "created_by": show("usr", code.created_by),
        "created_at": code.created_at,
        "retired_at": code.retired_at,
        "yours": code.created_by == who.user_id,
    }


def _redemption(row: RedemptionRow) -> PromoRedemptionRow:
    return PromoRedemptionRow(
        workspace=show("ws", row.workspace_id),
        workspace_name=row.workspace_name,
        redeemed_by=None if row.redeemed_by is None else show("usr", row.redeemed_by),
        redeemed_at=row.redeemed_at,
        transfer=show("tr", row.transfer_id),
    )


def _code_id(text: str) -> UUID:
    return id_in_address(text, service.PREFIX, "promo code")
