"""Promo codes: staff make, approve and retire them; a workspace redeems each once, and gets the same answer ever after.

Locks, in this order: the redemption, the code, the wallet, the audit log.
"""

from datetime import datetime
from typing import Any
from uuid import UUID

from omna.accounts import throttle
from omna.accounts.throttle import Window
from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import (
    AccountFrozen,
    AwaitingApproval,
    Conflict,
    EmailNotVerified,
    Forbidden,
    InvalidValue,
    NotFound,
    PromoCodeUnknown,
    PromoCodeUsedUp,
)
from omna.http.origin import network_of
from omna.http.principal import Member
from omna.ids import TransferId, UserId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.money import LARGEST_AMOUNT, Nanocredits, format_credits
from omna.payments.promos import store
from omna.payments.promos.model import (
    PromoCode,
    Redemption,
    RedemptionRow,
    candidates,
    check_name,
    ends_at,
    exposure,
    generate,
)
from omna.risk import four_eyes
from omna.risk.model import check_reason
from omna.workspaces import service as workspaces
from omna.workspaces.model import APPROVAL

PREFIX = "prc"
LONGEST_NOTE = 200
#: Codes of a network in an hour, as a multiple of what one workspace may try: people share an address.
_OF_NETWORK = 5
_HOUR = 3600.0


async def count_try(connection: Connection, by: Member, most: int) -> None:
    """Count a try of a workspace, in a transaction of its own: a refused code counts.

    most    of a workspace in an hour
    Errors  TooManyAttempts
    """
    await throttle.count(
        connection,
        [
            (_workspace(by), Window(most=most, seconds=_HOUR)),
            (_network(by), Window(most=most * _OF_NETWORK, seconds=_HOUR)),
        ],
        message="Too many promo codes were tried. Try again later.",
    )


async def redeem(connection: Connection, typed: str, *, by: Member, actor: audit.Actor) -> Redemption:
    """Give the workspace of `by` the Credits of a code, once. Asked again, the answer is the same, marked `again`.

    Errors  PromoCodeUnknown, the same for codes that never were, have ended or were retired; PromoCodeUsedUp;
            AccountFrozen, EmailNotVerified, AwaitingApproval
    """
    await _require_active(connection, by.workspace_id)
    meant = candidates(typed)
    code = await store.find(connection, meant) if meant else None
    if code is None:
        raise PromoCodeUnknown
    transfer_id = TransferId(new_id())
    redeemed_at = await store.add_redemption(connection, by.workspace_id, code.code_id, transfer_id, by.user_id)
    if redeemed_at is None:
        found = await store.redemption(connection, by.workspace_id, code.code_id)
        assert found is not None, "a redemption is never removed"
        redeemed = _redemption(code, *found, again=True)
    else:
        redeemed = _redemption(code, transfer_id, redeemed_at, again=False)
        await _book(connection, code, redeemed, by, actor)
    # A good one: what is counted are guesses.
    await throttle.forgive(connection, _workspace(by))
    await throttle.forgive(connection, _network(by))
    return redeemed


async def create(
    connection: Connection,
    *,
    name: str | None,
    amount: Nanocredits,
    valid_days: int | None,
    most: int | None,
    expires_at: datetime | None,
    note: str,
    reason: str,
    by: UserId,
    actor: audit.Actor,
) -> tuple[PromoCode, int]:
    """Make a code, and return it with the number of its row in the audit log. Above the threshold it is proposed only.

    name    the code; None makes one up
    amount  nanocredits of each redemption
    Errors  InvalidValue, Conflict when there is such a code
    """
    reason = check_reason(reason)
    _check(amount, most, expires_at, note)
    chosen = _checked_name(name)
    bound = exposure(amount, most)
    # One at a time: two codes side by side would each see only the other's absence in the last 24 hours.
    await four_eyes.lock(connection)
    judged = await four_eyes.judge(connection, LARGEST_AMOUNT if bound is None else bound, actor.name)
    code_id = new_id()
    if not await store.add(
        connection,
        code_id,
        chosen,
        amount,
        valid_days,
        most,
        expires_at,
        note.strip(),
        by,
        approved=not judged.second_person,
    ):
        raise Conflict("There is such a code already; dashes make no difference.", param="code")
    facts: dict[str, Any] = {
        "credits": format_credits(amount),
        "valid_days": valid_days,
        "most": most,
        "expires_at": expires_at,
        "proposed": judged.second_person,
        "without_second_person": judged.alone,
    }
    # What one person gave away alone counts for their day; who approves another's proposal does not do it alone.
    if not judged.second_person and bound is not None:
        facts["amount"] = format_credits(bound)
    seq = await audit.record(connection, actor, "promo_code.create", show(PREFIX, code_id), reason=reason, after=facts)
    return await get(connection, code_id), seq


async def approve(
    connection: Connection, code_id: UUID, *, reason: str, by: UserId, actor: audit.Actor
) -> tuple[PromoCode, int]:
    """Make a proposed code live. Errors: NotFound, Conflict when it waits for nobody, Forbidden for who proposed it."""
    reason = check_reason(reason)
    if not await store.approve(connection, code_id, by):
        code = await get(connection, code_id)
        if code.state == "proposed":
            raise Forbidden("Who proposed a code does not approve it.")
        raise Conflict("This code does not wait for an approval.")
    seq = await audit.record(connection, actor, "promo_code.approve", show(PREFIX, code_id), reason=reason)
    return await get(connection, code_id), seq


async def retire(connection: Connection, code_id: UUID, *, reason: str, actor: audit.Actor) -> tuple[PromoCode, int]:
    """End a code for good; what was redeemed stays. Errors: NotFound, Conflict when it is retired already."""
    reason = check_reason(reason)
    if not await store.retire(connection, code_id):
        await get(connection, code_id)
        raise Conflict("This code is retired already.")
    code = await get(connection, code_id)
    seq = await audit.record(
        connection,
        actor,
        "promo_code.retire",
        show(PREFIX, code_id),
        reason=reason,
        after={"redeemed": code.redeemed},
    )
    return code, seq


async def get(connection: Connection, code_id: UUID) -> PromoCode:
    """Return a code. Errors: NotFound."""
    code = await store.get(connection, code_id)
    if code is None:
        raise NotFound("There is no such promo code.")
    return code


async def page(connection: Connection, before: UUID | None, limit: int) -> list[PromoCode]:
    """Return codes, newest first; `before` continues a page."""
    return await store.page(connection, before, limit)


async def redemptions(connection: Connection, code_id: UUID, before: UUID | None, limit: int) -> list[RedemptionRow]:
    """Return who redeemed a code, newest first; `before` is a transfer and continues a page. Errors: NotFound."""
    await get(connection, code_id)
    return await store.redemptions(connection, code_id, before, limit)


async def _book(connection: Connection, code: PromoCode, redeemed: Redemption, by: Member, actor: audit.Actor) -> None:
    if not await store.take(connection, code.code_id):
        await _refuse(connection, code.code_id)
    await ledger.grant_promo(
        connection,
        transfer_id=redeemed.transfer_id,
        workspace_id=by.workspace_id,
        amount=Nanocredits(redeemed.credits),
        expires_at=redeemed.expires_at,
        actor=actor.name,
        reason=f"promo code {code.code}",
    )
    await audit.record(
        connection,
        actor,
        "promo_code.redeem",
        show("ws", by.workspace_id),
        after={
            "code": show(PREFIX, code.code_id),
            "transfer": str(redeemed.transfer_id),
            "amount": format_credits(redeemed.credits),
            "expires_at": redeemed.expires_at,
        },
    )


async def _refuse(connection: Connection, code_id: UUID) -> None:
    code = await get(connection, code_id)
    raise PromoCodeUsedUp if code.state == "used_up" else PromoCodeUnknown


async def _require_active(connection: Connection, workspace_id: WorkspaceId) -> None:
    workspace = await workspaces.get(connection, workspace_id)
    if workspace.frozen_reason is not None:
        raise AccountFrozen(f"This workspace is frozen: {workspace.frozen_reason}. Ask support to have it reviewed.")
    if workspace.pending is not None:
        raise AwaitingApproval if workspace.pending == APPROVAL else EmailNotVerified


def _redemption(code: PromoCode, transfer_id: TransferId, redeemed_at: datetime, *, again: bool) -> Redemption:
    return Redemption(
        code=code.code,
        credits=code.credits,
        transfer_id=transfer_id,
        redeemed_at=redeemed_at,
        expires_at=ends_at(redeemed_at, code.valid_days),
        again=again,
    )


def _checked_name(name: str | None) -> str:
    if name is None or not name.strip():
        return generate()
    try:
        return check_name(name)
    except ValueError as error:
        raise InvalidValue(str(error), param="code") from None


def _check(amount: int, most: int | None, expires_at: datetime | None, note: str) -> None:
    if amount <= 0:
        raise InvalidValue("A code gives more than zero Credits.", param="credits")
    bound = exposure(amount, most)
    if bound is not None and bound > LARGEST_AMOUNT:
        raise InvalidValue("Together this is more than Omna can hold.", param="most")
    if expires_at is not None and expires_at <= now():
        raise InvalidValue("The code would have ended already.", param="expires_at")
    if len(note) > LONGEST_NOTE:
        raise InvalidValue(f"A note has at most {LONGEST_NOTE} characters.", param="note")


def _workspace(by: Member) -> str:
    return f"promo:{by.workspace_id.hex}"


def _network(by: Member) -> str:
    return f"promo-network:{network_of(by.origin)}"
