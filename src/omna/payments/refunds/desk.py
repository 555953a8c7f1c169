"""Refunds as staff see them: the queue, and a refund with everything that is known beside it."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.db.pool import Connection
from omna.ids import RefundId, UserId, made_at
from omna.payments.refunds import lots, people, review, store
from omna.payments.refunds.background import Background, background
from omna.payments.refunds.model import OPEN, STATES, Refund
from omna.payments.refunds.standing import Standing, standing
from omna.workspaces import service as workspaces


@dataclass(frozen=True, slots=True)
class Case:
    """A refund with the names that stand beside it."""

    refund: Refund
    workspace_name: str
    email: str | None
    first_approver: str | None
    decided_by: str | None


@dataclass(frozen=True, slots=True)
class File:
    """Everything staff need to decide about a refund. own: whoever reads it must not decide."""

    case: Case
    stands: Standing
    background: Background
    disputed: bool
    own: bool


async def page(connection: Connection, wanted: str, after: tuple[datetime, UUID] | None, limit: int) -> Sequence[Case]:
    """Return refunds of everybody. wanted: `todo` (oldest first), `flagged`, `all`, or a state (newest first)"""
    states = OPEN if wanted == "todo" else STATES if wanted in ("all", "flagged") else (wanted,)
    found = await store.page(connection, states, after, limit, oldest=wanted == "todo", flagged=wanted == "flagged")
    return [await _case(connection, refund) for refund in found]


async def file(connection: Connection, refund_id: RefundId, reader: UserId) -> File:
    """Return everything about a refund. Errors: NotFound."""
    refund = await review.find(connection, refund_id)
    order = await lots.order(connection, refund.workspace_id, refund.recharge_id)
    assert order is not None, "a refund has its recharge"
    return File(
        case=await _case(connection, refund),
        stands=await standing(connection, order, refund.kind),
        background=await background(connection, refund, made_at(order.recharge_id)),
        disputed=await store.disputed(connection, refund.workspace_id, refund.recharge_id),
        own=refund.requested_by == reader or await workspaces.belongs(connection, refund.workspace_id, reader),
    )


async def _case(connection: Connection, refund: Refund) -> Case:
    workspace, first, decided = await store.names(connection, refund)
    email = await people.email_of(connection, refund.workspace_id, refund.requested_by)
    return Case(refund, workspace, email, first, decided)
