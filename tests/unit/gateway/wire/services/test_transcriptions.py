"""What may be written down, how it reaches a provider, and what it costs by whose word."""

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import Rates, rates
from omna.gateway import metering
from omna.gateway.model import Reading, Tokens
from omna.gateway.wire.services.form import read_form
from omna.gateway.wire.services.transcriptions import Transcriptions
from omna.providers.base import Failure, Forwarded
from tests.harness.forms import FORM_TYPE, form, wav
from tests.unit.gateway.wire.services.made import (
    answered,
    anything,
    objects,
    parsed,
    parsed_or_refused,
    read_or_fail,
    refused,
    ticket_for,
    written,
)

SERVICE = Transcriptions("audio/transcriptions")
TEXT = "The quick brown fox"
COUNT = metering.count_text(TEXT)
BY_SECOND = rates(0, 0, second=100)
BY_TOKEN = rates(2_500_000, 10_000_000, audio_prompt=6_000_000)
MP3 = b"ID3" + bytes(23_997)
SRT = "1\n00:00:00,000 --> 00:00:01,500\nThe quick\n\n2\n00:00:01,500 --> 00:00:02,100\nbrown fox\n"


def order_of(*parts: tuple[str, str], file: bytes = MP3) -> Any:
    return parsed(SERVICE, form(("model", "small"), *parts, file=file), content_type=FORM_TYPE)


def read(answer: Any, of: Rates = BY_SECOND, *parts: tuple[str, str], file: bytes = MP3) -> Reading:
    order = order_of(*parts, file=file)
    sent = answer if isinstance(answer, Forwarded) else answered(answer)
    reading: Reading = order.read(sent, ticket_for(order, of, costs=of))
    return reading


def test_seconds_of_the_file_are_held_for() -> None:
    call = order_of(("prompt", "hello")).call
    assert (call.units, call.endpoint, call.prompt_tokens) == (Tokens(seconds=32), "transcriptions", 320 + 1)
    assert call.max_tokens == 64 + 320


def test_samples_of_voices_are_sound_and_no_text() -> None:
    sample = "data:audio/mpeg;base64," + "A" * 1_000_000
    call = order_of(("known_speaker_references[]", sample)).call
    assert call.units is not None
    assert call.units.seconds == 32 + 1_001
    assert call.prompt_tokens == 10 * call.units.seconds


@pytest.mark.parametrize(
    ("body", "error"),
    [
        (form(("model", "m"), file=None), ("missing_required_parameter", "file")),
        (form(("model", "m"), file=b""), ("missing_required_parameter", "file")),
        (form(("prompt", "m")), ("missing_required_parameter", "model")),
        (form(("model", "m"), ("model", "n")), ("invalid_value", "model")),
        (form(("model", "m"), ("stream", "true")), ("unsupported_parameter", "stream")),
        (form(("model", "m"), ("stream", "1"), ("stream", "0")), ("unsupported_parameter", "stream")),
        (form(("model", "m"), ("response_format", "xml")), ("invalid_value", "response_format")),
        (form(("model", "m"), ("response_format", "json"), ("response_format", "srt")), ("invalid_value", "response_format")),
        (b'{"model":"m"}', ("invalid_value", None)),
    ],
)  # fmt: skip
def test_each_refusal_names_its_field(body: bytes, error: tuple[str, str | None]) -> None:
    assert refused(SERVICE, body, content_type=FORM_TYPE) == error


def test_other_models_are_named_like_in_a_list() -> None:
    assert order_of(("models[]", "a"), ("models[]", "b")).call.fallbacks == ("a", "b")
    assert order_of(("models", "a")).call.fallbacks == ("a",)
    assert "models[]" not in order_of(("models[]", "a")).call.body


@pytest.mark.parametrize(
    ("asked", "sent"), [("json", "json"), ("text", "json"), ("srt", "srt"), ("verbose_json", "verbose_json")]
)
def test_form_is_written_anew_with_the_file_as_it_came(asked: str, sent: str) -> None:
    order = order_of(
        ("response_format", asked), ("timestamp_granularities[]", "word"), ("timestamp_granularities[]", "segment")
    )
    content, content_type = order.content(order.call.body, "up")
    made = read_form(content, content_type, file_field="file")
    assert made.fields == {"model": "up", "response_format": sent, "timestamp_granularities[]": ["word", "segment"]}
    assert made.file is not None
    assert (made.file.content, made.file.name) == (MP3, "a.wav")


@pytest.mark.parametrize(
    "answer",
    [
        {"usage": {"type": "duration", "seconds": 3}},
        {"usage": {"seconds": 2.2}},
        {"duration": 2.5},
        {"duration": "2.5"},
    ],
)
def test_stated_seconds_are_charged_each_begun_one(answer: dict[str, Any]) -> None:
    reading = read({"text": TEXT} | answer)
    assert (reading.tokens, reading.estimated) == (Tokens(seconds=3), False)


def test_last_cue_of_subtitles_says_how_long_it_was() -> None:
    for text in (SRT, "WEBVTT\n\n" + SRT.replace(",", ".").replace("00:00:", "00:")):
        for asked in ("srt", "vtt"):
            reading = read(Forwarded(text.encode(), "text/plain"), BY_SECOND, ("response_format", asked))
            assert (reading.tokens, reading.estimated) == (Tokens(seconds=3), False)
            assert (reading.answer, reading.content_type) == (text.encode(), "text/plain; charset=utf-8")


@pytest.mark.parametrize(
    "answer",
    [{}, {"usage": None}, {"usage": {"seconds": 0}}, {"usage": {"seconds": -1}}, {"usage": {"seconds": 33}}, {"duration": None},
     {"duration": True}, {"duration": "inf"}, {"duration": "x"}, {"duration": 1e300}],
)  # fmt: skip
def test_without_believable_seconds_the_file_tells(answer: dict[str, Any]) -> None:
    reading = read({"text": TEXT} | answer)
    assert (reading.tokens, reading.estimated) == (Tokens(seconds=3), True)
    reading = read({"text": TEXT} | {"usage": None}, file=wav(7))
    assert (reading.tokens, reading.estimated) == (Tokens(seconds=7), True)


def test_stated_tokens_are_charged() -> None:
    usage = {
        "type": "tokens",
        "input_tokens": 40,
        "output_tokens": 5,
        "input_token_details": {"audio_tokens": 30, "text_tokens": 10},
    }
    reading = read({"text": TEXT, "usage": usage}, BY_TOKEN)
    assert (reading.tokens, reading.estimated) == (Tokens(40, 5, audio_prompt=30), False)


@pytest.mark.parametrize(
    "usage",
    [None, {"type": "duration", "seconds": 3}, {"input_tokens": 40}, {"input_tokens": 40, "output_tokens": 10**6},
     {"input_tokens": 10**6, "output_tokens": 5}, {"input_tokens": 40, "output_tokens": 0},
     {"input_tokens": 40, "output_tokens": 5, "input_token_details": {"audio_tokens": 41}}],
)  # fmt: skip
def test_without_believable_tokens_they_are_estimated_where_they_have_a_price(usage: Any) -> None:
    reading = read({"text": TEXT, "usage": usage}, BY_TOKEN, ("prompt", "hello"))
    seconds = reading.tokens.seconds
    assert reading.tokens == Tokens(30 + 1, COUNT, audio_prompt=30, seconds=seconds)
    assert reading.estimated


def test_text_is_asked_for_as_json_and_comes_as_text() -> None:
    reading = read({"text": TEXT, "usage": {"type": "duration", "seconds": 2}}, BY_SECOND, ("response_format", "text"))
    assert (reading.answer, reading.content_type) == (f"{TEXT}\n".encode(), "text/plain; charset=utf-8")
    assert (reading.tokens, reading.estimated) == (Tokens(seconds=2), False)


def test_silence_is_an_answer_that_costs_nothing() -> None:
    assert not read({"text": " "}).delivers
    assert read({"text": TEXT}).delivers


@pytest.mark.parametrize(
    ("asked", "content"),
    [("json", b"{}"), ("json", b'{"text":5}'), ("json", b"hello"), ("text", b"hello"), ("srt", b"\xff"), ("srt", b"<html>"),
     ("vtt", b'{"error":"no"}'), ("srt", b"a\0b")],
)  # fmt: skip
def test_answer_without_a_transcript_is_a_failure(asked: str, content: bytes) -> None:
    with pytest.raises(Failure):
        read(Forwarded(content, "text/plain"), BY_SECOND, ("response_format", asked))


def test_answer_is_the_providers_with_usage_and_cost() -> None:
    order = order_of()
    ticket = ticket_for(order, BY_SECOND)
    reading = order.read(answered({"text": TEXT, "duration": 3, "model": "up", "segments": []}), ticket)
    body = written(order, reading, ticket)
    usage = body.pop("usage")
    assert body == {"text": TEXT, "duration": 3, "model": "small", "segments": []}
    assert (usage["type"], usage["seconds"], usage["cost_details"]["total"]) == ("duration", 3, "0.0000003")
    ticket = ticket_for(order, BY_TOKEN)
    usage = written(order, order.read(answered({"text": TEXT}), ticket), ticket)["usage"]
    assert (usage["type"], usage["input_tokens"], usage["input_token_details"]["audio_tokens"]) == ("tokens", 30, 30)


@given(
    st.binary(max_size=120),
    st.lists(
        st.tuples(
            st.sampled_from(["model", "stream", "models[]", "a"]), st.text(st.characters(codec="utf-8"), max_size=9)
        ),
        max_size=4,
    ),
)
def test_any_form_is_an_order_or_a_clear_error(noise: bytes, parts: list[tuple[str, str]]) -> None:
    for body in (noise, form(*parts, file=noise)):
        parsed_or_refused(SERVICE, body, content_type=FORM_TYPE)


@given(
    objects | anything | st.binary(max_size=40),
    objects,
    st.text(st.characters(codec="utf-8"), max_size=40),
    st.sampled_from(["json", "text", "srt", "verbose_json"]),
)
def test_any_answer_is_a_transcript_or_a_failure_and_never_above_what_is_held(
    value: Any, more: Any, text: str, asked: str
) -> None:
    order = order_of(("response_format", asked))
    for answer in (value, more | {"text": text}, text.encode()):
        for of in (BY_SECOND, BY_TOKEN):
            reading = read_or_fail(order, answered(answer), ticket_for(order, of, costs=of))
            assert reading is None or reading.tokens.seconds <= 32
