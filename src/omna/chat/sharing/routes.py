"""/api/workspaces/{ws}: links to copies of chats."""

from typing import Annotated

from fastapi import Path, Request

from omna.audit.acting import Act
from omna.chat.conversations.access import Author, ChatPath, Sender
from omna.chat.sharing import links, service
from omna.chat.sharing.model import Share, token_of
from omna.chat.sharing.schemas import ShareNew, ShareRow
from omna.http.access import Reading, Work
from omna.http.addresses import id_in_address
from omna.http.router import Router
from omna.ids import show

router = Router(prefix="/api/workspaces/{workspace}", tags=["chat"])


# What everybody can read is not made while frozen; it can be taken away.
@router.post("/chats/{chat}/shares", status_code=201)
async def share_chat(
    chat: ChatPath, body: ShareNew, request: Request, who: Sender, connection: Work, act: Act
) -> ShareRow:
    """Make a link to a copy of the branch that is shown: without costs, files, system prompt, or your name."""
    made = await service.share(connection, chat, body.audience, by=who, actor=act(who))
    return _row(made, request, await links.secret(connection, request.app.state.keyring))


@router.get("/chat/shares")
async def list_chat_shares(request: Request, who: Author, connection: Reading) -> list[ShareRow]:
    """Your links, the newest first."""
    secret = await links.secret(connection, request.app.state.keyring)
    return [_row(share, request, secret) for share in await service.list_of(connection, who)]


@router.delete("/chat/shares/{share}", status_code=204)
async def end_chat_share(
    share: Annotated[str, Path(description="The link: `shr_…`")], who: Author, connection: Work, act: Act
) -> None:
    """End a link: the copy behind it is gone at once."""
    await service.end(connection, id_in_address(share, "shr", "link"), by=who, actor=act(who))


def _row(share: Share, request: Request, secret: bytes) -> ShareRow:
    base = request.app.state.settings.server.public_url.rstrip("/")
    return ShareRow(
        id=show("shr", share.share_id),
        url=f"{base}/s/{token_of(secret, share.share_id)}",
        chat=None if share.chat_id is None else show("chat", share.chat_id),
        title=share.title,
        audience=share.audience,
        messages=share.messages,
        created_at=share.created_at,
    )
