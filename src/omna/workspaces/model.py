"""PURE  A tenant."""

from dataclasses import dataclass
from datetime import datetime

from omna.ids import UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Workspace:
    """A tenant. `daily_limit` is nanocredits a UTC day, None is no limit; `frozen_reason` is set while it is frozen."""

    workspace_id: WorkspaceId
    kind: str
    name: str
    personal_user_id: UserId | None
    frozen_at: datetime | None
    frozen_reason: str | None
    daily_limit: int | None
    created_at: datetime
