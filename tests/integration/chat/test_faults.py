"""Runs when something breaks between two steps: no Credits stay held, and nothing that was said is lost or twice."""

import asyncio
from collections.abc import Sequence
from typing import Any

import pytest

from omna.chat.runs import sending, store
from omna.chat.runs.stopping import ask_stop
from omna.chat.shelf import going_store
from omna.db.pool import Connection, transaction
from omna.errors import ServiceUnavailable
from omna.ids import ChatId, MessageId, parse
from tests.harness.installation import until
from tests.harness.talk import Talk, msg
from tests.upstream.scenarios import TEXT


async def test_a_fault_of_one_admission_gives_back_what_the_others_hold(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    for name in ("ok", "quick"):
        await talk.model(name)
    chat = await talk.chat()
    admit, held = sending.admit, asyncio.Event()

    async def failing(gateway: Any, call: Any, caller: Any) -> Any:
        if call.model_id == "quick":
            await held.wait()
            raise RuntimeError("nobody thought of this")
        ticket = await admit(gateway, call, caller)
        held.set()
        return ticket

    monkeypatch.setattr(sending, "admit", failing)
    body = {"id": msg(), "content": "Hi", "models": ["ok", "quick"]}
    with pytest.raises(RuntimeError):
        await talk.owner.call("POST", f"/chats/{chat}/messages", body)
    assert (await talk.read(chat))["messages"] == []
    await talk.books_are_right()


async def test_a_message_whose_credits_are_held_while_all_ends_gives_them_back(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat()
    keep, kept = sending._keep, asyncio.Event()

    async def slowly(*values: Any) -> Any:
        kept.set()
        await asyncio.sleep(0.3)
        return await keep(*values)

    sending._keep = slowly
    try:
        sent = asyncio.create_task(talk.say(chat, "ok"))
        await kept.wait()
        await talk.runs.close()
    finally:
        sending._keep = keep
    assert talk.runs._runs == {}
    answer = (await sent)["answers"][0]["id"]
    assert (await talk.answers(chat))[answer]["answer"]["state"] == "cut"
    assert talk.upstream.journal == []
    await talk.books_are_right()


async def test_pieces_of_which_nobody_knows_whether_they_are_written_are_whole_and_once(
    talk: Talk, monkeypatch: pytest.MonkeyPatch
) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat()
    flush, lost = store.flush, 0

    async def answer_lost(connection: Connection, runs: Any, pieces: Sequence[store.Piece]) -> Any:
        nonlocal lost
        found = await flush(connection, runs, pieces)
        if pieces and not lost:
            lost += 1
            pieces[0].run.text.add(" and more")
            raise ServiceUnavailable
        return found

    monkeypatch.setattr(store, "flush", answer_lost)
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]["id"]
    await talk.writing(chat, answer, len(TEXT))

    async def written() -> str | None:
        async with talk.pool.acquire() as connection:
            said = await store.said_so_far(connection, talk.workspace_id, parse(chat, "chat"))  # type: ignore[arg-type]
        text = next(iter(said.values()), ("", ""))[0]
        return text if text.endswith(" and more") else None

    assert await until(written, "the pieces are not written") == f"{TEXT} and more"
    assert lost == 1
    await talk.stop(chat, answer)
    await talk.ended(chat, answer)


async def test_an_answer_that_ends_while_its_chat_is_deleted_locks_nobody_out(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]["id"]
    await talk.writing(chat, answer)
    chat_id = ChatId(parse(chat, "chat"))
    run = talk.runs.find(talk.workspace_id, chat_id, MessageId(parse(answer, "msg")))
    assert run is not None
    async with transaction(talk.pool) as connection:
        assert await going_store.delete(connection, talk.workspace_id, run.user_id, [chat_id]) == [chat_id]
        run.stop()
        await asyncio.sleep(0.3)
        assert not run.lost
        await ask_stop(connection, talk.workspace_id, [chat_id])
    assert run.task is not None
    await asyncio.wait([run.task])
    assert run.ended is not None
    await talk.books_are_right()
