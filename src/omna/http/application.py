"""A FastAPI application as /api needs it: one error shape, CSRF rules, bounded bodies, safe headers, no open route."""

import asyncio
import re
from collections.abc import Sequence
from typing import Any
from urllib.parse import unquote

import asyncpg
from fastapi import APIRouter, FastAPI, Request
from fastapi.exceptions import RequestValidationError
from fastapi.responses import JSONResponse
from fastapi.routing import APIRoute
from starlette.exceptions import HTTPException
from starlette.routing import BaseRoute
from starlette.types import ASGIApp, Message, Receive, Scope, Send

from omna.config import Settings
from omna.errors import (
    Forbidden,
    InternalError,
    InvalidValue,
    MethodNotAllowed,
    OmnaError,
    RequestTimeout,
    RequestTooLarge,
    UnknownUrl,
)
from omna.http import csrf
from omna.http.access import requirement_of
from omna.http.cookies import CookieJar, cookie_jar
from omna.http.errors import ErrorBody, FieldProblem, error_body
from omna.http.headers import security_headers
from omna.http.origin import client_address, trusted_networks
from omna.http.principal import Identity
from omna.http.router import is_gated
from omna.http.viewing import refuse_writes
from omna.ids import new_id, show
from omna.observability.logs import bind_request, get_logger

log = get_logger(__name__)

#: Bytes of a JSON body; routes that take files have a limit of their own.
BODY_LIMIT = 1 << 20
#: Bytes of a form with a file of 10 MiB; the route looks at the file itself.
UPLOAD_LIMIT = (10 << 20) + (64 << 10)
#: Bytes of a message of the chat: 400,000 characters however JSON writes them. A temporary chat brings all it has said.
CHAT_LIMIT = 6 << 20
TEMPORARY_LIMIT = 16 << 20
#: Bytes of a file of chats.
IMPORT_LIMIT = 20 << 20
_IMPORT = re.compile(r"/api/workspaces/[^/]+/chats/import")
_CHAT = re.compile(r"/api/workspaces/[^/]+/(?:chats/[^/]+/messages(?:/[^/]+)?|chat/estimate)")
_TEMPORARY = re.compile(r"/api/workspaces/[^/]+/chat/temporary")
_UPLOADS = re.compile(r"/api/workspaces/[^/]+/(?:uploads|chat/files(?:/read)?)|/api/console/price-lists(?:/preview)?")

_LIMITS = (
    (_UPLOADS, UPLOAD_LIMIT),
    (_CHAT, CHAT_LIMIT),
    (_TEMPORARY, TEMPORARY_LIMIT),
    (_IMPORT, IMPORT_LIMIT),
)

#: What every route may answer. Only described: given to the routes, FastAPI would make a validator of each for each.
_ERRORS = {
    "400": "A value is not allowed",
    "401": "Nobody is signed in",
    "403": "Not allowed",
    "404": "There is no such thing",
    "409": "It does not go together with what there is",
    "413": "The body is too large",
    "429": "Too many tries",
    "503": "The database is away",
}
_SCHEMAS = "#/components/schemas/"


def build(routers: Sequence[APIRouter]) -> list[BaseRoute]:
    """Return the routes of the routers, ready to serve by any number of applications.

    They are handed on as they are. A router that includes them would build each of them anew, at the first request that
    passes it, and everything else in the process would wait half a second for that: every stream, too.
    Errors  RuntimeError for a route that names no requirement, or is open to viewings that may not see it
    """
    routes = routes_of(routers)
    for route in routes:
        if requirement_of(route.dependant) is None:
            raise RuntimeError(f"{route.path} does not say who may call it")
        if not is_gated(route):
            raise RuntimeError(f"{route.path} does not stand behind the gate of viewings")
    return list(routes)


def application(settings: Settings, identity: Identity, routes: Sequence[BaseRoute]) -> FastAPI:
    """Return /api. `state.pool` is None until the database is there; until then every route answers 503.

    routes  of `build`
    Errors  ConfigError
    """
    api = _Described(title="Omna", version="1", docs_url=None, redoc_url=None, openapi_url=None)
    api.router.routes.extend(routes)
    api.state.settings = settings
    api.state.identity = identity
    api.state.cookies = cookie_jar(settings.server)
    api.state.pool = None
    api.state.keyring = None
    api.add_exception_handler(OmnaError, _on_error)
    api.add_exception_handler(RequestValidationError, _on_invalid)
    api.add_exception_handler(HTTPException, _on_http)
    api.add_exception_handler(Exception, _on_failure)
    api.add_middleware(Door, settings=settings, cookies=api.state.cookies)
    return api


class _Described(FastAPI):
    """Describes what this /api answers: what does not fit its description is 400, in the shape of every error."""

    def openapi(self) -> dict[str, Any]:
        if self.openapi_schema is None:
            described = super().openapi()
            body = {"application/json": {"schema": {"$ref": f"{_SCHEMAS}{ErrorBody.__name__}"}}}
            errors = {status: {"description": words, "content": body} for status, words in _ERRORS.items()}
            for methods in described["paths"].values():
                for operation in methods.values():
                    operation["responses"].pop("422", None)
                    operation["responses"] = errors | operation["responses"]
            schemas = described["components"]["schemas"]
            for unused in ("HTTPValidationError", "ValidationError"):
                schemas.pop(unused, None)
            schema = ErrorBody.model_json_schema(ref_template=_SCHEMAS + "{model}")
            described["components"]["schemas"] = schemas | schema.pop("$defs") | {ErrorBody.__name__: schema}
        return super().openapi()


def routes_of(routers: Sequence[APIRouter]) -> list[APIRoute]:
    """Return every route of the routers, which hold nothing else: what is nested would escape the check above.

    Errors  RuntimeError
    """
    routes = [route for router in routers for route in router.routes]
    for route in routes:
        if not isinstance(route, APIRoute):
            raise RuntimeError(f"{route} is not a plain route")
    return [route for route in routes if isinstance(route, APIRoute)]


def set_pool(api: FastAPI, pool: asyncpg.Pool | None, keyring: Any = None) -> None:
    """Give the routes their database, and the keyring that seals what they do."""
    api.state.pool = pool
    api.state.keyring = keyring


class Door:
    """What happens to every request before a route sees it, and to every answer after."""

    def __init__(self, app: ASGIApp, settings: Settings, cookies: CookieJar) -> None:
        self._app = app
        self._cookies = cookies
        self._trusted = trusted_networks(settings.server.trusted_proxies)
        self._headers = security_headers(secure=cookies.secure)
        self._body_timeout = settings.gateway.body_timeout

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            await self._app(scope, receive, send)
            return
        request = Request(scope)
        request_id = show("req", new_id())
        bind_request(request_id)
        scope["omna.request_id"] = request_id
        peer = scope["client"][0] if scope.get("client") else ""
        scope["omna.origin"] = client_address(peer, request.headers.getlist("x-forwarded-for"), self._trusted)

        async def answer(message: Message) -> None:
            if message["type"] == "http.response.start":
                names = {name for name, _ in message["headers"]}
                message["headers"] = [
                    *message["headers"],
                    *(pair for pair in self._headers if pair[0] not in names),
                    (b"x-request-id", request_id.encode()),
                    *(() if b"cache-control" in names else ((b"cache-control", b"no-store"),)),
                ]
            await send(message)

        try:
            self._check(request)
        except OmnaError as error:
            await _response(request, error)(scope, receive, answer)
            return
        await self._app(scope, _bounded(receive, _limit_of(request), self._body_timeout), answer)

    def _check(self, request: Request) -> None:
        refuse_writes(request)
        # A bearer key is sent on purpose; only what a browser adds by itself can be abused from elsewhere.
        if request.method not in csrf.SAFE_METHODS and "authorization" not in request.headers:
            csrf.require_same_origin(request.headers, self._cookies.origin)
            csrf.require_script(request.headers)
        # No database holds it, so no route has to think of it.
        if "\x00" in request.scope["path"] or "\x00" in unquote(request.scope["query_string"].decode("latin-1")):
            raise InvalidValue("The address contains a character that cannot be stored.")
        length = request.headers.get("content-length", "0")
        if length.isdigit() and int(length) > _limit_of(request):
            raise _too_large(request)


def _limit_of(request: Request) -> int:
    path = request.scope["path"]
    for pattern, limit in _LIMITS:
        if pattern.fullmatch(path):
            return limit
    return BODY_LIMIT


def _too_large(request: Request) -> RequestTooLarge:
    limit = _limit_of(request)
    what = "file" if limit in (UPLOAD_LIMIT, IMPORT_LIMIT) else "body"
    return RequestTooLarge(f"The {what} is too large: at most {limit >> 20} MiB are allowed.")


def _bounded(receive: Receive, limit: int, seconds: float) -> Receive:
    """Bound a body in bytes and in time: it is read before anybody knows whose it is."""
    size, complete = 0, False
    ends = asyncio.get_running_loop().time() + seconds

    async def read() -> Message:
        nonlocal size, complete
        if complete:
            return await receive()
        # FastAPI takes any other exception from here for a body that is no JSON.
        try:
            async with asyncio.timeout_at(ends):
                message = await receive()
        except TimeoutError:
            raise HTTPException(RequestTimeout.status) from None
        size += len(message.get("body", b""))
        complete = not message.get("more_body", False)
        if size > limit:
            raise HTTPException(RequestTooLarge.status)
        return message

    return read


def _response(request: Request, error: OmnaError, fields: list[FieldProblem] | None = None) -> JSONResponse:
    body = error_body(error, request.scope["omna.request_id"], fields)
    headers = {}
    if error.retry_after is not None:
        headers["retry-after"] = str(max(1, round(error.retry_after)))
    if error.status == 401:
        headers["www-authenticate"] = "Bearer"
    return JSONResponse(body.model_dump(), error.status, headers)


async def _on_error(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, OmnaError)
    return _response(request, error)


async def _on_invalid(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, RequestValidationError)
    fields = [
        FieldProblem(
            field=".".join(str(part) for part in problem["loc"][1:]) or str(problem["loc"][0]),
            # Pydantic repeats the value in `input`, never in `msg`: a secret stays where it was typed.
            message=problem["msg"].removeprefix("Value error, "),
        )
        for problem in error.errors()
    ]
    first = fields[0]
    return _response(request, InvalidValue(f"{first.field}: {first.message}", param=first.field), fields)


async def _on_http(request: Request, error: Exception) -> JSONResponse:
    assert isinstance(error, HTTPException)
    match error.status_code:
        case 404:
            return _response(request, UnknownUrl())
        case 405:
            allow = (error.headers or {}).get("allow") or (error.headers or {}).get("Allow", "")
            response = _response(request, MethodNotAllowed(metadata={"allow": allow}))
            response.headers["allow"] = allow
            return response
        case 400:
            return _response(request, InvalidValue("The body is not valid JSON."))
        case RequestTimeout.status:
            return _response(request, RequestTimeout())
        case RequestTooLarge.status:
            return _response(request, _too_large(request))
        case _:
            return _response(request, Forbidden())


async def _on_failure(request: Request, error: Exception) -> JSONResponse:
    log.error("request failed", path=request.scope["path"], exc_info=error)
    return _response(request, InternalError())
