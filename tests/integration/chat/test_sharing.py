"""Links to copies of chats, through /api: what is copied, whose they are, how they end."""

from typing import Any

from omna.chat.sharing import links, service
from omna.db.pool import borrow, transaction
from omna.vault.keyring import Keyring
from tests.harness.team import Team
from tests.integration.chat.shelf import put_chat


async def test_copy_is_of_then_and_without_what_is_private(team: Team) -> None:
    me = team.member
    chat = await put_chat(me, "Plan", "question", "answer", system_prompt="secret prompt")
    made = (await me.call("POST", f"/chats/{chat}/shares", {"audience": "signed_in"})).json
    assert (made["chat"], made["title"], made["audience"], made["messages"]) == (chat, "Plan", "signed_in", 2)
    assert (await me.call("GET", "/chat/shares")).json == [made]
    await team.query("UPDATE chat_messages SET content = 'changed'")
    copy = await opened(team, made["url"])
    assert [(said.role, said.content, said.model) for said in copy.messages] == [
        ("user", "question", None), ("assistant", "answer", "swift"),
    ]  # fmt: skip
    stored = str([tuple(row.values()) for row in await team.query("SELECT * FROM chat_shares")])
    assert "secret prompt" not in stored
    assert made["url"].rpartition("/")[2] not in stored
    [row] = await team.query("SELECT subject, after::text FROM audit_log WHERE action = 'chat.share'")
    assert row["subject"] == made["id"]
    assert "Plan" not in row["after"]


async def test_link_is_its_makers_and_ends_for_good(team: Team) -> None:
    chat = await put_chat(team.member, "Plan", "question", shared_at=None)
    made = (await team.member.call("POST", f"/chats/{chat}/shares", {})).json
    assert made["audience"] == "anyone"
    await team.query("UPDATE chats SET shared_at = now()")
    for other in (team.owner, team.admin):
        assert (await other.call("GET", "/chat/shares")).json == []
        assert (await other.call("DELETE", f"/chat/shares/{made['id']}")).code == (404, "not_found")
        # Who may read along may not give it away.
        assert (await other.call("POST", f"/chats/{chat}/shares", {})).code == (404, "not_found")
    assert (await team.member.call("DELETE", f"/chat/shares/{made['id']}")).status == 204
    assert await opened(team, made["url"]) is None
    assert await team.query("SELECT 1 FROM chat_shares") == []
    assert (await team.member.call("DELETE", f"/chat/shares/{made['id']}")).code == (404, "not_found")


async def test_links_end_with_their_chat_and_come_back_with_it(team: Team) -> None:
    chat = await put_chat(team.member, "Plan", "question")
    made = (await team.member.call("POST", f"/chats/{chat}/shares", {})).json
    await team.member.call("DELETE", f"/chats/{chat}")
    assert await opened(team, made["url"]) is None
    assert (await team.member.call("GET", "/chat/shares")).json == []
    await team.member.call("POST", f"/chats/{chat}/restore")
    assert (await opened(team, made["url"])).title == "Plan"


async def test_nothing_said_is_nothing_shared(team: Team) -> None:
    empty = await put_chat(team.member, "Empty")
    assert (await team.member.call("POST", f"/chats/{empty}/shares", {})).code == (409, "conflict")
    long = await put_chat(team.member, "Long", *["x" * 400_000] * 3)
    assert (await team.member.call("POST", f"/chats/{long}/shares", {})).code == (400, "invalid_value")
    # An answer that still runs, or one without words, is left out.
    half = await put_chat(team.member, "Half", "question", "so far", state="running")
    assert (await team.member.call("POST", f"/chats/{half}/shares", {})).json["messages"] == 1


async def test_frozen_workspace_publishes_nothing_and_takes_back(team: Team) -> None:
    chat = await put_chat(team.member, "Plan", "question")
    made = (await team.member.call("POST", f"/chats/{chat}/shares", {})).json
    whose = "WHERE user_id = (SELECT user_id FROM chat_shares)"
    for change, opens in (
        (f"UPDATE users SET frozen_at = now(), frozen_reason = 'test' {whose}", False),
        (f"UPDATE users SET frozen_at = NULL, frozen_reason = NULL, disabled_at = now() {whose}", False),
        (f"UPDATE users SET disabled_at = NULL {whose}", True),
    ):
        await team.query(change)
        assert (await opened(team, made["url"]) is not None) is opens
    await team.query(
        "UPDATE workspaces SET frozen_at = now(), frozen_reason = 'test' WHERE workspace_id = $1", team.workspace_id
    )
    assert (await team.member.call("POST", f"/chats/{chat}/shares", {})).code == (403, "account_frozen")
    assert await opened(team, made["url"]) is None
    assert (await team.member.call("DELETE", f"/chat/shares/{made['id']}")).status == 204


async def test_new_master_key_leaves_links_as_they_are(team: Team) -> None:
    async with transaction(team.pool) as connection:
        before = await links.secret(connection, team.keyring)
        old, new = next(iter(team.keyring._masters.values())), bytes(range(32))
        both = Keyring([new, old])
        await links.reseal(connection, both)
        assert await links.secret(connection, Keyring([new])) == before


async def opened(team: Team, url: str) -> Any:
    async with borrow(team.pool) as connection:
        return await service.find(connection, team.keyring, url.rpartition("/")[2])
