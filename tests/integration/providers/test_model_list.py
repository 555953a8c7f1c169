"""One GET for a provider's list of models: bounded, guarded, and silent about the key."""

import asyncio
from collections.abc import AsyncIterator, Awaitable, Callable

import pytest
from aiohttp import web

from omna.providers.base import Endpoint, Failure, FailureKind
from omna.providers.egress import EgressRefused
from omna.providers.model_list import MAX_LIST_BYTES, fetch_models

SECRET = "sk-secret-canary"
Serve = Callable[[web.Request], Awaitable[web.StreamResponse]]


@pytest.fixture
async def serving() -> AsyncIterator[Callable[[Serve], Awaitable[Endpoint]]]:
    """Start a host that answers GET /v1/models with a handler; the endpoint to it."""
    runners: list[web.AppRunner] = []

    async def start(handler: Serve) -> Endpoint:
        app = web.Application()
        app.router.add_get("/v1/models", handler)
        runner = web.AppRunner(app, shutdown_timeout=0.1)
        await runner.setup()
        runners.append(runner)
        site = web.TCPSite(runner, "127.0.0.1", 0)
        await site.start()
        port = runner.addresses[0][1]
        return Endpoint("listed", f"http://127.0.0.1:{port}/v1", SECRET, allow_private=True)

    yield start
    for runner in runners:
        await runner.cleanup()


async def test_the_list_comes_as_it_was_sent_and_the_key_goes_along(
    serving: Callable[[Serve], Awaitable[Endpoint]],
) -> None:
    seen: list[web.Request] = []

    async def answer(request: web.Request) -> web.Response:
        seen.append(request)
        return web.Response(body=b'{"data": []}')

    assert await fetch_models(await serving(answer)) == b'{"data": []}'
    headers = seen[0].headers
    assert (headers["Authorization"], headers["Accept-Encoding"]) == (f"Bearer {SECRET}", "identity")


async def refuse(request: web.Request) -> web.Response:
    return web.Response(status=401, text=f"bad key {SECRET}")


async def redirect(request: web.Request) -> web.Response:
    return web.Response(status=302, headers={"Location": "/elsewhere"})


async def compress(request: web.Request) -> web.Response:
    return web.Response(body=b"x", headers={"Content-Encoding": "br"})


async def flood(request: web.Request) -> web.StreamResponse:
    response = web.StreamResponse()
    await response.prepare(request)
    for _ in range((MAX_LIST_BYTES >> 20) + 1):
        await response.write(b"x" * (1 << 20))
    return response


async def hang(request: web.Request) -> web.StreamResponse:
    await asyncio.Event().wait()
    raise AssertionError


@pytest.mark.parametrize(
    ("handler", "kind", "words"),
    [
        (refuse, FailureKind.STATUS, "status 401"),
        (redirect, FailureKind.STATUS, "status 302"),
        (compress, FailureKind.MALFORMED, "compressed"),
        (flood, FailureKind.MALFORMED, "larger than 16 MiB"),
        (hang, FailureKind.TOTAL, "within 0.2 seconds"),
    ],
)
async def test_what_is_no_list_fails_without_naming_the_key(
    serving: Callable[[Serve], Awaitable[Endpoint]], handler: Serve, kind: FailureKind, words: str
) -> None:
    endpoint = await serving(handler)
    with pytest.raises(Failure) as failed:
        await fetch_models(endpoint, 0.2 if handler is hang else 30)
    assert failed.value.kind == kind
    assert words in failed.value.message
    assert SECRET not in str(failed.value)


async def test_a_host_that_is_not_there_is_named_by_what_happened() -> None:
    with pytest.raises(Failure) as failed:
        await fetch_models(Endpoint("gone", "http://127.0.0.1:9/v1", allow_private=True))
    assert failed.value.kind == FailureKind.CONNECT
    assert "127.0.0.1" not in failed.value.message


async def test_an_address_that_no_provider_may_have_is_not_called() -> None:
    with pytest.raises(EgressRefused):
        await fetch_models(Endpoint("inside", "http://127.0.0.1:9/v1"))
    with pytest.raises(EgressRefused):
        await fetch_models(Endpoint("inside", "https://169.254.169.254/v1", allow_private=True))
