"""The completions dialect: how POST /v1/completions reads and writes."""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.model import Call, Ticket
from omna.gateway.wire.chat.stream import HEARTBEAT
from omna.gateway.wire.completions.answer import answer_body
from omna.gateway.wire.completions.request import parse_completions
from omna.gateway.wire.completions.stream import CompletionsStream
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.errors import error_body
from omna.ids import RequestId, legacy_completion_id
from omna.providers.base import Completion


class Completions:
    """OpenAI's completions, for models that offer them."""

    heartbeat = HEARTBEAT

    def parse(self, body: dict[str, Any], head: Head) -> Call:
        return parse_completions(body, head.request_id, head.received_at)

    def answer_id(self, request_id: RequestId) -> str:
        return legacy_completion_id(request_id)

    def encoder(self, ticket: Ticket, created: int) -> CompletionsStream:
        return CompletionsStream(ticket, created)

    def whole(self, ticket: Ticket, answer: Completion, usage: dict[str, Any], created: int) -> dict[str, Any]:
        return answer_body(ticket, answer, usage, created)

    def error_body(self, error: OmnaError, request_id: RequestId) -> dict[str, Any]:
        body = error_body(error)
        if error.param == "messages":
            body["error"]["param"] = "prompt"
        return body
