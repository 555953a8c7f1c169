"""The OpenAPI document against a running gateway: requests made from it, and answers that must be the ones it knows.

The cases are new in every run; its first line prints the seed that repeats them.
"""

import asyncio
import copy
import itertools
import re
from typing import Any

import hypothesis
import pytest
import requests
import schemathesis
from schemathesis import Case, GenerationMode
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi import checks

from omna.catalog import service as catalog
from omna.catalog.model import ENDPOINTS, rates
from omna.gateway.wire.openapi.document import document
from tests.harness.description import METHODS, check_answer, operations
from tests.harness.forms import FORM_TYPE, form, wav
from tests.harness.installation import Installation, Tenant
from tests.harness.replica import Replica
from tests.harness.streams import lint
from tests.harness.wire import HI, Answer, Connection

Json = dict[str, Any]

EXAMPLES = 30
PATIENCE_SECONDS = 20
NUMBERS = itertools.count()
CHECKS = [
    not_a_server_error, checks.status_code_conformance, checks.content_type_conformance,
    checks.response_headers_conformance, checks.response_schema_conformance,
]  # fmt: skip
REQUESTS = (
    "ChatRequest", "CompletionsRequest", "ResponsesRequest", "MessagesRequest", "CountTokensRequest", "EmbeddingsRequest",
    "ImagesRequest", "SpeechRequest", "ModerationRequest",
)  # fmt: skip
FORMS = ("TranscriptionRequest",)

#: What a schema cannot say: fields that must suit one another, and what is for the model's entry to decide.
BETWEEN_FIELDS = {"n", "best_of", "echo", "input", "modalities", "idempotency-key"}


def about_what_there_is(described: Json, mode: GenerationMode) -> Json:
    """Return the document with the one model and provider there are: every other would be 404, and prove little.

    What is generated in order to be refused has no such fields: a name that nothing has is no mistake of a body.
    """
    described = copy.deepcopy(described)
    del described["security"]  # the test's own
    schemas = described["components"]["schemas"]
    for name in REQUESTS:
        fields = schemas[name]["properties"]
        if mode.is_negative:
            schemas[name].pop("anyOf", None)
            del fields["model"], fields["models"], fields["provider"]
        else:
            fields["model"] = {"enum": ["ok", None]}
            fields["models"]["items"] = {"enum": ["ok", "vendor/ok:free"]}
    for name in FORMS:
        fields = schemas[name]["properties"]
        fields["model"] = fields["models[]"]["items"] = {"enum": ["ok", "vendor/ok:free"]}
        # A schema bounds the fields of a form, and not how often they may stand in it together.
        schemas[name]["maxProperties"] = 20
        for field in (*fields.values(), schemas[name]["additionalProperties"]):
            for several in (one for one in field.get("anyOf", ()) if one["type"] == "array"):
                several["maxItems"] = 2
    if mode.is_negative:
        del schemas["ProviderPreferences"]
    else:
        wishes = schemas["ProviderPreferences"]["properties"]
        wishes["order"]["items"] = wishes["only"]["items"] = {"const": "main"}
        wishes["only"]["minItems"] = 1
        wishes["ignore"]["items"] = {"const": "another"}
        model_id = described["paths"]["/v1/models/{model_id}"]["get"]["parameters"][0]
        model_id["schema"] = {"enum": ["ok", "vendor/ok:free", "none"]}
    return described


SCHEMAS = {mode: schemathesis.openapi.from_dict(about_what_there_is(document(), mode)) for mode in GenerationMode}
OPERATIONS = [(path, method) for path, method, _ in operations(document())]
CASES = [
    pytest.param(path, method, mode, id=f"{method}-{path}-{mode.value}")
    for path, method, operation in operations(document())
    for mode in GenerationMode
    # Any header, any path and any field of a form is text: there is nothing to get wrong.
    if mode.is_positive
    or "application/json" in operation.get("requestBody", {"content": ()})["content"]
    or any(one["in"] == "query" for one in operation.get("parameters", ()))
]
#: A price for everything there is to sell.
PRICES = rates(
    2_000_000_000, 8_000_000_000, image=40_000_000, second=100_000, character=15_000 * 10**6, audio_prompt=10**9,
    image_completion=10**9,
)  # fmt: skip


@pytest.fixture(scope="module")
async def caller(house: Installation) -> Tenant:
    for model in ("ok", "vendor/ok:free"):
        await house.model(model, upstream_model="ok", prices=PRICES, endpoints=ENDPOINTS)
    return await house.new_tenant("100000")


@pytest.mark.parametrize(("path", "method", "mode"), CASES)
async def test_operation_keeps_its_word(
    replica: Replica, house: Installation, caller: Tenant, path: str, method: str, mode: GenerationMode
) -> None:
    # The upstream answers in this loop, so the requests go out in a thread.
    await asyncio.to_thread(fuzz, replica.port, caller.key, path, method, mode)
    await house.books_are_right()


def fuzz(port: int, key: str, path: str, method: str, mode: GenerationMode) -> None:
    """Send generated requests of one operation: such as fit its description, or such as do not."""
    operation = SCHEMAS[mode][path][method]

    @hypothesis.settings(max_examples=EXAMPLES, suppress_health_check=list(hypothesis.HealthCheck))
    @hypothesis.given(case=operation.as_strategy(generation_mode=mode))
    def send(case: Case) -> None:
        if mode.is_positive:
            case.body = with_whole_numbers(case.body)
            if "idempotency-key" in (case.headers or {}):
                # Short keys are generated again and again, and with another body they are refused.
                case.headers["idempotency-key"] = f"{next(NUMBERS)} {case.headers['idempotency-key'][:200]}"
        elif isinstance(case.body, dict):
            case.body["model"] = "ok"
        answer = case.call(
            f"http://127.0.0.1:{port}", session, headers={"authorization": f"Bearer {key}"}, timeout=PATIENCE_SECONDS
        )
        # A list that is too long can be too large a body as well, which is as good a refusal.
        rejection = [] if answer.status_code == 413 else [checks.negative_data_rejection]
        case.validate_response(answer, checks=[*CHECKS, *rejection])
        [content_type] = answer.headers["content-type"]
        check_answer(path, method, answer.status_code, content_type, answer.content)
        if content_type.startswith("text/event-stream"):
            lint(path, case.body, answer.content)
        if mode.is_positive and answer.status_code == 400:
            error = answer.json()["error"]
            assert error["param"] in BETWEEN_FIELDS, error

    with requests.Session() as session:
        send()


def with_whole_numbers(value: Any) -> Any:
    """Return JSON without floats that are whole: JSON Schema takes 1.0 for an integer, and /v1 does not."""
    if isinstance(value, dict):
        return {name: with_whole_numbers(item) for name, item in value.items()}
    if isinstance(value, list):
        return [with_whole_numbers(item) for item in value]
    return int(value) if isinstance(value, float) and value.is_integer() and abs(value) < 2**53 else value


# ── by hand: what must be there, and what must not ───────────────────────────────────────────────────────────────────

BODIES: dict[str, Json | bytes] = {
    "/v1/chat/completions": {"model": "ok", "messages": HI},
    "/v1/completions": {"model": "ok", "prompt": "hi"},
    "/v1/responses": {"model": "ok", "input": "hi"},
    "/v1/messages": {"model": "ok", "messages": HI, "max_tokens": 100},
    "/v1/messages/count_tokens": {"model": "ok", "messages": HI},
    "/v1/admission": {"model": "ok", "messages": HI},
    "/v1/embeddings": {"model": "ok", "input": ["hi", "you"]},
    "/v1/images/generations": {"model": "ok", "prompt": "a fox"},
    "/v1/audio/speech": {"model": "ok", "input": "hi", "voice": "alloy"},
    "/v1/audio/transcriptions": form(("model", "ok"), file=wav(2)),
    "/v1/audio/translations": form(("model", "ok"), file=wav(2)),
    "/v1/moderations": {"input": "hi"},
}
#: Nothing is asked of a provider.
UNRECORDED = ("/v1/messages/count_tokens", "/v1/admission")
STREAMED = ("/v1/chat/completions", "/v1/completions", "/v1/responses", "/v1/messages")


def address(path: str) -> str:
    return path.replace("{model_id}", "vendor/ok:free")


async def send(client: Connection, method: str, path: str, target: str, key: str | None = None) -> Answer:
    """Send the body of a path, if it has one."""
    body = BODIES.get(path)
    headers = {"content-type": FORM_TYPE} if isinstance(body, bytes) else {}
    return await client.request(method.upper(), target, body, key=key, headers=headers)


def checked(path: str, method: str, answer: Answer) -> Answer:
    check_answer(path, method, answer.status, answer.header("content-type"), answer.body)
    return answer


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
async def test_operation_succeeds_as_described(client: Connection, caller: Tenant, path: str, method: str) -> None:
    target = address(path)
    if path == "/v1/generation":
        target += "?id=" + (await client.chat(caller.key, "ok")).request_id
    answer = checked(path, method, await send(client, method, path, target, key=caller.key))
    assert answer.status == 200, answer.body
    described = document()["paths"][path][method]["responses"]["200"]["headers"]
    sent = {name for name, _ in answer.headers}
    # No answer of this key is a replay, and the key has no rate limit.
    assert {name for name in described if not name.startswith(("x-ratelimit", "idempotent"))} <= sent


@pytest.mark.parametrize("path", STREAMED)
async def test_every_event_of_a_stream_is_described(client: Connection, caller: Tenant, path: str) -> None:
    body = BODIES[path]
    assert isinstance(body, dict)
    body = body | {"stream": True}
    answer = checked(path, "post", await client.post(path, body, key=caller.key))
    assert answer.header("content-type") == "text/event-stream; charset=utf-8"


@pytest.mark.parametrize("path", [path for path in BODIES if path not in UNRECORDED])
async def test_record_of_every_kind_of_request_is_described(client: Connection, caller: Tenant, path: str) -> None:
    made = await send(client, "post", path, path, key=caller.key)
    answer_id = made.header("x-generation-id")
    answer = checked("/v1/generation", "get", await client.get(f"/v1/generation?id={answer_id}", key=caller.key))
    assert (answer.json["data"]["id"], answer.json["data"]["request_id"]) == (answer_id, made.request_id)


async def test_counts_of_sound_and_pictures_are_described(
    client: Connection, house: Installation, caller: Tenant
) -> None:
    await house.model("usage-media")
    body = {"model": "usage-media", "messages": HI}
    answer = checked("/v1/chat/completions", "post", await client.post("/v1/chat/completions", body, key=caller.key))
    usage = answer.json["usage"]
    assert {"audio_tokens", "image_tokens"} <= set(usage["prompt_tokens_details"])
    assert "audio_tokens" in usage["completion_tokens_details"]


async def test_alias_is_described_as_the_model_it_stands_for(
    client: Connection, house: Installation, caller: Tenant
) -> None:
    async with house.connection.transaction():
        await catalog.set_alias(house.connection, "another-name", "ok", actor=house.actor)
    answer = checked("/v1/models", "get", await client.get("/v1/models", key=caller.key))
    assert {"ok", "another-name"} <= {model["id"] for model in answer.json["data"]}
    path = "/v1/models/{model_id}"
    assert checked(path, "get", await client.get("/v1/models/another-name", key=caller.key)).status == 200


async def test_list_that_the_client_has_is_not_sent_again(client: Connection, caller: Tenant) -> None:
    first = await client.get("/v1/models", key=caller.key)
    etag = first.header("etag")
    assert etag is not None
    again = checked(
        "/v1/models", "get", await client.get("/v1/models", key=caller.key, headers={"if-none-match": etag})
    )
    assert again.status == 304


@pytest.mark.parametrize(("path", "method"), OPERATIONS)
async def test_operation_needs_a_key(client: Connection, path: str, method: str) -> None:
    answer = checked(path, method, await send(client, method, path, address(path)))
    assert answer.status == 401


@pytest.mark.parametrize("path", dict.fromkeys(path for path, _ in OPERATIONS))
async def test_methods_that_are_not_described_are_refused(client: Connection, caller: Tenant, path: str) -> None:
    described = set(document()["paths"][path])
    allowed = described | ({"head"} if "get" in described else set())
    for method in METHODS:
        if method in allowed or method == "trace":
            continue
        answer = await client.request(method.upper(), address(path), key=caller.key)
        assert answer.status == 405, (method, answer.status)
        assert {name.lower() for name in re.findall(r"\w+", answer.header("allow") or "")} == allowed | {"options"}


async def test_every_endpoint_is_described(client: Connection, key: str) -> None:
    """The gateway names its endpoints when it is asked for one it does not have."""
    message = (await client.get("/v1/nothing", key=key)).error["message"]
    named = set(re.findall(r"/v1/[\w/]+", message)) - {"/v1/nothing"}
    assert named | {"/v1/models/{model_id}"} == set(document()["paths"])


async def test_description_is_not_served(client: Connection, key: str) -> None:
    for path in ("/openapi.json", "/v1/openapi.json", "/redoc", "/v1/docs"):
        assert (await client.get(path, key=key)).status == 404
