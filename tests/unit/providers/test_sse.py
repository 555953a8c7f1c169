"""The reader of event streams: same events for every way of cutting the bytes, and bounded memory."""

import json
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.providers import sse
from omna.providers.sse import Event, EventReader, Oversized

SAMPLE = (
    b"\xef\xbb\xbf: welcome\n\n"
    b'data: {"a":1}\n\n'
    b"event: error\r\ndata:no blank\r\ndata: two\r\ndata\r\n\r\n"
    b"id: 7\rretry: 10\rdata: cr\r\r"
    b'data: {"t":"\xe2\x80\xa8data: [DONE]\xe2\x80\xa9 \xc2\x85 \x0b\x0c \xe4\xbd\xa0"}\n\n'
    b"event: nameless\n\n"
    b"data:\n\n"
    b"data:  two blanks\n\n"
    b"data: last"
)
EXPECTED = [
    Event(b'{"a":1}'),
    Event(b"no blank\ntwo\n", b"error"),
    Event(b"cr"),
    Event(b'{"t":"\xe2\x80\xa8data: [DONE]\xe2\x80\xa9 \xc2\x85 \x0b\x0c \xe4\xbd\xa0"}'),
    Event(b""),
    Event(b" two blanks"),
    Event(b"last"),
]


def read(*pieces: bytes) -> list[Event]:
    reader = EventReader()
    events = [event for piece in pieces for event in reader.feed(piece)]
    return events + reader.finish()


def test_whole_sample_gives_expected_events() -> None:
    assert read(SAMPLE) == EXPECTED


def test_every_split_in_two_gives_the_same_events() -> None:
    for cut in range(len(SAMPLE) + 1):
        assert read(SAMPLE[:cut], SAMPLE[cut:]) == EXPECTED, cut


def test_every_split_in_three_around_each_line_end_gives_the_same_events() -> None:
    for cut in range(len(SAMPLE) - 1):
        assert read(SAMPLE[:cut], SAMPLE[cut : cut + 1], SAMPLE[cut + 1 :]) == EXPECTED, cut


def test_single_bytes_give_the_same_events() -> None:
    assert read(*(SAMPLE[i : i + 1] for i in range(len(SAMPLE)))) == EXPECTED


@given(
    st.lists(st.text(alphabet=st.sampled_from("aé你\u2028\u2029\u0085\x0b\x0c: []{}"), min_size=1), max_size=8),
    st.sampled_from([b"\n", b"\r", b"\r\n"]),
    st.lists(st.integers(0, 400), max_size=12),
)
def test_any_text_any_line_end_any_cut_arrives_unchanged(texts: list[str], end: bytes, cuts: list[int]) -> None:
    stream = b"".join(b"data: " + json.dumps(text, ensure_ascii=False).encode() + end + end for text in texts)
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[start:stop] for start, stop in pairwise(edges)]
    assert [json.loads(event.data) for event in read(*pieces)] == texts


@given(st.binary(max_size=200), st.lists(st.integers(0, 200), max_size=6))
def test_arbitrary_bytes_do_not_depend_on_the_cut(stream: bytes, cuts: list[int]) -> None:
    edges = [0, *sorted(cut for cut in cuts if cut < len(stream)), len(stream)]
    pieces = [stream[start:stop] for start, stop in pairwise(edges)]
    assert read(*pieces) == read(stream)


def test_event_is_delivered_with_its_blank_line_and_not_later() -> None:
    reader = EventReader()
    assert reader.feed(b"data: x\n") == []
    assert reader.feed(b"\n") == [Event(b"x")]
    assert reader.finish() == []


def test_bom_is_dropped_once_only() -> None:
    assert read(b"\xef\xbb\xbfdata: a\n\n\xef\xbb\xbfdata: b\n\n") == [Event(b"a")]


def test_two_bytes_of_a_bom_alone_are_no_event() -> None:
    assert read(b"\xef\xbb") == []


def test_line_over_its_limit_is_refused_while_it_arrives() -> None:
    reader = EventReader()
    with pytest.raises(Oversized, match="line"):
        for _ in range(sse.MAX_LINE_BYTES // 4096 + 2):
            reader.feed(b"x" * 4096)


def test_whole_line_over_its_limit_is_refused() -> None:
    with pytest.raises(Oversized, match="line"):
        read(b"data: " + b"x" * sse.MAX_LINE_BYTES + b"\n\n")


def test_comment_line_over_its_limit_is_refused() -> None:
    with pytest.raises(Oversized, match="line"):
        read(b":" + b"x" * sse.MAX_LINE_BYTES + b"\n\n")


def test_event_over_its_limit_is_refused() -> None:
    reader = EventReader()
    with pytest.raises(Oversized, match="event"):
        for _ in range(5):
            reader.feed(b"data: " + b"x" * (sse.MAX_LINE_BYTES - 6) + b"\n")


def test_event_of_empty_lines_is_bounded_by_its_bytes() -> None:
    reader = EventReader()
    with pytest.raises(Oversized, match="event"):
        for _ in range(sse.MAX_EVENT_BYTES // (6 * 1000) + 1):
            reader.feed(b"data:\n" * 1000)


def test_stream_over_its_limit_is_refused_even_when_it_is_comments() -> None:
    reader = EventReader()
    piece = (b":" + b"c" * 62 + b"\n") * 16384
    with pytest.raises(Oversized, match="stream"):
        for _ in range(sse.MAX_STREAM_BYTES // len(piece) + 1):
            reader.feed(piece)
