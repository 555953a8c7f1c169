"""The charge of one request, as staff see it who give it back."""

from uuid import UUID

from omna.console.credit_schemas import ChargedRequest
from omna.console.recharge_schemas import OfWorkspace
from omna.db.pool import Connection
from omna.errors import Conflict, NotFound
from omna.ids import TransferId, WorkspaceId, parse, show
from omna.ledger import service as ledger
from omna.ledger.model import Charge
from omna.money import Nanocredits
from omna.risk.proposals import service as proposals
from omna.usage import service as usage
from omna.usage.model import RequestRecord
from omna.workspaces import service as workspaces

_NOT_THERE = "There is no such request, or it has not ended."


async def owner_of(connection: Connection, text: str) -> tuple[WorkspaceId, UUID]:
    """Return whose request it is, by its id or by that of its answer. Errors: NotFound."""
    try:
        request_id = parse(text.strip(), "req", "chatcmpl", "cmpl", "resp", "msg", "modr")
    except ValueError:
        raise NotFound(_NOT_THERE) from None
    workspace_id = await usage.owner_of(connection, request_id)
    if workspace_id is None:
        raise NotFound(_NOT_THERE)
    return workspace_id, request_id


async def find(connection: Connection, text: str) -> ChargedRequest:
    """Errors: NotFound."""
    workspace_id, request_id = await owner_of(connection, text)
    record = await usage.find(connection, workspace_id, request_id)
    if not isinstance(record, RequestRecord):
        raise NotFound(_NOT_THERE)
    charge = await _charge(connection, workspace_id, request_id)
    proposal = await proposals.giving_back(connection, workspace_id, request_id)
    names = await workspaces.names(connection, [workspace_id])
    free = charge is None or charge.given_back > 0 or proposal is not None
    return ChargedRequest(
        id=show("req", request_id),
        workspace=OfWorkspace(id=show("ws", workspace_id), name=names.get(workspace_id, "")),
        at=record.settled_at,
        model=record.model_id,
        provider=record.provider_name,
        source=record.source,
        prompt_tokens=record.prompt_tokens,
        completion_tokens=record.completion_tokens,
        cached_tokens=record.cached_tokens,
        reasoning_tokens=record.reasoning_tokens,
        charge=record.charge,
        paid=Nanocredits(0) if charge is None else charge.paid,
        promo=Nanocredits(0) if charge is None else charge.promo,
        refundable=0 if free or charge is None else charge.total,
        outcome=record.outcome,
        finish_reason=record.finish_reason,
        error_code=record.error_code,
        streamed=record.streamed,
        estimated=record.estimated,
        duration_ms=record.duration_ms,
        proposal=None if proposal is None else show("prp", proposal.proposal_id),
    )


async def _charge(connection: Connection, workspace_id: WorkspaceId, request_id: UUID) -> Charge | None:
    try:
        return await ledger.charge_of(connection, workspace_id, TransferId(request_id))
    except Conflict:
        return None
