"""What is handed in is judged, never believed: no bytes make the check fail, and none can be added to a good file."""

import contextlib

from hypothesis import given, settings
from hypothesis import strategies as st

from omna.errors import UploadRefused
from omna.uploads.content import ALL_TYPES, check
from tests.harness.files import EVERY_KIND, jpeg, pdf, pdf_stream, png, webp

BEGINNINGS = [b"", b"\x89PNG\r\n\x1a\n", b"\xff\xd8", b"RIFF", b"%PDF-1.7\n", *EVERY_KIND.values()]


@given(st.sampled_from(BEGINNINGS), st.binary(max_size=2000), st.booleans())
def test_check_answers_for_any_bytes(beginning: bytes, rest: bytes, text: bool) -> None:
    try:
        kind = check(beginning + rest, text=text)
    except UploadRefused:
        return
    assert kind in ALL_TYPES


@given(st.sampled_from(sorted(EVERY_KIND)), st.binary(min_size=1, max_size=200))
def test_nothing_is_accepted_behind_a_whole_file(kind: str, tail: bytes) -> None:
    if kind == "application/pdf":
        tail = tail.lstrip(b"\r\n \t") or b"x"
    try:
        check(EVERY_KIND[kind] + tail)
    except UploadRefused:
        return
    raise AssertionError(f"{tail!r} was accepted")


@given(st.data())
@settings(max_examples=300)
def test_a_changed_byte_never_makes_the_check_fail(data: st.DataObject) -> None:
    made = data.draw(st.sampled_from([png(), jpeg(), webp(), pdf(pdf_stream(b"4 0 <<>>", b"/N 1/First 4"))]))
    position = data.draw(st.integers(0, len(made) - 1))
    changed = made[:position] + data.draw(st.binary(max_size=4)) + made[position + 1 :]
    with contextlib.suppress(UploadRefused):
        check(changed)
