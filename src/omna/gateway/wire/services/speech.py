"""PURE: POST /v1/audio/speech: text to sound, by the character or by tokens that are estimated from the text."""

import math
import re
from typing import Any

from msgspec.structs import replace

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call, Reading, Receipt, Ticket, Tokens
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.fields import optional_string
from omna.gateway.wire.services.service import JSON, json_answer, json_content, malformed, request_answer_id
from omna.gateway.wire.wishes import parse_wishes
from omna.http.strict_json import loads
from omna.providers.base import Forwarded

LONGEST_INPUT = 4096
#: Tokens of sound for a token of text: about twenty a second, of which a speaker says a good three tokens.
AUDIO_TOKENS_PER_TOKEN = 6
SLOWEST, FASTEST = 0.25, 4.0

BINARY = "application/octet-stream"
#: Raw samples are nothing without the rate that stands beside their type.
_SOUND = re.compile(r"(audio/[a-z0-9.+-]{1,64})((?:; ?(?:rate|channels)=\d{1,6}){0,2}).*", re.DOTALL)


class Speech:
    """The endpoint."""

    endpoint = "speech"
    subject = "input"
    replayable = False
    needs_model = True
    answer_id = staticmethod(request_answer_id)

    def parse(self, body: bytes, head: Head) -> "SpeechOrder":
        fields = loads(body)
        wishes = parse_wishes(fields)
        text = optional_string(fields, "input")
        if not text:
            raise MissingRequiredParameter("`input` is missing: the text to speak.", param="input")
        if len(text) > LONGEST_INPUT:
            raise InvalidValue(f"`input` is longer than {LONGEST_INPUT:,} characters.", param="input")
        if fields.get("stream_format") not in (None, "audio"):
            raise UnsupportedParameter("Sound comes as it is: `stream_format` is audio.", param="stream_format")
        spoken = max(1, metering.count_text(text))
        call = Call(
            request_id=head.request_id,
            model_id=wishes.model,
            body=fields,
            prompt_tokens=spoken + metering.count_text(optional_string(fields, "instructions") or ""),
            max_tokens=math.ceil(AUDIO_TOKENS_PER_TOKEN * spoken / _speed(fields)),
            choices=1,
            streamed=False,
            include_usage=False,
            received_at=head.received_at,
            endpoint=self.endpoint,
            units=Tokens(characters=len(text)),
            fallbacks=wishes.fallbacks,
            preferences=wishes.preferences,
        )
        return SpeechOrder(call, len(text))


class SpeechOrder:
    """One text to speak."""

    path = "audio/speech"

    def __init__(self, call: Call, characters: int) -> None:
        self.call = call
        self._characters = characters

    def content(self, body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
        return json_content(body, upstream_model)

    def read(self, answer: Forwarded, ticket: Ticket) -> Reading:
        if not answer.content:
            raise malformed("the provider's answer is empty")
        content_type = _sound(answer)
        # No provider says what it counted: sound has no room for it.
        estimated = metering.prices_tokens(ticket.price.rates)
        tokens = Tokens()
        if estimated or metering.prices_tokens(ticket.route.costs):
            made = ticket.upstream_bound
            tokens = Tokens(self.call.prompt_tokens, made, audio_completion=made)
        return Reading(
            tokens=replace(tokens, characters=self._characters),
            estimated=estimated,
            answer=answer.content,
            content_type=content_type,
        )

    def write(self, reading: Reading, ticket: Ticket, receipt: Receipt, created: int) -> bytes:
        content: bytes = reading.answer
        return content


def _sound(answer: Forwarded) -> str:
    """Return the type of an answer that is sound, as far as it is known to be harmless. Errors: Failure."""
    stated = answer.content_type.strip().lower()
    if stated.startswith(JSON):
        json_answer(answer)  # says so if it is an error
    if stated in ("", BINARY):
        return BINARY
    match = _SOUND.match(stated)
    if match is None:
        raise malformed("the provider's answer is no sound")
    return f"{match[1]}{match[2]}"


def _speed(fields: dict[str, Any]) -> float:
    speed = fields.get("speed")
    if speed is None:
        return 1.0
    if isinstance(speed, bool) or not isinstance(speed, int | float) or not SLOWEST <= speed <= FASTEST:
        raise InvalidValue(f"`speed` must be a number from {SLOWEST} to {FASTEST}.", param="speed")
    return float(speed)
