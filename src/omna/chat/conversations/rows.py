"""From rows to messages, for every statement that returns all columns of one."""

from asyncpg import Record

from omna.chat.conversations.model import Answer, Message, State


def message_of(row: Record) -> Message:
    """Return the message of a row with all columns of a message, in the order of `all_of`, without its files."""
    values = tuple(row.values())
    state = values[7]
    answer = None if state is None else Answer(State(state), *values[8:])
    chat_id, message_id, parent_id, role, content, created_at, edited_at = values[:7]
    return Message(chat_id, message_id, parent_id, role, content, created_at, edited_at, answer)
