"""Downloads of the ledger under /api: here, not in ledger, because they are audited, and those two are strangers."""

from typing import Literal

from fastapi import Request
from starlette.responses import Response, StreamingResponse

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.clock import iso
from omna.db.pool import borrow, transaction
from omna.http.access import Work
from omna.http.downloads import downloads
from omna.http.router import Router
from omna.ids import show
from omna.ledger import statements
from omna.ledger.routes import Reader, Wanted, month_of
from omna.ledger.statement_files import export, month_csv, month_pdf

router = Router(prefix="/api", tags=["ledger"])


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


@router.get(
    "/workspaces/{workspace}/ledger/statements/{month}",
    response_class=Response,
    responses=downloads("application/pdf", "text/csv"),
)
async def ledger_statement(
    http: Request,
    month: str,
    who: Reader,
    acting: Act,
    format: Literal["pdf", "csv"] = "pdf",  # noqa: A002 - the name in the address
) -> Response:
    """Download the statement of a month: opening, lines, closing."""
    start = month_of(month)
    # No connection is held while a PDF waits for its turn.
    async with borrow(http.app.state.pool) as connection, statements.one_view(connection):
        statement = await statements.month(connection, who.workspace_id, start)
    async with transaction(http.app.state.pool) as connection:
        await audit.record(
            connection,
            acting(who),
            "ledger.statement",
            show("ws", who.workspace_id),
            after={"month": month, "format": format},
        )
    headers = {"content-disposition": f'attachment; filename="omna-statement-{month}.{format}"'}
    if format == "csv":
        return Response(month_csv(statement), media_type="text/csv; charset=utf-8", headers=headers)
    settings = http.app.state.settings
    pdf = await month_pdf(statement, settings.accounts.operator_name, settings.credits.usd_per_credit)
    return Response(pdf, media_type="application/pdf", headers=headers)
