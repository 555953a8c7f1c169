"""The wire rules of /v1, byte by byte: what clients of all kinds rely on."""

import asyncio
import gzip
import json
import re
import zlib
from typing import Any

import brotli
import pytest
import zstandard

from omna.catalog.model import rates
from omna.money import format_credits, parse_credits
from tests.harness.installation import COMPLETION_TOKEN, PROMPT_TOKEN, Installation
from tests.harness.linter import read_stream
from tests.harness.replica import Replica
from tests.harness.wire import CHAT, HI, Answer, Connection, ask, chat
from tests.upstream.scenarios import ODD_TEXT, TEXT

pytestmark = pytest.mark.usefixtures("models")

EXPOSED = {
    "x-request-id", "request-id", "x-generation-id", "openai-processing-ms", "retry-after", "retry-after-ms",
    "x-should-retry", "x-ratelimit-limit-requests", "x-ratelimit-remaining-requests", "x-ratelimit-reset-requests",
    "x-ratelimit-limit-tokens", "x-ratelimit-remaining-tokens", "x-ratelimit-reset-tokens",
}  # fmt: skip
CREDITS = re.compile(r"-?(0|[1-9][0-9]*)(\.[0-9]{0,8}[1-9])?")
STRANGER = "omna_" + "0" * 43 + "_04Ppzy"


@pytest.fixture(scope="module")
async def models(house: Installation) -> None:
    for model in ("ok", "echo", "unicode-separators", "refuse-500", "hang-mid-stream", "n-choices", "ok-slow"):
        await house.model(model)
    await house.model("vendor/ok:free", upstream_model="ok", context=8192, max_output=512)
    await house.model(
        "every-endpoint", upstream_model="ok", prices=rates(2_000_000_000, 8_000_000_000, image=1, character=1),
        endpoints=("chat", "completions", "embeddings", "images", "speech", "moderations"),
    )  # fmt: skip


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "ok", "messages": HI} | fields


def check_common(answer: Answer) -> None:
    """What every answer under /v1 has, whatever became of the request."""
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("access-control-allow-credentials") is None
    exposed = {name.strip() for name in (answer.header("access-control-expose-headers") or "").split(",")}
    assert exposed >= EXPOSED
    assert re.fullmatch(r"req_[0-9a-f]{32}", answer.request_id)
    if answer.status >= 400:
        assert isinstance(answer.error["message"], str)
        assert answer.error["message"]
        assert str(answer.status) not in json.dumps(answer.error.get("code"))


# ── addresses, methods, connections ──────────────────────────────────────────────────────────────────────────────────


async def test_root_answers_without_a_key(client: Connection) -> None:
    for method in ("HEAD", "GET"):
        assert (await client.request(method, "/")).status == 200


@pytest.mark.parametrize(
    ("path", "named"),
    [("/v1/chat/completions/", "/v1/chat/completions"), ("/v1/v1/models", "/v1/models"), ("/v1/nothing", "/v1/models"),
     ("/v1", None), ("/v1/", None), ("/v1/models/", "/v1/models"), ("/v1//models", None)],
)  # fmt: skip
async def test_unknown_address_is_a_json_404_that_names_the_right_one(
    client: Connection, key: str, path: str, named: str | None
) -> None:
    for method, content in (("GET", None), ("POST", body())):
        answer = await client.request(method, path, content, key=key)
        check_common(answer)
        assert answer.code == (404, "unknown_url")
        assert named is None or named in answer.error["message"]


@pytest.mark.parametrize(
    ("method", "path", "allowed"),
    [("GET", CHAT, "POST"), ("PUT", CHAT, "POST"), ("DELETE", CHAT, "POST"), ("POST", "/v1/models", "GET"),
     ("POST", "/v1/models/ok", "GET"), ("POST", "/v1/key", "GET"), ("PATCH", "/v1/credits", "GET")],
)  # fmt: skip
async def test_wrong_method_names_the_right_one(
    client: Connection, key: str, method: str, path: str, allowed: str
) -> None:
    answer = await client.request(method, path, body() if method != "GET" else None, key=key)
    check_common(answer)
    assert answer.code == (405, "method_not_allowed")
    assert allowed in (answer.header("allow") or "").split(", ")


async def test_unknown_query_parameters_are_ignored(client: Connection, key: str) -> None:
    assert (await client.post(f"{CHAT}?beta=true", body(), key=key)).status == 200
    assert (await client.get("/v1/models?limit=5", key=key)).status == 200


async def test_one_connection_serves_successes_every_error_and_streams(client: Connection, key: str) -> None:
    for number in range(2):
        assert (await client.chat(key, "ok")).status == 200
        assert (await client.chat(None, "ok")).status == 401
        assert (await client.chat(key, "none")).status == 404
        assert (await client.post(CHAT, b"{", key=key)).status == 400
        assert (await client.post(CHAT, b"x" * 1000, headers={"content-encoding": "lzma"}, key=key)).status == 415
        assert (await client.post(CHAT, b"x" * 1000, headers={"content-encoding": "gzip"}, key=key)).status == 400
        assert (await client.post(CHAT, body(), headers={"x-api-key": STRANGER}, key=key)).status == 400
        assert (await client.post(CHAT, b" " * 300_000, key=key)).status == 413
        assert (await client.post("/v1/nothing", b"x" * 100_000, key=key)).status == 404
        assert (await client.get(CHAT, key=key)).status == 405
        assert (await client.chat(key, "refuse-500")).status == 502
        stream = await (await client.stream(key, "ok")).read()
        assert read_stream(stream.body).content == TEXT
        assert (await client.request("OPTIONS", CHAT)).status == 204
        assert (await client.get("/v1/models", key=key)).status == 200
        assert number < 2


async def test_very_large_refused_body_closes_the_connection(replica: Replica, key: str) -> None:
    async with Connection(replica.port) as client:
        headers = [("authorization", f"Bearer {key}"), ("content-length", str(50_000_000))]
        await client.send("POST", CHAT, headers)
        answer = await (await client.head()).read()
        check_common(answer)
        assert answer.code == (413, "request_too_large")
        assert answer.header("connection") == "close"


async def test_slow_body_is_a_timeout_that_closes_the_connection(replica: Replica, key: str) -> None:
    async with Connection(replica.port) as client:
        await client.send("POST", CHAT, [("authorization", f"Bearer {key}"), ("content-length", "100")])
        client.writer.write(b'{"model"')
        answer = await (await client.head()).read()
        check_common(answer)
        assert answer.code == (408, "request_timeout")
        assert answer.header("connection") == "close"


# ── CORS ─────────────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [CHAT, "/v1/models", "/v1/whatever", "/v1/models/vendor/ok:free"])
async def test_preflight_allows_whatever_is_asked_for_without_a_key(client: Connection, path: str) -> None:
    asked = "authorization,x-stainless-os,x-stainless-retry-count,x-new-header"
    answer = await client.request(
        "OPTIONS", path,
        headers={"origin": "https://app.example", "access-control-request-method": "POST",
                 "access-control-request-headers": asked},
    )  # fmt: skip
    assert answer.status == 204
    assert answer.body == b""
    assert answer.header("access-control-allow-origin") == "*"
    assert answer.header("access-control-allow-headers") == asked
    assert answer.header("access-control-allow-methods") == "GET, HEAD, POST, OPTIONS"
    assert answer.header("access-control-max-age") == "86400"
    assert "access-control-request-headers" in (answer.header("vary") or "").lower()


async def test_every_answer_carries_the_cors_headers(client: Connection, key: str) -> None:
    answers = [
        await client.chat(key, "ok"),
        await (await client.stream(key, "ok")).read(),
        await client.chat(key, "refuse-500"),
        await client.chat(STRANGER, "ok"),
        await client.get("/v1/models", key=key),
        await client.get("/v1/generation?id=req_x", key=key),
    ]
    assert [answer.status for answer in answers] == [200, 200, 502, 401, 200, 404]
    for answer in answers:
        if answer.header("content-type") == "application/json":
            check_common(answer)
        assert answer.header("access-control-allow-origin") == "*"


# ── credentials ──────────────────────────────────────────────────────────────────────────────────────────────────────


@pytest.mark.parametrize("path", [CHAT, "/v1/models", "/v1/models/ok", "/v1/key", "/v1/credits", "/v1/generation?id=x"])
async def test_every_endpoint_takes_both_headers_and_needs_one(client: Connection, key: str, path: str) -> None:
    method, content = ("POST", body()) if path == CHAT else ("GET", None)
    good = [
        {"authorization": f"Bearer {key}"}, {"authorization": f"bEARER   {key}  "}, {"x-api-key": f" {key} "},
        {"authorization": f"Bearer {key}", "x-api-key": key},
    ]  # fmt: skip
    for headers in good:
        assert (await client.request(method, path, content, headers=headers)).status in (200, 404)
    bad: list[dict[str, str]] = [
        {}, {"authorization": f"Basic {key}"}, {"cookie": f"key={key}"}, {"authorization": key},
        {"authorization": "Bearer"}, {"authorization": "Bearer sk-abc"}, {"x-api-key": key[:-1]},
        {"authorization": f"Bearer {STRANGER}"},
    ]  # fmt: skip
    for headers in bad:
        answer = await client.request(method, path, content, headers=headers)
        check_common(answer)
        assert answer.code == (401, "invalid_api_key"), headers
        assert answer.header("www-authenticate") == "Bearer"
        assert key[8:] not in answer.body.decode()
        assert "sk-abc" not in answer.body.decode()
    answer = await client.request(
        method, path, content, headers={"authorization": f"Bearer {key}", "x-api-key": STRANGER}
    )
    assert answer.code == (400, "conflicting_credentials")


async def test_key_in_the_address_never_authorises(client: Connection, key: str) -> None:
    for query in (f"key={key}", f"api_key={key}", f"x=%6fmna_{key[5:]}"):
        separator = "&" if "?" in query else "?"
        answer = await client.post(f"{CHAT}{separator}{query}", body())
        assert answer.status in (400, 401)
        assert answer.error["code"] in ("key_in_url", "invalid_api_key")
        assert key not in answer.body.decode()
        # Sent properly as well, it has still been written into somebody's log.
        assert (await client.post(f"{CHAT}{separator}{query}", body(), key=key)).code == (400, "key_in_url")


async def test_stranger_learns_nothing_of_models_or_mistakes(client: Connection) -> None:
    for content in (body(), body(model="none"), body(max_tokens=0), b"{", {}):
        assert (await client.post(CHAT, content, key=STRANGER)).code == (401, "invalid_api_key")
    assert (await client.get("/v1/models/ok", key=STRANGER)).code == (401, "invalid_api_key")


async def test_own_request_id_is_never_adopted(client: Connection, key: str, house: Installation) -> None:
    answer = await client.post(CHAT, body(), key=key, headers={"x-request-id": "mine", "openai-organization": "o"})
    assert answer.request_id != "mine"
    assert "mine" not in house.upstream.journal[-1].headers.values()
    assert answer.request_id in house.upstream.journal[-1].headers.values()


# ── bodies ───────────────────────────────────────────────────────────────────────────────────────────────────────────


def encodings() -> dict[str, bytes]:
    plain = json.dumps(body()).encode()
    return {
        "identity": plain, "gzip": gzip.compress(plain), "deflate": zlib.compress(plain),
        "br": brotli.compress(plain), "zstd": zstandard.ZstdCompressor().compress(plain),
    }  # fmt: skip


@pytest.mark.parametrize("encoding", ["identity", "gzip", "deflate", "br", "zstd"])
async def test_compressed_bodies_are_understood_and_broken_ones_refused(
    client: Connection, key: str, house: Installation, encoding: str
) -> None:
    content = encodings()[encoding]
    answer = await client.post(CHAT, content, key=key, headers={"content-encoding": encoding})
    assert answer.status == 200
    assert "content-encoding" not in house.upstream.journal[-1].headers
    if encoding != "identity":
        for broken in (content[:-5], b"garbage" * 10):
            answer = await client.post(CHAT, broken, key=key, headers={"content-encoding": encoding})
            assert answer.code == (400, "invalid_content_encoding")


@pytest.mark.parametrize("encoding", ["gzip", "deflate", "br", "zstd"])
@pytest.mark.parametrize(
    ("path", "fields"),
    [("/v1/responses", {"input": "hi"}), ("/v1/messages", {"messages": HI, "max_tokens": 9}),
     ("/v1/messages/count_tokens", {"messages": HI}), ("/v1/completions", {"prompt": "hi"}),
     ("/v1/admission", {"messages": HI}), ("/v1/embeddings", {"input": "hi"}), ("/v1/moderations", {"input": "hi"}),
     ("/v1/images/generations", {"prompt": "hi"}), ("/v1/audio/speech", {"input": "hi", "voice": "x"})],
)  # fmt: skip
async def test_every_endpoint_understands_compressed_bodies_and_bounds_them(
    client: Connection, key: str, path: str, fields: dict[str, Any], encoding: str
) -> None:
    compress = {
        "gzip": gzip.compress, "deflate": zlib.compress, "br": brotli.compress,
        "zstd": zstandard.ZstdCompressor().compress,
    }[encoding]  # fmt: skip
    headers = {"content-encoding": encoding}
    content = compress(json.dumps({"model": "every-endpoint"} | fields).encode())
    answer = await client.post(path, content, key=key, headers=headers)
    assert answer.status == 200, answer.body
    for broken, status in ((content[:-5], 400), (compress(b"0" * 2_000_000), 413)):
        assert (await client.post(path, broken, key=key, headers=headers)).status == status
    assert (await client.post(path, content, key=key, headers={"content-encoding": "lzma"})).status == 415


@pytest.mark.parametrize("encoding", ["lzma", "gzip, gzip", "compress", "gzip, identity, br"])
async def test_other_encodings_and_layers_are_refused(client: Connection, key: str, encoding: str) -> None:
    answer = await client.post(CHAT, encodings()["gzip"], key=key, headers={"content-encoding": encoding})
    assert answer.code == (415, "unsupported_content_encoding")


@pytest.mark.parametrize("encoding", ["gzip", "br", "zstd"])
async def test_decompression_bomb_is_too_large(client: Connection, key: str, encoding: str) -> None:
    zeros = b"0" * 60_000_000
    bomb = {
        "gzip": gzip.compress, "br": brotli.compress, "zstd": zstandard.ZstdCompressor().compress
    }[encoding](zeros)  # fmt: skip
    answer = await client.post(CHAT, bomb, key=key, headers={"content-encoding": encoding})
    assert answer.code == (413, "request_too_large")
    assert "262" in answer.error["message"]


@pytest.mark.parametrize(
    "content",
    [b"", b"{", b"[]", b'"text"', b"null", b"\xff\xfe", b'{"model":"ok","model":"ok","messages":[]}', b'{"a":NaN}',
     b'{"a":Infinity}', b'{"a":"\\ud800"}', b"[" * 70 + b"]" * 70, b'{"a":' + b"[" * 70 + b"]" * 70 + b"}",
     b'{"a":1}x', b"{'a':1}"],
)  # fmt: skip
async def test_body_that_is_not_strict_json_is_refused(client: Connection, key: str, content: bytes) -> None:
    answer = await client.post(CHAT, content, key=key)
    check_common(answer)
    assert answer.code == (400, "invalid_json")


@pytest.mark.parametrize(
    ("fields", "code", "param"),
    [
        ({"model": None}, "missing_required_parameter", "model"),
        ({"model": 5}, "invalid_value", "model"),
        ({"model": ""}, "invalid_value", "model"),
        ({"messages": None}, "missing_required_parameter", "messages"),
        ({"messages": []}, "invalid_value", "messages"),
        ({"messages": "hi"}, "invalid_value", "messages"),
        ({"messages": ["hi"]}, "invalid_value", "messages[0]"),
        ({"messages": [{"role": "robot", "content": "hi"}]}, "invalid_value", "messages[0].role"),
        ({"messages": [{"role": "user"}]}, "invalid_value", "messages[0].content"),
        ({"messages": [*HI, {"role": "user", "content": 5}]}, "invalid_value", "messages[1].content"),
        ({"messages": [{"role": "user", "content": [{"type": "text", "text": "a"}, {"type": "video"}]}]},
         "invalid_value", "messages[0].content[1].type"),
        ({"messages": [{"role": "user", "content": [{"type": "image_url", "image_url": {"url": "file:///etc"}}]}]},
         "invalid_value", "messages[0].content[0].image_url.url"),
        ({"messages": [{"role": "user", "content": [{"type": "input_text", "text": "a"}]}]},
         "invalid_value", "messages[0].content[0].type"),
        *(({name: value}, "invalid_value", name)
          for name in ("max_tokens", "max_completion_tokens", "n")
          for value in (0, -1, 1.5, "5", True, [], {}, 10**30)),
        ({"stream": "yes"}, "invalid_value", "stream"),
        ({"stream_options": []}, "invalid_value", "stream_options"),
        ({"stream_options": {"include_usage": 1}}, "invalid_value", "stream_options.include_usage"),
        ({"service_tier": "priority"}, "unsupported_parameter", "service_tier"),
        ({"web_search_options": {}}, "unsupported_parameter", "web_search_options"),
        ({"modalities": ["text", "audio"]}, "unsupported_parameter", "modalities"),
    ],
)  # fmt: skip
async def test_field_that_cannot_be_meant_is_named(
    client: Connection, key: str, house: Installation, fields: dict[str, Any], code: str, param: str
) -> None:
    calls = len(house.upstream.journal)
    answer = await client.post(CHAT, body(**fields), key=key)
    check_common(answer)
    assert answer.code == (400, code)
    assert answer.error["param"] == param
    assert len(house.upstream.journal) == calls


async def test_body_of_another_endpoint_is_told_where_to_go(client: Connection, key: str) -> None:
    answer = await client.post(CHAT, {"model": "ok", "input": "hi"}, key=key)
    assert answer.status == 400
    assert "/v1/responses" in answer.error["message"]


async def test_fields_nobody_here_knows_reach_the_provider_untouched(
    client: Connection, key: str, house: Installation
) -> None:
    extra = {"extra_body_field": {"深": [1, None, 2.5]}, "seed": 7, "top_k": 5, "metadata": {"a": "b"}, "user": "u",
             "store": True, "reasoning_effort": "low"}  # fmt: skip
    routing = {"api_base": "http://127.0.0.1:9", "base_url": "http://127.0.0.1:9", "api_key": "sk-mine"}
    answer = await client.post(CHAT, body(**extra, **routing, temperature=None), key=key)
    assert answer.status == 200
    arrived = house.upstream.journal[-1]
    assert {name: arrived.body[name] for name in extra} == extra
    assert arrived.headers["authorization"] == "Bearer sk-upstream-canary"
    assert "omna_" not in repr(arrived.headers)
    # The price list sells what was held for: the provider hears the bound.
    assert arrived.body["max_tokens"] == 4096


async def test_bound_is_the_smaller_one_and_the_newer_name_wins(
    client: Connection, key: str, house: Installation
) -> None:
    await client.post(CHAT, body(max_tokens=7), key=key)
    assert house.upstream.journal[-1].body["max_tokens"] == 7
    await client.post(CHAT, body(max_tokens=7, max_completion_tokens=5), key=key)
    assert house.upstream.journal[-1].body["max_tokens"] == 5
    await client.post(CHAT, body(max_tokens=100_000, model="vendor/ok:free"), key=key)
    assert house.upstream.journal[-1].body["max_tokens"] == 512


# ── answers ──────────────────────────────────────────────────────────────────────────────────────────────────────────


async def test_whole_answer_has_every_required_field(client: Connection, key: str) -> None:
    answer = await client.chat(key, "ok")
    check_common(answer)
    assert answer.header("x-generation-id") == answer.json["id"]
    assert int(answer.header("openai-processing-ms") or -1) >= 0
    assert set(answer.json) == {"id", "object", "created", "model", "choices", "usage"}
    assert answer.json["id"] == answer.request_id.replace("req_", "chatcmpl-")
    assert (answer.json["object"], answer.json["model"]) == ("chat.completion", "ok")
    (choice,) = answer.json["choices"]
    assert choice["message"] == {"role": "assistant", "content": TEXT, "refusal": None, "annotations": []}
    assert (choice["index"], choice["logprobs"], choice["finish_reason"]) == (0, None, "stop")


async def test_cost_is_the_same_number_everywhere(client: Connection, key: str, house: Installation) -> None:
    answer = await client.chat(key, "ok")
    usage = answer.json["usage"]
    details = usage["cost_details"]
    literal = re.search(rb'"cost":([^,]+),', answer.body)
    assert literal is not None
    assert literal[1].decode() == details["total"] == "0.00005"
    assert parse_credits(details["total"]) == 9 * PROMPT_TOKEN + 4 * COMPLETION_TOKEN
    assert (details["prompt"], details["completion"]) == ("0.000018", "0.000032")
    assert (details["unit"], details["usage_source"], details["estimated"]) == ("credit", "provider", False)
    assert usage["prompt_tokens_details"] == {"cached_tokens": 0, "cache_write_tokens": 0}
    assert usage["completion_tokens_details"] == {"reasoning_tokens": 0}
    for wanted in (answer.request_id, answer.json["id"]):
        record = (await client.get(f"/v1/generation?id={wanted}", key=key)).json["data"]
        assert record["total_cost"] == record["usage"] == details["total"]
        assert record["cost_details"] == details
        assert (record["request_id"], record["id"]) == (answer.request_id, answer.json["id"])
        assert (record["state"], record["tokens_prompt"], record["tokens_completion"]) == ("settled", 9, 4)
        assert (record["streamed"], record["cancelled"], record["finish_reason"]) == (False, False, "stop")
        assert len(record["ledger_entry_ids"]) == 2
    assert (await house.request(answer.request_id))["charge"] == parse_credits(details["total"])


async def test_generation_of_a_stream_is_complete_when_done_was_sent(client: Connection, key: str) -> None:
    stream = await (await client.stream(key, "ok")).read()
    record = (await client.get(f"/v1/generation?id={stream.request_id}", key=key)).json["data"]
    assert (record["state"], record["total_cost"], record["streamed"]) == ("settled", "0.00005", True)
    assert record["latency"] is not None


async def test_generation_belongs_to_its_owner(client: Connection, key: str, house: Installation) -> None:
    other = await house.new_tenant()
    answer = await client.chat(other.key, "ok")
    for wanted in (answer.request_id, "req_zz", "nothing", "req_" + "0" * 32):
        refused = await client.get(f"/v1/generation?id={wanted}", key=key)
        assert refused.code == (404, "generation_not_found")
    assert (await client.get("/v1/generation", key=key)).code == (400, "missing_required_parameter")


async def test_generation_of_a_running_request_says_so(
    replica: Replica, client: Connection, key: str, house: Installation
) -> None:
    async with Connection(replica.port) as other:
        stream = await other.stream(key, "hang-mid-stream")
        record = (await client.get(f"/v1/generation?id={stream.request_id}", key=key)).json["data"]
        assert (record["state"], record["total_cost"]) == ("running", None)
        assert parse_credits(record["hold"]) > 0
        credits_ = (await client.get("/v1/credits", key=key)).json["data"]
        assert parse_credits(credits_["held"]) > 0
    await house.quiet()


async def test_stream_says_everything_once_and_usage_only_when_asked(client: Connection, key: str) -> None:
    plain = await (await client.stream(key, "ok")).read()
    assert plain.header("content-type") == "text/event-stream; charset=utf-8"
    assert plain.header("cache-control") == "no-cache, no-transform"
    assert plain.header("x-accel-buffering") == "no"
    assert plain.header("content-length") is None
    assert plain.header("content-encoding") is None
    assert b'"usage"' not in plain.body
    assert read_stream(plain.body).content == TEXT
    asked = await (await client.stream(key, "ok", stream_options={"include_usage": True})).read()
    reading = read_stream(asked.body, include_usage=True)
    assert reading.usage is not None
    assert reading.chunks[0]["id"] == asked.request_id.replace("req_", "chatcmpl-")
    assert reading.chunks[0]["model"] == "ok"
    not_asked = await (await client.stream(key, "ok", stream_options={"include_usage": False})).read()
    assert b'"usage"' not in not_asked.body


async def test_provider_is_always_asked_for_usage(client: Connection, key: str, house: Installation) -> None:
    await (await client.stream(key, "ok")).read()
    assert house.upstream.journal[-1].asks_usage


async def test_several_choices_are_kept_apart(client: Connection, key: str) -> None:
    whole = await client.chat(key, "n-choices", n=3)
    assert [choice["message"]["content"] for choice in whole.json["choices"]] == [TEXT] * 3
    stream = await (await client.stream(key, "n-choices", n=3)).read()
    assert read_stream(stream.body).text == {0: TEXT, 1: TEXT, 2: TEXT}


async def test_line_separators_are_escaped_and_everything_else_is_not(client: Connection, key: str) -> None:
    whole = await client.chat(key, "unicode-separators")
    stream = await (await client.stream(key, "unicode-separators")).read()
    assert whole.json["choices"][0]["message"]["content"] == ODD_TEXT
    assert read_stream(stream.body).content == ODD_TEXT
    for content in (whole.body, stream.body):
        for separator in ("\u2028", "\u2029", "\x85"):
            assert separator.encode() not in content
        assert "你好😀".encode() in content


async def test_long_silence_is_filled_with_comments(client: Connection, key: str, house: Installation) -> None:
    await house.model("slow-start", upstream_model="long-4-1")
    stream = await (await client.stream(key, "slow-start")).read()
    reading = read_stream(stream.body)
    assert reading.content == "tok " * 4
    assert reading.error is None


# ── models, key, credits ─────────────────────────────────────────────────────────────────────────────────────────────


async def test_models_are_listed_with_exact_prices(client: Connection, key: str) -> None:
    answer = await client.get("/v1/models", key=key)
    check_common(answer)
    listed = {model["id"]: model for model in answer.json["data"]}
    model = listed["vendor/ok:free"]
    assert (model["object"], model["owned_by"], model["context_length"]) == ("model", "vendor", 8192)
    assert model["pricing"]["prompt"] == format_credits(PROMPT_TOKEN)
    assert model["pricing"]["completion"] == format_credits(COMPLETION_TOKEN)
    assert model["pricing_usd"]["prompt"] == model["pricing"]["prompt"]
    assert listed["ok"]["context_length"] is None
    etag = answer.header("etag")
    assert etag is not None
    assert (await client.get("/v1/models", key=key, headers={"if-none-match": etag})).status == 304


@pytest.mark.parametrize("path", ["vendor/ok:free", "vendor%2Fok:free", "vendor%2Fok%3Afree", "vendor/ok%3Afree"])
async def test_model_ids_with_slash_and_colon_are_found(client: Connection, key: str, path: str) -> None:
    assert (await client.get(f"/v1/models/{path}", key=key)).json["id"] == "vendor/ok:free"


async def test_head_answers_like_get_without_a_body(client: Connection, key: str) -> None:
    answer = await client.request("HEAD", "/v1/models", key=key)
    assert (answer.status, answer.body) == (200, b"")
    assert (await client.chat(key, "ok")).status == 200


async def test_key_for_some_models_sees_and_uses_only_those(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant(allowed_models=["ok"])
    listed = (await client.get("/v1/models", key=tenant.key)).json["data"]
    assert [model["id"] for model in listed] == ["ok"]
    hidden = await client.get("/v1/models/echo", key=tenant.key)
    assert (hidden.code, hidden.error["param"]) == ((404, "model_not_found"), "model")
    refused = await client.chat(tenant.key, "echo")
    assert (refused.code, refused.error["param"]) == ((403, "model_not_allowed"), "model")
    assert "metadata" in refused.error


async def test_model_without_a_price_or_taken_off_sale_is_unknown(
    client: Connection, key: str, house: Installation
) -> None:
    await house.model("fading", upstream_model="ok")
    assert (await client.chat(key, "fading")).status == 200
    assert (await house.omna("model", "disable", "fading")).code == 0
    assert (await client.chat(key, "fading")).code == (404, "model_not_found")
    assert (await client.get("/v1/models/fading", key=key)).code == (404, "model_not_found")


async def test_new_price_holds_for_the_next_request(client: Connection, key: str, house: Installation) -> None:
    await house.model("moving", upstream_model="ok")
    assert (await client.chat(key, "moving")).json["usage"]["cost_details"]["total"] == "0.00005"
    priced = await house.omna("model", "price", "moving", "--prompt-price", "4", "--completion-price", "16")
    assert priced.code == 0
    assert (await client.chat(key, "moving")).json["usage"]["cost_details"]["total"] == "0.0001"
    assert (await client.get("/v1/models/moving", key=key)).json["pricing"]["prompt"] == "0.000004"


async def test_new_model_is_known_to_a_running_gateway_at_once(
    client: Connection, key: str, house: Installation
) -> None:
    assert (await client.chat(key, "brand-new")).code == (404, "model_not_found")
    await house.model("brand-new", upstream_model="ok")
    assert (await client.chat(key, "brand-new")).status == 200
    await house.model("brand-new-2", upstream_model="ok")
    assert (await client.get("/v1/models/brand-new-2", key=key)).status == 200


async def test_key_facts_add_up(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant(rpm=100, spend_limit=1_000_000_000, spend_period="day", allowed_models=["ok"])
    await client.chat(tenant.key, "ok")
    facts = (await client.get("/v1/key", key=tenant.key)).json["data"]
    assert (facts["limit"], facts["limit_remaining"], facts["usage"]) == ("1", "0.99995", "0.00005")
    assert facts["usage_daily"] == facts["usage_weekly"] == facts["usage_monthly"] == "0.00005"
    assert (facts["held"], facts["limit_reset"], facts["allowed_models"]) == ("0", "daily", ["ok"])
    assert facts["rate_limit"]["requests"] == 100
    assert facts["limit_resets_at"].endswith("Z")
    assert facts["is_free_tier"] is False
    assert tenant.key not in json.dumps(facts)


async def test_spend_limit_of_a_key_is_a_402_with_its_window(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant(spend_limit=60_000, spend_period="week")
    assert (await client.chat(tenant.key, "ok", max_tokens=4)).status in (200, 402)
    answer = await client.chat(tenant.key, "ok", max_tokens=4000)
    assert answer.code == (402, "key_limit_exceeded")
    facts = answer.error["metadata"]
    assert (facts["limit_name"], facts["scope"], facts["limit"]) == ("key_weekly", "key", "0.00006")
    left = parse_credits(facts["limit"]) - parse_credits(facts["used"]) - parse_credits(facts["held"])
    assert left == parse_credits(facts["available"]) < parse_credits(facts["required"])
    assert facts["resets_at"].endswith("Z")


async def test_credits_are_those_of_the_ledger(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant("2.5")
    await client.chat(tenant.key, "ok")
    facts = (await client.get("/v1/credits", key=tenant.key)).json["data"]
    assert facts == {
        "total_credits": "2.5", "total_usage": "0.00005", "balance": "2.49995", "held": "0", "available": "2.49995",
        "unit": "credit",
    }  # fmt: skip
    assert all(CREDITS.fullmatch(facts[name]) for name in facts if name != "unit")
    wallet = await house.wallet(tenant)
    assert parse_credits(facts["available"]) == wallet.available


# ── prices that must not hurt ────────────────────────────────────────────────────────────────────────────────────────


async def test_free_and_very_dear_models_are_charged_what_they_say(replica: Replica, house: Installation) -> None:
    from omna.catalog.model import rates

    await house.model("free", upstream_model="ok", prices=rates(0, 0))
    empty = await house.new_tenant("0")
    answer = await chat(replica.port, empty.key, "free")
    assert (answer.status, answer.json["usage"]["cost_details"]["total"]) == (200, "0")
    await house.model("dear", upstream_model="ok", prices=rates(10**15, 10**15))
    assert (await chat(replica.port, house.tenant.key, "dear", max_tokens=10**7)).code == (402, "insufficient_credits")
    await house.model("one-nano", upstream_model="ok", prices=rates(1, 1))
    answer = await chat(replica.port, house.tenant.key, "one-nano")
    # A priced answer is never rounded to nothing.
    assert answer.json["usage"]["cost_details"]["total"] == "0.000000001"
    await house.books_are_right()


async def test_every_answer_of_a_burst_has_its_own_ids(replica: Replica, key: str) -> None:
    answers = await asyncio.gather(*(chat(replica.port, key, "ok", stream=number % 2 == 0) for number in range(40)))
    assert len({answer.request_id for answer in answers}) == 40
    assert (await ask(replica.port, "GET", "/v1/models", key=key)).status == 200
