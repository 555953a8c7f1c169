"""PURE: POST /v1/embeddings: texts or tokens to vectors, in the encoding and the order the client asked for."""

import base64
import binascii
import math
import struct
from typing import Any

import msgspec

from omna.errors import InvalidValue, MissingRequiredParameter
from omna.gateway import metering
from omna.gateway.model import Call, Reading, Receipt, Ticket, Tokens
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.fields import optional_string, whole_number
from omna.gateway.wire.services.service import json_answer, json_content, malformed, request_answer_id
from omna.gateway.wire.usage import usage_body
from omna.gateway.wire.wishes import parse_wishes
from omna.http.strict_json import dumps, loads
from omna.providers.base import Failure, Forwarded
from omna.providers.openai_usage import parse_usage

MOST_INPUTS = 2048
LARGEST_TOKEN_ID = 2**31 - 1
MOST_DIMENSIONS = 65_536
LARGEST_FLOAT32 = 3.4028234663852886e38


class Embeddings:
    """The endpoint."""

    endpoint = "embeddings"
    subject = "input"
    replayable = True
    needs_model = True
    answer_id = staticmethod(request_answer_id)

    def parse(self, body: bytes, head: Head) -> "EmbeddingsOrder":
        fields = loads(body)
        wishes = parse_wishes(fields)
        inputs = _inputs(fields)
        whole_number(fields, "dimensions", MOST_DIMENSIONS)
        optional_string(fields, "user")
        encoding = fields.get("encoding_format")
        if encoding not in (None, "float", "base64"):
            raise InvalidValue("`encoding_format` must be float or base64.", param="encoding_format")
        call = Call(
            request_id=head.request_id,
            model_id=wishes.model,
            body=fields,
            prompt_tokens=sum(_tokens(one) for one in inputs),
            max_tokens=0,
            choices=1,
            streamed=False,
            include_usage=False,
            received_at=head.received_at,
            endpoint=self.endpoint,
            fallbacks=wishes.fallbacks,
            preferences=wishes.preferences,
        )
        return EmbeddingsOrder(call, len(inputs), base64=encoding == "base64")


class EmbeddingsOrder:
    """One request for so many vectors, as numbers or as base64."""

    path = "embeddings"

    def __init__(self, call: Call, inputs: int, *, base64: bool) -> None:
        self.call = call
        self._inputs = inputs
        self._base64 = base64

    def content(self, body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
        # Every provider has numbers, not every one base64: asked for in one form, both are the same to the last bit.
        if "encoding_format" in body:
            body = body | {"encoding_format": "float"}
        return json_content(body, upstream_model)

    def read(self, answer: Forwarded, ticket: Ticket) -> Reading:
        stated = _decoded(answer)
        vectors = _in_order(stated.data, self._inputs)
        usage, invalid = parse_usage(_with_completion(stated.usage))
        believed = metering.believe(
            None if invalid else usage,
            prompt=self.call.prompt_tokens,
            text=0,
            context=ticket.model.context_length,
            output_bound=0,
        )
        return Reading(
            tokens=believed or Tokens(prompt=self.call.prompt_tokens),
            estimated=believed is None,
            answer=[self._encoded(vector) for vector in vectors],
        )

    def write(self, reading: Reading, ticket: Ticket, receipt: Receipt, created: int) -> bytes:
        usage = usage_body(receipt)
        return dumps(
            {
                "object": "list",
                "data": [
                    {"object": "embedding", "index": index, "embedding": embedding}
                    for index, embedding in enumerate(reading.answer)
                ],
                "model": ticket.asked,
                "usage": {name: usage[name] for name in ("prompt_tokens", "total_tokens", "cost", "cost_details")},
            }
        )

    def _encoded(self, vector: list[float] | str) -> list[float] | str:
        """Return a vector in the client's encoding. Errors: Failure for one that is none."""
        numbers = _unpacked(vector) if isinstance(vector, str) else vector
        if not numbers or not all(-LARGEST_FLOAT32 <= number <= LARGEST_FLOAT32 for number in numbers):
            raise malformed("the provider's answer holds a vector that is none")
        if not self._base64:
            return numbers
        return base64.b64encode(struct.pack(f"<{len(numbers)}f", *numbers)).decode()


class _Row(msgspec.Struct):
    embedding: list[float] | str
    index: int | None = None


class _Answer(msgspec.Struct):
    data: list[_Row]
    usage: Any = None


_decoder = msgspec.json.Decoder(_Answer)


def _decoded(answer: Forwarded) -> _Answer:
    try:
        # Numbers as numbers at once: a large batch has millions of them.
        return _decoder.decode(answer.content)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        json_answer(answer)  # says so if it is an error
        raise malformed("the provider's answer holds no vectors") from None


def _in_order(rows: list[_Row], inputs: int) -> list[list[float] | str]:
    """Return the vectors in the order of their inputs. Errors: Failure unless there is exactly one for each."""
    if any(row.index is not None for row in rows):
        rows = sorted(rows, key=lambda row: -1 if row.index is None else row.index)
        if [row.index for row in rows] != list(range(inputs)):
            raise _wrong_number()
    elif len(rows) != inputs:
        raise _wrong_number()
    return [row.embedding for row in rows]


def _wrong_number() -> Failure:
    return malformed("the provider's answer has not one vector for each input")


def _unpacked(text: str) -> list[float]:
    """Return the numbers of base64 as they are sent: little-endian float32. Empty for anything else."""
    try:
        raw = base64.b64decode(text, validate=True)
        numbers = struct.unpack(f"<{len(raw) // 4}f", raw)
    except (binascii.Error, ValueError, struct.error):
        return []
    return list(numbers) if all(map(math.isfinite, numbers)) else []


def _with_completion(usage: Any) -> Any:
    """Return a usage object with the side that embeddings do not have."""
    if isinstance(usage, dict) and usage.get("completion_tokens") is None:
        return usage | {"completion_tokens": 0}
    return usage


def _inputs(fields: dict[str, Any]) -> list[Any]:
    """Return the inputs of a body: a text, tokens, or a list of either."""
    value = fields.get("input")
    if value is None:
        raise MissingRequiredParameter("`input` is missing.", param="input")
    inputs = [value] if isinstance(value, str) or _is_tokens(value) else value
    if not isinstance(inputs, list) or not (
        all(isinstance(one, str) for one in inputs) or all(_is_tokens(one) for one in inputs)
    ):
        raise InvalidValue("`input` must be a string, a list of token ids, or a list of either.", param="input")
    if not 0 < len(inputs) <= MOST_INPUTS:
        raise InvalidValue(f"`input` holds 1 to {MOST_INPUTS:,} texts.", param="input")
    if not all(inputs):
        raise InvalidValue("`input` holds an empty text.", param="input")
    return inputs


def _is_tokens(value: Any) -> bool:
    return (
        isinstance(value, list)
        and bool(value)
        and all(type(token) is int and 0 <= token <= LARGEST_TOKEN_ID for token in value)
    )


def _tokens(one: Any) -> int:
    # An answer never costs nothing by our own count: a token is the least that a text can be.
    return max(1, metering.count_text(one)) if isinstance(one, str) else len(one)
