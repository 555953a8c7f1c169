"""The answers that this process makes. A page only looks on: whoever leaves or comes changes nothing here.

Credits are held before a run starts, and the pipeline settles whatever way its task is left. What is said is in memory
at once, in the database about three times a second, and in its message when it is over.
"""

import asyncio
from collections.abc import Coroutine, Iterator
from contextlib import aclosing, contextmanager, suppress
from typing import Any, TypeVar
from uuid import UUID

import asyncpg

from omna.chat.conversations.model import MOST_RUNNING, Chat, Message
from omna.chat.runs import store
from omna.chat.runs.ending import Ending, ending
from omna.chat.runs.run import Run
from omna.clock import monotonic, now
from omna.db.pool import borrow
from omna.errors import GatewayOverloaded, InternalError, OmnaError, ServiceUnavailable, TooManyAttempts
from omna.gateway.gateway import Gateway
from omna.ids import ChatId, MessageId, UserId, WorkspaceId, show
from omna.observability.logs import get_logger

log = get_logger(__name__)

Result = TypeVar("Result")

FLUSH_SECONDS = 0.3
#: Pages of one person that look on, on this process.
MOST_STREAMS = 32
_SHORTEST_PAUSE, _LONGEST_PAUSE = 0.1, 2.0
#: What runs that were cut may take to write their end.
_CLOSE_SECONDS = 5.0


class Runs:
    """Owns the tasks. Start it after the gateway; drain it before the gateway, close it after."""

    def __init__(self, gateway: Gateway, pool: asyncpg.Pool) -> None:
        self.gateway = gateway
        self.pool = pool
        self.draining = False
        self._runs: dict[UUID, Run] = {}
        self._of_person: dict[UserId, int] = {}
        self._streams: dict[UserId, int] = {}
        self._undertaken: set[asyncio.Task[Any]] = set()
        self._unwritten: list[store.Piece] = []
        self._some = asyncio.Event()
        self._writing = asyncio.Lock()
        self._flushing: asyncio.Task[None] | None = None

    def start(self) -> None:
        self._flushing = asyncio.get_running_loop().create_task(self._flush_always())

    def drain(self) -> None:
        """Take nothing new. Streams of answers that other processes make end, so that pages ask one of those."""
        self.draining = True

    async def close(self) -> None:
        """End what the gateway's drain has left, and have every end written."""
        self.drain()
        if self._undertaken:
            # Whatever holds Credits becomes a run first, which gives them back.
            await asyncio.wait(self._undertaken, timeout=_CLOSE_SECONDS)
        tasks = [run.task for run in self._runs.values() if run.task is not None]
        for run in list(self._runs.values()):
            run.stop(GatewayOverloaded("This server was shutting down; what was delivered is charged."))
        if tasks:
            _, late = await asyncio.wait(tasks, timeout=_CLOSE_SECONDS)
            for task in late:
                task.cancel()
        if self._flushing is not None:
            self._flushing.cancel()

    @contextmanager
    def room(self, user_id: UserId, count: int) -> Iterator[None]:
        """Keep room for answers of a person until they run. Errors: TooManyAttempts."""
        require_few(self._of_person.get(user_id, 0), count)
        self._count(user_id, count)
        try:
            yield
        finally:
            self._count(user_id, -count)

    def require_stream(self, user_id: UserId) -> None:
        """Refuse one more stream of a person who has too many. Errors: TooManyAttempts."""
        if self._streams.get(user_id, 0) >= MOST_STREAMS:
            raise TooManyAttempts("You follow many answers at once. Close a page and try again.", retry_after=5)

    @contextmanager
    def looking_on(self, user_id: UserId) -> Iterator[None]:
        """Count a stream of a person for as long as it goes on."""
        self._streams[user_id] = self._streams.get(user_id, 0) + 1
        try:
            yield
        finally:
            self._streams[user_id] -= 1
            if not self._streams[user_id]:
                del self._streams[user_id]

    def find(self, workspace_id: WorkspaceId, chat_id: ChatId, message_id: MessageId) -> Run | None:
        """Return an answer that this process makes."""
        return next(
            (
                run
                for run in self._runs.values()
                if run.message.message_id == message_id
                and run.message.chat_id == chat_id
                and run.workspace_id == workspace_id
            ),
            None,
        )

    def makes(self, chat: Chat, message: Message) -> bool:
        """Return whether this process makes an answer."""
        return self.find(chat.workspace_id, chat.chat_id, message.message_id) is not None

    def begin(self, run: Run) -> None:
        """Make an answer whose Credits are held."""
        self._runs[run.ticket.call.request_id] = run
        self._count(run.user_id, 1)
        run.task = asyncio.get_running_loop().create_task(self._make(run))
        self._some.set()

    async def to_the_end(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something that must not be left half done, whether its caller still waits for it or not."""
        task = asyncio.get_running_loop().create_task(work)
        self._undertaken.add(task)
        task.add_done_callback(self._undertaken.discard)
        return await asyncio.shield(task)

    async def _make(self, run: Run) -> None:
        run.first_turn = True
        try:
            error = await self._consume(run)
            run.finishing = True
            run.duration_ms = round((monotonic() - run.ticket.call.received_at) * 1000)
            await self._end(run, error)
        except Exception:
            log.exception("run_lost", request_id=show("req", run.ticket.call.request_id))
        finally:
            del self._runs[run.ticket.call.request_id]
            self._count(run.user_id, -1)
            run.lost = run.ended is None
            run.changed()

    async def _consume(self, run: Run) -> OmnaError | None:
        """Take in all that the model says; return why it was broken off."""
        ticket, pipeline = run.ticket, self.gateway.pipeline
        if run.stopped:
            pipeline.give_back(ticket)
            return run.cut
        try:
            async with aclosing(pipeline.run(ticket, run.caller)) as items:  # type: ignore[type-var]
                async for item in items:
                    if isinstance(item, tuple):
                        run.bill = item[0]
                    else:
                        run.add(item)
        except asyncio.CancelledError:
            if ticket.aborted is None and not run.is_to_end():
                raise
            task = asyncio.current_task()
            assert task is not None
            task.uncancel()
            return run.cut if ticket.aborted is None else ticket.aborted
        except OmnaError as error:
            return error
        except Exception:
            log.exception("request failed", request_id=show("req", ticket.call.request_id))
            return InternalError()
        return None

    async def _end(self, run: Run, error: OmnaError | None) -> None:
        """Write the end when it is paid for."""
        with suppress(asyncio.CancelledError):
            await asyncio.sleep(0)  # a stop that came in the last moment is delivered here, and too late
        if run.ticket.booked is not None:
            # Where the database is away it stands in the journal, and so it is booked.
            with suppress(Exception):
                await asyncio.shield(run.ticket.booked)
        by_person = run.stopped and run.cut is None and run.ticket.aborted is None
        aborted = run.ticket.aborted is not None or run.cut is not None
        how = ending(run.bill, error, stopped=by_person, aborted=aborted)
        run.ended = await self._written(run, how) if run.stored else None
        run.ended = run.ended or run.closed(how, now())

    async def _written(self, run: Run, how: Ending) -> Message | None:
        pause = _SHORTEST_PAUSE
        while True:
            try:
                # No piece is written behind the end.
                async with self._writing, borrow(self.pool) as connection:
                    return await store.finish(connection, run, how, run.ticket.receipt)
            except (ServiceUnavailable, asyncpg.DeadlockDetectedError):
                await asyncio.sleep(pause)
                pause = min(pause * 2, _LONGEST_PAUSE)

    async def _flush_always(self) -> None:
        while True:
            if not self._runs:
                self._some.clear()
                await self._some.wait()
            await asyncio.sleep(FLUSH_SECONDS)
            try:
                await self._flush()
            except ServiceUnavailable:
                pass  # it stays in memory, and is written the next time
            except Exception:
                log.exception("pieces_not_written")

    async def _flush(self) -> None:
        async with self._writing:
            runs = [run for run in self._runs.values() if run.stored and not run.finishing]
            if not runs:
                return
            # What may have been written is written again as it was: under one number a text never grows.
            again = [piece for piece in self._unwritten if not piece.run.finishing]
            pieces = [*again, *(piece for run in runs for piece in _new(run))]
            self._unwritten = pieces
            announced = [run for run in runs if run.model is not None]
            async with borrow(self.pool) as connection:
                found = await store.flush(connection, runs, pieces)
            self._unwritten = []
            for run in announced:
                run.announced = True
            for run in runs:
                # Without a row its chat was deleted: nobody will read it.
                if found.get(run.ticket.call.request_id, True):
                    run.stop()

    def _count(self, user_id: UserId, change: int) -> None:
        count = self._of_person.get(user_id, 0) + change
        if count:
            self._of_person[user_id] = count
        else:
            self._of_person.pop(user_id, None)


def require_few(running: int, more: int) -> None:
    """Refuse more answers than a person may have made at a time. Errors: TooManyAttempts."""
    if more and running + more > MOST_RUNNING:
        raise TooManyAttempts(
            f"At most {MOST_RUNNING} answers are written for you at a time. Stop one, or wait for its end.",
            retry_after=5,
        )


def _new(run: Run) -> Iterator[store.Piece]:
    for kind, said in (("reasoning", run.reasoning), ("text", run.text)):
        if text := said.take():
            run.pieces += 1
            yield store.Piece(run, kind, text, run.pieces)
