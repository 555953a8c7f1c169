"""The program that reads the text of one PDF, in a process of its own: PDF in, JSON out.

It imports nothing of Omna, opens no file but its libraries and is told nothing but limits: a document that makes the
parser go round in circles, or grow, ends this process and nothing else.

    python -I pdf_reader.py PAGES CHARACTERS SECONDS BYTES    →  {"pages", "text"} or {"problem"}
"""

import json
import logging
import sys
from io import BytesIO
from typing import Any

try:
    import resource
except ImportError:  # where there are no limits, the clock of the caller is left
    resource = None  # type: ignore[assignment]

from pypdf import PdfReader
from pypdf.errors import LimitReachedError


def read(data: bytes, most_pages: int, most_characters: int) -> dict[str, Any]:
    """Return pages and text, or why there is none: locked, broken, heavy, pages, characters, empty."""
    try:
        reader = PdfReader(BytesIO(data))
        if reader.is_encrypted:
            return {"problem": "locked"}
        pages = len(reader.pages)
        if pages > most_pages:
            return {"problem": "pages", "pages": pages}
        parts: list[str] = []
        left = most_characters
        for page in reader.pages:
            part = _clean(page.extract_text())
            left -= len(part)
            if left < 0:
                return {"problem": "characters"}
            parts.append(part)
    except (MemoryError, LimitReachedError):
        return {"problem": "heavy"}
    except Exception:  # noqa: BLE001 - whatever a parser says of a hostile file, the file is what is wrong
        return {"problem": "broken"}
    text = "\n\n".join(part for part in parts if part)
    return {"pages": pages, "text": text} if text else {"problem": "empty"}


def _clean(text: str) -> str:
    """Return text that a database and a model take: no zeros, no half characters, no control characters."""
    text = text.encode("utf-8", "ignore").decode()
    return "".join(c for c in text if c >= " " or c in "\n\t").strip()


def main() -> None:
    most_pages, most_characters, seconds, most_bytes = (int(argument) for argument in sys.argv[1:5])
    if resource is not None:
        resource.setrlimit(resource.RLIMIT_CPU, (seconds, seconds))
        resource.setrlimit(resource.RLIMIT_AS, (most_bytes, most_bytes))
        resource.setrlimit(resource.RLIMIT_FSIZE, (0, 0))
        resource.setrlimit(resource.RLIMIT_CORE, (0, 0))
    logging.disable()
    answer = read(sys.stdin.buffer.read(), most_pages, most_characters)
    sys.stdout.write(json.dumps(answer))


if __name__ == "__main__":
    main()
