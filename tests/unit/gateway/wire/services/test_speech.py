"""What may be spoken, what it costs, and which sound reaches the client."""

import json
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.catalog.model import Rates, rates
from omna.gateway import metering
from omna.gateway.model import Reading, Tokens
from omna.gateway.wire.services.speech import AUDIO_TOKENS_PER_TOKEN, LONGEST_INPUT, Speech
from omna.providers.base import Failure, FailureKind, Forwarded
from tests.unit.gateway.wire.services.made import (
    answered,
    anything,
    objects,
    parsed,
    parsed_or_refused,
    read_or_fail,
    refused,
    ticket_for,
)

SERVICE = Speech()
TEXT = "The quick brown fox."
BODY = {"model": "small", "input": TEXT, "voice": "alloy"}
COUNT = metering.count_text(TEXT)
BY_CHARACTER = rates(0, 0, character=15_000_000)
BY_TOKEN = rates(600_000, 0, audio_completion=12_000_000)


def read(answer: Forwarded, of: Rates = BY_CHARACTER, **body: Any) -> Reading:
    order = parsed(SERVICE, BODY | body)
    reading: Reading = order.read(answer, ticket_for(order, of, costs=of))
    return reading


def test_characters_and_tokens_are_counted_before_the_call() -> None:
    call = parsed(SERVICE, BODY | {"instructions": "Whisper."}).call
    assert call.units == Tokens(characters=len(TEXT))
    assert call.prompt_tokens == COUNT + metering.count_text("Whisper.")
    assert call.max_tokens == AUDIO_TOKENS_PER_TOKEN * COUNT
    assert parsed(SERVICE, BODY | {"speed": 0.5}).call.max_tokens == 2 * AUDIO_TOKENS_PER_TOKEN * COUNT


@pytest.mark.parametrize(
    ("changes", "error"),
    [
        ({"input": None}, ("missing_required_parameter", "input")),
        ({"input": ""}, ("missing_required_parameter", "input")),
        ({"input": 5}, ("invalid_value", "input")),
        ({"input": "x" * (LONGEST_INPUT + 1)}, ("invalid_value", "input")),
        ({"model": None}, ("missing_required_parameter", "model")),
        ({"instructions": {}}, ("invalid_value", "instructions")),
        ({"speed": 0.2}, ("invalid_value", "speed")),
        ({"speed": 5}, ("invalid_value", "speed")),
        ({"speed": True}, ("invalid_value", "speed")),
        ({"speed": "1"}, ("invalid_value", "speed")),
        ({"stream_format": "sse"}, ("unsupported_parameter", "stream_format")),
    ],
)
def test_each_refusal_names_its_field(changes: dict[str, Any], error: tuple[str, str]) -> None:
    assert refused(SERVICE, BODY | changes) == error


def test_longest_input_is_counted_in_characters_and_passes() -> None:
    assert parsed(SERVICE, BODY | {"input": "字" * LONGEST_INPUT}).call.units == Tokens(characters=LONGEST_INPUT)


def test_fields_reach_the_provider() -> None:
    order = parsed(SERVICE, BODY | {"voice": {"id": "v"}, "response_format": "opus"})
    content, _ = order.content(order.call.body, "up")
    assert json.loads(content) == BODY | {"model": "up", "voice": {"id": "v"}, "response_format": "opus"}


def test_charge_is_by_the_character_and_estimated_by_the_token() -> None:
    sound = Forwarded(b"\x00\xff", "audio/mpeg")
    assert (read(sound).tokens, read(sound).estimated) == (Tokens(characters=len(TEXT)), False)
    made = AUDIO_TOKENS_PER_TOKEN * COUNT
    expected = Tokens(COUNT, made, audio_completion=made, characters=len(TEXT))
    assert (read(sound, BY_TOKEN).tokens, read(sound, BY_TOKEN).estimated) == (expected, True)


@pytest.mark.parametrize(
    ("stated", "passed"),
    [
        ("audio/mpeg", "audio/mpeg"),
        ("Audio/WAV", "audio/wav"),
        ("audio/pcm; rate=24000; channels=1; odd=1", "audio/pcm; rate=24000; channels=1"),
        ("audio/pcm;rate=24000", "audio/pcm;rate=24000"),
        ('audio/ogg; codecs="opus"', "audio/ogg"),
        ("application/octet-stream", "application/octet-stream"),
        ("", "application/octet-stream"),
    ],
)
def test_sound_passes_with_its_type_and_nothing_else(stated: str, passed: str) -> None:
    reading = read(Forwarded(b"\x00\xff", stated))
    assert (reading.answer, reading.content_type) == (b"\x00\xff", passed)


@pytest.mark.parametrize("stated", ["text/html", "application/json", "text/plain", "image/png", "audio", "x", "audio/"])
def test_what_is_no_sound_is_a_failure(stated: str) -> None:
    with pytest.raises(Failure):
        read(Forwarded(b"{}", stated))


def test_empty_sound_and_errors_are_failures() -> None:
    with pytest.raises(Failure):
        read(Forwarded(b"", "audio/mpeg"))
    with pytest.raises(Failure) as failed:
        read(answered({"error": {"message": "no voice", "code": "voice"}}))
    assert (failed.value.kind, failed.value.code) == (FailureKind.REPORTED, "voice")


@given(objects | st.binary(max_size=40), st.booleans())
def test_any_body_is_an_order_or_a_clear_error(body: Any, whole: bool) -> None:
    parsed_or_refused(SERVICE, body | {"model": "small", "input": TEXT} if whole and isinstance(body, dict) else body)


@given(anything | st.binary(max_size=40), st.text(st.characters(codec="latin-1"), max_size=30) | st.just("audio/mpeg"))
def test_any_answer_is_sound_or_a_failure_and_its_type_fits_a_header(value: Any, content_type: str) -> None:
    order = parsed(SERVICE, BODY)
    reading = read_or_fail(order, answered(value, content_type), ticket_for(order, BY_TOKEN))
    if reading is not None:
        assert reading.content_type.isascii()
        assert reading.content_type.isprintable()
        assert reading.tokens.completion <= order.call.max_tokens
