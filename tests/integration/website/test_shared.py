"""A copy of a chat behind a link, as strangers see it: without JavaScript, in both languages, until the link ends."""

from collections.abc import AsyncIterator
from dataclasses import replace
from typing import Any

import asyncpg
import httpx2
import pytest
from markupsafe import escape
from starlette.applications import Starlette

from omna.accounts import service as accounts
from omna.accounts import sessions
from omna.accounts.desk import Desk
from omna.accounts.model import Client
from omna.audit.service import Actor
from omna.chat.sharing import links, service
from omna.chat.sharing.model import token_of
from omna.db.pool import transaction
from omna.ids import new_id
from omna.website.routes import routes
from tests.harness.hostile import NAMES, TEXTS, active


class Reader:
    """A stranger with a link."""

    def __init__(self, desk: Desk) -> None:
        app = Starlette(routes=routes(desk.settings, service.find))
        app.state.desk = desk
        self.desk = desk
        self.client = httpx2.AsyncClient(transport=httpx2.ASGITransport(app), base_url="http://localhost:5108")

    async def put(self, title: str, *texts: str, audience: str = "anyone") -> str:
        """Put a copy there; returns its path."""
        share, workspace, person = new_id(), new_id(), new_id()
        said: list[dict[str, Any]] = [
            {"role": "assistant" if number % 2 else "user", "content": text, "model": "swift" if number % 2 else None}
            for number, text in enumerate(texts)
        ]
        async with transaction(self.desk.pool) as connection:
            await connection.execute(
                "INSERT INTO workspaces (workspace_id, kind, name) VALUES ($1, 'team', 'Team')", workspace
            )
            await connection.execute(
                "INSERT INTO users (user_id, email, email_normalized) VALUES ($1, $2, $2)",
                person,
                f"{person.hex}@x.example",
            )
            await connection.execute(
                "INSERT INTO chat_shares (workspace_id, share_id, user_id, audience, title, messages)"
                " VALUES ($1, $2, $3, $4, $5, $6)",
                workspace, share, person, audience, title, said,
            )  # fmt: skip
            return f"/s/{token_of(await links.secret(connection, self.desk.keyring), share)}"

    async def get(self, path: str, **headers: str) -> httpx2.Response:
        return await self.client.get(path, headers=headers)


@pytest.fixture
async def reader(desk: Desk) -> AsyncIterator[Reader]:
    opened = Reader(replace(desk))
    yield opened
    await opened.client.aclose()


async def test_copy_is_readable_dated_and_for_no_search_engine(reader: Reader) -> None:
    path = await reader.put("Plan <b>", "What?", "**This** <script>alert(1)</script> [x](javascript:alert(1))")
    for language, words in (("en", "A copy of a chat"), ("zh", "对话副本")):
        answer = await reader.get(path, **{"accept-language": language})
        assert answer.status_code == 200
        assert words in answer.text
        assert "<strong>This</strong> &lt;script&gt;alert(1)&lt;/script&gt;" in answer.text
        assert "Plan &lt;b&gt;" in answer.text
        assert "<script" not in answer.text
        assert 'name="robots" content="noindex' in answer.text
        assert answer.headers["x-robots-tag"].startswith("noindex")
        assert answer.headers["cache-control"] == "no-store"
        assert "default-src 'none'" in answer.headers["content-security-policy"]
        assert "swift" in answer.text


async def test_whatever_models_write_and_people_call_it_is_text(reader: Reader) -> None:
    for title in NAMES:
        answer = await reader.get(await reader.put(title, *TEXTS))
        assert answer.status_code == 200
        assert list(active(answer.text)) == [], title
        assert f"<h1>{escape(title)}</h1>" in answer.text


async def test_ended_and_unknown_links_are_the_same(reader: Reader, pool: asyncpg.Pool) -> None:
    path = await reader.put("Plan", "What?", audience="signed_in")
    async with transaction(pool) as connection:
        await connection.execute("UPDATE chat_shares SET revoked_at = now()")
    never = path[:-3] + ("AAA" if not path.endswith("AAA") else "BBB")
    ended, unknown, short = [await reader.get(one) for one in (path, never, "/s/x")]
    assert [one.status_code for one in (ended, unknown, short)] == [404] * 3
    assert without_ids(ended) == without_ids(unknown) == without_ids(short)


async def test_copy_for_members_asks_for_a_sign_in(reader: Reader, pool: asyncpg.Pool, actor: Actor) -> None:
    path = await reader.put("Plan", "What?", audience="signed_in")
    answer = await reader.get(path)
    assert (answer.status_code, answer.headers["location"]) == (303, f"/sign-in?next={path.replace('/', '%2F')}")
    async with transaction(pool) as connection:
        user = await accounts.create_user(connection, "ann@example.com", actor=actor, name="Ann")
        started = await sessions.start(connection, user.user_id, "password", Client("192.0.2.1"))
    answer = await reader.get(path, cookie=f"omna_session={started.token}")
    assert answer.status_code == 200
    assert "What?" in answer.text


def without_ids(answer: httpx2.Response) -> str:
    return answer.text.replace(answer.headers["x-request-id"], "")
