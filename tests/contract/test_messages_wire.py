"""The wire rules of /v1/messages, byte by byte: envelopes and headers of every answer, errors before any dialect too."""

import gzip
import json
from typing import Any

import pytest
import zstandard

from tests.harness.installation import Installation
from tests.harness.messages_linter import check_error, check_message, read_messages_stream
from tests.harness.replica import Replica
from tests.harness.wire import HI, Answer, Connection
from tests.upstream.scenarios import TEXT

pytestmark = pytest.mark.usefixtures("models")

MESSAGES = "/v1/messages"
COUNT = "/v1/messages/count_tokens"


@pytest.fixture(scope="module")
async def models(house: Installation) -> None:
    for model in ("ok", "slow-start", "reset-mid-stream", "tools-cut"):
        await house.model(model)


def body(**fields: Any) -> dict[str, Any]:
    return {"model": "ok", "messages": HI, "max_tokens": 100} | fields


def refused(answer: Answer) -> tuple[int, str, str]:
    """Status, type and code of an error in Anthropic's envelope, headers proven."""
    envelope = answer.json
    check_error(envelope)
    assert answer.header("request-id") == answer.request_id == envelope["request_id"]
    assert answer.header("access-control-allow-origin") == "*"
    return answer.status, envelope["error"]["type"], envelope["error"]["code"]


async def test_root_answers_without_a_key_before_the_first_call(client: Connection) -> None:
    for method in ("HEAD", "GET"):
        answer = await client.request(method, "/")
        assert answer.status == 200
        assert method == "GET" or answer.body == b""


@pytest.mark.parametrize("path", [MESSAGES, COUNT])
async def test_errors_that_no_dialect_sees_have_its_envelope(client: Connection, key: str, path: str) -> None:
    invalid = (400, "invalid_request_error")
    assert refused(await client.post(path, body())) == (401, "authentication_error", "invalid_api_key")
    assert refused(await client.get(path, key=key)) == (405, "invalid_request_error", "method_not_allowed")
    assert refused(await client.post(f"{path}/", body(), key=key)) == (404, "not_found_error", "unknown_url")
    assert refused(await client.post(path, b"{", key=key)) == (*invalid, "invalid_json")
    assert refused(await client.post(path, {}, key=key)) == (*invalid, "missing_required_parameter")
    assert refused(await client.post(path, b" " * 300_000, key=key)) == (413, "request_too_large", "request_too_large")
    answer = await client.post(path, b"x" * 100, headers={"content-encoding": "lzma"}, key=key)
    assert refused(answer) == (415, "invalid_request_error", "unsupported_content_encoding")
    answer = await client.post(path, body(), headers={"x-api-key": "omna_" + "0" * 43 + "_04Ppzy"}, key=key)
    assert refused(answer) == (*invalid, "conflicting_credentials")
    assert refused(await client.post(path, body(model="none"), key=key)) == (404, "not_found_error", "model_not_found")


async def test_slow_body_is_a_timeout(replica: Replica, key: str) -> None:
    async with Connection(replica.port) as client:
        await client.send("POST", MESSAGES, [("authorization", f"Bearer {key}"), ("content-length", "100")])
        client.writer.write(b'{"model"')
        answer = await (await client.head()).read()
        assert refused(answer) == (408, "timeout_error", "request_timeout")
        assert answer.header("connection") == "close"


async def test_addresses_beside_it_keep_the_other_envelope(client: Connection, key: str) -> None:
    answer = await client.post("/v1/messagesx", body(), key=key)
    assert answer.code == (404, "unknown_url")
    assert answer.header("request-id") is None
    assert MESSAGES in answer.error["message"]


async def test_emergency_stop_comes_before_the_key_and_has_the_envelope(
    client: Connection, house: Installation
) -> None:
    assert (await house.omna("stop", "--scope", "api", "--reason", "drill")).code == 0
    try:
        answer = await client.post(MESSAGES, body())
        assert refused(answer) == (503, "api_error", "emergency_stop")
        assert answer.header("x-should-retry") == "false"
        assert (await client.post(COUNT, body(), key=house.tenant.key)).status == 200
    finally:
        assert (await house.omna("resume", "--scope", "api")).code == 0


async def test_frozen_workspace_is_told_so_also_when_it_counts(client: Connection, house: Installation) -> None:
    tenant = await house.new_tenant("1")
    assert (await house.omna("freeze", tenant.email, "--reason", "review")).code == 0
    for path in (MESSAGES, COUNT):
        answer = await client.post(path, body(), key=tenant.key)
        assert refused(answer) == (403, "permission_error", "account_frozen")


async def test_answers_and_streams_carry_both_ids(client: Connection, key: str) -> None:
    whole = await client.post(MESSAGES, body(), key=key)
    check_message(whole.json)
    stream = await client.post(f"{MESSAGES}?beta=true", body(stream=True), key=key)
    assert stream.header("content-type") == "text/event-stream; charset=utf-8"
    counted = await client.post(COUNT, {"model": "ok", "messages": HI}, key=key)
    assert set(counted.json) == {"input_tokens"}
    for answer in (whole, stream, counted):
        assert answer.header("request-id") == answer.request_id
    for answer in (whole, stream):
        assert answer.header("x-generation-id") == f"msg_{answer.request_id.removeprefix('req_')}"
    reading = read_messages_stream(stream.body)
    assert reading.text == TEXT
    assert reading.message["id"] == stream.header("x-generation-id")


async def test_preflight_is_that_of_every_address(client: Connection) -> None:
    answer = await client.request("OPTIONS", MESSAGES, headers={"access-control-request-headers": "anthropic-version"})
    assert (answer.status, answer.body) == (204, b"")
    assert answer.header("access-control-allow-headers") == "anthropic-version"


@pytest.mark.parametrize("encoding", ["gzip", "zstd"])
@pytest.mark.parametrize("path", [MESSAGES, COUNT])
async def test_compressed_bodies_are_understood(client: Connection, key: str, path: str, encoding: str) -> None:
    plain = json.dumps(body()).encode()
    content = gzip.compress(plain) if encoding == "gzip" else zstandard.ZstdCompressor().compress(plain)
    assert (await client.post(path, content, key=key, headers={"content-encoding": encoding})).status == 200


async def test_silence_before_the_first_word_is_filled_with_pings(client: Connection, key: str) -> None:
    answer = await client.post(MESSAGES, body(model="slow-start", stream=True), key=key)
    assert answer.body.startswith(b'event: ping\ndata: {"type": "ping"}\n\n')
    reading = read_messages_stream(answer.body)
    assert (reading.text, reading.stop_reason) == (TEXT, "end_turn")
    assert reading.pings >= 1


async def test_broken_stream_ends_with_one_error_event(client: Connection, key: str, house: Installation) -> None:
    answer = await client.post(MESSAGES, body(model="reset-mid-stream", stream=True), key=key)
    reading = read_messages_stream(answer.body)
    assert reading.error is not None
    assert (reading.error["type"], reading.error["code"]) == ("api_error", "provider_error")
    assert b"message_stop" not in answer.body
    row = await house.request(answer.request_id)
    assert row["charge"] > 0


async def test_call_that_was_cut_off_is_told_as_it_came(client: Connection, key: str) -> None:
    reading = read_messages_stream((await client.post(MESSAGES, body(model="tools-cut", stream=True), key=key)).body)
    assert (reading.calls[0]["name"], reading.stop_reason) == ("f", "max_tokens")


async def test_one_connection_serves_both_dialects_and_their_errors(client: Connection, key: str) -> None:
    for _ in range(2):
        assert (await client.post(MESSAGES, body(), key=key)).status == 200
        assert (await client.post(MESSAGES, b"{", key=key)).status == 400
        assert read_messages_stream((await client.post(MESSAGES, body(stream=True), key=key)).body).ended
        assert (await client.chat(key, "ok")).status == 200
        assert (await client.chat(None, "ok")).code == (401, "invalid_api_key")
