"""What a running request owes so far: fed with every chunk, asked for a receipt at the end. No I/O."""

import asyncio
from enum import StrEnum

from msgspec.structs import replace

from omna.clock import monotonic
from omna.errors import OmnaError
from omna.gateway import metering
from omna.gateway.model import Charge, Reading, Receipt, Ticket, Tokens, UsageRow
from omna.money import TOKENS_PER_PRICE, Nanocredits, round_up
from omna.providers.base import Choice, Chunk, Completion, Delta, Usage

#: Text is counted in pieces of this many characters: often enough to cover the hold, seldom enough to cost nothing.
COUNTED_PIECE = 512


class Outcome(StrEnum):
    """How a request ended, and with it what is charged (docs/concepts/billing.md)."""

    COMPLETED = "completed"  # the provider's usage, or our count
    EXHAUSTED = "exhausted"  # Credits or a cap ended the stream: prompt and delivered output
    CLIENT_LEFT = "client_left"  # prompt and delivered output; nothing when nothing was delivered
    FROZEN = "frozen"  # workspace frozen or key switched off: prompt and delivered output
    CUT = "cut"  # emergency stop or shutdown: delivered output
    INTERRUPTED = "interrupted"  # the provider failed after the first delta: delivered output
    FAILED = "failed"  # nothing was delivered: nothing
    CRASHED = "crashed"  # found by the reaper: the last checkpoint


_PROMPT_IS_CHARGED = {Outcome.COMPLETED, Outcome.EXHAUSTED, Outcome.CLIENT_LEFT, Outcome.FROZEN}


class Bill:
    """The meter of one request. `delivered` counts what was handed to the client's connection, nothing before it."""

    def __init__(self, ticket: Ticket) -> None:
        self.ticket = ticket
        self.task = asyncio.current_task()
        self.outcome: Outcome | None = None
        self.error_code: str | None = None
        self.finishes: dict[int, Delta | Choice] = {}
        self.delivers = False
        #: Set when a limit did not allow to hold more: what is held is the rest of the answer.
        self.last_step = False
        self.first_delta_at: float | None = None
        self.usage: Usage | None = None
        self._usage_invalid = False
        self._counted = 0
        self._pending: list[str] = []
        self._pending_characters = 0
        self._opaque = False
        self._images = 0
        self._reading: Reading | None = None

    def add(self, chunk: Chunk) -> None:
        """Meter a chunk that was handed to the client."""
        if chunk.usage is not None or chunk.usage_invalid:
            self.usage, self._usage_invalid = chunk.usage, chunk.usage_invalid
        for delta in chunk.deltas:
            self._add_output(delta)
            if delta.finish_reason is not None:
                self.finishes[delta.index] = delta

    def add_answer(self, answer: Completion) -> None:
        """Meter a whole answer."""
        self.usage, self._usage_invalid = answer.usage, answer.usage_invalid
        for choice in answer.choices:
            self._add_output(choice)
            self.finishes[choice.index] = choice

    def add_reading(self, reading: Reading) -> None:
        """Take the counts of a whole answer that is no text."""
        self._reading = reading
        self.delivers = reading.delivers
        self.first_delta_at = monotonic()

    @property
    def wants_more(self) -> bool:
        """Whether it is time to hold more: the answer may outgrow the hold, and may be longer than it."""
        ticket = self.ticket
        if self.last_step or ticket.output_bound >= ticket.upstream_bound * ticket.call.choices:
            return False
        used = (self._counted + self._pending_characters) * metering.HOLD_PERCENT // 100
        return used + COUNTED_PIECE > ticket.output_bound

    @property
    def exhausted(self) -> bool:
        """Whether the stream must end here: what is held is used and no more is to be had, or the provider goes on
        past the bound it was sent. Our count of an honest answer may be above that bound, but not by this much.
        """
        ticket = self.ticket
        if self.last_step:
            most = ticket.output_bound
        else:
            most = ticket.upstream_bound * ticket.call.choices * metering.TOLERANCE_FACTOR + metering.TOLERANCE_TOKENS
        return self._counted + self._pending_characters >= most and self._count() >= most

    def abort(self, outcome: Outcome, error: OmnaError) -> None:
        """End the run from outside; the client hears `error`."""
        if self.outcome is None and self.task is not None:
            self.outcome, self.error_code, self.ticket.aborted = outcome, error.code, error
            self.task.cancel()

    def progress(self) -> tuple[int, int | None]:
        """Return what a crash would charge: prompt tokens, tokens delivered (None: nothing yet)."""
        return self.ticket.call.prompt_tokens, self._count() if self.delivers else None

    def receipt(self) -> Receipt:
        """Return what is charged for the outcome: never more than is held, nothing for nothing."""
        assert self.outcome is not None, "a bill is closed with an outcome"
        ticket = self.ticket
        left_before_answer = self.outcome is Outcome.CLIENT_LEFT and not ticket.call.streamed
        if not self.delivers or left_before_answer or self.outcome is Outcome.FAILED:
            return Receipt(Tokens(), metering.NOTHING, ticket.price, estimated=False)
        if self._reading is not None:
            return _receipt_of(self._reading, ticket)
        text = self._count()
        believed = None
        if not self._usage_invalid and self.outcome in (Outcome.COMPLETED, Outcome.CLIENT_LEFT, Outcome.EXHAUSTED):
            believed = metering.believe(
                self.usage,
                prompt=ticket.call.prompt_tokens,
                text=text,
                context=ticket.model.context_length,
                output_bound=ticket.upstream_bound * ticket.call.choices,
            )
        prompt = ticket.call.prompt_tokens if self.outcome in _PROMPT_IS_CHARGED else 0
        tokens = believed or Tokens(prompt=prompt, completion=text)
        if self._images:
            tokens = replace(tokens, images=self._images)
        return Receipt(
            tokens,
            metering.charge(tokens, ticket.price.rates, most=ticket.amount)
            if self.outcome in _PROMPT_IS_CHARGED
            else _without_request_price(metering.charge(tokens, ticket.price.rates), ticket.amount),
            ticket.price,
            estimated=believed is None,
        )

    def provider_charge(self, tokens: Tokens) -> int:
        """Return what these tokens cost the operator on the route that served them, at most what is held for it."""
        return metering.charge(tokens, self.ticket.route.costs, most=self.ticket.provider_amount).total

    def _add_output(self, output: Delta | Choice) -> None:
        if not output.delivers:
            return
        self.delivers = True
        if self.first_delta_at is None:
            self.first_delta_at = monotonic()
        for text in (output.content, output.reasoning, output.refusal):
            if text:
                self._add_text(text)
        for call in output.tool_calls or ():
            self._add_text(f"{call.name or ''}{call.arguments}")
        if output.extra:
            self._opaque = True
            images = output.extra.get("images")
            self._images += len(images) if isinstance(images, list) else 0

    def _add_text(self, text: str) -> None:
        self._pending.append(text)
        self._pending_characters += len(text)
        if self._pending_characters >= COUNTED_PIECE:
            self._count()

    def _count(self) -> int:
        if self._pending:
            self._counted += metering.count_text("".join(self._pending))
            self._pending.clear()
            self._pending_characters = 0
        # Output that is no text (an audio piece, a signature) still is output: never nothing.
        return self._counted or (1 if self._opaque else 0)


def _receipt_of(reading: Reading, ticket: Ticket) -> Receipt:
    if ticket.call.endpoint in metering.FREE_ENDPOINTS:
        return Receipt(reading.tokens, metering.NOTHING, ticket.price, estimated=False)
    charge = metering.charge(reading.tokens, ticket.price.rates, most=ticket.amount)
    return Receipt(reading.tokens, charge, ticket.price, reading.estimated)


def _without_request_price(made: Charge, most: int) -> Charge:
    """A request that Omna or its provider broke off costs its delivered output alone: its tokens have no prompt."""
    total = round_up(made.unrounded - made.request, TOKENS_PER_PRICE)
    return replace(made, request=0, total=min(total, Nanocredits(most)))


def usage_row(bill: Bill, receipt: Receipt, started_at: float) -> UsageRow:
    """Return what the usage row of a closed bill says."""
    assert bill.outcome is not None
    finish = next(iter(bill.finishes.values()), None)
    first = bill.first_delta_at
    tokens, call = receipt.tokens, bill.ticket.call
    return UsageRow(
        outcome=bill.outcome,
        unrounded=str(receipt.charge.unrounded),
        prompt_tokens=tokens.prompt,
        completion_tokens=tokens.completion,
        cached_tokens=tokens.cached,
        cache_write_tokens=tokens.cache_write,
        reasoning_tokens=tokens.reasoning,
        units=tokens.units,
        api=call.api,
        first_delta_ms=None if first is None else round((first - started_at) * 1000),
        duration_ms=round((monotonic() - started_at) * 1000),
        estimated=receipt.estimated,
        finish_reason=None if finish is None else finish.finish_reason,
        native_finish_reason=None if finish is None else finish.native_finish_reason,
        error_code=bill.error_code,
        attempts=bill.ticket.attempts or None,
        wanted_model=None if call.model_id == bill.ticket.model.model_id else call.model_id,
    )
