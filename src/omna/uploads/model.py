"""A file that was handed in."""

from dataclasses import dataclass
from datetime import datetime

from omna.ids import UploadId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Upload:
    """Everything about a file but its content.

    sha256  32 bytes: the same file has the same
    """

    workspace_id: WorkspaceId
    upload_id: UploadId
    uploaded_by: UserId
    name: str
    media_type: str
    size: int
    sha256: bytes
    created_at: datetime
    used_at: datetime | None
