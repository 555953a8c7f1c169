"""The adapter for every host that speaks OpenAI's format.

How bytes travel is in transport.py, what they mean in openai_chunks.py and openai_responses.py, what hosts want
differently in openai_habits.py.
"""

from yarl import URL

from omna.providers.base import Call, Endpoint, Forward, Forwarded
from omna.providers.openai_chunks import Normaliser
from omna.providers.openai_habits import COMMON, Habits, chat_body, choices, completions_body, responses_body
from omna.providers.openai_responses import ResponsesNormaliser
from omna.providers.transport import HttpProvider, Outgoing


class OpenAIProvider(HttpProvider):
    """One account at one host that speaks OpenAI's format; `habits` is what this host wants differently."""

    def __init__(self, endpoint: Endpoint, connections: int, habits: Habits = COMMON) -> None:
        super().__init__(endpoint, connections)
        self._habits = habits
        self._chat = URL(f"{self._guard.url}/chat/completions")
        self._completions = URL(f"{self._guard.url}/completions")
        self._responses = URL(f"{self._guard.url}/responses")

    def prepare(self, call: Call, *, stream: bool) -> Outgoing:
        if call.dialect == "completions":
            body = completions_body(call, self._habits, stream=stream)
            return Outgoing(self._completions, body, Normaliser(choices(call)))
        if call.dialect == "responses" and call.native is not None and self._habits.responses:
            return Outgoing(self._responses, responses_body(call, call.native, stream=stream), ResponsesNormaliser())
        return Outgoing(self._chat, chat_body(call, self._habits, stream=stream), Normaliser(choices(call)))

    async def forward(self, request: Forward) -> Forwarded:
        url = URL(f"{self._guard.url}/{request.path}")
        headers = {"Content-Type": request.content_type, "Accept": "*/*"}
        if request.traceparent is not None:
            headers["traceparent"] = request.traceparent
        return Forwarded(*await self._fetch(url, request.content, headers, request.request_id, request.timeouts))
