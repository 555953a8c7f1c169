"""A file that was handed in."""

from dataclasses import dataclass
from datetime import datetime

from omna.ids import UploadId, UserId, WorkspaceId


@dataclass(frozen=True, slots=True)
class Upload:
    """Everything about a file but its content.

    sha256   32 bytes: the same file has the same
    private  for whom the thing it belongs to is; not for who pays the bills, not for staff
    """

    workspace_id: WorkspaceId
    upload_id: UploadId
    uploaded_by: UserId
    name: str
    media_type: str
    size: int
    sha256: bytes
    private: bool
    created_at: datetime
    used_at: datetime | None
