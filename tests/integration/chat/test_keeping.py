"""Folders, prompts, presets and settings, through /api: kept as they were given, and nobody else's."""

from typing import Any

from tests.harness.team import Browser, Team

KINDS: dict[str, dict[str, Any]] = {
    "folders": {"name": "Work", "system_prompt": "Be brief."},
    "prompts": {"name": "Mail", "text": "Write to {{ who }} about {{what}} for {{who}}."},
    "presets": {
        "name": "Careful",
        "model": "swift",
        "system_prompt": "Think.",
        "parameters": {"temperature": 0.2, "max_tokens": 300},
    },
}


async def test_what_is_kept_is_there_until_it_is_deleted(team: Team) -> None:
    me = team.member
    for kind, body in KINDS.items():
        answer = await me.call("POST", f"/chat/{kind}", body)
        assert answer.status == 201, answer.json
        made = answer.json
        assert [row["id"] for row in (await me.call("GET", f"/chat/{kind}")).json] == [made["id"]]
        changed = (await me.call("PATCH", f"/chat/{kind}/{made['id']}", {"name": "  Other \n name "})).json
        assert changed == made | {"name": "Other name"}
        assert (await me.call("DELETE", f"/chat/{kind}/{made['id']}")).status == 204
        assert (await me.call("DELETE", f"/chat/{kind}/{made['id']}")).code == (404, "not_found")
        assert (await me.call("GET", f"/chat/{kind}")).json == []


async def test_bodies_say_what_the_client_needs(team: Team) -> None:
    made = {kind: (await team.member.call("POST", f"/chat/{kind}", body)).json for kind, body in KINDS.items()}
    assert made["folders"]["chats"] == 0
    assert made["prompts"]["variables"] == ["who", "what"]
    assert made["presets"]["parameters"] == {
        "temperature": 0.2, "top_p": None, "max_tokens": 300, "reasoning_effort": None,
    }  # fmt: skip
    changed = await team.member.call(
        "PATCH", f"/chat/presets/{made['presets']['id']}", {"model": None, "parameters": {"top_p": 0.5}}
    )
    assert (changed.json["model"], changed.json["parameters"]["temperature"]) == (None, None)


async def test_nobody_else_reads_or_changes_them(team: Team) -> None:
    others = [team.owner, team.admin]
    for kind, body in KINDS.items():
        made = (await team.member.call("POST", f"/chat/{kind}", body)).json
        for other in others:
            assert (await other.call("GET", f"/chat/{kind}")).json == []
            address = f"/chat/{kind}/{made['id']}"
            assert (await other.call("PATCH", address, {"name": "mine"})).code == (404, "not_found")
            assert (await other.call("DELETE", address)).code == (404, "not_found")
        # Nor through another workspace of the person's own.
        elsewhere = f"/api/workspaces/ws_{team.member.personal.hex}/chat/{kind}"
        assert (await team.member.call("GET", elsewhere)).json == []
        assert (await team.member.call("DELETE", f"{elsewhere}/{made['id']}")).code == (404, "not_found")
        assert (await team.member.call("GET", f"/chat/{kind}")).json == [made]


async def test_what_does_not_fit_is_told(team: Team) -> None:
    for kind, body in KINDS.items():
        for name in (" \n", "x" * 81):
            refused = await team.member.call("POST", f"/chat/{kind}", body | {"name": name})
            assert refused.code == (400, "invalid_value")
            assert refused.json["error"]["field"] == "name"
    long = await team.member.call("POST", "/chat/prompts", {"name": "x", "text": "x" * 20_001})
    assert long.json["error"]["field"] == "text"
    hot = await team.member.call("POST", "/chat/presets", {"name": "x", "parameters": {"temperature": 3}})
    assert hot.code == (400, "invalid_value")


async def test_most_that_is_kept_is_bounded(team: Team) -> None:
    await team.query(
        "INSERT INTO chat_folders (workspace_id, folder_id, user_id, name)"
        " SELECT $1, gen_random_uuid(), $2, n::text FROM generate_series(1, 200) AS n",
        team.workspace_id,
        team.member.user_id,
    )
    assert (await team.member.call("POST", "/chat/folders", {"name": "one more"})).code == (409, "conflict")
    assert (await team.admin.call("POST", "/chat/folders", {"name": "mine"})).status == 201


async def test_settings_begin_with_defaults_and_change_one_by_one(team: Team) -> None:
    fresh = (await settings(team.member)).json
    assert fresh == {
        "default_model": None,
        "system_prompt": "",
        "parameters": {"temperature": None, "top_p": None, "max_tokens": None, "reasoning_effort": None},
        "temporary_by_default": False,
        "enter_sends": True,
        "shortcuts": True,
        "background_titles": False,
        "favourites": [],
        "recent": [],
    }
    await change(team.member, {"favourites": ["a", "b", "a"], "default_model": "a"})
    # Another page, which knows nothing of the first.
    changed = (await change(team.member, {"enter_sends": False, "parameters": {"reasoning_effort": "low"}})).json
    assert (changed["favourites"], changed["default_model"], changed["enter_sends"]) == (["a", "b"], "a", False)
    assert changed["parameters"]["reasoning_effort"] == "low"
    assert (await change(team.member, {"default_model": None})).json["default_model"] is None
    recent = (await change(team.member, {"recent": [f"m{n}" for n in range(30)]})).json["recent"]
    assert recent == [f"m{n}" for n in range(10)]
    assert (await settings(team.owner)).json == fresh
    assert (await change(team.member, {"background_titles": True})).code == (400, "invalid_value")


async def settings(browser: Browser) -> Any:
    return await browser.call("GET", "/api/account/chat-settings")


async def change(browser: Browser, body: dict[str, Any]) -> Any:
    return await browser.call("PATCH", "/api/account/chat-settings", body)
