"""How a route finds the answers that its process makes."""

from typing import Annotated

from fastapi import Depends, Request

from omna.chat.runs.runs import Runs
from omna.errors import ServiceUnavailable


def runs_of(request: Request) -> Runs:
    """Return the runs of this process. Errors: ServiceUnavailable while it waits for its database."""
    runs: Runs | None = getattr(request.app.state, "runs", None)
    if runs is None:
        raise ServiceUnavailable(retry_after=2)
    return runs


Running = Annotated[Runs, Depends(runs_of)]
