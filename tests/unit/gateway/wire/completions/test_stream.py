import json
from typing import Any

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from openai.types import Completion as SdkCompletion

from omna.errors import ProviderError
from omna.gateway.bill import Outcome
from omna.gateway.model import Ticket
from omna.gateway.wire.completions.answer import answer_body
from omna.gateway.wire.completions.stream import CompletionsStream
from omna.providers.base import Choice, Chunk, Completion, Delta
from tests.unit.gateway.made import REQUEST, ticket
from tests.unit.gateway.wire.responses.test_stream import USAGE, bill_of

CREATED = 1_700_000_000
STOP = Delta(finish_reason="stop", native_finish_reason="eos")


def events(content: bytes) -> list[Any]:
    """Read a stream as a strict client does. The official SDK's model knows no chunk but one that finishes."""
    assert content.endswith(b"data: [DONE]\n\n")
    found = []
    for block in content.decode().split("\n\n")[:-2]:
        assert block.startswith("data: ")
        assert len(block.splitlines()) == 1
        found.append(json.loads(block[6:]))
        if all(choice["finish_reason"] for choice in found[-1].get("choices") or [{"finish_reason": None}]):
            SdkCompletion.model_validate(found[-1])
    return found


def play(*deltas: Delta, outcome: Outcome = Outcome.COMPLETED, **call: Any) -> list[Any]:
    made = ticket(dialect="completions", **call)
    stream, bill = CompletionsStream(made, CREATED), bill_of(made)
    content = b""
    for delta in deltas:
        content += stream.encode(Chunk([delta]))
        bill.add(Chunk([delta]))
    bill.outcome = outcome
    return events(content + stream.end(bill, USAGE))


def texts(found: list[Any]) -> dict[int, str]:
    said: dict[int, str] = {}
    for event in found:
        for choice in event["choices"]:
            said[choice["index"]] = said.get(choice["index"], "") + choice["text"]
    return said


def test_bytes_are_those_of_the_documented_stream() -> None:
    stream = CompletionsStream(ticket(include_usage=True), CREATED)
    assert stream.encode(Chunk([Delta(content="Hel")])) == (
        b'data: {"id":"cmpl-00000000000000000000000000000007","object":"text_completion","created":1700000000,'
        b'"model":"small","choices":[{"index":0,"text":"Hel","logprobs":null,"finish_reason":null}],"usage":null}\n\n'
    )


def test_every_choice_finishes_once_in_its_last_chunk() -> None:
    found = play(Delta(0, "a"), Delta(1, "b"), Delta(0, "c"), STOP, Delta(1, finish_reason="length"))
    finishes = [(c["index"], c["finish_reason"]) for event in found for c in event["choices"] if c["finish_reason"]]
    assert finishes == [(0, "stop"), (1, "length")]
    assert found[-2]["choices"][0]["native_finish_reason"] == "eos"
    assert texts(found) == {0: "ac", 1: "b"}
    assert all("usage" not in event for event in found)


def test_usage_comes_last_when_asked_for() -> None:
    found = play(Delta(0, "a"), STOP, include_usage=True)
    assert (found[-1]["choices"], found[-1]["usage"]) == ([], USAGE)
    assert [event["usage"] for event in found[:-1]] == [None] * (len(found) - 1)


def test_echo_is_said_once_before_each_answer_even_an_empty_one() -> None:
    found = play(Delta(1, "x"), Delta(1, "y"), STOP, Delta(1, finish_reason="stop"), echo=("Once", "Twice "))
    assert texts(found) == {0: "Once", 1: "Twice xy"}


def test_exhausted_stream_ends_with_length() -> None:
    found = play(Delta(0, "a"), STOP, outcome=Outcome.EXHAUSTED)
    assert [(c["finish_reason"], c["native_finish_reason"]) for c in found[-1]["choices"]] == [("length", "max_tokens")]


def test_reason_that_this_endpoint_does_not_know_is_a_stop() -> None:
    assert play(Delta(0, "a", finish_reason="tool_calls"))[-1]["choices"][0]["finish_reason"] == "stop"


def test_error_event_has_no_choices_and_is_followed_by_done() -> None:
    stream = CompletionsStream(ticket(), CREATED)
    [event] = events(stream.error(ProviderError("x"), None))
    assert event == {"error": {"message": "x", "type": "server_error", "param": None, "code": "provider_error"}}


@pytest.mark.parametrize("delta", [Delta(), Delta(content=""), STOP, Delta(reasoning="hm")])
def test_delta_without_text_is_not_sent(delta: Delta) -> None:
    assert CompletionsStream(ticket(), CREATED).encode(Chunk([delta])) == b""


@settings(deadline=None)
@given(st.lists(st.builds(Delta, index=st.integers(0, 3), content=st.none() | st.text(max_size=4)), max_size=10))
def test_any_chunks_make_a_stream_that_adds_up(deltas: list[Delta]) -> None:
    said = texts(play(*deltas, echo=("p",) * 4))
    wanted = {0: "p"} if not any(delta.content for delta in deltas) else {}
    for delta in deltas:
        if delta.content:
            wanted[delta.index] = wanted.get(delta.index, "p") + delta.content
    assert said == wanted


def whole(made: Ticket, *choices: Choice, fingerprint: str | None = None) -> dict[str, Any]:
    body = answer_body(made, Completion(list(choices), system_fingerprint=fingerprint), USAGE, CREATED)
    SdkCompletion.model_validate(body, strict=True)
    return body


def test_whole_answer_has_openais_shape() -> None:
    body = whole(ticket(), Choice(0, "stop", "eos", "a"), Choice(1, "tool_calls", content=None), fingerprint="fp")
    assert body == {
        "id": f"cmpl-{REQUEST.hex}", "object": "text_completion", "created": CREATED, "model": "small",
        "choices": [
            {"index": 0, "text": "a", "logprobs": None, "finish_reason": "stop", "native_finish_reason": "eos"},
            {"index": 1, "text": "", "logprobs": None, "finish_reason": "stop"},
        ],
        "usage": USAGE, "system_fingerprint": "fp",
    }  # fmt: skip


def test_whole_answer_stands_behind_its_echo() -> None:
    body = whole(ticket(echo=("Once", "Twice")), Choice(0, "stop", content=" a"), Choice(1, "stop", content=" b"))
    assert [choice["text"] for choice in body["choices"]] == ["Once a", "Twice b"]
