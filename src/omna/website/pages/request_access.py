"""A request for access, where accounts are made by invitation."""

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts.desk import desk_of
from omna.errors import OmnaError
from omna.membership import asking
from omna.website import visitor
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    return [page(site, "/request-access", show=_show, submit=_submit)]


async def _show(visit: Visit) -> Response:
    if (await visitor.policy_of(visit)).sign_up != "invite":
        return visit.go("/sign-up")
    return _form(visit)


async def _submit(visit: Visit) -> Response:
    if not visit.belongs():
        return _form(visit, 403)
    for name in ("name", "email", "message"):
        if not visit.field(name):
            visit.complain(name, f"request.{name}_missing")
    if visit.problems:
        return _form(visit, 400)
    try:
        await asking.ask(
            desk_of(visit.request),
            email=visit.field("email"),
            name=visit.field("name"),
            message=visit.field("message"),
            client=visitor.client(visit),
        )
    except OmnaError as error:
        return visit.refused(error, lambda status: _form(visit, status))
    return visit.go("/request-access?notice=sent")


def _form(visit: Visit, status: int = 200) -> Response:
    return visit.page("request_access.html", status, sent=visit.query("notice") == "sent")
