"""Make a copy of a chat behind a link, list one's links, end one; and what stands behind a link."""

from collections.abc import Sequence
from uuid import UUID

from omna.audit import service as audit
from omna.chat.conversations import service as conversations
from omna.chat.conversations.model import Message
from omna.chat.sharing import links, store
from omna.chat.sharing.model import LONGEST, MOST_SHARES, Audience, Copy, Share, share_of
from omna.db.pool import Connection
from omna.errors import Conflict, InvalidValue, NotFound
from omna.http.principal import Member
from omna.ids import ChatId, ShareId, new_id, show
from omna.vault.keyring import Keyring


async def share(
    connection: Connection, chat_id: ChatId, audience: Audience, *, by: Member, actor: audit.Actor
) -> Share:
    """Copy the branch that is shown of a chat of one's own. What is said later is not in it.

    Errors  NotFound; Conflict for an empty chat, or too many links; InvalidValue for a chat that is too long
    """
    found = await conversations.thread(connection, by, chat_id)
    branch = conversations.branch_to(found, found.chat.head_id)
    kept = [message for message in branch if message.content and not message.running]
    if not kept:
        raise Conflict("There is nothing to share yet: say something first.")
    if sum(len(message.content) for message in kept) > LONGEST:
        raise InvalidValue(f"A shared chat has at most {LONGEST:,} characters. Fork it, or begin a new one.")
    if len(await list_of(connection, by)) >= MOST_SHARES:
        raise Conflict(f"You have {MOST_SHARES} links here already, which is the most. End some first.")
    made = await store.add(
        connection,
        by.workspace_id,
        ShareId(new_id()),
        chat_id,
        by.user_id,
        audience.value,
        found.chat.title,
        [_said(message) for message in kept],
    )
    # Neither the title nor the link: the log is kept for ever.
    facts = {"workspace": show("ws", by.workspace_id), "audience": audience.value}
    await audit.record(connection, actor, "chat.share", show("shr", made.share_id), after=facts)
    return made


async def list_of(connection: Connection, by: Member) -> Sequence[Share]:
    """Return one's links in this workspace, the newest first."""
    return await store.list_of(connection, by.workspace_id, by.user_id)


async def end(connection: Connection, share_id: UUID, *, by: Member, actor: audit.Actor) -> None:
    """End a link: the copy is gone at once. Errors: NotFound."""
    if not await store.delete(connection, by.workspace_id, by.user_id, share_id):
        raise NotFound("There is no such link.")
    facts = {"workspace": show("ws", by.workspace_id)}
    await audit.record(connection, actor, "chat.unshare", show("shr", share_id), before=facts)


async def find(connection: Connection, keyring: Keyring, token: str) -> Copy | None:
    """Return what stands behind a link; None for one that has ended or never was."""
    share_id = share_of(await links.secret(connection, keyring), token)
    return None if share_id is None else await store.copy(connection, share_id)


def _said(message: Message) -> dict[str, str | None]:
    model = None if message.answer is None else message.answer.model or message.answer.wanted_model
    return {"role": message.role, "content": message.content, "model": model}
