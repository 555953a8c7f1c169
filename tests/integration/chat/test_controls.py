"""Freezes, stops and limits hold for a chat as for a key: for what is running, and for the next message."""

import time
from typing import Any

import pytest

from omna.db.pool import transaction
from omna.money import parse_credits
from omna.risk import service as risk
from tests.harness.talk import Talk, msg

#: A checkpoint, and a busy machine.
SOON = 5


async def running(talk: Talk) -> tuple[str, str]:
    """Return a chat and an answer in it that has said something and goes on."""
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]
    await talk.writing(chat, answer["id"], 10)
    return chat, answer["id"]


async def refused(talk: Talk, chat: str, by: Any = None) -> tuple[int, Any]:
    """Return status and error of a message that is not admitted, of which nothing may be left."""
    body = {"id": msg(), "parent": None, "content": "Hello", "models": ["ok"]}
    before = await talk.query("SELECT count(*) AS n FROM chat_messages")
    answer = await (by or talk.owner).call("POST", f"/chats/{chat}/messages", body)
    assert await talk.query("SELECT count(*) AS n FROM chat_messages") == before
    return answer.status, answer.json["error"]


@pytest.mark.parametrize("whom", ["person", "workspace"])
async def test_a_freeze_cuts_what_runs_and_refuses_the_next_message(talk: Talk, whom: str) -> None:
    await talk.model("hang-mid-stream")
    await talk.model("ok")
    chat, answer = await running(talk)
    began = time.monotonic()
    async with transaction(talk.pool) as connection:
        if whom == "person":
            await risk.freeze_user(
                connection, talk.owner.user_id, reason="cards", message="We look into it", actor=talk.actor
            )
        else:
            await risk.freeze(
                connection, talk.workspace_id, reason="cards", message="We look into it", actor=talk.actor
            )
    events = await talk.events(chat, answer)
    assert time.monotonic() - began < SOON
    done = events[-1].data["message"]
    assert (done["answer"]["state"], done["answer"]["error"]["code"]) == ("cut", "account_frozen")
    assert "We look into it" in done["answer"]["error"]["message"]
    row = await talk.usage(done)
    assert row["outcome"] == "frozen"
    assert parse_credits(done["answer"]["charge"]) == row["charge"] > 0
    status, error = await refused(talk, chat)
    assert (status, error["code"]) == (403, "account_frozen")
    # What was said can be read, and taken along.
    assert (await talk.read(chat))["messages"][1]["content"] == done["content"] != ""
    async with transaction(talk.pool) as connection:
        if whom == "person":
            await risk.unfreeze_user(connection, talk.owner.user_id, actor=talk.actor)
        else:
            await risk.unfreeze(connection, talk.workspace_id, actor=talk.actor)
    again = (await talk.say(chat, "ok"))["answers"][0]
    assert (await talk.ended(chat, again["id"]))["answer"]["state"] == "complete"
    await talk.books_are_right()


async def test_a_stop_of_the_chat_says_so_and_one_that_cuts_ends_what_runs(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    await talk.model("ok")
    chat, answer = await running(talk)
    async with transaction(talk.pool) as connection:
        await risk.stop(connection, "api", cut_streams=True, reason="drill", message="Keys rest.", actor=talk.actor)
        await risk.stop(connection, "chat", cut_streams=False, reason="drill", message="Back soon.", actor=talk.actor)
    status, error = await refused(talk, chat)
    assert (status, error["code"]) == (503, "emergency_stop")
    assert "Back soon." in error["message"]
    assert (await talk.answers(chat))[answer]["answer"]["state"] == "running"
    began = time.monotonic()
    async with transaction(talk.pool) as connection:
        await risk.stop(connection, "chat", cut_streams=True, reason="drill", message="Back soon.", actor=talk.actor)
    done = await talk.ended(chat, answer)
    assert time.monotonic() - began < SOON
    assert (done["answer"]["state"], done["answer"]["error"]["code"]) == ("cut", "emergency_stop")
    assert parse_credits(done["answer"]["charge"]) == (await talk.usage(done))["charge"] > 0
    async with transaction(talk.pool) as connection:
        for scope in ("chat", "api"):
            await risk.resume(connection, scope, reason="over", actor=talk.actor)
    again = (await talk.say(chat, "ok"))["answers"][0]
    assert (await talk.ended(chat, again["id"]))["answer"]["state"] == "complete"
    await talk.books_are_right()


async def test_who_is_no_member_any_more_is_cut_and_heard_no_more(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat(talk.member)
    body = {"id": msg(), "parent": None, "content": "Hello", "models": ["hang-mid-stream"]}
    sent = await talk.member.call("POST", f"/chats/{chat}/messages", body)
    answer = sent.json["answers"][0]["id"]
    await talk.writing(chat, answer, 10)
    await talk.query(
        "DELETE FROM members WHERE workspace_id = $1 AND user_id = $2", talk.workspace_id, talk.member.user_id
    )
    began = time.monotonic()
    await talk.books_are_right()
    assert time.monotonic() - began < SOON
    rows = await talk.query("SELECT outcome, charge FROM requests")
    assert [(row["outcome"], row["charge"] > 0) for row in rows] == [("frozen", True)]
    assert (await talk.member.call("POST", f"/chats/{chat}/messages", body)).status in (403, 404)
