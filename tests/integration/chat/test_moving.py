"""Chats out as files and in again, through /api."""

import asyncio
import io
import json
import zipfile
from typing import Any

import hypothesis.strategies as st
from hypothesis import HealthCheck, Phase, given, settings

from omna import names
from omna.chat.moving import arriving, reading
from omna.chat.moving.model import MOST_BYTES
from omna.chat.shelf import history
from omna.db.pool import transaction
from omna.http.application import UPLOAD_LIMIT
from omna.http.principal import Role
from omna.ids import new_id
from tests.harness.team import Browser, Team
from tests.integration.chat.shelf import moment, put_chat, raw, titles
from tests.unit.chat.test_reading import conversation

FORM = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}


async def download(browser: Browser, path: str) -> Any:
    return await browser.team.http.get(f"/api/workspaces/{browser.team.id}{path}", headers=browser.cookie)


async def charges(browser: Browser, chat: str) -> list[str | None]:
    """Return what each message of a chat cost."""
    [found] = (await download(browser, f"/chats/{chat}/export")).json()["chats"]
    return [None if one["answer"] is None else one["answer"]["charge"] for one in found["messages"]]


async def take_in(browser: Browser, data: bytes) -> Any:
    return await browser.team.http.post(
        f"/api/workspaces/{browser.team.id}/chats/import", content=data, headers={**FORM, **browser.cookie}
    )


async def test_own_json_goes_out_and_comes_back_equal(team: Team) -> None:
    me = team.member
    folder = (await me.call("POST", "/chat/folders", {"name": "Work", "system_prompt": "Be brief."})).json["id"]
    chat = await put_chat(
        me, "旅行 plan", "question <b>", "answer", "more", "stopped here", state="stopped",
        folder_id=raw(folder), pinned_at=moment(1), system_prompt="S", model_id="swift", updated_at=moment(5),
        parameters={"temperature": 0.5},
    )  # fmt: skip
    await team.query(
        "UPDATE chat_messages SET reasoning = 'because', prompt_tokens = 3, request_id = $1, estimated = true,"
        ' error = \'{"code": "stopped", "message": "You stopped it."}\' WHERE state = \'stopped\'',
        new_id(),
    )
    await put_chat(me, "archived", "x", archived_at=moment(2))
    await put_chat(team.owner, "theirs", "secret", shared_at=moment(1))
    before = await download(me, "/chats/export")
    assert before.headers["content-type"] == "application/json"
    assert "attachment" in before.headers["content-disposition"]
    assert [one["title"] for one in before.json()["chats"]] == ["旅行 plan", "archived"]
    single = (await download(me, f"/chats/{chat}/export")).json()
    assert (single["folders"][0]["name"], [one["id"] for one in single["chats"]]) == ("Work", [chat])
    # What is there stays; nothing comes twice.
    assert (await take_in(me, before.content)).json() == {"imported": 0, "there": 2, "skipped": []}
    await delete_for_good(me)
    await me.call("DELETE", f"/chat/folders/{folder}")
    assert (await take_in(me, before.content)).json() == {"imported": 2, "there": 0, "skipped": []}
    assert (await download(me, "/chats/export")).content == before.content
    assert await charges(me, chat) == [None, "0.001", None, "0.001"]


async def test_ids_of_others_are_given_anew(team: Team) -> None:
    chat = await put_chat(team.owner, "mine", "x", "y")
    file = (await download(team.owner, "/chats/export")).content
    assert (await take_in(team.member, file)).json()["imported"] == 1
    [row] = (await team.member.call("GET", "/chats")).json["items"]
    assert row["id"] != chat
    assert await charges(team.owner, chat) == [None, "0.001"]
    # One's own that was just deleted still has its id.
    await team.owner.call("DELETE", f"/chats/{chat}")
    assert (await take_in(team.owner, file)).json()["imported"] == 1
    assert await titles(team.owner) == ["mine"]


async def test_markdown_is_for_reading(team: Team) -> None:
    me = team.member
    chat = await put_chat(me, "A/B: plan", "question", "answer **bold**")
    await put_chat(me, "A/B: plan", "other")
    text = await download(me, f"/chats/{chat}/export?format=markdown")
    assert text.headers["content-type"].startswith("text/markdown")
    assert text.text.endswith("## You\n\nquestion\n\n## swift\n\nanswer **bold**\n")
    packed = zipfile.ZipFile(io.BytesIO((await download(me, "/chats/export?format=markdown")).content))
    assert len(packed.namelist()) == 2
    assert packed.namelist()[0] == "A B plan.md"
    assert packed.read("A B plan.md").decode() == text.text
    assert (await download(team.owner, f"/chats/{chat}/export")).status_code == 404


async def test_chatgpt_comes_in_once_and_stays_text(team: Team) -> None:
    file = json.dumps([conversation(), {"mapping": {}, "title": "none"}]).encode()
    answer = await take_in(team.member, file)
    assert answer.json() == {"imported": 1, "there": 0, "skipped": [{"title": "none", "reason": "empty"}]}
    assert (await take_in(team.member, file)).json()["there"] == 1
    assert await titles(team.member, "?q=script%20alert") == ["Trip plan"]
    [row] = (await team.member.call("GET", "/chats")).json["items"]
    assert row["updated_at"] == "2023-11-14T22:28:20.250Z"
    assert await charges(team.member, row["id"]) == [None] * 6


async def test_hostile_files_are_refused_or_harmless(team: Team) -> None:
    assert (await take_in(team.member, b"{}")).status_code == 400
    large = await take_in(team.member, b" " * (MOST_BYTES + 1))
    assert large.status_code == 413
    assert MOST_BYTES > UPLOAD_LIMIT
    at = "2026-01-01T00:00:00Z"
    answer = {
        "state": "running",
        "charge": "999999.999999999",
        "error": {"code": "x\x00", "message": "y"},
        "model": "m\x00",
    }
    chat = {
        "id": "../../etc", "title": "<img src=x onerror=alert(1)>\x00", "created_at": at, "updated_at": at, "folder": "f",
        "messages": [
            {"id": "1", "parent": None, "role": "user", "content": "\x00", "created_at": at},
            {"id": "2", "parent": "1", "role": "assistant", "content": "", "created_at": at, "answer": answer,
             "attachments": [{"id": "upl_1", "name": "\x00", "kind": "x", "media_type": "x", "size": -1}]},
        ],
    }  # fmt: skip
    folders = [{"id": "f", "name": "x\x00" * 200, "system_prompt": "\x00"}]
    file = json.dumps({"format": "omna-chats", "version": 1, "folders": folders, "chats": [chat] * 3}).encode()
    taken = await take_in(team.member, file)
    assert taken.json() == {"imported": 3, "there": 0, "skipped": []}, taken.text
    [row, *_] = (await team.member.call("GET", "/chats")).json["items"]
    [read] = (await download(team.member, f"/chats/{row['id']}/export")).json()["chats"]
    assert (row["running"], read["messages"][1]["answer"]["state"]) == (False, "cut")
    assert len((await team.member.call("GET", "/chat/folders")).json) == 1


async def test_files_are_bounded_in_time(team: Team) -> None:
    answers = [
        (await take_in(team.member, b'{"format":"omna-chats","version":1,"chats":[]}')).status_code for _ in range(31)
    ]
    assert answers == [200] * 30 + [429]


TEXTS = st.text(st.characters(exclude_categories=["Cs"], exclude_characters="\x00"), max_size=40)
ANSWERS = st.fixed_dictionaries(
    {
        "state": st.sampled_from(["complete", "stopped", "ended", "failed", "cut", "refused"]),
        "continues": st.booleans(),
        "model": st.none() | st.just("swift"),
        "reasoning": TEXTS,
        "charge": st.none() | st.integers(0, 10**15 - 1),
        "prompt_tokens": st.none() | st.integers(0, 10**6),
        "error": st.none() | st.just({"code": "c", "message": "m"}),
    }
)
#: For each message: which of those before is its parent, its text, and what it is when it is an answer.
TREES = st.lists(st.tuples(st.integers(0, 10**6), TEXTS, st.none() | ANSWERS), min_size=1, max_size=12)


async def test_any_tree_comes_back_equal(team: Team) -> None:
    loop = asyncio.get_running_loop()

    @settings(max_examples=12, deadline=None, phases=[Phase.generate], suppress_health_check=list(HealthCheck))
    @given(trees=st.lists(TREES, min_size=1, max_size=3))
    def round_trip(trees: list[Any]) -> None:
        asyncio.run_coroutine_threadsafe(once(team, trees), loop).result()

    await asyncio.to_thread(round_trip)


async def once(team: Team, trees: list[Any]) -> None:
    me = team.member
    await delete_for_good(me)
    for tree in trees:
        chat = await put_chat(me, names.tidied(tree[0][1]))
        ids = []
        for place, text, answer in tree:
            parent = ids[place % len(ids)] if ids and place % (len(ids) + 1) else None
            ids.append(new_id())
            facts = answer or {"continues": False, "reasoning": "", "state": None}
            await team.query(
                "INSERT INTO chat_messages (workspace_id, chat_id, message_id, parent_id, role, content, state, continues,"
                " model_id, reasoning, charge, prompt_tokens, error, finished_at)"
                " VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9, $10, $11, $12, $13, CASE WHEN $7::text IS NOT NULL THEN now() END)",
                team.workspace_id, raw(chat), ids[-1], parent, "user" if answer is None else "assistant", text,
                facts["state"], facts["continues"], facts.get("model"), facts["reasoning"], facts.get("charge"),
                facts.get("prompt_tokens"), facts.get("error"),
            )  # fmt: skip
        await team.query("UPDATE chats SET head_id = $2 WHERE chat_id = $1", raw(chat), ids[-1])
    before = (await download(me, "/chats/export")).content
    await delete_for_good(me)
    async with transaction(team.pool) as connection:
        # Many files an hour are refused; this is a test of what is in them.
        taken = await arriving.take(connection, reading.read(before).chats, {}, by=me.member(Role.MEMBER))
    assert taken.imported == len(trees)
    assert (await download(me, "/chats/export")).content == before


async def delete_for_good(browser: Browser) -> None:
    await browser.call("POST", "/chats/deletion", {"typed": history.ALL})
    await browser.team.query("UPDATE chats SET deleted_at = now() - interval '1 hour' WHERE deleted_at IS NOT NULL")
    async with transaction(browser.team.pool) as connection:
        while await history.purge(connection):
            pass
