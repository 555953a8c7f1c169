"""Look on while an answer is made, from any offset and on any process. Reading never touches the run."""

import asyncio
from collections.abc import AsyncIterator
from contextlib import aclosing
from dataclasses import replace

from omna.chat.conversations import writing
from omna.chat.conversations.model import Answer, Message, Thread
from omna.chat.runs import events, resolving, store
from omna.chat.runs.run import Run
from omna.chat.runs.runs import Runs
from omna.chat.runs.said import Said, after, units
from omna.clock import monotonic
from omna.db.pool import Connection, borrow
from omna.errors import ServiceUnavailable
from omna.ids import UserId, WorkspaceId

HEARTBEAT_SECONDS = 10.0
#: Between two looks at what another process writes.
POLL_SECONDS = 0.3
#: Between two looks whether that process still lives.
_LOST_SECONDS = 5.0
#: What is said within this time goes out together.
_GATHER_SECONDS = 0.03


async def follow(
    runs: Runs, workspace_id: WorkspaceId, message: Message, text: int, reasoning: int
) -> AsyncIterator[bytes]:
    """Yield events from the offsets on, `done` last; without it when this process shuts down and another goes on.

    message  as it stood in the database, of a chat that the reader may follow
    """
    run = runs.find(workspace_id, message.chat_id, message.message_id)
    if run is not None:
        async for event in follow_run(run, text, reasoning):
            yield event
    elif message.running:
        async for event in _follow_rows(runs, workspace_id, message, text, reasoning):
            yield event
    else:
        for event in _rest(message, text, reasoning):
            yield event


async def follow_run(run: Run, text: int = 0, reasoning: int = 0) -> AsyncIterator[bytes]:
    """Yield the events of a run of this process."""
    told = False
    while True:
        if run.ended is None and run.model is not None and not told:
            told = True
            yield events.state(_answer_of(run.now()))
        if new := run.reasoning.since(reasoning):
            yield events.piece("reasoning", reasoning, new)
            reasoning += units(new)
        if new := run.text.since(text):
            yield events.piece("text", text, new)
            text += units(new)
        if run.ended is not None:
            yield events.done(run.ended)
            return
        if run.lost:
            return
        if run.text.units > text or run.reasoning.units > reasoning:
            continue
        while not await run.wait(HEARTBEAT_SECONDS):
            yield events.HEARTBEAT
        await asyncio.sleep(_GATHER_SECONDS)


async def counted(runs: Runs, user_id: UserId, events: AsyncIterator[bytes]) -> AsyncIterator[bytes]:
    """Yield events, and count the stream of a person for as long as it goes on."""
    with runs.looking_on(user_id):
        async with aclosing(events):  # type: ignore[type-var]
            async for event in events:
                yield event


async def with_texts(runs: Runs, connection: Connection, thread: Thread) -> Thread:
    """Return a chat whose running answers have what they said so far."""
    if not any(message.running for message in thread.messages):
        return thread
    chat = thread.chat
    said = await store.said_so_far(connection, chat.workspace_id, chat.chat_id)

    def as_it_stands(message: Message) -> Message:
        if not message.running:
            return message
        run = runs.find(chat.workspace_id, chat.chat_id, message.message_id)
        return message.saying(*said.get(message.message_id, ("", ""))) if run is None else run.now()

    return replace(thread, messages=[as_it_stands(message) for message in thread.messages])


async def _follow_rows(
    runs: Runs, workspace_id: WorkspaceId, message: Message, text: int, reasoning: int
) -> AsyncIterator[bytes]:
    said = {"text": Said(), "reasoning": Said()}
    sent = {"text": text, "reasoning": reasoning}
    number, told = 0, False
    spoke_at = looked_at = monotonic()
    while not runs.draining:
        try:
            async with borrow(runs.pool) as connection:
                pieces = await store.pieces_since(connection, workspace_id, message.chat_id, message.message_id, number)
                now = await writing.find(connection, workspace_id, message.chat_id, message.message_id)
                if now is not None and now.running and monotonic() - looked_at > _LOST_SECONDS:
                    looked_at = monotonic()
                    await resolving.resolve(connection, workspace_id, message.chat_id)
        except ServiceUnavailable:
            pieces, now = [], message
        if now is None:
            return
        if not now.running:
            for event in _rest(now, sent["text"], sent["reasoning"]):
                yield event
            return
        if not told and now.answer is not None and now.answer.model is not None:
            told, spoke_at = True, monotonic()
            yield events.state(now.answer)
        for number, kind, new in pieces:  # noqa: B007  the last one is where to go on
            said[kind].add(new)
        for kind in ("reasoning", "text"):
            if new := said[kind].since(sent[kind]):
                yield events.piece(kind, sent[kind], new)
                sent[kind] += units(new)
                spoke_at = monotonic()
        if monotonic() - spoke_at > HEARTBEAT_SECONDS:
            yield events.HEARTBEAT
            spoke_at = monotonic()
        await asyncio.sleep(POLL_SECONDS)


def _rest(message: Message, text: int, reasoning: int) -> list[bytes]:
    """Return what is missing of an answer that is over, and its end."""
    answer = _answer_of(message)
    said = []
    if new := after(answer.reasoning, reasoning):
        said.append(events.piece("reasoning", reasoning, new))
    if new := after(message.content, text):
        said.append(events.piece("text", text, new))
    return [*said, events.done(message)]


def _answer_of(message: Message) -> Answer:
    assert message.answer is not None, "only answers are followed"
    return message.answer
