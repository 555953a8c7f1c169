"""Send: hold Credits for every answer, keep what was said and the answers together, then let them run.

Admission lies between two short transactions. Whatever goes wrong after it gives back what is held; whoever repeats a
request with the same ids gets what the first one made, and nothing is sent twice.
"""

import asyncio
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from omna.chat.conversations import service, writing
from omna.chat.conversations.model import Answer, Message, State, Thread
from omna.chat.files import service as files
from omna.chat.runs import store
from omna.chat.runs.calls import admit, caller_of, calls_of
from omna.chat.runs.ending import error_of
from omna.chat.runs.prompting import prompt_of
from omna.chat.runs.run import Run
from omna.chat.runs.runs import Runs, require_few
from omna.clock import now
from omna.db.pool import Connection, borrow, transaction
from omna.errors import Conflict, InvalidValue, OmnaError
from omna.gateway.model import Call, Caller, Ticket
from omna.http.principal import Member
from omna.ids import ChatId, MessageId, UploadId, step_id


@dataclass(frozen=True, slots=True)
class Wish:
    """An answer that is to be made, by a model."""

    message_id: MessageId
    model: str


@dataclass(frozen=True, slots=True)
class Order:
    """Answers below one message. question: the message itself, when it is new."""

    parent_id: MessageId
    wishes: Sequence[Wish]
    question: Message | None = None
    attachments: Sequence[UploadId] = ()
    continues: bool = False


@dataclass(frozen=True, slots=True)
class Admitted:
    """What admission said of an answer."""

    wish: Wish
    ticket: Ticket | OmnaError


async def send(
    runs: Runs,
    by: Member,
    chat_id: ChatId,
    message_id: MessageId,
    *,
    parent_id: MessageId | None,
    content: str,
    attachments: Sequence[UploadId],
    models: Sequence[str],
    parameters: dict[str, Any] | None,
) -> tuple[Message, list[Message]]:
    """Say something, and have every one of the models answer it.

    Errors  NotFound, InvalidValue, Conflict, TooManyAttempts, ContextLengthExceeded; those of admission when no answer
            can be made: then nothing is kept
    """
    service.checked_content(content)
    if not content.strip() and not attachments:
        raise InvalidValue("Say something, or attach a file.", param="content")
    wishes = [Wish(MessageId(step_id(message_id, f"answer {n}")), model) for n, model in enumerate(models)]
    async with borrow(runs.pool) as connection:
        thread = await service.thread(connection, by, chat_id)
        if (known := _known(thread, [message_id])) is not None:
            answers = _known(thread, [wish.message_id for wish in wishes]) or []
            return known[0], answers
        branch = [*service.branch_to(thread, parent_id)]
        _require_end(branch)
        question = Message(chat_id, message_id, parent_id, "user", content, now())
    order = Order(message_id, wishes, question, attachments)
    made = await _carry_out(runs, by, thread, [*branch, question], order, parameters)
    return made[0], made[1:]


async def answer_again(
    runs: Runs,
    by: Member,
    chat_id: ChatId,
    message_id: MessageId,
    wishes: Sequence[Wish],
    parameters: dict[str, Any] | None,
) -> list[Message]:
    """Make more answers to what somebody said. Errors: as `send`."""
    async with borrow(runs.pool) as connection:
        thread = await service.thread(connection, by, chat_id)
        if (known := _known(thread, [wish.message_id for wish in wishes])) is not None:
            return known
        branch = service.branch_to(thread, message_id)
        if branch[-1].answer is not None:
            raise InvalidValue("Answers belong to a message of yours.", param="message")
    return await _carry_out(runs, by, thread, branch, Order(message_id, wishes), parameters)


async def go_on(
    runs: Runs, by: Member, chat_id: ChatId, message_id: MessageId, new_id: MessageId, model: str | None
) -> list[Message]:
    """Continue an answer where it had to end. Errors: as `send`."""
    async with borrow(runs.pool) as connection:
        thread = await service.thread(connection, by, chat_id)
        if (known := _known(thread, [new_id])) is not None:
            return known
        branch = service.branch_to(thread, message_id)
        _require_end(branch)
        answer = branch[-1].answer
        if answer is None or not branch[-1].content:
            raise InvalidValue("There is no text to continue; ask again instead.", param="message")
    wanted = model or answer.wanted_model or answer.model or thread.chat.model_id
    if wanted is None:
        raise InvalidValue("Name the model that is to continue.", param="model")
    order = Order(message_id, [Wish(new_id, wanted)], continues=True)
    return await _carry_out(runs, by, thread, branch, order, None)


async def _carry_out(
    runs: Runs,
    by: Member,
    thread: Thread,
    branch: Sequence[Message],
    order: Order,
    parameters: dict[str, Any] | None,
) -> list[Message]:
    caller = caller_of(by)
    wanted = thread.chat.parameters if parameters is None else parameters
    with runs.room(by.user_id, len(order.wishes)):
        async with borrow(runs.pool) as connection:
            await service.require_room(connection, thread.chat, len(order.wishes) + (order.question is not None))
            require_few(await store.running_of(connection, by.user_id), len(order.wishes))
            new = {order.parent_id: order.attachments} if order.attachments else {}
            system = thread.chat.system_prompt
            prompt = await prompt_of(connection, by, system, branch, new, go_on=order.continues)
        calls = await calls_of(runs.gateway, [wish.model for wish in order.wishes], prompt, wanted)
        admitted = await _admit_all(runs, order.wishes, calls, caller)
        try:
            async with transaction(runs.pool) as connection:
                kept = await _keep(connection, runs, by, thread.chat.chat_id, order, admitted)
        except BaseException:
            _give_back(runs, admitted)
            raise
        if kept is None:
            # The same request came twice at a time, and the other one was first.
            _give_back(runs, admitted)
            async with borrow(runs.pool) as connection:
                again = await service.thread(connection, by, thread.chat.chat_id)
            ids = [wish.message_id for wish in order.wishes]
            return _known(again, [order.parent_id, *ids] if order.question is not None else ids) or []
        for one, message in zip(admitted, kept[-len(admitted) :] if admitted else [], strict=True):
            if isinstance(one.ticket, Ticket):
                runs.begin(Run(by.workspace_id, by.user_id, message, one.ticket, caller))
        return kept


async def _admit_all(runs: Runs, wishes: Sequence[Wish], calls: Sequence[Call], caller: Caller) -> list[Admitted]:
    """Hold Credits for all that can be held for. Errors: the first refusal, when all are refused."""

    async def asked(call: Call) -> Ticket | OmnaError:
        try:
            return await admit(runs.gateway, call, caller)
        except OmnaError as error:
            return error

    tickets = await asyncio.gather(*(asked(call) for call in calls), return_exceptions=True)
    admitted: list[Admitted] = []
    broken: BaseException | None = None
    for wish, ticket in zip(wishes, tickets, strict=True):
        if isinstance(ticket, Ticket | OmnaError):
            admitted.append(Admitted(wish, ticket))
        else:
            broken = ticket
    if broken is not None:
        _give_back(runs, admitted)
        raise broken
    refusals = [one.ticket for one in admitted if isinstance(one.ticket, OmnaError)]
    if refusals and len(refusals) == len(admitted):
        raise refusals[0]
    return admitted


async def _keep(
    connection: Connection, runs: Runs, by: Member, chat_id: ChatId, order: Order, admitted: Sequence[Admitted]
) -> list[Message] | None:
    """Write the message and its answers; None when they are there already. Errors: NotFound, Conflict."""
    chat = await service.locked(connection, by, chat_id)
    await service.require_room(connection, chat, len(admitted) + (order.question is not None))
    ids: list[MessageId] = []
    if order.question is not None:
        if not await writing.keep(connection, chat, order.question):
            return None
        await files.attach(
            connection, by.workspace_id, by.user_id, chat_id, order.question.message_id, order.attachments
        )
        ids.append(order.question.message_id)
    for one in admitted:
        if not await writing.keep(connection, chat, _answer(runs, chat_id, order, one)):
            if ids:
                raise Conflict("An answer with this id is there already.")
            return None
        ids.append(one.wish.message_id)
    head = admitted[0].wish.message_id if admitted else ids[-1]
    model = order.wishes[0].model if order.question is not None and len(order.wishes) == 1 else None
    await writing.spoke(connection, chat, head, order.question, model)
    return [await service.message(connection, by, chat_id, one) for one in ids]


def _answer(runs: Runs, chat_id: ChatId, order: Order, one: Admitted) -> Message:
    refused = one.ticket if isinstance(one.ticket, OmnaError) else None
    request_id = None if isinstance(one.ticket, OmnaError) else one.ticket.call.request_id
    answer = Answer(
        State.RUNNING if refused is None else State.REFUSED,
        order.continues,
        wanted_model=one.wish.model,
        request_id=request_id,
        process_id=None if refused is not None else runs.gateway.process_id,
        error=None if refused is None else error_of(refused),
    )
    return Message(chat_id, one.wish.message_id, order.parent_id, "assistant", "", now(), None, answer)


def _give_back(runs: Runs, admitted: Sequence[Admitted]) -> None:
    for one in admitted:
        if isinstance(one.ticket, Ticket):
            runs.gateway.pipeline.give_back(one.ticket)


def _known(thread: Thread, ids: Sequence[MessageId]) -> list[Message] | None:
    """Return messages that the chat has already, None when the first is not among them."""
    known = {message.message_id: message for message in thread.messages}
    if not ids or ids[0] not in known:
        return None
    return [known[one] for one in ids if one in known]


def _require_end(branch: Sequence[Message]) -> None:
    if branch and branch[-1].running:
        raise Conflict("The answer above is still being written; wait for it, or stop it.")
