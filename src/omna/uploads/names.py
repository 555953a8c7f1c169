"""PURE  The name a file is shown by. It is never a path, and nothing is ever opened by it."""

import re
import unicodedata

from omna.uploads.content import ALL_TYPES, FileType

LONGEST = 120
_SHORTENED = 60
#: What no system allows in a name, or takes for a path.
_FORBIDDEN = re.compile(r'[<>:"|?*%]')
#: Devices on some systems, with any ending.
_RESERVED = re.compile(r"(?:con|prn|aux|nul|com[0-9¹²³]|lpt[0-9¹²³])(?:\..*)?", re.IGNORECASE)
_ENDING = re.compile(r"[A-Za-z0-9][A-Za-z0-9_+-]{0,11}")
_ENDINGS = frozenset(kind.ending for kind in ALL_TYPES) | {".jpeg"}


def shown(name: str, kind: FileType, *, any_ending: bool = False) -> str:
    """Return a name without folders, control characters and turns of direction, and with the right ending.

    any_ending  the ending it came with is right, when it looks like one
    """
    name = unicodedata.normalize("NFC", name[:4096]).replace("\\", "/").rpartition("/")[2]
    name = "".join(" " if unicodedata.category(c) in ("Zl", "Zp", "Zs") else c for c in name)
    name = "".join(c for c in name if not unicodedata.category(c).startswith("C"))
    name = " ".join(_FORBIDDEN.sub("_", name).split()).strip(". ")
    stem, dot, ending = name.rpartition(".")
    if any_ending and stem and _ENDING.fullmatch(ending) and not _RESERVED.fullmatch(name):
        return f"{stem.strip('. ')[: LONGEST - 1 - len(ending)].rstrip('. ') or 'file'}.{ending}"
    if not dot or f".{ending.lower()}" not in _ENDINGS:
        stem = name
    stem = stem.strip(". ")[: LONGEST - len(kind.ending)].rstrip(". ") or "file"
    if _RESERVED.fullmatch(stem):
        stem = f"_{stem}"[: LONGEST - len(kind.ending)]
    return stem + kind.ending


def quoted(name: str) -> str:
    """Return how a refusal calls a file: short, on one line."""
    plain = "".join(c if not unicodedata.category(c).startswith(("C", "Z")) else " " for c in name[:4096])
    plain = " ".join(plain.replace("\\", "/").rpartition("/")[2].split())
    return plain if len(plain) <= _SHORTENED else plain[: _SHORTENED - 1] + "…"
