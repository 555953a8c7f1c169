"""Sign-up, in each of its three modes, and while it is stopped."""

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts.desk import desk_of
from omna.accounts.policy import Policy
from omna.accounts.sign_up import SignUp
from omna.db.pool import borrow
from omna.errors import EmergencyStop, OmnaError, SignUpClosed
from omna.http.places import local_path
from omna.membership import arrival
from omna.money import format_credits
from omna.website import arriving, visitor
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    return [page(site, "/sign-up", show=_show, submit=_submit)]


async def _show(visit: Visit) -> Response:
    if await visitor.signed_in(visit) is not None:
        return visit.go(local_path(visit.query("next")) or visitor.HOME)
    policy = await visitor.policy_of(visit)
    if policy.sign_up == "invite":
        return visit.page("sign_up_closed.html", reason="invite")
    async with borrow(desk_of(visit.request).pool) as connection:
        try:
            await arrival.require_open(connection)
        except EmergencyStop:
            return visit.page("sign_up_closed.html", 503, reason="stopped")
    return _form(visit, policy)


async def _submit(visit: Visit) -> Response:
    policy = await visitor.policy_of(visit)
    if not visit.belongs():
        return _form(visit, policy, 403)
    check_person(visit)
    if visit.problems:
        return _form(visit, policy, 400)
    desk = desk_of(visit.request)
    request = SignUp(
        email=visit.field("email"),
        name=visit.field("name"),
        password=visit.fields.get("password", ""),
        language=visit.language,
        terms_version=visit.site.terms_version,
    )
    try:
        await arrival.sign_up(desk, request, visitor.client(visit))
    except SignUpClosed:
        return visit.page("sign_up_closed.html", 403, reason="invite")
    except EmergencyStop:
        return visit.page("sign_up_closed.html", 503, reason="stopped")
    except OmnaError as error:
        return visit.refused(error, lambda status: _form(visit, policy, status))
    arriving.remember(visit, visit.field("email"))
    return visit.go("/verify-email")


def check_person(visit: Visit, *, email: bool = True) -> None:
    """Note what is missing from the fields of a new person; the rest is judged by the services.

    email   False where the address is known already
    """
    if not visit.field("name"):
        visit.complain("name", "sign_up.name_missing")
    if email and not visit.field("email"):
        visit.complain("email", "sign_up.email_missing")
    if not visit.fields.get("password"):
        visit.complain("password", "sign_up.password_missing")
    if visit.field("consent") != "yes":
        visit.complain("consent", "sign_up.consent_missing")


def _form(visit: Visit, policy: Policy, status: int = 200) -> Response:
    return visit.page(
        "sign_up.html",
        status,
        approval=policy.sign_up == "approval",
        starter=format_credits(policy.starter_credits) if policy.starter_credits else "",
        days=policy.starter_days,
    )
