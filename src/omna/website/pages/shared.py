"""A copy of a chat behind a link: read only, dated, for no search engine, and gone as soon as its link ends.

The chat itself is a stranger here: the application hands over what finds a copy.
"""

import asyncio
from collections.abc import Awaitable, Callable, Sequence
from datetime import UTC, datetime
from typing import Protocol
from uuid import UUID

from markupsafe import Markup
from starlette.responses import Response
from starlette.routing import Route

from omna.accounts.desk import desk_of
from omna.db.pool import Connection, borrow
from omna.errors import UnknownUrl
from omna.vault.keyring import Keyring
from omna.website import visitor
from omna.website.pages.page import page
from omna.website.pages.sign_in import address
from omna.website.rendering import plain, render
from omna.website.site import Site
from omna.website.visit import Visit

#: Characters of a copy that are read as Markdown; the rest is shown as it is.
_READ = 300_000
#: Copies whose pages a process keeps ready: a copy never changes.
_REMEMBERED = 16


class Said(Protocol):
    """A message of a copy."""

    @property
    def role(self) -> str: ...
    @property
    def content(self) -> str: ...
    @property
    def model(self) -> str | None: ...


class Copy(Protocol):
    """What stands behind a link."""

    @property
    def share_id(self) -> UUID: ...
    @property
    def audience(self) -> str: ...
    @property
    def title(self) -> str: ...
    @property
    def messages(self) -> Sequence[Said]: ...
    @property
    def created_at(self) -> datetime: ...


#: Returns what stands behind the end of a link; None for one that has ended or never was.
Find = Callable[[Connection, Keyring, str], Awaitable[Copy | None]]


def routes(site: Site, find: Find) -> list[Route]:
    shown: dict[UUID, list[Markup]] = {}
    one_at_a_time = asyncio.Lock()

    async def rendered(copy: Copy) -> list[Markup]:
        # Whoever is here first pays: a long copy takes a while to read, and its link may be everywhere.
        async with one_at_a_time:
            if copy.share_id not in shown:
                while len(shown) >= _REMEMBERED:
                    del shown[next(iter(shown))]
                shown[copy.share_id] = await asyncio.to_thread(_read, copy.messages)
            return shown[copy.share_id]

    async def show(visit: Visit) -> Response:
        desk, token = desk_of(visit.request), visit.request.path_params["token"]
        async with borrow(desk.pool) as connection:
            copy = await find(connection, desk.keyring, token)
        if copy is None:
            visit.here = "/"
            raise UnknownUrl
        if copy.audience == "signed_in" and await visitor.signed_in(visit) is None:
            return visit.go(address("/sign-in", next=visit.request.url.path))
        response = visit.page(
            "shared.html",
            copy=copy,
            day=f"{copy.created_at.astimezone(UTC):%Y-%m-%d}",
            messages=list(zip(copy.messages, await rendered(copy), strict=True)),
        )
        response.headers["x-robots-tag"] = "noindex, nofollow, noarchive"
        return response

    return [page(site, "/s/{token}", show=show)]


def _read(messages: Sequence[Said]) -> list[Markup]:
    found, size = [], 0
    for said in messages:
        size += len(said.content)
        found.append(render(said.content) if size <= _READ else plain(said.content))
    return found
