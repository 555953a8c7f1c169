"""Bodies of /api/console/announcements."""

from typing import Literal

from pydantic import AwareDatetime, Field

from omna.http.values import Acted, Flag, Input, Moment, Output, Reason, Text

AnnouncementKind = Literal["info", "warning"]


class AnnouncementOut(Output):
    """A line for everybody."""

    id: str
    kind: AnnouncementKind
    text_en: str
    text_zh: str
    starts_at: Moment
    ends_at: Moment | None = Field(description="Null until it is taken away.")
    active: bool
    current: bool = Field(description="Shown now.")
    created_by: str
    created_at: Moment


class AnnouncementActed(AnnouncementOut, Acted):
    """An announcement after an act."""


class AnnouncementWish(Input):
    """What everybody is to read."""

    kind: AnnouncementKind
    text_en: Text = Field(max_length=300)
    text_zh: Text = Field(max_length=300)
    starts_at: AwareDatetime | None = Field(None, description="Null is now, or as it was.")
    ends_at: AwareDatetime | None = None
    active: Flag = True
    reason: Reason
