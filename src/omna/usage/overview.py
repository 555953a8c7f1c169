"""The first page of a workspace under /api: where it stands today, its last lines, what to do first."""

from typing import Annotated

from omna.http.access import Can, Reading
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.http.values import Amount, Moment, Output
from omna.ledger import service as ledger
from omna.ledger import statements
from omna.ledger.bodies import line_body
from omna.ledger.lines import Within
from omna.ledger.schemas import LedgerLine
from omna.usage import overview_store as store

router = Router(prefix="/api", tags=["overview"])

_LINES = 5


class FirstSteps(Output):
    """What a new workspace has done already."""

    verified: bool
    has_key: bool
    first_call: bool
    first_chat: bool


class Overview(Output):
    """A workspace at a glance. `lines` is empty for those who may not see the ledger."""

    available: Amount
    held: Amount
    spent_today: Amount
    daily_limit: Amount | None
    resets_at: Moment
    requests_today: int
    lines: list[LedgerLine]
    steps: FirstSteps


@router.get("/workspaces/{workspace}/overview")
async def overview(who: Annotated[Member, Can(Right.VIEW)], connection: Reading) -> Overview:
    """Return a workspace at a glance. Days are UTC days, as limits count them."""
    async with statements.one_view(connection):
        wallet = await ledger.wallet(connection, who.workspace_id)
        today = await store.today(connection, who.workspace_id)
        steps = await store.steps(connection, who.workspace_id, who.user_id)
        entries = []
        if who.may(Right.LEDGER):
            entries = await statements.newest(connection, who.workspace_id, Within(), _LINES)
    return Overview(
        available=wallet.available,
        held=wallet.held,
        spent_today=today["spent"],
        daily_limit=today["daily_limit"],
        resets_at=today["resets_at"],
        requests_today=today["requests"],
        lines=[line_body(entry) for entry in entries],
        steps=FirstSteps(**steps),
    )
