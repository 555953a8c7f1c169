"""Files of a message reach the model before its text, stay with the message, and count in its price and context."""

from typing import Any

from omna.ids import new_id, show
from tests.harness.files import png
from tests.harness.talk import Talk, msg
from tests.harness.team import Browser

FORM = {"sec-fetch-site": "same-origin", "x-omna-request": "1"}


async def hand_in(talk: Talk, data: bytes, name: str, by: Browser | None = None) -> str:
    answer = await talk.http.post(
        f"/api/workspaces/{talk.id}/chat/files", files={"file": (name, data)}, headers=FORM | (by or talk.owner).cookie
    )
    assert answer.status_code == 201, answer.text
    made: str = answer.json()["id"]
    return made


async def test_files_of_a_branch_are_said_before_their_texts(talk: Talk) -> None:
    await talk.model("ok", input_modalities=("text", "image"))
    chat = await talk.chat()
    note, picture = await hand_in(talk, b"the marker is 42", "notes.txt"), await hand_in(talk, png(), "cat.png")
    sent = await talk.say(chat, "ok", content="What is it?", attachments=[picture, note])
    assert [one["id"] for one in sent["message"]["attachments"]] == [picture, note]
    answer = sent["answers"][0]["id"]
    await talk.ended(chat, answer)
    follow = await talk.say(chat, "ok", content="And now?", parent=answer)
    await talk.ended(chat, follow["answers"][0]["id"])
    for arrival in talk.upstream.journal:
        parts: Any = arrival.body["messages"][0]["content"]
        assert [part["type"] for part in parts] == ["image_url", "text", "text"]
        assert parts[0]["image_url"]["url"].startswith("data:image/png;base64,")
        assert [part["text"] for part in parts[1:]] == ["notes.txt:\nthe marker is 42", "What is it?"]
    assert talk.upstream.journal[1].body["messages"][2]["content"] == "And now?"
    kept = (await talk.read(chat))["messages"][0]
    assert [one["name"] for one in kept["attachments"]] == ["cat.png", "notes.txt"]
    made = (await talk.owner.call("POST", f"/chats/{chat}/fork", {"message": answer})).json
    assert [one["id"] for one in (await talk.read(made["id"]))["messages"][0]["attachments"]] == [picture, note]
    await talk.books_are_right()


async def test_a_file_counts_and_must_be_ones_own(talk: Talk) -> None:
    await talk.model("ok", context_length=4000)
    chat = await talk.chat()
    long = await hand_in(talk, b"word " * 8000, "long.txt")
    theirs = await hand_in(talk, b"theirs", "theirs.txt", talk.member)
    body = {"id": msg(), "parent": None, "content": "Sum up", "models": ["ok"], "attachments": [long]}
    estimated = await talk.owner.call(
        "POST", "/chat/estimate", {"content": "Sum up", "models": ["ok"], "attachments": [long]}
    )
    assert estimated.json["items"][0]["context_used"] > 8000
    assert estimated.json["items"][0]["refusal"]["code"] == "context_length_exceeded"
    refused = await talk.owner.call("POST", f"/chats/{chat}/messages", body)
    assert refused.code == (400, "context_length_exceeded")
    for other in (theirs, show("upl", new_id())):
        refused = await talk.owner.call("POST", f"/chats/{chat}/messages", body | {"attachments": [other]})
        assert refused.code == (404, "not_found")
    picture = await hand_in(talk, png(), "cat.png")
    refused = await talk.owner.call("POST", f"/chats/{chat}/messages", body | {"attachments": [picture]})
    assert refused.code == (400, "invalid_value")
    assert "does not read pictures" in refused.json["error"]["message"]
    assert talk.upstream.journal == []
    assert (await talk.read(chat))["messages"] == []
    await talk.books_are_right()
