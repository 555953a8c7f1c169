import base64
import contextlib
import re
import time
import zlib
from collections.abc import Callable

import pytest

from omna.errors import OmnaError, RequestTooLarge, UploadRefused
from omna.uploads.content import MOST_BYTES, check
from tests.harness.files import EVERY_KIND, jpeg, jpeg_segment, pdf, pdf_stream, png, png_chunk, webp, webp_chunk

HTML = b"<html><script>alert(1)</script></html>"


@pytest.mark.parametrize("media_type", EVERY_KIND)
def test_file_is_what_its_bytes_are(media_type: str) -> None:
    assert check(EVERY_KIND[media_type]).media_type == media_type


def test_pictures_and_documents_as_tools_write_them_are_accepted() -> None:
    webp_extended = webp_chunk(b"VP8X", bytes(4) + (999).to_bytes(3, "little") + (499).to_bytes(3, "little"))
    lossy = webp_chunk(b"VP8 ", b"\x30\x01\x00\x9d\x01\x2a\x08\x00\x08\x00coded")
    body = webp_extended + lossy + webp_chunk(b"EXIF", b"odd")
    assert check(b"RIFF" + (len(body) + 4).to_bytes(4, "little") + b"WEBP" + body).name == "WebP"
    assert (
        check(
            jpeg(4032, 3024, jpeg_segment(0xE1, b"Exif" + bytes(5000)), b"\xff\xff\xff" + jpeg_segment(0xFE, b"fill"))
        ).name
        == "JPEG"
    )
    assert check(png(1170, 2532, png_chunk(b"tEXt", b"Software\x00x"))).name == "PNG"
    twice = pdf() + pdf().partition(b"\n")[2].partition(b"\n")[2]  # saved twice: one revision behind another
    assert check(twice).name == "PDF"
    assert check(pdf(pdf_stream(b"BT (hello) Tj ET"), catalog=b"/OpenAction[3 0 R/Fit]")).name == "PDF"
    names = b"4 0 5 20 " + b"<</Type/Font>> <</Author(A)>>"
    assert check(pdf(pdf_stream(names, b"/Type/ObjStm/N 2/First 9/Filter/FlateDecode"))).name == "PDF"


def test_pdf_of_our_own_is_accepted() -> None:
    typst = pytest.importorskip("typst")
    made = typst.compile(b'= Receipt\n#link("https://example.com")[a link]\n#table(columns: 2)[a][b]', format="pdf")
    assert check(made).name == "PDF"


@pytest.mark.parametrize("kind", EVERY_KIND)
@pytest.mark.parametrize("tail", [b"x", b"\x00" * 9, HTML, b"PK\x05\x06" + bytes(18), b"\xff\xd9", b"%%EOF <x>"])
def test_nothing_may_hide_behind_the_end(kind: str, tail: bytes) -> None:
    refused(EVERY_KIND[kind] + tail)


@pytest.mark.parametrize("kind", EVERY_KIND)
def test_a_file_that_is_cut_off_is_refused_wherever(kind: str) -> None:
    whole = EVERY_KIND[kind].rstrip()
    for length in range(1, len(whole)):
        refused(whole[:length])


@pytest.mark.parametrize(
    "data",
    [
        HTML,
        b"\n" + EVERY_KIND["image/png"],
        HTML + EVERY_KIND["application/pdf"],
        b"GIF89a" + bytes(20),
        b"<svg xmlns='http://www.w3.org/2000/svg'/>",
        b"MZ" + bytes(100),
        b"PK\x03\x04" + bytes(100),
        b"RIFF\x04\x00\x00\x00WAVE" + bytes(20),
        b"%!PS-Adobe-3.0",
        b"just text",
        bytes(100),
    ],
)
def test_everything_else_is_refused(data: bytes) -> None:
    assert "Allowed are PNG, JPEG, WebP and PDF, at most 10 MiB each." in refused(data)


def test_empty_and_too_large_files_are_refused() -> None:
    assert "empty" in refused(b"")
    with pytest.raises(RequestTooLarge, match="at most 10 MiB"):
        check(png() + bytes(MOST_BYTES))


@pytest.mark.parametrize("make", [png, jpeg, webp])
def test_pictures_too_large_to_be_shown_are_refused(make: Callable[..., bytes]) -> None:
    assert "too many pixels" in refused(make(16_000, 16_000))
    assert check(make(10_000, 10_000))


def test_picture_of_absurd_size_is_refused() -> None:
    assert "too many pixels" in refused(png(100_000, 100_000))
    assert "too many pixels" in refused(jpeg(65_535, 1))
    refused(png(0, 5))


@pytest.mark.parametrize(
    "data",
    [
        png().replace(b"IDAT", b"IDAX"),
        png().replace(b"\x08\x00\x00\x00\x00", b"\x09\x00\x00\x00\x00"),
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IEND"),
        b"\x89PNG\r\n\x1a\n" + png_chunk(b"IDAT", b"x") + png_chunk(b"IEND"),
        png(8, 8, png_chunk(b"IHDR", bytes(13))),
        jpeg().replace(b"\xff\xc0", b"\xff\xc4"),
        b"\xff\xd8\xff\xd9",
        b"\xff\xd8" + b"\xff" * 1000,
        b"\xff\xd8\xff\xe0\xff\xff\xff\xd9",
        b"RIFF\x0c\x00\x00\x00WEBPEXIF\x00\x00\x00\x00",
    ],
)
def test_structure_that_does_not_hold_is_refused(data: bytes) -> None:
    assert "damaged" in refused(data)


@pytest.mark.parametrize(
    "inside",
    [
        HTML,
        b"<!DOCTYPE html >",
        b"< ScRiPt >",
        b"<svg onload=alert(1)>",
        b"<iframe src=x>",
        b"<body\tonload=x>",
        b"% a comment <html>",
    ],
)
def test_web_page_inside_a_pdf_is_refused(inside: bytes) -> None:
    assert "web page" in refused(pdf(inside))
    # A stream that only says that it is compressed.
    assert "web page" in refused(pdf(b"<</Filter/FlateDecode/Length 9>>\nstream\n" + inside + b"\nendstream"))


@pytest.mark.parametrize(
    "inside",
    [
        b"<</S/JavaScript/JS(app.alert\\(1\\))>>",
        b"<</S /#4aavaScript /#4a#53 (x)>>",
        b"<</#4A#53(x)>>",
        b"<</S/Launch/F(cmd.exe)>>",
        b"<</Type/EmbeddedFile>>",
        b"<</Names<</EmbeddedFiles 9 0 R>>>>",
        b"<</Subtype/RichMedia>>",
        b"<</XFA 9 0 R>>",
        b"<</S/GoToE/F(x)>>",
        b"<</S/SubmitForm/F(http://x)>>",
    ],
)
def test_active_content_of_a_pdf_is_refused(inside: bytes) -> None:
    assert "print it to a new PDF" in refused(pdf(inside))
    assert "print it to a new PDF" in refused(pdf(catalog=b"/OpenAction " + inside))
    if inside.startswith(b"<</#"):
        return  # runs only with the name of a script beside it
    # Hidden where only a parser that takes comments for what they are would look.
    assert "print it to a new PDF" in refused(pdf(b"<</A 1>>%>>stream\n" + inside + b"\n%endstream"))
    packed = pdf_stream(b"4 0 " + inside, b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")
    assert "print it to a new PDF" in refused(pdf(packed))
    assert "print it to a new PDF" in refused(pdf(packed.replace(b"/Type/ObjStm", b"/#4e 1")))


def test_pdf_that_cannot_be_looked_into_is_refused() -> None:
    assert "password" in refused(pdf(catalog=b"/Encrypt 9 0 R"))
    text = base64.a85encode(b"4 0 <</S/JavaScript>>")
    packed = b"<</Type/ObjStm/N 1/First 4/Filter/ASCII85Decode>>\nstream\n" + text + b"\nendstream"
    assert "cannot be checked" in refused(pdf(packed))
    refused(b"%PDF-3.0\n" + pdf().partition(b"\n")[2])
    refused(b"%PDF-1.7garbage")


def test_a_bomb_costs_no_more_than_its_bound() -> None:
    bomb = pdf_stream(bytes(70 << 20), b"/Type/ObjStm/N 1/First 4/Filter/FlateDecode")
    began = time.perf_counter()
    assert "cannot be checked" in refused(pdf(bomb))
    assert time.perf_counter() - began < 5


@pytest.mark.parametrize(
    "filling",
    [b"#41", b"<", b"%%EOF 1", b"stream\n", b"stream\nendstream", b"/First/N stream\nx endstream", b"endstream", b" "],
)
def test_no_filling_makes_a_check_slow(filling: bytes) -> None:
    body = filling * (8_000_000 // len(filling))
    began = time.perf_counter()
    for data in (pdf(body), jpeg(8, 8, b"\xff" * 4_000_000), jpeg(8, 8, jpeg_segment(0xFE, b"") * 1_000_000)):
        with contextlib.suppress(OmnaError):
            check(data)
    assert time.perf_counter() - began < 10


def test_text_is_for_support_alone() -> None:
    log = "Fehler: 中文\r\n\tline two\n".encode()
    assert check(log, text=True).media_type == "text/plain; charset=utf-8"
    refused(log)
    refused(b"bell\x07", text=True)
    refused(b"\xff\xfe\x00", text=True)
    assert "plain text" in refused(b"\xff", text=True)


def refused(data: bytes, **options: bool) -> str:
    with pytest.raises(UploadRefused) as caught:
        check(data, **options)
    assert re.fullmatch(r"[^<>]+", caught.value.message)
    return caught.value.message


def test_the_files_of_the_harness_are_pictures() -> None:
    assert zlib.decompress(png()[8 + 25 + 8 : 8 + 25 + 8 + int.from_bytes(png()[33:37], "big")])
