"""The download of the ledger under /api: here, not in ledger, because it is audited, and those two are strangers."""

from fastapi import APIRouter, Request
from starlette.responses import StreamingResponse

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.clock import iso
from omna.http.access import Work
from omna.http.downloads import downloads
from omna.ids import show
from omna.ledger.routes import Reader, Wanted
from omna.ledger.statement_files import export

router = APIRouter(prefix="/api", tags=["ledger"])


@router.get("/workspaces/{workspace}/ledger/export", response_class=StreamingResponse, responses=downloads("text/csv"))
async def ledger_export(http: Request, who: Reader, connection: Work, acting: Act, within: Wanted) -> StreamingResponse:
    """Download exactly the filtered lines as CSV, each transfer a line of its own."""
    await audit.record(
        connection,
        acting(who),
        "ledger.export",
        show("ws", who.workspace_id),
        after={
            "from": None if within.start is None else iso(within.start),
            "to": None if within.end is None else iso(within.end),
            "kind": list(within.kinds or ()),
        },
    )
    return StreamingResponse(
        export(http.app.state.pool, who.workspace_id, within),
        media_type="text/csv; charset=utf-8",
        headers={"content-disposition": 'attachment; filename="omna-ledger.csv"'},
    )
