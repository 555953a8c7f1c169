"""Sign-in by other services: the way there, the way back, and the terms for those who are new."""

from collections.abc import Awaitable, Callable

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import oauth, tokens
from omna.accounts.desk import desk_of
from omna.accounts.model import User
from omna.accounts.oauth import Arrival, Back, In, New, Services
from omna.accounts.oauth_model import ARRIVAL_SECONDS, JOURNEY_SECONDS
from omna.db.pool import Connection, borrow, transaction
from omna.errors import (
    AddressHasAccount,
    EmergencyStop,
    LinkExpired,
    NotFound,
    OmnaError,
    SignInServiceUnavailable,
    SignUpClosed,
)
from omna.http.places import local_path
from omna.mail import address
from omna.membership import arrival as arriving_people
from omna.website import arriving, visitor
from omna.website.pages.page import Handler, page
from omna.website.pages.sign_in import go_on
from omna.website.site import Site
from omna.website.visit import Visit
from omna.workspaces import invitations

#: Where somebody links a service to the account they have.
_SETTINGS = "/app/settings/security"
_NEW = "/sign-in/oauth/new"


def routes(site: Site) -> list[Route]:
    services = Services(site.settings.sign_in)

    def with_services(handler: Callable[[Visit, Services], Awaitable[Response]]) -> Handler:
        async def handle(visit: Visit) -> Response:
            try:
                return await handler(visit, services)
            except OmnaError as error:
                return _failed(visit, error)

        return handle

    return [
        # Before the names of services.
        page(site, _NEW, show=_show_new, submit=_submit_new),
        page(site, "/sign-in/oauth/{service}", show=with_services(_leave)),
        page(site, "/sign-in/oauth/{service}/callback", show=with_services(_come_back)),
    ]


async def _leave(visit: Visit, services: Services) -> Response:
    wanted = local_path(visit.query("next")) or visitor.HOME
    # Other sites may link to the sign-in page, and not start a sign-in for somebody.
    if visit.request.headers.get("sec-fetch-site") in ("cross-site", "same-site"):
        return visit.go("/sign-in")
    if await visitor.signed_in(visit) is not None:
        return visit.go(wanted)
    service = services.named(visit.request.path_params["service"])
    desk = desk_of(visit.request)
    metadata = await services.metadata(service)
    # The same value as long as it lasts: a sign-in may be under way in another tab.
    browser = visit.cookie("oauth") or tokens.make()
    async with transaction(desk.pool) as connection:
        url = await oauth.begin(connection, desk, service, metadata, browser, wanted, visit.origin)
    visit.set_cookie("oauth", browser, max_age=JOURNEY_SECONDS)
    return visit.go(url)


async def _come_back(visit: Visit, services: Services) -> Response:
    back = Back(
        state=visit.query("state"),
        code=visit.query("code"),
        error=visit.query("error"),
        issuer=visit.request.query_params.get("iss"),
    )
    who = await visitor.signed_in(visit)
    came = await oauth.finish(
        desk_of(visit.request),
        services,
        visit.request.path_params["service"],
        back,
        visit.cookie("oauth"),
        visitor.client(visit),
        who,
    )
    match came:
        case In(outcome, next_path):
            return await go_on(visit, outcome, next_path)
        case New(token):
            visit.set_cookie("newcomer", token, max_age=ARRIVAL_SECONDS)
            return visit.go(_NEW)
        case _:
            return visit.go(came.next_path)


async def _show_new(visit: Visit) -> Response:
    desk = desk_of(visit.request)
    try:
        async with borrow(desk.pool) as connection:
            await arriving_people.require_open(connection)
            arrival = await oauth.look_up_arrival(connection, visit.cookie("newcomer") or "")
            invited = await _invited(connection, arrival)
    except EmergencyStop:
        return visit.page("sign_up_closed.html", 503, reason="stopped")
    except OmnaError as error:
        return _failed(visit, error)
    if not invited and (await visitor.policy_of(visit)).sign_up == "invite":
        return visit.page("sign_up_closed.html", reason="invite")
    return _form(visit, arrival)


async def _submit_new(visit: Visit) -> Response:
    desk, token = desk_of(visit.request), visit.cookie("newcomer") or ""

    async def then(connection: Connection, user: User) -> None:
        await arriving_people.welcome(connection, desk, user, origin=visit.origin)

    try:
        async with borrow(desk.pool) as connection:
            await arriving_people.require_open(connection)
            arrival = await oauth.look_up_arrival(connection, token)
            invited = await _invited(connection, arrival)
        if not visit.belongs():
            return _form(visit, arrival, 403)
        if not visit.field("name"):
            visit.complain("name", "sign_up.name_missing")
        if visit.field("consent") != "yes":
            visit.complain("consent", "sign_up.consent_missing")
        if visit.problems:
            return _form(visit, arrival, 400)
        arrival, outcome = await oauth.settle(
            desk,
            token,
            name=visit.field("name"),
            language=visit.language,
            terms_version=visit.site.terms_version,
            invited=invited,
            client=visitor.client(visit),
            then=then,
        )
    except SignUpClosed:
        return visit.page("sign_up_closed.html", 403, reason="invite")
    except EmergencyStop:
        return visit.page("sign_up_closed.html", 503, reason="stopped")
    except OmnaError as error:
        return _failed(visit, error)
    visit.set_cookie("newcomer", "", max_age=0)
    if outcome is None:
        arriving.remember(visit, arrival.claims.email)
        return visit.go("/verify-email")
    return await go_on(visit, outcome, arrival.next_path)


async def _invited(connection: Connection, arrival: Arrival) -> bool:
    """Return whether somebody comes from an invitation to the address that the service vouches for."""
    place, _, token = arrival.next_path.rpartition("/")
    if place != "/invite" or not arrival.claims.email_verified:
        return False
    try:
        invited = await invitations.look_up(connection, token)
    except (NotFound, LinkExpired):
        return False
    return invited.email_normalized == address.normalize(arrival.claims.email)


def _form(visit: Visit, arrival: Arrival, status: int = 200) -> Response:
    return visit.page("oauth_new.html", status, arrival=arrival)


def _failed(visit: Visit, error: OmnaError) -> Response:
    """Answer with what happened and the way back to the start: this address itself works only once."""
    if error.status >= 500 and not isinstance(error, SignInServiceUnavailable):
        raise error
    visit.refuse(error)
    to = _SETTINGS if isinstance(error, AddressHasAccount) else None
    response = visit.page("oauth_failed.html", error.status, to=to)
    if error.retry_after is not None:
        response.headers["retry-after"] = str(max(1, round(error.retry_after)))
    return response
