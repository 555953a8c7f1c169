"""/api/workspaces/{ws}/chats/{chat}/messages: send, answer again, continue, stop, look on."""

from typing import Annotated, Any

from fastapi import Query
from starlette.responses import Response

from omna.chat.conversations import service
from omna.chat.conversations.access import Author, ChatPath, MessagePath, Sender
from omna.chat.conversations.bodies import message_bodies, message_body
from omna.chat.conversations.model import LONGEST_CONTENT
from omna.chat.files import service as files
from omna.chat.runs import sending, stopping
from omna.chat.runs.access import Running
from omna.chat.runs.reading import counted, follow
from omna.chat.runs.schemas import Answers, AnswersNew, ChatMessageNew, Continuation, Sent
from omna.chat.runs.sending import Wish
from omna.errors import InvalidValue
from omna.http.access import AtPool, Reading, Work
from omna.http.router import Router
from omna.http.streaming import EventStream
from omna.ids import MessageId, UploadId, parse

router = Router(prefix="/api/workspaces/{workspace}/chats/{chat}", tags=["chat"])

#: Characters of a text a page may have already: of an answer, there is no bound but that of its model.
_FURTHEST = 100 * LONGEST_CONTENT
Offset = Annotated[int, Query(ge=0, le=_FURTHEST)]
STREAM: dict[int | str, dict[str, Any]] = {
    200: {
        "content": {
            "text/event-stream": {
                "schema": {
                    "type": "object",
                    "properties": {
                        "event": {"type": "string", "enum": ["piece", "state", "done"]},
                        "data": {"type": "string"},
                    },
                }
            }
        },
        "description": "Events `piece`, `state` and, last, `done`: docs/concepts/chat.md",
    }
}


@router.post("/messages", status_code=202)
async def send_message(chat: ChatPath, body: ChatMessageNew, who: Sender, runs: Running, pool: AtPool) -> Sent:
    """Say something and have it answered. When no answer can be made, the refusal is the answer and nothing is kept."""
    message, answers = await runs.to_the_end(
        sending.send(
            runs,
            who,
            chat,
            _new_id(body.id, "id"),
            parent_id=None if body.parent is None else service.parse_message(body.parent),
            content=body.content,
            attachments=_uploads(body.attachments),
            models=body.models,
            parameters=None if body.parameters is None else body.parameters.kept(),
        )
    )
    return Sent(message=message_body(message), answers=message_bodies(answers))


@router.post("/messages/{message}/answers", status_code=202)
async def answer_again(
    chat: ChatPath, message: MessagePath, body: AnswersNew, who: Sender, runs: Running, pool: AtPool
) -> Answers:
    """Have a message of yours answered once more. The answers that are there stay, beside the new ones."""
    ids = list(dict.fromkeys(_new_id(text, "ids") for text in body.ids))
    if len(ids) != len(body.models):
        raise InvalidValue("Give every model one id of its own.", param="ids")
    wishes = [Wish(one, model) for one, model in zip(ids, body.models, strict=True)]
    parameters = None if body.parameters is None else body.parameters.kept()
    made = await runs.to_the_end(sending.answer_again(runs, who, chat, message, wishes, parameters))
    return Answers(answers=message_bodies(made))


@router.post("/messages/{message}/continue", status_code=202)
async def continue_answer(
    chat: ChatPath, message: MessagePath, body: Continuation, who: Sender, runs: Running, pool: AtPool
) -> Answers:
    """Have an answer go on where it had to end."""
    new_id = _new_id(body.id, "id")
    made = await runs.to_the_end(sending.go_on(runs, who, chat, message, new_id, body.model))
    return Answers(answers=message_bodies(made))


@router.post("/messages/{message}/stop", status_code=204)
async def stop_answer(chat: ChatPath, message: MessagePath, who: Author, runs: Running, connection: Work) -> None:
    """End an answer. What was delivered is charged, nothing when nothing was. No error when it is over."""
    await stopping.stop(connection, runs, who, chat, message)


@router.get("/messages/{message}/stream", response_class=Response, responses=STREAM)
async def stream_answer(
    chat: ChatPath,
    message: MessagePath,
    who: Author,
    runs: Running,
    connection: Reading,
    text: Offset = 0,
    reasoning: Offset = 0,
) -> Response:
    """Look on while an answer is made. A page that leaves and comes back with its offsets misses nothing.

    text, reasoning   UTF-16 code units, as JavaScript counts, of what the page has already
    """
    found = await service.message(connection, who, chat, message)
    if found.answer is None:
        raise InvalidValue("Only answers are made while you look on.", param="message")
    runs.require_stream(who.user_id)
    events = counted(runs, who.user_id, follow(runs, who.workspace_id, found, text, reasoning))
    return EventStream(events, runs.gateway.settings.client_stall_seconds)


def _new_id(text: str, field: str) -> MessageId:
    try:
        return MessageId(parse(text, "msg"))
    except ValueError:
        raise InvalidValue("Make it `msg_` and a UUID.", param=field) from None


def _uploads(texts: list[str]) -> list[UploadId]:
    return [files.parse_id(text) for text in dict.fromkeys(texts)]
