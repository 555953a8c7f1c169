"""/api/console/credits: Credits that staff give or take by hand, and charges they give back."""

from datetime import UTC, datetime, time, timedelta
from typing import Annotated, Any
from uuid import UUID

from fastapi import Path, Query

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.console import credit_requests
from omna.console.credit_schemas import (
    ChargedRequest,
    CreditProposal,
    CreditProposalActed,
    CreditProposalRow,
    CreditsDecision,
    CreditsPlanning,
    CreditsWish,
    Possible,
    Proposer,
    Wanted,
)
from omna.console.recharge_schemas import OfWorkspace
from omna.db.pool import Connection
from omna.errors import InvalidValue
from omna.http.access import Confirm, Reading, StaffCan, Work
from omna.http.addresses import id_in_address
from omna.http.errors import ErrorBody
from omna.http.paging import Cursor, Limit, Page, cut, decode_cursor, foreign_cursor
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import ProposalId, WorkspaceId, parse, show
from omna.money import Nanocredits, format_credits, parse_credits
from omna.payments import effects
from omna.payments.schemas import Effect
from omna.risk import four_eyes
from omna.risk.proposals import booking
from omna.risk.proposals import service as proposals
from omna.risk.proposals.model import Proposal, Wish
from omna.workspaces import service as workspaces

router = Router(prefix="/api/console/credits", tags=["console"])

_TOO_MUCH: dict[int | str, dict[str, Any]] = {
    402: {"model": ErrorBody, "description": "More Credits would be taken than there are"}
}

Cashier = Annotated[Person, StaffCan(StaffRight.MONEY)]
ProposalPath = Annotated[str, Path(description="The proposal: `prp_…`")]


@router.get("")
async def list_credit_proposals(
    who: Cashier,
    connection: Reading,
    state: Annotated[Wanted, Query(description="`all`: the open ones first.")] = "all",
    workspace: Annotated[str | None, Query(max_length=40, description="Of this one alone: `ws_…`")] = None,
    limit: Limit = 50,
    cursor: Cursor = None,
) -> Page[CreditProposalRow]:
    """Return what was given and taken by hand, and what waits for a second person."""
    of = None if workspace is None else _workspace_id(workspace)
    found = await proposals.page(connection, None if state == "all" else state, of, _position(cursor), limit + 1)
    shown, following = cut(found, limit, lambda one: (int(one.state == "open"), show("prp", one.proposal_id)))
    return Page(items=[CreditProposalRow(**row) for row in await _rows(connection, shown, who)], next_cursor=following)


@router.get("/requests/{request}")
async def get_charged_request(
    request: Annotated[str, Path(description="The request, by its id or by that of its answer: `req_…`")],
    who: Cashier,
    connection: Work,
    act: Act,
) -> ChargedRequest:
    """Return how a request was charged. Each reading is in the audit log."""
    found = await credit_requests.find(connection, request)
    await audit.note_reading(connection, act(who), "request.read", found.id)
    return found


@router.post("/preview", responses=_TOO_MUCH)
async def preview_credits(body: CreditsPlanning, who: Cashier, connection: Reading, act: Act) -> Effect:
    """Return what would be booked now, and whether a second person has to approve. Nothing is booked."""
    wish = await _wish(connection, body)
    planned = await proposals.plan(connection, wish, act(who).name)
    return _effect(planned)


@router.post("", status_code=201, responses=_TOO_MUCH)
async def propose_credits(
    body: CreditsWish, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> CreditProposalActed:
    """Book Credits, or keep them for a second person; after a step-up for `credits.adjust`.

    Its target is the workspace (or the request whose charge is given back), a space, and the Credits: `ws_… 12.5`.
    """
    wish = await _wish(connection, body)
    thing = show("ws", wish.workspace_id) if wish.request_id is None else show("req", wish.request_id)
    await confirm(connection, who, "credits.adjust", f"{thing} {format_credits(wish.amount)}")
    return await _acted(connection, await proposals.propose(connection, wish, reason=body.reason, actor=act(who)), who)


@router.get("/{proposal}")
async def get_credit_proposal(proposal: ProposalPath, who: Cashier, connection: Work, act: Act) -> CreditProposal:
    """Return everything about a manual act over Credits. Each reading is in the audit log."""
    found = await proposals.find(connection, _proposal_id(proposal))
    facts = await _facts(connection, found, who)
    await audit.note_reading(connection, act(who), "credits.read", show("prp", found.proposal_id))
    return CreditProposal(**facts)


@router.post("/{proposal}/approve/preview")
async def preview_credits_approval(proposal: ProposalPath, who: Cashier, connection: Reading, act: Act) -> Effect:
    """Return what an approval would book now. Nothing is booked."""
    return _effect(await proposals.plan_approval(connection, _proposal_id(proposal), act(who).name))


@router.post("/{proposal}/approve")
async def approve_credits(
    proposal: ProposalPath, body: CreditsDecision, who: Cashier, connection: Work, confirm: Confirm, act: Act
) -> CreditProposalActed:
    """Book what somebody else proposed, after a step-up for `credits.approve`; its target is `prp_… 12.5`."""
    found = await proposals.find(connection, _proposal_id(proposal))
    target = f"{show('prp', found.proposal_id)} {format_credits(found.amount)}"
    await confirm(connection, who, "credits.approve", target)
    outcome = await proposals.approve(connection, found.proposal_id, reason=body.reason, actor=act(who))
    return await _acted(connection, outcome, who)


@router.post("/{proposal}/reject")
async def reject_credits(
    proposal: ProposalPath, body: CreditsDecision, who: Cashier, connection: Work, act: Act
) -> CreditProposalActed:
    """Decline what somebody else proposed; nothing is booked."""
    outcome = await proposals.reject(connection, _proposal_id(proposal), reason=body.reason, actor=act(who))
    return await _acted(connection, outcome, who)


@router.post("/{proposal}/withdraw")
async def withdraw_credits(
    proposal: ProposalPath, body: CreditsDecision, who: Cashier, connection: Work, act: Act
) -> CreditProposalActed:
    """Take back what you proposed; nothing is booked."""
    outcome = await proposals.withdraw(connection, _proposal_id(proposal), reason=body.reason, actor=act(who))
    return await _acted(connection, outcome, who)


async def _wish(connection: Connection, body: CreditsPlanning | CreditsWish) -> Wish:
    """Errors: InvalidValue, NotFound."""
    workspace_id, request_id = None if body.workspace is None else _workspace_id(body.workspace), None
    if body.request is not None:
        owner, request_id = await credit_requests.owner_of(connection, body.request)
        if workspace_id not in (None, owner):
            raise InvalidValue("This request is not of this workspace.", param="request")
        workspace_id = owner
    if workspace_id is None:
        raise InvalidValue("Name the workspace.", param="workspace")
    await workspaces.get(connection, workspace_id)
    return Wish(
        workspace_id=workspace_id,
        kind=body.kind,
        amount=Nanocredits(parse_credits(body.credits)),
        note=body.note or ("preview" if isinstance(body, CreditsPlanning) else ""),
        expires_at=None
        if body.expires_on is None
        else datetime.combine(body.expires_on + timedelta(days=1), time(), UTC),
        request_id=request_id,
    )


def _effect(planned: proposals.Plan) -> Effect:
    return effects.effect(
        planned.wallet,
        planned.legs,
        sentence=booking.sentence(planned.wish),
        needs_second_person=planned.judgement.second_person,
        alone=planned.judgement.alone,
    )


async def _rows(connection: Connection, found: list[Proposal], who: Person) -> list[dict[str, Any]]:
    of = await workspaces.names(connection, [one.workspace_id for one in found])
    people = await proposals.names(connection, [one.proposer for one in found])
    return [
        {
            "id": show("prp", one.proposal_id),
            "workspace": OfWorkspace(id=show("ws", one.workspace_id), name=of.get(one.workspace_id, "")),
            "kind": one.kind,
            "credits": one.amount,
            "expires_at": one.promo_expires_at,
            "request": None if one.request_id is None else show("req", one.request_id),
            "note": one.note,
            "state": one.state,
            "proposer": _person(one.proposer, people, who),
            "created_at": one.created_at,
            "open_until": one.expires_at,
            "decided_at": one.decided_at,
            "alone": one.alone,
        }
        for one in found
    ]


async def _facts(connection: Connection, proposal: Proposal, who: Person) -> dict[str, Any]:
    (row,) = await _rows(connection, [proposal], who)
    decider = None
    if proposal.decider is not None:
        decider = _person(proposal.decider, await proposals.names(connection, [proposal.decider]), who)
    open_, own = proposal.state == "open", await proposals.is_own(connection, proposal.workspace_id, who.user_id)
    mine = row["proposer"].yours
    others = open_ and not mine and not own
    return {
        **row,
        "reason": proposal.reason,
        "decider": decider,
        "answer": proposal.answer,
        "ledger_line": None if proposal.transfer_id is None else show("tr", proposal.transfer_id),
        "threshold": four_eyes.THRESHOLD,
        "yours": own,
        "may": Possible(approve=others, reject=others, withdraw=open_ and mine),
    }


async def _acted(connection: Connection, outcome: proposals.Outcome, who: Person) -> CreditProposalActed:
    facts = await _facts(connection, outcome.proposal, who)
    return CreditProposalActed(**facts, audit_seq=outcome.audit_seq, booked=outcome.proposal.state == "booked")


def _person(name: str, people: dict[str, str], who: Person) -> Proposer:
    return Proposer(name=people.get(name) or name, yours=name == show("usr", who.user_id))


def _position(cursor: str | None) -> tuple[bool, UUID] | None:
    match decode_cursor(cursor):
        case None:
            return None
        case [0 | 1 as is_open, str() as text]:
            try:
                return bool(is_open), parse(text, "prp")
            except ValueError:
                raise foreign_cursor() from None
    raise foreign_cursor()


def _workspace_id(text: str) -> WorkspaceId:
    return WorkspaceId(id_in_address(text, "ws", "workspace"))


def _proposal_id(text: str) -> ProposalId:
    return ProposalId(id_in_address(text, "prp", "proposal"))
