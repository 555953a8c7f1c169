"""Endpoints whose answers are no text: what clients get, what is held and charged, and who said so."""

import asyncio
import base64
import contextlib
import gzip
import json
import struct
import time
from typing import Any

import pytest

from omna.catalog.model import Rates, rates
from omna.gateway.idempotency import LARGEST_ANSWER
from omna.money import format_credits, parse_credits
from tests.harness.fixtures import SETTINGS
from tests.harness.forms import FORM_TYPE, form, wav
from tests.harness.installation import Installation, Tenant, until
from tests.harness.replica import Replica
from tests.harness.wire import Answer, Connection, ask
from tests.upstream.endpoint_scenarios import IMAGE, SPEECH, SUBTITLES, vector
from tests.upstream.scenarios import TEXT
from tests.upstream.server import Upstream

EMBEDDINGS, IMAGES, SPEAK = "/v1/embeddings", "/v1/images/generations", "/v1/audio/speech"
TRANSCRIBE, TRANSLATE, MODERATE = "/v1/audio/transcriptions", "/v1/audio/translations", "/v1/moderations"

#: Nanocredits: a token of an embedding, an image, a character, a second.
TOKEN, IMAGE_PRICE, CHARACTER, SECOND = 20, 40_000_000, 15_000, 100_000
PRICES: dict[str, Rates] = {
    "embeddings": rates(TOKEN * 10**6, 0),
    "images": rates(0, 0, image=IMAGE_PRICE),
    "speech": rates(0, 0, character=CHARACTER * 10**6),
    "transcriptions": rates(0, 0, second=SECOND),
    "moderations": rates(10**9, 10**9, request=10**9),
}
OUTPUT = {"images": ("image",), "speech": ("audio",), "embeddings": ("embeddings",)}


async def sells(house: Installation, endpoint: str, scenario: str, prices: Rates | None = None, **more: Any) -> str:
    """Put the scenario of an endpoint on sale, and return its id."""
    return await house.model(
        f"{endpoint}/{scenario}" if prices is None else f"{endpoint}/{scenario}-{prices.prompt}",
        upstream_model=scenario, prices=prices or PRICES[endpoint], endpoints=(endpoint,),
        output_modalities=OUTPUT.get(endpoint, ("text",)), **more,
    )  # fmt: skip


async def transcribe(
    client: Connection, key: str, model: str, *, path: str = TRANSCRIBE, sound: bytes = b"", **fields: Any
) -> Answer:
    content = form(("model", model), *fields.items(), file=sound or wav(2))
    return await client.post(path, content, key=key, headers={"content-type": FORM_TYPE})


def body_for(endpoint: str, model: str) -> tuple[str, Any]:
    """Return a path and a JSON body for an endpoint that has one."""
    return {
        "embeddings": (EMBEDDINGS, {"model": model, "input": "hello"}),
        "images": (IMAGES, {"model": model, "prompt": "a fox"}),
        "speech": (SPEAK, {"model": model, "input": "hello", "voice": "alloy"}),
        "moderations": (MODERATE, {"model": model, "input": "hello"}),
    }[endpoint]


async def charged(
    house: Installation, client: Connection, key: str, answer: Answer, amount: int, *, estimated: bool = False
) -> None:
    """Prove that the usage row, the ledger, the public record and the answer's header say the same."""
    row = await house.request(answer.request_id)
    assert (row["charge"], row["outcome"], row["estimated"]) == (amount, "completed", estimated)
    assert row["held"] >= row["charge"]
    assert answer.header("x-omna-cost") == format_credits(amount)
    record = (await client.get(f"/v1/generation?id={answer.request_id}", key=key)).json["data"]
    assert record["total_cost"] == record["cost_details"]["total"] == format_credits(amount)
    booked = await house.connection.fetchval(
        "SELECT coalesce(sum(charge), 0) FROM requests WHERE request_id = $1", row["request_id"]
    )
    assert booked == amount


# ── embeddings ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_embeddings_answer_in_input_order_and_cost_what_the_provider_counted(
    client: Connection, key: str, house: Installation
) -> None:
    model = await sells(house, "embeddings", "batch")
    answer = await client.post(EMBEDDINGS, {"model": model, "input": ["a", "b", "c"]}, key=key)
    assert answer.status == 200, answer.body
    body = answer.json
    assert [row["embedding"] for row in body["data"]] == [vector(index) for index in range(3)]
    assert [row["index"] for row in body["data"]] == [0, 1, 2]
    assert (body["object"], body["model"]) == ("list", model)
    assert (body["usage"]["prompt_tokens"], body["usage"]["total_tokens"]) == (5, 5)
    # The hold is a quarter more than three tokens by our count: a charge is never above it.
    assert body["usage"]["cost_details"]["total"] == format_credits(4 * TOKEN)
    await charged(house, client, key, answer, 4 * TOKEN)
    await house.books_are_right()


@pytest.mark.parametrize("scenario", ["batch", "batch-base64"])
async def test_base64_and_numbers_are_equal_as_float32_in_input_order(
    client: Connection, key: str, house: Installation, scenario: str
) -> None:
    model = await sells(house, "embeddings", scenario)
    asked = {"model": model, "input": ["a", "b", "c", "d"]}
    packed = (await client.post(EMBEDDINGS, asked | {"encoding_format": "base64"}, key=key)).json["data"]
    for numbers in (asked, asked | {"encoding_format": "float"}):
        rows = (await client.post(EMBEDDINGS, numbers, key=key)).json["data"]
        assert [struct.pack("<3f", *row["embedding"]) for row in rows] == [
            base64.b64decode(row["embedding"]) for row in packed
        ]


async def test_tokens_pass_as_they_are_and_the_provider_is_asked_under_its_own_name(
    client: Connection, key: str, house: Installation
) -> None:
    model = await sells(house, "embeddings", "ok")
    seen = len(house.upstream.journal)
    body = {
        "model": model,
        "input": [1, 2, 3],
        "dimensions": 2,
        "user": "u",
        "odd": {"x": 1},
        "encoding_format": "base64",
    }
    assert (await client.post(EMBEDDINGS, body, key=key)).status == 200
    arrival = house.upstream.journal[seen]
    assert arrival.path == "/v1/embeddings"
    assert arrival.body == body | {"model": "ok", "encoding_format": "float"}
    assert "idempotency-key" not in arrival.headers


@pytest.mark.parametrize(("scenario", "tokens"), [("no-usage", 1), ("absurd-usage", 1)])
async def test_unbelievable_usage_is_counted_here_and_flagged(
    client: Connection, key: str, house: Installation, scenario: str, tokens: int
) -> None:
    model = await sells(house, "embeddings", scenario)
    answer = await client.post(EMBEDDINGS, {"model": model, "input": "hello"}, key=key)
    details = answer.json["usage"]["cost_details"]
    assert (details["estimated"], details["usage_source"]) == (True, "gateway")
    await charged(house, client, key, answer, tokens * TOKEN, estimated=True)


# ── images ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_images_made_are_charged_each(client: Connection, key: str, house: Installation) -> None:
    model = await sells(house, "images", "ok")
    answer = await client.post(IMAGES, {"model": model, "prompt": "a fox", "n": 3}, key=key)
    body = answer.json
    assert [image["b64_json"] for image in body["data"]] == [IMAGE] * 3
    assert (body["created"], body["quality"], body["usage"]["images"]) == (7, "low", 3)
    await charged(house, client, key, answer, 3 * IMAGE_PRICE)
    row = await house.connection.fetchval("SELECT units FROM requests ORDER BY request_id DESC LIMIT 1")
    assert row == {"images": 3}
    await house.books_are_right()


async def test_images_are_charged_by_the_token_where_they_are_sold_so(
    client: Connection, key: str, house: Installation
) -> None:
    prices = rates(5_000 * 10**6, 0, image_completion=40_000 * 10**6)
    model = await sells(house, "images", "tokens", prices)
    answer = await client.post(IMAGES, {"model": model, "prompt": "a red fox in the snow at dawn"}, key=key)
    assert answer.json["usage"]["output_tokens_details"] == {"text_tokens": 0, "image_tokens": 272}
    await charged(house, client, key, answer, 6 * 5_000 + 272 * 40_000)


async def test_more_images_than_asked_for_are_given_and_not_charged(
    client: Connection, key: str, house: Installation
) -> None:
    model = await sells(house, "images", "too-many")
    answer = await client.post(IMAGES, {"model": model, "prompt": "a fox"}, key=key)
    assert len(answer.json["data"]) == 3
    await charged(house, client, key, answer, IMAGE_PRICE)


# ── speech ───────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_speech_is_sound_as_it_came_and_costs_its_characters(
    client: Connection, key: str, house: Installation
) -> None:
    model = await sells(house, "speech", "ok")
    answer = await client.post(SPEAK, {"model": model, "input": "hello", "voice": "alloy"}, key=key)
    assert (answer.status, answer.body, answer.header("content-type")) == (200, SPEECH, "audio/mpeg")
    assert answer.header("content-length") == str(len(SPEECH))
    assert answer.header("x-generation-id") == answer.request_id
    assert answer.header("access-control-allow-origin") == "*"
    await charged(house, client, key, answer, 5 * CHARACTER)
    pcm = await sells(house, "speech", "pcm")
    answer = await client.post(SPEAK, {"model": pcm, "input": "hello"}, key=key)
    assert answer.header("content-type") == "audio/pcm; rate=24000"
    await house.books_are_right()


async def test_speech_by_the_token_costs_what_was_held_and_says_it_is_estimated(
    client: Connection, key: str, house: Installation
) -> None:
    model = await sells(house, "speech", "ok", rates(600 * 10**6, 0, audio_completion=12_000 * 10**6))
    answer = await client.post(SPEAK, {"model": model, "input": "hello", "voice": "alloy"}, key=key)
    await charged(house, client, key, answer, 600 + 6 * 12_000, estimated=True)


# ── transcripts ──────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_transcript_costs_the_seconds_that_were_heard(client: Connection, key: str, house: Installation) -> None:
    model = await sells(house, "transcriptions", "ok")
    sound = wav(2)
    for path in (TRANSCRIBE, TRANSLATE):
        seen = len(house.upstream.journal)
        answer = await transcribe(client, key, model, path=path, sound=sound, prompt="names: fox")
        body = answer.json
        usage = body.pop("usage")
        assert body == {"text": TEXT}
        assert (usage["type"], usage["seconds"], usage["cost_details"]["estimated"]) == ("duration", 2, False)
        await charged(house, client, key, answer, 2 * SECOND)
        arrival = house.upstream.journal[seen]
        assert (arrival.path, arrival.body) == (path, {"model": "ok", "prompt": "names: fox", "file": sound})
    await house.books_are_right()


@pytest.mark.parametrize(
    ("asked", "content", "content_type"),
    [
        ("text", f"{TEXT}\n".encode(), "text/plain; charset=utf-8"),
        ("srt", SUBTITLES.encode(), "text/plain; charset=utf-8"),
        ("verbose_json", None, "application/json"),
    ],
)
async def test_every_form_of_a_transcript_is_charged_by_the_providers_word(
    client: Connection, key: str, house: Installation, asked: str, content: bytes | None, content_type: str
) -> None:
    model = await sells(house, "transcriptions", "ok")
    answer = await transcribe(client, key, model, response_format=asked)
    assert (answer.status, answer.header("content-type")) == (200, content_type)
    assert content is None or answer.body == content
    await charged(house, client, key, answer, 2 * SECOND)


@pytest.mark.parametrize("scenario", ["no-usage", "absurd-usage"])
async def test_without_a_believable_word_the_file_tells(
    client: Connection, key: str, house: Installation, scenario: str
) -> None:
    model = await sells(house, "transcriptions", scenario)
    answer = await transcribe(client, key, model, sound=wav(5))
    await charged(house, client, key, answer, 5 * SECOND, estimated=True)


async def test_transcript_by_the_token(client: Connection, key: str, house: Installation) -> None:
    prices = rates(2_500 * 10**6, 10_000 * 10**6, audio_prompt=6_000 * 10**6)
    model = await sells(house, "transcriptions", "tokens", prices)
    answer = await transcribe(client, key, model)
    assert answer.json["usage"]["type"] == "tokens"
    await charged(house, client, key, answer, 14 * 6_000 + 5 * 10_000)


async def test_silence_costs_nothing(client: Connection, key: str, house: Installation) -> None:
    model = await sells(house, "transcriptions", "silence")
    answer = await transcribe(client, key, model)
    assert (answer.status, answer.json["text"]) == (200, "")
    await charged(house, client, key, answer, 0)


# ── moderation ───────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_moderation_is_free_whatever_the_price_says_and_whatever_the_balance(
    client: Connection, house: Installation
) -> None:
    model = await sells(house, "moderations", "ok")
    poor = await house.new_tenant("0")
    for body in ({"input": ["good", "bad"]}, {"input": ["good", "bad"], "model": model}):
        answer = await client.post(MODERATE, body, key=poor.key)
        assert [result["flagged"] for result in answer.json["results"]] == [False, True]
        assert (answer.json["model"], answer.json["id"]) == (model, answer.request_id.replace("req_", "modr_"))
        await charged(house, client, poor.key, answer, 0)
        row = await house.request(answer.request_id)
        assert (row["held"], row["provider_charge"]) == (0, 0)
        found = await client.get(f"/v1/generation?id={answer.json['id']}", key=poor.key)
        assert (found.json["data"]["id"], found.json["data"]["request_id"]) == (answer.json["id"], answer.request_id)
    await house.books_are_right()


# ── all of them ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("endpoint", ["embeddings", "images", "speech", "moderations"])
@pytest.mark.parametrize(
    ("scenario", "code"),
    [("refuse-500", (502, "provider_error")), ("status-400", (400, "invalid_value")), ("status-401", (502, "provider_error")),
     ("status-404", (404, "model_not_found")), ("status-429", (429, "rate_limit_exceeded")), ("html-200", (502, "provider_error")),
     ("reset-before-headers", (502, "provider_error")), ("context-length", (400, "context_length_exceeded")),
     ("hang-before-headers", (504, "timeout"))],
)  # fmt: skip
async def test_failure_of_a_provider_is_mapped_and_costs_nothing(
    client: Connection, key: str, house: Installation, endpoint: str, scenario: str, code: tuple[int, str]
) -> None:
    model = await sells(house, endpoint, scenario)
    path, body = body_for(endpoint, model)
    answer = await client.post(path, body, key=key)
    assert answer.code == code
    if scenario == "context-length":
        assert answer.error["param"] == ("prompt" if endpoint == "images" else "input")
    row = await house.request(answer.request_id)
    assert (row["charge"], row["outcome"]) == (0, "failed")


@pytest.mark.parametrize(
    ("endpoint", "scenario"),
    [("embeddings", "too-few"), ("embeddings", "no-numbers"), ("embeddings", "error-200"), ("images", "none"),
     ("speech", "silent"), ("speech", "page"), ("speech", "json"), ("moderations", "too-few")],
)  # fmt: skip
async def test_answer_that_is_none_is_a_failure_of_the_provider(
    client: Connection, key: str, house: Installation, endpoint: str, scenario: str
) -> None:
    model = await sells(house, endpoint, scenario)
    path, body = body_for(endpoint, model)
    if scenario == "too-few":
        body |= {"input": ["a", "b"]}
    answer = await client.post(path, body, key=key)
    assert answer.code == (502, "provider_error")
    assert (await house.request(answer.request_id))["charge"] == 0


async def test_transcript_that_is_none_is_a_failure_of_the_provider(
    client: Connection, key: str, house: Installation
) -> None:
    for scenario in ("no-text", "refuse-500"):
        answer = await transcribe(client, key, await sells(house, "transcriptions", scenario))
        assert answer.code == (502, "provider_error")
        assert (await house.request(answer.request_id))["charge"] == 0


async def test_next_provider_answers_under_its_own_name_and_is_charged_once(
    client: Connection, key: str, house: Installation
) -> None:
    async with Upstream() as other:
        await house.add_provider("spare", other.base_url)
        model = await sells(house, "embeddings", "no-numbers")
        await house.model(model, provider="spare", upstream_model="ok", prices=PRICES["embeddings"])
        answer = await client.post(EMBEDDINGS, {"model": model, "input": "hello"}, key=key)
        assert (answer.status, answer.header("x-omna-provider")) == (200, "spare")
        assert [arrival.body["model"] for arrival in other.journal] == ["ok"]
        row = await house.request(answer.request_id)
        assert row["attempts"][0]["kind"] == "malformed"
    await house.books_are_right()


async def test_next_model_is_charged_at_its_own_price(client: Connection, key: str, house: Installation) -> None:
    broken = await sells(house, "images", "refuse-500")
    dear = await sells(house, "images", "ok", rates(1, 0, image=3 * IMAGE_PRICE))
    answer = await client.post(IMAGES, {"model": broken, "models": [dear], "prompt": "a fox"}, key=key)
    assert (answer.status, answer.header("x-omna-model")) == (200, dear)
    assert (await house.request(answer.request_id))["charge"] == 3 * IMAGE_PRICE + 1


async def test_provider_that_has_no_such_endpoint_is_passed_over_or_named(
    client: Connection, key: str, house: Installation
) -> None:
    await house.add_provider("native", house.upstream.base_url, "anthropic")
    model = await sells(house, "speech", "only-native", provider="native")
    answer = await client.post(SPEAK, {"model": model, "input": "hi"}, key=key)
    assert answer.code == (404, "unsupported_endpoint")
    await house.model(model, upstream_model="ok", prices=PRICES["speech"])
    answer = await client.post(SPEAK, {"model": model, "input": "hi"}, key=key)
    assert (answer.status, answer.header("x-omna-provider")) == (200, "main")


async def test_model_answers_at_its_endpoints_alone_and_says_which(
    client: Connection, key: str, house: Installation
) -> None:
    model = await sells(house, "embeddings", "ok")
    for path, body in (body_for("images", model), body_for("speech", model), body_for("moderations", model)):
        answer = await client.post(path, body, key=key)
        assert answer.code == (404, "unsupported_endpoint")
        assert "/v1/embeddings" in answer.error["message"]
    assert (await transcribe(client, key, model)).code == (404, "unsupported_endpoint")
    assert (await client.chat(key, model)).code == (404, "unsupported_endpoint")
    await house.model("ok")
    path, body = body_for("embeddings", "ok")
    assert (await client.post(path, body, key=key)).code == (404, "unsupported_endpoint")
    path, body = body_for("embeddings", "nowhere")
    assert (await client.post(path, body, key=key)).code == (404, "model_not_found")


@pytest.mark.parametrize("endpoint", ["embeddings", "images", "speech", "transcriptions"])
async def test_hold_is_exact_and_a_nanocredit_less_refuses(
    client: Connection, house: Installation, endpoint: str
) -> None:
    model = await sells(house, endpoint, "ok")
    tenant = await house.new_tenant()

    async def post(tenant: Tenant) -> Answer:
        if endpoint == "transcriptions":
            return await transcribe(client, tenant.key, model)
        path, body = body_for(endpoint, model)
        return await client.post(path, body, key=tenant.key)

    hold: int = (await house.request((await post(tenant)).request_id))["held"]
    expected = {"embeddings": 2 * TOKEN, "images": IMAGE_PRICE, "speech": 5 * CHARACTER, "transcriptions": 2 * SECOND}
    assert hold == expected[endpoint]
    assert (await post(await house.new_tenant(format_credits(hold)))).status == 200
    short = await house.new_tenant(format_credits(hold - 1))
    refused = await post(short)
    assert refused.code == (402, "insufficient_credits")
    assert await house.requests(short) == []


@pytest.mark.parametrize("endpoint", ["embeddings", "speech"])
async def test_client_that_leaves_pays_nothing_and_the_provider_is_let_go(
    house: Installation, replica: Replica, endpoint: str
) -> None:
    model = await sells(house, endpoint, "hang-before-headers")
    tenant = await house.new_tenant()
    seen = len(house.upstream.journal)
    path, body = body_for(endpoint, model)
    async with Connection(replica.port) as client:
        asking = asyncio.create_task(client.post(path, body, key=tenant.key))
        arrival = await house.upstream.next_arrival(seen)
        left_at = time.monotonic()
        client.close()
        async with asyncio.timeout(5):
            await arrival.ended.wait()
        assert arrival.outcome == "peer_left"
        assert arrival.ended_at - left_at < 1
        asking.cancel()
        with contextlib.suppress(asyncio.CancelledError, Exception):
            await asking

    async def settled() -> Any:
        return await house.requests(tenant) or None

    (row,) = await until(settled, "the request was not settled")
    assert (row["outcome"], row["charge"]) == ("client_left", 0)
    await house.books_are_right()


async def test_same_request_again_is_one_charge_where_answers_are_json(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant()
    for endpoint in ("embeddings", "images", "moderations"):
        path, body = body_for(endpoint, await sells(house, endpoint, "ok"))
        named = {"headers": {"idempotency-key": f"{endpoint}-1"}, "key": tenant.key}
        first = await client.post(path, body, **named)
        assert first.status == 200
        again = await client.post(path, body, **named)
        assert (again.status, again.body, again.request_id) == (200, first.body, first.request_id)
        assert again.header("idempotent-replayed") == "true"
    body = {"model": "embeddings/ok", "input": "hello", "encoding_format": "base64"}
    mismatch = await client.post(EMBEDDINGS, body, key=tenant.key, headers={"idempotency-key": "embeddings-1"})
    assert mismatch.code == (400, "idempotency_key_mismatch")
    assert len(await house.requests(tenant)) == 3


async def test_answer_that_is_too_large_to_be_kept_is_charged_once_and_never_made_again(
    client: Connection, house: Installation
) -> None:
    tenant = await house.new_tenant()
    path, body = body_for("images", await sells(house, "images", "large"))
    named = {"headers": {"idempotency-key": "k"}, "key": tenant.key}
    first = await client.post(path, body, **named)
    assert first.status == 200
    assert len(first.body) > LARGEST_ANSWER
    for _ in range(2):
        again = await client.post(path, body, **named)
        assert (again.code, again.error["param"]) == ((400, "unsupported_parameter"), "idempotency-key")
        assert first.request_id in again.error["message"]
    other = await client.post(path, body | {"n": 2}, **named)
    assert other.code == (400, "idempotency_key_mismatch")
    kept = await house.connection.fetchval(
        "SELECT octet_length(answer) FROM idempotent_requests WHERE workspace_id = $1", tenant.workspace_id
    )
    assert kept == 0
    assert [row["charge"] for row in await house.requests(tenant)] == [IMAGE_PRICE]


async def test_answers_that_are_not_kept_refuse_an_idempotency_key(
    client: Connection, key: str, house: Installation
) -> None:
    path, body = body_for("speech", await sells(house, "speech", "ok"))
    answer = await client.post(path, body, key=key, headers={"idempotency-key": "k"})
    assert answer.code == (400, "unsupported_parameter")
    headers = {"content-type": FORM_TYPE, "idempotency-key": "k"}
    answer = await client.post(TRANSCRIBE, form(("model", "transcriptions/ok")), key=key, headers=headers)
    assert (answer.code, answer.error["param"]) == ((400, "unsupported_parameter"), "idempotency-key")


async def test_door_is_the_same_as_everywhere(client: Connection, key: str, house: Installation) -> None:
    model = await sells(house, "transcriptions", "ok")
    content = form(("model", model), file=wav(2))
    headers = {"content-type": FORM_TYPE, "content-encoding": "gzip"}
    assert (await client.post(TRANSCRIBE, gzip.compress(content), key=key, headers=headers)).status == 200
    large = form(("model", model), file=bytes(int(SETTINGS["GATEWAY_BODY_LIMIT"]) + 1))
    answer = await client.post(TRANSCRIBE, large, key=key, headers={"content-type": FORM_TYPE})
    assert answer.code == (413, "request_too_large")
    for path in (EMBEDDINGS, IMAGES, SPEAK, TRANSCRIBE, TRANSLATE, MODERATE):
        assert (await client.post(path, b"{", key="omna_wrong")).code == (401, "invalid_api_key")
        assert (await client.get(path, key=key)).code == (405, "method_not_allowed")
        preflight = await client.request("OPTIONS", path)
        assert (preflight.status, preflight.header("access-control-allow-origin")) == (204, "*")
        answer = await client.post(path, b"{", key=key)
        assert answer.status == 400
        assert answer.header("access-control-allow-origin") == "*"


async def test_emergency_stop_comes_first(replica: Replica, key: str, house: Installation) -> None:
    path, body = body_for("moderations", await sells(house, "moderations", "ok"))
    assert (await house.omna("stop", "--scope", "api", "--reason", "drill")).code == 0
    try:
        for wrong in (key, "omna_wrong"):
            assert (await ask(replica.port, "POST", path, body, key=wrong)).code == (503, "emergency_stop")
    finally:
        assert (await house.omna("resume", "--scope", "api")).code == 0


async def test_what_clients_were_told_is_what_the_ledger_has(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant()
    told = 0
    for endpoint in ("embeddings", "images", "speech", "moderations"):
        path, body = body_for(endpoint, await sells(house, endpoint, "ok"))
        told += parse_credits((await client.post(path, body, key=tenant.key)).header("x-omna-cost") or "")
    answer = await transcribe(client, tenant.key, await sells(house, "transcriptions", "ok"))
    told += parse_credits(json.loads(answer.body)["usage"]["cost_details"]["total"])
    await house.books_are_right()
    assert told == sum(row["charge"] for row in await house.requests(tenant))
    assert (await house.wallet(tenant)).balance == parse_credits("100") - told
