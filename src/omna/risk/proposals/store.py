"""SQL of proposals."""

from collections.abc import Sequence
from uuid import UUID

import asyncpg

from omna.db.pool import Connection
from omna.ids import ProposalId, WorkspaceId
from omna.risk.proposals.model import OPEN_DAYS, Proposal, Wish

# What nobody decided in time is over, whether the job has been here or not.
_STATE = "CASE WHEN p.state = 'open' AND p.expires_at <= clock_timestamp() THEN 'expired' ELSE p.state END"
_PROPOSAL = (
    "SELECT p.proposal_id, p.workspace_id, p.kind, p.amount, p.promo_expires_at, p.request_id, p.note, p.reason,"  # noqa: S608
    f" {_STATE} AS state, p.proposer, p.created_at, p.expires_at, p.decider, p.decided_at, p.answer, p.transfer_id,"
    " p.alone FROM credit_proposals AS p"
)


async def add(
    connection: Connection,
    proposal_id: ProposalId,
    wish: Wish,
    *,
    reason: str,
    proposer: str,
    transfer_id: UUID | None,
    alone: bool,
) -> bool:
    """Add a proposal, booked when there is a transfer; False: another one gives this charge back."""
    try:
        # In a savepoint, so that the caller's transaction goes on and can say what is in the way.
        async with connection.transaction():
            await connection.execute(
                "INSERT INTO credit_proposals (proposal_id, workspace_id, kind, amount, promo_expires_at, request_id,"
                " note, reason, state, proposer, expires_at, transfer_id, alone, decider, decided_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, clock_timestamp() + make_interval(days => $11),"
                " $12, $13, $14, CASE WHEN $14::text IS NULL THEN NULL ELSE clock_timestamp() END)",
                proposal_id,
                wish.workspace_id,
                wish.kind,
                wish.amount,
                wish.expires_at,
                wish.request_id,
                wish.note,
                reason,
                "open" if transfer_id is None else "booked",
                proposer,
                OPEN_DAYS,
                transfer_id,
                alone,
                None if transfer_id is None else proposer,
            )
    except asyncpg.UniqueViolationError:
        return False
    return True


async def find(connection: Connection, proposal_id: ProposalId) -> Proposal | None:
    row = await connection.fetchrow(_PROPOSAL + " WHERE p.proposal_id = $1", proposal_id)
    return None if row is None else Proposal(**row)


async def lock(connection: Connection, proposal_id: ProposalId) -> Proposal | None:
    """Return a proposal that nobody else decides about until the transaction ends."""
    await connection.execute("SELECT FROM credit_proposals WHERE proposal_id = $1 FOR UPDATE", proposal_id)
    return await find(connection, proposal_id)


async def giving_back(connection: Connection, workspace_id: WorkspaceId, request_id: UUID) -> Proposal | None:
    """Return the proposal that gives the charge of a request back, or has done so."""
    row = await connection.fetchrow(
        _PROPOSAL + " WHERE p.workspace_id = $1 AND p.request_id = $2 AND p.state IN ('open', 'booked')",
        workspace_id,
        request_id,
    )
    return None if row is None else Proposal(**row)


async def page(
    connection: Connection,
    states: Sequence[str] | None,
    workspace_id: WorkspaceId | None,
    after: tuple[bool, UUID] | None,
    limit: int,
) -> list[Proposal]:
    """Return proposals, the open ones first, each group newest first. after: whether the last one was open, its id."""
    rows = await connection.fetch(
        f"SELECT * FROM ({_PROPOSAL} WHERE $1::uuid IS NULL OR p.workspace_id = $1) AS p"  # noqa: S608
        " WHERE ($2::text[] IS NULL OR p.state = ANY ($2))"
        " AND ($3::boolean IS NULL OR (p.state = 'open', p.proposal_id) < ($3, $4))"
        " ORDER BY p.state = 'open' DESC, p.proposal_id DESC LIMIT $5",
        workspace_id,
        states,
        None if after is None else after[0],
        None if after is None else after[1],
        limit,
    )
    return [Proposal(**row) for row in rows]


async def decide(
    connection: Connection,
    proposal: Proposal,
    state: str,
    *,
    decider: str,
    answer: str,
    transfer_id: UUID | None = None,
) -> bool:
    """Move an open proposal on; False: somebody was faster."""
    moved = await connection.fetchval(
        "UPDATE credit_proposals SET state = $2, decider = $3, answer = $4, transfer_id = $5,"
        " decided_at = clock_timestamp() WHERE proposal_id = $1 AND state = 'open' RETURNING true",
        proposal.proposal_id,
        state,
        decider,
        answer,
        transfer_id,
    )
    return moved is True


async def due(connection: Connection, limit: int) -> list[ProposalId]:
    """Lock proposals whose time is over and that nobody is deciding about."""
    rows = await connection.fetch(
        "SELECT proposal_id FROM credit_proposals WHERE state = 'open' AND expires_at <= clock_timestamp()"
        " ORDER BY expires_at LIMIT $1 FOR UPDATE SKIP LOCKED",
        limit,
    )
    return [ProposalId(row["proposal_id"]) for row in rows]


async def names(connection: Connection, users: Sequence[UUID]) -> dict[UUID, str]:
    rows = await connection.fetch("SELECT user_id, name FROM users WHERE user_id = ANY ($1::uuid[])", list(users))
    return {row["user_id"]: row["name"] for row in rows}


async def open_count(connection: Connection) -> int:
    count: int = await connection.fetchval(
        "SELECT count(*) FROM credit_proposals WHERE state = 'open' AND expires_at > clock_timestamp()"
    )
    return count
