"""POST /webhooks/{processor}: where payment services tell us that something happened. No cookies, no form tokens: who
may speak here is proven by a signature over the raw body.
"""

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.errors import InvalidRequest, OmnaError, RequestTooLarge, ServiceUnavailable
from omna.http.body import ClientGone, read_body
from omna.ids import new_id, show
from omna.observability.logs import bind_request, get_logger
from omna.payments.checkout import inbox
from omna.payments.checkout.registry import Registry

log = get_logger(__name__)

LIMIT_BYTES = 1 << 20
TIMEOUT_SECONDS = 10.0

_PROCESSORS = ("stripe", "sandbox")


def routes() -> list[Route]:
    """Return the webhooks. `app.state.checkout` is None until the database is there."""
    return [Route("/webhooks/{processor}", _receive, methods=["POST"])]


async def _receive(request: Request) -> Response:
    bind_request(show("req", new_id()))
    name = request.path_params["processor"]
    if name not in _PROCESSORS:
        return _answer(404)
    registry: Registry | None = getattr(request.app.state, "checkout", None)
    if registry is None:
        return _answer(503)
    try:
        return _answer(await _status(registry, name, request))
    except ServiceUnavailable:
        log.warning("payment event not taken: database away", processor=name)
        return _answer(503)


async def _status(registry: Registry, name: str, request: Request) -> int:
    try:
        body = await read_body(request.receive, request.scope["headers"], limit=LIMIT_BYTES, timeout=TIMEOUT_SECONDS)
    except RequestTooLarge as error:
        await inbox.refuse(registry, name, "too_large")
        return error.status
    except ClientGone:
        return 400
    except InvalidRequest as error:
        await inbox.refuse(registry, name, "malformed")
        return error.status
    try:
        return (await inbox.receive(registry, name, body, dict(request.headers))).value
    except ServiceUnavailable:
        raise
    except OmnaError as error:
        log.error("payment event failed", processor=name, error=error.message)
        return 503


def _answer(status: int) -> Response:
    return Response(status_code=status, headers={"cache-control": "no-store"})
