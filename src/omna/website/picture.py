"""The picture that stands beside a link to this site: the mark above the lines of a ledger. Drawn here; no words."""

import math
import struct
import zlib

WIDTH, HEIGHT = 1200, 630
#: Paper, accent, hairline, ink of figures: steps between the first two smooth the edges of the mark.
_PAPER, _ACCENT, _LINE, _FIGURE = (250, 249, 247), (11, 92, 112), (225, 221, 213), (200, 195, 186)
_SHADES = 16
_CENTRE, _RING, _STROKE, _DOT = (600, 210), 84, 26, 26
#: Each line of the ledger: how long its words and its figure are.
_LINES = ((300, 120), (220, 90), (260, 150))
_FIRST_LINE, _STEP, _LEFT, _RIGHT = 400, 64, 300, 900


def png() -> bytes:
    """Return the picture."""
    palette = [
        tuple(round(paper + (accent - paper) * shade / _SHADES) for paper, accent in zip(_PAPER, _ACCENT, strict=True))
        for shade in range(_SHADES + 1)
    ] + [_LINE, _FIGURE]
    rows = b"".join(b"\0" + _row(y) for y in range(HEIGHT))
    header = struct.pack(">IIBBBBB", WIDTH, HEIGHT, 8, 3, 0, 0, 0)
    return b"".join((
        b"\x89PNG\r\n\x1a\n",
        _chunk(b"IHDR", header),
        _chunk(b"PLTE", b"".join(bytes(colour) for colour in palette)),
        _chunk(b"IDAT", zlib.compress(rows, 9)),
        _chunk(b"IEND", b""),
    ))  # fmt: skip


def _row(y: int) -> bytes:
    row = bytearray(WIDTH)
    x0, y0 = _CENTRE
    reach = _RING + _STROKE
    if abs(y - y0) <= reach:
        for x in range(x0 - reach, x0 + reach + 1):
            row[x] = _mark((x - x0) ** 2 + (y - y0) ** 2)
    for number, (words, figure) in enumerate(_LINES):
        top = _FIRST_LINE + number * _STEP
        if top <= y < top + 16:
            row[_LEFT : _LEFT + words] = bytes([_SHADES + 2]) * words
            # The newest line is the one that counts.
            shade = _SHADES if number == len(_LINES) - 1 else _SHADES + 2
            row[_RIGHT - figure : _RIGHT] = bytes([shade]) * figure
        if top + 38 <= y < top + 40:
            row[_LEFT:_RIGHT] = bytes([_SHADES + 1]) * (_RIGHT - _LEFT)
    return bytes(row)


def _mark(square: int) -> int:
    """Return the shade of a point of the mark by its distance from the middle."""
    distance = math.sqrt(square)
    inside = max(_STROKE / 2 - abs(distance - _RING), _DOT - distance)
    return round(max(0.0, min(1.0, inside + 0.5)) * _SHADES)


def _chunk(name: bytes, content: bytes) -> bytes:
    return struct.pack(">I", len(content)) + name + content + struct.pack(">I", zlib.crc32(name + content))
