"""The load generator must neither count half an answer nor take an error for one."""

import json

import pytest

from benchmarks.upstream import Script, whole_answer
from benchmarks.wire import Target, encode_request, ends_stream, is_complete, is_sound, is_sound_stream

REFUSAL = b'HTTP/1.1 402 Payment Required\r\ncontent-length: 12\r\n\r\n{"error":{}}'


def test_answer_is_complete_at_its_last_byte_only() -> None:
    answer = whole_answer(b"instant")
    assert [is_complete(answer[:end]) for end in range(len(answer) + 1)] == [False] * len(answer) + [True]


@pytest.mark.parametrize("name", [b"Content-Length", b"content-length", b"CONTENT-LENGTH"])
def test_length_is_found_however_it_is_spelt(name: bytes) -> None:
    assert is_complete(b"HTTP/1.1 200 OK\r\n" + name + b": 2\r\n\r\n{}")


def test_answer_in_chunks_is_complete_at_the_closing_chunk() -> None:
    head = b"HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\n2\r\n{}"
    assert not is_complete(head)
    assert is_complete(head + b"\r\n0\r\n\r\n")


def test_refusal_is_complete_and_not_sound() -> None:
    assert is_complete(REFUSAL)
    assert not is_sound(REFUSAL)
    assert is_sound(whole_answer(b"instant"))


def test_stream_script_opens_soundly_and_ends() -> None:
    script = Script("stream-3-5", 3, 5)
    assert is_sound_stream(script.opening)
    assert not is_sound_stream(REFUSAL)
    assert not ends_stream(script.opening)
    assert ends_stream(script.word + script.end)


def test_request_names_its_length_and_its_key() -> None:
    target = Target("127.0.0.1", 80, "m")
    head, _, body = encode_request(target, "k", "m", stream=True).partition(b"\r\n\r\n")
    assert f"content-length: {len(body)}".encode() in head
    assert b"authorization: Bearer k" in head
    assert json.loads(body)["stream_options"] == {"include_usage": True}
