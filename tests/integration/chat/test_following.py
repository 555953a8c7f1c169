"""Looking on: from any offset, from another process, with nothing lost and nothing twice; and when its process is gone."""

import asyncio
import time

from omna.chat.runs import resolving, stopping
from omna.chat.runs.runs import Runs
from omna.db.pool import borrow, transaction
from omna.ids import parse
from omna.money import parse_credits
from tests.harness.installation import until
from tests.harness.talk import Event, Talk
from tests.upstream.scenarios import ODD_TEXT, TEXT


def text_of(events: list[Event], kind: str = "text") -> str:
    return "".join(event.data["text"] for event in events if event.name == "piece" and event.data["kind"] == kind)


async def test_a_page_comes_back_with_its_offset_and_has_the_whole_text(talk: Talk) -> None:
    await talk.model("unicode-separators")
    chat = await talk.chat()
    answer = (await talk.say(chat, "unicode-separators"))["answers"][0]
    whole = text_of(await talk.events(chat, answer["id"]))
    assert whole == ODD_TEXT
    length = len(whole.encode("utf-16-le")) // 2
    # As JavaScript counts: the last character is two.
    for offset, rest in ((0, whole), (5, whole[5:]), (length - 2, "😀"), (length, ""), (length + 50, "")):
        events = await talk.events(chat, answer["id"], f"?text={offset}")
        assert text_of(events) == rest
        assert events[-1].name == "done"


async def test_what_a_model_thinks_has_offsets_of_its_own(talk: Talk) -> None:
    await talk.model("reasoning-thinking")
    chat = await talk.chat()
    answer = (await talk.say(chat, "reasoning-thinking"))["answers"][0]
    events = await talk.events(chat, answer["id"], "?reasoning=4")
    assert text_of(events, "reasoning") == "me think"
    done = events[-1].data["message"]
    assert text_of(events) == done["content"] != ""
    assert (done["answer"]["reasoning"], done["answer"]["reasoning_ms"] >= 0) == ("let me think", True)
    # It is no part of what the next question is asked with.
    await talk.ended(chat, (await talk.say(chat, "reasoning-thinking", parent=answer["id"]))["answers"][0]["id"])
    assert "let me think" not in str(talk.upstream.journal[-1].body)


async def test_another_process_sees_the_same_text_and_can_stop_it(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    other = Runs(talk.gateway, talk.pool)
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]

    async def written() -> bool | None:
        rows = await talk.query("SELECT string_agg(text, '' ORDER BY number) AS text FROM chat_pieces")
        return rows[0]["text"] == TEXT or None

    await until(written, "the pieces are not written")
    own = talk.api.state.runs
    talk.api.state.runs = other
    running = (await talk.read(chat))["messages"][1]
    assert (running["content"], running["answer"]["state"]) == (TEXT, "running")
    assert running["answer"]["model"] == "hang-mid-stream"
    following = asyncio.create_task(talk.events(chat, answer["id"], "?text=3"))
    await asyncio.sleep(0.1)
    arrival, at = talk.upstream.journal[0], time.monotonic()
    assert await talk.stop(chat, answer["id"]) == 204
    await arrival.was_left(at)
    events = await following
    talk.api.state.runs = own
    assert text_of(events) == TEXT[3:]
    assert [event.name for event in events if event.name == "state"] == ["state"]
    assert events[-1].data["message"]["answer"]["state"] == "stopped"
    assert await talk.query("SELECT 1 FROM chat_pieces") == []


async def test_an_answer_whose_process_is_gone_stands_as_far_as_it_was_written(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]
    await talk.writing(chat, answer["id"], 10)

    async def written() -> bool | None:
        return bool(await talk.query("SELECT 1 FROM chat_pieces")) or None

    await until(written, "the pieces are not written")
    run = talk.runs.find(talk.workspace_id, parse(chat, "chat"), parse(answer["id"], "msg"))  # type: ignore[arg-type]
    assert run is not None
    assert run.task is not None
    # Nobody asked for this: the task is gone as with its process, and only the gateway settles.
    following = asyncio.create_task(talk.events(chat, answer["id"]))
    await asyncio.sleep(0.05)
    run.task.cancel()
    await asyncio.wait([run.task])
    # Whoever looks on here is not told of an end that nobody knows: they ask again, and hear it then.
    assert [event.name for event in await following][-1] == "piece"
    await talk.gateway.settlements.drained()
    async with transaction(talk.pool) as connection:
        assert await resolving.resolve(connection) == 0  # whoever ran it may still be writing
    resolving.GRACE, grace = resolving.GRACE * 0, resolving.GRACE
    try:
        done = (await talk.read(chat))["messages"][1]
    finally:
        resolving.GRACE = grace
    said = done["answer"]
    assert (said["state"], done["content"], said["error"]["code"]) == ("cut", TEXT, "answer_lost")
    assert parse_credits(said["charge"]) == (await talk.usage(done))["charge"] > 0
    assert await talk.query("SELECT 1 FROM chat_pieces") == []
    assert (await talk.events(chat, answer["id"]))[-1].data["message"] == done
    await talk.books_are_right()


async def test_a_deleted_chat_is_answered_no_further(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    asked, gone = await talk.chat(), await talk.chat()
    answers = {chat: (await talk.say(chat, "hang-mid-stream"))["answers"][0] for chat in (asked, gone)}
    for chat, answer in answers.items():
        await talk.writing(chat, answer["id"])
    async with transaction(talk.pool) as connection:
        await stopping.ask_stop(connection, talk.workspace_id, [parse(asked, "chat")])  # type: ignore[list-item]
    async with borrow(talk.pool) as connection:
        await connection.execute("DELETE FROM chats WHERE chat_id = $1", parse(gone, "chat"))
    await talk.books_are_right()
    assert (await talk.answers(asked))[answers[asked]["id"]]["answer"]["state"] == "stopped"
    assert await talk.query("SELECT 1 FROM chat_pieces") == []
    assert (await talk.owner.call("GET", f"/chats/{gone}")).status == 404
