"""PURE: POST /v1/moderations: passed on, and free."""

from typing import Any

from omna.errors import InvalidValue, MissingRequiredParameter, ModelNotFound
from omna.gateway.model import Call, Reading, Receipt, Ticket, Tokens
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.services.service import json_answer, json_content, malformed
from omna.gateway.wire.wishes import MOST_FALLBACKS, Wishes, parse_wishes
from omna.http.strict_json import dumps, loads
from omna.ids import RequestId, show
from omna.providers.base import Forwarded

MOST_INPUTS = 2048


class Moderations:
    """The endpoint."""

    endpoint = "moderations"
    subject = "input"
    replayable = True
    needs_model = False

    def answer_id(self, request_id: RequestId) -> str:
        return show("modr", request_id)

    def parse(self, body: bytes, head: Head) -> "ModerationsOrder":
        fields = loads(body)
        wishes = _wishes(fields, head.offers)
        texts = _check_input(fields)
        call = Call(
            request_id=head.request_id,
            model_id=wishes.model,
            body=fields,
            prompt_tokens=0,
            max_tokens=0,
            choices=1,
            streamed=False,
            include_usage=False,
            received_at=head.received_at,
            endpoint=self.endpoint,
            fallbacks=wishes.fallbacks,
            preferences=wishes.preferences,
        )
        return ModerationsOrder(call, texts, self.answer_id(head.request_id))


class ModerationsOrder:
    """One request; texts: how many results it must have."""

    path = "moderations"

    def __init__(self, call: Call, texts: int, answer_id: str) -> None:
        self.call = call
        self._texts = texts
        self._answer_id = answer_id

    def content(self, body: dict[str, Any], upstream_model: str) -> tuple[bytes, str]:
        return json_content(body, upstream_model)

    def read(self, answer: Forwarded, ticket: Ticket) -> Reading:
        body = json_answer(answer)
        results = body.get("results")
        # Who asks acts on it: a verdict that is missing must not be taken for a good one.
        if (
            not isinstance(results, list)
            or len(results) != self._texts
            or not all(isinstance(result, dict) and isinstance(result.get("flagged"), bool) for result in results)
        ):
            raise malformed("the provider's answer has not one verdict for each text")
        return Reading(tokens=Tokens(), estimated=False, answer=body)

    def write(self, reading: Reading, ticket: Ticket, receipt: Receipt, created: int) -> bytes:
        return dumps(reading.answer | {"id": self._answer_id, "model": ticket.asked})


def _wishes(fields: dict[str, Any], offers: tuple[str, ...]) -> Wishes:
    if fields.get("model") is None and fields.get("models") is None:
        if not offers:
            raise ModelNotFound("No model here offers moderations.", param="model")
        fields = fields | {"models": list(offers[: MOST_FALLBACKS + 1])}
    return parse_wishes(fields)


def _check_input(fields: dict[str, Any]) -> int:
    """Return how many verdicts the input asks for: one for each text, and one for a text with its images."""
    value = fields.get("input")
    if value is None:
        raise MissingRequiredParameter("`input` is missing.", param="input")
    if isinstance(value, str):
        return 1
    if isinstance(value, list) and 0 < len(value) <= MOST_INPUTS:
        if all(isinstance(one, str) for one in value):
            return len(value)
        if all(isinstance(one, dict) and isinstance(one.get("type"), str) for one in value):
            return 1
    raise InvalidValue(
        f"`input` must be a string, 1 to {MOST_INPUTS:,} strings, or a list of text and image_url parts.", param="input"
    )
