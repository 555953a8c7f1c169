"""/api about sign-in by other services: what is linked, link, unlink. Signing in itself is a matter of pages."""

from typing import Annotated

from fastapi import Path, Request, Response

from omna.accounts import oauth, service
from omna.accounts import passkey_schemas as schemas
from omna.accounts.desk import AtDesk
from omna.accounts.oauth_model import JOURNEY_SECONDS
from omna.accounts.oauth_wire import Services
from omna.accounts.tokens import make
from omna.db.pool import transaction
from omna.errors import NotFound
from omna.http.access import Confirm, Reading, SignedIn, Work
from omna.http.router import Router
from omna.ids import IdentityId, parse, show

router = Router(prefix="/api", tags=["account"])

#: Where a browser comes back to when a service has been linked.
_SETTINGS = "/app/settings/security"


@router.get("/account/identities")
async def list_identities(request: Request, who: SignedIn, connection: Reading) -> schemas.IdentityProviders:
    services = {service.issuer: service for service in _services(request).offered.values()}
    linked = []
    for identity in await oauth.list_of(connection, who.user_id):
        known = services.get(identity.issuer)
        linked.append(
            schemas.LinkedIdentity(
                id=show("idy", identity.identity_id),
                provider="" if known is None else known.slug,
                label=identity.issuer if known is None else known.label,
                email=identity.email,
                linked_at=identity.created_at,
            )
        )
    available = [schemas.IdentityProvider(provider=each.slug, label=each.label) for each in services.values()]
    return schemas.IdentityProviders(linked=linked, available=available)


@router.post("/account/identities")
async def link_identity(
    body: schemas.IdentityLink,
    request: Request,
    response: Response,
    who: SignedIn,
    desk: AtDesk,
    confirm: Confirm,
) -> schemas.Journey:
    """Begin to link a service: send the browser to the address; it comes back to the settings."""
    services, cookies = _services(request), request.app.state.cookies
    chosen = services.named(body.provider)
    metadata = await services.metadata(chosen)
    browser = request.cookies.get(cookies.name("oauth")) or make()
    async with transaction(desk.pool) as connection:
        await confirm(connection, who, "identity.link", chosen.slug)
        url = await oauth.begin(connection, desk, chosen, metadata, browser, _SETTINGS, who.origin, linking=who)
    response.headers.append("set-cookie", cookies.header("oauth", browser, max_age=JOURNEY_SECONDS))
    return schemas.Journey(url=url)


@router.delete("/account/identities/{identity}", status_code=204)
async def unlink_identity(
    identity: Annotated[str, Path(description="The identity: `idy_…`")],
    who: SignedIn,
    connection: Work,
    desk: AtDesk,
    confirm: Confirm,
) -> None:
    """Let a service lead into the account no more; the last way in stays. Other sessions of the person end."""
    try:
        identity_id = IdentityId(parse(identity, "idy"))
    except ValueError:
        raise NotFound("There is no such service linked.") from None
    await confirm(connection, who, "identity.unlink", show("idy", identity_id))
    user = await service.get(connection, who.user_id)
    await oauth.unlink(connection, desk, user, who.session_id, identity_id, origin=who.origin)


def _services(request: Request) -> Services:
    services: Services = request.app.state.services
    return services
