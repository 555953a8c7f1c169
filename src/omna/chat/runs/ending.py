"""How a run ended → the state of its answer, in words a page can show."""

from dataclasses import dataclass
from typing import Any

from omna.chat.conversations.model import State
from omna.errors import AnswerEnded, Forbidden, OmnaError, ProviderUnavailable, Unavailable
from omna.gateway.bill import Bill, Outcome
from omna.http.errors import error_body


@dataclass(frozen=True, slots=True)
class Ending:
    """What is written at the end. error: as `AnswerError` shows it."""

    state: State
    finish_reason: str | None = None
    error: dict[str, Any] | None = None


def ending(bill: Bill | None, error: OmnaError | None, *, stopped: bool, aborted: bool) -> Ending:
    """Return how an answer ended.

    bill     of a run that came to its end, None for one that was broken off
    stopped  a person asked for the end; aborted: the operator, or the end of the process
    """
    if stopped and bill is None:
        return Ending(State.STOPPED)
    if error is not None:
        cut = aborted or (isinstance(error, Forbidden | Unavailable) and not isinstance(error, ProviderUnavailable))
        return Ending(State.CUT if cut else State.FAILED, error=error_of(error))
    assert bill is not None, "a run without an error has a bill"
    finish = next(iter(bill.finishes.values()), None)
    if bill.outcome is Outcome.EXHAUSTED:
        if bill.last_step:
            return Ending(State.ENDED, "length", error_of(AnswerEnded()))
        return Ending(State.COMPLETE, "length")
    return Ending(State.COMPLETE, None if finish is None else finish.finish_reason)


def error_of(error: OmnaError) -> dict[str, Any]:
    """Return an error as an answer keeps it."""
    said = error_body(error, "").error.model_dump(exclude={"request_id", "field", "fields"})
    return {name: value for name, value in said.items() if value not in (None, {})}
