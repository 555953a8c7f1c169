"""The table of /v1: path and method to endpoint. Everything else is a JSON error that names the right address."""

from collections.abc import Awaitable, Callable, Mapping

from omna.config import Settings
from omna.errors import InternalError, MethodNotAllowed, OmnaError, UnknownUrl
from omna.gateway.gateway import Gateway
from omna.gateway.wire.account import Credits, Generation, KeyFacts
from omna.gateway.wire.admission import DryRun
from omna.gateway.wire.chat.dialect import Chat
from omna.gateway.wire.completions.dialect import Completions
from omna.gateway.wire.exchange import Exchange, Receive, Scope, Send
from omna.gateway.wire.forwarding import Forwarding
from omna.gateway.wire.generating import Generating
from omna.gateway.wire.messages.count import CountTokens
from omna.gateway.wire.messages.dialect import Messages
from omna.gateway.wire.messages.errors import error_body
from omna.gateway.wire.models import Models
from omna.gateway.wire.responses.dialect import Responses
from omna.gateway.wire.services.embeddings import Embeddings
from omna.gateway.wire.services.images import Images
from omna.gateway.wire.services.moderations import Moderations
from omna.gateway.wire.services.speech import Speech
from omna.gateway.wire.services.transcriptions import Transcriptions
from omna.http.body import ClientGone
from omna.ids import show
from omna.money import parse_credits
from omna.observability.logs import get_logger

Endpoint = Callable[[Exchange], Awaitable[None]]

log = get_logger(__name__)

_MODEL_PREFIX = "/v1/models/"
_MESSAGES = "/v1/messages"


class V1:
    """All of /v1 as one ASGI application."""

    def __init__(self, gateway: Gateway, settings: Settings) -> None:
        models = Models(gateway, parse_credits(settings.credits.usd_per_credit))
        self._one_model = models
        self._tracing = gateway.tracing
        self._endpoints: Mapping[str, tuple[str, Endpoint]] = {
            "/v1/chat/completions": ("POST", Generating(gateway, Chat())),
            _MESSAGES: ("POST", Generating(gateway, Messages())),
            f"{_MESSAGES}/count_tokens": ("POST", CountTokens(gateway)),
            "/v1/admission": ("POST", DryRun(gateway)),
            "/v1/completions": ("POST", Generating(gateway, Completions())),
            "/v1/responses": ("POST", Generating(gateway, Responses())),
            "/v1/embeddings": ("POST", Forwarding(gateway, Embeddings())),
            "/v1/images/generations": ("POST", Forwarding(gateway, Images())),
            "/v1/audio/speech": ("POST", Forwarding(gateway, Speech())),
            "/v1/audio/transcriptions": ("POST", Forwarding(gateway, Transcriptions("audio/transcriptions"))),
            "/v1/audio/translations": ("POST", Forwarding(gateway, Transcriptions("audio/translations"))),
            "/v1/moderations": ("POST", Forwarding(gateway, Moderations())),
            "/v1/models": ("GET", models),
            "/v1/key": ("GET", KeyFacts(gateway)),
            "/v1/credits": ("GET", Credits(gateway)),
            "/v1/generation": ("GET", Generation(gateway)),
        }

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        path, method = scope["path"], scope["method"]
        exchange = open_exchange(scope, receive, send)
        if method == "OPTIONS":
            await _preflight(exchange)
            return
        found = self._endpoints.get(path)
        if found is None and path.startswith(_MODEL_PREFIX) and len(path) > len(_MODEL_PREFIX):
            # A model id may hold slashes and colons, so it is all that is left of the path.
            scope["path_params"] = {"model_id": path[len(_MODEL_PREFIX) :]}
            found = "GET", self._one_model
        if found is None:
            await exchange.refuse(UnknownUrl(self._hint(path)))
            return
        if self._tracing is not None:
            self._tracing.arrived(exchange.header(b"traceparent"))
        allowed, endpoint = found
        if method != allowed and not (method == "HEAD" and allowed == "GET"):
            methods = "GET, HEAD, OPTIONS" if allowed == "GET" else f"{allowed}, OPTIONS"
            error = MethodNotAllowed(f"{path} takes {allowed}, not {method}.", metadata={"allow": methods})
            await exchange.refuse(error)
            return
        try:
            await endpoint(exchange)
        except OmnaError as error:
            await exchange.refuse(error)
        except ClientGone:
            return
        except Exception:
            # The last door: whatever failed, the client gets an id to quote and the log the rest.
            log.exception("request failed", request_id=show("req", exchange.request_id), path=path)
            if not exchange.started:
                await exchange.refuse(InternalError())

    def _hint(self, path: str) -> str:
        """Return what to do about an address that does not exist."""
        candidate = path.rstrip("/").replace("/v1/v1/", "/v1/")
        if candidate in self._endpoints:
            return f"There is nothing at {path}; the address is {candidate}."
        return f"There is nothing at {path}. The endpoints are {', '.join(self._endpoints)}."


def open_exchange(scope: Scope, receive: Receive, send: Send) -> Exchange:
    """Return the exchange of a request, its errors in the envelope that clients of the address read."""
    exchange = Exchange(scope, receive, send)
    path = scope["path"]
    if (path == _MESSAGES or path.startswith(f"{_MESSAGES}/")) and scope["method"] != "OPTIONS":
        exchange.error_body = error_body
        exchange.id_headers = (b"x-request-id", b"request-id")
    return exchange


async def _preflight(exchange: Exchange) -> None:
    """Answer OPTIONS: the SDKs' headers grow with every release, so whatever is asked for is allowed."""
    wanted = next((value for name, value in exchange.headers if name == b"access-control-request-headers"), b"")
    headers = [
        (b"access-control-allow-methods", b"GET, HEAD, POST, OPTIONS"),
        (b"access-control-max-age", b"86400"),
        (b"vary", b"access-control-request-headers"),
    ]
    if wanted:
        headers.append((b"access-control-allow-headers", wanted))
    await exchange.start(204, headers)
    await exchange.send({"type": "http.response.body", "body": b"", "more_body": False})
