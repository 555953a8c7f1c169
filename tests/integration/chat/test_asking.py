"""What a message would cost, chats that are not kept, and what one person may have made at a time."""

import asyncio
import json
import time
from base64 import b64encode
from typing import Any

from omna.gateway.free_rate import FreeRate
from omna.money import parse_credits
from tests.harness.files import pdf, png
from tests.harness.installation import until
from tests.harness.talk import Event, Talk, msg
from tests.upstream.scenarios import TEXT

TABLES = ("chats", "chat_messages", "chat_pieces", "chat_attachments")


async def test_an_estimate_holds_nothing_and_says_what_a_send_would(talk: Talk) -> None:
    await talk.model("ok", context_length=1000)
    chat = await talk.chat(system_prompt="Be brief.")
    body = {"chat": chat, "content": "Hello there", "models": ["ok", "nothing"]}
    found = (await talk.owner.call("POST", "/chat/estimate", body)).json["items"]
    assert [one["model"] for one in found] == ["ok", "nothing"]
    first, second = found
    assert (first["refusal"], first["context"], first["dropped"]) == (None, 1000, 0)
    assert parse_credits(first["hold"]) > parse_credits(first["prompt_charge"]) > 0
    # The balance pays for the longest answer there is.
    assert first["answer_tokens_affordable"] is None
    assert (second["refusal"]["code"], second["hold"]) == ("model_not_found", None)
    assert await talk.query("SELECT 1 FROM holds") == []
    long = await talk.owner.call("POST", "/chat/estimate", body | {"content": "word " * 2000})
    assert long.json["items"][0]["refusal"]["code"] == "context_length_exceeded"
    sent = await talk.say(chat, "ok")
    done = await talk.ended(chat, sent["answers"][0]["id"])
    assert abs(done["answer"]["prompt_tokens"] - first["prompt_tokens"]) <= 10
    # The hold was returned by the request itself.
    assert talk.upstream.journal[0].body["model"] == "ok"
    talk.gateway.free_rate = FreeRate(1)
    often = [await talk.owner.call("POST", "/chat/estimate", body) for _ in range(2)]
    assert [one.status for one in often] == [200, 429]


async def test_a_temporary_chat_leaves_no_row_and_is_charged(talk: Talk) -> None:
    await talk.model("ok", input_modalities=("text", "image"))
    picture = f"data:image/png;base64,{b64encode(png()).decode()}"
    said = [
        {"role": "user", "content": "marker-91c2"},
        {"role": "assistant", "content": "yes"},
        {"role": "user", "content": "and?", "images": [picture]},
    ]
    answer = await talk.http.post(
        f"/api/workspaces/{talk.id}/chat/temporary",
        json={"messages": said, "model": "ok", "system_prompt": "Be brief."},
        headers={"sec-fetch-site": "same-origin", "x-omna-request": "1", **talk.owner.cookie},
    )
    events = [Event(block) for block in answer.text.split("\n\n") if block and not block.startswith(":")]
    done = events[-1].data["message"]
    assert (events[-1].name, done["content"], done["answer"]["state"]) == ("done", TEXT, "complete")
    sent = talk.upstream.journal[0].body["messages"]
    assert [one["role"] for one in sent] == ["system", "user", "assistant", "user"]
    assert sent[-1]["content"][0] == {"type": "image_url", "image_url": {"url": picture}}
    row = await talk.usage(done)
    assert parse_credits(done["answer"]["charge"]) == row["charge"] > 0
    for table in (*TABLES, "chat_files", "uploads"):
        assert await talk.query(f"SELECT 1 FROM {table}") == [], table
    await talk.books_are_right()
    wrong = await talk.owner.call("POST", "/chat/temporary", {"messages": said[1:], "model": "ok"})
    assert wrong.code == (400, "invalid_value")
    refused = await talk.owner.call("POST", "/chat/temporary", {"messages": said, "model": "none"})
    assert refused.code == (404, "model_not_found")
    document = f"data:image/png;base64,{b64encode(pdf()).decode()}"
    for url in (
        "https://example.com/a.png",
        "data:text/html;base64,PGI+",
        "data:image/png;base64,%",
        picture[:-8],
        document,
    ):
        body = {"messages": [said[0] | {"images": [url]}], "model": "ok"}
        assert (await talk.owner.call("POST", "/chat/temporary", body)).code == (415, "upload_refused"), url


async def test_an_answer_that_is_not_kept_goes_on(talk: Talk) -> None:
    await talk.model("ok")
    said = [
        {"role": "user", "content": "Count."},
        {"role": "assistant", "content": "one, "},
        {"role": "assistant", "content": "two, "},
    ]
    answer = await talk.http.post(
        f"/api/workspaces/{talk.id}/chat/temporary", json={"messages": said, "model": "ok"},
        headers={"sec-fetch-site": "same-origin", "x-omna-request": "1", **talk.owner.cookie},
    )  # fmt: skip
    assert answer.status_code == 200, answer.text
    assert '"continues":true' in answer.text.rpartition("event: done")[2].replace(" ", "")
    sent = talk.upstream.journal[0].body["messages"]
    assert [(one["role"], one["content"]) for one in sent[:2]] == [("user", "Count."), ("assistant", "one, two, ")]
    assert [one["role"] for one in sent] == ["user", "assistant", "user"]
    await talk.books_are_right()


async def leave_after(talk: Talk, path: str, body: Any, enough: bytes) -> None:
    """Read a stream as a browser does that closes it after some bytes."""
    read, seen = asyncio.Event(), b""
    content = json.dumps(body).encode()
    messages = [{"type": "http.request", "body": content, "more_body": False}]

    async def receive() -> Any:
        if messages:
            return messages.pop()
        await read.wait()
        return {"type": "http.disconnect"}

    async def send(message: Any) -> None:
        nonlocal seen
        seen += message.get("body", b"")
        if enough in seen:
            read.set()

    headers = {
        "host": "localhost:5108", "content-type": "application/json", "content-length": str(len(content)),
        "sec-fetch-site": "same-origin", "x-omna-request": "1", **talk.owner.cookie,
    }  # fmt: skip
    scope = {
        "type": "http", "method": "POST" if body is not None else "GET", "path": path, "raw_path": path.encode(),
        "query_string": b"", "root_path": "", "scheme": "http", "server": ("localhost", 5108),
        "client": ("192.0.2.1", 1), "http_version": "1.1",
        "headers": [(name.encode(), value.encode()) for name, value in headers.items()],
    }  # fmt: skip
    async with asyncio.timeout(10):
        await talk.api(scope, receive, send)


async def test_closing_a_temporary_chat_stops_it(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    body = {"messages": [{"role": "user", "content": "Hi"}], "model": "hang-mid-stream"}
    await leave_after(talk, f"/api/workspaces/{talk.id}/chat/temporary", body, b"fox")
    await talk.upstream.journal[0].was_left(time.monotonic())
    await talk.books_are_right()
    rows = await talk.query("SELECT outcome, charge FROM requests")
    assert [row["outcome"] for row in rows] == ["client_left"]
    assert rows[0]["charge"] > 0


async def test_whoever_looks_on_may_leave_and_the_answer_goes_on(talk: Talk) -> None:
    await talk.model("long-60-30")
    chat = await talk.chat()
    answer = (await talk.say(chat, "long-60-30"))["answers"][0]["id"]
    path = f"/api/workspaces/{talk.id}/chats/{chat}/messages/{answer}/stream"
    await leave_after(talk, path, None, b"tok tok")
    done = await talk.ended(chat, answer)
    assert (done["answer"]["state"], done["content"]) == ("complete", "tok " * 60)
    assert talk.upstream.journal[0].outcome == "complete"


async def test_a_person_has_eight_answers_made_at_a_time(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat()
    sent = [await talk.say(chat, *["hang-mid-stream"] * 4) for _ in range(2)]
    asked = {"id": msg(), "parent": None, "content": "Hi", "models": ["hang-mid-stream"]}
    refused = await talk.owner.call("POST", f"/chats/{chat}/messages", asked)
    assert refused.code == (429, "too_many_attempts")
    for answer in [one for each in sent for one in each["answers"]]:
        await talk.stop(chat, answer["id"])

    async def over() -> bool | None:
        return None if (await talk.read(chat))["running"] else True

    await until(over, "answers do not stop")
    await talk.books_are_right()


async def test_bounds_of_messages_are_said(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat()
    wrong: list[tuple[dict[str, Any], str]] = [
        ({"content": "x" * 400_001}, "content"),
        ({"content": " "}, "content"),
        ({"models": ["ok"] * 5}, "models"),
        ({"attachments": [msg()] * 11}, "attachments"),
        ({"id": "msg_1"}, "id"),
    ]
    for change, field in wrong:
        body = {"id": msg(), "parent": None, "content": "Hi", "models": ["ok"], **change}
        answer = await talk.owner.call("POST", f"/chats/{chat}/messages", body)
        assert answer.code == (400, "invalid_value"), change
        assert answer.json["error"]["field"] == field
    for parent in (msg(),):
        body = {"id": msg(), "parent": parent, "content": "Hi", "models": ["ok"]}
        assert (await talk.owner.call("POST", f"/chats/{chat}/messages", body)).code == (404, "not_found")
    # Every character of it takes three bytes: more than other bodies may have.
    kept = await talk.say(chat, content="字" * 400_000)
    assert len(kept["message"]["content"]) == 400_000
    assert talk.upstream.journal == []
