"""PDFs with text in them, made by hand: what a document says, and what a hostile one does."""

import zlib


def document(*pages: str, packed: bool = True) -> bytes:
    """Return a PDF that says something on each page."""
    return built([drawn(f"BT /F1 12 Tf 20 100 Td ({page}) Tj ET".encode(), packed) for page in pages])


def built(streams: list[bytes]) -> bytes:
    """Return a PDF of pages with these content streams, each an object with its own entries."""
    count = len(streams)
    objects = [
        b"<</Type/Catalog/Pages 2 0 R>>",
        b"<</Type/Pages/Count %d/Kids[%s]>>" % (count, b" ".join(b"%d 0 R" % (4 + 2 * n) for n in range(count))),
        b"<</Type/Font/Subtype/Type1/BaseFont/Helvetica>>",
    ]
    for number, stream in enumerate(streams):
        page = b"<</Type/Page/Parent 2 0 R/MediaBox[0 0 300 200]/Contents %d 0 R/Resources<</Font<</F1 3 0 R>>>>>>"
        objects += [page % (5 + 2 * number), stream]
    body, places = b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n", []
    for number, one in enumerate(objects, 1):
        places.append(len(body))
        body += b"%d 0 obj\n%s\nendobj\n" % (number, one)
    rows = b"".join(b"%010d 00000 n \n" % place for place in places)
    table = b"xref\n0 %d\n0000000000 65535 f \n%strailer\n<</Root 1 0 R/Size %d>>\n" % (
        len(objects) + 1,
        rows,
        len(objects) + 1,
    )
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def drawn(content: bytes, packed: bool = True) -> bytes:
    """Return what is drawn on a page, as an object."""
    if packed:
        content = zlib.compress(content, 9)
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (
        b"/Filter/FlateDecode" if packed else b"",
        len(content),
        content,
    )


def bomb(megabytes: int) -> bytes:
    """Return a document of some kilobytes whose one page is drawn by so much."""
    return built([drawn(b"BT ET q Q \n" * (megabytes << 20 >> 3))])
