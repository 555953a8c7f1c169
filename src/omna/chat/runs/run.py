"""One answer while it is made, in the memory of the process that makes it."""

import asyncio
from dataclasses import replace
from datetime import datetime

from omna.chat.conversations.model import Message
from omna.chat.runs.ending import Ending
from omna.chat.runs.said import Said, storable
from omna.clock import monotonic
from omna.errors import OmnaError
from omna.gateway.bill import Bill
from omna.gateway.model import Caller, Ticket
from omna.ids import UserId, WorkspaceId
from omna.providers.base import Chunk, Delta


class Run:
    """An admitted answer. Readers wait for `changed`; nothing they do reaches the run.

    message  as it stands at the start; stored: False for a temporary chat, of which nothing is ever written
    """

    def __init__(
        self,
        workspace_id: WorkspaceId,
        user_id: UserId,
        message: Message,
        ticket: Ticket,
        caller: Caller,
        *,
        stored: bool = True,
    ) -> None:
        assert message.answer is not None, "only answers run"
        self.workspace_id = workspace_id
        self.user_id = user_id
        self.message = message
        self.ticket = ticket
        self.caller = caller
        self.stored = stored
        self.text = Said()
        self.reasoning = Said()
        self.task: asyncio.Task[None] | None = None
        self.bill: Bill | None = None
        #: Somebody wants the end: a person, or with `cut` the process itself.
        self.stopped = False
        self.cut: OmnaError | None = None
        #: The task has had its first turn: only then a cancellation is heard.
        self.first_turn = False
        #: Nothing more comes, and nothing may cancel the task any more.
        self.finishing = False
        #: This process makes it no further and cannot say how it ends: another one will.
        self.lost = False
        #: The message as it stays.
        self.ended: Message | None = None
        self.model: str | None = None
        self.first_delta_ms: int | None = None
        self.reasoning_ms: int | None = None
        self.duration_ms: int | None = None
        #: Whether the row says which model answers, and how many pieces are written.
        self.announced = False
        self.pieces = 0
        self._reasoning_since: float | None = None
        self._changed = asyncio.Event()

    def add(self, chunk: Chunk) -> None:
        """Take in what the model said."""
        for delta in chunk.deltas:
            if delta.index == 0 and delta.delivers:
                self._add(delta)
        self.changed()

    def stop(self, cut: OmnaError | None = None) -> None:
        """End the run from outside. Twice is once."""
        if self.stopped or self.finishing:
            return
        self.stopped, self.cut = True, cut
        # A task that has not had its first turn would never settle: it looks at `stopped` itself.
        if self.task is not None and self.first_turn:
            self.task.cancel()

    def is_to_end(self) -> bool:
        return self.stopped

    async def wait(self, seconds: float) -> bool:
        """Return when there is something new, or False after a while."""
        try:
            async with asyncio.timeout(seconds):
                await self._changed.wait()
        except TimeoutError:
            return False
        return True

    def changed(self) -> None:
        """Wake whoever waits."""
        self._changed.set()
        self._changed = asyncio.Event()

    def now(self) -> Message:
        """Return the message as it stands."""
        if self.ended is not None:
            return self.ended
        message = self.message.saying(str(self.text), str(self.reasoning))
        assert message.answer is not None
        answer = replace(
            message.answer, model=self.model, first_delta_ms=self.first_delta_ms, reasoning_ms=self.reasoning_ms
        )
        return replace(message, answer=answer)

    def closed(self, how: Ending, moment: datetime) -> Message:
        """Return the message as it would be written at its end."""
        message, receipt = self.now(), self.ticket.receipt
        assert message.answer is not None
        tokens = None if receipt is None else receipt.tokens
        answer = replace(
            message.answer,
            state=how.state,
            finish_reason=how.finish_reason,
            error=how.error,
            charge=None if receipt is None else receipt.charge.total,
            prompt_tokens=None if tokens is None else tokens.prompt,
            completion_tokens=None if tokens is None else tokens.completion,
            cached_tokens=None if tokens is None else tokens.cached,
            reasoning_tokens=None if tokens is None else tokens.reasoning,
            estimated=None if receipt is None else receipt.estimated,
            duration_ms=self.duration_ms,
            finished_at=moment,
        )
        return replace(message, answer=answer)

    def _add(self, delta: Delta) -> None:
        moment = monotonic()
        if self.first_delta_ms is None:
            self.first_delta_ms = round((moment - self.ticket.call.received_at) * 1000)
            self.model = self.ticket.asked
        if delta.reasoning:
            self._reasoning_since = self._reasoning_since or moment
            self.reasoning_ms = round((moment - self._reasoning_since) * 1000)
            self.reasoning.add(storable(delta.reasoning))
        for text in (delta.content, delta.refusal):
            if text:
                if not self.text.units and self._reasoning_since is not None:
                    self.reasoning_ms = round((moment - self._reasoning_since) * 1000)
                self.text.add(storable(text))
