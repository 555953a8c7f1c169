"""The adapter for hosts that speak Anthropic's Messages API.

How bytes travel is in transport.py, what is sent in anthropic_request.py, what comes back in anthropic_events.py.
"""

from yarl import URL

from omna.providers.anthropic_events import MessagesNormaliser
from omna.providers.anthropic_request import beta_header, messages_body
from omna.providers.base import Call, Endpoint, Failure, FailureKind
from omna.providers.legacy_functions import uses_functions
from omna.providers.transport import HttpProvider, Outgoing

VERSION = "2023-06-01"


class AnthropicProvider(HttpProvider):
    """One account at one host; the base URL ends in `/v1`, and what is posted to it is `/messages`."""

    def __init__(self, endpoint: Endpoint, connections: int) -> None:
        super().__init__(endpoint, connections)
        self._url = URL(f"{self._guard.url}/messages")

    def authentication(self, secret: str) -> dict[str, str]:
        return {"x-api-key": secret}

    def prepare(self, call: Call, *, stream: bool) -> Outgoing:
        if call.dialect == "completions":
            raise Failure(FailureKind.UNSUPPORTED, "This model answers /v1/chat/completions, not /v1/completions.")
        headers = {"Content-Type": "application/json", "anthropic-version": VERSION}
        if beta := beta_header(call):
            headers["anthropic-beta"] = beta
        native = call.dialect == "messages" and call.native is not None
        normaliser = MessagesNormaliser(legacy=not native and uses_functions(call.body))
        return Outgoing(self._url, messages_body(call, stream=stream), normaliser, headers)
