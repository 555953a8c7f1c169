"""PURE  What an announcement is, and what may be said in one."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from omna.errors import InvalidValue

KINDS = ("info", "warning")
LONGEST = 300


@dataclass(frozen=True, slots=True)
class Announcement:
    """A line for everybody. ends_at: None until somebody takes it away. current: shown now, by the database's clock."""

    announcement_id: UUID
    kind: str
    text_en: str
    text_zh: str
    starts_at: datetime
    ends_at: datetime | None
    active: bool
    current: bool
    created_by: str
    created_at: datetime


def check_text(text: str, field: str) -> str:
    """Return a text as it is shown. Errors: InvalidValue."""
    text = " ".join(text.split())
    if not 0 < len(text) <= LONGEST or not text.isprintable():
        raise InvalidValue(f"An announcement has 1 to {LONGEST} characters in each language.", param=field)
    return text
