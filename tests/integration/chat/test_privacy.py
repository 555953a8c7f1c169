"""What is kept of chats, for whom, and until when: nobody else meets a word, and what goes is gone everywhere (J18)."""

import io
import json
import zipfile

from omna.chat.shelf import history
from omna.db.pool import transaction
from omna.http.principal import Role
from omna.membership import leaving
from omna.membership import team as teams
from tests.harness.team import Team
from tests.integration.chat.shelf import archived, everywhere, put_chat, titles

MARKER = "zyx-marker"


async def test_staff_and_owners_meet_no_word_of_a_chat(team: Team) -> None:
    await put_chat(team.member, f"title {MARKER}", f"question {MARKER}", f"answer {MARKER}")
    staff = await team.hire("owner", "Olga")
    seen = [
        await staff.call("GET", f"/api/console/{path}")
        for path in (
            f"search?q={MARKER}", f"users/{team.member.id}", f"workspaces/{team.id}", "audit", "dashboard", "users", "workspaces",
        )
    ]  # fmt: skip
    assert [answer.status for answer in seen if answer.status not in (200, 404, 405)] == []
    for person in (team.owner, team.admin, team.billing):
        seen += [
            await person.call("GET", path) for path in ("/chats", f"/chats?q={MARKER}", "/chats/export", "/overview")
        ]
    assert MARKER not in json.dumps([answer.json for answer in seen])
    # Neither does a viewing, in which staff see the app as a customer does.
    assert (await staff.call("GET", "/chats")).status == 404


async def test_deleted_chat_is_in_no_table_after_a_minute(team: Team) -> None:
    me = team.member
    chat = await put_chat(me, f"title {MARKER}", f"question {MARKER}", f"answer {MARKER}")
    await me.call("POST", f"/chats/{chat}/shares", {})
    assert await everywhere(team, MARKER) == {"chats", "chat_messages", "chat_shares"}
    await me.call("DELETE", f"/chats/{chat}")
    seen = [await me.call("GET", path) for path in ("/chats", f"/chats?q={MARKER}", "/chats/export", "/chat/shares")]
    seen.append(await me.call("GET", f"/chats/{chat}/export"))
    assert MARKER not in json.dumps([answer.json for answer in seen])
    assert MARKER.encode() not in await archived(team, me.user_id)
    await purge(team)
    assert await everywhere(team, MARKER) == set()


async def test_archive_of_a_person_has_all_they_keep(team: Team) -> None:
    me = team.member
    await put_chat(me, "here", "question", "answer")
    await put_chat(me, "elsewhere", "question", workspace=me.personal)
    await put_chat(team.owner, "theirs", "secret", shared_at=None)
    await me.call("POST", "/chat/prompts", {"name": "Mail", "text": "Write {{x}}"})
    await me.call("PATCH", "/api/account/chat-settings", {"enter_sends": False})
    packed = zipfile.ZipFile(io.BytesIO(await archived(team, me.user_id)))
    chats = {name: json.loads(packed.read(name)) for name in packed.namelist() if name.startswith("chats/")}
    assert sorted(chat["title"] for file in chats.values() for chat in file["chats"]) == ["elsewhere", "here"]
    library = json.loads(packed.read("chat-library.json"))
    assert library["prompts"][0]["text"] == "Write {{x}}"
    assert library["settings"]["enter_sends"] is False
    # It is the format that can be read in again.
    file = chats[f"chats/{team.id}.json"]
    await me.call("POST", "/chats/deletion", {"typed": history.ALL})
    assert (await me.call("POST", "/chats/import", file)).json["imported"] == 1


async def test_who_leaves_may_export_for_a_while_and_then_it_goes(team: Team) -> None:
    me = team.member
    chat = await put_chat(me, f"title {MARKER}", f"question {MARKER}")
    await me.call("POST", "/chat/prompts", {"name": "x", "text": MARKER})
    await me.call("POST", f"/chats/{chat}/shares", {})
    async with transaction(team.pool) as connection:
        await teams.remove(connection, me.user_id, "stop", by=team.owner.member(Role.OWNER), actor=team.actor)
    assert (await me.call("GET", "/chats")).status == 404
    assert await everywhere(team, MARKER) == {"chats", "chat_messages", "chat_prompts"}
    assert MARKER.encode() in await archived(team, me.user_id)
    await purge(team)
    assert await everywhere(team, MARKER) == {"chats", "chat_messages", "chat_prompts"}
    await team.query("UPDATE chat_departures SET left_at = left_at - interval '31 days'")
    await purge(team)
    await purge(team)
    assert await everywhere(team, MARKER) == set()


async def test_who_comes_back_finds_their_chats(team: Team) -> None:
    me = team.member
    await put_chat(me, "mine", "question")
    async with transaction(team.pool) as connection:
        await teams.leave(connection, "stop", by=me.member(Role.MEMBER), actor=team.actor)
    await team.query(
        "INSERT INTO members (workspace_id, user_id, role) VALUES ($1, $2, 'member')", team.workspace_id, me.user_id
    )
    await team.query("UPDATE chat_departures SET left_at = left_at - interval '31 days'")
    await purge(team)
    assert await titles(me) == ["mine"]
    assert await team.query("SELECT 1 FROM chat_departures") == []


async def test_account_takes_its_chats_along(team: Team) -> None:
    me = team.member
    for workspace in (team.workspace_id, me.personal):
        await put_chat(me, f"title {MARKER}", f"question {MARKER}", f"so far {MARKER}", workspace=workspace)
    for kind, body in (
        ("prompts", {"text": MARKER}),
        ("folders", {"system_prompt": MARKER}),
        ("presets", {"system_prompt": MARKER}),
    ):
        await me.call("POST", f"/chat/{kind}", {"name": MARKER, **body})
    await me.call("PATCH", "/api/account/chat-settings", {"system_prompt": MARKER})
    async with transaction(team.pool) as connection:
        await leaving.leave(connection, me.user_id, me.email, forfeit=True, actor=team.actor)
    assert await everywhere(team, MARKER) == {"chats", "chat_messages"}
    await purge(team)
    assert await everywhere(team, MARKER) == set()


async def test_deleted_workspace_takes_everybodys_chats_along(team: Team) -> None:
    await put_chat(team.member, MARKER, MARKER)
    await put_chat(team.owner, MARKER, MARKER)
    await put_chat(team.owner, "stays", "x", workspace=team.owner.personal)
    async with transaction(team.pool) as connection:
        await teams.delete(connection, "Acme", forfeit=True, by=team.owner.member(Role.OWNER), actor=team.actor)
    await purge(team)
    assert await everywhere(team, MARKER) == set()
    assert [row["title"] for row in await team.query("SELECT title FROM chats")] == ["stays"]


async def purge(team: Team) -> None:
    await team.query("UPDATE chats SET deleted_at = deleted_at - interval '2 minutes' WHERE deleted_at IS NOT NULL")
    async with transaction(team.pool) as connection:
        await history.purge(connection)
