"""The chat dialect: how POST /v1/chat/completions reads and writes."""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.model import Call, Ticket
from omna.gateway.wire.chat.answer import answer_body
from omna.gateway.wire.chat.request import parse_chat
from omna.gateway.wire.chat.stream import HEARTBEAT, ChatStream
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.errors import error_body
from omna.ids import RequestId, completion_id
from omna.providers.base import Completion


class Chat:
    """OpenAI's chat completions."""

    heartbeat = HEARTBEAT

    def parse(self, body: dict[str, Any], head: Head) -> Call:
        return parse_chat(body, head.request_id, head.received_at)

    def answer_id(self, request_id: RequestId) -> str:
        return completion_id(request_id)

    def encoder(self, ticket: Ticket, created: int) -> ChatStream:
        call = ticket.call
        return ChatStream(completion_id(call.request_id), ticket.asked, created, call.include_usage)

    def whole(self, ticket: Ticket, answer: Completion, usage: dict[str, Any], created: int) -> dict[str, Any]:
        return answer_body(ticket, answer, usage, created)

    def error_body(self, error: OmnaError, request_id: RequestId) -> dict[str, Any]:
        return error_body(error)
