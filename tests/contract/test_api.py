"""The description of /api against the running application: requests made from it, and answers that must be its.

The cases are new in every run; its first line prints the seed that repeats them.
"""

import asyncio
import functools
import json
import re
from collections.abc import AsyncIterator, Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import httpx2
import hypothesis
import jsonschema_rs
import pytest
import requests
import schemathesis
from hypothesis.strategies import SearchStrategy
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from omna.accounts import sessions, step_up
from omna.api import create_api
from omna.config import Settings
from omna.money import Nanocredits, parse_credits
from omna.risk import manual
from tests.harness import depth, meaning
from tests.harness.description import METHODS, operations, schemas_of
from tests.harness.installation import Installation
from tests.harness.people import OURS, People, people_of, program
from tests.harness.replica import Replica
from tests.harness.scene import Scene, Speaker, set_scene
from tests.harness.wire import HI, Connection

Json = dict[str, Any]

EXAMPLES = depth.of(4, 12)
PATIENCE_SECONDS = 30
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]  # fmt: skip

DESCRIBED = create_api(Settings(data=Path("unused"))).openapi()
OPERATIONS = [(path, method) for path, method, _ in operations(DESCRIBED)]
#: Forms with files have tests of their own.
BODIES = [
    (path, method)
    for path, method, operation in operations(DESCRIBED)
    if "application/json" in operation.get("requestBody", {}).get("content", ())
]
#: Characters that cannot be stored, halves of characters, numbers that no column holds, days and zones that are none.
ODD = (
    "", "%00", "a%00b", "%ED%A0%80", "%FF", "%F0%9F%A6%8A", "%2F..%2F..%2Fetc", "'%3B--", "9" * 40, "-1", "1e400", "NaN",
    "9223372036854775808", "0001-01-01T00:00:00%2B23:59", "9999-12-31T23:59:59-23:59", "2026-02-30", "2026-13",
    "Europe", "..%2F..%2Fetc%2Fpasswd", "Mars%2FBase", "a" * 3000,
)  # fmt: skip
OPEN = {"/api/installation", "/api/access/passkey/options", "/api/access/passkey"}


def given(path: str, method: str, place: str) -> list[Json]:
    """Return the parameters of an operation that stand in one place."""
    return [one for one in DESCRIBED["paths"][path][method].get("parameters", ()) if one["in"] == place]


#: Where nothing is sent there is nothing to get wrong, and nothing to vary.
VARIED = [(path, method) for path, method in OPERATIONS if (path, method) in BODIES or given(path, method, "query")]


@pytest.fixture(scope="module")
async def people(house: Installation) -> AsyncIterator[People]:
    async with people_of(house) as made:
        yield made


@pytest.fixture(scope="module")
async def replica(house: Installation) -> AsyncIterator[Replica]:
    """One that is not slowed down by what people may try in an hour."""
    # With the pretended payment service, so that there is a checkout.
    async with house.replica({"PAYMENTS_SANDBOX": "true"}) as running:
        yield running


@pytest.fixture(scope="module")
async def scene(house: Installation, people: People, replica: Replica) -> Scene:
    """One that nothing is changed in."""
    made = await set_scene(house, people, replica)
    async with house.connection.transaction():
        await manual.give_credits(
            house.connection, made.workspace, Nanocredits(parse_credits("5")), reason="test", actor=house.actor,
            promo=False,
        )  # fmt: skip
    await house.model("ok")
    _, key = await house.new_key(made.workspace)
    made.names["request"] = (
        await replica.ask("POST", "/v1/chat/completions", body={"model": "ok", "messages": HI}, key=key)
    ).request_id
    async with program(replica.address, session=made.session) as api:
        lines = await api.get(made.address("/api/workspaces/{workspace}/ledger/lines"))
        made.names["transfer"] = lines.json()["items"][-1]["id"]
        made.names["month"] = f"{datetime.now(UTC):%Y-%m}"
    return made


@pytest.mark.parametrize(("path", "method"), VARIED)
async def test_operation_keeps_its_word(
    replica: Replica, house: Installation, people: People, scene: Scene, path: str, method: str
) -> None:
    if method != "get":
        scene = await set_scene(house, people, replica, path)
    session = scene.session_of(path)
    loop = asyncio.get_running_loop()

    def prove(action: str, target: str) -> None:
        asyncio.run_coroutine_threadsafe(grant(house, session, action, target), loop).result(PATIENCE_SECONDS)

    # What does not fit is refused, so that everything is still there for what does.
    for mode in (GenerationMode.NEGATIVE, GenerationMode.POSITIVE):
        cases = narrowed(path, method, mode, scene, right=False)
        if mode.is_positive and (path, method) in BODIES:
            cases |= narrowed(path, method, mode, scene, right=True)
        trimmed = functools.partial(fits_trimmed, path, method)
        await asyncio.to_thread(fuzz, replica.port, session, cases, method, mode, prove, trimmed)


def narrowed(path: str, method: str, mode: GenerationMode, scene: Scene, *, right: bool) -> SearchStrategy[Case]:
    """Return requests of one operation on what there is in the scene."""
    operation = DESCRIBED["paths"][path][method] | {"parameters": given(path, method, "query")}
    address = scene.address(path)
    # With what it needs: to read the whole document for each takes longer than to send everything.
    described = DESCRIBED | {
        "paths": {address: {method: operation}},
        "components": {"schemas": schemas_of(DESCRIBED, operation)},
    }
    if mode.is_positive:
        meaning.tell(described, operation, scene.names, path, right=right)
    strategy: SearchStrategy[Case] = schemathesis.openapi.from_dict(described)[address][method].as_strategy(
        generation_mode=mode
    )
    return strategy


async def grant(house: Installation, session: str, action: str, target: str) -> None:
    """Store a proof for one act, as if somebody had just proven themselves."""
    async with house.connection.transaction():
        who = await sessions.resolve(house.connection, session, "127.0.0.1")
        await step_up.grant(house.connection, who.session_id, action, target)


def fuzz(
    port: int,
    token: str,
    cases: SearchStrategy[Case],
    method: str,
    mode: GenerationMode,
    prove: Callable[[str, str], None],
    trimmed: Callable[[Any], bool],
) -> None:
    """Send generated requests of one operation: such as fit its description, or such as do not.

    prove    stores a proof for an act with a target; what asks for one is sent again
    trimmed  whether a body fits once blanks around its texts are gone, as they are before texts are measured
    """

    @hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=cases)
    def send(case: Case) -> None:
        base = f"http://127.0.0.1:{port}"
        answer = case.call(base, session, headers=OURS, timeout=PATIENCE_SECONDS)
        if answer.status_code == 403 and (wanted := answer.json()["error"]).get("code") == "step_up_required":
            prove(wanted["details"]["action"], wanted["details"]["target"])
            answer = case.call(base, session, headers=OURS, timeout=PATIENCE_SECONDS)
        # An address is text: a number where a name is meant is a name.
        wrong = mode.is_negative and method != "get" and not trimmed(case.body)
        rejection = [checks.negative_data_rejection] if wrong else []
        case.validate_response(answer, checks=[*CHECKS, *rejection])

    with requests.Session() as session:
        session.cookies.set("omna_session", token)
        send()


def fits_trimmed(path: str, method: str, body: Any) -> bool:
    """Return whether a body is too long, or else wrong, only for the blanks around its texts."""
    content = DESCRIBED["paths"][path][method].get("requestBody", {}).get("content", {}).get("application/json")
    without = trim(body)
    return content is not None and without != body and described_by(json.dumps(content["schema"])).is_valid(without)


def trim(value: Any) -> Any:
    match value:
        case str():
            return value.strip()
        case list():
            return [trim(one) for one in value]
        case dict():
            return {name: trim(one) for name, one in value.items()}
        case _:
            return value


@functools.cache
def described_by(schema: str) -> jsonschema_rs.Draft202012Validator:
    return jsonschema_rs.Draft202012Validator(json.loads(schema) | {"components": DESCRIBED["components"]})


# ── by hand: what must be there, and what must not ───────────────────────────────────────────────────────────────────


@pytest.fixture
async def api(replica: Replica, scene: Scene) -> AsyncIterator[Speaker]:
    async with (
        program(replica.address, session=scene.session) as owner,
        program(replica.address, session=scene.employee.somebody.session) as staff,
    ):
        yield Speaker(owner, staff)


def checked(path: str, method: str, answer: httpx2.Response) -> httpx2.Response:
    """Return the answer of an operation. Its status, type and body must be such as are described."""
    described = DESCRIBED["paths"][path][method]["responses"]
    assert str(answer.status_code) in described, (answer.status_code, answer.text)
    content = described[str(answer.status_code)].get("content")
    if not content:
        assert answer.content == b""
        return answer
    kind = answer.headers["content-type"].partition(";")[0]
    assert kind in content
    if kind == "application/json":
        validator = validator_of(path, method, str(answer.status_code), kind)
        assert [error.message for error in validator.iter_errors(answer.json())] == []
    return answer


@functools.cache
def validator_of(path: str, method: str, status: str, kind: str) -> jsonschema_rs.Draft202012Validator:
    return described_by(json.dumps(DESCRIBED["paths"][path][method]["responses"][status]["content"][kind]["schema"]))


@pytest.mark.parametrize("path", [path for path, method in OPERATIONS if method == "get"])
async def test_what_is_there_is_answered_as_described(
    house: Installation, api: Speaker, scene: Scene, path: str
) -> None:
    answer = checked(path, "get", await api.request("get", scene.address(path)))
    if answer.status_code == 403 and (wanted := answer.json()["error"])["code"] == "step_up_required":
        await grant(house, scene.session_of(path), wanted["details"]["action"], wanted["details"]["target"])
        answer = checked(path, "get", await api.request("get", scene.address(path)))
    assert answer.status_code == 200, answer.text


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
async def test_operation_needs_somebody(replica: Replica, scene: Scene, path: str, method: str) -> None:
    if path in OPEN:
        return
    async with program(replica.address) as stranger:
        # No body: who is asking comes before what is asked.
        answer = checked(path, method, await stranger.request(method, scene.address(path), json={}))
        assert answer.status_code == 401, answer.text


@pytest.mark.parametrize(("path", "method"), BODIES)
async def test_fields_that_are_not_described_are_refused(api: Speaker, scene: Scene, path: str, method: str) -> None:
    answer = checked(path, method, await api.request(method, scene.address(path), json={"surprise": 1}))
    assert answer.status_code == 400
    assert "surprise" in [problem["field"] for problem in answer.json()["error"]["fields"]]


@pytest.mark.parametrize(("path", "method"), BODIES)
async def test_bodies_that_are_no_objects_are_refused(api: Speaker, scene: Scene, path: str, method: str) -> None:
    for body in (b"", b"null", b"[]", b"1e999", b"{", b'{"name": "\\ud800"}', b"\xff\xfe", b"[" * 5000):
        answer = await api.request(method, scene.address(path), content=body)
        if body in (b"", b"null") and not DESCRIBED["paths"][path][method]["requestBody"].get("required"):
            continue
        assert checked(path, method, answer).status_code == 400, body


QUERIES = [
    pytest.param(path, method, one["name"], id=f"{path}-{one['name']}")
    for path, method in OPERATIONS
    for one in given(path, method, "query")
]


@pytest.mark.parametrize(("path", "method", "name"), QUERIES)
async def test_odd_values_in_an_address_are_understood_or_refused(
    api: Speaker, scene: Scene, path: str, method: str, name: str
) -> None:
    for value in depth.some(ODD, path + name):
        checked(path, method, await api.request(method, f"{scene.address(path)}?{name}={value}"))


NAMED = [(path, method, one["name"]) for path, method in OPERATIONS for one in given(path, method, "path")]


@pytest.mark.parametrize(("path", "method", "name"), NAMED)
async def test_odd_names_name_nothing(api: Speaker, scene: Scene, path: str, method: str, name: str) -> None:
    for value in depth.some(ODD, path + name):
        if not value or "%2F" in value:
            continue
        address = scene.address(path.replace(f"{{{name}}}", value))
        answer = await api.request(method, address, json={} if (path, method) not in BODIES else None)
        # A body that is wrong may be seen first.
        assert checked(path, method, answer).status_code in {400, 404}, value


@pytest.mark.parametrize("path", DESCRIBED["paths"])
async def test_methods_that_are_not_described_are_refused(api: Speaker, scene: Scene, path: str) -> None:
    # `/passkeys/options` could be the name of a passkey as well.
    described = {
        method
        for other, methods in DESCRIBED["paths"].items()
        if re.fullmatch(re.sub(r"\{\w+\}", "[^/]+", other), path)
        for method in methods
    }
    for method in set(METHODS) - described - {"trace", "head"}:
        answer = await api.request(method, scene.address(path), json={})
        assert answer.status_code == 405, (method, answer.text)
        assert answer.json()["error"]["code"] == "method_not_allowed"


async def test_description_is_not_served(client: Connection) -> None:
    for path in ("/openapi.json", "/api/openapi.json", "/redoc", "/api/docs", "/api/redoc"):
        assert (await client.get(path)).status == 404
    # What stands here is written for people; it is no page made of the description.
    page = await client.get("/docs")
    assert page.status == 200
    assert b"swagger" not in page.body.lower()
