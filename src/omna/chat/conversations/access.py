"""Who may use the chat under /api, and how its routes name things."""

from typing import Annotated

from fastapi import Depends, Path

from omna.chat.conversations.service import parse_chat, parse_message
from omna.http.access import Can
from omna.http.principal import Member, Right
from omna.ids import ChatId, MessageId

#: A chat is a person's: no management key takes part. What costs nothing works while a workspace is frozen, too.
Author = Annotated[Member, Can(Right.CHAT, people_only=True, while_frozen=True)]
#: Whoever has something sent to a model.
Sender = Annotated[Member, Can(Right.CHAT, people_only=True)]


def _chat_id(chat: Annotated[str, Path(description="The chat: `chat_…`")]) -> ChatId:
    return parse_chat(chat)


def _message_id(message: Annotated[str, Path(description="The message: `msg_…`")]) -> MessageId:
    return parse_message(message)


ChatPath = Annotated[ChatId, Depends(_chat_id)]
MessagePath = Annotated[MessageId, Depends(_message_id)]
