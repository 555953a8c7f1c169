"""Every way an answer can end, and that its charge is that of its usage row and of the ledger."""

import asyncio
import time
from typing import Any

from omna.chat.runs.run import Run
from omna.gateway.bill import Outcome
from omna.ids import parse
from omna.money import parse_credits
from tests.harness.talk import Talk, msg
from tests.upstream.scenarios import TEXT


async def proved(talk: Talk, answer: Any) -> None:
    """Prove that an answer costs what its request and the ledger say."""
    row = await talk.usage(answer)
    said = answer["answer"]
    assert parse_credits(said["charge"]) == row["charge"]
    for name in ("prompt_tokens", "completion_tokens", "cached_tokens", "reasoning_tokens", "estimated"):
        assert said[name] == row[name], name
    booked = await talk.query(
        "SELECT coalesce(sum(e.amount), 0)::bigint AS amount FROM transfers AS t"
        " JOIN entries AS e USING (workspace_id, transfer_id) WHERE t.hold_id = $1 AND e.account = 'revenue'",
        parse(said["request"], "req"),
    )
    assert booked[0]["amount"] == row["charge"]


async def test_answers_end_as_their_requests_do(talk: Talk) -> None:
    expected = {
        # scenario: state, text, charged, code of the error
        "ok": ("complete", TEXT, True, None),
        "status-500": ("failed", "", False, "provider_error"),
        "context-length": ("failed", "", False, "context_length_exceeded"),
        "reset-mid-stream": ("failed", TEXT, True, "provider_error"),
        "empty-done": ("complete", "", False, None),
    }
    for scenario, (state, text, charged, code) in expected.items():
        await talk.model(scenario)
        chat = await talk.chat()
        answer = (await talk.say(chat, scenario))["answers"][0]
        done = await talk.ended(chat, answer["id"])
        said = done["answer"]
        assert (said["state"], done["content"]) == (state, text), scenario
        assert (parse_credits(said["charge"]) > 0) is charged, scenario
        assert (said["error"] and said["error"]["code"]) == code, scenario
        await proved(talk, done)
    await talk.books_are_right()


async def test_nothing_delivered_costs_nothing_when_it_is_stopped(talk: Talk) -> None:
    await talk.model("hang-after-headers")
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-after-headers"))["answers"][0]
    arrival = await talk.upstream.next_arrival(0)
    at = time.monotonic()
    assert await talk.stop(chat, answer["id"]) == 204
    await arrival.was_left(at)
    done = await talk.ended(chat, answer["id"])
    assert (done["answer"]["state"], done["content"], done["answer"]["charge"]) == ("stopped", "", "0")
    await proved(talk, done)
    await talk.books_are_right()


async def test_a_stop_before_the_first_turn_gives_everything_back(talk: Talk) -> None:
    await talk.model("ok")
    chat = await talk.chat()
    begin = talk.runs.begin

    def begin_and_stop(run: Run) -> None:
        begin(run)
        run.stop()

    talk.runs.begin = begin_and_stop  # type: ignore[method-assign]
    answer = (await talk.say(chat, "ok"))["answers"][0]
    done = await talk.ended(chat, answer["id"])
    assert (done["answer"]["state"], done["answer"]["charge"]) == ("stopped", "0")
    assert talk.upstream.journal == []
    await proved(talk, done)
    await talk.books_are_right()


async def test_the_end_of_the_balance_ends_an_answer(talk: Talk) -> None:
    await talk.model("long-3000", max_output_tokens=4000)
    poor = await talk.person("poor@example.com")
    talk.workspace_id, talk.owner = poor.personal, poor
    await talk.recharge("0.012")
    asked = {"content": "Hello there", "models": ["long-3000"]}
    guess = (await poor.call("POST", "/chat/estimate", asked)).json["items"][0]
    assert 0 < guess["answer_tokens_affordable"] < 4000
    chat = await talk.chat()
    answer = (await talk.say(chat, "long-3000"))["answers"][0]
    done = await talk.ended(chat, answer["id"])
    said = done["answer"]
    assert (said["state"], said["error"]["code"], said["finish_reason"]) == ("ended", "answer_ended", "length")
    assert done["content"].startswith("tok tok")
    await proved(talk, done)
    # What is left cannot hold anything: the refusal is the answer, and the draft stays with the page.
    asked = {"id": msg(), "parent": answer["id"], "content": "More", "models": ["long-3000"]}
    refused = await poor.call("POST", f"/chats/{chat}/messages", asked)
    assert refused.code == (402, "insufficient_credits")
    assert len((await talk.read(chat))["messages"]) == 2
    await talk.books_are_right()


async def test_one_of_several_may_fail_or_be_refused(talk: Talk) -> None:
    await talk.model("ok")
    await talk.model("refuse-500")
    chat = await talk.chat()
    sent = await talk.say(chat, "ok", "refuse-500", "no-such-model")
    first, second, third = sent["answers"]
    assert third["answer"]["state"] == "refused"
    assert third["answer"]["error"]["code"] == "model_not_found"
    done = [await talk.ended(chat, one["id"]) for one in (first, second, third)]
    assert [one["answer"]["state"] for one in done] == ["complete", "failed", "refused"]
    for one in done[:2]:
        await proved(talk, one)
    asked = {"id": msg(), "parent": None, "content": "Hi", "models": ["no-such-model", "nor-this"]}
    assert (await talk.owner.call("POST", f"/chats/{chat}/messages", asked)).code == (404, "model_not_found")
    assert len((await talk.read(chat))["messages"]) == 4
    await talk.books_are_right()


async def test_a_conversation_that_does_not_fit_is_refused_with_numbers(talk: Talk) -> None:
    await talk.model("ok", context_length=200)
    chat = await talk.chat()
    asked = {"id": msg(), "parent": None, "content": "word " * 300, "models": ["ok"]}
    answer = await talk.owner.call("POST", f"/chats/{chat}/messages", asked)
    assert answer.code == (400, "context_length_exceeded")
    assert "too many" in answer.json["error"]["message"]
    assert answer.json["error"]["details"]["context"] == 200
    assert talk.upstream.journal == []
    assert (await talk.read(chat))["messages"] == []


async def test_a_shutdown_cuts_what_is_left_and_says_so(talk: Talk) -> None:
    await talk.model("hang-mid-stream")
    chat = await talk.chat()
    answer = (await talk.say(chat, "hang-mid-stream"))["answers"][0]
    await talk.writing(chat, answer["id"], 10)
    talk.runs.drain()
    talk.gateway._drain_seconds = 0.1
    following = asyncio.create_task(talk.events(chat, answer["id"]))
    await talk.gateway.drain()
    await talk.runs.close()
    done = (await following)[-1].data["message"]
    assert (done["answer"]["state"], done["content"]) == ("cut", TEXT)
    assert done["answer"]["error"]["code"] == "gateway_overloaded"
    assert (await talk.usage(done))["outcome"] == Outcome.CUT
    await proved(talk, done)
    asked = {"id": msg(), "parent": None, "content": "Hi", "models": ["hang-mid-stream"]}
    assert (await talk.owner.call("POST", f"/chats/{chat}/messages", asked)).status == 503
    await talk.books_are_right()
