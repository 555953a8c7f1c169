"""Chats that people bring along, as files in our own format without asking a model, and the page where they chat."""

from collections.abc import Iterable
from re import Pattern
from typing import Any

from playwright.async_api import Locator, Page

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


def field(page: Page) -> Locator:
    """Return where the next message is written."""
    return page.get_by_role("textbox", name="Message", exact=True)


async def send(page: Page) -> None:
    """Send what is written: with Enter, or with the button where Enter on the screen begins a new line."""
    if await page.evaluate("matchMedia('(hover: none) and (pointer: coarse)').matches"):
        await page.get_by_role("button", name="Send", exact=True).click()
    else:
        await field(page).press("Enter")


async def open_tool(page: Page, name: str | Pattern[str]) -> None:
    """Open something beside the message: on a phone all of it is behind one button."""
    more = page.get_by_role("button", name="Add and choose")
    if await more.is_visible():
        await more.click()
    await page.get_by_role("button", name=name).click()


async def shelf_of(page: Page) -> Locator:
    """Return the list of chats: beside the chat, or over it, where it is opened first."""
    await field(page).wait_for()
    drawer = page.get_by_role("dialog", name="Chats", exact=True)
    show = page.get_by_role("button", name="Show the list of chats")
    if await show.is_visible() and await drawer.count() == 0:
        await show.click()
    shelf = page.get_by_role("complementary", name="Chats", exact=True).or_(drawer)
    await shelf.wait_for()
    return shelf
