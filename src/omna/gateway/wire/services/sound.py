"""PURE: how long the sound in a file is: exactly for WAV, else at most and probably, by its size."""

#: No codec that speech is sent in has fewer bytes a second: Opus at its lowest.
FEWEST_BYTES_PER_SECOND = 750
#: What a recording usually has: 64 kbit/s.
USUAL_BYTES_PER_SECOND = 8_000

_MOST_CHUNKS = 64
#: PCM, floating point, A-law, µ-law: every second has as many bytes as every other. 0xFFFE says it further on.
_EVEN_FORMATS = (1, 3, 6, 7)
_EXTENSIBLE = 0xFFFE


def most_seconds(content: bytes) -> int:
    """Return the seconds that a file cannot exceed, each one begun counted."""
    exact = wav_seconds(content)
    return most_seconds_in(len(content)) if exact is None else exact


def most_seconds_in(size: int) -> int:
    """Return the seconds that so many bytes cannot exceed."""
    return -(-size // FEWEST_BYTES_PER_SECOND)


def likely_seconds(content: bytes) -> int:
    """Return the seconds that a file probably has, and certainly has if it is a WAV."""
    exact = wav_seconds(content)
    return -(-len(content) // USUAL_BYTES_PER_SECOND) if exact is None else exact


def wav_seconds(content: bytes) -> int | None:
    """Return the seconds of a WAV file by its header, None for anything else.

    What its header says of the length is not believed: everything after the header is sound.
    """
    if content[:4] != b"RIFF" or content[8:12] != b"WAVE":
        return None
    position, bytes_per_second = 12, 0
    for _ in range(_MOST_CHUNKS):
        name, size = content[position : position + 4], _number(content, position + 4, 4)
        position += 8
        if name == b"fmt ":
            bytes_per_second = _bytes_per_second(content, position)
        elif name == b"data":
            return -(-(len(content) - position) // bytes_per_second) if bytes_per_second else None
        position += size + size % 2
        if position >= len(content):
            break
    return None


def _bytes_per_second(content: bytes, position: int) -> int:
    """Return what sound of this format takes, 0 when that varies. The header's own figure is not believed either."""
    kind = _number(content, position, 2)
    if kind == _EXTENSIBLE:
        kind = _number(content, position + 24, 2)
    if kind not in _EVEN_FORMATS:
        return 0
    channels, rate, bits = (
        _number(content, position + 2, 2), _number(content, position + 4, 4), _number(content, position + 14, 2),
    )  # fmt: skip
    return channels * rate * -(-bits // 8)


def _number(content: bytes, position: int, size: int) -> int:
    return int.from_bytes(content[position : position + size], "little")
