"""/api/workspaces/{ws}/chat/files: attach files to messages, see them again."""

import asyncio
from dataclasses import replace
from typing import Annotated, Any

from fastapi import Path, Request
from starlette.responses import Response

from omna.chat.files import service
from omna.chat.files.model import Kind, saved_as
from omna.chat.files.reading import read
from omna.chat.files.schemas import Attachment, ReadFile, attachment, read_file
from omna.db.pool import transaction
from omna.errors import ServiceUnavailable
from omna.http.access import AtPool, Can, Reading, Work
from omna.http.downloads import downloads
from omna.http.errors import ErrorBody
from omna.http.principal import Member, Right
from omna.http.router import Router
from omna.uploads import form, names
from omna.uploads.content import ALL_TYPES, TEXT
from omna.uploads.sending import sent

router = Router(prefix="/api/workspaces/{workspace}/chat/files", tags=["chat"])

Author = Annotated[Member, Can(Right.CHAT, people_only=True)]
FilePath = Annotated[str, Path(description="The file: `upl_…`")]

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
                    "properties": {"file": {"type": "string", "format": "binary"}},
                }
            }
        },
    }
}
_REFUSED: dict[int | str, dict[str, Any]] = {
    415: {"model": ErrorBody, "description": "The file is not of a kind that is accepted, or cannot be read"}
}


@router.post("", status_code=201, openapi_extra=_FORM, responses=_REFUSED)
async def attach_file(request: Request, who: Author, pool: AtPool) -> Attachment:
    """Hand in a file for a message: PNG, JPEG, WebP, PDF or text of at most 10 MiB. What is not sent is deleted after
    two days."""
    _require_room()
    async with _at_once:
        received = await form.read(request)
        kind, contents = await read(received.data, received.name)
        async with transaction(pool) as connection:
            return attachment(
                await service.add(
                    connection, who.workspace_id, who.user_id, received.name, kind, received.data, contents
                )
            )


@router.post("/read", openapi_extra=_FORM, responses=_REFUSED)
async def read_for_temporary_chat(request: Request, who: Author) -> ReadFile:
    """Say what a file says, and keep nothing of it: for temporary chats."""
    _require_room()
    async with _at_once:
        received = await form.read(request)
        kind, contents = await read(received.data, received.name)
        name = names.shown(received.name, kind, any_ending=kind == TEXT)
        return read_file(name, kind.media_type, len(received.data), contents)


@router.get(
    "/{upload}",
    response_class=Response,
    responses=downloads(*(kind.media_type.partition(";")[0] for kind in ALL_TYPES)),
)
async def download_chat_file(upload: FilePath, who: Author, connection: Reading) -> Response:
    """Download a file: your own, or one of a chat that is shared with you."""
    file = await service.get(connection, who.workspace_id, who.user_id, service.parse_id(upload))
    found, data = await service.content(connection, file)
    return sent(replace(found, name=saved_as(found.name)) if file.kind == Kind.TEXT else found, data)


@router.delete("/{upload}", status_code=204)
async def discard_file(
    upload: FilePath, who: Annotated[Member, Can(Right.CHAT, people_only=True, while_frozen=True)], connection: Work
) -> None:
    """Delete a file of yours that you have not sent."""
    await service.discard(connection, who.workspace_id, who.user_id, service.parse_id(upload))


def _require_room() -> None:
    if _at_once.locked():
        raise ServiceUnavailable("Too many files are being handed in at this moment. Try again.", retry_after=2)
