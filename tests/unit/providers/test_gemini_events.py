"""Gemini's answers to the one form everything behind the adapters knows."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers.base import Chunk, Completion, Failure, FailureKind, Usage
from omna.providers.gemini_events import BROKEN, FINISH_REASONS, Normaliser
from omna.providers.openai_chunks import collect
from omna.providers.sse import Event, EventReader
from tests.upstream.gemini_scenarios import CALLS, THOUGHT, response, usage, words
from tests.upstream.scenarios import ODD_TEXT, TEXT, event

THINKING = [
    response(THOUGHT, usageMetadata=usage(0, thoughtsTokenCount=3)),
    response({"text": f"a{ODD_TEXT}"}),
    response(*CALLS),
    response({"text": "", "thoughtSignature": "c2ln"}, finish="STOP", usageMetadata=usage(6, thoughtsTokenCount=7)),
]
RECORDED = b"".join(event(value).replace(b"\n\n", b"\r\n\r\n") for value in THINKING)


def read(*responses: Any, choices: int = 1) -> list[Chunk]:
    normaliser = Normaliser(choices)
    chunks = [taken for value in responses if (taken := normaliser.take(Event(json.dumps(value).encode()))) is not None]
    return [*chunks, normaliser.finish()]


def whole(*responses: Any, choices: int = 1) -> Completion:
    return collect(read(*responses, choices=choices), None)


def failure(*responses: Any) -> Failure:
    with pytest.raises(Failure) as raised:
        read(*responses)
    return raised.value


def without_ids(chunks: list[Chunk]) -> list[Chunk]:
    """Ids of calls are drawn at random: compare them by whether they are the same within one answer."""
    for chunk in chunks:
        for delta in chunk.deltas:
            for call in delta.tool_calls or ():
                call.id = call.id and "call"
            for detail in (delta.extra or {}).get("reasoning_details", ()):
                detail["id"] = detail.get("id") and "call"
    return chunks


def split(data: bytes, size: int) -> list[Chunk]:
    reader, normaliser = EventReader(), Normaliser()
    events = [found for start in range(0, len(data), size) for found in reader.feed(data[start : start + size])]
    chunks = [taken for found in [*events, *reader.finish()] if (taken := normaliser.take(found)) is not None]
    return [*chunks, normaliser.finish()]


def test_plain_stream_keeps_its_pieces_and_ends_with_the_finish() -> None:
    chunks = read(*words())
    assert [[delta.content for delta in chunk.deltas] for chunk in chunks] == [
        ["The"], [" quick"], [" brown"], [" fox"], [None],
    ]  # fmt: skip
    assert [chunk.deltas[0].finish_reason for chunk in chunks] == [None, None, None, None, "stop"]
    assert chunks[-1].deltas[0].native_finish_reason == "STOP"
    assert collect(chunks, None).usage == Usage(9, 4)


@pytest.mark.parametrize("raw", FINISH_REASONS)
def test_finish_reasons_are_mapped_and_the_raw_value_is_kept(raw: str) -> None:
    choice = whole(*words(raw)).choices[0]
    assert (choice.finish_reason, choice.native_finish_reason) == (FINISH_REASONS[raw], raw)


@pytest.mark.parametrize("raw", ["OTHER", "LANGUAGE", "SURPRISE"])
def test_unknown_finish_reason_is_a_stop(raw: str) -> None:
    choice = whole(*words(raw)).choices[0]
    assert (choice.finish_reason, choice.native_finish_reason) == ("stop", raw)


@pytest.mark.parametrize("raw", sorted(BROKEN))
def test_answer_that_the_model_failed_to_end_is_an_error(raw: str) -> None:
    raised = failure(response(finish=raw))
    assert (raised.kind, raised.code) == (FailureKind.REPORTED, raw)


@pytest.mark.parametrize("raw", ["", "FINISH_REASON_UNSPECIFIED", None, 7])
def test_unsaid_finish_reason_ends_nothing(raw: Any) -> None:
    assert failure(response({"text": "a"}) | {"candidates": [{"finishReason": raw}]}).kind is FailureKind.TRUNCATED


def test_end_without_a_finish_reason_is_a_broken_answer() -> None:
    assert failure(*words(None)).kind is FailureKind.TRUNCATED
    assert failure().kind is FailureKind.TRUNCATED


def test_finished_waits_for_every_candidate_that_was_asked_for() -> None:
    normaliser = Normaliser(2)
    for index, finished in ((0, False), (1, True)):
        normaliser.take(Event(json.dumps(response({"text": "a"}, finish="STOP", index=index)).encode()))
        assert normaliser.finished is finished
    assert [delta.index for delta in normaliser.finish().deltas] == [0, 1]


def test_fewer_candidates_than_asked_for_are_a_complete_answer() -> None:
    assert len(whole(*words(), choices=3).choices) == 1


def test_thoughts_are_reasoning_and_their_signature_an_entry_of_its_own() -> None:
    choice = whole(
        response(THOUGHT),
        response({"text": "Hi"}),
        response({"text": "", "thoughtSignature": "c2ln"}, finish="STOP"),
    ).choices[0]
    assert (choice.reasoning, choice.content) == ("let me think", "Hi")
    assert choice.extra == {
        "reasoning_details": [
            {"type": "reasoning.encrypted", "data": "c2ln", "format": "google-gemini-v1", "index": 0},
        ]
    }


def test_function_calls_are_whole_tool_calls_and_finish_as_such() -> None:
    choice = whole(response(*CALLS), response({"text": ""}, finish="STOP")).choices[0]
    assert choice.finish_reason == "tool_calls"
    assert choice.native_finish_reason == "STOP"
    assert choice.tool_calls is not None
    assert [(call.index, call.name, call.arguments) for call in choice.tool_calls] == [
        (0, "get_weather", '{"city":"你好"}'),
        (1, "get_weather", '{"city":"Rome"}'),
    ]
    ids = [call.id for call in choice.tool_calls]
    assert len(set(ids)) == 2
    assert all(identifier and identifier.startswith("call_") for identifier in ids)
    assert choice.extra is not None
    assert [detail["id"] for detail in choice.extra["reasoning_details"]] == ids[:1]


def test_id_and_name_come_with_a_first_piece_that_has_no_arguments() -> None:
    (delta,) = read(response(*CALLS, finish="STOP"))[0].deltas
    assert delta.tool_calls is not None
    assert [(call.index, call.id is not None, call.name, bool(call.arguments)) for call in delta.tool_calls] == [
        (0, True, "get_weather", False), (0, False, None, True),
        (1, True, "get_weather", False), (1, False, None, True),
    ]  # fmt: skip


def test_stated_call_ids_are_kept_and_repeated_ones_replaced() -> None:
    parts = [{"functionCall": {"id": "a", "name": "f"}}, {"functionCall": {"id": "a", "name": "f"}}]
    calls = whole(response(*parts, finish="STOP")).choices[0].tool_calls
    assert calls is not None
    assert calls[0].id == "a"
    assert calls[1].id not in (None, "", "a")
    assert [call.arguments for call in calls] == ["{}", "{}"]


def test_pictures_are_images() -> None:
    parts = [
        {"inlineData": {"mimeType": "image/png", "data": "QQ=="}},
        {"inlineData": {"mimeType": "x/y", "data": "A"}},
    ]
    assert whole(response(*parts, finish="STOP")).choices[0].extra == {
        "images": [{"type": "image_url", "image_url": {"url": "data:image/png;base64,QQ=="}, "index": 0}]
    }


def test_logprobs_are_those_of_openai() -> None:
    value = response({"text": "Hé"}, finish="STOP")
    value["candidates"][0]["logprobsResult"] = {
        "chosenCandidates": [{"token": "Hé", "logProbability": -0.5}],
        "topCandidates": [{"candidates": [{"token": "Hé", "logProbability": -0.5}, {"token": "Ho"}]}],
    }
    assert whole(value).choices[0].logprobs == {
        "content": [
            {
                "token": "Hé",
                "logprob": -0.5,
                "bytes": [72, 195, 169],
                "top_logprobs": [
                    {"token": "Hé", "logprob": -0.5, "bytes": [72, 195, 169]},
                    {"token": "Ho", "logprob": 0.0, "bytes": [72, 111]},
                ],
            }
        ],
        "refusal": None,
    }


def test_blocked_prompt_is_the_clients_refusal_and_says_why() -> None:
    raised = failure({"promptFeedback": {"blockReason": "SAFETY"}, "usageMetadata": usage(0)})
    assert (raised.kind, raised.status, raised.code) == (FailureKind.STATUS, 400, "content_filter")
    assert "SAFETY" in raised.message
    with pytest.raises(Failure, match="SAFETY"):
        Normaliser().take_whole(b'{"promptFeedback":{"blockReason":"SAFETY"}}')


def test_feedback_beside_candidates_blocks_nothing() -> None:
    assert whole(response({"text": "a"}, finish="STOP", promptFeedback={"blockReason": "SAFETY"})).choices


@pytest.mark.parametrize(
    "value",
    [
        {"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}},
        [{"error": {"code": 503, "message": "overloaded", "status": "UNAVAILABLE"}}],
    ],
)
def test_error_inside_the_answer_is_reported_with_googles_word_for_it(value: Any) -> None:
    for raised in (failure(response({"text": "a"}), value), failure(value)):
        assert (raised.kind, raised.message, raised.code) == (FailureKind.REPORTED, "overloaded", "UNAVAILABLE")


def test_error_event_is_reported() -> None:
    with pytest.raises(Failure, match="broke"):
        Normaliser().take(Event(b'{"error":{"message":"broke"}}', b"error"))


def test_whole_body_is_one_chunk_and_so_is_a_stream_that_came_as_a_list() -> None:
    for body in (response({"text": TEXT}, finish="STOP", usageMetadata=usage()), words()):
        normaliser = Normaliser()
        chunks = [normaliser.take_whole(json.dumps(body).encode()), normaliser.finish()]
        completion = collect(chunks, None)
        assert completion.choices[0].content == TEXT
        assert completion.usage == Usage(9, 4)
        assert normaliser.done


@pytest.mark.parametrize(
    "body", [b"{}", b"[]", b'{"candidates":[]}', b'{"usageMetadata":{"promptTokenCount":1}}', b"7"]
)
def test_whole_body_without_candidates_is_malformed(body: bytes) -> None:
    with pytest.raises(Failure) as raised:
        Normaliser().take_whole(body)
    assert raised.value.kind is FailureKind.MALFORMED


def test_events_that_say_nothing_are_passed_over() -> None:
    normaliser = Normaliser()
    for data in (b"", b"null", b"{}", b"[]", b'{"responseId":"r"}'):
        assert normaliser.take(Event(data)) is None
    assert normaliser.take(Event(b"[DONE]")) is None
    assert normaliser.done
    assert normaliser.take(Event(b"{not json")) is None


def test_broken_text_is_replaced_and_numbers_out_of_range_are_not_believed() -> None:
    data = (
        b'{"candidates":[{"content":{"parts":[{"text":"a\xff\\ud800b"}]}}],"usageMetadata":{"promptTokenCount":1e999}}'
    )
    chunk = Normaliser().take(Event(data))
    assert chunk is not None
    assert chunk.deltas[0].content == "a\ufffd\ufffdb"
    assert chunk.usage_invalid


@given(st.integers(1, len(RECORDED)))
def test_any_cut_of_a_recorded_stream_gives_the_same_chunks(size: int) -> None:
    assert without_ids(split(RECORDED, size)) == without_ids(split(RECORDED, len(RECORDED)))


def test_every_position_can_be_a_cut() -> None:
    expected = without_ids(split(RECORDED, len(RECORDED)))
    for position in range(len(RECORDED)):
        reader, normaliser = EventReader(), Normaliser()
        events = [*reader.feed(RECORDED[:position]), *reader.feed(RECORDED[position:]), *reader.finish()]
        chunks = [taken for found in events if (taken := normaliser.take(found)) is not None]
        assert without_ids([*chunks, normaliser.finish()]) == expected


_KEYS = [
    "candidates", "content", "parts", "text", "thought", "thoughtSignature", "functionCall", "name", "args", "id",
    "finishReason", "index", "usageMetadata", "promptTokenCount", "candidatesTokenCount", "totalTokenCount", "error",
    "promptTokensDetails", "modality", "tokenCount", "promptFeedback", "blockReason", "logprobsResult", "inlineData",
    "chosenCandidates", "topCandidates", "token", "logProbability", "mimeType", "data", "finishMessage",
]  # fmt: skip
_SCALARS = (
    st.none()
    | st.booleans()
    | st.integers()
    | st.floats()
    | st.text()
    | st.sampled_from(["STOP", "SAFETY", "AUDIO", "image/png", "MALFORMED_FUNCTION_CALL", "\ud800"])
)
_VALUES = st.recursive(
    _SCALARS, lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(_KEYS), inner), max_leaves=8
)
_SHAPED = st.fixed_dictionaries(
    {"candidates": st.lists(st.fixed_dictionaries({"content": st.fixed_dictionaries({"parts": st.lists(_VALUES)})}))},
    optional={"usageMetadata": _VALUES, "promptFeedback": _VALUES},
)


@given(st.lists(_VALUES | _SHAPED, max_size=5))
def test_hostile_events_raise_nothing_but_failures(values: list[Any]) -> None:
    normaliser = Normaliser()
    try:
        for value in values:
            normaliser.take(Event(json.dumps(value).encode()))
        chunk = normaliser.finish()
    except Failure:
        return
    assert all(delta.finish_reason for delta in chunk.deltas)


def kind_of(data: bytes, *, whole: bool = False) -> FailureKind | None:
    """Return how the reading of some bytes fails, if it does; anything but a Failure passes through."""
    try:
        if whole:
            Normaliser().take_whole(data)
        else:
            Normaliser().take(Event(data))
    except Failure as raised:
        return raised.kind
    return None


@given(st.binary())
def test_hostile_bytes_raise_nothing_but_failures(data: bytes) -> None:
    assert kind_of(data) in (None, FailureKind.MALFORMED)
    assert kind_of(data, whole=True) is FailureKind.MALFORMED


@pytest.mark.parametrize("depth", [100, 900, 5_000, 100_000])
def test_nesting_raises_nothing_but_a_failure(depth: int) -> None:
    args = b"[" * depth + b"]" * depth
    call = b'{"candidates":[{"content":{"parts":[{"functionCall":{"name":"f","args":{"a":%b}}}]}}]}' % args
    assert kind_of(call) in (None, FailureKind.MALFORMED)
