"""/api about passkeys: sign in with one, prove with one, keep them."""

from typing import Annotated

from fastapi import Path, Request, Response

from omna.accounts import passkey_schemas as schemas
from omna.accounts import passkeys, service, sign_in, tokens
from omna.accounts.desk import AtDesk
from omna.accounts.model import Client
from omna.accounts.passkeys import Ceremony, Passkey
from omna.accounts.passkeys_model import CHALLENGE_SECONDS
from omna.accounts.sessions import LIFETIME_SECONDS
from omna.accounts.sign_in import DEVICE_LIFETIME_SECONDS, Entered
from omna.db.pool import transaction
from omna.errors import ChallengeOver, NotFound
from omna.http.access import Anyone, Confirm, EvenFrozen, Reading, SignedIn, Work
from omna.http.cookies import CookieJar
from omna.http.places import local_path
from omna.http.router import Router
from omna.ids import PasskeyId, parse, show

router = Router(prefix="/api")

#: Holds what a challenge is bound to while nobody is signed in.
_BROWSER = "passkey"
#: Holds the token of an open second step.
_SECOND_STEP = "challenge"

PasskeyPath = Annotated[str, Path(description="The passkey: `pky_…`")]


@router.get("/account/passkeys", tags=["account"])
async def list_passkeys(who: SignedIn, connection: Reading, desk: AtDesk) -> list[schemas.Passkey]:
    return [_shown(passkey) for passkey in await passkeys.list_of(connection, desk, who.user_id)]


@router.post("/account/passkeys/options", tags=["account"])
async def passkey_registration_options(
    who: SignedIn, connection: Work, desk: AtDesk, confirm: Confirm
) -> schemas.CeremonyOptions:
    """Begin to add a passkey. The proof that it is still the person is needed here, and not again to finish."""
    await confirm(connection, who, "passkey.add")
    user = await service.get(connection, who.user_id)
    return schemas.CeremonyOptions(options=await passkeys.begin_add(connection, desk, user, who.session_id))


@router.post("/account/passkeys", tags=["account"], status_code=201)
async def add_passkey(body: schemas.PasskeyAdd, who: SignedIn, connection: Work, desk: AtDesk) -> schemas.Passkey:
    """Keep the passkey that the browser made. Other sessions of the person end."""
    user = await service.get(connection, who.user_id)
    passkey = await passkeys.finish_add(
        connection, desk, user, who.session_id, body.name, body.credential, origin=who.origin
    )
    return _shown(passkey)


@router.patch("/account/passkeys/{passkey}", tags=["account"])
async def rename_passkey(
    passkey: PasskeyPath, body: schemas.PasskeyName, who: SignedIn, connection: Work, desk: AtDesk
) -> schemas.Passkey:
    return _shown(await passkeys.rename(connection, desk, who.user_id, _id(passkey), body.name, origin=who.origin))


@router.delete("/account/passkeys/{passkey}", tags=["account"], status_code=204)
async def remove_passkey(passkey: PasskeyPath, who: SignedIn, connection: Work, desk: AtDesk, confirm: Confirm) -> None:
    """Take a passkey away; the last way into the account stays. Other sessions of the person end."""
    passkey_id = _id(passkey)
    await confirm(connection, who, "passkey.remove", show("pky", passkey_id))
    user = await service.get(connection, who.user_id)
    await passkeys.remove(connection, desk, user, who.session_id, passkey_id, origin=who.origin)


@router.post("/account/step-up/options", tags=["account"])
async def passkey_step_up_options(who: EvenFrozen, connection: Work, desk: AtDesk) -> schemas.CeremonyOptions:
    """Begin to prove with a passkey that it is still the person; `POST /api/account/step-up` takes the answer."""
    user = await service.get(connection, who.user_id)
    binding = passkeys.of_session(who.session_id)
    return schemas.CeremonyOptions(options=await passkeys.begin(connection, desk, Ceremony.STEP_UP, user, binding))


@router.post("/access/passkey/options", tags=["access"])
async def passkey_sign_in_options(
    request: Request,
    response: Response,
    origin: Anyone,
    connection: Work,
    desk: AtDesk,
    body: schemas.PasskeyStart | None = None,
) -> schemas.CeremonyOptions:
    """Begin to sign in with a passkey, or to take the second step with one."""
    cookies = _cookies(request)
    if body is not None and body.second_step:
        token = request.cookies.get(cookies.name(_SECOND_STEP))
        if not token:
            raise ChallengeOver
        challenge = await sign_in.open_challenge(connection, token)
        user = await service.get(connection, challenge.user_id)
        binding = passkeys.of_browser(token)
        options = await passkeys.begin(connection, desk, Ceremony.SECOND_STEP, user, binding)
        return schemas.CeremonyOptions(options=options)
    # The same value as long as it lasts: the sign-in page may be open in two tabs.
    browser = request.cookies.get(cookies.name(_BROWSER)) or tokens.make()
    options = await passkeys.begin_sign_in(connection, desk, browser, origin=origin)
    _set_cookie(response, cookies, _BROWSER, browser, CHALLENGE_SECONDS)
    return schemas.CeremonyOptions(options=options)


@router.post("/access/passkey", tags=["access"])
async def passkey_sign_in(
    body: schemas.PasskeySignIn, request: Request, response: Response, origin: Anyone, desk: AtDesk
) -> schemas.SignedInTo:
    """Sign in with a passkey alone, or finish the sign-in that waits for a second step."""
    cookies = _cookies(request)
    browser = request.cookies.get(cookies.name(_BROWSER))
    second_step = request.cookies.get(cookies.name(_SECOND_STEP))
    bindings = {}
    if browser:
        bindings[Ceremony.SIGN_IN] = passkeys.of_browser(browser)
    if second_step:
        bindings[Ceremony.SECOND_STEP] = passkeys.of_browser(second_step)
    proven = await passkeys.check(desk, bindings, body.credential, origin=origin)
    client = Client(origin, request.headers.get("user-agent", ""), request.cookies.get(cookies.name("device")))
    async with transaction(desk.pool) as connection:
        if proven.ceremony is Ceremony.SECOND_STEP:
            assert second_step is not None, "the challenge was bound to it"
            entered = await sign_in.finish_with_passkey(connection, desk, second_step, client)
        else:
            step = await sign_in.enter(connection, desk, proven.user_id, "passkey", client, second_factor=True)
            assert isinstance(step, Entered), "a passkey that saw its owner is two factors"
            entered = step
    _set_cookie(response, cookies, "session", entered.session_token, LIFETIME_SECONDS)
    _set_cookie(response, cookies, "device", entered.device_cookie, DEVICE_LIFETIME_SECONDS)
    for used in (_BROWSER, _SECOND_STEP):
        _set_cookie(response, cookies, used, "", 0)
    return schemas.SignedInTo(next=local_path(body.next) or "/app")


def _shown(passkey: Passkey) -> schemas.Passkey:
    return schemas.Passkey(
        id=show("pky", passkey.passkey_id),
        name=passkey.name,
        created_at=passkey.created_at,
        last_used_at=passkey.last_used_at,
        synced=passkey.backed_up,
    )


def _id(text: str) -> PasskeyId:
    try:
        return PasskeyId(parse(text, "pky"))
    except ValueError:
        raise NotFound("There is no such passkey.") from None


def _cookies(request: Request) -> CookieJar:
    cookies: CookieJar = request.app.state.cookies
    return cookies


def _set_cookie(response: Response, cookies: CookieJar, purpose: str, value: str, max_age: int) -> None:
    response.headers.append("set-cookie", cookies.header(purpose, value, max_age=max_age))
