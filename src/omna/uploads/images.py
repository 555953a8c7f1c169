"""PURE  Walk the structure of pictures from the first byte to the last. Each check returns what is wrong, or None."""

import re
import struct
import zlib

#: Of one side, and of all: more than any screen or scanner gives, less than a viewer chokes on.
LONGEST_SIDE = 16_384
MOST_PIXELS = 100_000_000
#: Parts of one file. Tools write some thousand at most.
_MOST_PARTS = 20_000

_CUT_OFF = "the file is cut off or damaged."
_BEHIND = "something is hidden behind the end of the picture; take a screenshot of it and send that."
_TOO_BIG = f"the picture has too many pixels: at most {LONGEST_SIDE:,} on a side and {MOST_PIXELS:,} in all."

_CHUNK_NAME = re.compile(rb"[A-Za-z]{4}")
#: A marker inside the coded picture: what follows 0xFF is neither a stuffed zero, a restart nor a fill byte.
_MARKER = re.compile(rb"\xff[^\x00\xd0-\xd7\xff]")
_FRAMES = frozenset({*range(0xC0, 0xD0)} - {0xC4, 0xC8, 0xCC})


def png(data: bytes) -> str | None:
    """A signature, IHDR, chunks whose check sums fit, IEND, the end."""
    if not data.startswith(b"\x89PNG\r\n\x1a\n"):
        return _CUT_OFF
    position, has_picture = 8, False
    for number in range(_MOST_PARTS):
        if position + 12 > len(data):
            return _CUT_OFF
        (length,) = struct.unpack_from(">I", data, position)
        name, end = data[position + 4 : position + 8], position + 12 + length
        if end > len(data) or not _CHUNK_NAME.fullmatch(name):
            return _CUT_OFF
        if zlib.crc32(memoryview(data)[position + 4 : end - 4]) != int.from_bytes(data[end - 4 : end], "big"):
            return _CUT_OFF
        if (number == 0) != (name == b"IHDR"):
            return _CUT_OFF
        if name == b"IHDR":
            if length != 13:
                return _CUT_OFF
            problem = _sides(*struct.unpack_from(">II", data, position + 8))
            if problem is not None:
                return problem
        has_picture = has_picture or name == b"IDAT"
        if name == b"IEND":
            if length or not has_picture:
                return _CUT_OFF
            return None if end == len(data) else _BEHIND
        position = end
    return _CUT_OFF


def jpeg(data: bytes) -> str | None:
    """Start of image, segments, at least one frame and scan, end of image, the end."""
    if data[:2] != b"\xff\xd8":
        return _CUT_OFF
    position, has_frame, has_scan = 2, False, False
    for _ in range(_MOST_PARTS):
        if data[position : position + 1] != b"\xff":
            return _CUT_OFF
        while data[position : position + 2] == b"\xff\xff":
            # Fill bytes; a file of nothing else ends the outer loop soon.
            found = _MARKER.search(data, position)
            if found is None:
                return _CUT_OFF
            if data.count(b"\xff", position, found.start()) != found.start() - position:
                return _CUT_OFF
            position = found.start()
        if position + 2 > len(data):
            return _CUT_OFF
        marker = data[position + 1]
        position += 2
        if marker == 0xD9:
            if not (has_frame and has_scan):
                return _CUT_OFF
            return None if position == len(data) else _BEHIND
        if marker in (0x00, 0x01, 0xD8) or 0xD0 <= marker <= 0xD7 or position + 2 > len(data):
            return _CUT_OFF
        (length,) = struct.unpack_from(">H", data, position)
        if length < 2 or position + length > len(data):
            return _CUT_OFF
        if marker in _FRAMES:
            if length < 8:
                return _CUT_OFF
            height, width = struct.unpack_from(">HH", data, position + 3)
            problem = _sides(width, height)
            if problem is not None:
                return problem
            has_frame = True
        position += length
        if marker == 0xDA:
            has_scan = True
            found = _MARKER.search(data, position)
            if found is None:
                return _CUT_OFF
            position = found.start()
    return _CUT_OFF


def webp(data: bytes) -> str | None:
    """A RIFF of exactly this length whose chunks fill it."""
    if len(data) < 20:
        return _CUT_OFF
    (size,) = struct.unpack_from("<I", data, 4)
    if size + 8 != len(data):
        return _BEHIND if size + 8 < len(data) else _CUT_OFF
    position, has_picture = 12, False
    for _ in range(_MOST_PARTS):
        if position == len(data):
            return None if has_picture else _CUT_OFF
        if position + 8 > len(data):
            return _CUT_OFF
        name = data[position : position + 4]
        (length,) = struct.unpack_from("<I", data, position + 4)
        end = position + 8 + length + length % 2
        if end > len(data):
            return _CUT_OFF
        if position == 12 and name not in (b"VP8 ", b"VP8L", b"VP8X"):
            return _CUT_OFF
        body = data[position + 8 : position + 18]
        if name in (b"VP8 ", b"VP8L", b"VP8X"):
            sides = _webp_sides(name, body)
            if sides is None:
                return _CUT_OFF
            problem = _sides(*sides)
            if problem is not None:
                return problem
        has_picture = has_picture or name in (b"VP8 ", b"VP8L", b"ANMF")
        position = end
    return _CUT_OFF


def sides(data: bytes) -> tuple[int, int]:
    """Return width and height of a picture that one of the checks above found nothing wrong with."""
    if data.startswith(b"\x89PNG"):
        width, height = struct.unpack_from(">II", data, 16)
        return width, height
    if data.startswith(b"RIFF"):
        found = _webp_sides(data[12:16], data[20:30])
        assert found is not None
        return found
    position = 2
    while True:
        position = data.index(b"\xff", position)
        while data[position] == 0xFF:
            position += 1
        (length,) = struct.unpack_from(">H", data, position + 1)
        if data[position] in _FRAMES:
            height, width = struct.unpack_from(">HH", data, position + 4)
            return width, height
        position += 1 + length


def _webp_sides(name: bytes, body: bytes) -> tuple[int, int] | None:
    match name:
        case b"VP8 " if len(body) >= 10 and body[3:6] == b"\x9d\x01\x2a":
            width, height = struct.unpack_from("<HH", body, 6)
            return width & 0x3FFF, height & 0x3FFF
        case b"VP8L" if len(body) >= 5 and body[0] == 0x2F:
            bits = int.from_bytes(body[1:5], "little")
            return (bits & 0x3FFF) + 1, (bits >> 14 & 0x3FFF) + 1
        case b"VP8X" if len(body) >= 10:
            return int.from_bytes(body[4:7], "little") + 1, int.from_bytes(body[7:10], "little") + 1
        case _:
            return None


def _sides(width: int, height: int) -> str | None:
    if not width or not height:
        return _CUT_OFF
    if max(width, height) > LONGEST_SIDE or width * height > MOST_PIXELS:
        return _TOO_BIG
    return None
