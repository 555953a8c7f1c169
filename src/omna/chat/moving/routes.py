"""/api/workspaces/{ws}/chats: chats out as files, and in again."""

import asyncio
from typing import Annotated
from urllib.parse import quote

from fastapi import Query, Request
from starlette.responses import Response, StreamingResponse

from omna.chat.conversations.access import Author, ChatPath
from omna.chat.moving import arriving, leaving, reading
from omna.chat.moving.leaving import Format
from omna.chat.moving.markdown import file_name, markdown_of
from omna.chat.moving.schemas import ChatsImported, SkippedChat
from omna.clock import now
from omna.db.pool import transaction
from omna.errors import ServiceUnavailable
from omna.http.access import AtPool
from omna.http.downloads import downloads
from omna.http.router import Router

router = Router(prefix="/api/workspaces/{workspace}/chats", tags=["chat"])

#: Files in the memory of one process at a time.
_MOST_AT_ONCE = 2
_at_once = asyncio.BoundedSemaphore(_MOST_AT_ONCE)

_FILE = {
    "requestBody": {
        "required": True,
        "content": {
            # The bytes of a file, whatever it holds: what is wrong with it is told in its own words.
            "application/octet-stream": {
                "schema": {
                    "type": "string",
                    "format": "binary",
                    "description": "An export of Omna, or ChatGPT's conversations.json: at most 20 MiB.",
                }
            }
        },
    }
}
As = Annotated[Format, Query(alias="format", description="`markdown` is for reading, `json` can be read in again.")]


@router.get("/export", response_class=StreamingResponse, responses=downloads("application/json", "application/zip"))
async def export_chats(who: Author, pool: AtPool, kind: As = "json") -> StreamingResponse:
    """Download all of your chats in this workspace: one JSON file, or a ZIP file of Markdown."""
    where = pool, who.workspace_id, who.user_id
    name = f"omna-chats-{now():%Y-%m-%d}"
    if kind == "json":
        return StreamingResponse(
            leaving.as_json(*where), media_type="application/json", headers=_attached(f"{name}.json")
        )
    return StreamingResponse(
        leaving.as_markdown(*where), media_type="application/zip", headers=_attached(f"{name}.zip")
    )


@router.get("/{chat}/export", response_class=Response, responses=downloads("application/json", "text/markdown"))
async def export_chat(chat: ChatPath, who: Author, pool: AtPool, kind: As = "json") -> Response:
    """Download a chat: its shown branch as Markdown, or the whole tree as JSON."""
    found = await leaving.one(pool, who.workspace_id, who.user_id, chat)
    if kind == "markdown":
        text = markdown_of(found)
        return Response(
            text, media_type="text/markdown; charset=utf-8", headers=_attached(file_name(found.title, "md"))
        )
    folders = await leaving.folder_of(pool, who.workspace_id, who.user_id, found)
    body = leaving.whole(found, folders)
    return Response(body, media_type="application/json", headers=_attached(file_name(found.title, "json")))


@router.post("/import", openapi_extra=_FILE)
async def import_chats(request: Request, who: Author, pool: AtPool) -> ChatsImported:
    """Read chats in from an export of Omna or from ChatGPT's conversations.json. No request is sent to a model."""
    if _at_once.locked():
        raise ServiceUnavailable("Other files are being read at this moment. Try again.", retry_after=5)
    # The body arrives as slowly as its sender likes: no connection waits for it.
    async with _at_once:
        parsed = await asyncio.to_thread(reading.read, await request.body())
        async with transaction(pool) as connection:
            await arriving.count(connection, who)
            folders = await arriving.folders(connection, parsed.folders, by=who)
        imported = there = 0
        # Step by step: a file of 20 MiB is tens of thousands of rows. Read again, it goes on where it ended.
        for start in range(0, len(parsed.chats), arriving.STEP):
            async with transaction(pool) as connection:
                step = await arriving.take(connection, parsed.chats[start : start + arriving.STEP], folders, by=who)
            imported, there = imported + step.imported, there + step.there
    skipped = [SkippedChat(title=one.title[:200], reason=one.reason) for one in parsed.skipped]
    return ChatsImported(imported=imported, there=there, skipped=skipped)


def _attached(name: str) -> dict[str, str]:
    # RFC 8187: names are in any script.
    plain = name.encode("ascii", "ignore").decode().strip() or "chat"
    return {"content-disposition": f"attachment; filename=\"{plain}\"; filename*=UTF-8''{quote(name)}"}
