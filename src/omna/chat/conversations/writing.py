"""What runs write into a chat and read of it. Whose chat it is was asked before: by `service`."""

from omna.chat.conversations import message_store, store
from omna.chat.conversations.model import Chat, Message, title_of
from omna.db.pool import Connection
from omna.ids import ChatId, MessageId, WorkspaceId


async def keep(connection: Connection, chat: Chat, message: Message) -> bool:
    """Keep a message; False when the chat has one with this id."""
    return await message_store.add(connection, chat.workspace_id, message)


async def spoke(
    connection: Connection, chat: Chat, head_id: MessageId, question: Message | None, model: str | None
) -> None:
    """Note that something was said: the branch that is shown ends there, and the chat moves to the top.

    question  gives a chat without a title its title; model: what the next message goes to
    """
    title = title_of(question.content) if question is not None and not (chat.title or chat.title_chosen) else None
    await store.spoke(connection, chat, head_id, title=title, model_id=model)


async def find(
    connection: Connection, workspace_id: WorkspaceId, chat_id: ChatId, message_id: MessageId
) -> Message | None:
    """Return a message as it stands, without its files."""
    return await message_store.get(connection, workspace_id, chat_id, message_id)
