"""An invitation: shown to whoever has the link, accepted by whom it is for."""

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import service as accounts
from omna.accounts.desk import desk_of
from omna.accounts.model import User
from omna.db.pool import borrow
from omna.errors import EmergencyStop, NotFound, OmnaError
from omna.ids import show as shown
from omna.membership import joining
from omna.money import format_credits
from omna.website import visitor
from omna.website.pages.page import page
from omna.website.pages.sign_in import go_on
from omna.website.pages.sign_up import check_person
from omna.website.site import Site
from omna.website.visit import Visit
from omna.workspaces import invitations
from omna.workspaces.invitations import Invited


def routes(site: Site) -> list[Route]:
    return [page(site, "/invite/{token}", show=_show, submit=_submit)]


async def _show(visit: Visit) -> Response:
    return await _invitation(visit)


async def _submit(visit: Visit) -> Response:
    if not visit.belongs():
        return await _invitation(visit, 403)
    user = await visitor.user_of(visit)
    return await _join(visit) if user is None else await _accept(visit, user)


async def _accept(visit: Visit, user: User) -> Response:
    try:
        invited = await joining.accept(desk_of(visit.request), _token(visit), user, origin=visit.origin)
    except OmnaError as error:
        return await _again(visit, error)
    return visit.go(_home(invited))


async def _join(visit: Visit) -> Response:
    check_person(visit, email=False)
    if visit.problems:
        return await _invitation(visit, 400)
    try:
        invited, outcome = await joining.join(
            desk_of(visit.request),
            _token(visit),
            name=visit.field("name"),
            password=visit.fields.get("password", ""),
            language=visit.language,
            terms_version=visit.site.terms_version,
            client=visitor.client(visit),
        )
    except EmergencyStop:
        return visit.page("sign_up_closed.html", 503, reason="stopped")
    except OmnaError as error:
        return await _again(visit, error)
    return await go_on(visit, outcome, _home(invited))


async def _again(visit: Visit, error: OmnaError) -> Response:
    if isinstance(error, NotFound) or error.status not in (400, 403, 409, 429):
        raise error
    visit.refuse(error)
    return await _invitation(visit, error.status)


async def _invitation(visit: Visit, status: int = 200) -> Response:
    """The page as it is for this visitor: accept, sign in, make an account, or: this is for somebody else."""
    user = await visitor.user_of(visit)
    async with borrow(desk_of(visit.request).pool) as connection:
        invited = await invitations.look_up(connection, _token(visit))
        known = user is not None or await accounts.find_by_email(connection, invited.email) is not None
    if user is None:
        state = "sign_in" if known else "join"
    else:
        state = "accept" if user.email_normalized == invited.email_normalized else "other"
    return visit.page(
        "invite.html",
        status,
        invited=invited,
        limit="" if invited.limit is None else format_credits(invited.limit.amount),
        state=state,
        user=user,
        path=visit.request.url.path,
    )


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    return token


def _home(invited: Invited) -> str:
    return f"/app/w/{shown('ws', invited.workspace_id)}"
