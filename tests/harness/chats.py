"""Chats that people bring along, as files in our own format: no model is asked for them."""

from collections.abc import Iterable
from typing import Any

from omna.ids import new_id, show
from tests.harness.people import Somebody, program
from tests.harness.replica import Replica

MOMENT = "2026-11-01T10:00:00+00:00"


def conversation(turns: Iterable[tuple[str, str]], *, model: str, title: str = "Brought along") -> dict[str, Any]:
    """Return a chat of questions and answers, for the body of an import."""
    messages: list[dict[str, Any]] = []
    parent = None
    for pair in turns:
        for role, content in zip(("user", "assistant"), pair, strict=True):
            answer = None if role == "user" else {"state": "complete", "model": model, "wanted_model": model}
            message = {
                "id": show("msg", new_id()), "parent": parent, "role": role, "content": content,
                "created_at": MOMENT, "answer": answer,
            }  # fmt: skip
            messages.append(message)
            parent = message["id"]
    return {
        "id": show("chat", new_id()), "title": title, "title_chosen": True, "model": model, "created_at": MOMENT,
        "updated_at": MOMENT, "messages": messages, "head": parent,
    }  # fmt: skip


async def bring(site: Replica, somebody: Somebody, chat: dict[str, Any]) -> str:
    """Import a chat; returns the id that it has here."""
    where = f"/api/workspaces/{somebody.workspace}/chats"
    async with program(site.address, session=somebody.session) as api:
        answer = await api.post(f"{where}/import", json={"format": "omna-chats", "version": 1, "chats": [chat]})
        assert answer.status_code == 200, answer.text
        assert answer.json()["imported"] == 1, answer.text
        listed = (await api.get(where)).json()["items"]
    found: str = next(row["id"] for row in listed if row["title"] == chat["title"])
    return found
