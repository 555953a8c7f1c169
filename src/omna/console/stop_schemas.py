"""Bodies of /api/console/stops."""

from typing import Literal

from pydantic import Field

from omna.http.values import Acted, Input, Moment, Output, Reason, Text

Level = Literal["block", "cut"]


class StopRow(Output):
    """A stop in force."""

    scope: str
    level: Level = Field(description="`block` refuses what is new; `cut` ends running answers, too.")
    reason: str = Field(description="For staff.")
    message: str = Field(description="What everybody reads; empty for nothing beside what is stopped.")
    actor: str
    since: Moment
    refused: int = Field(description="Since it began; a few seconds late.")


class StopEpisode(StopRow):
    """A stop that is over."""

    ended_at: Moment
    ended_by: str
    ended_reason: str


class StopsState(Output):
    """What is stopped, what was, and what could be."""

    in_force: list[StopRow]
    history: list[StopEpisode]
    providers: list[str] = Field(description="Names for scopes `provider:NAME`.")
    models: list[str] = Field(description="Ids for scopes `model:ID`.")


class StopsActed(StopsState, Acted):
    """The state after an act."""


class StopScope(Input):
    """What would be stopped."""

    scope: Text = Field(max_length=300)


class StopReach(Output):
    """What a stop would meet. Of recharges and sign-ups: orders and accounts of the last hour."""

    running: int
    last_hour: int
    affected: int = Field(description="Workspaces, or people, behind both.")


class StopWish(StopScope):
    """A stop that is to be."""

    level: Level
    typed: Text = Field(max_length=300, description="The scope once more, typed by hand.")
    message: Text = Field("", max_length=500)
    reason: Reason


class StopEnd(StopScope):
    """The end of the stop of exactly this scope."""

    reason: Reason
