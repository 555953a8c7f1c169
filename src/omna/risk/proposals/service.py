"""Manual Credits under four eyes: propose, approve, reject, withdraw, expire. One decision each."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.errors import Conflict, Forbidden, InsufficientCredits, NotFound
from omna.ids import ProposalId, TransferId, UserId, WorkspaceId, new_id, parse, show
from omna.money import format_credits
from omna.observability.logs import get_logger
from omna.risk import four_eyes
from omna.risk.model import check_reason
from omna.risk.proposals import booking, store
from omna.risk.proposals.booking import Plan
from omna.risk.proposals.model import Proposal, State, Wish
from omna.workspaces import service as workspaces

__all__ = [
    "BATCH",
    "Outcome",
    "Plan",
    "approve",
    "expire",
    "find",
    "giving_back",
    "is_own",
    "names",
    "page",
    "plan",
    "plan_approval",
    "propose",
    "reject",
    "waiting",
    "withdraw",
]

log = get_logger(__name__)

#: Proposals of one transaction.
BATCH = 100


@dataclass(frozen=True, slots=True)
class Outcome:
    """A proposal after an act, and the number of its row in the audit log."""

    proposal: Proposal
    audit_seq: int

    @property
    def waiting(self) -> bool:
        """Whether a second person has to approve before anything is booked."""
        return self.proposal.state == "open"


async def propose(connection: Connection, wish: Wish, *, reason: str, actor: audit.Actor) -> Outcome:
    """Book a wish at once, or keep it for a second person when it is above what one person may move in a day.

    Errors  InvalidValue, NotFound, Conflict, InsufficientCredits, Forbidden for one's own workspace
    """
    reason = check_reason(reason)
    await _require_stranger(connection, wish.workspace_id, actor.name)
    await four_eyes.lock(connection)
    planned = await booking.plan(connection, wish, actor.name)
    wish, alone = planned.wish, planned.judgement.alone
    proposal_id = ProposalId(new_id())
    transfer = None if planned.judgement.second_person else TransferId(new_id())
    over = await _clear_the_way(connection, wish, actor)
    if not await store.add(
        connection, proposal_id, wish, reason=reason, proposer=actor.name, transfer_id=transfer, alone=alone
    ):
        raise Conflict("A proposal to give this charge back is open already.")
    facts = _facts(wish)
    if transfer is not None:
        await booking.book(connection, wish, transfer, actor.name)
    # Nothing is locked behind the audit log.
    if over is not None:
        await _record_expiry(connection, over, actor)
    if transfer is None:
        seq = await audit.record(
            connection, actor, "credits.propose", show("prp", proposal_id), reason=reason, after=facts
        )
        return Outcome(await find(connection, proposal_id), seq)
    seq = await audit.record(
        connection,
        actor,
        "credits.manual",
        show("ws", wish.workspace_id),
        reason=reason,
        after={
            **facts,
            "proposal": show("prp", proposal_id),
            "transfer": str(transfer),
            "without_second_person": alone,
        },
    )
    if alone:
        log.warning(
            "credits booked without a second person",
            actor=actor.name,
            workspace=show("ws", wish.workspace_id),
            credits=format_credits(wish.amount),
            audit_seq=seq,
        )
    return Outcome(await find(connection, proposal_id), seq)


async def plan(connection: Connection, wish: Wish, actor: str) -> Plan:
    """Return what a wish would book now. Errors: as of `propose`."""
    await _require_stranger(connection, wish.workspace_id, actor)
    return await booking.plan(connection, wish, actor)


async def plan_approval(connection: Connection, proposal_id: ProposalId, actor: str) -> Plan:
    """Return what an approval would book now. Errors: as of `approve`."""
    proposal = await find(connection, proposal_id)
    _require_open(proposal)
    try:
        planned = await booking.plan(connection, proposal.wish, actor)
    except InsufficientCredits as error:
        raise _stays_open(error) from error
    return Plan(planned.wish, planned.wallet, planned.legs, four_eyes.Judgement(False, False), planned.charge)


async def approve(connection: Connection, proposal_id: ProposalId, *, reason: str, actor: audit.Actor) -> Outcome:
    """Book what somebody else proposed.

    Errors  NotFound; Conflict (decided meanwhile, or it does not fit any more: it stays open); Forbidden for one's own
            proposal or workspace; InvalidValue (promo Credits that would have expired)
    """
    reason = check_reason(reason)
    proposal = await _lock(connection, proposal_id)
    if proposal.proposer == actor.name:
        raise Forbidden("You proposed this, so a second person has to approve.")
    await _require_stranger(connection, proposal.workspace_id, actor.name)
    await four_eyes.lock(connection)
    transfer = TransferId(new_id())
    try:
        planned = await booking.plan(connection, proposal.wish, actor.name)
        await booking.book(connection, planned.wish, transfer, actor.name)
    except InsufficientCredits as error:
        raise _stays_open(error) from error
    await _decide(connection, proposal, "booked", actor, reason, transfer)
    seq = await audit.record(
        connection,
        actor,
        "credits.approve",
        show("prp", proposal_id),
        reason=reason,
        before={"state": "open"},
        after={**_facts(proposal.wish), "transfer": str(transfer), four_eyes.SECOND: proposal.proposer},
    )
    return Outcome(await find(connection, proposal_id), seq)


async def reject(connection: Connection, proposal_id: ProposalId, *, reason: str, actor: audit.Actor) -> Outcome:
    """Decline what somebody else proposed. Errors: NotFound, Conflict, Forbidden as of `approve`."""
    reason = check_reason(reason)
    proposal = await _lock(connection, proposal_id)
    if proposal.proposer == actor.name:
        raise Forbidden("You proposed this yourself: withdraw it.")
    await _require_stranger(connection, proposal.workspace_id, actor.name)
    return await _close(connection, proposal, "rejected", "credits.reject", reason, actor)


async def withdraw(connection: Connection, proposal_id: ProposalId, *, reason: str, actor: audit.Actor) -> Outcome:
    """Take one's own proposal back. Errors: NotFound, Conflict, Forbidden for somebody else's."""
    reason = check_reason(reason)
    proposal = await _lock(connection, proposal_id)
    if proposal.proposer != actor.name:
        raise Forbidden("Somebody else proposed this: reject it.")
    return await _close(connection, proposal, "withdrawn", "credits.withdraw", reason, actor)


async def expire(connection: Connection, *, actor: audit.Actor) -> int:
    """End the proposals nobody decided in time; return how many."""
    due = await store.due(connection, BATCH)
    for proposal_id in due:
        await _expire(connection, await find(connection, proposal_id), actor)
    return len(due)


async def find(connection: Connection, proposal_id: ProposalId) -> Proposal:
    """Errors: NotFound."""
    proposal = await store.find(connection, proposal_id)
    if proposal is None:
        raise NotFound("There is no such proposal.")
    return proposal


async def page(
    connection: Connection,
    state: State | None,
    workspace_id: WorkspaceId | None,
    after: tuple[bool, UUID] | None,
    limit: int,
) -> list[Proposal]:
    """Return proposals, the open ones first, each group newest first. after: whether the last one was open, its id."""
    return await store.page(connection, None if state is None else [state], workspace_id, after, limit)


async def names(connection: Connection, actors: Sequence[str]) -> dict[str, str]:
    """Return the names of people among actors (`usr_…`, `cli:NAME`)."""
    users = {actor: parse(actor, "usr") for actor in actors if actor.startswith("usr_")}
    found = await store.names(connection, list(users.values()))
    return {actor: found[user] for actor, user in users.items() if user in found}


async def giving_back(connection: Connection, workspace_id: WorkspaceId, request_id: UUID) -> Proposal | None:
    """Return the proposal that gives the charge of a request back, or is about to."""
    found = await store.giving_back(connection, workspace_id, request_id)
    return None if found is None or found.state == "expired" else found


async def is_own(connection: Connection, workspace_id: WorkspaceId, user_id: UserId) -> bool:
    """Return whether a person gains from what is booked there, so that others have to propose and decide."""
    return await workspaces.belongs(connection, workspace_id, user_id)


async def waiting(connection: Connection) -> int:
    """Return how many proposals wait for a second person."""
    return await store.open_count(connection)


async def _lock(connection: Connection, proposal_id: ProposalId) -> Proposal:
    proposal = await store.lock(connection, proposal_id)
    if proposal is None:
        raise NotFound("There is no such proposal.")
    _require_open(proposal)
    return proposal


def _require_open(proposal: Proposal) -> None:
    if proposal.state != "open":
        raise Conflict(f"This proposal is {proposal.state} already.")


async def _require_stranger(connection: Connection, workspace_id: WorkspaceId, actor: str) -> None:
    if actor.startswith("usr_") and await is_own(connection, workspace_id, UserId(parse(actor, "usr"))):
        raise Forbidden("You are a member of this workspace, so somebody else has to decide.")


async def _clear_the_way(connection: Connection, wish: Wish, actor: audit.Actor) -> Proposal | None:
    """End a proposal for the same charge that is over and that no job has swept yet, and return it for the record."""
    if wish.request_id is None:
        return None
    found = await store.giving_back(connection, wish.workspace_id, wish.request_id)
    if found is None or found.state != "expired":
        return None
    ended = await store.decide(connection, found, "expired", decider=actor.name, answer="")
    return found if ended else None


async def _expire(connection: Connection, proposal: Proposal, actor: audit.Actor) -> None:
    if await store.decide(connection, proposal, "expired", decider=actor.name, answer=""):
        await _record_expiry(connection, proposal, actor)


async def _record_expiry(connection: Connection, proposal: Proposal, actor: audit.Actor) -> None:
    await audit.record(
        connection,
        actor,
        "credits.expire",
        show("prp", proposal.proposal_id),
        before={"state": "open"},
        after={"state": "expired"},
    )


async def _close(
    connection: Connection, proposal: Proposal, state: str, action: str, reason: str, actor: audit.Actor
) -> Outcome:
    await _decide(connection, proposal, state, actor, reason)
    seq = await audit.record(
        connection,
        actor,
        action,
        show("prp", proposal.proposal_id),
        reason=reason,
        before={"state": "open"},
        after={"state": state},
    )
    return Outcome(await find(connection, proposal.proposal_id), seq)


async def _decide(
    connection: Connection,
    proposal: Proposal,
    state: str,
    actor: audit.Actor,
    reason: str,
    transfer: TransferId | None = None,
) -> None:
    decided = await store.decide(connection, proposal, state, decider=actor.name, answer=reason, transfer_id=transfer)
    if not decided:
        raise Conflict("Somebody else decided about this proposal meanwhile.")


def _facts(wish: Wish) -> dict[str, Any]:
    return {
        "workspace": show("ws", wish.workspace_id),
        "kind": wish.kind,
        "amount": format_credits(wish.amount),
        "promo": wish.kind == "promo",
        "expires_at": wish.expires_at,
        "request": None if wish.request_id is None else show("req", wish.request_id),
        "note": wish.note,
    }


def _stays_open(error: InsufficientCredits) -> Conflict:
    return Conflict(f"{error.message} The proposal stays open.")
