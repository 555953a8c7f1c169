"""An invitation of the operator: whoever has the link makes an account for the address it was mailed to."""

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import service as accounts
from omna.accounts.desk import desk_of
from omna.db.pool import borrow
from omna.errors import EmergencyStop, NotFound, OmnaError
from omna.membership import admitting
from omna.website import visitor
from omna.website.pages.page import page
from omna.website.pages.sign_in import go_on
from omna.website.pages.sign_up import check_person
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    return [page(site, "/join/{token}", show=_invitation, submit=_submit)]


async def _submit(visit: Visit) -> Response:
    if not visit.belongs():
        return await _invitation(visit, 403)
    check_person(visit, email=False)
    if visit.problems or await visitor.signed_in(visit) is not None:
        return await _invitation(visit, 400)
    try:
        outcome = await admitting.join(
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
        if isinstance(error, NotFound) or error.status not in (400, 403, 409, 429):
            raise
        visit.refuse(error)
        return await _invitation(visit, error.status)
    return await go_on(visit, outcome, visitor.HOME)


async def _invitation(visit: Visit, status: int = 200) -> Response:
    user = await visitor.user_of(visit)
    async with borrow(desk_of(visit.request).pool) as connection:
        invited = await admitting.look_up(connection, _token(visit))
        known = await accounts.find_by_email(connection, invited.email) is not None
    state = "sign_in" if known else "join" if user is None else "other"
    return visit.page("join.html", status, invited=invited, state=state, user=user, path=visit.request.url.path)


def _token(visit: Visit) -> str:
    token: str = visit.request.path_params["token"]
    return token
