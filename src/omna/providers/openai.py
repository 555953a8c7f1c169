"""The adapter for every host that serves `chat/completions` in OpenAI's format.

How bytes travel is in transport.py, what they mean in openai_chunks.py, what hosts want differently in
openai_habits.py.
"""

from yarl import URL

from omna.providers.base import Call, Endpoint
from omna.providers.openai_chunks import Normaliser
from omna.providers.openai_habits import COMMON, Habits, request_body
from omna.providers.transport import HttpProvider, Outgoing


class OpenAIProvider(HttpProvider):
    """One account at one host that speaks OpenAI's format; `habits` is what this host wants differently."""

    def __init__(self, endpoint: Endpoint, connections: int, habits: Habits = COMMON) -> None:
        super().__init__(endpoint, connections)
        self._url = URL(f"{self._guard.url}/chat/completions")
        self._habits = habits

    def prepare(self, call: Call, *, stream: bool) -> Outgoing:
        return Outgoing(self._url, request_body(call, self._habits, stream=stream), Normaliser(_choices(call)))


def _choices(call: Call) -> int:
    n = call.body.get("n")
    return n if type(n) is int and n > 0 else 1
