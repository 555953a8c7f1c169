"""What a person keeps in chats, as files of the archive with everything that is known about them.

Also of workspaces that they left: for a while what they kept there is theirs to take along.
"""

from collections.abc import AsyncIterator, Sequence

import asyncpg
import msgspec

from omna.chat.moving import leaving, store
from omna.chat.shelf import keeping
from omna.db.pool import borrow
from omna.ids import UserId, show
from omna.membership.archive import ArchiveFile


async def files(pool: asyncpg.Pool, user_id: UserId) -> Sequence[ArchiveFile]:
    """Return the chats of each workspace in the format that can be read in again, and what else is kept for them."""
    async with borrow(pool) as connection:
        workspaces = await store.workspaces(connection, user_id)
        kept = {
            "settings": await keeping.settings(connection, user_id),
            "prompts": await store.prompts(connection, user_id),
            "presets": await store.presets(connection, user_id),
            # Without the links themselves: whoever has one can read what is behind it.
            "shares": await store.shares(connection, user_id),
        }
    return [
        *(
            ArchiveFile(f"chats/{show('ws', workspace_id)}.json", leaving.as_json(pool, workspace_id, user_id))
            for workspace_id in workspaces
        ),
        ArchiveFile("chat-library.json", _once(msgspec.json.format(msgspec.json.encode(kept), indent=2) + b"\n")),
    ]


async def _once(content: bytes) -> AsyncIterator[bytes]:
    yield content
