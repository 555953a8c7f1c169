"""The Messages dialect: how POST /v1/messages reads and writes."""

from typing import Any

from omna.errors import OmnaError
from omna.gateway.model import Call, Ticket
from omna.gateway.wire.dialect import Head
from omna.gateway.wire.messages.answer import whole_message
from omna.gateway.wire.messages.errors import error_body
from omna.gateway.wire.messages.request import parse_messages
from omna.gateway.wire.messages.stream import HEARTBEAT, MessagesStream
from omna.ids import RequestId, message_id
from omna.providers.base import Completion


class Messages:
    """Anthropic's Messages."""

    heartbeat = HEARTBEAT

    def parse(self, body: dict[str, Any], head: Head) -> Call:
        return parse_messages(body, head)

    def answer_id(self, request_id: RequestId) -> str:
        return message_id(request_id)

    def encoder(self, ticket: Ticket, created: int) -> MessagesStream:
        return MessagesStream(ticket)

    def whole(self, ticket: Ticket, answer: Completion, usage: dict[str, Any], created: int) -> dict[str, Any]:
        return whole_message(ticket, answer, usage)

    def error_body(self, error: OmnaError, request_id: RequestId) -> dict[str, Any]:
        return error_body(error, request_id)
