"""The shelf of the chat: lists, folders, search, what goes and what comes back (J18, CH18–CH20, CH25, CH26)."""

import json
import re
from pathlib import Path
from typing import Any

import httpx2
from playwright.async_api import Page, expect

from omna.ids import new_id, show
from tests.browser.conftest import Visit
from tests.harness.browser import clean
from tests.harness.chats import bring, conversation, field, shelf_of
from tests.harness.people import People, enter, program
from tests.harness.replica import Replica
from tests.harness.sheets import download

MARKER = "marmalade"


async def say(api: httpx2.AsyncClient, workspace: str, title: str, text: str) -> str:
    """Begin a chat with one message that goes to no model; return its id."""
    base = f"/api/workspaces/{workspace}/chats"
    chat: str = (await api.post(base, json={})).json()["id"]
    message: dict[str, Any] = {
        "id": show("msg", new_id()),
        "parent": None,
        "content": text,
        "attachments": [],
        "models": [],
    }
    assert (await api.post(f"{base}/{chat}/messages", json=message)).status_code == 202
    assert (await api.patch(f"{base}/{chat}", json={"title": title})).status_code == 200
    return chat


async def test_chats_are_renamed_filed_found_archived_and_deleted(visit: Visit, site: Replica, people: People) -> None:
    ada = await people.arrive("Ada")
    async with program(site.address, session=ada.session) as api:
        for title in ("Bread", "Kyoto", "Ledger", "Sky"):
            await say(api, ada.workspace, title, f"About {title}: {MARKER} and so on.")
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/chat")
        shelf = await shelf_of(page)
        row = shelf.get_by_role("link", name="Sky")
        await expect(row).to_be_visible()

        # By keys alone: rename in place, go on, delete, take it back.
        await row.focus()
        await page.keyboard.press("F2")
        await page.keyboard.type("Why the sky is blue")
        await page.keyboard.press("Enter")
        await expect(shelf.get_by_role("link", name="Why the sky is blue")).to_be_focused()
        await page.keyboard.press("ArrowDown")
        await expect(shelf.get_by_role("link", name="Ledger")).to_be_focused()
        await page.keyboard.press("Delete")
        await expect(shelf.get_by_role("link", name="Kyoto")).to_be_focused()
        await expect(page.get_by_role("button", name="Undo")).to_be_visible()
        await page.keyboard.press("Control+z")
        await expect(shelf.get_by_role("link", name="Ledger")).to_be_visible()

        await shelf.get_by_role("button", name="New folder").click()
        await page.get_by_label("Name").fill("Travel")
        await page.get_by_role("button", name="Create folder").click()
        await act(page, "Kyoto", "Move to folder…")
        await page.get_by_label("Travel").check()
        await clean(person)
        await page.get_by_role("button", name="Move", exact=True).click()
        await shelf.get_by_role("button", name="Travel").click()
        await expect(shelf.get_by_role("link", name="Kyoto")).to_be_visible()
        await expect(shelf.get_by_role("link", name="Bread")).to_have_count(0)
        await shelf.get_by_role("button", name="Back to all chats").click()

        await shelf.get_by_role("button", name="Select several chats").click()
        await shelf.get_by_label("Bread").check()
        await shelf.get_by_label("Ledger").check()
        await expect(shelf.get_by_text("2 selected")).to_be_visible()
        await clean(person)
        await shelf.get_by_role("button", name="Archive", exact=True).click()
        await expect(shelf.get_by_role("link", name="Bread")).to_have_count(0)
        await shelf.get_by_role("button", name="Archived").click()
        await expect(shelf.get_by_role("link", name="Bread")).to_be_visible()
        await shelf.get_by_role("button", name="Back to all chats").click()

        await page.keyboard.press("Control+k")
        await page.get_by_role("textbox", name="Search chats").fill("kyoto marmalade")
        dialog = page.get_by_role("dialog")
        await expect(dialog.locator("mark", has_text=MARKER)).to_be_visible()
        await clean(person)
        await page.keyboard.press("Enter")
        await expect(page).to_have_url(re.compile("/chat/chat_[0-9a-f]+$"))
        await clean(person)


async def test_what_is_kept_goes_out_and_in_is_shared_and_ends(
    visit: Visit, site: Replica, people: People, tmp_path: Path
) -> None:
    ada = await people.arrive("Ada")
    async with program(site.address, session=ada.session) as api:
        await say(api, ada.workspace, "Kept", "Stays here.")
        await say(api, ada.workspace, "Gone", f"The {MARKER} goes.")
        other = show("ws", await people.found_team(ada, "Engines"))
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/chat")
        await shelf_of(page)
        await act(page, "Gone", "Delete")
        await expect(page.get_by_text("The chat was deleted.")).to_be_visible()

        await act(page, "Kept", "Share…")
        await page.get_by_role("button", name="Create link").click()
        link = await page.get_by_role("list", name="Links to this chat").locator("code").inner_text()
        await clean(person)

        await person.go(f"/app/w/{ada.workspace}/chat/data")
        name, exported = await download(page, page.get_by_role("link", name="Export JSON"))
        assert MARKER not in exported.decode()
        await clean(person)
        (tmp_path / name).write_bytes(exported)
        await person.go(f"/app/w/{other}/chat/data")
        await page.locator("input[type=file]").set_input_files(tmp_path / name)
        await expect(page.get_by_text("An export from here: 1 chats with 1 messages.")).to_be_visible()
        await clean(person)
        await page.get_by_role("button", name="Import chats").click()
        await expect(page.get_by_text("1 chat came in.")).to_be_visible()
        again = (await download(page, page.get_by_role("link", name="Export JSON")))[1]
        assert said(again) == said(exported)

        async with httpx2.AsyncClient() as stranger:
            shared = await stranger.get(link)
            assert shared.status_code == 200
            assert "Stays here." in shared.text
            await person.go(f"/app/w/{ada.workspace}/chat/links")
            await page.get_by_role("button", name="Revoke").click()
            await expect(page.get_by_text("You have shared nothing by link")).to_be_visible()
            await clean(person)
            assert (await stranger.get(link)).status_code == 404

        await person.go(f"/app/w/{other}/chat/data")
        await page.get_by_role("button", name="Delete all chats").click()
        await page.get_by_role("textbox", name="Type delete all to confirm").fill("delete all")
        await page.get_by_role("dialog").get_by_role("button", name="Delete all chats").click()
        await expect(page.get_by_text("1 chat was deleted.")).to_be_visible()
    async with program(site.address, session=ada.session) as api:
        assert (await api.get(f"/api/workspaces/{ada.workspace}/chats?q={MARKER}")).json()["items"] == []
        assert (await api.get(f"/api/workspaces/{other}/chats")).json()["items"] == []


def said(file: bytes) -> list[tuple[str, list[tuple[str, str]]]]:
    """Return what an export says, without its ids."""
    chats: list[dict[str, Any]] = json.loads(file)["chats"]
    return [(chat["title"], [(one["role"], one["content"]) for one in chat["messages"]]) for chat in chats]


async def test_search_leads_to_a_message_in_its_branch(visit: Visit, site: Replica, people: People) -> None:
    ada = await people.arrive("Ada")
    chat = conversation([(f"Question {n}", f"Answer {n}. " * 40) for n in range(40)], model="openrouter-free")
    fifth = chat["messages"][11]
    # Another answer to the sixth question, which the branch that is shown leaves out.
    chat["messages"].append(fifth | {"id": show("msg", new_id()), "content": f"It is {MARKER}, not jam."})
    here = await bring(site, ada, chat)
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/chat")
        await field(page).wait_for()
        await page.keyboard.press("Control+k")
        await page.get_by_role("textbox", name="Search chats").fill(MARKER)
        await expect(page.get_by_role("dialog").locator("mark", has_text=MARKER)).to_be_visible()
        await page.keyboard.press("Enter")
        found = page.get_by_role("article").filter(has_text=f"It is {MARKER}")
        await expect(found).to_be_in_viewport()
        await expect(found).to_have_attribute("data-found", "")
        await expect(page).to_have_url(re.compile(f"{here}$"))
        await expect(found).not_to_have_attribute("data-found", "")
        await expect(found).to_be_in_viewport()
        await expect(page.get_by_role("article").filter(has_text="Question 39")).to_have_count(0)
        await clean(person)


async def test_stars_are_the_accounts(visit: Visit, site: Replica, people: People) -> None:
    ada = await people.arrive("Ada")
    async with visit() as person:
        page = person.page
        await enter(person, ada, f"/app/w/{ada.workspace}/models")
        async with page.expect_response(lambda answer: answer.request.method == "PATCH") as saved:
            await page.get_by_role("button", name="Favourite:").click()
        await saved.value
        await expect(page.get_by_role("button", name="Favourite:", pressed=True)).to_be_visible()
        await clean(person)
    async with program(site.address, session=ada.session) as api:
        assert (await api.get("/api/account/chat-settings")).json()["favourites"] == ["openrouter-free"]


async def act(page: Page, title: str, verb: str) -> None:
    """Do something by the menu of a row."""
    await page.get_by_role("button", name=f"What to do with “{title}”").click()
    await page.get_by_role("menuitem", name=verb).click()
