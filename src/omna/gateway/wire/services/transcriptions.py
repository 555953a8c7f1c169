"""PURE: POST /v1/audio/transcriptions and /v1/audio/translations: sound to text, by the second, the token, or both."""

import re
from typing import Any, cast

from msgspec.structs import replace

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call, Reading, Receipt, Ticket, Tokens
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.fields import LARGEST_MAX_TOKENS
from omna.gateway.wire.services.form import Fields, File, read_form, write_form
from omna.gateway.wire.services.service import JSON, json_answer, malformed, request_answer_id
from omna.gateway.wire.services.sound import likely_seconds, most_seconds, most_seconds_in
from omna.gateway.wire.services.statement import stated_seconds, stated_tokens
from omna.gateway.wire.usage import usage_body
from omna.gateway.wire.wishes import parse_wishes
from omna.http.strict_json import dumps
from omna.providers.base import Forwarded

FILE = "file"
JSON_FORMATS = ("json", "verbose_json", "diarized_json")
TEXT_FORMATS = ("text", "srt", "vtt")
#: What a second of sound is in tokens of the models that count them, and the most that is said in it.
AUDIO_TOKENS_PER_SECOND, TEXT_TOKENS_PER_SECOND = 10, 10
#: Tokens of an answer to hardly any sound.
FEWEST_TEXT_TOKENS = 64

#: What `stream` may say: that there is none.
NO_STREAM = ("", "false", "False", "0")
_PLAIN = "text/plain; charset=utf-8"
_DATA_URL = re.compile(r"data:[\w/.+;=-]{0,100};base64,", re.ASCII)


class Transcriptions:
    """Both endpoints; `path` is which one."""

    endpoint = "transcriptions"
    subject = FILE
    replayable = False
    needs_model = True
    answer_id = staticmethod(request_answer_id)

    def __init__(self, path: str) -> None:
        self._path = path

    def parse(self, body: bytes, head: Head) -> "TranscriptionsOrder":
        form = read_form(body, head.content_type, file_field=FILE)
        fields, file = form.fields, form.file
        others = fields.pop("models[]", fields.get("models"))
        models = [others] if isinstance(others, str) else others
        wishes = parse_wishes({"model": fields.get("model"), "models": models})
        if file is None or not file.content:
            raise MissingRequiredParameter("`file` is missing: the sound to write down.", param=FILE)
        if fields.get("stream", "") not in NO_STREAM:
            raise UnsupportedParameter("Transcripts come when they are finished: leave `stream` out.", param="stream")
        answer_format = fields.get("response_format", "json")
        if answer_format not in (*JSON_FORMATS, *TEXT_FORMATS):
            raise InvalidValue(
                f"`response_format` must be one of {', '.join((*JSON_FORMATS, *TEXT_FORMATS))}.",
                param="response_format",
            )
        texts, samples = _values(fields)
        seconds = most_seconds(file.content) + most_seconds_in(samples)
        heard = AUDIO_TOKENS_PER_SECOND * seconds + sum(metering.count_text(text) for text in texts)
        call = Call(
            request_id=head.request_id,
            model_id=wishes.model,
            body=cast(dict[str, Any], fields),
            prompt_tokens=min(heard, LARGEST_MAX_TOKENS),
            max_tokens=min(FEWEST_TEXT_TOKENS + TEXT_TOKENS_PER_SECOND * seconds, LARGEST_MAX_TOKENS),
            choices=1,
            streamed=False,
            include_usage=False,
            received_at=head.received_at,
            endpoint=self.endpoint,
            units=Tokens(seconds=seconds),
            fallbacks=wishes.fallbacks,
        )
        return TranscriptionsOrder(call, self._path, file, str(answer_format), texts)


class TranscriptionsOrder:
    """One file to write down."""

    def __init__(self, call: Call, path: str, file: File, answer_format: str, texts: list[str]) -> None:
        self.call = call
        self.path = path
        self._file = file
        self._format = answer_format
        self._texts = texts

    def content(self, body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
        fields = body | {"model": upstream_model}
        if self._format == "text":
            # A plain text says nothing of what it took; as JSON it is the same text, and the counts come with it.
            fields["response_format"] = "json"
        return write_form(fields, FILE, self._file, f"omna-{self.call.request_id.hex}")

    def read(self, answer: Forwarded, ticket: Ticket) -> Reading:
        if self._format in JSON_FORMATS or self._format == "text":
            body = json_answer(answer)
            text = body.get("text")
            if not isinstance(text, str):
                raise malformed("the provider's answer holds no text")
            shown: Any = body if self._format in JSON_FORMATS else f"{text}\n".encode()
        else:
            body, text = {}, _subtitles(answer)
            shown = text.encode()
        tokens, estimated = self._measured(body, text, ticket)
        content_type = JSON if self._format in JSON_FORMATS else _PLAIN
        return Reading(
            tokens=tokens,
            estimated=estimated,
            answer=shown,
            content_type=content_type,
            delivers=bool(text.strip()),
        )

    def write(self, reading: Reading, ticket: Ticket, receipt: Receipt, created: int) -> bytes:
        if isinstance(reading.answer, bytes):
            return reading.answer
        answer = reading.answer | {"usage": _usage(receipt)}
        if "model" in answer:
            answer["model"] = ticket.asked
        return dumps(answer)

    def _measured(self, body: dict[str, Any], text: str, ticket: Ticket) -> tuple[Tokens, bool]:
        """Return what is billed, and whether a count that has a price is ours. What has no price is not guessed."""
        units = self.call.units
        assert units is not None
        estimated = False
        rates, costs = ticket.price.rates, ticket.route.costs
        seconds = stated_seconds(body, text)
        if seconds is None or not 0 < seconds <= units.seconds:
            estimated = rates.second > 0
            seconds = min(likely_seconds(self._file.content), units.seconds) if estimated or costs.second else 0
        tokens = stated_tokens(
            body.get("usage"),
            prompt=self.call.prompt_tokens,
            text=metering.count_text(text),
            context=ticket.model.context_length,
            output_bound=ticket.upstream_bound,
        )
        if tokens is None:
            priced = metering.prices_tokens(rates)
            estimated = estimated or priced
            tokens = self._estimate(text, ticket) if priced or metering.prices_tokens(costs) else Tokens()
        return replace(tokens, seconds=seconds), estimated

    def _estimate(self, text: str, ticket: Ticket) -> Tokens:
        heard = AUDIO_TOKENS_PER_SECOND * likely_seconds(self._file.content)
        read = min(sum(metering.count_text(text) for text in self._texts), self.call.prompt_tokens)
        heard = min(heard, self.call.prompt_tokens - read)
        return Tokens(heard + read, min(metering.count_text(text), ticket.upstream_bound), audio_prompt=heard)


def _values(fields: Fields) -> tuple[list[str], int]:
    """Return the texts a model reads beside the sound, and the bytes of more sound: voices, as data URLs."""
    texts: list[str] = []
    samples = 0
    for name, values in fields.items():
        for value in values if isinstance(values, list) else [values]:
            if _DATA_URL.match(value):
                samples += len(value) * 3 // 4
            elif name not in ("model", "response_format"):
                texts.append(value)
    return texts, samples


def _subtitles(answer: Forwarded) -> str:
    """Return a text as it came. Errors: Failure for one that is none."""
    if answer.content.lstrip()[:1] == b"{":
        json_answer(answer)  # says so if it is an error
    try:
        text = answer.content.decode()
    except UnicodeDecodeError:
        raise malformed("the provider's answer is no text") from None
    if text.lstrip()[:1] == "<" or "\0" in text:
        raise malformed("the provider's answer is no transcript")
    return text


def _usage(receipt: Receipt) -> dict[str, Any]:
    """Return the `usage` of this endpoint: by tokens where there are any, else by seconds."""
    tokens, usage = receipt.tokens, usage_body(receipt)
    cost = {"cost": usage["cost"], "cost_details": usage["cost_details"]}
    if not tokens.prompt and not tokens.completion:
        return {"type": "duration", "seconds": tokens.seconds, **cost}
    return {
        "type": "tokens",
        "input_tokens": tokens.prompt,
        "output_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "input_token_details": {
            "text_tokens": tokens.prompt - tokens.audio_prompt,
            "audio_tokens": tokens.audio_prompt,
        },
        **({"seconds": tokens.seconds} if tokens.seconds else {}),
        **cost,
    }
