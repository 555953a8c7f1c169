"""What /api does with every request, before and after its routes."""

import asyncio
from collections.abc import AsyncIterator
from pathlib import Path

import asyncpg
import httpx2
import pydantic
import pytest
from fastapi import APIRouter

from omna.api import ROUTERS, People, create_api
from omna.config import Gateway, Settings
from omna.http.access import Anyone
from omna.http.application import BODY_LIMIT, application, build, set_pool

ORIGIN = "http://localhost:5108"
OURS = {"sec-fetch-site": "same-origin", "x-omna-request": "1", "content-type": "application/json"}


@pytest.fixture
async def client(pool: asyncpg.Pool, tmp_path: Path) -> AsyncIterator[httpx2.AsyncClient]:
    api = create_api(Settings(data=tmp_path))
    set_pool(api, pool)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as opened:
        yield opened


async def test_every_answer_keeps_browsers_and_caches_in_check(client: httpx2.AsyncClient) -> None:
    answer = await client.get("/api/installation")
    assert answer.status_code == 200
    assert answer.headers["cache-control"] == "no-store"
    assert answer.headers["x-content-type-options"] == "nosniff"
    assert answer.headers["x-request-id"].startswith("req_")
    assert answer.json()["base_url"] == ORIGIN


@pytest.mark.parametrize("headers", [{}, {"sec-fetch-site": "cross-site", "x-omna-request": "1"}, {"origin": ORIGIN}])
async def test_a_change_from_elsewhere_is_refused_before_a_route_sees_it(
    client: httpx2.AsyncClient, headers: dict[str, str]
) -> None:
    answer = await client.post("/api/nothing-here", headers=headers)
    assert (answer.status_code, answer.json()["error"]["code"]) == (403, "cross_site_request")


async def test_addresses_and_methods_that_are_not_there_are_told_in_the_one_shape(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/nothing-here", headers=OURS)
    assert (answer.status_code, answer.json()["error"]["code"]) == (404, "unknown_url")
    answer = await client.post("/api/installation", headers=OURS)
    assert (answer.status_code, answer.headers["allow"]) == (405, "GET")
    assert answer.json()["error"]["request_id"] == answer.headers["x-request-id"]


async def test_a_body_without_end_is_refused(client: httpx2.AsyncClient) -> None:
    answer = await client.post("/api/installation", headers=OURS, content=b"x" * (BODY_LIMIT + 1))
    assert answer.status_code == 413


async def test_a_body_that_hides_its_length_is_bounded_too(client: httpx2.AsyncClient) -> None:
    async def pieces() -> AsyncIterator[bytes]:
        for _ in range(BODY_LIMIT // 65536 + 1):
            yield b" " * 65536

    answer = await client.post("/api/access/passkey", headers=OURS, content=pieces())
    assert (answer.status_code, answer.json()["error"]["code"]) == (413, "request_too_large")


async def test_a_body_that_does_not_come_is_not_waited_for(pool: asyncpg.Pool, tmp_path: Path) -> None:
    api = create_api(Settings(data=tmp_path, gateway=Gateway(body_timeout=0.05)))
    set_pool(api, pool)

    async def pieces() -> AsyncIterator[bytes]:
        yield b"{"
        await asyncio.sleep(30)

    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as client:
        answer = await client.post("/api/access/passkey", headers=OURS, content=pieces())
    assert (answer.status_code, answer.json()["error"]["code"]) == (408, "request_timeout")


async def test_without_a_database_every_route_says_so(tmp_path: Path) -> None:
    api = create_api(Settings(data=tmp_path))
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as client:
        answer = await client.get("/api/installation")
    assert (answer.status_code, answer.json()["error"]["code"]) == (503, "service_unavailable")


def test_a_route_that_names_no_requirement_keeps_the_server_from_starting() -> None:
    router = APIRouter(prefix="/api")

    @router.get("/open")
    async def left_open() -> None: ...

    with pytest.raises(RuntimeError, match="/api/open does not say who may call it"):
        build((router,))


def test_a_route_that_is_not_behind_the_gate_of_viewings_keeps_the_server_from_starting() -> None:
    router = APIRouter(prefix="/api")

    @router.get("/ungated")
    async def ungated(_: Anyone) -> None: ...

    with pytest.raises(RuntimeError, match="/api/ungated does not stand behind the gate"):
        build((router,))


async def test_nothing_is_left_to_be_built_by_the_first_request(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    api = application(Settings(data=tmp_path), People(), build(ROUTERS))

    def build_now(*_: object, **__: object) -> None:
        raise AssertionError("every stream of the process would wait for this")

    monkeypatch.setattr(pydantic.TypeAdapter, "__init__", build_now)
    async with httpx2.AsyncClient(transport=httpx2.ASGITransport(api), base_url=ORIGIN) as client:
        answer = await client.get("/api/console/payment-events")
    assert answer.status_code == 503


def test_a_nested_router_cannot_hide_a_route() -> None:
    inner, outer = APIRouter(), APIRouter(prefix="/api")

    @inner.get("/open")
    async def left_open() -> None: ...

    outer.include_router(inner)
    with pytest.raises(RuntimeError):
        build((outer,))


async def test_address_with_a_character_that_no_database_holds_is_refused(client: httpx2.AsyncClient) -> None:
    for address in ("/api/nothing-here?name=a%00b", "/api/nothing-here/a%00b"):
        answer = await client.get(address)
        assert (answer.status_code, answer.json()["error"]["code"]) == (400, "invalid_value"), address
