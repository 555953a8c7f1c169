"""The tree of a chat: branches, other answers, continuations, forks; what changes it; who may see it."""

import json
from typing import Any

import pytest

from omna.chat.conversations import service
from omna.chat.runs.prompt import GO_ON
from omna.ids import new_id, show
from tests.harness.talk import Talk, msg
from tests.upstream.scenarios import TEXT


def prompts(talk: Talk) -> list[list[tuple[str, Any]]]:
    """Return what providers were sent, as roles and contents."""
    return [[(one["role"], one["content"]) for one in arrival.body["messages"]] for arrival in talk.upstream.journal]


async def test_branches_other_answers_and_the_prompts_they_make(talk: Talk) -> None:
    await talk.model("ok")
    await talk.model("status-500")
    chat = await talk.chat(system_prompt="Be brief.", parameters={"temperature": 0.5, "max_tokens": 50})
    first = await talk.say(chat, "ok", content="One")
    answer = first["answers"][0]["id"]
    await talk.ended(chat, answer)
    body = talk.upstream.journal[0].body
    assert prompts(talk) == [[("system", "Be brief."), ("user", "One")]]
    assert (body["temperature"], body.get("max_tokens") or body.get("max_completion_tokens")) == (0.5, 50)

    ids = [msg(), msg()]
    again = await talk.owner.call(
        "POST", f"/chats/{chat}/messages/{first['message']['id']}/answers", {"ids": ids, "models": ["ok", "status-500"]}
    )
    assert again.status == 202, again.json
    repeated = await talk.owner.call(
        "POST", f"/chats/{chat}/messages/{first['message']['id']}/answers", {"ids": ids, "models": ["ok", "status-500"]}
    )
    assert [one["id"] for one in repeated.json["answers"]] == ids
    for one in ids:
        await talk.ended(chat, one)
    assert (await talk.read(chat))["head"] == ids[0]

    edited = await talk.say(chat, "ok", content="One, in other words")
    await talk.ended(chat, edited["answers"][0]["id"])
    failed = await talk.say(chat, "ok", content="Two", parent=ids[1])
    await talk.ended(chat, failed["answers"][0]["id"])
    assert prompts(talk)[-1] == [("system", "Be brief."), ("user", "One"), ("user", "Two")]
    kept = await talk.read(chat)
    assert len(kept["messages"]) == 8
    assert {one["parent"] for one in kept["messages"] if one["id"] in (answer, *ids)} == {first["message"]["id"]}
    assert kept["title"] == "One"
    await talk.books_are_right()


async def test_an_answer_goes_on_where_it_was_stopped(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    await talk.model("ok")
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream", content="Go"))["answers"][0]["id"]
    await talk.writing(chat, answer, 10)
    early = await talk.owner.call("POST", f"/chats/{chat}/messages/{answer}/continue", {"id": msg(), "model": "ok"})
    assert early.code == (409, "conflict")
    follow = {"id": msg(), "parent": answer, "content": "And?", "models": ["ok"]}
    assert (await talk.owner.call("POST", f"/chats/{chat}/messages", follow)).code == (409, "conflict")
    await talk.stop(chat, answer)
    half = (await talk.ended(chat, answer))["content"]
    body = {"id": msg(), "model": "ok"}
    made = (await talk.owner.call("POST", f"/chats/{chat}/messages/{answer}/continue", body)).json["answers"][0]
    assert (made["id"], made["parent"], made["answer"]["continues"]) == (body["id"], answer, True)
    await talk.ended(chat, made["id"])
    assert prompts(talk)[-1] == [("user", "Go"), ("assistant", half), ("user", GO_ON)]
    await talk.ended(chat, (await talk.say(chat, "ok", content="And?", parent=made["id"]))["answers"][0]["id"])
    assert prompts(talk)[-1] == [("user", "Go"), ("assistant", half + TEXT), ("user", "And?")]
    await talk.books_are_right()


async def test_a_fork_and_an_edit_cost_nothing(talk: Talk, monkeypatch: pytest.MonkeyPatch) -> None:
    await talk.model("ok")
    chat = await talk.chat(model="ok", system_prompt="Be brief.")
    sent = await talk.say(chat, "ok")
    answer = sent["answers"][0]["id"]
    paid = (await talk.ended(chat, answer))["answer"]["charge"]
    await talk.ended(chat, (await talk.say(chat, "ok", parent=answer, content="Later"))["answers"][0]["id"])
    edited = await talk.owner.call("PATCH", f"/chats/{chat}/messages/{answer}", {"content": "  Better.\n"})
    assert (edited.json["content"], edited.json["answer"]["charge"]) == ("  Better.\n", paid)
    assert edited.json["edited_at"]
    mine = await talk.owner.call("PATCH", f"/chats/{chat}/messages/{sent['message']['id']}", {"content": "No"})
    assert mine.code == (400, "invalid_value")
    monkeypatch.setattr(service, "MOST_BYTES", 10)
    longer = await talk.owner.call("PATCH", f"/chats/{chat}/messages/{answer}", {"content": "Better, and longer."})
    assert longer.code == (409, "conflict")
    monkeypatch.undo()
    made = (await talk.owner.call("POST", f"/chats/{chat}/fork", {"message": answer})).json
    assert (made["title"], made["charge"], made["tokens"], made["system_prompt"]) == (
        "Hello there",
        "0",
        0,
        "Be brief.",
    )
    copied = (await talk.read(made["id"]))["messages"]
    assert [one["content"] for one in copied] == ["Hello there", "  Better.\n"]
    assert copied[1]["parent"] == copied[0]["id"]
    assert copied[1]["id"] == made["head"] != answer
    assert (copied[1]["answer"]["charge"], copied[1]["answer"]["request"]) == (None, None)
    saved = await talk.say(chat, content="Only kept", parent=None)
    assert (saved["answers"], len(talk.upstream.journal)) == ([], 2)
    assert (await talk.read(chat))["head"] == saved["message"]["id"]


async def test_a_chat_changes_in_what_is_named(talk: Talk) -> None:
    chat = await talk.chat(model="a", parameters={"top_p": 0.1})
    question = (await talk.say(chat, content="Hello there, how are you?"))["message"]["id"]

    async def change(**fields: Any) -> Any:
        answer = await talk.owner.call("PATCH", f"/chats/{chat}", fields)
        assert answer.status == 200, answer.json
        return answer.json

    assert (await change(title="  My   chat "))["title"] == "My chat"
    kept = await change(pinned=True, archived=True, shared=True, model="b")
    assert [kept[name] for name in ("pinned", "archived", "shared", "model", "title")] == [
        True,
        True,
        True,
        "b",
        "My chat",
    ]
    assert (await change(title=None))["title"] == "Hello there, how are you?"
    kept = await change(pinned=False, model=None, parameters=None, system_prompt="x", head=question)
    assert (kept["pinned"], kept["archived"], kept["model"], kept["system_prompt"]) == (False, True, None, "x")
    assert all(value is None for value in kept["parameters"].values())
    for wrong in ({"head": msg()}, {"folder": show("fld", new_id())}):
        assert (await talk.owner.call("PATCH", f"/chats/{chat}", wrong)).code == (404, "not_found")
    folder = (await talk.owner.call("POST", "/chat/folders", {"name": "f", "system_prompt": "Sing."})).json["id"]
    assert (await change(folder=folder))["folder"] == folder
    inside = await talk.owner.call("POST", "/chats", {"folder": folder})
    assert inside.json["system_prompt"] == "Sing."
    stolen = await talk.admin.call("POST", "/chats", {"folder": folder})
    assert stolen.code == (404, "not_found")


async def test_a_chat_is_its_authors_until_it_is_shared(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat()
    sent = await talk.say(chat, "ok")
    question, answer = sent["message"]["id"], sent["answers"][0]["id"]
    await talk.ended(chat, answer)
    folder = (await talk.owner.call("POST", "/chat/folders", {"name": "Mine"})).json["id"]
    attempts = [
        ("PATCH", f"/chats/{chat}", {"title": "Mine"}),
        ("POST", f"/chats/{chat}/fork", {"message": answer}),
        ("POST", f"/chats/{chat}/messages", {"id": msg(), "parent": answer, "content": "Hi", "models": ["ok"]}),
        ("POST", f"/chats/{chat}/messages/{question}/answers", {"ids": [msg()], "models": ["ok"]}),
        ("POST", f"/chats/{chat}/messages/{answer}/continue", {"id": msg()}),
        ("POST", f"/chats/{chat}/messages/{answer}/stop", None),
        ("PATCH", f"/chats/{chat}/messages/{answer}", {"content": "Mine"}),
        ("GET", f"/chats/{chat}/messages/{answer}/stream", None),
        ("POST", "/chat/estimate", {"chat": chat, "models": ["ok"]}),
    ]
    for shared in (False, True):
        filed = {"shared": shared, "pinned": True, "archived": True, "folder": folder}
        assert (await talk.owner.call("PATCH", f"/chats/{chat}", filed)).json["folder"] == folder
        for method, path, body in attempts:
            answered = await talk.member.call(method, path, body)
            assert answered.code == (404, "not_found"), (method, path)
        seen = await talk.admin.call("GET", f"/chats/{chat}")
        assert seen.status == (200 if shared else 404)
        assert (await talk.billing.call("GET", f"/chats/{chat}")).status == 403
        assert (await talk.stranger.call("GET", f"/chats/{chat}")).status == 404
    # How others filed a chat that they share is their own business.
    assert [seen.json[name] for name in ("mine", "pinned", "archived", "folder")] == [False, False, False, None]
    assert len(seen.json["messages"]) == 2
    assert len(talk.upstream.journal) == 1


async def test_texts_of_chats_are_in_no_audit_row_and_no_other_table(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat(system_prompt="marker-7f3a system")
    await talk.ended(chat, (await talk.say(chat, "ok", content="marker-7f3a question"))["answers"][0]["id"])
    rows = await talk.query("SELECT to_jsonb(a)::text AS text FROM audit_log AS a")
    rows += await talk.query("SELECT to_jsonb(r)::text AS text FROM requests AS r")
    assert "marker-7f3a" not in json.dumps([row["text"] for row in rows])
