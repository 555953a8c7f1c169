"""Forms: what is read of them, what is written, and that nothing of a sender ends a header early."""

import contextlib
from email.parser import BytesParser
from email.policy import HTTP
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from omna.errors import InvalidValue
from omna.gateway.wire.services.form import LONGEST_FILE_NAME, MOST_PARTS, File, read_form, write_form
from tests.harness.forms import BOUNDARY, FORM_TYPE, form


def read(body: bytes, content_type: str = FORM_TYPE) -> Any:
    return read_form(body, content_type, file_field="file")


def test_fields_and_the_file_are_read() -> None:
    sound = bytes(range(256)) + b"\r\n--" + BOUNDARY[:-1].encode() + b"\r\n"
    made = read(form(("model", "m"), ("a[]", "1"), ("a[]", "2"), ("odd", "grüße\r\n"), file=sound))
    assert made.fields == {"model": "m", "a[]": ["1", "2"], "odd": "grüße\r\n"}
    assert made.file == File("a.wav", "audio/wav", sound)
    assert read(form(("model", "m"), file=None)).file is None


@pytest.mark.parametrize(
    ("name", "safe"),
    [("a b.mp3", "a b.mp3"), ("../../etc/x.mp3", "x.mp3"), ("C:\\dir\\x.mp3", "x.mp3"), ('a\\"b.mp3', "a_b.mp3"),
     ("a\tb\x7f.mp3", "a_b_.mp3"), ("grüße.mp3", "grüße.mp3"), ("", "file"), ("dir/", "file"), ("x" * 500 + ".ogg", "x" * 124 + ".ogg")],
)  # fmt: skip
def test_file_name_is_fit_for_a_header(name: str, safe: str) -> None:
    made = read(form(file=b"x", name=name)).file
    assert made.name == safe
    assert len(made.name) <= LONGEST_FILE_NAME


@pytest.mark.parametrize(
    ("stated", "passed"),
    [(b"audio/mpeg", "audio/mpeg"), (b"Video/MP4; x=1", "video/mp4"), (b"text/html", "application/octet-stream"), (b"", "application/octet-stream")],
)  # fmt: skip
def test_file_type_is_one_of_sound_or_says_nothing(stated: bytes, passed: str) -> None:
    body = form(file=b"x").replace(b"Content-Type: audio/wav", b"Content-Type: " + stated)
    assert read(body).file.content_type == passed


@pytest.mark.parametrize(
    "content_type", ["", "application/json", "multipart/form-data", "multipart/form-data; boundary=", "multipart/mixed; boundary=x",
                     "multipart/form-data; boundary=" + "x" * 400]
)  # fmt: skip
def test_what_is_no_form_is_refused(content_type: str) -> None:
    with pytest.raises(InvalidValue):
        read(form(), content_type)


@pytest.mark.parametrize(
    "body",
    [b"", b"--", form()[:-4], form()[:40], b"x" + form(), form(("a b", "1")), form(("a" * 65, "1")), form(("a", b"\xff")),
     form(("file", "1")), form(*(("a", "1") for _ in range(MOST_PARTS))), form(("a", "x" * ((1 << 20) + 1))),
     form().replace(b'name="file"', b'name="other"'), form().replace(b"form-data", b"attachment"),
     form().replace(b"Content-Type", b"X" * 5_000)],
)  # fmt: skip
def test_form_that_cannot_be_read_is_refused(body: bytes) -> None:
    with pytest.raises(InvalidValue):
        read(body)


values = st.text(st.characters(codec="utf-8"), max_size=30)


@given(
    st.dictionaries(
        st.from_regex(r"[a-z_]{1,9}(\[\])?", fullmatch=True), values | st.lists(values, min_size=2, max_size=3)
    ),
    st.binary(),
    values,
)
def test_what_is_written_says_what_was_read(fields: dict[str, Any], sound: bytes, name: str) -> None:
    fields.pop("file", None)
    safe = read(form(file=b"x", name=name.replace("\r", "").replace("\n", ""))).file.name
    file = File(safe, "audio/ogg", sound)
    content, content_type = write_form(fields, "file", file, "omna-0123456789abcdef")
    again = read_form(content, content_type, file_field="file")
    assert again.fields == fields
    assert again.file == file
    message = BytesParser(policy=HTTP).parsebytes(b"content-type: %b\r\n\r\n%b" % (content_type.encode(), content))
    assert len(list(message.iter_parts())) == 1 + sum(len(v) if isinstance(v, list) else 1 for v in fields.values())


@given(st.binary(max_size=200), st.text(st.characters(codec="latin-1"), max_size=60))
def test_any_bytes_are_a_form_or_a_clear_error(noise: bytes, header: str) -> None:
    bodies = (
        noise,
        form(file=noise),
        form().replace(b"audio/wav", noise),
        form().replace(b"file", noise),
        form()[: len(noise)],
    )
    for body in bodies:
        for content_type in (FORM_TYPE, f"multipart/form-data; {header}", header):
            with contextlib.suppress(InvalidValue):
                read(body, content_type)
