"""The list of chats, what is looked for in it, and how chats go: through /api."""

from urllib.parse import quote

from omna.chat.shelf import history
from omna.db.pool import transaction
from omna.ids import new_id, show
from tests.harness.team import Team
from tests.integration.chat.shelf import moment, put_chat, raw, titles


async def test_list_is_by_the_last_change_and_in_pages(team: Team) -> None:
    for minute in range(5):
        await put_chat(team.member, f"Chat {minute}", "hello", updated_at=moment(minute % 4))
    first = (await team.member.call("GET", "/chats?limit=3")).json
    second = (await team.member.call("GET", f"/chats?limit=3&cursor={first['next_cursor']}")).json
    rows = [*first["items"], *second["items"]]
    assert [row["title"] for row in rows] == ["Chat 3", "Chat 2", "Chat 1", "Chat 0", "Chat 4"]
    assert second["next_cursor"] is None
    assert rows[0] | {"id": "", "created_at": ""} == {
        "id": "", "title": "Chat 3", "model": None, "folder": None, "pinned": False, "archived": False,
        "shared": False, "mine": True, "running": False, "created_at": "", "updated_at": "2026-11-01T10:03:00.000Z",
        "snippet": None, "message": None,
    }  # fmt: skip


async def test_marks_choose_what_is_listed(team: Team) -> None:
    me = team.member
    folder = (await me.call("POST", "/chat/folders", {"name": "Work stuff"})).json["id"]
    await put_chat(me, "plain", "x")
    await put_chat(me, "pinned", "x", pinned_at=moment(1))
    await put_chat(me, "archived", "x", archived_at=moment(1))
    await put_chat(me, "filed", "x", folder_id=raw(folder))
    await put_chat(me, "running", "x", "y", state="running")
    assert set(await titles(me)) == {"plain", "pinned", "filed", "running"}
    assert await titles(me, "?archived=true") == ["archived"]
    assert await titles(me, "?pinned=true") == ["pinned"]
    assert await titles(me, f"?folder={folder}") == ["filed"]
    assert await titles(me, "?q=" + quote('folder:"work STUFF"')) == ["filed"]
    assert await titles(me, "?q=folder:nowhere") == []
    assert await titles(me, "?q=pinned:") == ["pinned"]
    assert await titles(me, "?q=archived:") == ["archived"]
    [row] = [row for row in (await me.call("GET", "/chats")).json["items"] if row["title"] == "running"]
    assert row["running"] is True
    assert (await me.call("GET", f"/chats?folder={show('fld', new_id())}")).code == (404, "not_found")


async def test_search_finds_words_beginnings_and_chinese_and_marks_them(team: Team) -> None:
    me = team.member
    await put_chat(
        me, "Trip", "Where to go?", "Lisbon, of course: <script>alert(1)</script> foo_bar.", updated_at=moment(1)
    )
    await put_chat(me, "部署问题", "我们使用Docker部署服务", "好的。", updated_at=moment(2))
    await put_chat(me, "Old lisbon plan", "nothing", archived_at=moment(1), updated_at=moment(0))
    assert await titles(me, "?q=lisb") == ["Trip", "Old lisbon plan"]
    assert await titles(me, "?q=COURSE%20lisbon") == ["Trip"]
    assert await titles(me, "?q=bar") == ["Trip"]
    # A word of one or two letters is meant as it is.
    assert await titles(me, "?q=wh") == []
    assert await titles(me, "?q=docker") == ["部署问题"]
    for words in ("部署", "使用 服务", "docker 部署", "问题"):
        assert await titles(me, f"?q={quote(words)}") == ["部署问题"], words
    assert await titles(me, f"?q={quote('docker 部署 lisbon')}") == []
    [row] = (await me.call("GET", "/chats?q=script")).json["items"]
    assert {"text": "script", "marked": True} in row["snippet"]
    assert "".join(run["text"] for run in row["snippet"]) == "Lisbon, of course: <script>alert(1)</script> foo_bar."
    assert row["message"].startswith("msg_")
    [first, _] = (await me.call("GET", "/chats?q=lisbon&limit=200")).json["items"]
    page = (await me.call("GET", "/chats?q=lisbon&limit=1")).json
    assert page["items"] == [first]
    rest = (await me.call("GET", f"/chats?q=lisbon&limit=1&cursor={page['next_cursor']}")).json
    assert [row["title"] for row in rest["items"]] == ["Old lisbon plan"]
    for odd in ("'", "%", "\\", "((", "a" * 300, ":*", "🦊", "！", "_"):
        assert (await me.call("GET", "/chats", params={"q": odd})).status == 200, odd


async def test_texts_of_any_length_and_letters_are_kept_and_looked_through(team: Team) -> None:
    everything = " ".join(chr(n) for n in range(0x100, 0xD000))
    await put_chat(team.member, "odd", everything, "x" * 400_000, "word " + "y" * 3000, "deep " * 100_000)
    assert await titles(team.member, "?q=deep%20de") == []
    assert await titles(team.member, "?q=deep") == ["odd"]


async def test_chats_are_their_authors_until_they_are_shared(team: Team) -> None:
    await put_chat(team.member, "mine", "secret needle")
    await put_chat(team.member, "for all", "public needle", shared_at=moment(1), pinned_at=moment(1))
    for other in (team.owner, team.admin):
        assert await titles(other) == []
        assert await titles(other, "?q=secret") == []
        assert await titles(other, "?q=needle") == ["for all"]
        [row] = (await other.call("GET", "/chats?shared=true")).json["items"]
        assert (row["title"], row["mine"], row["pinned"], row["shared"]) == ("for all", False, False, True)
        body = {"chats": [row["id"]], "act": "delete"}
        assert (await other.call("POST", "/chats/bulk", body)).json == {"changed": 0}
        assert (await other.call("DELETE", f"/chats/{row['id']}")).code == (404, "not_found")
    assert set(await titles(team.member, "?q=needle")) == {"mine", "for all"}
    assert await titles(team.member, "?q=needle&shared=true") == ["for all"]
    assert (await team.stranger.call("GET", "/chats")).code == (404, "not_found")
    # The words of one workspace are looked for in it alone.
    elsewhere = f"/api/workspaces/ws_{team.member.personal.hex}/chats?q=needle"
    assert (await team.member.call("GET", elsewhere)).json["items"] == []


async def test_deleted_chat_is_nowhere_and_comes_back_for_a_minute(team: Team) -> None:
    me = team.member
    chat = await put_chat(me, "gone", "a needle", "so", "far", "it", state="running")
    assert (await me.call("DELETE", f"/chats/{chat}")).status == 204
    assert (await me.call("DELETE", f"/chats/{chat}")).code == (404, "not_found")
    assert await titles(me) == []
    assert await titles(me, "?q=needle") == []
    [row] = await team.query("SELECT count(*) AS n FROM chat_messages WHERE stop_asked_at IS NOT NULL")
    assert row["n"] == 1
    assert (await team.owner.call("POST", f"/chats/{chat}/restore")).code == (404, "not_found")
    assert (await me.call("POST", f"/chats/{chat}/restore")).status == 204
    assert await titles(me, "?q=needle") == ["gone"]
    assert await purge(team) == 0
    await me.call("DELETE", f"/chats/{chat}")
    assert await purge(team) == 0
    await team.query("UPDATE chats SET deleted_at = deleted_at - interval '61 seconds'")
    # An answer that has not ended yet is waited for.
    assert await purge(team) == 0
    await team.query("UPDATE chat_messages SET state = 'stopped', finished_at = now() WHERE state = 'running'")
    assert await purge(team) == 1
    assert (await me.call("POST", f"/chats/{chat}/restore")).code == (404, "not_found")
    assert await team.query("SELECT 1 FROM chat_messages") == []


async def test_purge_takes_the_files_that_stand_nowhere_else(team: Team) -> None:
    me = team.member
    first, second = await put_chat(me, "one", "x"), await put_chat(me, "two", "x")
    own, both = await put_file(team, first), await put_file(team, first)
    await attach(team, second, both)
    await me.call("DELETE", f"/chats/{first}")
    await team.query("UPDATE chats SET deleted_at = deleted_at - interval '1 hour' WHERE deleted_at IS NOT NULL")
    assert await purge(team) == 1
    for table in ("chat_files", "uploads"):
        assert [row["upload_id"] for row in await team.query(f"SELECT upload_id FROM {table}")] == [both], own


async def test_many_chats_are_changed_at_once(team: Team) -> None:
    me = team.member
    chats = [await put_chat(me, f"c{n}", "x") for n in range(3)]
    other = await put_chat(team.owner, "theirs", "x")
    folder = (await me.call("POST", "/chat/folders", {"name": "F"})).json["id"]

    async def act(what: str, **more: str) -> int:
        answer = await me.call("POST", "/chats/bulk", {"chats": [*chats, other], "act": what, **more})
        assert answer.status == 200, answer.json
        changed: int = answer.json["changed"]
        return changed

    assert await act("archive") == 3
    assert await titles(me) == []
    assert await act("unarchive") == 3
    assert await act("pin") == 3
    assert len(await titles(me, "?pinned=true")) == 3
    assert await act("unpin") == 3
    assert await act("move", folder=folder) == 3
    assert (await me.call("GET", "/chat/folders")).json[0]["chats"] == 3
    assert (await me.call("DELETE", f"/chat/folders/{folder}")).status == 204
    assert len(await titles(me)) == 3
    assert await act("delete") == 3
    assert await act("delete") == 0
    assert await act("restore") == 3
    theirs = (await team.owner.call("POST", "/chat/folders", {"name": "F"})).json["id"]
    refused = await me.call("POST", "/chats/bulk", {"chats": chats, "act": "move", "folder": theirs})
    assert refused.code == (404, "not_found")
    many = {"chats": [show("chat", new_id()) for _ in range(201)], "act": "pin"}
    assert (await me.call("POST", "/chats/bulk", many)).code == (400, "invalid_value")


async def test_deleting_all_is_typed_and_leaves_others_alone(team: Team) -> None:
    for n in range(3):
        await put_chat(team.member, f"c{n}", "x")
    await put_chat(team.owner, "theirs", "x")
    await put_chat(team.member, "elsewhere", "x", workspace=team.member.personal)
    refused = await team.member.call("POST", "/chats/deletion", {"typed": "delete"})
    assert refused.code == (400, "invalid_value")
    assert (await team.member.call("POST", "/chats/deletion", {"typed": " Delete All "})).json == {"deleted": 3}
    assert await titles(team.member) == []
    assert await titles(team.owner) == ["theirs"]
    assert (
        len((await team.member.call("GET", f"/api/workspaces/ws_{team.member.personal.hex}/chats")).json["items"]) == 1
    )


async def purge(team: Team) -> int:
    async with transaction(team.pool) as connection:
        return await history.purge(connection)


async def put_file(team: Team, chat: str) -> object:
    upload = new_id()
    await team.query(
        "INSERT INTO uploads (workspace_id, upload_id, uploaded_by, name, media_type, size, sha256, content, used_at)"
        " VALUES ($1, $2, $3, 'a.txt', 'text/plain', 1, sha256('x'), 'x', now())",
        team.workspace_id, upload, team.member.user_id,
    )  # fmt: skip
    await team.query(
        "INSERT INTO chat_files (workspace_id, upload_id, user_id, kind, text, tokens) VALUES ($1, $2, $3, 'text', 'x', 1)",
        team.workspace_id, upload, team.member.user_id,
    )  # fmt: skip
    await attach(team, chat, upload)
    return upload


async def attach(team: Team, chat: str, upload: object) -> None:
    await team.query(
        "INSERT INTO chat_attachments (workspace_id, chat_id, message_id, position, upload_id)"
        " SELECT workspace_id, chat_id, message_id, (SELECT count(*) FROM chat_attachments), $2 FROM chat_messages"
        " WHERE chat_id = $1",
        raw(chat), upload,
    )  # fmt: skip
