"""The Responses dialect: how POST /v1/responses reads and writes."""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.model import Call, Ticket
from omna.gateway.wire.chat.stream import HEARTBEAT
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.errors import error_body
from omna.gateway.wire.responses.answer import answer_body
from omna.gateway.wire.responses.request import parse_responses
from omna.gateway.wire.responses.stream import ResponsesStream, rename_param
from omna.ids import RequestId, response_id
from omna.providers.base import Completion


class Responses:
    """OpenAI's responses, for models that chat."""

    heartbeat = HEARTBEAT

    def parse(self, body: dict[str, Any], head: Head) -> Call:
        return parse_responses(body, head.request_id, head.received_at)

    def answer_id(self, request_id: RequestId) -> str:
        return response_id(request_id)

    def encoder(self, ticket: Ticket, created: int) -> ResponsesStream:
        return ResponsesStream(ticket, created)

    def whole(self, ticket: Ticket, answer: Completion, usage: dict[str, Any], created: int) -> dict[str, Any]:
        return answer_body(ticket, answer, usage, created)

    def error_body(self, error: OmnaError, request_id: RequestId) -> dict[str, Any]:
        body = error_body(error)
        body["error"]["param"] = rename_param(error)
        return body
