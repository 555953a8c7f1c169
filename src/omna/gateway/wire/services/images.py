"""PURE: POST /v1/images/generations: images by the piece, by the token, or both, as the price says."""

import re
from typing import Any

from msgspec.structs import replace

from omna.errors import InvalidValue, MissingRequiredParameter, UnsupportedParameter
from omna.gateway import metering
from omna.gateway.model import Call, Reading, Receipt, Ticket, Tokens
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.fields import flag, optional_string, whole_number
from omna.gateway.wire.services.service import count, json_answer, json_content, malformed, request_answer_id
from omna.gateway.wire.usage import usage_body
from omna.gateway.wire.wishes import parse_wishes
from omna.http.strict_json import dumps, loads
from omna.providers.base import Forwarded, Usage

MOST_IMAGES = 10
LONGEST_WORD = 64
#: What an image may have in tokens: 8,192 up to 1.5 megapixels, and one more for every 192 pixels of a larger one.
#: Above what the dearest quality of the known models takes.
TOKENS_PER_IMAGE, PIXELS_PER_TOKEN = 8_192, 192
#: Pixels of an image whose size is a word we do not know: 4K.
LARGEST_KNOWN_PIXELS = 3840 * 2160
#: Where a provider states no tokens, the lower qualities are taken for these parts of the bound.
PART_OF_QUALITY = {"low": 16, "medium": 4}

_SIZE = re.compile(r"(\d{1,5})x(\d{1,5})")


class Images:
    """The endpoint."""

    endpoint = "images"
    subject = "prompt"
    replayable = True
    needs_model = True
    answer_id = staticmethod(request_answer_id)

    def parse(self, body: bytes, head: Head) -> "ImagesOrder":
        fields = loads(body)
        wishes = parse_wishes(fields)
        prompt = optional_string(fields, "prompt")
        if not prompt:
            raise MissingRequiredParameter("`prompt` is missing.", param="prompt")
        if flag(fields, "stream"):
            raise UnsupportedParameter("Images come when they are finished: leave `stream` out.", param="stream")
        if fields.get("partial_images") not in (None, 0):
            raise UnsupportedParameter("Unfinished images are not sold.", param="partial_images")
        if fields.get("output_format") == "svg":
            raise UnsupportedParameter("Drawings as SVG are not sold.", param="output_format")
        number = whole_number(fields, "n", MOST_IMAGES) or 1
        bound = _most_tokens(_word(fields, "size"))
        call = Call(
            request_id=head.request_id,
            model_id=wishes.model,
            body=fields,
            prompt_tokens=max(1, metering.count_text(prompt)),
            max_tokens=bound,
            choices=number,
            streamed=False,
            include_usage=False,
            received_at=head.received_at,
            endpoint=self.endpoint,
            units=Tokens(images=number),
            fallbacks=wishes.fallbacks,
            preferences=wishes.preferences,
        )
        part = PART_OF_QUALITY.get(_word(fields, "quality") or "", 1)
        return ImagesOrder(call, number, estimate=bound // part)


class ImagesOrder:
    """One request for so many images; estimate: tokens of one whose provider states none."""

    path = "images/generations"

    def __init__(self, call: Call, number: int, *, estimate: int) -> None:
        self.call = call
        self._number = number
        self._estimate = estimate

    def content(self, body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
        return json_content(body, upstream_model)

    def read(self, answer: Forwarded, ticket: Ticket) -> Reading:
        body = json_answer(answer)
        data = body.get("data")
        if not isinstance(data, list) or not data or not all(map(_is_image, data)):
            raise malformed("the provider's answer holds no images")
        made = min(len(data), self._number)
        tokens = metering.believe(
            _stated(body.get("usage")),
            prompt=self.call.prompt_tokens,
            text=0,
            context=ticket.model.context_length,
            output_bound=ticket.upstream_bound * self.call.choices,
        )
        estimated = False
        if tokens is None:
            estimated = metering.prices_tokens(ticket.price.rates)
            needed = estimated or metering.prices_tokens(ticket.route.costs)
            seen = min(self._estimate, ticket.upstream_bound) * made
            tokens = Tokens(self.call.prompt_tokens, seen, image_completion=seen) if needed else Tokens()
        return Reading(tokens=replace(tokens, images=made), estimated=estimated, answer=body)

    def write(self, reading: Reading, ticket: Ticket, receipt: Receipt, created: int) -> bytes:
        body: dict[str, Any] = reading.answer
        stated = count(body.get("created"), most=2**53)
        answer = body | {"created": created if stated is None else stated, "usage": _usage(receipt)}
        if "model" in answer:
            answer["model"] = ticket.asked
        return dumps(answer)


def _is_image(value: Any) -> bool:
    return isinstance(value, dict) and any(
        isinstance(value.get(name), str) and value[name] for name in ("b64_json", "url")
    )


def _most_tokens(size: str | None) -> int:
    if size in (None, "auto"):
        return TOKENS_PER_IMAGE
    assert size is not None
    match = _SIZE.fullmatch(size)
    pixels = int(match[1]) * int(match[2]) if match else LARGEST_KNOWN_PIXELS
    return max(TOKENS_PER_IMAGE, -(-pixels // PIXELS_PER_TOKEN))


def _word(fields: dict[str, Any], name: str) -> str | None:
    value = optional_string(fields, name)
    if value is not None and len(value) > LONGEST_WORD:
        raise InvalidValue(f"`{name}` is longer than {LONGEST_WORD} characters.", param=name)
    return value


def _stated(usage: Any) -> Usage | None:
    """Return the tokens a provider states, None when they contradict themselves or are none."""
    if not isinstance(usage, dict):
        return None
    prompt, completion = count(usage.get("input_tokens")), count(usage.get("output_tokens"))
    sent, made = usage.get("input_tokens_details"), usage.get("output_tokens_details")
    seen = count(sent.get("image_tokens")) if isinstance(sent, dict) and "image_tokens" in sent else 0
    drawn = count(made.get("image_tokens")) if isinstance(made, dict) and "image_tokens" in made else completion
    if prompt is None or completion is None or seen is None or drawn is None or drawn > completion:
        return None
    # What a model writes on its way to an image is seen by nobody, as reasoning is.
    return Usage(prompt, completion, reasoning=completion - drawn, image_prompt=seen, image_completion=drawn)


def _usage(receipt: Receipt) -> dict[str, Any]:
    """Return the `usage` of this endpoint, which names its counts differently."""
    tokens, usage = receipt.tokens, usage_body(receipt)
    return {
        "images": tokens.images,
        "input_tokens": tokens.prompt,
        "output_tokens": tokens.completion,
        "total_tokens": tokens.prompt + tokens.completion,
        "input_tokens_details": {
            "text_tokens": tokens.prompt - tokens.image_prompt,
            "image_tokens": tokens.image_prompt,
        },
        "output_tokens_details": {
            "text_tokens": tokens.completion - tokens.image_completion,
            "image_tokens": tokens.image_completion,
        },
        "cost": usage["cost"],
        "cost_details": usage["cost_details"],
    }
