"""From chats and messages to bodies."""

from collections.abc import Iterable
from typing import Any, Literal, cast
from uuid import UUID

from omna.chat.conversations import model, schemas
from omna.chat.conversations.service import Sums
from omna.chat.files.schemas import attachment
from omna.chat.parameters import Parameters
from omna.ids import UserId, show


def chat_body(chat: model.Chat, sums: Sums, reader: UserId) -> schemas.Chat:
    return schemas.Chat(**_facts(chat, sums, reader))


def thread_body(thread: model.Thread, reader: UserId) -> schemas.ChatThread:
    facts = _facts(thread.chat, Sums.of(thread.messages), reader)
    return schemas.ChatThread(**facts, messages=message_bodies(thread.messages))


def message_bodies(messages: Iterable[model.Message]) -> list[schemas.Message]:
    return [message_body(message) for message in messages]


def message_body(message: model.Message) -> schemas.Message:
    return schemas.Message(
        id=show("msg", message.message_id),
        parent=_shown("msg", message.parent_id),
        role=cast(Literal["user", "assistant"], message.role),
        content=message.content,
        edited_at=message.edited_at,
        created_at=message.created_at,
        attachments=[attachment(file) for file in message.files],
        answer=None if message.answer is None else answer_body(message.answer),
    )


def answer_body(answer: model.Answer) -> schemas.Answer:
    return schemas.Answer(
        state=answer.state,
        continues=answer.continues,
        wanted_model=answer.wanted_model,
        model=answer.model,
        request=_shown("req", answer.request_id),
        reasoning=answer.reasoning,
        reasoning_ms=answer.reasoning_ms,
        finish_reason=answer.finish_reason,
        error=None if answer.error is None else schemas.AnswerError(**answer.error),
        charge=answer.charge,
        prompt_tokens=answer.prompt_tokens,
        completion_tokens=answer.completion_tokens,
        cached_tokens=answer.cached_tokens,
        reasoning_tokens=answer.reasoning_tokens,
        estimated=answer.estimated,
        first_delta_ms=answer.first_delta_ms,
        duration_ms=answer.duration_ms,
        finished_at=answer.finished_at,
    )


def _facts(chat: model.Chat, sums: Sums, reader: UserId) -> dict[str, Any]:
    mine = chat.user_id == reader
    # How others filed a chat that they share is their own business.
    return {
        "id": show("chat", chat.chat_id),
        "title": chat.title,
        "title_chosen": chat.title_chosen,
        "model": chat.model_id,
        "system_prompt": chat.system_prompt,
        "parameters": Parameters(**chat.parameters),
        "folder": _shown("fld", chat.folder_id if mine else None),
        "head": _shown("msg", chat.head_id),
        "pinned": mine and chat.pinned_at is not None,
        "archived": mine and chat.archived_at is not None,
        "shared": chat.shared_at is not None,
        "mine": mine,
        "created_at": chat.created_at,
        "updated_at": chat.updated_at,
        "charge": sums.charge,
        "tokens": sums.tokens,
        "running": sums.running,
    }


def _shown(prefix: str, identifier: UUID | None) -> str | None:
    return None if identifier is None else show(prefix, identifier)
