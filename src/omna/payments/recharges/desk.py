"""Orders as staff see them: the queue, an order with its workspace, its warnings and what its payment service said."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from typing import Literal
from uuid import UUID

from asyncpg import Record

from omna.db.pool import Connection
from omna.ids import RechargeId, UserId, WorkspaceId
from omna.ledger import service as ledger
from omna.ledger.model import Wallet
from omna.payments.recharges import desk_store, people_store, reading, store
from omna.payments.recharges.model import Recharge, Sought, State
from omna.payments.recharges.reading import Detail
from omna.payments.recharges.service import there
from omna.workspaces import service as workspaces

WarningKind = Literal["same_proof", "same_reference", "same_amount_and_day"]


@dataclass(frozen=True, slots=True)
class Case:
    """An order with the names that stand beside it. waiting: seconds since it was handed in, while it waits."""

    recharge: Recharge
    workspace_name: str
    email: str
    reviewer: str | None
    first_approver: str | None
    decided_by: str | None
    waiting: int


@dataclass(frozen=True, slots=True)
class Warned:
    """Another order that looks like the same payment."""

    kind: WarningKind
    other: Recharge
    workspace_name: str


@dataclass(frozen=True, slots=True)
class File:
    """Everything staff need to decide about an order."""

    case: Case
    detail: Detail
    warnings: list[Warned]
    events: list[Record]
    wallet: Wallet


async def queue(connection: Connection, sought: Sought, after: tuple[datetime, UUID] | None, limit: int) -> list[Case]:
    """Return what waits for a decision, oldest first."""
    return await _cases(connection, await desk_store.waiting(connection, sought, after, limit))


async def search(
    connection: Connection,
    states: Sequence[str] | None,
    sought: Sought,
    after: UUID | None,
    limit: int,
    *,
    flagged: bool = False,
) -> list[Case]:
    """Return orders of everybody, newest first. states: None is any; flagged: only those with unusual money."""
    return await _cases(connection, await desk_store.found(connection, states, sought, after, limit, flagged=flagged))


async def file(connection: Connection, recharge_id: RechargeId) -> File:
    """Return everything about an order. Errors: NotFound."""
    recharge = there(await store.get(connection, recharge_id))
    (case,) = await _cases(connection, [recharge])
    return File(
        case=case,
        detail=await reading.detail(connection, recharge),
        warnings=await _warnings(connection, recharge),
        events=await desk_store.events_of(connection, recharge_id),
        wallet=await ledger.wallet(connection, recharge.workspace_id),
    )


async def _warnings(connection: Connection, recharge: Recharge) -> list[Warned]:
    """Return other orders that look like the same payment, each once, by the strongest sign."""
    kinds: dict[RechargeId, WarningKind] = {}
    for one in await desk_store.same_amount_and_day(connection, recharge):
        kinds[one] = "same_amount_and_day"
    for one in await desk_store.same_reference(connection, recharge):
        kinds[one] = "same_reference"
    for one in await desk_store.same_proof(connection, recharge):
        kinds[one] = "same_proof"
    others = await store.some(connection, sorted(kinds, reverse=True))
    names = await workspaces.names(connection, [other.workspace_id for other in others])
    warned = [
        Warned(kinds[other.recharge_id], other, names.get(WorkspaceId(other.workspace_id), "")) for other in others
    ]
    order: tuple[WarningKind, ...] = ("same_proof", "same_reference", "same_amount_and_day")
    return [one for kind in order for one in warned if one.kind == kind]


async def _cases(connection: Connection, recharges: Sequence[Recharge]) -> list[Case]:
    names = await workspaces.names(connection, [one.workspace_id for one in recharges])
    asked = {
        user_id
        for one in recharges
        for user_id in (one.created_by, one.reviewer_id, one.first_approver, one.decided_by)
        if user_id is not None
    }
    people = await people_store.people(connection, [*asked])
    now = await store.moment(connection)

    def name(user_id: UserId | None) -> str | None:
        return None if user_id is None or user_id not in people else people[user_id][0]

    return [
        Case(
            recharge=one,
            workspace_name=names.get(one.workspace_id, ""),
            email=people[one.created_by][1] if one.created_by in people else "",
            reviewer=name(one.reviewer_id) if one.locked else None,
            first_approver=name(one.first_approver),
            decided_by=name(one.decided_by),
            waiting=max(0, int((now - one.submitted_at).total_seconds()))
            if one.state == State.SUBMITTED and one.submitted_at is not None
            else 0,
        )
        for one in recharges
    ]
