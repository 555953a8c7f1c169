"""Who visits a page: their browser, their session, and how one begins or ends."""

from omna.accounts import policy, sessions
from omna.accounts import service as accounts
from omna.accounts.desk import desk_of
from omna.accounts.model import Client, User
from omna.accounts.policy import Policy
from omna.accounts.sign_in import DEVICE_LIFETIME_SECONDS, Entered, SecondStep
from omna.db.pool import borrow, transaction
from omna.errors import Unauthenticated
from omna.http.principal import Person
from omna.vault.keyring import Purpose
from omna.website import forms
from omna.website.languages import LANGUAGES, THEMES
from omna.website.visit import Visit

#: Where somebody goes who wanted nothing in particular.
HOME = "/app"

YEAR_SECONDS = 365 * 24 * 3600
_SESSION_SECONDS = 14 * 24 * 3600
_CHALLENGE_SECONDS = 300


def client(visit: Visit) -> Client:
    """Return the browser of a visit."""
    return Client(
        origin=visit.origin,
        user_agent=visit.request.headers.get("user-agent", "")[:500],
        device=visit.cookie("device"),
    )


async def signed_in(visit: Visit) -> Person | None:
    """Return whose session the browser has, or None. Errors: ServiceUnavailable."""
    token = visit.cookie("session")
    if not token:
        return None
    async with borrow(desk_of(visit.request).pool) as connection:
        try:
            return await sessions.resolve(connection, token, visit.origin)
        except Unauthenticated:
            return None


async def user_of(visit: Visit) -> User | None:
    """Return the person who is signed in, or None. Errors: ServiceUnavailable."""
    person = await signed_in(visit)
    if person is None:
        return None
    async with borrow(desk_of(visit.request).pool) as connection:
        return await accounts.find(connection, person.user_id)


async def policy_of(visit: Visit) -> Policy:
    """Return who may make an account now, and what they are given. Errors: ServiceUnavailable."""
    async with borrow(desk_of(visit.request).pool) as connection:
        return await policy.effective(connection, visit.site.settings.accounts)


async def begin(visit: Visit, entered: Entered) -> None:
    """Give the browser its session, and the language and colours of its person. One it had before ends."""
    await end_session(visit)
    visit.set_cookie("session", entered.session_token, max_age=_SESSION_SECONDS)
    visit.set_cookie("device", entered.device_cookie, max_age=DEVICE_LIFETIME_SECONDS)
    visit.set_cookie("challenge", "", max_age=0)
    visit.set_cookie("arrival", "", max_age=0)
    # A form that was open before belongs to somebody who was not signed in.
    visit.set_cookie("form", forms.new_secret(), max_age=forms.COOKIE_SECONDS)
    async with borrow(desk_of(visit.request).pool) as connection:
        user = await accounts.get(connection, entered.user_id)
    if user.language in LANGUAGES:
        keep_choice(visit, "language", user.language)
    if user.theme in THEMES:
        keep_choice(visit, "theme", user.theme)


def ask_second_step(visit: Visit, step: SecondStep) -> None:
    """Let the browser go on with the second step."""
    visit.set_cookie("challenge", step.token, max_age=_CHALLENGE_SECONDS)


async def end_session(visit: Visit) -> None:
    """End the session of the browser on the server, if it has one."""
    token = visit.cookie("session")
    if token:
        desk = desk_of(visit.request)
        async with transaction(desk.pool) as connection:
            await sessions.sign_out(
                connection, token, key=desk.keyring.derive(Purpose.AUDIT_CHAIN), origin=visit.origin
            )


def end(visit: Visit) -> None:
    """Take the session from the browser."""
    visit.set_cookie("session", "", max_age=0)
    visit.set_cookie("challenge", "", max_age=0)
    visit.set_cookie("form", "", max_age=0)


def keep_choice(visit: Visit, name: str, value: str) -> None:
    """Keep a language or colours, for pages and for the web app's own code."""
    visit.set_cookie(name, value, max_age=YEAR_SECONDS, http_only=False)
