"""A forgotten password: ask for a link, then choose a new one."""

from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import reset
from omna.accounts.desk import desk_of
from omna.accounts.model import User
from omna.db.pool import borrow
from omna.errors import LinkExpired, OmnaError
from omna.website import visitor
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    return [page(site, "/reset", show=_show, submit=_submit)]


async def _show(visit: Visit) -> Response:
    token = visit.query("token")
    if not token:
        return _ask(visit)
    try:
        user = await _owner(visit, token)
    except LinkExpired:
        return _dead_link(visit)
    return _choose(visit, token, user)


async def _submit(visit: Visit) -> Response:
    token = visit.field("token")
    return await _set(visit, token) if token else await _send(visit)


async def _send(visit: Visit) -> Response:
    if not visit.belongs():
        return _ask(visit, 403)
    email = visit.field("email")
    if not email:
        visit.complain("email", "sign_up.email_missing")
        return _ask(visit, 400)
    try:
        await reset.request(desk_of(visit.request), email, visitor.client(visit), visit.language)
    except OmnaError as error:
        return visit.refused(error, lambda status: _ask(visit, status))
    return visit.go("/reset?notice=sent")


async def _set(visit: Visit, token: str) -> Response:
    try:
        user = await _owner(visit, token)
        if not visit.belongs():
            return _choose(visit, token, user, 403)
        await reset.reset(desk_of(visit.request), token, visit.fields.get("password", ""), visitor.client(visit))
    except LinkExpired:
        return _dead_link(visit)
    except OmnaError as error:
        return visit.refused(error, lambda status: _choose(visit, token, user, status))
    visitor.end(visit)
    return visit.go("/sign-in?notice=reset")


async def _owner(visit: Visit, token: str) -> User:
    async with borrow(desk_of(visit.request).pool) as connection:
        return await reset.look_up(connection, token)


def _ask(visit: Visit, status: int = 200) -> Response:
    return visit.page("reset_ask.html", status, sent=visit.query("notice") == "sent")


def _choose(visit: Visit, token: str, user: User, status: int = 200) -> Response:
    visit.here = f"/reset?token={quote(token, safe='')}"
    return visit.page("reset_choose.html", status, token=token, email=user.email)


def _dead_link(visit: Visit) -> Response:
    visit.complain(None, "reset.dead_link")
    return _ask(visit, 404)
