"""A team that chats: /api without a server, a gateway and its runs in this process, the scriptable upstream behind."""

import asyncio
import json
from collections.abc import AsyncIterator
from pathlib import Path
from typing import Any

import asyncpg
import pytest

from omna.catalog import service as catalog
from omna.chat.runs.runs import Runs
from omna.config import Gateway as GatewaySettings
from omna.config import Settings
from omna.db.pool import borrow, transaction
from omna.gateway import verification
from omna.gateway.gateway import Gateway
from omna.ids import new_id, parse, show
from omna.ledger import service as ledger
from omna.observability.metrics import Metrics
from omna.vault.keyring import Keyring
from tests.harness.installation import PRICES, until
from tests.harness.team import Browser, Team
from tests.upstream.server import Upstream

_GATEWAY = GatewaySettings(
    first_byte_timeout=4, progress_timeout=2, retry_burst=10_000, free_rpm=0, checkpoint_seconds=1, reaper_seconds=1
)


def msg() -> str:
    """Return the id a page makes for a new message."""
    return show("msg", new_id())


class Event:
    """One server-sent event."""

    def __init__(self, block: str) -> None:
        fields = dict(line.split(": ", 1) for line in block.splitlines() if not line.startswith(":"))
        self.name = fields.get("event", "")
        self.data: Any = json.loads(fields["data"])


class Talk(Team):
    """`owner` chats; models are scenarios of the upstream."""

    gateway: Gateway
    runs: Runs
    upstream: Upstream

    async def model(self, name: str, *, upstream_model: str | None = None, **entry: Any) -> str:
        """Put a scenario on sale."""
        entry = {"context_length": None, "max_output_tokens": 4096, **entry}
        async with transaction(self.pool) as connection:
            await catalog.add_model(
                connection, name, provider="main", upstream_model=upstream_model or name, prices=PRICES, costs=PRICES,
                actor=self.actor, **entry,
            )  # fmt: skip
        return name

    async def chat(self, by: Browser | None = None, **body: Any) -> str:
        """Begin a chat; returns its id."""
        answer = await (by or self.owner).call("POST", "/chats", body)
        assert answer.status == 201, answer.json
        made: str = answer.json["id"]
        return made

    async def say(self, chat: str, *models: str, content: str = "Hello there", **body: Any) -> Any:
        """Send a message; returns what the route said."""
        body = {"id": msg(), "parent": None, "content": content, "models": list(models), **body}
        answer = await self.owner.call("POST", f"/chats/{chat}/messages", body)
        assert answer.status == 202, answer.json
        return answer.json

    async def read(self, chat: str, by: Browser | None = None) -> Any:
        answer = await (by or self.owner).call("GET", f"/chats/{chat}")
        assert answer.status == 200, answer.json
        return answer.json

    async def answers(self, chat: str) -> dict[str, Any]:
        """Return the answers of a chat by id."""
        return {one["id"]: one for one in (await self.read(chat))["messages"] if one["answer"]}

    async def events(self, chat: str, message: str, query: str = "", runs: Runs | None = None) -> list[Event]:
        """Follow an answer to its end."""
        own = self.api.state.runs
        self.api.state.runs = runs or own
        try:
            answer = await self.http.get(
                f"/api/workspaces/{self.id}/chats/{chat}/messages/{message}/stream{query}", headers=self.owner.cookie
            )
        finally:
            self.api.state.runs = own
        assert answer.status_code == 200, answer.text
        return [Event(block) for block in answer.text.split("\n\n") if block and not block.startswith(":")]

    async def ended(self, chat: str, message: str) -> Any:
        """Return an answer when it is over."""
        return (await self.events(chat, message))[-1].data["message"]

    async def writing(self, chat: str, message: str, characters: int = 1) -> None:
        """Return when an answer has begun to say something."""

        async def some() -> bool | None:
            run = self.runs.find(self.workspace_id, parse(chat, "chat"), parse(message, "msg"))  # type: ignore[arg-type]
            assert run is not None, "the answer is over"
            return True if run.text.units >= characters else None

        await until(some, "the answer says nothing")

    async def stop(self, chat: str, message: str) -> int:
        answer = await self.owner.call("POST", f"/chats/{chat}/messages/{message}/stop")
        return answer.status

    async def usage(self, answer: Any) -> asyncpg.Record:
        """Return the usage row of an answer."""
        rows = await self.query(
            "SELECT charge, outcome, prompt_tokens, completion_tokens, cached_tokens, reasoning_tokens, estimated, source"
            " FROM requests WHERE request_id = $1", parse(answer["answer"]["request"], "req"),
        )  # fmt: skip
        assert len(rows) == 1
        row: asyncpg.Record = rows[0]
        return row

    async def books_are_right(self) -> None:
        """Wait until nothing is held, then prove the books."""

        async def nothing_held() -> bool | None:
            return None if await self.query("SELECT 1 FROM holds") else True

        await until(nothing_held, "holds stay open")
        async with borrow(self.pool) as connection:
            assert await ledger.verify(connection) == []
            assert await verification.verify(connection) == []


@pytest.fixture
async def talk(pool: asyncpg.Pool, database_url: str, keyring: Keyring, tmp_path: Path) -> AsyncIterator[Talk]:
    settings = Settings(data=tmp_path, gateway=_GATEWAY)
    opened = Talk(pool, keyring, settings)
    await opened.open()
    await opened.recharge("100")
    async with Upstream() as opened.upstream:
        async with transaction(pool) as connection:
            await catalog.add_provider(
                connection, "main", kind="openai", base_url=opened.upstream.base_url, secret="sk-upstream-canary",
                allow_private=True, keyring=keyring, actor=opened.actor,
            )  # fmt: skip
        opened.gateway = Gateway(database_url, settings, pool, keyring, Metrics(None))
        await opened.gateway.start()
        opened.runs = opened.api.state.runs = Runs(opened.gateway, pool)
        opened.runs.start()
        yield opened
        opened.runs.drain()
        for run in list(opened.runs._runs.values()):
            run.stop()
        await asyncio.sleep(0)
        await opened.runs.close()
        await opened.gateway.close()
        await opened.http.aclose()
