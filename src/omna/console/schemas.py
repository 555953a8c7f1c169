"""Bodies of /api/console/session."""

from pydantic import Field

from omna.http.principal import StaffRight
from omna.http.values import Moment, Output


class ConsoleSession(Output):
    """The console as somebody of the staff has it."""

    role: str
    rights: list[StaffRight]
    open: bool
    opened_at: Moment | None
    idle_seconds: int = Field(description="Since it was last used; it closes at 900.")
    second_factor: bool = Field(description="Without one it does not open.")
    email: str
    name: str
    four_eyes_off: bool = Field(
        description="You are the only one who could approve: what needs a second person goes through, with a mark."
    )
