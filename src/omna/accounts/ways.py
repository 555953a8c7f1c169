"""The ways into an account: a password, passkeys, other services. One always stays."""

from omna.accounts import ways_store
from omna.accounts.oauth_model import offered
from omna.accounts.passkeys_model import relying_party
from omna.config import Settings
from omna.db.pool import Connection
from omna.errors import LastWayIn
from omna.ids import UserId


async def hold(connection: Connection, user_id: UserId) -> None:
    """Let one change at a time decide about a person's ways in: two could each leave the other's as the last."""
    await ways_store.lock_user(connection, user_id)


async def require_one(connection: Connection, settings: Settings, user_id: UserId) -> None:
    """Refuse a change after which nobody could get in. Call it after the change, in its transaction.

    What no longer leads in does not count: keys of another domain, services that are not configured any more.
    Errors  LastWayIn
    """
    rp_id = relying_party(settings.server.public_url).rp_id
    issuers = [service.issuer for service in offered(settings.sign_in).values()]
    if await ways_store.count(connection, user_id, rp_id, issuers) == 0:
        raise LastWayIn


async def close_all(connection: Connection, user_id: UserId) -> None:
    """Forget the passkeys and the identities of a person who leaves. The caller audits why."""
    await ways_store.delete_all(connection, user_id)
