"""Manual Credits in one call: an adjustment or a promo grant, under the rule of four eyes."""

from datetime import datetime

from omna.audit import service as audit
from omna.db.pool import Connection
from omna.ids import WorkspaceId
from omna.money import Nanocredits
from omna.risk.model import check_reason
from omna.risk.proposals import service as proposals
from omna.risk.proposals.model import LONGEST_NOTE, Proposal, Wish

ACTION = "credits.manual"


async def give_credits(
    connection: Connection,
    workspace_id: WorkspaceId,
    amount: Nanocredits,
    *,
    reason: str,
    actor: audit.Actor,
    note: str = "",
    promo: bool = False,
    expires_at: datetime | None = None,
) -> Proposal:
    """Book an adjustment (up, or down when negative), or a promo grant that may expire; or propose it.

    note    what the customer reads in the ledger; without one, they read the reason
    Errors  InvalidValue; InsufficientCredits when more is taken than is there; Forbidden for one's own workspace
    """
    wish = Wish(
        workspace_id=workspace_id,
        kind="promo" if promo else "adjustment",
        amount=amount,
        note=note.strip() or check_reason(reason)[:LONGEST_NOTE],
        expires_at=expires_at,
    )
    return (await proposals.propose(connection, wish, reason=reason, actor=actor)).proposal
