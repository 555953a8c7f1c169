"""/api/account/export and /api/account/deletion: what is known about a person, and how they leave."""

from typing import Annotated

from fastapi import Path, Request, Response
from starlette.responses import StreamingResponse

from omna.accounts.desk import AtDesk
from omna.clock import now
from omna.errors import NotFound
from omna.http.access import Confirm, EvenFrozen, Reading, SignedIn, Work
from omna.http.downloads import downloads
from omna.http.router import Router
from omna.ids import parse, show
from omna.membership import export as exports
from omna.membership import leaving, schemas

router = Router(prefix="/api", tags=["account"])


@router.post("/account/export", status_code=202)
async def request_export(who: EvenFrozen, connection: Work, desk: AtDesk, confirm: Confirm) -> schemas.ExportLink:
    """Ask for everything that is known about you, after a step-up for `account.export`.

    The address in the answer works for a quarter of an hour, and for you alone.
    """
    await confirm(connection, who, "account.export")
    made = await exports.allow(connection, who.user_id, actor=desk.actor(who.user_id, who.origin))
    shown = show("exp", made.export_id)
    return schemas.ExportLink(id=shown, state="ready", url=f"/api/account/export/{shown}", expires_at=made.expires_at)


@router.get("/account/export/{export}", response_class=StreamingResponse, responses=downloads("application/zip"))
async def download_export(
    export: Annotated[str, Path(description="The export: `exp_…`")],
    request: Request,
    who: SignedIn,
    connection: Work,
    desk: AtDesk,
) -> StreamingResponse:
    """Download the archive: a ZIP file of JSON and CSV, made while it is sent."""
    try:
        identifier = parse(export, "exp")
    except ValueError:
        raise NotFound("There is no such download.") from None
    await exports.begin(connection, identifier, who.user_id, actor=desk.actor(who.user_id, who.origin))
    return StreamingResponse(
        exports.download(desk.pool, who.user_id, request.app.state.kept_of_person),
        media_type="application/zip",
        headers={"content-disposition": f'attachment; filename="omna-{now():%Y-%m-%d}.zip"'},
    )


@router.get("/account/deletion")
async def deletion_facts(who: SignedIn, connection: Reading) -> schemas.DeletionFacts:
    """Return what stands in the way of deleting your account."""
    facts = await leaving.facts(connection, who.user_id)
    return schemas.DeletionFacts(
        credits_left=facts.credits_left,
        blocked_by=[
            schemas.BlockingWorkspace(workspace=show("ws", space.workspace_id), name=space.name)
            for space in facts.blocked_by
        ],
    )


@router.post("/account/deletion", status_code=204)
async def delete_account(
    body: schemas.AccountDeletion,
    request: Request,
    response: Response,
    who: SignedIn,
    connection: Work,
    desk: AtDesk,
    confirm: Confirm,
) -> None:
    """Delete your account for ever, after a step-up for `account.delete`.

    Your keys end, your personal workspace goes, you are erased; every booking stays. Unused Credits are given up only
    when `forfeit_credits` says so.
    """
    await confirm(connection, who, "account.delete")
    await leaving.leave(
        connection,
        who.user_id,
        body.email,
        forfeit=body.forfeit_credits,
        actor=desk.actor(who.user_id, who.origin),
    )
    cookies = request.app.state.cookies
    response.headers.append("set-cookie", cookies.header("session", "", max_age=0))
