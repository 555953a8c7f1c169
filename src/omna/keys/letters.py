"""Mails about keys, in the language of whom they go to, written in the transaction of what they tell."""

from omna.db.pool import Connection
from omna.ids import show
from omna.keys import letter_store
from omna.keys.model import ApiKey
from omna.mail import service as mail
from omna.mail.kinds import wanted
from omna.mail.service import Kind


async def created(connection: Connection, key: ApiKey) -> None:
    """Tell whoever has a new key: nobody makes one in their name unseen."""
    if key.created_by is None:
        return
    for reader in await letter_store.readers(connection, key.workspace_id, key.created_by, owners=False):
        if wanted(reader.notifications, Kind.KEY_CREATED):
            values = {"creator": reader.name, "at": key.created_at}
            await _send(connection, Kind.KEY_CREATED, reader, key, values)


async def leaked(connection: Connection, key: ApiKey) -> None:
    """Tell the owners, and whose key it was, that a key was reported as leaked and has ended."""
    for reader in await letter_store.readers(connection, key.workspace_id, key.created_by, owners=True):
        await _send(connection, Kind.KEY_LEAKED, reader, key, {"at": key.revoked_at})


async def _send(
    connection: Connection, kind: Kind, reader: letter_store.Reader, key: ApiKey, values: dict[str, object]
) -> None:
    facts = {
        "name": reader.name,
        "workspace": show("ws", key.workspace_id),
        "workspace_name": reader.workspace_name,
        "key_name": key.name,
        **values,
    }
    await mail.enqueue(connection, kind, reader.email, reader.language, facts, user_id=reader.user_id)
