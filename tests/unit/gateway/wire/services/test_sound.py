"""How long a file is, by its header or its size."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.gateway.wire.services.sound import likely_seconds, most_seconds, most_seconds_in, wav_seconds
from tests.harness.forms import wav


@pytest.mark.parametrize(
    ("content", "seconds"),
    [
        (wav(2), 2),
        (wav(2.01), 3),
        (wav(0), 0),
        (wav(3, 44_100, bits=24, channels=2), 3),
        (wav(1, 8_000, kind=7, bits=8), 1),
        (wav(1, 16_000, kind=3, bits=32), 1),
    ],
)
def test_wav_says_how_long_it_is(content: bytes, seconds: int) -> None:
    assert wav_seconds(content) == most_seconds(content) == likely_seconds(content) == seconds


def test_extensible_format_says_it_further_on() -> None:
    plain = wav(2)
    extra = (22).to_bytes(2, "little") + bytes(6) + (1).to_bytes(2, "little") + bytes(14)
    head = plain[12:36].replace((16).to_bytes(4, "little"), (40).to_bytes(4, "little"), 1)
    content = plain[:12] + head[:8] + (0xFFFE).to_bytes(2, "little") + head[10:] + extra + plain[36:]
    assert wav_seconds(content) == 2


def test_stated_lengths_are_not_believed() -> None:
    content = wav(2)
    at = content.index(b"data") + 4
    for lie in (0, 5, 0xFFFFFFFF):
        assert wav_seconds(content[:at] + lie.to_bytes(4, "little") + content[at + 4 :]) == 2
    rate = content.index(b"fmt ") + 16
    assert wav_seconds(content[:rate] + (10**9).to_bytes(4, "little") + content[rate + 4 :]) == 2


@pytest.mark.parametrize(
    "content",
    [b"", b"ID3" + bytes(9_000), b"RIFF", b"RIFF\0\0\0\0WAVE", wav(1, kind=2), wav(1, rate=0), wav(1, channels=0), b"RIFF\0\0\0\0WAVE" + bytes(9_000)],
)  # fmt: skip
def test_everything_else_is_bounded_and_guessed_by_its_size(content: bytes) -> None:
    assert wav_seconds(content) is None
    assert most_seconds(content) == most_seconds_in(len(content)) == -(-len(content) // 750)
    assert likely_seconds(content) == -(-len(content) // 8_000) <= most_seconds(content)


@given(st.binary(max_size=120), st.binary(max_size=60))
def test_any_bytes_have_a_length(noise: bytes, more: bytes) -> None:
    for content in (noise, b"RIFF" + noise, b"RIFF\0\0\0\0WAVE" + noise, wav(0)[:20] + noise + b"data" + more):
        assert 0 <= likely_seconds(content) <= most_seconds(content) <= len(content)
