"""Sign-in: a password, then perhaps a code; and sign-out."""

from urllib.parse import urlencode

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import sign_in
from omna.accounts.desk import desk_of
from omna.accounts.oauth_model import offered
from omna.accounts.sign_in import Challenge, Entered, SecondStep
from omna.config import SignIn
from omna.db.pool import borrow
from omna.errors import ChallengeOver, OmnaError
from omna.http.places import local_path
from omna.website import openness, visitor
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit

#: What other pages send somebody here for: `/sign-in?notice=verified`.
_NOTICES = frozenset({"verified", "reset", "over", "signed_out", "changed"})


def routes(site: Site) -> list[Route]:
    return [
        page(site, "/sign-in", show=_show, submit=_submit),
        page(site, "/sign-in/verify", show=_show_step, submit=_submit_step),
        page(site, "/sign-out", submit=_sign_out),
    ]


def address(path: str, **query: str | None) -> str:
    """Return an address of ours with what is set of a query."""
    given = {name: value for name, value in query.items() if value}
    return f"{path}?{urlencode(given)}" if given else path


async def go_on(visit: Visit, outcome: Entered | SecondStep, wanted: str | None) -> Response:
    """Send somebody on after a first step that was right."""
    if isinstance(outcome, SecondStep):
        visitor.ask_second_step(visit, outcome)
        return visit.go(address("/sign-in/verify", next=wanted))
    await visitor.begin(visit, outcome)
    return visit.go(wanted or visitor.HOME)


async def _show(visit: Visit) -> Response:
    wanted = local_path(visit.query("next"))
    if await visitor.signed_in(visit) is not None:
        return visit.go(wanted or visitor.HOME)
    return _form(visit, wanted, await _closed(visit))


async def _submit(visit: Visit) -> Response:
    wanted, closed = local_path(visit.field("next")), await _closed(visit)
    if not visit.belongs():
        return _form(visit, wanted, closed, 403)
    email, password = visit.field("email"), visit.fields.get("password", "")
    if not email:
        visit.complain("email", "sign_up.email_missing")
    if not password:
        visit.complain("password", "sign_up.password_missing")
    if visit.problems:
        return _form(visit, wanted, closed, 400)
    try:
        outcome = await sign_in.with_password(desk_of(visit.request), email, password, visitor.client(visit))
    except OmnaError as error:
        return visit.refused(error, lambda status: _form(visit, wanted, closed, status))
    return await go_on(visit, outcome, wanted)


async def _closed(visit: Visit) -> bool:
    return await openness.mode(visit.request, visit.site.settings.accounts) == "invite"


def _form(visit: Visit, wanted: str | None, closed: bool, status: int = 200) -> Response:
    notice = visit.query("notice")
    visit.here = address("/sign-in", notice=notice if notice in _NOTICES else None, next=wanted)
    settings = visit.site.settings
    return visit.page(
        "sign_in.html",
        status,
        wanted=wanted or "",
        notice=notice if notice in _NOTICES else "",
        providers=providers(settings.sign_in, wanted),
        closed=closed,
    )


def providers(settings: SignIn, wanted: str | None) -> list[tuple[str, str]]:
    """Return label and address of every other service that sign-in can use."""
    return [
        (service.label, address(f"/sign-in/oauth/{service.slug}", next=wanted))
        for service in offered(settings).values()
    ]


async def _show_step(visit: Visit) -> Response:
    wanted = local_path(visit.query("next"))
    if await visitor.signed_in(visit) is not None:
        return visit.go(wanted or visitor.HOME)
    try:
        challenge = await _challenge(visit)
    except ChallengeOver:
        return _over(visit, wanted)
    return _step(visit, challenge, wanted)


async def _submit_step(visit: Visit) -> Response:
    wanted = local_path(visit.field("next"))
    try:
        if not visit.belongs():
            return _step(visit, await _challenge(visit), wanted, 403)
        token = visit.cookie("challenge") or ""
        code = visit.field("code") or visit.field("recovery_code")
        entered = await sign_in.finish_with_code(desk_of(visit.request), token, code, visitor.client(visit))
    except ChallengeOver:
        return _over(visit, wanted)
    except OmnaError as error:
        if visit.field("recovery_code"):
            error.param = "recovery_code"
        try:
            challenge = await _challenge(visit)
        except ChallengeOver:
            return _over(visit, wanted)
        return visit.refused(error, lambda status: _step(visit, challenge, wanted, status))
    return await go_on(visit, entered, wanted)


async def _challenge(visit: Visit) -> Challenge:
    token = visit.cookie("challenge")
    if not token:
        raise ChallengeOver
    async with borrow(desk_of(visit.request).pool) as connection:
        return await sign_in.open_challenge(connection, token)


def _over(visit: Visit, wanted: str | None) -> Response:
    visit.set_cookie("challenge", "", max_age=0)
    return visit.go(address("/sign-in", notice="over", next=wanted))


def _step(visit: Visit, challenge: Challenge, wanted: str | None, status: int = 200) -> Response:
    visit.here = address("/sign-in/verify", next=wanted)
    return visit.page("second_step.html", status, challenge=challenge, wanted=wanted or "")


async def _sign_out(visit: Visit) -> Response:
    # No token: the web app, which has none, signs out here as well. The origin is checked.
    await visitor.end_session(visit)
    visitor.end(visit)
    return visit.go(local_path(visit.field("next")) or "/sign-in?notice=signed_out")
