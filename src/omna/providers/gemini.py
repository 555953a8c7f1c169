"""The adapter for Gemini's own format, generateContent.

How bytes travel is in transport.py, what is asked in gemini_request.py, what is answered in gemini_events.py.
"""

from yarl import URL

from omna.providers.base import Call, Failure
from omna.providers.gemini_events import Normaliser
from omna.providers.gemini_refusals import understood
from omna.providers.gemini_request import generate_body, model_path
from omna.providers.transport import HttpProvider, Outgoing


class GeminiProvider(HttpProvider):
    """One account at Google's Gemini API; the base URL ends in the version, `…/v1beta`.

    A key travels in a header and never in the URL, which proxies write to their logs.
    """

    def authentication(self, secret: str) -> dict[str, str]:
        return {"x-goog-api-key": secret}

    def prepare(self, call: Call, *, stream: bool) -> Outgoing:
        method = "streamGenerateContent?alt=sse" if stream else "generateContent"
        url = URL(f"{self._guard.url}/{model_path(call.model)}:{method}")
        n = call.body.get("n")
        return Outgoing(url, generate_body(call), Normaliser(n if type(n) is int and n > 0 else 1))

    def refused(self, failure: Failure) -> Failure:
        return understood(failure)
