"""Chats as people have them, written straight into the tables: no model answers in these tests."""

import io
import zipfile
from datetime import datetime
from typing import Any
from uuid import UUID

from omna.chat.moving import archiving
from omna.ids import UserId, new_id, show
from omna.membership import export
from tests.harness.team import Browser, Team


async def put_chat(
    browser: Browser, title: str, *texts: str, workspace: UUID | None = None, state: str = "complete", **columns: Any
) -> str:
    """Give somebody a chat: its texts are questions and answers in turn, the last answer in a state."""
    team = browser.team
    where, chat, parent = workspace or team.workspace_id, new_id(), None
    await team.query(
        "INSERT INTO chats (workspace_id, chat_id, user_id, title) VALUES ($1, $2, $3, $4)",
        where, chat, browser.user_id, title,
    )  # fmt: skip
    for number, text in enumerate(texts):
        message = new_id()
        answer = number % 2 == 1
        stands = None if not answer else state if number == len(texts) - 1 else "complete"
        await team.query(
            "INSERT INTO chat_messages (workspace_id, chat_id, message_id, parent_id, role, content, state, model_id,"
            " finished_at, charge) VALUES ($1, $2, $3, $4, $5, $6, $7, $8,"
            " CASE WHEN $7::text <> 'running' THEN now() END, $9)",
            where, chat, message, parent, "assistant" if answer else "user", text, stands,
            "swift" if answer else None, 1_000_000 if answer else None,
        )  # fmt: skip
        parent = message
    await team.query("UPDATE chats SET head_id = $3 WHERE workspace_id = $1 AND chat_id = $2", where, chat, parent)
    for name, value in columns.items():
        await team.query(f"UPDATE chats SET {name} = $2 WHERE chat_id = $1", chat, value)
    return show("chat", chat)


async def titles(browser: Browser, query: str = "") -> list[str]:
    """Return the titles of a list of chats."""
    answer = await browser.call("GET", f"/chats{query}")
    assert answer.status == 200, answer.json
    return [row["title"] for row in answer.json["items"]]


async def everywhere(team: Team, marker: str) -> set[str]:
    """Return the tables in which a text stands."""
    tables = await team.query("SELECT tablename FROM pg_tables WHERE schemaname = 'omna'")
    found = set()
    for table in tables:
        name = table["tablename"]
        [row] = await team.query("SELECT has_table_privilege('omna.' || $1, 'SELECT') AS readable", name)
        if row["readable"] and await team.query(
            f"SELECT 1 FROM {name} AS t WHERE t::text LIKE '%' || $1 || '%' LIMIT 1", marker
        ):
            found.add(name)
    return found


async def archived(team: Team, user_id: UserId) -> bytes:
    """Return the archive of a person; what is in it is packed, so it is unpacked to be searched."""
    packed = b"".join([piece async for piece in export.download(team.pool, user_id, archiving.files)])
    file = zipfile.ZipFile(io.BytesIO(packed))
    return packed + b"".join(file.read(name) for name in file.namelist())


def raw(chat: str) -> UUID:
    return UUID(chat.partition("_")[2])


def moment(minute: int) -> datetime:
    return datetime.fromisoformat(f"2026-11-01T10:{minute:02}:00+00:00")
