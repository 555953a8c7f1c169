"""An answer from the question to its end: streamed, kept, charged as its request was."""

import asyncio
import time

from omna.money import parse_credits
from tests.harness.talk import Talk, msg
from tests.upstream.scenarios import TEXT


async def test_an_answer_is_streamed_kept_and_charged_as_its_request(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat(model="ok")
    sent = await talk.say(chat, "ok", content="What does the fox do?\nTell me.")
    question, answer = sent["message"], sent["answers"][0]
    assert (question["role"], answer["parent"], answer["answer"]["state"]) == ("user", question["id"], "running")
    events = await talk.events(chat, answer["id"])
    assert "".join(event.data["text"] for event in events if event.name == "piece") == TEXT
    assert events[-1].name == "done"
    kept = await talk.read(chat)
    done = kept["messages"][1]
    assert done == events[-1].data["message"]
    assert (done["content"], done["answer"]["state"], done["answer"]["finish_reason"]) == (TEXT, "complete", "stop")
    row = await talk.usage(done)
    assert parse_credits(done["answer"]["charge"]) == row["charge"] > 0
    assert (row["source"], row["prompt_tokens"]) == ("chat", done["answer"]["prompt_tokens"])
    assert (kept["title"], kept["head"], kept["running"]) == ("What does the fox do? Tell me.", answer["id"], False)
    assert kept["charge"] == done["answer"]["charge"]
    assert await talk.query("SELECT 1 FROM chat_pieces") == []
    await talk.books_are_right()


async def test_a_message_that_is_sent_again_is_the_same(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat()
    one = msg()
    first, second = await asyncio.gather(talk.say(chat, "ok", id=one), talk.say(chat, "ok", id=one))
    assert first["message"] == second["message"]
    assert [answer["id"] for answer in first["answers"]] == [answer["id"] for answer in second["answers"]]
    await talk.ended(chat, first["answers"][0]["id"])
    third = await talk.say(chat, "ok", id=one)
    assert third["answers"][0]["content"] == TEXT
    assert len((await talk.read(chat))["messages"]) == 2
    assert len(talk.upstream.journal) == 1
    await talk.books_are_right()


async def test_a_stop_lets_the_provider_go_and_charges_what_was_delivered(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]
    await talk.writing(chat, answer["id"], 10)
    arrival, at = talk.upstream.journal[0], time.monotonic()
    assert await talk.stop(chat, answer["id"]) == 204
    await arrival.was_left(at)
    done = await talk.ended(chat, answer["id"])
    assert (done["answer"]["state"], done["answer"]["error"]) == ("stopped", None)
    assert TEXT.startswith(done["content"])
    assert done["content"]
    row = await talk.usage(done)
    assert parse_credits(done["answer"]["charge"]) == row["charge"] > 0
    assert row["outcome"] == "client_left"
    assert await talk.stop(chat, answer["id"]) == 204
    await talk.books_are_right()
