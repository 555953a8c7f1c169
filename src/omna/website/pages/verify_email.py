"""Proving an address: look into the mailbox, press the button; or ask for another mail, or correct the address."""

import contextlib
from dataclasses import dataclass
from urllib.parse import quote

from starlette.responses import Response
from starlette.routing import Route

from omna.accounts import service as accounts
from omna.accounts import verification
from omna.accounts.desk import Desk, desk_of
from omna.accounts.model import User
from omna.db.pool import borrow, transaction
from omna.errors import LinkExpired, OmnaError, TooManyAttempts
from omna.membership import arrival
from omna.website import arriving, visitor
from omna.website.pages.page import page
from omna.website.site import Site
from omna.website.visit import Visit


def routes(site: Site) -> list[Route]:
    return [
        page(site, "/verify-email", show=_show, submit=_verify),
        page(site, "/verify-email/resend", submit=_resend),
        page(site, "/verify-email/address", submit=_correct),
    ]


async def _show(visit: Visit) -> Response:
    token = visit.query("token")
    if token:
        return await _button(visit, token)
    waiting = await _waiting(visit)
    if waiting is None and await visitor.signed_in(visit) is not None:
        return visit.go(visitor.HOME)
    return _mailbox(visit, waiting)


async def _button(visit: Visit, token: str, status: int = 200) -> Response:
    try:
        async with borrow(desk_of(visit.request).pool) as connection:
            preview = await verification.look_up(connection, token)
    except LinkExpired:
        return await _dead_link(visit)
    visit.here = f"/verify-email?token={quote(token, safe='')}"
    return visit.page("verify_email.html", status, token=token, email=preview.email)


async def _verify(visit: Visit) -> Response:
    token = visit.field("token")
    if not visit.belongs():
        return await _button(visit, token, 403)
    person = await visitor.signed_in(visit)
    session_id = None if person is None else person.session_id
    try:
        verified = await arrival.verify(desk_of(visit.request), token, origin=visit.origin, session_id=session_id)
    except LinkExpired:
        return await _dead_link(visit)
    arriving.forget(visit)
    if person is not None and person.user_id == verified.user.user_id:
        return visit.go(visitor.HOME)
    return visit.go(f"/sign-in?notice={'changed' if verified.changed else 'verified'}")


async def _resend(visit: Visit) -> Response:
    waiting, kept = await _waiting(visit), arriving.recall(visit)
    if not visit.belongs():
        return _mailbox(visit, waiting, 403)
    email = waiting.email if waiting is not None else kept.email if kept is not None else None
    if email is None:
        return visit.go("/sign-in?next=/verify-email")
    try:
        if kept is not None and kept.wait and kept.email == email:
            raise TooManyAttempts(retry_after=kept.wait)
        if waiting is None:
            await _send_unseen(desk_of(visit.request), email, origin=visit.origin)
        else:
            async with transaction(desk_of(visit.request).pool) as connection:
                await verification.send(connection, desk_of(visit.request), waiting.user, origin=visit.origin)
    except OmnaError as error:
        return visit.refused(error, lambda status: _mailbox(visit, waiting, status))
    arriving.remember(visit, email)
    return visit.go("/verify-email?notice=sent")


async def _send_unseen(desk: Desk, email: str, *, origin: str) -> None:
    """Send a mail again to an address that somebody typed here, who must not learn whether an account waits for it."""
    with contextlib.suppress(TooManyAttempts):
        async with transaction(desk.pool) as connection:
            user = await accounts.find_by_email(connection, email)
            if user is not None and not user.verified:
                await verification.send(connection, desk, user, origin=origin)


async def _correct(visit: Visit) -> Response:
    waiting = await _waiting(visit)
    if waiting is None:
        return visit.go("/sign-in?next=/verify-email")
    if not visit.belongs():
        return _mailbox(visit, waiting, 403)
    email = visit.field("email")
    if not email:
        visit.complain("email", "sign_up.email_missing")
        return _mailbox(visit, waiting, 400)
    desk = desk_of(visit.request)
    try:
        async with transaction(desk.pool) as connection:
            await verification.change_email(connection, desk, waiting.user.user_id, email, origin=visit.origin)
    except OmnaError as error:
        return visit.refused(error, lambda status: _mailbox(visit, waiting, status))
    arriving.remember(visit, email)
    return visit.go("/verify-email?notice=corrected")


async def _dead_link(visit: Visit) -> Response:
    visit.complain(None, "verify.dead_link")
    return _mailbox(visit, await _waiting(visit), 404)


@dataclass(frozen=True, slots=True)
class _Waiting:
    """Somebody who is signed in and has not proven their address; `email` is the one the last mail went to."""

    user: User
    email: str


async def _waiting(visit: Visit) -> _Waiting | None:
    user = await visitor.user_of(visit)
    if user is None or user.verified:
        return None
    async with borrow(desk_of(visit.request).pool) as connection:
        pending = await verification.pending_email(connection, user.user_id)
    return _Waiting(user, pending or user.email)


def _mailbox(visit: Visit, waiting: _Waiting | None, status: int = 200) -> Response:
    """The page between sign-up and the button in the mail."""
    visit.here = "/verify-email"
    kept = arriving.recall(visit)
    notice = visit.query("notice")
    return visit.page(
        "check_mail.html",
        status,
        email=waiting.email if waiting is not None else kept.email if kept is not None else None,
        signed_in=waiting is not None,
        wait=kept.wait if kept is not None else 0,
        notice=notice if notice in ("sent", "corrected") else "",
    )
