"""Manual money: Credits that staff give or take by hand, under the rule of four eyes."""

from dataclasses import dataclass
from datetime import datetime

from omna.audit import service as audit
from omna.clock import now
from omna.db.pool import Connection
from omna.errors import Forbidden, InvalidValue
from omna.ids import TransferId, WorkspaceId, new_id, show
from omna.ledger import service as ledger
from omna.ledger.model import Code
from omna.money import Nanocredits, format_credits
from omna.risk import four_eyes
from omna.risk.model import FOUR_EYES_THRESHOLD, FOUR_EYES_WINDOW_HOURS, check_reason

ACTION = "credits.manual"


@dataclass(frozen=True, slots=True)
class ManualCredits:
    """What was booked. `alone` says that it was above the threshold and nobody else could have approved it."""

    transfer_id: TransferId
    workspace_id: WorkspaceId
    amount: Nanocredits
    alone: bool


async def give_credits(
    connection: Connection,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    *,
    reason: str,
    actor: audit.Actor,
    promo: bool = False,
    expires_at: datetime | None = None,
    transfer_id: TransferId | None = None,
) -> ManualCredits:
    """Book an adjustment (up, or down when negative), or a promo grant that may expire.

    Errors  InvalidValue; InsufficientCredits when more is taken than is there; Forbidden when a second person is needed
    """
    reason = check_reason(reason)
    if promo and amount <= 0:
        raise InvalidValue("Promo Credits are given, not taken.", param="credits")
    if expires_at is not None and not promo:
        raise InvalidValue("Only promo Credits expire.", param="expires")
    if expires_at is not None and expires_at <= now():
        raise InvalidValue("The Credits would have expired already.", param="expires")
    await four_eyes.lock(connection)
    alone = await _second_person_missing(connection, amount, actor)
    transfer = transfer_id or TransferId(new_id())
    if promo:
        booked = await ledger.grant_promo(
            connection,
            transfer_id=transfer,
            workspace_id=workspace_id,
            amount=amount,
            expires_at=expires_at,
            actor=actor.name,
            reason=reason,
        )
    else:
        booked = await ledger.adjust(
            connection,
            transfer_id=transfer,
            workspace_id=workspace_id,
            amount=amount,
            actor=actor.name,
            reason=reason,
        )
    result = ManualCredits(transfer_id=transfer, workspace_id=workspace_id, amount=amount, alone=alone)
    if booked is Code.REPLAYED:
        return result
    await audit.record(
        connection,
        actor,
        ACTION,
        show("ws", workspace_id),
        reason=reason,
        after={
            "transfer": str(transfer),
            "amount": format_credits(amount),
            "promo": promo,
            "expires_at": expires_at,
            "without_second_person": alone,
        },
    )
    return result


async def _second_person_missing(connection: Connection, amount: Nanocredits, actor: audit.Actor) -> bool:
    judged = await four_eyes.judge(connection, amount, actor.name)
    if judged.second_person:
        raise Forbidden(
            f"More than {format_credits(FOUR_EYES_THRESHOLD)} Credits in {FOUR_EYES_WINDOW_HOURS} hours need a second "
            "person: propose them in the console, where another owner or finance member approves."
        )
    return judged.alone
