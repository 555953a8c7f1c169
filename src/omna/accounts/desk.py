"""What the stories of accounts need beside a connection, in one object made once per process."""

from dataclasses import dataclass
from typing import Annotated
from uuid import UUID

import asyncpg
from fastapi import Depends, Request

from omna.accounts.passwords import Passwords
from omna.audit import service as audit
from omna.config import Settings
from omna.errors import ServiceUnavailable
from omna.ids import show
from omna.vault.keyring import Keyring, Purpose


@dataclass(frozen=True, slots=True)
class Desk:
    """Pool, keyring, hasher and settings.

    A story that checks a password takes a desk instead of a connection: it opens short transactions of its own, because
    hashing is slow and must not hold a connection, and because a failure has to stay counted though it is answered
    with an error.
    """

    pool: asyncpg.Pool
    keyring: Keyring
    passwords: Passwords
    settings: Settings

    def actor(self, who: UUID | str, origin: str) -> audit.Actor:
        """Return who acts. who: a user's id, or the name of a part such as `system:sign-in`."""
        name = show("usr", who) if isinstance(who, UUID) else who
        return audit.Actor(name, origin, self.keyring.derive(Purpose.AUDIT_CHAIN))


def desk_of(request: Request) -> Desk:
    """Return the desk of the application behind a request. Errors: ServiceUnavailable before the database is there."""
    desk: Desk | None = getattr(request.app.state, "desk", None)
    if desk is None:
        raise ServiceUnavailable(retry_after=2)
    return desk


#: The desk, in a route of /api.
AtDesk = Annotated[Desk, Depends(desk_of)]
