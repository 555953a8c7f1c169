"""Who gets mails of alerts: the addresses that an owner set, or every owner among staff."""

from omna.accounts import service
from omna.alerts import settings
from omna.alerts.telling import Recipient
from omna.db.pool import Connection


async def audience(connection: Connection) -> list[Recipient]:
    """Return who gets mails of alerts, each in their language; addresses without an account get English."""
    wanted = (await settings.get(connection)).recipients
    if wanted is None:
        return [Recipient(owner.email, owner.language, owner.user_id) for owner in await service.owners(connection)]
    people = []
    for address in wanted:
        known = await service.find_by_email(connection, address)
        people.append(
            Recipient(address, None, None) if known is None else Recipient(address, known.language, known.user_id)
        )
    return people
