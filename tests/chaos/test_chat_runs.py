"""The chat on two servers: pages move between them, one is killed, one restarts; no text is lost, nothing paid twice."""

import asyncio
import json
import time
from collections.abc import AsyncIterator
from contextlib import suppress
from dataclasses import dataclass
from typing import Any

import httpx2
import pytest

from omna.ids import new_id, show
from omna.money import parse_credits
from tests.harness.fixtures import SETTINGS
from tests.harness.installation import Installation, until
from tests.harness.people import people_of, program
from tests.harness.replica import Replica

pytestmark = pytest.mark.slow


@dataclass
class Town:
    """Two replicas of one installation, and somebody who chats on both."""

    house: Installation
    replicas: tuple[Replica, Replica]
    workspace: str
    session: str

    async def call(self, replica: Replica, method: str, path: str, body: Any = None) -> Any:
        async with program(replica.address, session=self.session) as client:
            answer = await client.request(method, f"/api/workspaces/{self.workspace}{path}", json=body)
            assert answer.status_code < 300, answer.text
            return answer.json() if answer.content else None

    async def say(self, replica: Replica, model: str) -> tuple[str, str]:
        """Ask a model in a new chat; returns the paths of the chat and of the answer."""
        await self.house.model(model)
        chat = f"/chats/{(await self.call(replica, 'POST', '/chats', {}))['id']}"
        body = {"id": show("msg", new_id()), "parent": None, "content": "Hello", "models": [model]}
        sent = await self.call(replica, "POST", f"{chat}/messages", body)
        return chat, f"{chat}/messages/{sent['answers'][0]['id']}"

    async def follow(self, replica: Replica, answer: str, offset: int = 0, enough: int = 10**9) -> tuple[str, Any]:
        """Read a stream from an offset until its end, or until so many characters; returns text and last message."""
        text, name = "", ""
        async with program(replica.address, session=self.session) as client:
            path = f"/api/workspaces/{self.workspace}{answer}/stream?text={offset}"
            with suppress(httpx2.TransportError):
                async with client.stream("GET", path) as stream:
                    async for line in stream.aiter_lines():
                        if line.startswith("event: "):
                            name = line.removeprefix("event: ")
                        if not line.startswith("data: "):
                            continue
                        data = json.loads(line.removeprefix("data: "))
                        if name == "done":
                            return text, data["message"]
                        if name == "piece":
                            assert data["offset"] == offset + len(text)
                            text += data["text"]
                        if len(text) >= enough:
                            break
        return text, None

    async def stands(self, replica: Replica, chat: str) -> Any:
        """Return the answer of a chat when it is over."""

        async def over() -> Any:
            answer = (await self.call(replica, "GET", chat))["messages"][1]
            return None if answer["answer"]["state"] == "running" else answer

        return await until(over, "the answer does not end", 30)

    async def paid(self, answer: Any) -> Any:
        """Prove that an answer cost what its usage row says; return the row."""
        row = await self.house.request(answer["answer"]["request"])
        assert parse_credits(answer["answer"]["charge"]) == row["charge"]
        return row


@pytest.fixture(scope="module")
async def town(house: Installation) -> AsyncIterator[Town]:
    async with people_of(house) as people:
        somebody = await people.arrive("Ada")
        await people.give(somebody.personal, "50")
    one, two = house.replica(SETTINGS), house.replica(SETTINGS)
    try:
        await asyncio.gather(one.start(), two.start())
        yield Town(house, (one, two), somebody.workspace, somebody.session)
    finally:
        await asyncio.gather(one.kill(), two.kill())


async def test_a_page_moves_to_another_server_and_misses_nothing(town: Town) -> None:
    one, two = town.replicas
    seen = len(town.house.upstream.journal)
    chat, answer = await town.say(one, "long-60-40")
    first, done = await town.follow(one, answer, enough=40)
    assert done is None
    (rest, done), (whole, again) = await asyncio.gather(town.follow(two, answer, len(first)), town.follow(one, answer))
    assert first + rest == whole == "tok " * 60 == done["content"]
    assert done == again == (await town.stands(two, chat))
    assert (await town.paid(done))["outcome"] == "completed"
    assert len(town.house.upstream.journal) == seen + 1
    await town.house.books_are_right()


async def test_another_server_stops_an_answer_within_a_second(town: Town) -> None:
    one, two = town.replicas
    seen = len(town.house.upstream.journal)
    chat, answer = await town.say(one, "hang-mid-stream")
    await town.follow(two, answer, enough=10)
    arrival, at = await town.house.upstream.next_arrival(seen), time.monotonic()
    await town.call(two, "POST", f"{answer}/stop")
    await arrival.was_left(at)
    done = await town.stands(two, chat)
    assert (done["answer"]["state"], done["content"]) == ("stopped", "The quick brown fox")
    await town.paid(done)


async def test_whoever_closes_a_temporary_chat_lets_the_provider_go(town: Town) -> None:
    one, _ = town.replicas
    seen = len(town.house.upstream.journal)
    body = {"messages": [{"role": "user", "content": "Hello"}], "model": await town.house.model("comments-mid-stream")}
    async with program(one.address, session=town.session) as client:
        path = f"/api/workspaces/{town.workspace}/chat/temporary"
        async with client.stream("POST", path, json=body) as stream:
            async for line in stream.aiter_lines():
                if "fox" in line:
                    break
        arrival, at = await town.house.upstream.next_arrival(seen), time.monotonic()
    await arrival.was_left(at)
    await town.house.books_are_right()


async def test_a_restart_lets_answers_end_and_cuts_what_takes_too_long(town: Town) -> None:
    one, two = town.replicas
    short, quick = await town.say(one, "long-40-40")
    long, slow = await town.say(one, "long-400-40")
    await town.follow(one, slow, enough=4)
    following = asyncio.create_task(town.follow(one, slow))
    one.terminate()
    assert await one.ended() == 0
    await following
    await one.start()
    done = await town.stands(two, short)
    assert (done["answer"]["state"], done["content"]) == ("complete", "tok " * 40)
    cut = await town.stands(two, long)
    assert (cut["answer"]["state"], cut["answer"]["error"]["code"]) == ("cut", "gateway_overloaded")
    assert 0 < len(cut["content"]) < 4 * 400
    for answer in (done, cut):
        await town.paid(answer)
    assert (await town.follow(one, quick))[0] == done["content"]
    await town.house.books_are_right()


async def test_after_a_kill_the_text_stands_as_far_as_it_came_and_is_paid_once(town: Town) -> None:
    one, two = town.replicas
    chat, answer = await town.say(one, "long-400-40")
    seen, _ = await town.follow(two, answer, enough=60)
    # A page on the other server stays and hears the end.
    following = asyncio.create_task(town.follow(two, answer, len(seen)))
    await one.kill()
    rest, last = await following
    done = await town.stands(two, chat)
    assert (done["answer"]["state"], done["answer"]["error"]["code"]) == ("cut", "answer_lost")
    assert last == done
    assert seen + rest == done["content"] == "tok " * (len(done["content"]) // 4)
    assert len(done["content"]) >= 60
    row = await town.paid(done)
    assert row["outcome"] == "crashed"
    await one.start()
    assert (await town.follow(one, answer))[0] == done["content"]
    assert await town.house.connection.fetchval("SELECT count(*) FROM chat_pieces") == 0
    await town.house.books_are_right()
    assert (await town.house.omna("ledger", "verify")).code == 0
