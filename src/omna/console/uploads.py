"""/api/console/uploads: staff look at what customers handed in."""

from typing import Annotated

from fastapi import Path
from starlette.responses import Response

from omna.audit import service as audit
from omna.audit.acting import Act
from omna.http.access import StaffCan, Work
from omna.http.downloads import downloads
from omna.http.principal import Person, StaffRight
from omna.http.router import Router
from omna.ids import show
from omna.uploads import service as uploads
from omna.uploads.content import ALL_TYPES
from omna.uploads.sending import sent

router = Router(prefix="/api/console/uploads", tags=["console"])


@router.get(
    "/{upload}",
    response_class=Response,
    responses=downloads(*(kind.media_type.partition(";")[0] for kind in ALL_TYPES)),
)
async def read_upload(
    upload: Annotated[str, Path(description="The file: `upl_…`")],
    who: Annotated[Person, StaffCan(StaffRight.SEE)],
    connection: Work,
    act: Act,
) -> Response:
    """Download a file of any workspace. Each reading is in the audit log."""
    found = await uploads.find(connection, uploads.parse_id(upload))
    data = await uploads.content(connection, found)
    await audit.record(
        connection,
        act(who),
        "upload.read",
        show("upl", found.upload_id),
        after={"workspace": show("ws", found.workspace_id)},
    )
    return sent(found, data)
