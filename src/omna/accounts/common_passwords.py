"""Passwords that many people chose or that a leak made public, in a file of fingerprints that works offline.

Form    65,536 buckets by the first two bytes of a fingerprint: one byte each, how many there are; then the last two
        bytes of every fingerprint, in the order of buckets. One good password in 11,000 looks like one of these.
"""

import hashlib
from collections.abc import Iterable
from functools import lru_cache
from itertools import accumulate
from pathlib import Path

FILTER = Path(__file__).parent / "common" / "passwords.bin"
_BUCKETS = 1 << 16


def contains(password: str) -> bool:
    """Return whether a password is common or leaked, whatever its case. password: NFKC"""
    mark = fingerprint(password.casefold().strip())
    bucket = int.from_bytes(mark[:2], "big")
    starts, data = _load()
    found = data[starts[bucket] * 2 : starts[bucket + 1] * 2]
    return any(found[at : at + 2] == mark[2:] for at in range(0, len(found), 2))


def fingerprint(password: str) -> bytes:
    """Return four bytes that stand for a password. password: NFKC, casefolded"""
    return hashlib.sha256(password.encode(errors="surrogatepass")).digest()[:4]


def pack(fingerprints: Iterable[bytes]) -> bytes:
    """Return the content of a filter. Errors: ValueError when a bucket has more than a byte can count."""
    counts = bytearray(_BUCKETS)
    marks = sorted(set(fingerprints))
    for mark in marks:
        counts[int.from_bytes(mark[:2], "big")] += 1
    return bytes(counts) + b"".join(mark[2:] for mark in marks)


@lru_cache(maxsize=1)
def _load() -> tuple[list[int], bytes]:
    content = FILTER.read_bytes()
    return [0, *accumulate(content[:_BUCKETS])], content[_BUCKETS:]
