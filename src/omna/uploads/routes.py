"""/api/workspaces/{ws}/uploads: hand a file in, get one's own back."""

import asyncio
from typing import Annotated

from fastapi import Path, Request
from starlette.responses import Response

from omna.db.pool import transaction
from omna.errors import NotFound, ServiceUnavailable
from omna.http.access import AtPool, Can, Reading
from omna.http.downloads import downloads
from omna.http.errors import ErrorBody
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.uploads import form, service
from omna.uploads.content import ALL_TYPES
from omna.uploads.schemas import UploadRow
from omna.uploads.sending import row_of, sent

router = Router(prefix="/api/workspaces/{workspace}/uploads", tags=["uploads"])

#: Files in the memory of one process at a time.
_MOST_AT_ONCE = 8
_at_once = asyncio.BoundedSemaphore(_MOST_AT_ONCE)

_FORM = {
    "requestBody": {
        "required": True,
        "content": {
            "multipart/form-data": {
                "schema": {
                    "type": "object",
                    "required": ["file"],
                    "properties": {
                        "file": {"type": "string", "format": "binary"},
                        "purpose": {
                            "type": "string",
                            "enum": ["proof", "support"],
                            "description": "`support` accepts plain text, too.",
                        },
                    },
                }
            }
        },
    }
}


@router.post(
    "",
    status_code=201,
    openapi_extra=_FORM,
    responses={415: {"model": ErrorBody, "description": "The file is not of a kind that is accepted"}},
)
async def upload_file(
    request: Request, who: Annotated[Member, Can(Right.VIEW, while_frozen=True)], pool: AtPool
) -> UploadRow:
    """Hand in a file: PNG, JPEG, WebP or PDF of at most 10 MiB. What nothing refers to is deleted after two days."""
    if _at_once.locked():
        raise ServiceUnavailable("Too many files are being handed in at this moment. Try again.", retry_after=2)
    # The body arrives as slowly as its sender likes: no connection waits for it.
    async with _at_once:
        received = await form.read(request)
        text = received.fields.get("purpose") == "support"
        kind = await asyncio.to_thread(service.inspect, received.data, received.name, text=text)
        async with transaction(pool) as connection:
            return row_of(
                await service.add(connection, who.workspace_id, who.user_id, received.name, kind, received.data)
            )


@router.get(
    "/{upload}",
    response_class=Response,
    responses=downloads(*(kind.media_type.partition(";")[0] for kind in ALL_TYPES)),
)
async def download_file(
    upload: Annotated[str, Path(description="The file: `upl_…`")],
    who: Annotated[Member, Can(Right.VIEW)],
    connection: Reading,
) -> Response:
    """Download a file: your own, or any of the workspace for those who pay its bills."""
    found = await service.get(connection, who.workspace_id, service.parse_id(upload))
    if found.private or (found.uploaded_by != who.user_id and not who.may(Right.BILLING)):
        raise NotFound("There is no such file.")
    return sent(found, await service.content(connection, found))
