"""Who acts in a route of /api, as the audit log names them."""

from typing import Annotated, Any

from fastapi import Depends, Request

from omna.audit.model import Actor
from omna.errors import ServiceUnavailable
from omna.http.principal import Member, Person
from omna.ids import show
from omna.vault.keyring import Keyring, Purpose


class Acting:
    """Turns whom a route serves into the actor of what it does: `actor(who)`."""

    def __init__(self, keyring: Keyring) -> None:
        self._keyring = keyring

    def __call__(self, who: Person | Member) -> Actor:
        name = show("usr", who.user_id)
        if isinstance(who, Person) and who.viewer_id is not None:
            # Whoever looks acts, not whom they look at.
            name = show("usr", who.viewer_id)
        if isinstance(who, Member) and who.management_key_id is not None:
            name = show("mgk", who.management_key_id)
        return Actor(name, who.origin, self._keyring.derive(Purpose.AUDIT_CHAIN))


def _acting(request: Request) -> Acting:
    keyring: Any = request.app.state.keyring
    if keyring is None:
        raise ServiceUnavailable(retry_after=2)
    return Acting(keyring)


Act = Annotated[Acting, Depends(_acting)]
