"""A page as a route: GET shows it, POST is what its form does."""

from collections.abc import Awaitable, Callable

from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from omna.errors import InternalError, OmnaError
from omna.observability.logs import bind_request, get_logger
from omna.website.site import Site
from omna.website.visit import Visit

log = get_logger(__name__)

Handler = Callable[[Visit], Awaitable[Response]]


def page(site: Site, path: str, *, show: Handler | None = None, submit: Handler | None = None) -> Route:
    """Return a route. Whatever a handler raises becomes a page in the visitor's language."""

    async def endpoint(request: Request) -> Response:
        response = await answer(request)
        if request.method == "HEAD":
            response.body = b""  # its length stays stated
        return response

    async def answer(request: Request) -> Response:
        visit = Visit(site, request)
        bind_request(visit.request_id)
        if show is None:
            visit.here = "/"  # there is no page to come back to
        try:
            visit.notices = await site.notices(request)
            visit.sign_up = await site.sign_up(request)
            if request.method == "POST":
                assert submit is not None, "Starlette refuses methods that the route does not name"
                await visit.read()
                return await submit(visit)
            assert show is not None, "Starlette refuses methods that the route does not name"
            return await show(visit)
        except OmnaError as error:
            return visit.fail(error)
        except Exception as error:
            log.error("page failed", path=route.path, exc_info=error)
            return visit.fail(InternalError())

    methods = [*(("GET", "HEAD") if show else ()), *(("POST",) if submit else ())]
    route = Route(path, endpoint, methods=methods)
    return route
