"""PURE  A tenant."""

from dataclasses import dataclass
from datetime import datetime

from omna.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant.

    daily_limit    nanocredits a UTC day; max_running: requests at a time; None is no limit
    frozen_reason  set while it is frozen
    """

    workspace_id: WorkspaceId
    kind: str
    name: str
    personal_user_id: UserId | None
    frozen_at: datetime | None
    frozen_reason: str | None
    daily_limit: int | None
    created_at: datetime
    max_running: int | None = None
