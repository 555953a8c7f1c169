"""PURE  A stranger who asks to be let in."""

from dataclasses import dataclass
from datetime import datetime
from uuid import UUID


@dataclass(frozen=True, slots=True)
class AccessRequest:
    """What somebody wrote who has no invitation yet."""

    access_request_id: UUID
    email: str
    name: str
    message: str
    requested_at: datetime
