"""Answer in a chat that is not kept: the connection is the run, and no row anywhere says what was said."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omna.chat.conversations.model import Answer, Message, State
from omna.chat.runs import store
from omna.chat.runs.calls import admit, caller_of, calls_of
from omna.chat.runs.prompting import prompt_of
from omna.chat.runs.run import Run
from omna.chat.runs.runs import Runs, require_few
from omna.clock import now
from omna.db.pool import borrow
from omna.errors import InvalidValue
from omna.http.principal import Member
from omna.ids import ChatId, MessageId, UploadId, new_id


@dataclass(frozen=True, slots=True)
class Line:
    """Something that was said."""

    role: str
    content: str
    attachments: Sequence[UploadId] = ()
    pictures: Sequence[dict[str, Any]] = ()


async def answer(
    runs: Runs, by: Member, lines: Sequence[Line], model: str, system_prompt: str, parameters: dict[str, Any]
) -> Run:
    """Begin to answer the last line, or to go on with an answer that is the last. Whoever reads the run ends it with
    their connection.

    Errors  InvalidValue, NotFound, TooManyAttempts, ContextLengthExceeded; those of admission
    """
    if lines[0].role != "user":
        raise InvalidValue("A chat begins with a message of yours.", param="messages")
    chat_id = ChatId(new_id())
    # An answer after an answer goes on with it.
    branch = [_message(chat_id, line, before) for line, before in zip(lines, [None, *lines], strict=False)]
    go_on = lines[-1].role == "assistant"
    new = {
        message.message_id: line.attachments for message, line in zip(branch, lines, strict=True) if line.attachments
    }
    shown = {message.message_id: line.pictures for message, line in zip(branch, lines, strict=True) if line.pictures}
    with runs.room(by.user_id, 1):
        async with borrow(runs.pool) as connection:
            require_few(await store.running_of(connection, by.user_id), 1)
            prompt = await prompt_of(connection, by, system_prompt, branch, new, shown=shown, go_on=go_on)
        call = (await calls_of(runs.gateway, [model], prompt, parameters))[0]
        caller = caller_of(by)
        ticket = await admit(runs.gateway, call, caller)
        running = Answer(State.RUNNING, continues=go_on, wanted_model=model, request_id=call.request_id)
        message = Message(chat_id, MessageId(new_id()), None, "assistant", "", now(), None, running)
        run = Run(by.workspace_id, by.user_id, message, ticket, caller, stored=False)
        runs.begin(run)
    return run


def _message(chat_id: ChatId, line: Line, before: Line | None) -> Message:
    continues = before is not None and before.role == line.role
    said = None if line.role == "user" else Answer(State.COMPLETE, continues=continues)
    return Message(chat_id, MessageId(new_id()), None, line.role, line.content, now(), None, said)
