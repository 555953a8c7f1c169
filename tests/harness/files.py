"""Small files of every kind, whole and as they should be. What is wrong with one is made in its test."""

import struct
import zlib


def png_chunk(name: bytes, body: bytes = b"") -> bytes:
    """Return a chunk with its check sum."""
    return struct.pack(">I", len(body)) + name + body + struct.pack(">I", zlib.crc32(name + body))


def png(width: int = 8, height: int = 8, *more: bytes) -> bytes:
    """Return a gray picture. more: chunks before its end."""
    rows = zlib.compress(b"".join(b"\x00" + b"\x80" * min(width, 64) for _ in range(min(height, 64))))
    header = struct.pack(">IIBBBBB", width, height, 8, 0, 0, 0, 0)
    chunks = (png_chunk(b"IHDR", header), png_chunk(b"IDAT", rows), *more, png_chunk(b"IEND"))
    return b"\x89PNG\r\n\x1a\n" + b"".join(chunks)


def jpeg(width: int = 8, height: int = 8, *more: bytes) -> bytes:
    """Return a file with the structure of a JPEG. more: segments behind its first."""
    frame = struct.pack(">BHHB", 8, height, width, 1) + b"\x01\x11\x00"
    return b"".join(
        (
            b"\xff\xd8",
            jpeg_segment(0xE0, b"JFIF\x00\x01\x01\x00\x00\x01\x00\x01\x00\x00"),
            *more,
            jpeg_segment(0xC0, frame),
            jpeg_segment(0xDA, b"\x01\x01\x00\x00\x3f\x00"),
            b"coded\xff\x00picture\xff\xd0with restarts",
            b"\xff\xd9",
        )
    )


def jpeg_segment(marker: int, body: bytes) -> bytes:
    """Return a segment with its length."""
    return bytes((0xFF, marker)) + struct.pack(">H", len(body) + 2) + body


def webp(width: int = 8, height: int = 8, *more: bytes) -> bytes:
    """Return a file with the structure of a lossless WebP."""
    bits = (width - 1) | (height - 1) << 14
    chunks = webp_chunk(b"VP8L", b"\x2f" + bits.to_bytes(4, "little") + b"coded") + b"".join(more)
    return b"RIFF" + struct.pack("<I", len(chunks) + 4) + b"WEBP" + chunks


def webp_chunk(name: bytes, body: bytes) -> bytes:
    """Return a chunk, padded to an even length."""
    return name + struct.pack("<I", len(body)) + body + b"\x00" * (len(body) % 2)


def pdf(*objects: bytes, catalog: bytes = b"") -> bytes:
    """Return a document of one empty page. objects: more of them; catalog: more entries of its catalog."""
    body = (
        b"%PDF-1.7\n%\xe2\xe3\xcf\xd3\n"
        b"1 0 obj\n<</Type/Catalog/Pages 2 0 R" + catalog + b">>\nendobj\n"
        b"2 0 obj\n<</Type/Pages/Kids[3 0 R]/Count 1>>\nendobj\n"
        b"3 0 obj\n<</Type/Page/Parent 2 0 R/MediaBox[0 0 200 200]>>\nendobj\n"
    )
    body += b"".join(b"%d 0 obj\n%s\nendobj\n" % (number, one) for number, one in enumerate(objects, 4))
    table = b"xref\n0 1\n0000000000 65535 f \ntrailer\n<</Root 1 0 R/Size %d>>\n" % (4 + len(objects))
    return body + table + b"startxref\n%d\n%%%%EOF\n" % len(body)


def pdf_stream(content: bytes, entries: bytes = b"/Filter/FlateDecode") -> bytes:
    """Return a compressed stream as an object of a document."""
    packed = zlib.compress(content)
    return b"<<%s/Length %d>>\nstream\n%s\nendstream" % (entries, len(packed), packed)


#: One of each, by the media type it is kept as.
EVERY_KIND = {"image/png": png(), "image/jpeg": jpeg(), "image/webp": webp(), "application/pdf": pdf()}
